"""An official table form as PDF/UA-1, through Typst: A4 on its side, the code top right, headings that repeat."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from khlong.paper.fold import stretches
from khlong.paper.official import (
    Band,
    FormBlock,
    FormColumn,
    FormRow,
    FormSheet,
    align_of,
    digits,
    heads,
    printed,
    widths_mm,
)
from khlong.paper.pdf import compiled, require_glyphs
from khlong.paper.text import clean, hold_repeat_mark, kept_pieces, width

Json = dict[str, Any]
ROOM_MM = 273.0
POINTS, SIDES_MM = 8, 2.2
"""The type of the table, and what a cell keeps free at both sides with a little more; official.typ has the same."""
LOOK: Json = {"span": 1, "high": 1, "align": "left", "bold": False, "fill": "", "breakable": False}
_MM_PER_CHARACTER = 1.75
"""How wide a character is in the table, with the room at both edges of a cell taken off."""
_MOST_LINES = 20
"""A row of more lines may be broken over two pages."""


def to_form_pdf(sheets: Sequence[FormSheet], *, title: str, thai_digits: bool = False) -> bytes:
    """The sheets as one PDF, each beginning on a page of its own.

    Raises MissingGlyphsError for a character that the font cannot draw.
    """
    made = _Page(thai_digits)
    data = {
        "title": " ".join(clean(title).split()),
        "thai_digits": thai_digits,
        "sheets": [made.sheet(sheet) for sheet in sheets],
    }
    require_glyphs(data)
    return compiled(_template(), json.dumps(data, ensure_ascii=False))


@lru_cache(maxsize=1)
def _template() -> bytes:
    return (Path(__file__).parent / "official.typ").read_bytes()


class _Page:
    """Turns sheets into the plain data that official.typ prints."""

    def __init__(self, thai: bool) -> None:
        self.text = digits(thai)

    def words(self, words: str) -> str:
        return self.text(clean(words))

    def sheet(self, sheet: FormSheet) -> Json:
        widths = widths_mm(sheet, ROOM_MM, POINTS, SIDES_MM)
        return {
            "code": self.words(sheet.code),
            "titles": [self.words(line) for line in sheet.titles],
            "example": self.words(sheet.example),
            "footer": self.words(" · ".join(filter(None, (sheet.footer, sheet.example)))),
            "widths": widths,
            "blocks": [self.block(block, sheet.columns, widths) for block in sheet.blocks],
        }

    def block(self, block: FormBlock, columns: Sequence[FormColumn], widths: list[float]) -> Json:
        top = len(block.bands)
        rows = top + heads(columns).rows
        body: list[Json] = []
        for y, row in enumerate(block.rows, rows):
            body += self.row(row, y, widths)
        return {
            "lines": [{"indent": indent, "runs": self.runs(words, ROOM_MM)} for indent, words in block.lines],
            "head": [*self.bands(block, len(widths)), *self.headings(columns, widths, top)],
            "body": body,
        }

    def bands(self, block: FormBlock, wide: int) -> Iterator[Json]:
        for y, words in enumerate(block.bands):
            yield self.cell(words, 0, y, ROOM_MM, span=wide, bold=True)

    def headings(self, columns: Sequence[FormColumn], widths: list[float], top: int) -> Iterator[Json]:
        laid = heads(columns)
        look = {"align": "center", "bold": True, "fill": "head"}
        for words, at, span, high in laid.first:
            yield self.cell(words, at, top, sum(widths[at : at + span]), span=span, high=high, **look)
        for words, at in laid.second:
            yield self.cell(words, at, top + 1, widths[at], **look)

    def row(self, row: FormRow | Band, y: int, widths: list[float]) -> Iterator[Json]:
        if isinstance(row, Band):
            yield self.cell(row.words, 0, y, ROOM_MM, span=len(widths), bold=True)
            return
        over = row.label_over
        tall = _lines(row, widths) > _MOST_LINES
        for number, value in enumerate(row.cells):
            x = 0 if number == 0 else over + number - 1
            span = over if number == 0 else 1
            look: Json = {"align": align_of(value, first=number == 0 and over == 1), "bold": row.bold}
            look |= {"fill": "changed" if number in row.changed else "", "breakable": tall}
            yield self.cell(printed(value), x, y, sum(widths[x : x + span]), span=span, **look)

    def cell(self, words: str, x: int, y: int, mm: float, **look: Any) -> Json:
        """A cell at its place; `look` says what is not as usual in LOOK."""
        runs = self.heading_runs(words) if look.get("fill") == "head" else self.runs(words, mm)
        return LOOK | look | {"x": x, "y": y, "runs": runs}

    def heading_runs(self, words: str) -> list[Json]:
        """A heading in pieces, each of which stays whole."""
        out: list[Json] = []
        for at, line in enumerate(self.words(words).split("\n")):
            if at:
                out.append({"break": True})
            for piece in stretches(line):
                out.append({"s": piece.rstrip(), "keep": True})
                out += [{"s": " ", "keep": False}] if piece != piece.rstrip() else []
        return out

    def runs(self, words: str, mm: float) -> list[Json]:
        """Words in pieces, of which those with `keep` stay on one line: dates, amounts, names."""
        out: list[Json] = []
        for at, line in enumerate(self.words(words).split("\n")):
            if at:
                out.append({"break": True})
            for piece, keep in kept_pieces(hold_repeat_mark(line), int(mm / _MM_PER_CHARACTER) - 1):
                out.append({"s": piece, "keep": keep})
        return out


def _lines(row: FormRow, widths: list[float]) -> float:
    """About how many lines a row takes."""
    pairs = zip(row.cells, widths[row.label_over - 1 :], strict=True)
    return max(width(printed(value)) * _MM_PER_CHARACTER / mm for value, mm in pairs)

"""A document as PDF/UA-1, through Typst and the Sarabun that lies beside this module.

Every word reaches Typst as data (JSON), never as source; the compiler sees one temporary folder, no network.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from khlong.paper.fold import stretches
from khlong.paper.model import (
    Block,
    Cite,
    Clause,
    Document,
    Heading,
    Inline,
    Landscape,
    ListItem,
    Note,
    PageBreak,
    PaperError,
    Paragraph,
    Picture,
    RunsLike,
    Signatures,
    Table,
    Text,
    Unpublished,
)
from khlong.paper.pdf_text import without_doubled_marks
from khlong.paper.press import (
    BED,
    HATCH,
    INK,
    LANDSCAPE_MM,
    LINE,
    PAPER2,
    PORTRAIT_MM,
    QUIET,
    STRONG,
    THREAD,
    WASH,
    WATER,
    Grid,
    Press,
    Slot,
)
from khlong.paper.text import (
    FONTS,
    LONGEST_KEPT,
    MissingGlyphsError,
    clean,
    hold_repeat_mark,
    kept_pieces,
    missing_glyphs,
    part_sara_am,
    width,
)

if TYPE_CHECKING:
    import typst

Json = dict[str, Any]

LONGEST_PHRASE = 30

_DEEP = "053D45"
_COLOURS = {
    "ink": INK,
    "quiet": QUIET,
    "line": LINE,
    "strong": STRONG,
    "water": WATER,
    "thread": THREAD,
    "wash": WASH,
    "bed": BED,
    "hatch": HATCH,
    "paper2": PAPER2,
    "deep": _DEEP,
}
_TAGS = re.compile(r"<!--.*?-->|<(style|title|desc|metadata)\b.*?</\1\s*>|<[^>]*>", re.DOTALL)
_PNG = b"\x89PNG\r\n\x1a\n"


def to_pdf(doc: Document) -> bytes:
    """The document as a tagged PDF (PDF/UA-1) with its fonts inside.

    Raises PaperError for a citation without source or a broken picture, MissingGlyphsError for a character
    that the font cannot draw.
    """
    page = _Page(Press(doc))
    data = page.document()
    require_glyphs(data, page.drawn)
    return compiled(_template(), json.dumps(data, ensure_ascii=False), page.pictures)


def require_glyphs(data: Json, drawn: str = "") -> None:
    """Raises MissingGlyphsError for a character in the data, or drawn in a picture, that the font lacks."""
    if missing := missing_glyphs("".join(_strings(data)) + drawn):
        raise MissingGlyphsError(missing)


def svg_to_png(svg: bytes, width_mm: float, ppi: float = 220) -> bytes:
    """An SVG drawn as PNG with Sarabun for its text. Raises PaperError when it cannot be read."""
    page = "#set page(width: auto, height: auto, margin: 0pt, fill: none)"
    source = f'{page}\n#image("p.svg", width: {width_mm:.2f}mm)'
    with tempfile.TemporaryDirectory(prefix="khlong-paper-") as folder:
        (Path(folder) / "p.svg").write_bytes(_drawable(svg))
        return _run(source.encode(), folder, format="png", ppi=ppi)


def compiled(template: bytes, data: str, pictures: Mapping[str, bytes] = MappingProxyType({})) -> bytes:
    """A tagged PDF of a template that reads `data` as doc.json. Raises PaperError when it cannot be set."""
    with tempfile.TemporaryDirectory(prefix="khlong-paper-") as folder:
        (Path(folder) / "doc.json").write_text(data, "utf-8")
        for name, content in pictures.items():
            (Path(folder) / name).write_bytes(content)
        return without_doubled_marks(_run(template, folder, format="pdf", pdf_standards=["ua-1"]))


def _run(source: bytes, folder: str, **options: Any) -> bytes:
    import typst

    try:
        made: object = typst.compile(source, root=folder, font_paths=_fonts(), **options)
    except typst.TypstError as error:
        raise PaperError(f"the page could not be set: {error}") from error
    if not isinstance(made, bytes):
        raise PaperError("the page came out in pieces")
    return made


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


@lru_cache(maxsize=1)
def _template() -> bytes:
    return (Path(__file__).parent / "paper.typ").read_bytes()


def _drawable(svg: bytes) -> bytes:
    try:
        return part_sara_am(svg.decode("utf-8-sig")).encode()
    except UnicodeDecodeError as error:
        raise PaperError("an SVG picture must be UTF-8") from error


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


class _Page:
    """Turns a document into the plain data that paper.typ prints."""

    def __init__(self, press: Press) -> None:
        self.press = press
        self.pictures: dict[str, bytes] = {}
        self.drawn = ""
        self.room_mm = LANDSCAPE_MM if press.doc.landscape else PORTRAIT_MM
        self.tag = 0

    def document(self) -> Json:
        press, doc = self.press, self.press.doc
        blocks = self.blocks(doc.blocks)
        return {
            "lang": doc.lang,
            "thai_digits": doc.thai_digits,
            "compact": doc.compact,
            "landscape": doc.landscape,
            "title": " ".join(press.text(doc.title).split()),
            "title_runs": self.runs(doc.title),
            "subtitle": self.runs(doc.subtitle),
            "example": press.words.example if doc.example else "",
            "foot": self.runs(press.foot()),
            "page": press.words.page,
            "blocks": blocks,
            "sources": self.sources(),
            "sources_head": press.words.sources,
            "sources_tag": self.next_tag(2),
            "colours": {name: f"#{value}" for name, value in _COLOURS.items()},
        }

    def next_tag(self, level: int) -> int:
        """A heading's level for readers by ear: no level may be left out on the way down (PDF/UA)."""
        self.tag = min(level, self.tag + 1)
        return self.tag

    def runs(self, runs: RunsLike, longest: int = LONGEST_KEPT) -> list[Json]:
        return self.ready(self.press.runs(runs), longest)

    def ready(self, runs: Sequence[Inline], longest: int = LONGEST_KEPT) -> list[Json]:
        out: list[Json] = []
        for run in runs:
            match run:
                case Text():
                    out += _words(run, longest)
                case Unpublished():
                    out.append({"k": "unpublished", "s": run.label})
                case Cite():
                    mark = {
                        "k": "cite",
                        "n": self.press.numbers[run.source_key],
                        "s": self.press.cite(run.source_key),
                    }
                    _beside(out, mark)
                case Note():
                    _beside(out, {"k": "note", "runs": self.ready(self.press.runs(run.runs))})
        return out

    def blocks(self, blocks: Sequence[Block]) -> list[Json]:
        out: list[Json] = []
        items: list[ListItem] = []
        for block in blocks:
            if isinstance(block, ListItem):
                items.append(block)
                continue
            out += self.list_of(items)
            items = []
            out.append(self.block(block))
        return out + self.list_of(items)

    def block(self, block: Block) -> Json:
        match block:
            case Heading():
                return self.heading(block)
            case Paragraph():
                return self.paragraph(block)
            case Clause():
                number = self.press.text(block.number)
                return {"k": "clause", "level": block.level, "number": number, "runs": self.runs(block.runs)}
            case Table():
                return self.table(block)
            case Signatures():
                return self.signatures(block)
            case Picture():
                return self.picture(block)
            case Landscape():
                return self.landscape(block)
            case PageBreak():
                return {"k": "break"}
            case ListItem():
                return self.list_of([block])[0]

    def heading(self, block: Heading) -> Json:
        """A heading; one without words has no place in the outline, and PDF/UA refuses it."""
        number, runs = self.press.text(block.number), self.runs(block.runs)
        if not self.press.plain(block.runs, marks=False).strip():
            return {"k": "paragraph", "style": "body", "indent": False, "runs": self.runs(number) + runs}
        tag = self.next_tag(block.level)
        return {"k": "heading", "level": block.level, "tag": tag, "number": number, "runs": runs}

    def paragraph(self, block: Paragraph) -> Json:
        runs = self.runs(block.runs)
        if block.style == "vision":
            runs = [whole for run in runs for whole in _phrases(run)]
        return {"k": "paragraph", "style": block.style, "indent": block.indent, "runs": runs}

    def list_of(self, items: Sequence[ListItem]) -> list[Json]:
        """Neighbouring items as nested lists: what is deeper belongs under the item before it."""
        out: list[Json] = []
        at = 0
        while at < len(items):
            end = at + 1
            while end < len(items) and items[end].level > items[at].level:
                end += 1
            out.append({"runs": self.runs(items[at].runs), "under": self.list_of(items[at + 1 : end])})
            at = end
        return [{"k": "items", "items": out}] if out else []

    def landscape(self, block: Landscape) -> Json:
        self.room_mm = LANDSCAPE_MM
        blocks = self.blocks(block.blocks)
        self.room_mm = PORTRAIT_MM
        return {"k": "landscape", "blocks": blocks}

    def table(self, table: Table) -> Json:
        grid = self.press.grid(table)
        widths, shrink = self.press.widths(grid, self.room_mm)
        cells = [
            [self.cell(grid, slot, widths, shrink, breakable=_tall(self.press, row, widths)) for slot in row]
            for row in grid.rows
        ]
        whole = grid.short and not any(cell["breakable"] for row in cells for cell in row)
        head = grid.heading_rows
        return {
            "k": "table",
            "caption": self.runs(table.caption),
            "widths": widths,
            "shrink": shrink,
            "grid": table.grid,
            "whole": whole,
            "heading_rows": head,
            "head": [cell for row in cells[:head] for cell in row],
            "body": [cell for row in cells[head:] for cell in row],
            "note": self.below(table),
        }

    def below(self, table: Table) -> list[Json]:
        note = self.runs(table.note)
        if not table.sources:
            return note
        marks: list[Json] = [{"k": "text", "s": f"{self.press.words.sources} "}]
        for key in table.sources:
            marks.append({"k": "cite", "n": self.press.numbers[key], "s": self.press.cite(key)})
        return [*note, {"k": "break"}, *marks] if note else marks

    def cell(self, grid: Grid, slot: Slot, widths: list[float], shrink: float, *, breakable: bool) -> Json:
        room = sum(widths[slot.col : slot.col + slot.cell.colspan])
        longest = min(LONGEST_KEPT, int((room - 3.5) / (1.95 * shrink)))
        return {
            "x": slot.col,
            "y": slot.row,
            "colspan": slot.cell.colspan,
            "rowspan": slot.cell.rowspan,
            "align": slot.align,
            "heading": slot.heading,
            "breakable": breakable,
            "hatched": slot.unpublished is not None,
            "band": slot.cell.colspan == len(grid.table.columns) and not slot.heading,
            "runs": _unhatched(self.cell_runs(slot, longest), slot),
        }

    def cell_runs(self, slot: Slot, longest: int) -> list[Json]:
        """What stands in a cell; the words of a heading each in a box of its own, so that none is broken."""
        runs = self.ready(self.press.shown(slot), longest)
        return [piece for run in runs for piece in _boxed(run)] if slot.heading else runs

    def signatures(self, block: Signatures) -> Json:
        text = self.press.text
        people = [
            {"name": text(s.name), "position": text(s.position), "place_date": text(s.place_date)}
            for s in block.people
        ]
        across = max(1, min(3, len(people)))
        return {"k": "signatures", "sign": self.press.words.sign, "people": people, "across": across}

    def picture(self, block: Picture) -> Json:
        if block.format == "png" and not block.data.startswith(_PNG):
            raise PaperError("a PNG picture does not begin as PNG does")
        name = f"picture-{len(self.pictures) + 1}.{block.format}"
        if block.format == "svg":
            content = _drawable(block.data)
            self.drawn += clean(_TAGS.sub("", content.decode())).replace("\n", "")
        else:
            content = block.data
        self.pictures[name] = content
        width_mm = min(block.width_mm, self.room_mm)
        alt = self.press.text(block.alt)
        return {
            "k": "picture",
            "file": name,
            "width": width_mm,
            "alt": alt,
            "caption": self.runs(block.caption),
        }

    def sources(self) -> list[Json]:
        out: list[Json] = []
        for at, (number, source) in enumerate(self.press.cited_sources(), 1):
            words, url = self.press.source_line(source)
            runs = _words(Text(words), LONGEST_KEPT)
            if url:
                runs += [{"k": "text", "s": " "}, web_link(url)]
            out.append({"n": at, "mark": f"[{number}]", "runs": runs})
        return out


def web_link(url: str) -> Json:
    """A link where the address is one of the web, else its plain words."""
    return (
        {"k": "link", "s": url, "url": url}
        if url.startswith(("https://", "http://"))
        else {"k": "text", "s": url}
    )


def _words(run: Text, longest: int) -> list[Json]:
    out: list[Json] = []
    for at, line in enumerate(run.text.split("\n")):
        if at:
            out.append({"k": "break"})
        for piece, keep in kept_pieces(hold_repeat_mark(line), longest):
            words: Json = {"k": "text", "s": piece}
            words |= {"bold": True} if run.bold else {}
            words |= {"quiet": True} if run.quiet else {}
            out.append({"k": "box", "runs": [words]} if keep else words)
    return out


def _boxed(run: Json) -> list[Json]:
    if run["k"] != "text":
        return [run]
    made: list[Json] = []
    for piece in stretches(run["s"]):
        made += [{"k": "box", "runs": [run | {"s": piece.rstrip()}]}] if piece.strip() else []
        made += [run | {"s": " "}] if piece != piece.rstrip() else []
    return made


def _phrases(run: Json) -> list[Json]:
    """A vision breaks between its phrases, where it has spaces, and not within a short one."""
    if run["k"] != "text":
        return [run]
    parts = re.split("( )", run["s"])
    return [
        {"k": "box", "runs": [run | {"s": part}]}
        if part != " " and width(part) <= LONGEST_PHRASE
        else run | {"s": part}
        for part in parts
        if part
    ]


def _beside(out: list[Json], mark: Json) -> None:
    """A raised number never leaves the figure that it belongs to."""
    if out and out[-1]["k"] == "box":
        out[-1]["runs"].append(mark)
    else:
        out.append(mark)


def _unhatched(runs: list[Json], slot: Slot) -> list[Json]:
    if slot.unpublished is None:
        return runs
    quiet: Callable[[Json], Json] = lambda run: {"k": "text", "s": run["s"], "quiet": True}  # noqa: E731
    return [quiet(run) if run["k"] == "unpublished" else run for run in runs]


def _tall(press: Press, row: Sequence[Slot], widths: list[float]) -> bool:
    """Whether a row could be longer than most of a page, so that it must be let break."""
    lines = 0.0
    for slot in row:
        room = sum(widths[slot.col : slot.col + slot.cell.colspan])
        lines = max(lines, width(press.plain(press.shown(slot))) * 2.1 / max(room - 4, 5))
    return lines > 24

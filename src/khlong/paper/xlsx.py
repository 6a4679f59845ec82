"""A document as Excel XLSX: a first sheet with the words, a sheet for each table, a sheet of sources.

What people wrote is always text, never a formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from math import ceil
from typing import TYPE_CHECKING, Any

from khlong.paper.fold import longest_mm
from khlong.paper.model import (
    Block,
    Cite,
    Clause,
    Document,
    Heading,
    Inline,
    Kind,
    Landscape,
    ListItem,
    PageBreak,
    Paragraph,
    Picture,
    Signatures,
    Table,
    Text,
    as_runs,
)
from khlong.paper.press import BED, HATCH, INK, LINE, PAPER2, QUIET, STRONG, WASH, WATER, Grid, Press, Slot
from khlong.paper.text import width

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

SheetCell = Any
"""An openpyxl cell; merged ones have another class and the same look."""

FONT = "TH SarabunPSK"
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_LONGEST_NAME = 31
_LONGEST_CELL = 32767
_COVER_WIDTH = 72
_POINTS = 16
_CITE_WIDTH = 6
_MM_PER_COLUMN_UNIT = 2.0
_NARROWEST, _UNIT_MM, _EDGES = 7.0, 1.85, 1.2
"""In units of Excel's columns: the narrowest, what the edges of a cell take; and a unit in millimetres."""
_SHEET_MM, _WIDE_MM = 257.0, 380.0
"""What lies between the margins of A4 and of A3 on their side."""
_A4, _A3 = 9, 8
_NAME_MM = 30.0
_COLUMNS_PER_UNIT, _LINE_HEIGHT = 0.98, 1.36
_LOST_BY_FOLDING = 3
_SIZES = {1: 22, 2: 19, 3: 17, 4: 16}


def to_xlsx(doc: Document) -> bytes:
    """The document as XLSX. Raises PaperError for a citation without source."""
    return _Book(Press(doc)).written()


class _Book:
    def __init__(self, press: Press) -> None:
        from openpyxl import Workbook

        self.press = press
        self.doc = press.doc
        self.book = Workbook()
        self.names: set[str] = {"history"}
        self.looks = _Looks()
        self.tables = 0

    def written(self) -> bytes:
        cover = self.book.worksheets[0]
        cover.title = self.name(self.press.words.document)
        tables = list(_tables(self.doc.blocks))
        self.cover(cover)
        for table in tables:
            self.table(table)
        if self.press.numbers:
            self.sources()
        self.book.properties.title = " ".join(self.press.text(self.doc.title).split())
        self.book.properties.language = "th-TH" if self.doc.lang == "th" else "en-GB"
        self.book.properties.creator = ""
        out = BytesIO()
        self.book.save(out)
        return out.getvalue()

    def name(self, wish: str) -> str:
        """A sheet name that Excel accepts and no other sheet has."""
        base = " ".join(_NOT_IN_A_NAME.sub(" ", wish).split()) or self.press.words.table
        name, number = base[:_LONGEST_NAME].strip(), 2
        while name.lower() in self.names:
            tail = f" ({number})"
            name, number = base[: _LONGEST_NAME - len(tail)].strip() + tail, number + 1
        self.names.add(name.lower())
        return name

    def put(self, cell: SheetCell, words: str, **look: Any) -> None:
        """Words as text, whatever they begin with."""
        cell.value = words[:_LONGEST_CELL]
        cell.data_type = "s"
        self.looks.give(cell, Look(**look))
        if words[:1] in ("=", "+", "-", "@"):
            cell.quotePrefix = True

    def cover(self, sheet: Worksheet) -> None:
        sheet.column_dimensions["A"].width = _COVER_WIDTH
        row = 1
        for words, look in self.cover_lines():
            self.put(sheet.cell(row, 1), words, **look)
            row += 1
        self.print_set(sheet, landscape=self.doc.landscape)

    def cover_lines(self) -> Iterator[tuple[str, dict[str, Any]]]:
        text = self.press.text
        if self.doc.example:
            yield self.press.words.example, {"bold": True, "fill": BED}
        yield text(self.doc.title), {"bold": True, "size": 26}
        if self.doc.subtitle:
            yield text(self.doc.subtitle), {"colour": QUIET}
        yield from self.lines(self.doc.blocks)
        if self.press.foot():
            yield self.press.foot(), {"colour": QUIET}

    def lines(self, blocks: Sequence[Block]) -> Iterator[tuple[str, dict[str, Any]]]:
        plain, text = self.press.plain, self.press.text
        for block in blocks:
            match block:
                case Heading():
                    look = {
                        "bold": True,
                        "size": _SIZES[block.level],
                        "colour": WATER if block.level > 3 else INK,
                    }
                    yield " ".join(filter(None, (text(block.number), plain(block.runs)))), look
                case Paragraph():
                    quiet = {"colour": QUIET} if block.style == "note" else {}
                    yield plain(block.runs), quiet | ({"size": 22} if block.style == "vision" else {})
                case Clause():
                    yield f"{text(block.number)}  {plain(block.runs)}", {"indent": block.level - 1}
                case ListItem():
                    yield f"• {plain(block.runs)}", {"indent": block.level}
                case Table():
                    self.tables += 1
                    yield self.pointer(block), {"colour": WATER}
                case Signatures():
                    for person in block.people:
                        name = f"({text(person.name)})" if person.name else "(........................)"
                        rest = "  ".join(filter(None, (text(person.position), text(person.place_date))))
                        yield f"{self.press.words.sign} ........................ {name}  {rest}".rstrip(), {}
                case Picture():
                    yield f"{plain(block.caption)} ({text(block.alt)})".strip(), {"colour": QUIET}
                case Landscape():
                    yield from self.lines(block.blocks)
                case PageBreak():
                    pass

    def pointer(self, table: Table) -> str:
        number, caption = self.press.text(str(self.tables)), self.press.plain(table.caption)
        return f"→ {self.press.words.table} {number}: {caption}".rstrip(": ")

    def table(self, table: Table) -> None:
        grid = self.press.grid(table)
        wish = self.press.plain(table.caption, marks=False)
        sheet = self.book.create_sheet(self.name(wish))
        places = _places(grid)
        top = self.caption(sheet, table)
        for slot in grid.slots:
            self.slot(sheet, grid, slot, places, top)
        self.set_widths(sheet, grid, places)
        last_heading = top + grid.heading_rows - 1
        sheet.freeze_panes = sheet.cell(last_heading + 1, 1 + _kept_in_sight(grid, places))
        sheet.print_title_rows = f"1:{last_heading}"
        self.below(sheet, table, top + len(grid.rows))
        self.print_set(sheet, landscape=True, wide=_room_mm(grid) > _SHEET_MM)

    def caption(self, sheet: Worksheet, table: Table) -> int:
        """Writes what stands above the headings; the row where the headings begin."""
        row = 1
        if self.doc.example:
            self.put(sheet.cell(row, 1), self.press.words.example, bold=True, fill=BED, wrap=False)
            row += 1
        self.put(sheet.cell(row, 1), self.press.plain(table.caption), bold=True, wrap=False)
        return row + 1

    def slot(self, sheet: Worksheet, grid: Grid, slot: Slot, places: list[tuple[int, int]], top: int) -> None:
        first, (_, last) = places[slot.col][0], places[slot.col + slot.cell.colspan - 1]
        alone = slot.cell.colspan == 1 and not slot.heading
        right = places[slot.col][0] if alone else last
        row, low = top + slot.row, top + slot.row + slot.cell.rowspan - 1
        look = self.slot_look(grid, slot)
        for y in range(row, low + 1):
            for x in range(first, last + 1):
                self.looks.give(sheet.cell(y, x), Look(**look))
        self.value(sheet.cell(row, first), slot, look)
        if right > first or low > row:
            sheet.merge_cells(start_row=row, start_column=first, end_row=low, end_column=right)
        if alone and last > first:
            self.put(sheet.cell(row, last), self.marks(slot), colour=WATER, size=12, rule=LINE)

    def slot_look(self, grid: Grid, slot: Slot) -> dict[str, Any]:
        look: dict[str, Any] = {"align": slot.align, "rule": LINE, "bold": slot.cell.bold}
        if slot.heading:
            low = slot.row + slot.cell.rowspan == grid.heading_rows
            look |= {"bold": True, "colour": INK, "rule": INK if low else STRONG, "low": True}
        if slot.unpublished is not None:
            look |= {"hatched": True, "colour": QUIET}
        elif slot.cell.colspan == len(grid.table.columns) and not slot.heading:
            look |= {"fill": WASH}
        return look

    def value(self, cell: SheetCell, slot: Slot, look: dict[str, Any]) -> None:
        """Figures and days as Excel's own, formatted with the document's digits; the rest as text."""
        value = _figure(slot)
        if value is None:
            words = self.press.plain(
                tuple(run for run in self.press.shown(slot) if not isinstance(run, Cite))
            )
            if words:
                self.put(cell, words, **look)
            return
        if isinstance(value, date):
            cell.value, cell.number_format = value, self.day_format()
        else:
            cell.value = value
            cell.number_format = self.number_format(value, slot.column.kind)

    def number_format(self, value: float | Decimal, kind: Kind) -> str:
        places = max(0, -int(Decimal(str(value)).normalize().as_tuple().exponent))
        if kind == "money" and places:
            places = 2
        plain = ("0" if kind == "text" else "#,##0") + (f".{'0' * places}" if places else "")
        return f"[$-D00041E]{plain}" if self.doc.thai_digits else plain

    def day_format(self) -> str:
        if self.doc.lang == "en":
            return "d mmm yyyy"
        return "[$-D07041E]d mmm yyyy" if self.doc.thai_digits else "[$-107041E]d mmm yyyy"

    def marks(self, slot: Slot) -> str:
        keys = [run.source_key for run in _cell_runs(slot) if isinstance(run, Cite)]
        return " ".join(self.press.cite(key) for key in [*keys, *slot.cell.cites])

    def set_widths(self, sheet: Worksheet, grid: Grid, places: list[tuple[int, int]]) -> None:
        from openpyxl.utils import get_column_letter

        widths, _ = self.press.widths(grid, _room_mm(grid))
        words = self.heading_units(grid)
        for mm, low, (first, last) in zip(widths, words, places, strict=True):
            wide = max(_NARROWEST, low, mm / _MM_PER_COLUMN_UNIT)
            sheet.column_dimensions[get_column_letter(first)].width = round(wide, 1)
            if last > first:
                sheet.column_dimensions[get_column_letter(last)].width = _CITE_WIDTH

    def heading_units(self, grid: Grid) -> list[float]:
        """For each column how wide the longest word of its heading is, and the edges of the cell."""
        made = [0.0] * len(grid.table.columns)
        for slot in grid.slots:
            if slot.heading and slot.cell.colspan == 1:
                longest = longest_mm(self.press.plain(self.press.shown(slot)), _POINTS)
                made[slot.col] = max(made[slot.col], longest / _UNIT_MM + _EDGES)
        return made

    def below(self, sheet: Worksheet, table: Table, row: int) -> None:
        row += 1
        if note := self.press.plain(table.note):
            self.put(sheet.cell(row, 1), note, colour=QUIET, wrap=False)
            row += 1
        for line in self.own_sources(table):
            self.put(sheet.cell(row, 1), line, colour=QUIET, wrap=False)
            row += 1

    def own_sources(self, table: Table) -> Iterator[str]:
        grid = self.press.grid(table)
        keys = [run.source_key for slot in grid.slots for run in _cell_runs(slot) if isinstance(run, Cite)]
        keys += [key for slot in grid.slots for key in slot.cell.cites]
        keys += [run.source_key for run in as_runs(table.caption) if isinstance(run, Cite)]
        used = {*keys, *table.sources}
        known = {source.key: source for source in self.doc.sources}
        for key in self.press.numbers:
            if key in used:
                words, _ = self.press.source_line(known[key])
                yield f"{self.press.words.sources} {self.press.cite(key)} {words}"

    def sources(self) -> None:
        sheet = self.book.create_sheet(self.name(self.press.words.sources))
        if self.doc.example:
            sheet.append([])
            self.put(sheet.cell(1, 1), self.press.words.example, bold=True, fill=BED, wrap=False)
        row = 2 if self.doc.example else 1
        self.put(sheet.cell(row, 1), self.press.words.sources, bold=True, size=19, wrap=False)
        for number, source in self.press.cited_sources():
            row += 1
            words, url = self.press.source_line(source)
            self.put(sheet.cell(row, 1), f"[{number}]", colour=WATER)
            self.put(sheet.cell(row, 2), words)
            self.put(sheet.cell(row, 3), url, colour=WATER)
        for letter, wide in (("A", 9), ("B", 90), ("C", 50)):
            sheet.column_dimensions[letter].width = wide
        self.print_set(sheet, landscape=True)

    def print_set(self, sheet: Worksheet, *, landscape: bool, wide: bool = False) -> None:
        """A4, or A3 for a wide table, as wide as the sheet, page number and the running words in the footer."""
        from openpyxl.worksheet.header_footer import HeaderFooterItem
        from openpyxl.worksheet.properties import PageSetupProperties

        sheet.page_setup.orientation = "landscape" if landscape else "portrait"
        sheet.page_setup.paperSize = _A3 if wide else _A4
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        margins = sheet.page_margins
        margins.left, margins.right, margins.top, margins.bottom = (0.79, 0.79, 0.98, 0.79)
        sheet.sheet_view.showGridLines = False
        foot, head = HeaderFooterItem(), HeaderFooterItem()
        foot.left.text, foot.right.text = _running(self.press.foot()), f"{self.press.words.page} &P"
        head.left.text = _running(self.press.words.example) if self.doc.example else None
        sheet.oddFooter, sheet.oddHeader = foot, head
        _fit_rows(sheet)


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks; sizes in points, colours as RRGGBB, ``rule`` the colour of the line under it."""

    bold: bool = False
    size: int = _POINTS
    colour: str = INK
    align: str = "left"
    low: bool = False
    wrap: bool = True
    indent: int = 0
    fill: str = ""
    rule: str = ""
    hatched: bool = False


class _Looks:
    """Cell looks, each made once: Excel allows few and openpyxl makes many slowly."""

    def __init__(self) -> None:
        self.made: dict[tuple[Any, ...], Any] = {}

    def give(self, cell: SheetCell, look: Look) -> None:
        cell.font = self.once("font", look.bold, look.size, look.colour)
        cell.alignment = self.once("alignment", look.align, look.low, look.wrap, look.indent)
        if look.fill or look.hatched:
            cell.fill = self.once("fill", look.fill, look.hatched)
        if look.rule:
            cell.border = self.once("border", look.rule)

    def once(self, what: str, *how: Any) -> Any:
        if (what, *how) not in self.made:
            self.made[what, *how] = getattr(self, what)(*how)
        return self.made[what, *how]

    def font(self, bold: bool, size: int, colour: str) -> Any:
        from openpyxl.styles import Font

        return Font(name=FONT, size=size, bold=bold, color=colour, charset=222)

    def alignment(self, align: str, low: bool, wrap: bool, indent: int) -> Any:
        from openpyxl.styles import Alignment

        return Alignment(horizontal=align, vertical="bottom" if low else "top", wrap_text=wrap, indent=indent)

    def fill(self, fill: str, hatched: bool) -> Any:
        from openpyxl.styles import PatternFill

        if hatched:
            return PatternFill("lightUp", fgColor=HATCH, bgColor=PAPER2)
        return PatternFill("solid", fgColor=fill)

    def border(self, rule: str) -> Any:
        from openpyxl.styles import Border, Side

        return Border(bottom=Side("medium" if rule == INK else "thin", color=rule))


def _tables(blocks: Sequence[Block]) -> Iterator[Table]:
    for block in blocks:
        if isinstance(block, Landscape):
            yield from _tables(block.blocks)
        elif isinstance(block, Table):
            yield block


def _room_mm(grid: Grid) -> float:
    """How wide a table is: what its columns ask for, from A4 on; from there on it is printed on A3."""
    asked = sum(column.width_mm or 0.0 for column in grid.table.columns)
    return min(max(asked, _SHEET_MM), _WIDE_MM)


def _places(grid: Grid) -> list[tuple[int, int]]:
    """Sheet columns of each column, from 1: its own, and one after it if it has source numbers."""
    cited = {
        slot.col for slot in grid.slots if not slot.heading and slot.cell.colspan == 1 and _has_marks(slot)
    }
    places: list[tuple[int, int]] = []
    at = 1
    for col in range(len(grid.table.columns)):
        last = at + (col in cited)
        places.append((at, last))
        at = last + 1
    return places


def _kept_in_sight(grid: Grid, places: list[tuple[int, int]]) -> int:
    """How many columns stay when a wide table is moved sideways: the narrow ones by which its rows are known."""
    if _room_mm(grid) <= _SHEET_MM:
        return 0
    widths = [column.width_mm or _SHEET_MM for column in grid.table.columns]
    narrow = next((at for at, mm in enumerate(widths) if mm > _NAME_MM), len(widths))
    return places[narrow - 1][1] if narrow else 0


def _has_marks(slot: Slot) -> bool:
    return bool(slot.cell.cites) or any(isinstance(run, Cite) for run in _cell_runs(slot))


def _cell_runs(slot: Slot) -> tuple[Inline, ...]:
    value = slot.cell.value
    if isinstance(value, str) or value is None:
        return ()
    if isinstance(value, Sequence):
        return as_runs(value)
    return (value,) if isinstance(value, Cite | Text) else ()


def _figure(slot: Slot) -> float | Decimal | date | None:
    value = slot.cell.value
    if isinstance(value, date):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return Decimal(value) / 100 if slot.column.kind == "money" and isinstance(value, int) else value


def _fit_rows(sheet: Worksheet) -> None:
    """Row heights by reckoning, for not every program works them out when it opens the file."""
    merged = {place for span in sheet.merged_cells.ranges for place in span.cells}
    for row, cells in enumerate(sheet.iter_rows(), 1):
        heights = [_height(sheet, cell) for cell in cells if (cell.row, cell.column) not in merged]
        tallest = max(heights, default=0.0)
        sheet.row_dimensions[row].height = max(tallest, 24.0)


def _height(sheet: Worksheet, cell: SheetCell) -> float:
    if not isinstance(cell.value, str):
        return 0.0
    size = cell.font.size
    columns = sheet.column_dimensions[cell.column_letter].width * _COLUMNS_PER_UNIT * _POINTS / size
    folds = cell.alignment.wrap_text
    lines = sum(_lines(line, columns) if folds else 1 for line in cell.value.split("\n"))
    return float(lines * size * _LINE_HEIGHT + 3)


def _lines(words: str, columns: float) -> int:
    """How many lines these words take; where they fold, each line loses part of a word at its end."""
    taken = max(1, width(words))
    return 1 if taken <= columns else ceil(taken / max(columns - _LOST_BY_FOLDING, columns / 2))


def _running(words: str) -> str | None:
    return " ".join(words.split())[:100].replace("&", "&&") or None

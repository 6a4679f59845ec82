"""What the three writers share: words of the frame, numbered sources, digits, tables laid out as grids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from khlong.paper.fold import longest_mm, raised
from khlong.paper.model import (
    Align,
    Block,
    Cell,
    CellValue,
    Cite,
    Column,
    Document,
    Inline,
    Landscape,
    Note,
    PageBreak,
    PaperError,
    RunsLike,
    Signatures,
    Source,
    Table,
    Text,
    Unpublished,
    as_runs,
)
from khlong.paper.text import clean, kept_pieces, thai_digits, width

PORTRAIT_MM = 160.0
LANDSCAPE_MM = 257.0
INK, QUIET, LINE, STRONG = "18211F", "4A5552", "C9CFCA", "7C8682"
WATER, THREAD, WASH = "0B5F68", "56959A", "E2EEED"
BED, HATCH, PAPER2 = "ECE6D6", "B9BFBB", "EFF1EC"

_CHAR_MM, _PAD_MM, _NARROWEST_MM = 2.05, 5.0, 15.0
_COMFORT_MM, _LONGEST_LINE = 30.0, 60
_SMALLEST_TYPE = 0.7
_SHORT_TABLE = 8
TABLE_POINTS = 14
"""The type of tables in DOCX, the largest of the writers', before it shrinks."""
_SIDES_MM = {True: 2.7, False: 4.3}
"""What a cell keeps free at both sides, with rules upright or without."""
_LONGEST_FLOOR_MM = 45.0
_SLACK = 1.04
"""Type is set in half points, and programs differ by a hair."""
_MIXED = (Text, Note, Cite, Unpublished)


@dataclass(frozen=True, slots=True)
class Words:
    """The fixed words of the frame."""

    page: str
    sources: str
    example: str
    unpublished: str
    sign: str
    source_mark: str
    document: str
    table: str
    footnote: str


WORDS = {
    "th": Words(
        page="หน้า",
        sources="แหล่งที่มา",
        example="ข้อมูลตัวอย่าง",
        unpublished="ยังไม่เผยแพร่",
        sign="ลงชื่อ",
        source_mark="ที่มา",
        document="เอกสาร",
        table="ตาราง",
        footnote="เชิงอรรถ",
    ),
    "en": Words(
        page="Page",
        sources="Sources",
        example="Example data",
        unpublished="not published",
        sign="Signed",
        source_mark="src",
        document="Document",
        table="Table",
        footnote="Footnotes",
    ),
}


@dataclass(frozen=True, slots=True)
class Slot:
    """A cell in its place. ``row`` counts heading and body rows together, from 0."""

    cell: Cell
    column: Column
    row: int
    col: int
    heading: bool

    @property
    def align(self) -> Align:
        if self.cell.align:
            return self.cell.align
        if self.cell.colspan > 1 and not self.heading:
            return "left"
        if self.heading and self.cell.colspan > 1:
            return "center"
        return self.column.align or ("right" if self.column.kind in ("number", "money") else "left")

    @property
    def unpublished(self) -> Unpublished | None:
        """The cell's content when it is nothing but something not published."""
        value = self.cell.value
        if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 1:
            value = value[0]
        return value if isinstance(value, Unpublished) else None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table in rows of slots; a slot covered by a span from the left or from above is not repeated."""

    table: Table
    rows: tuple[tuple[Slot, ...], ...]
    heading_rows: int

    @property
    def slots(self) -> Iterator[Slot]:
        return (slot for row in self.rows for slot in row)

    @property
    def short(self) -> bool:
        """Whether the table is short enough to be kept on one page."""
        return len(self.rows) <= _SHORT_TABLE

    def hanging(self, row: int, col: int) -> Slot | None:
        """The slot that reaches down into this place from a row above, if its left edge is here."""
        for slot in self.slots:
            if slot.col == col and slot.row < row < slot.row + slot.cell.rowspan:
                return slot
        return None


class Press:
    """A document made ready: every writer takes its words from here.

    Raises PaperError when a citation names a source that the document has not.
    """

    def __init__(self, doc: Document) -> None:
        self.doc = doc
        self.words = WORDS[doc.lang]
        self.numbers = _numbered(doc)

    def text(self, text: str) -> str:
        """Clean text with the document's digits."""
        text = clean(text)
        return thai_digits(text) if self.doc.thai_digits else text

    def runs(self, runs: RunsLike) -> tuple[Inline, ...]:
        """The same runs with ready words; a label is filled in where something is not published.

        A raised mark stands close: no space is left before it.
        """
        ready = [self._run(run) for run in as_runs(runs)]
        for at, run in enumerate(ready[1:]):
            before = ready[at]
            if isinstance(run, Cite | Note) and isinstance(before, Text):
                ready[at] = replace(before, text=before.text.rstrip(" "))
        return tuple(ready)

    def _run(self, run: Inline) -> Inline:
        match run:
            case Text():
                return replace(run, text=self.text(run.text))
            case Note():
                if any(isinstance(inner, Note) for inner in as_runs(run.runs)):
                    raise PaperError("a footnote cannot hold another footnote")
                return Note(self.runs(run.runs))
            case Unpublished():
                return Unpublished(self.text(run.label or self.words.unpublished))
        return run

    def cite(self, key: str) -> str:
        """``[3]``, in the document's digits."""
        return self.text(f"[{self.numbers[key]}]")

    def plain(self, runs: RunsLike, *, marks: bool = True) -> str:
        """The words alone; citations as [n] and footnotes in brackets unless ``marks`` is off."""
        return "".join(self._plain(run, marks) for run in self.runs(runs))

    def _plain(self, run: Inline, marks: bool) -> str:
        match run:
            case Text():
                return run.text
            case Unpublished():
                return run.label
            case Cite():
                return self.cite(run.source_key) if marks else ""
            case Note():
                return f" ({self.plain(run.runs)})" if marks else ""

    def cited_sources(self) -> list[tuple[str, Source]]:
        """Number and source, in the order of their numbers."""
        known = {source.key: source for source in self.doc.sources}
        return [(self.text(str(number)), known[key]) for key, number in self.numbers.items()]

    def source_line(self, source: Source) -> tuple[str, str]:
        """A source's words with its date, and its address ("" when it has none)."""
        return ", ".join(filter(None, (self.text(source.text), self.text(source.date)))), clean(
            source.url
        ).strip()

    def foot(self) -> str:
        """The line at the foot of every page, without the page number."""
        return " · ".join(filter(None, (self.text(self.doc.footer), self.text(self.doc.generated))))

    def grid(self, table: Table) -> Grid:
        """The table with its spans worked out. Raises PaperError when a row does not fill the columns."""
        derived = _heading_cells(table)
        more = max(0, table.header_rows - len(derived))
        body = [[_as_cell(cell) for cell in row] for row in table.rows]
        if table.grid:
            derived = [[replace(cell, align="center") for cell in row] for row in derived]
        rows = _placed(derived + body, table.columns, len(derived) + more, self.plain(table.caption))
        return Grid(table, rows, len(derived) + more)

    def shown(self, slot: Slot) -> tuple[Inline, ...]:
        """A cell's ready runs: its value as its column prints it, then the numbers of its sources."""
        runs = self.value_runs(slot.cell.value, slot.column)
        if slot.cell.bold:
            runs = tuple(replace(run, bold=True) if isinstance(run, Text) else run for run in runs)
        return (*runs, *(Cite(key) for key in slot.cell.cites))

    def value_runs(self, value: CellValue, column: Column) -> tuple[Inline, ...]:
        """A cell value as ready runs, in the way of its column."""
        if value is None:
            return ()
        if isinstance(value, str | Text | Note | Cite | Unpublished):
            return self.runs(value)
        if isinstance(value, Sequence):
            return self.runs(value)
        return (Text(self.text(self._figure(value, column))),)

    def _figure(self, value: object, column: Column) -> str:
        if isinstance(value, int | float | Decimal):
            return _money(value) if column.kind == "money" else _number(value, column.kind == "number")
        return self.day(value)

    def day(self, value: object) -> str:
        """A date or a span in short form, in the document's language."""
        from khlong.thai.dates import Span, format_date, format_span

        if isinstance(value, Span):
            return format_span(value, lang=self.doc.lang, style="short")
        if isinstance(value, date):
            return format_date(value, lang=self.doc.lang, style="short")
        raise PaperError(f"a cell cannot hold {type(value).__name__}")

    def widths(self, grid: Grid, room_mm: float) -> tuple[list[float], float]:
        """Column widths in mm that fill the room, and the factor by which the type shrinks (0.7 to 1).

        No word, figure or date is longer than its column, unless all together ask for too much; a column's own width
        gives way to that.
        """
        least, wish = self._wishes(grid)
        floors = [
            max(pair)
            for pair in zip(self._floors(grid), (min(w, _LONGEST_FLOOR_MM) for w in least), strict=True)
        ]
        given = [column.width_mm for column in grid.table.columns]
        for scale in (1.0, 0.92, 0.85, 0.78, _SMALLEST_TYPE):
            enough = [
                mm or min(w, max(low, _COMFORT_MM)) * scale
                for mm, low, w in zip(given, least, wish, strict=True)
            ]
            if sum(enough) <= room_mm and sum(floors) * scale <= room_mm:
                break
        least = [mm or low * scale for mm, low in zip(given, least, strict=True)]
        wish = [mm or w * scale for mm, w in zip(given, wish, strict=True)]
        spread = _spread(least, wish, [mm is not None for mm in given], room_mm)
        return raised(spread, [mm * scale for mm in floors], room_mm), scale

    def _floors(self, grid: Grid) -> list[float]:
        """For each column the longest word that must not be broken: of its heading, or set bold to be found."""
        floors = [0.0] * len(grid.table.columns)
        for slot in grid.slots:
            if slot.cell.colspan == 1 and (slot.heading or slot.cell.bold):
                longest = longest_mm(self.plain(self.shown(slot)), TABLE_POINTS) * _SLACK
                floors[slot.col] = max(floors[slot.col], longest + _SIDES_MM[grid.table.grid])
        return floors

    def _wishes(self, grid: Grid) -> tuple[list[float], list[float]]:
        """For each column the width of its longest stretch, and the width that spares it a second line."""
        least = [_NARROWEST_MM / 2] * len(grid.table.columns)
        wish = list(least)
        for slot in grid.slots:
            if slot.cell.colspan > 1:
                continue
            words = self.plain(self.shown(slot))
            full = max(map(width, words.split("\n")), default=0)
            whole = slot.column.kind != "text" and not slot.heading
            longest = full if whole else max(map(width, _unbroken(words)), default=0)
            least[slot.col] = max(least[slot.col], longest * _CHAR_MM + _PAD_MM)
            wish[slot.col] = max(
                wish[slot.col], least[slot.col], min(full, _LONGEST_LINE) * _CHAR_MM + _PAD_MM
            )
        return least, wish


def _spread(least: list[float], wish: list[float], fixed: list[bool], room: float) -> list[float]:
    """Widths between least and wish that fill the room; if the least is too much, all give way alike."""
    if all(fixed) or sum(least) >= room:
        return [mm * room / sum(least) for mm in least]
    over = room - sum(wish)
    if over >= 0:
        free = sum(w for w, held in zip(wish, fixed, strict=True) if not held)
        return [w if held else w + over * w / free for w, held in zip(wish, fixed, strict=True)]
    more = (room - sum(least)) / (sum(wish) - sum(least))
    return [low + (w - low) * more for low, w in zip(least, wish, strict=True)]


def _unbroken(words: str) -> list[str]:
    """Stretches without a break: figures and Latin whole, Thai (which breaks between words) to twelve."""
    found: list[str] = []
    for piece, keep in kept_pieces(words):
        if keep and any(c.isdigit() for c in piece):
            found.append(piece)
        else:
            found += [part if part.isascii() else _first_columns(part, 11) for part in piece.split()]
    return found


def _first_columns(text: str, columns: int) -> str:
    end = next((at for at in range(len(text)) if width(text[:at]) >= columns), len(text))
    return text[:end]


def _number(value: int | float | Decimal, grouped: bool) -> str:
    if isinstance(value, Decimal):
        return f"{value:,f}" if grouped else f"{value:f}"
    if isinstance(value, float):
        return f"{value:,.12g}" if grouped else f"{value:.12g}"
    return f"{value:,}" if grouped else str(value)


def _money(satang: float | Decimal) -> str:
    if not isinstance(satang, int):
        raise PaperError("money is integer satang")
    baht, rest = divmod(abs(satang), 100)
    return ("-" if satang < 0 else "") + f"{baht:,}" + (f".{rest:02}" if rest else "")


def _as_cell(value: Cell | CellValue) -> Cell:
    return value if isinstance(value, Cell) else Cell(value)


def _heading_cells(table: Table) -> list[list[Cell]]:
    columns = table.columns
    if not any(column.group for column in columns):
        return [[Cell(_label(column)) for column in columns]]
    top: list[Cell] = []
    under: list[Cell] = []
    for at, column in enumerate(columns):
        if not column.group:
            top.append(Cell(_label(column), rowspan=2))
        else:
            if not at or columns[at - 1].group != column.group:
                top.append(Cell(column.group, colspan=_run_length(columns, at)))
            under.append(Cell(_label(column)))
    return [top, under]


def _label(column: Column) -> CellValue:
    return column.label if isinstance(column.label, str) else as_runs(column.label)


def _run_length(columns: Sequence[Column], at: int) -> int:
    end = at
    while end < len(columns) and columns[end].group == columns[at].group:
        end += 1
    return end - at


def _placed(
    cells: list[list[Cell]], columns: tuple[Column, ...], heading_rows: int, caption: str
) -> tuple[tuple[Slot, ...], ...]:
    taken: set[tuple[int, int]] = set()
    rows: list[tuple[Slot, ...]] = []
    for r, row in enumerate(cells):
        slots: list[Slot] = []
        c = 0
        for cell in row:
            while (r, c) in taken:
                c += 1
            spot = {(r + y, c + x) for y in range(cell.rowspan) for x in range(cell.colspan)}
            if c + cell.colspan > len(columns) or r + cell.rowspan > len(cells) or spot & taken:
                raise PaperError(f"row {r + 1} of the table {caption!r} has more cells than columns")
            taken |= spot
            slots.append(Slot(cell, columns[c], r, c, r < heading_rows))
        if len({col for at, col in taken if at == r}) < len(columns):
            raise PaperError(f"row {r + 1} of the table {caption!r} has fewer cells than columns")
        rows.append(tuple(slots))
    return tuple(rows)


def _numbered(doc: Document) -> dict[str, int]:
    known = {source.key for source in doc.sources}
    numbers: dict[str, int] = {}
    for key in _cited(doc.blocks):
        if key not in known:
            raise PaperError(f"the citation {key!r} has no source in the document")
        numbers.setdefault(key, len(numbers) + 1)
    return numbers


def _cited(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        match block:
            case Landscape():
                yield from _cited(block.blocks)
            case Table():
                yield from _cited_in_table(block)
            case PageBreak() | Signatures():
                pass
            case _:
                yield from _cited_in(getattr(block, "runs", getattr(block, "caption", ())))


def _cited_in(runs: RunsLike) -> Iterator[str]:
    for run in as_runs(runs):
        if isinstance(run, Cite):
            yield run.source_key
        elif isinstance(run, Note):
            yield from _cited_in(run.runs)


def _cited_in_table(table: Table) -> Iterator[str]:
    yield from _cited_in(table.caption)
    for column in table.columns:
        yield from _cited_in(column.label)
    for row in table.rows:
        for cell in map(_as_cell, row):
            if isinstance(cell.value, _MIXED) or (
                isinstance(cell.value, Sequence) and not isinstance(cell.value, str)
            ):
                yield from _cited_in(cell.value)
            yield from cell.cites
    yield from _cited_in(table.note)
    yield from table.sources

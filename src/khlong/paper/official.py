"""The model of an official table form: its code, title lines, columns with one or two heading rows, blocks of rows.

A form is printed on A4 lying on its side, one sheet for each authority, the column headings again on every page. What
stands in it is given as it is to be printed; writers (`official_docx`, `official_xlsx`) add nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeAlias

from khlong.paper.fold import long_mm, longest_mm, raised
from khlong.thai.digits import to_thai

FONT = "TH SarabunPSK"
"""Draws digits as they are written: Thai ones are Thai code points. A font that redraws digits is never named."""
NOTHING = "-"
FILL, CHANGED = "E8EEF0", "FFF2CC"
"""Behind headings, and behind what an amendment changes; official.typ has the same."""


@dataclass(frozen=True, slots=True)
class Baht:
    """An amount of money, in satang."""

    satang: int


CellValue: TypeAlias = str | int | Baht | None
"""Text, a count, money; None is an empty year."""


@dataclass(frozen=True, slots=True)
class FormColumn:
    """One column. Neighbours of one `group` stand under a common heading, each with its `heading` in the second row.

    `width` is its share of the page. `money` and counts stand right.
    """

    field: str
    heading: str
    width: float
    group: str = ""
    money: bool = False

    @property
    def words(self) -> str:
        """The heading as it is read: "งบประมาณ: 2566 (บาท)"."""
        return f"{self.group}: {self.heading}" if self.group else self.heading


@dataclass(frozen=True, slots=True)
class FormRow:
    """A line of the table. `label_over` columns from the left hold one label (a foot row); `bold` for sums.

    `changed` are the places of cells that say something else than the line before: they stand out.
    """

    cells: tuple[CellValue, ...]
    bold: bool = False
    label_over: int = 1
    changed: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Band:
    """Words over the whole width of the table."""

    words: str


@dataclass(frozen=True, slots=True)
class FormBlock:
    """A group of lines: `lines` (indent in points, words) stand above its table once, `bands` are repeated with the
    column headings on every page.
    """

    rows: tuple[FormRow | Band, ...]
    lines: tuple[tuple[int, str], ...] = ()
    bands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormSheet:
    """One form of one authority. `footer` stands in the middle of the foot of every page, the page number right."""

    name: str
    code: str
    titles: tuple[str, ...]
    columns: tuple[FormColumn, ...]
    blocks: tuple[FormBlock, ...]
    footer: str = ""
    example: str = ""

    @property
    def headings(self) -> list[str]:
        return [column.words for column in self.columns]


@dataclass(frozen=True)
class Heads:
    """The heading rows laid out: each cell's words, its first column, how many columns and rows it covers."""

    first: list[tuple[str, int, int, int]] = field(default_factory=list)
    second: list[tuple[str, int]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return 2 if self.second else 1


def heads(columns: Sequence[FormColumn]) -> Heads:
    """Lay the headings out in one row, or in two where some columns have a common heading."""
    made, at = Heads(), 0
    grouped = any(column.group for column in columns)
    for group, found in groupby(columns, key=lambda column: column.group):
        members = list(found)
        if group:
            made.first.append((group, at, len(members), 1))
            made.second.extend((column.heading, at + n) for n, column in enumerate(members))
        else:
            high = 2 if grouped else 1
            made.first.extend((column.heading, at + n, 1, high) for n, column in enumerate(members))
        at += len(members)
    return made


def widths_mm(sheet: FormSheet, room_mm: float, points: float, sides_mm: float) -> list[float]:
    """The columns' shares of a page in a type of so many points, none narrower than the longest word of its heading or
    the longest figure in it.
    """
    whole = sum(column.width for column in sheet.columns)
    shares = [room_mm * column.width / whole for column in sheet.columns]
    floors = [longest_mm(column.heading, points) for column in sheet.columns]
    for at, figure in _figures(sheet):
        floors[at] = max(floors[at], long_mm(figure, points))
    return raised(shares, [low + sides_mm for low in floors], room_mm)


def _figures(sheet: FormSheet) -> Iterator[tuple[int, str]]:
    """Every figure that stands in a column of its own, with its column."""
    for block in sheet.blocks:
        for line in block.rows:
            if isinstance(line, FormRow):
                for at, value in enumerate(line.cells[1:], line.label_over):
                    if is_figure(value):
                        yield at, printed(value)


def digits(thai: bool) -> Callable[[str], str]:
    """How words are printed: with Thai digits, or as they are."""
    return to_thai if thai else str


def amount(satang: int) -> str:
    """Money as the forms print it: thousands commas, satang only where there are some, no unit."""
    baht, rest = divmod(abs(satang), 100)
    return ("-" if satang < 0 else "") + f"{baht:,}" + (f".{rest:02d}" if rest else "")


def printed(value: CellValue) -> str:
    """A value as words; an empty year is a dash."""
    if value is None:
        return NOTHING
    if isinstance(value, Baht):
        return amount(value.satang)
    return f"{value:,}" if isinstance(value, int) else value


def is_figure(value: CellValue) -> bool:
    return isinstance(value, int | Baht)


def align_of(value: CellValue, *, first: bool = False) -> str:
    """Where a value stands in its cell: figures right, but in the middle of the first column, as the dash is."""
    if is_figure(value):
        return "center" if first else "right"
    return "center" if value is None else "left"

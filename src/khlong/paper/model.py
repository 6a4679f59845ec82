"""The document model: frozen values that say what a document contains, never how a format writes it.

Wherever runs are asked for, a plain string, one inline value, or a sequence of both will do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, Protocol, TypeAlias

Lang: TypeAlias = Literal["th", "en"]
Align: TypeAlias = Literal["left", "right", "center"]
Kind: TypeAlias = Literal["text", "number", "money", "date"]
Style: TypeAlias = Literal["body", "lead", "quote", "note", "vision"]


class PaperError(ValueError):
    """The document cannot be written; the message names the part at fault."""


class Moment(Protocol):
    """A stretch of days as ``khlong.thai.dates.Span`` holds it."""

    @property
    def start(self) -> date: ...

    @property
    def end(self) -> date: ...


@dataclass(frozen=True, slots=True)
class Text:
    """Words. A line feed is a line break within the paragraph."""

    text: str
    bold: bool = False
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote at this place."""

    runs: RunsLike


@dataclass(frozen=True, slots=True)
class Cite:
    """A raised number that points to one source of the document."""

    source_key: str


@dataclass(frozen=True, slots=True)
class Unpublished:
    """Something that exists and is not published, hatched grey. Without a label the standard words."""

    label: str = ""


Inline: TypeAlias = Text | Note | Cite | Unpublished
RunsLike: TypeAlias = str | Inline | Sequence[str | Inline]


def as_runs(value: RunsLike) -> tuple[Inline, ...]:
    """The inline values of anything that is accepted as runs."""
    items = (value,) if isinstance(value, str | Text | Note | Cite | Unpublished) else value
    return tuple(Text(item) if isinstance(item, str) else item for item in items)


@dataclass(frozen=True, slots=True)
class Heading:
    """Levels 1 to 4; the number is printed before the words."""

    level: int
    runs: RunsLike
    number: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.level <= 4:
            raise PaperError(f"a heading has level 1 to 4, not {self.level}")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``indent`` sets the first line in by 2.5 cm, as official Thai letters do."""

    runs: RunsLike
    style: Style = "body"
    indent: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A numbered clause, hanging: ``number`` is printed as given (ข้อ 1, 1.1, (1)); level from 1."""

    number: str
    runs: RunsLike
    level: int = 1


@dataclass(frozen=True, slots=True)
class ListItem:
    """A bulleted item, level 1 to 3."""

    runs: RunsLike
    level: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.level <= 3:
            raise PaperError(f"a list item has level 1 to 3, not {self.level}")


CellValue: TypeAlias = str | int | float | Decimal | date | Moment | Inline | Sequence[str | Inline] | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell that spans, carries sources of its own, or stands out. ``cites`` are source keys."""

    value: CellValue = None
    cites: tuple[str, ...] = ()
    colspan: int = 1
    rowspan: int = 1
    bold: bool = False
    align: Align | None = None

    def __post_init__(self) -> None:
        if self.colspan < 1 or self.rowspan < 1:
            raise PaperError("a cell spans at least one column and one row")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Neighbours with the same ``group`` share a merged heading above theirs.

    kind ``number``: int, float, Decimal; ``money``: integer satang, printed in baht; ``date``: date or Span.
    Numbers and money stand right unless ``align`` says otherwise.
    """

    label: RunsLike
    width_mm: float | None = None
    align: Align | None = None
    kind: Kind = "text"
    group: str = ""


Row: TypeAlias = Sequence[Cell | CellValue]


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose heading rows repeat on every page.

    The column labels make one heading row, two when a column has a group; ``header_rows`` above that counts
    leading ``rows`` as heading rows too. ``sources`` are keys that the whole table rests on. ``grid`` rules
    every cell, as official forms do.
    """

    caption: RunsLike
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    header_rows: int = 1
    note: RunsLike = ""
    sources: tuple[str, ...] = ()
    grid: bool = False


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows starts on a new page."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One place to sign. An empty name leaves dots to be filled in; ``place_date`` is the line underneath."""

    name: str = ""
    position: str = ""
    place_date: str = ""


@dataclass(frozen=True, slots=True)
class Signatures:
    """Places to sign, side by side, at most three in a row."""

    people: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing (SVG, its text in Sarabun) or a PNG image. ``alt`` says in words what it shows."""

    data: bytes
    format: Literal["svg", "png"]
    width_mm: float
    caption: RunsLike = ""
    alt: str = ""

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise PaperError("a picture needs words (alt) for readers who do not see it")


@dataclass(frozen=True, slots=True)
class Landscape:
    """Blocks on pages lying on their side."""

    blocks: tuple[Block, ...]

    def __post_init__(self) -> None:
        if any(isinstance(block, Landscape) for block in self.blocks):
            raise PaperError("a landscape section cannot hold another one")


Flow: TypeAlias = Heading | Paragraph | Clause | ListItem | Table | PageBreak | Signatures | Picture
Block: TypeAlias = Flow | Landscape


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was read. ``date`` is printed as given."""

    key: str
    text: str
    url: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document. Sources are numbered in the order of their first citation; one never cited is not printed.

    ``thai_digits`` prints ๐-๙ except in web addresses and codes; ``example`` marks every page and sheet;
    ``footer`` and ``generated`` (when and by whom it was made) stand at the foot of every page. ``compact``
    sets everything smaller and closer, for a sheet that is to stay one page. ``landscape`` lays all pages on their
    side, the title too.
    """

    title: str
    lang: Lang = "th"
    thai_digits: bool = False
    subtitle: str = ""
    blocks: tuple[Block, ...] = ()
    sources: tuple[Source, ...] = ()
    example: bool = False
    footer: str = ""
    generated: str = ""
    compact: bool = False
    landscape: bool = False

    def __post_init__(self) -> None:
        if self.landscape and any(isinstance(block, Landscape) for block in self.blocks):
            raise PaperError("a document on its side holds no landscape section")
        if self.lang not in ("th", "en"):
            raise PaperError(f"a document is in th or en, not {self.lang!r}")
        if not self.title.strip():
            raise PaperError("a document needs a title")
        if (twice := _first_twice(source.key for source in self.sources)) is not None:
            raise PaperError(f"two sources have the key {twice!r}")


def _first_twice(keys: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            return key
        seen.add(key)
    return None


def h(level: int, *runs: str | Inline, number: str = "") -> Heading:
    """``h(2, "วิสัยทัศน์", number="2.1")``"""
    return Heading(level, runs, number)


def p(*runs: str | Inline, style: Style = "body", indent: bool = False) -> Paragraph:
    """``p("ฝนตก 630 มิลลิเมตร", Cite("tmd"), " ในสามวัน")``"""
    return Paragraph(runs, style, indent)


def li(*runs: str | Inline, level: int = 1) -> ListItem:
    """``li("ขุดลอกคลอง")``"""
    return ListItem(runs, level)


def clause(number: str, *runs: str | Inline, level: int = 1) -> Clause:
    """``clause("ข้อ 1", "ธรรมนูญนี้เรียกว่า …")``"""
    return Clause(number, runs, level)


def b(text: str) -> Text:
    """Bold words."""
    return Text(text, bold=True)

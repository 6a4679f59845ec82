"""Plain data for the smaller pictures: sluice marks, figures in rows, equal streams, the map, a timeline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from khlong.ui.text import amount_text

Number = int | float | Decimal


# --- the sluice mark -------------------------------------------------------------------------------

MOST_THREADS = 8
MIDDLE = 13.0
GAP = 3.4


@dataclass(frozen=True)
class SluiceSide:
    """One side of a sluice mark: where its threads run, its number, and whether it is dry."""

    count: int
    lines: tuple[float, ...]
    dry: bool


def sluice_side(count: int, dry: bool) -> SluiceSide:
    """Threads around the middle, one per link up to eight; a dry side only where nothing is."""
    drawn = min(count, MOST_THREADS)
    lines = tuple(round(MIDDLE + (i - (drawn - 1) / 2) * GAP, 1) for i in range(drawn))
    return SluiceSide(count, lines, dry and count == 0)


# --- figures that disagree, in rows ----------------------------------------------------------------


@dataclass(frozen=True)
class FigureRow:
    """One reported value with who reported it, for what, and when.

    `low` and `high` are the ends of a reported range; `value` may be None when it is not published.
    `mark` is a word before the value (more than, about). `when` is a Span or None (undated); `when_text`
    stands instead of it where the source names no date one can compute with. `url` leads to the value.
    """

    value: Number | None
    unit: str
    reporter: str
    scope: str = ""
    when: Any = None
    low: Number | None = None
    high: Number | None = None
    source_label: str = ""
    source_url: str = ""
    mark: str = ""
    url: str = ""
    when_text: str = ""

    @property
    def reports_itself(self) -> bool:
        """Whether the source is the reporter, so that its name need not stand twice."""
        return self.source_label.partition(" · ")[0] == self.reporter

    @property
    def number(self) -> str:
        """The value, or the ends of its range."""
        if self.value is None:
            return f"{amount_text(self.low)}–{amount_text(self.high)}"
        return amount_text(self.value)


STEPS = (
    Decimal(1),
    Decimal("1.2"),
    Decimal("1.6"),
    Decimal(2),
    Decimal("2.5"),
    Decimal(4),
    Decimal(5),
    Decimal(8),
)


def scale_end(rows: Iterable[FigureRow]) -> Decimal:
    """The right end of the common scale: a round number at or above the largest value; 1 when all are 0."""
    largest = max((_top(row) for row in rows), default=Decimal(0))
    if largest <= 0:
        return Decimal(1)
    magnitude = Decimal(10) ** largest.adjusted()
    return next((step * magnitude for step in STEPS if step * magnitude >= largest), 10 * magnitude)


def _top(row: FigureRow) -> Decimal:
    return max(Decimal(str(number)) for number in (row.value or 0, row.high or 0, row.low or 0))


def per_cent(number: Number | None, end: Decimal) -> float | None:
    """Where a number lies on the scale from 0 to `end`, in per cent, kept within the picture."""
    if number is None:
        return None
    return round(float(min(max(Decimal(str(number)) / end, Decimal(0)), Decimal(1))) * 100, 1)


# --- equal streams into one home -------------------------------------------------------------------

THREADS_PER_STREAM = 5


@dataclass(frozen=True)
class Stream:
    """A group that is a member of the city, in the words it uses itself, and a note under its name."""

    name: str
    note: str = ""


def stream_paths(count: int) -> list[str]:
    """Curves in a box of 100 by 100: five threads for every group, equal because no number is known."""
    if count < 1:
        return []
    start_gap, end_gap = 3.6 / count, 4.08 / count
    total = count * THREADS_PER_STREAM
    paths = []
    for thread in range(total):
        stream, place = divmod(thread, THREADS_PER_STREAM)
        start = (stream + 0.5) * 100 / count + (place - 2) * start_gap
        end = 50 + (thread - (total - 1) / 2) * end_gap
        paths.append(f"M0 {start:.2f}C50 {start:.2f} 45 {end:.2f} 100 {end:.2f}")
    return paths


# --- the map along the canals ----------------------------------------------------------------------


@dataclass(frozen=True)
class MapCity:
    """A city on the schematic map, placed by `x` and `y` or by its slug; otherwise it is only listed."""

    slug: str
    name: str
    url: str = ""
    published: bool = False
    note: str = ""
    x: float | None = None
    y: float | None = None


@dataclass(frozen=True)
class Placed:
    city: MapCity
    x: float
    y: float
    label_x: float
    label_y: float
    anchor: str
    at_sea: bool = False


PLACES: dict[str, tuple[float, float, float, float, str, bool]] = {
    "tanotduan": (160, 60, 146, 66, "end", False),
    "boyang": (398, 288, 456, 272, "end", True),
    "khuanlang": (286, 400, 270, 396, "end", False),
    "phatong": (366, 440, 382, 446, "start", False),
    "padangbesar": (254, 482, 240, 500, "end", False),
    "langu": (98, 424, 84, 414, "end", False),
}
"""City mark (x, y), label (x, y), anchor, and whether the label lies on water, by slug without hyphens."""


def placed(cities: Sequence[MapCity]) -> list[Placed]:
    """The cities that have a place on the map, in the order given."""
    found = []
    for city in cities:
        known = PLACES.get(city.slug.replace("-", "").replace("_", "").lower())
        if city.x is not None and city.y is not None:
            found.append(Placed(city, city.x, city.y, city.x + 16, city.y + 6, "start"))
        elif known:
            found.append(Placed(city, *known))
    return found


# --- a timeline ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moment:
    """An event on a timeline: a Span or None (undated), what happened, and who says so."""

    when: Any
    text: str
    source: str = ""
    source_url: str = ""
    url: str = ""
    note: str = ""
    when_text: str = ""

    @property
    def is_title(self) -> bool:
        """Whether the text is short enough to be a link itself."""
        return len(self.text) <= 80

"""The small plot of an indicator: baseline, target, values, drawn beside the words that say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from khlong.strategy.models import Indicator
from khlong.strategy.values import Point
from khlong.thai.dates import Span, format_span
from khlong.thai.spans import BE_OFFSET
from khlong.ui.text import language

TOP, FLOOR = 20.0, 84.0
"""Where the highest and the lowest value lie, in units of a drawing of 118."""
LINE, HIGHEST, LOWEST = 15.0, 12.0, 88.0
"""How high a line of words is, and between which heights one may stand."""
ALONGSIDE = 50.0
"""A dot further to the right than this has the word of the target beside it."""
NARROW = 24.0
"""Two words nearer than this to each other, in per cent of the width, would overlap."""


@dataclass(frozen=True)
class Dot:
    """A value in the drawing: `x` in per cent of the width, `y` in units. `is_base` is the baseline's."""

    x: float
    y: float
    value: Decimal
    day: date
    is_base: bool = False
    worded: bool = True

    @property
    def word_x(self) -> float:
        return self.x + 3.5

    @property
    def word_y(self) -> float:
        """The number stands a little above the middle of its dot, and never above the drawing."""
        return max(self.y - 3, 14.0)

    @property
    def month(self) -> str:
        """The month of the value as it stands under the drawing; of a baseline the year alone."""
        return format_span(
            Span.from_iso(f"{self.day:%Y}" if self.is_base else f"{self.day:%Y-%m}"), language(), "short"
        )


@dataclass(frozen=True)
class Plot:
    """Dots from left to right in time, and the height of the target's line."""

    dots: tuple[Dot, ...]
    target: Decimal | None
    target_y: float | None

    @property
    def first(self) -> Dot:
        return self.dots[0]

    @property
    def last(self) -> Dot:
        return self.dots[-1]

    @property
    def target_above(self) -> bool:
        """Whether the word of the target stands over its line rather than under it."""
        return self.target_y is not None and self.target_y > (TOP + FLOOR) / 2

    @property
    def target_word_y(self) -> float:
        """Over or under its line, wherever it keeps clear of the number at the last dot."""
        line, last = self.target_y or 0.0, self.last
        over, under = line - 6.0, line + 18.0
        wanted = [over, under] if self.target_above else [under, over]
        clear = [y for y in wanted if abs(y - last.word_y) >= LINE and HIGHEST <= y <= LOWEST]
        if last.x < ALONGSIDE or not last.worded:
            return wanted[0]
        return clear[0] if clear else max(min(over, last.word_y) - LINE, HIGHEST)


def plot_of(indicator: Indicator, points: Sequence[Point]) -> Plot | None:
    """The drawing of an indicator; None while no value is kept: a baseline alone is said in words."""
    if not points:
        return None
    known = [(point.end, point.value, False) for point in points]
    if indicator.baseline is not None and indicator.baseline_year:
        known.insert(0, (date(indicator.baseline_year - BE_OFFSET, 12, 31), indicator.baseline, True))
    known.sort(key=lambda row: row[0])
    amounts = [value for _day, value, _base in known]
    target = indicator.target
    low, high = _ends([*amounts, *([target] if target is not None else [])])
    first, last = known[0][0], known[-1][0]
    dots = [
        Dot(_across(day, first, last), _down(value, low, high), value, day, base)
        for day, value, base in known
    ]
    target_y = _down(target, low, high) if target is not None else None
    return Plot(tuple(_worded(dots)), target, target_y)


def _ends(amounts: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """The ends of the scale: from nought where all is above it, so that no difference looks larger than it is."""
    low, high = min(*amounts, Decimal(0)), max(*amounts, Decimal(0))
    return (low, high) if high > low else (low, low + 1)


def _across(day: date, first: date, last: date) -> float:
    days = (last - first).days
    return round(4 + 78 * ((day - first).days / days), 1) if days else 4.0


def _down(value: Decimal, low: Decimal, high: Decimal) -> float:
    share = float((value - low) / (high - low))
    return round(FLOOR - share * (FLOOR - TOP), 1)


def _worded(dots: list[Dot]) -> list[Dot]:
    """The first and the last value bear their numbers, unless they lie so near that one of them is enough."""
    made = []
    for at, dot in enumerate(dots):
        is_end = at in {0, len(dots) - 1}
        near = at == 0 and len(dots) > 1 and dots[-1].x - dot.x < NARROW
        made.append(Dot(dot.x, dot.y, dot.value, dot.day, dot.is_base, worded=is_end and not near))
    return made

"""A day, a month, a year, or a range of one of them: how precisely something is dated is kept."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

Precision = Literal["day", "month", "year"]
DateCode = Literal["empty", "not_a_date", "other_era", "reversed", "out_of_range"]

BE_OFFSET = 543
CE_YEARS = range(1800, 2201)
BE_YEARS = range(CE_YEARS.start + BE_OFFSET, CE_YEARS.stop + BE_OFFSET)


class DateError(ValueError):
    """A date that cannot be read or kept.

    `code` is one of empty, not_a_date, other_era, reversed, out_of_range; `suggestion` is what was
    probably meant, ready to be read again by the same function, or None.
    """

    def __init__(self, code: DateCode, message: str, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.code: DateCode = code
        self.suggestion = suggestion


@dataclass(frozen=True, order=True)
class Span:
    """First and last day, both included, and the precision they were given in.

    A month span starts on the first and ends on the last day of a month, a year span on 1 January
    and 31 December. Years are CE, 1800 to 2200. Sorts by start, then end. Raises DateError.
    """

    start: date
    end: date
    precision: Precision = "day"

    def __post_init__(self) -> None:
        check_ce_year(self.start)
        check_ce_year(self.end)
        if self.end < self.start:
            raise DateError("reversed", "The end is before the start.")
        if not self._is_whole():
            raise DateError("not_a_date", f"This does not begin and end with a whole {self.precision}.")

    def _is_whole(self) -> bool:
        if self.precision == "day":
            return True
        first, last = self.start, self.end
        whole_months = first.day == 1 and last.day == monthrange(last.year, last.month)[1]
        return whole_months and (self.precision == "month" or (first.month, last.month) == (1, 12))

    @classmethod
    def day(cls, d: date) -> Span:
        """One day."""
        return cls(d, d, "day")

    @classmethod
    def month(cls, y: int, m: int) -> Span:
        """One month of a CE year."""
        return cls(make_date(y, m, 1), last_of_month(y, m), "month")

    @classmethod
    def year(cls, y: int) -> Span:
        """One calendar year, CE."""
        return cls(make_date(y, 1, 1), make_date(y, 12, 31), "year")

    @classmethod
    def from_iso(cls, text: str) -> Span:
        """Read "2022-09-03", "2022-09", "2022", or two of a kind with a slash between; CE only.

        A year of 2343 or more is refused as Buddhist era (`other_era`), with the CE form suggested.
        """
        plain = text.strip()
        if not plain:
            raise DateError("empty", "No date was given.")
        parts = [_iso_numbers(part) for part in plain.split("/", 1)]
        if any(part[0] >= BE_YEARS.start for part in parts):
            raise _buddhist(plain)
        spans = [_BY_PARTS[len(part)](*part) for part in parts]
        return join_spans(spans[0], spans[-1])

    def iso(self) -> str:
        """The shortest text that from_iso reads back to this span."""
        length = {"day": 10, "month": 7, "year": 4}[self.precision]
        first, last = self.start.isoformat()[:length], self.end.isoformat()[:length]
        return first if first == last else f"{first}/{last}"

    def is_single(self) -> bool:
        """Whether this is one day, one month or one year rather than a range of them."""
        return "/" not in self.iso()


_ISO = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_BY_PARTS: dict[int, Callable[..., Span]] = {
    1: Span.year,
    2: Span.month,
    3: lambda y, m, d: Span.day(make_date(y, m, d)),
}


def _iso_numbers(part: str) -> list[int]:
    match = _ISO.fullmatch(part)
    if match is None:
        raise DateError("not_a_date", "This is not a date in the form 2022-09-03, 2022-09 or 2022.")
    return [int(number) for number in match.groups() if number]


def _buddhist(whole: str) -> DateError:
    ce = re.sub(r"[0-9]{4}", lambda year: _to_ce(year[0]), whole)
    return DateError("other_era", f"The year looks like Buddhist era; in CE this is {ce}.", ce)


def _to_ce(year: str) -> str:
    return f"{int(year) - BE_OFFSET:04d}" if int(year) >= BE_YEARS.start else year


def join_spans(first: Span, last: Span) -> Span:
    """The range from one span to another of the same precision. Raises DateError."""
    if first.precision != last.precision:
        raise DateError("not_a_date", "A range needs two days, two months or two years.")
    if last.start < first.start:
        turned = f"{last.iso()}/{first.iso()}"
        raise DateError("reversed", "The end is before the start.", turned)
    return Span(first.start, last.end, first.precision)


def make_date(year: int, month: int, day: int) -> date:
    """A date of the CE calendar; DateError instead of a bare ValueError."""
    if not 1 <= year <= 9999:
        raise DateError("out_of_range", f"The year {year} is out of range.")
    if not 1 <= month <= 12:
        raise DateError("not_a_date", f"There is no month {month}.")
    try:
        return date(year, month, day)
    except ValueError:
        raise DateError("not_a_date", f"Month {month} of {year} has no day {day}.") from None


def last_of_month(year: int, month: int) -> date:
    """The last day of a month of a CE year."""
    return make_date(year, month, monthrange(year, make_date(year, month, 1).month)[1])


def check_ce_year(d: date) -> None:
    """Refuse a date outside 1800-2200 CE, and say so when its year looks like Buddhist era."""
    if d.year in BE_YEARS:
        ce = d.year - BE_OFFSET
        raise DateError("other_era", f"The year {d.year} looks like Buddhist era; in CE it is {ce}.", str(ce))
    if d.year not in CE_YEARS:
        raise DateError("out_of_range", f"The year {d.year} is out of range.")


def fiscal_year(d: date) -> int:
    """The Thai fiscal year a day falls in, BE; year N runs from 1 October N-1 to 30 September N."""
    return d.year + BE_OFFSET + (d.month >= 10)


def fiscal_year_span(be: int) -> Span:
    """The days of a Thai fiscal year, given in BE. Raises DateError, also for a CE year."""
    if be in CE_YEARS:
        meant = str(be + BE_OFFSET)
        raise DateError("other_era", f"A fiscal year is given in Buddhist era: {meant}.", meant)
    ce = be - BE_OFFSET
    return Span(make_date(ce - 1, 10, 1), make_date(ce, 9, 30))

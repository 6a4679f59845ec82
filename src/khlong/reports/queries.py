"""What pages and papers ask about a logframe."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet

from khlong.network.counts import is_few
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.pilots.models import Value
from khlong.pilots.queries import works_here
from khlong.pilots.rules import PEOPLE
from khlong.reports.models import FrozenValue, Line, Logframe, Period, Result, ResultLevel
from khlong.reports.reckoning import Reckoned, reckon
from khlong.strategy.models import Indicator


def seen_logframes(actor: Actor) -> QuerySet[Logframe]:
    return scope(actor, Logframe.objects.select_related("node__space", "programme__node"))


def lines_of(logframe: Logframe) -> QuerySet[Line]:
    """The lines of a logframe in its order, with their indicators; two queries."""
    others = Prefetch("from_cities", Indicator.objects.select_related("node", "city"))
    rows = Line.objects.filter(result__logframe=logframe).select_related(
        "indicator__node", "result__logframe__node"
    )
    return rows.prefetch_related(others).order_by("result__level", "result__order", "result", "order", "pk")


@dataclass(frozen=True)
class Row:
    """A line with its value in a period: as it was frozen, and as the records give it now."""

    line: Line
    now: Reckoned
    frozen: FrozenValue | None
    seen: tuple[Value, ...]
    few: bool = False
    """Whether it counts so few people that this reader is not told how many."""
    unpublished: bool = False
    """Whether what the records give now is made of values that a city has not published, for a reader who works
    neither there nor in the programme: from the number and the published parts she could reckon them.
    """

    @property
    def value(self) -> Decimal | None:
        """What stands in the report: the frozen value, once there is one."""
        return self.frozen.value if self.frozen else self.now.value

    @property
    def year(self) -> int | None:
        """The year (CE) of the value that stands in the report."""
        if self.frozen is not None:
            days = [str(one["to"]) for one in self.frozen.inputs.get("values", [])]
            return int(max(days)[:4]) if days else None
        return max((value.period_to.year for value in self.now.made_of), default=None)

    @property
    def moved(self) -> bool:
        """Whether the records give another value now than was frozen."""
        return self.frozen is not None and self.frozen.value != self.now.value

    @property
    def withheld(self) -> bool:
        """Whether its number is kept back: it is made of unpublished values, and nobody reported it yet."""
        return self.frozen is None and self.unpublished

    @property
    def tells_now(self) -> bool:
        """Whether this reader is told that the records say something else by now."""
        return self.moved and not self.few and not self.unpublished

    @property
    def hidden(self) -> int:
        """How many of the values it is made of the reader may not open."""
        return len(self.now.made_of) - len(self.seen)


@dataclass(frozen=True)
class Chapter:
    """A result with its lines."""

    result: Result
    rows: list[Row]


@dataclass(frozen=True)
class Frame:
    """A logframe in a period, as a reader sees it: results by level, none missing."""

    logframe: Logframe
    period: Period | None
    levels: list[tuple[ResultLevel, list[Chapter]]]

    @property
    def is_empty(self) -> bool:
        return not any(chapters for _level, chapters in self.levels)

    @property
    def rows(self) -> list[Row]:
        return [row for _level, chapters in self.levels for chapter in chapters for row in chapter.rows]


def frame_of(
    actor: Actor, logframe: Logframe, period: Period | None, cities: Collection[Any] | None = None
) -> Frame:
    """A logframe with the values of a period; a bounded number of queries whatever its length."""
    lines = list(lines_of(logframe))
    found = reckon(lines, period.begins, period.ends, cities) if period else {}
    keys = {value.pk for one in found.values() for value in one.made_of}
    seen = scope(actor, Value.objects.select_related("node__space")).in_bulk(keys) if keys else {}
    frozen = {row.line_id: row for row in FrozenValue.objects.filter(period=period)} if period else {}
    inside = works_here(actor, logframe.space_id)
    rows: dict[int, list[Row]] = {}
    for line in lines:
        now = found.get(line.pk) or Reckoned(None, "")
        shown = tuple(seen[value.pk] for value in now.made_of if value.pk in seen)
        held = frozen.get(line.pk)
        few = _counts_few(actor, now, held)
        rows.setdefault(line.result_id, []).append(
            Row(line, now, held, shown, few, not inside and len(shown) < len(now.made_of))
        )
    results = list(Result.objects.filter(logframe=logframe).select_related("logframe__node"))
    levels = [
        (level, [Chapter(one, rows.get(one.pk, [])) for one in results if one.level == level])
        for level in ResultLevel
    ]
    return Frame(logframe, period, levels)


def _counts_few(actor: Actor, now: Reckoned, frozen: FrozenValue | None) -> bool:
    """Whether a part of the value, now or as it was frozen, counts fewer than five people of others' cities."""
    people = {
        value.node.ref
        for value in now.made_of
        if value.rule in PEOPLE and not works_here(actor, value.node.space_id)
    }
    numbers = [value.value for value in now.made_of if value.node.ref in people]
    told = frozen.inputs.get("values", []) if frozen else []
    numbers += [Decimal(one["value"]) for one in told if one["ref"] in people]
    return any(is_few(int(number)) for number in numbers)


def period_of(logframe: Logframe, asked: str = "") -> Period | None:
    """The period of this key or name, or the latest."""
    rows = sorted(logframe.periods.all(), key=lambda row: (row.begins, row.pk), reverse=True)
    wanted = [row for row in rows if not asked or asked in {str(row.pk), row.name_th, row.name_en}]
    return wanted[0] if wanted else None

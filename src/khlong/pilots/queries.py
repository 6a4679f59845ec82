"""What pages ask about pilots, their money, and values of indicators."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, F, OuterRef, Prefetch, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse

from khlong.chain.models import Node
from khlong.chain.policies import READERS
from khlong.network.counts import Line, is_few, line, total_words
from khlong.network.models import Attendance
from khlong.people.actor import Actor
from khlong.people.policy import Verb, can, scope
from khlong.pilots.models import (
    Expense,
    ExpenseState,
    MoneyLine,
    Pilot,
    PilotActivity,
    Value,
)
from khlong.pilots.rules import PEOPLE
from khlong.strategy.models import Indicator
from khlong.strategy.values import Point, enters, series

ACTIVITIES = 6


def works_here(actor: Actor, space: UUID | None) -> bool:
    """Whether somebody reads small numbers and single expenses: who has a role in the city, and stewards."""
    return actor.is_system or actor.is_steward or actor.holds(space, *READERS)


def seen_pilots(actor: Actor) -> QuerySet[Pilot]:
    """The pilots that a reader may see, the latest begun first, the undated last on every database."""
    rows = scope(actor, Pilot.objects.select_related("node__space", "city__node"))
    return rows.order_by(F("starts_on").desc(nulls_last=True), "sort_key")


def seen_values(actor: Actor) -> QuerySet[Value]:
    rows = Value.objects.select_related("node__space", "indicator__node__space", "pilot__node")
    return scope(actor, rows)


def _sum_of(state: ExpenseState, path: str = "line") -> Coalesce:
    rows = Expense.objects.filter(**{path: OuterRef("pk")}, state=state).order_by().values(path)
    return Coalesce(Subquery(rows.annotate(n=Sum("satang")).values("n"), output_field=BigIntegerField()), 0)


def with_spent(rows: QuerySet[MoneyLine]) -> QuerySet[MoneyLine]:
    """Lines of budgets, each with `spent` and `asked` (waiting for approval) in satang."""
    return rows.annotate(spent=_sum_of(ExpenseState.APPROVED), asked=_sum_of(ExpenseState.WAITING))


def lines_of(pilot: Pilot) -> QuerySet[MoneyLine]:
    """The lines of a budget, each with `spent` and `asked` (waiting for approval) in satang; one query."""
    return with_spent(MoneyLine.objects.filter(pilot=pilot).select_related("funder__node"))


@dataclass(frozen=True)
class Budget:
    """The money of a pilot in sums, as everybody reads them."""

    lines: list[Any]

    @property
    def planned(self) -> int:
        return sum(row.satang for row in self.lines)

    @property
    def spent(self) -> int:
        return sum(row.spent for row in self.lines)

    @property
    def asked(self) -> int:
        return sum(row.asked for row in self.lines)

    @property
    def left(self) -> int:
        return self.planned - self.spent

    @property
    def percent(self) -> int:
        return min(100, round(100 * self.spent / self.planned)) if self.planned else 0

    @property
    def rows(self) -> list[tuple[Any, int, int]]:
        """Each line with what is left on it, and the share that is spent in percent."""
        return [(row, row.satang - row.spent, _percent(row.spent, row.satang)) for row in self.lines]


def _percent(part: int, whole: int) -> int:
    return min(100, round(100 * part / whole)) if whole else (100 if part else 0)


@dataclass(frozen=True)
class Came:
    """Who came to an activity, as far as the reader may know."""

    lines: list[Line]
    total: str


def activities_of(pilot: Pilot) -> QuerySet[PilotActivity]:
    """A pilot's activities, newest first, with their photos and the numbers of who came; two queries."""
    numbers = Attendance.objects.select_related("group", "organisation__node")
    rows = PilotActivity.objects.filter(pilot=pilot)
    rows = rows.select_related("meeting__node", "before__blob", "after__blob")
    return rows.prefetch_related(Prefetch("meeting__attendance", numbers))


def came(actor: Actor, row: PilotActivity) -> Came | None:
    """Who came to the meeting of an activity, where the reader sees the meeting."""
    if row.meeting is None or not can(actor, Verb.VIEW, row.meeting):
        return None
    whole = works_here(actor, row.meeting.space_id)
    found = list(row.meeting.attendance.all())
    return Came([line(one, whole=whole) for one in found], total_words(found, whole=whole))


def expenses_of(actor: Actor, pilot: Pilot) -> QuerySet[Expense]:
    rows = Expense.objects.filter(pilot=pilot).select_related("line", "receipt__blob")
    return scope(actor, rows)


def records_of(actor: Actor, value: Value) -> tuple[list[Node], int]:
    """The things that a value was computed from, as far as the reader sees them, and how many more there are."""
    refs = [str(ref) for ref in value.inputs.get("refs", [])]
    if not refs:
        return [], int(value.inputs.get("more", 0))
    seen = list(scope(actor, Node.objects.filter(ref__in=refs).select_related("space")).order_by("ref"))
    return seen, len(refs) - len(seen) + int(value.inputs.get("more", 0))


@series
def kept_values(actor: Actor, keys: Collection[UUID]) -> Mapping[UUID, list[Point]]:
    """The kept values of indicators, of the whole city or of a pilot each; one query."""
    found: dict[UUID, list[Point]] = {}
    rows = scope(actor, Value.objects.filter(indicator__in=keys).select_related("node", "indicator"))
    for row in rows:
        if not hides_small(actor, row):
            point = Point(row.period_from, row.period_to, row.value, row.ref, row.get_absolute_url())
            found.setdefault(row.indicator_id, []).append(point)
    return found


def hides_small(actor: Actor, value: Value) -> bool:
    """Whether a value is a number of people under five, which only who works in the city may read."""
    counts_people = value.rule in PEOPLE
    return counts_people and is_few(int(value.value)) and not works_here(actor, value.space_id)


@enters
def value_form(indicator: Node) -> str:
    """Where a value of an indicator is entered: in its city; of a programme's, beside the indicator itself."""
    slug = Indicator.objects.filter(pk=indicator.pk).values_list("city__slug", flat=True).first()
    if slug is None:
        return ""
    return f"{reverse('pilots:add_value', args=[slug])}?indicator={indicator.ref}"

"""Rules of this room: what the records of a city say of an indicator in a period.

A rule counts all records of the indicator's city (of all cities, where it is the programme's), whoever asks: a number
must not depend on its reader. What a reader may see of the records is decided when they are shown. Refs name things
of the chain, at most MOST_REFS of them; counts name groups and states, never people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from khlong.assessment.models import Finding
from khlong.network.models import Attendance, Meeting
from khlong.pilots.models import Expense, ExpenseState, Pilot, PilotState
from khlong.register.models import Statement
from khlong.strategy.models import Indicator
from khlong.strategy.values import Computed, provider
from khlong.thai.dates import Span

MOST_REFS = 200
PEOPLE = frozenset({"network.attendance", "register.households"})
"""Rules that count people or households: their small numbers are for the working group only."""


def _made(rule: str, value: int | Decimal, refs: Iterable[str], counts: dict[str, Any]) -> Computed:
    found = sorted(set(refs))
    return Computed(
        Decimal(value),
        {"rule": rule, "refs": found[:MOST_REFS], "more": max(0, len(found) - MOST_REFS), "counts": counts},
    )


def _here(rows: QuerySet[Any], indicator: Indicator, path: str = "node__space") -> QuerySet[Any]:
    """The rows of the indicator's city; all of the cities for an indicator of the programme."""
    return rows.filter(**{path: indicator.city.node}) if indicator.city is not None else rows


def _within(span: Span | None, begins: date, ends: date) -> bool:
    return span is not None and begins <= span.start and span.end <= ends


def _meetings(indicator: Indicator, begins: date, ends: date) -> dict[Any, str]:
    """References of the meetings that were held in the period, by key. The undated are not among them."""
    rows = _here(Meeting.objects.all(), indicator).exclude(date=None)
    found = rows.order_by("pk").values_list("pk", "node__ref", "date")
    return {pk: ref for pk, ref, span in found if _within(span, begins, ends)}


def meetings_held(indicator: Indicator, begins: date, ends: date) -> Computed:
    """Meetings whose days lie within the period. Two queries."""
    held = _meetings(indicator, begins, ends)
    undated = _here(Meeting.objects.filter(date=None), indicator).count()
    return _made("network.meetings", len(held), held.values(), {"meetings": len(held), "undated": undated})


def people_who_came(indicator: Indicator, begins: date, ends: date) -> Computed:
    """The sum of the numbers of those who came to these meetings, by group; who came twice counts twice."""
    held = _meetings(indicator, begins, ends)
    rows = Attendance.objects.filter(meeting__in=list(held), presence="came")
    groups: Counter[str] = Counter()
    refs, unknown = set(), 0
    for row in rows.select_related("group", "organisation"):
        refs.add(held[row.meeting_id])
        if row.attended is None:
            unknown += 1
        else:
            groups[row.group.name_th if row.group else row.name] += row.attended
    counts = {"groups": dict(sorted(groups.items())), "meetings": len(refs), "unknown": unknown}
    return _made("network.attendance", sum(groups.values()), refs, counts)


def expenses_approved(indicator: Indicator, begins: date, ends: date) -> Computed:
    """Baht of approved expenses, paid in the period, of the pilots that move the indicator."""
    rows = Expense.objects.filter(state=ExpenseState.APPROVED, paid_on__gte=begins, paid_on__lte=ends)
    rows = rows.filter(pilot__indicators=indicator)
    found = rows.order_by("pilot").values_list("pilot__node__ref").annotate(n=Sum("satang"))
    sums = {ref: int(satang) for ref, satang in found}
    counts = {"expenses": rows.count(), "satang": sums}
    return _made("pilots.expenses", Decimal(sum(sums.values())) / 100, sums, counts)


def households_heard(indicator: Indicator, begins: date, ends: date) -> Computed:
    """Households of which a statement was written down in the period. Counts alone: no household is named."""
    rows = _here(Statement.objects.filter(said_on__gte=begins, said_on__lte=ends), indicator)
    households = rows.order_by().values("household").distinct().count()
    return _made(
        "register.households", households, (), {"households": households, "statements": rows.count()}
    )


def _pilots(indicator: Indicator, begins: date, ends: date, states: tuple[str, ...]) -> list[tuple[str, str]]:
    rows = _here(Pilot.objects.filter(state__in=states), indicator)
    rows = rows.exclude(starts_on__gt=ends).exclude(ends_on__lt=begins)
    return list(rows.order_by("node__ref").values_list("node__ref", "state"))


def pilots_begun(indicator: Indicator, begins: date, ends: date) -> Computed:
    """Pilots that run or are done and whose time touches the period."""
    found = _pilots(indicator, begins, ends, (PilotState.RUNNING, PilotState.DONE))
    states = Counter(state for _ref, state in found)
    return _made("pilots.begun", len(found), (ref for ref, _state in found), {"states": dict(states)})


def pilots_done(indicator: Indicator, begins: date, ends: date) -> Computed:
    """Pilots that are done and ended within the period."""
    rows = _here(Pilot.objects.filter(state=PilotState.DONE), indicator)
    refs = list(rows.filter(ends_on__gte=begins, ends_on__lte=ends).values_list("node__ref", flat=True))
    return _made("pilots.done", len(refs), refs, {"pilots": len(refs)})


def findings_validated(indicator: Indicator, begins: date, ends: date) -> Computed:
    """Findings that a meeting checked on a day of the period."""
    rows = _here(Finding.objects.filter(validated_on__gte=begins, validated_on__lte=ends), indicator)
    refs = list(rows.values_list("node__ref", flat=True))
    return _made("assessment.validated", len(refs), refs, {"findings": len(refs)})


provider("network.meetings", _("meetings held in the period"), meetings_held)
provider(
    "network.attendance", _("people who came to meetings in the period, counted each time"), people_who_came
)
provider("pilots.expenses", _("approved expenses of the pilots that move it, in baht"), expenses_approved)
provider("pilots.begun", _("pilots that run or are done"), pilots_begun)
provider("pilots.done", _("pilots that ended in the period and are done"), pilots_done)
provider("register.households", _("households that said something in the period"), households_heard)
provider("assessment.validated", _("findings that a meeting checked in the period"), findings_validated)

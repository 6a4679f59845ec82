"""What waits for somebody in a pilot: expenses that others entered, one's own that came back, steps that are late."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khlong.chain.models import Kind
from khlong.chain.policies import written_by
from khlong.people.actor import Actor
from khlong.pilots.models import Expense, ExpenseState, PilotState, WorkStep
from khlong.record.waits import MOST, Wait, waits


def to_approve(actor: Actor) -> QuerySet[Expense]:
    """Expenses of the actor's own cities that wait, never one's own."""
    rows = Expense.objects.filter(written_by(actor, Kind.PILOT, "pilot__node__"), state=ExpenseState.WAITING)
    return rows.exclude(entered_by=actor.label)


@waits(count=to_approve)
def approvals(actor: Actor) -> Iterable[Wait]:
    """Expenses that wait for approval; one query."""
    rows = to_approve(actor).select_related("pilot__node__space", "pilot__city")
    for row in rows.order_by("paid_on", "pk")[:MOST]:
        yield Wait(
            f"{row.text} ({row.pilot.name})",
            reverse("pilots:expense", args=[row.ref, row.pk]),
            row.paid_on,
            kind=_("expenses that wait for approval"),
            city=row.pilot.city.name,
            is_example=row.pilot.node.space_is_example,
            button=_("See the receipt and decide"),
        )


def came_back(actor: Actor) -> QuerySet[Expense]:
    """One's own expenses that somebody returned."""
    rows = Expense.objects.filter(written_by(actor, Kind.PILOT, "pilot__node__"), state=ExpenseState.RETURNED)
    return rows.filter(entered_by=actor.label)


@waits(count=came_back)
def returned(actor: Actor) -> Iterable[Wait]:
    """Expenses to be put right; one query."""
    rows = came_back(actor).select_related("pilot__node__space", "pilot__city")
    for row in rows.order_by("decided_on", "pk")[:MOST]:
        yield Wait(
            f"{row.text} ({row.pilot.name})",
            reverse("pilots:expense", args=[row.ref, row.pk]),
            row.decided_on or row.paid_on,
            kind=_("expenses that came back"),
            city=row.pilot.city.name,
            is_example=row.pilot.node.space_is_example,
            button=_("Put it right"),
        )


def late_steps(actor: Actor) -> QuerySet[WorkStep]:
    """Steps of pilots of the actor's own cities that are overdue and not done."""
    rows = WorkStep.objects.filter(written_by(actor, Kind.PILOT, "pilot__node__"), done_on=None)
    live = (PilotState.PLANNED, PilotState.RUNNING)
    return rows.filter(due__lt=timezone.localdate(), pilot__state__in=live)


@waits(count=late_steps)
def steps(actor: Actor) -> Iterable[Wait]:
    """Steps that should be done by now; one query."""
    rows = late_steps(actor).select_related("pilot__node__space", "pilot__city")
    for row in rows.order_by("due", "pk")[:MOST]:
        assert row.due is not None
        yield Wait(
            f"{row.text} ({row.pilot.name})",
            reverse("pilots:edit_step", args=[row.ref, row.pk]),
            row.due,
            row.due,
            kind=_("steps of pilots"),
            city=row.pilot.city.name,
            is_example=row.pilot.node.space_is_example,
            button=_("Say when it was done"),
        )

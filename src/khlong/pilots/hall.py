"""What a hall takes along and brings home of pilots, with photos and evidence. Expenses are read in the hall with their
receipts, but money is entered and decided of on the city's server alone: in a hall its actions are refused, in words
that say where. What an older hall let in is named when it is closed. Hand-over files and values that were computed
from what the hall knew stay there.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from khlong.chain.hall.documents import RowDocument, ThingDocument, Work, register, stays_in_the_hall
from khlong.chain.hall.threeway import Rules, Values
from khlong.chain.hall.travel import travels
from khlong.chain.models import Node, Visibility
from khlong.people.actor import Actor
from khlong.pilots import actions, values
from khlong.pilots.models import (
    Change,
    Expense,
    Lesson,
    MoneyLine,
    Pilot,
    PilotActivity,
    Value,
    WorkStep,
)

PHOTOS, AGREE = ("before", "after"), "shown_agree"


def show_pilot(actor: Actor, pilot: Pilot, visibility: Visibility) -> None:
    """Publish a pilot or take it back, as its buttons do."""
    if visibility == Visibility.PUBLIC:
        actions.publish_pilot(actor, pilot)
    else:
        actions.withdraw_pilot(actor, pilot)


def save_line(actor: Actor, line: MoneyLine, given: Any) -> MoneyLine:
    """A line of the budget; that it was changed in a hall is the reason."""
    return actions.save_line(actor, line, given, why=str(_("changed in a hall")))


class ValueDocument(ThingDocument):
    """Values that were entered with a file, a meeting or a report as their evidence."""

    def rows(self, space: Node) -> models.QuerySet[Any]:
        return super().rows(space).filter(rule="").exclude(evidence_node=None, evidence_file=None)


class ActivityDocument(RowDocument):
    """An activity with its photos. That people agreed to be shown holds for the photos of the side that says so."""

    def change(self, work: Work, key: str, values: Values, *, whole: Values) -> None:
        standing = self.plain(PilotActivity.objects.get(pk=key))
        agreed = {side[name] for side in (whole, standing) if side.get(AGREE) for name in PHOTOS}
        now = {**standing, **values}
        touched = any(name in values for name in (*PHOTOS, AGREE))
        if touched and now[AGREE] and not {now[name] for name in PHOTOS if now[name]} <= agreed:
            values = {**values, AGREE: False}
        super().change(work, key, values, whole=whole)


for _model in (WorkStep, MoneyLine, Change, Lesson, PilotActivity, Expense, Value):
    travels(_model)
register(ThingDocument(Pilot, actions.save_pilot, order=90, show=show_pilot))
register(RowDocument(WorkStep, actions.save_step, order=91, whole="pilot", take_away=actions.remove_step))
register(RowDocument(MoneyLine, save_line, order=91, whole="pilot", take_away=actions.remove_line))
register(RowDocument(Change, actions.save_change, order=92, whole="pilot"))
register(RowDocument(Lesson, actions.save_lesson, order=92, whole="pilot", take_away=actions.remove_lesson))
BOTH = Rules(together=tuple((name, f"{name}_alt") for name in PHOTOS))
register(ActivityDocument(PilotActivity, actions.save_activity, order=92, whole="pilot", rules=BOTH))
register(ValueDocument(Value, values.save_value, order=93))
stays_in_the_hall(
    "pilots.expense.save",
    _("Expenses entered in the hall stay there. Enter them here with their receipts."),
)
stays_in_the_hall(
    "pilots.expense.approve",
    _("What was approved in the hall is not approved here. Decide of it here again."),
)
stays_in_the_hall(
    "pilots.value.compute", _("Values computed in the hall stay there. Compute them here again.")
)

"""What a hall takes along and brings home of pilots. Files do not travel: expenses, photos and hand-over files that
were made in the hall stay there, and so do values that were computed from what the hall knew.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from khlong.chain.hall.documents import RowDocument, ThingDocument, register, stays_in_the_hall
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

PHOTOS = ("before", "before_alt", "after", "after_alt", "shown_agree")


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
    """Values that were entered with a meeting or a report as their evidence."""

    def rows(self, space: Node) -> models.QuerySet[Any]:
        return super().rows(space).filter(rule="").exclude(evidence_node=None)


for _model in (WorkStep, MoneyLine, Change, Lesson):
    travels(_model)
travels(PilotActivity, instead=dict.fromkeys(("before", "after"), None))
travels(Expense, instead={"receipt": None})
travels(Value, instead={"evidence_file": None})
register(ThingDocument(Pilot, actions.save_pilot, order=90, show=show_pilot))
register(RowDocument(WorkStep, actions.save_step, order=91, whole="pilot", take_away=actions.remove_step))
register(RowDocument(MoneyLine, save_line, order=91, whole="pilot", take_away=actions.remove_line))
register(RowDocument(Change, actions.save_change, order=92, whole="pilot"))
register(RowDocument(Lesson, actions.save_lesson, order=92, whole="pilot", take_away=actions.remove_lesson))
register(RowDocument(PilotActivity, actions.save_activity, order=92, whole="pilot", leave=PHOTOS))
register(ValueDocument(Value, values.save_value, order=93, leave=("evidence_file",)))
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

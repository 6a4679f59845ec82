"""Opening a round of review, changing it, and ending it early."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Kind
from khlong.chain.things import Values, keep_thing, new_thing
from khlong.deliberation.models import Round
from khlong.people.policy import Verb
from khlong.record.actions import Act, action
from khlong.record.errors import Refused
from khlong.record.limits import EDITS
from khlong.strategy.models import Plan, VersionState
from khlong.strategy.versions import open_review


def new_round(plan: Plan) -> Round:
    """An unsaved round, seen by who sees the plan."""
    node = plan.node
    made = new_thing(
        Round, Kind.ROUND, space=node.space, is_example=node.is_example, visibility=node.visibility
    )
    made.plan = plan
    return made


@action("deliberation.round.save", limit=EDITS)
def save_round(act: Act, round_: Round, values: Values, *, base: int | None = None, why: str = "") -> Round:
    """Open a round or change it; a draft that goes to people is from then on for review.

    Raises Refused, ValidationError by field, EditConflict.
    """
    version = values.get("version")
    if version is not None and version.plan_id != (values.get("plan") or round_.plan).pk:
        raise ValidationError({"version": _("This version belongs to another plan.")})
    kept = keep_thing(act, round_, values, base=base, why=why)
    if kept.version.state == VersionState.DRAFT:
        open_review(act.actor, kept.version)
    return kept


@action("deliberation.round.end")
def end_round(act: Act, round_: Round) -> Round:
    """Let today be the last day of a round. Raises Refused."""
    act.require(Verb.CHANGE, round_)
    today = timezone.localdate()
    if today < round_.opens_on:
        raise Refused(_("This round has not begun. Change its dates instead."))
    if today >= round_.ends_on:
        raise Refused(_("This round ends today or has ended already."))
    round_.closed_early_on = today
    round_.save(update_fields=["closed_early_on", "updated_at"])
    act.note(round_, fields=["closed_early_on"])
    return round_

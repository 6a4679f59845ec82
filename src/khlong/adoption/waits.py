"""What waits for somebody in this room: proposals that nobody has answered in time, and answers that came in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from khlong.adoption.models import Proposal, Step
from khlong.adoption.queries import overdue
from khlong.chain.models import Kind
from khlong.chain.policies import lies_with, written_by
from khlong.people.actor import Actor
from khlong.record.waits import MOST, Wait, waits


def late_replies(actor: Actor) -> QuerySet[Proposal]:
    """Of the actor's own cities: submitted, the day has passed, and nobody has answered."""
    return overdue(Proposal.objects.filter(written_by(actor, Kind.PROPOSAL)))


@waits(count=late_replies)
def replies(actor: Actor) -> Iterable[Wait]:
    """Answers that are overdue; one query."""
    rows = late_replies(actor).select_related("node__space", "organisation__node")
    for row in rows.order_by("reply_due", "pk")[:MOST]:
        assert row.reply_due is not None
        yield Wait(
            _("%(organisation)s has not answered: %(title)s")
            % {"organisation": row.organisation.short, "title": row.name},
            row.get_absolute_url(),
            row.reply_due,
            row.reply_due,
            kind=_("answers that are overdue"),
            city=row.node.space.title if row.node.space else "",
            is_example=row.node.space_is_example,
            button=_("See the proposal"),
        )


NEWS = timedelta(days=30)


def new_answers(actor: Actor) -> QuerySet[Step]:
    """What an office answered in the actor's own cities, while nothing was noted after it; for a month."""
    later = Step.objects.filter(proposal=OuterRef("proposal"), number__gt=OuterRef("number"))
    rows = Step.objects.filter(by_official=True, at__gt=timezone.now() - NEWS)
    return rows.filter(~Exists(later), lies_with(actor, "proposal"))


@waits(count=new_answers)
def answers(actor: Actor) -> Iterable[Wait]:
    """Answers that came in; one query."""
    rows = new_answers(actor).select_related("proposal__node__space", "proposal__organisation__node")
    for row in rows.order_by("at", "pk")[:MOST]:
        proposal = row.proposal
        yield Wait(
            _("%(organisation)s has answered: %(title)s")
            % {"organisation": proposal.organisation.short, "title": proposal.name},
            proposal.get_absolute_url(),
            row.at,
            kind=_("answers that came in"),
            city=proposal.node.space.title if proposal.node.space else "",
            is_example=proposal.node.space_is_example,
            button=_("Read it and note the next step"),
        )

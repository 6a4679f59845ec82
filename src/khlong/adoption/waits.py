"""What waits for somebody in this room: proposals that nobody has answered in time."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from khlong.adoption.models import Proposal
from khlong.adoption.queries import overdue
from khlong.chain.policies import WRITERS
from khlong.people.actor import Actor
from khlong.record.waits import MOST, Wait, waits


def late_replies(actor: Actor) -> QuerySet[Proposal]:
    """Of the actor's own cities: submitted, the day has passed, and nobody has answered."""
    return overdue(Proposal.objects.filter(node__space__in=actor.spaces(*WRITERS)))


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
            button=_("See the proposal"),
        )

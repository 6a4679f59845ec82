"""Plans that wait for their working group."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from khlong.chain.models import Kind, Visibility
from khlong.chain.policies import written_by
from khlong.people.actor import Actor
from khlong.record.waits import MOST, Wait, waits
from khlong.strategy.models import Plan


def own_drafts(actor: Actor) -> QuerySet[Plan]:
    """Plans of the actor's own cities that only their working groups see."""
    rows = Plan.objects.filter(written_by(actor, Kind.PLAN))
    return rows.filter(node__visibility=Visibility.MEMBERS)


@waits(count=own_drafts)
def drafts(actor: Actor) -> Iterable[Wait]:
    """Plans that are not published yet; one query."""
    for plan in own_drafts(actor).select_related("node__space", "city").order_by("node__created_at")[:MOST]:
        yield Wait(
            plan.name,
            reverse("strategy:edit", args=[plan.city.slug]),
            plan.node.created_at,
            kind=_("plans not published yet"),
            city=plan.city.name,
            is_example=plan.node.space_is_example,
            button=_("Write and publish"),
        )

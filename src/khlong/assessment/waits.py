"""Findings that wait to be checked together."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from khlong.assessment.models import Finding
from khlong.chain.policies import WRITERS
from khlong.people.actor import Actor
from khlong.record.waits import MOST, Wait, waits


def unchecked(actor: Actor) -> QuerySet[Finding]:
    """Findings of the actor's own cities that no meeting has checked; a finding lies in the space of its city."""
    return Finding.objects.filter(city__in=actor.spaces(*WRITERS), validated_on=None)


@waits(count=unchecked)
def findings(actor: Actor) -> Iterable[Wait]:
    """Findings not yet checked, the oldest first; one query."""
    rows = unchecked(actor).select_related("node__space", "city")
    for row in rows.order_by("node__created_at", "node__ref")[:MOST]:
        yield Wait(
            row.statement,
            row.get_absolute_url(),
            row.node.created_at,
            kind=_("findings to be checked together"),
            city=row.city.name,
            is_example=row.node.space_is_example,
            button=_("See and check"),
        )

"""What meetings put on a city's page: their days on its timeline."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from khlong.chain.policies import can_node
from khlong.network.models import Meeting
from khlong.network.queries import moment_of, seen_meetings
from khlong.people.actor import Actor
from khlong.people.policy import Verb
from khlong.places.models import City
from khlong.places.panels import CityLink, Panel, for_city

MANY = 6
"""A meeting of this many cities is the programme's rather than a city's own."""


@for_city
def meetings_of_city(actor: Actor, city: City) -> Iterable[Panel]:
    """The city's meetings as moments; one query."""
    found = seen_meetings(actor).filter(
        pk__in=Meeting.cities.through.objects.filter(city=city).values("meeting")
    )
    rows = [(meeting, moment_of(meeting)) for meeting in found.annotate(together=Count("cities"))]
    members = CityLink(_("Who works here"), reverse("network:members", args=[city.slug]))
    own = tuple(moment for meeting, moment in rows if meeting.together < MANY)
    shared = tuple(moment for meeting, moment in rows if meeting.together >= MANY)
    halls = CityLink(_("In a hall without internet"), reverse("network:halls", args=[city.slug]))
    owns = can_node(actor, Verb.MANAGE, city.node)
    yield Panel("main", moments=own, shared=shared, links=(members, halls) if owns else (members,))

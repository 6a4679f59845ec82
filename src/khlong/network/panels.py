"""What meetings put on a city's page: their days on its timeline."""

from __future__ import annotations

from collections.abc import Iterable

from khlong.network.queries import moment_of, seen_meetings
from khlong.people.actor import Actor
from khlong.places.models import City
from khlong.places.panels import Panel, for_city


@for_city
def meetings_of_city(actor: Actor, city: City) -> Iterable[Panel]:
    """The city's meetings as moments; one query."""
    found = tuple(moment_of(meeting) for meeting in seen_meetings(actor).filter(cities=city))
    if found:
        yield Panel("main", moments=found)

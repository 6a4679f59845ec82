"""What rounds put on a city's page: the round that is open or was last, in one query."""

from __future__ import annotations

from collections.abc import Iterable

from khlong.deliberation.queries import rounds_of
from khlong.people.actor import Actor
from khlong.places.models import City
from khlong.places.panels import Panel, for_city


@for_city
def round_of_city(actor: Actor, city: City) -> Iterable[Panel]:
    """The newest round; nothing where the city has opened none."""
    newest = rounds_of(actor).filter(plan__city=city).order_by("-opens_on").first()
    if newest is not None:
        yield Panel("main", "deliberation/round_panel.html", {"round": newest}, order=45)

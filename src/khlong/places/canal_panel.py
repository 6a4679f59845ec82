"""The canal of a city on its page: counts along the chain of all rooms together, in one query."""

from __future__ import annotations

from collections.abc import Iterable

from khlong.chain.canals import city_canal
from khlong.chain.counts import along
from khlong.people.actor import Actor
from khlong.places.models import City
from khlong.places.panels import Panel, for_city


@for_city
def canal_panel(actor: Actor, city: City) -> Iterable[Panel]:
    """The canal with its numbers; hatched while a city that is told in full shows no work on the chain."""
    counts = along(actor, [city.pk])[city.pk]
    shows = counts.works or city.node.is_example
    if shows or city.is_full:
        picture = city_canal(city.node, city.name, counts)
        yield Panel(
            "main", "places/city_canal.html", {"picture": picture, "city": city, "shows": shows}, order=90
        )

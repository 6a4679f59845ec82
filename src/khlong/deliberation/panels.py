"""What rounds put on a city's page: the way to them. No query, since the page has its share of them already."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from khlong.people.actor import Actor
from khlong.places.models import City
from khlong.places.panels import CityLink, Panel, for_city


@for_city
def rounds_of_city(actor: Actor, city: City) -> Iterable[Panel]:
    """The way to the city's rounds of review, and for who writes there to a new one."""
    links = (CityLink(_("Open a round of review"), reverse("deliberation:add_round", args=[city.slug])),)
    if city.is_full or city.node.is_example:
        yield Panel("main", "deliberation/round_panel.html", {"city": city}, links=links, order=85)
    else:
        yield Panel("main", links=links)

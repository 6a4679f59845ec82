"""What pilots put on a city's page: the way to them. It asks nothing of the database; the page is full of questions."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from khlong.people.actor import Actor
from khlong.places.models import City
from khlong.places.panels import CityLink, Panel, for_city


@for_city
def pilots_of_city(actor: Actor, city: City) -> Iterable[Panel]:
    """A heading and two links; no query."""
    begin = CityLink(_("Begin a pilot project"), reverse("pilots:add_pilot", args=[city.slug]))
    yield Panel("main", "pilots/city_panel.html", {"city": city}, links=(begin,), order=70)

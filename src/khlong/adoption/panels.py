"""What proposals put on a city's page: the way to them, without a question to the database."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from khlong.people.actor import Actor
from khlong.places.models import City
from khlong.places.panels import CityLink, Panel, for_city


@for_city
def proposals_of_city(actor: Actor, city: City) -> Iterable[Panel]:
    """A heading and two links; no query."""
    link = CityLink(_("Make a proposal"), reverse("adoption:add_proposal", args=[city.slug]))
    yield Panel("main", "adoption/city_panel.html", {"city": city}, links=(link,), order=69)

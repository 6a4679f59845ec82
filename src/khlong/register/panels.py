"""What the register puts on a city's page: the way to it, for those who keep it."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from khlong.people.actor import Actor
from khlong.people.policy import Verb, can
from khlong.places.models import City
from khlong.places.panels import CityLink, Panel, for_city
from khlong.register.models import Household


@for_city
def register_of_city(actor: Actor, city: City) -> Iterable[Panel]:
    """No query: who may see the register is known already."""
    if can(actor, Verb.ADD, Household(space=city.node)):
        households = CityLink(_("Register of households"), reverse("register:households", args=[city.slug]))
        yield Panel("main", links=(households,))

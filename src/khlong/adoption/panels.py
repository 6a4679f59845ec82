"""What proposals put on a city's page: how many there are, and the way to them; one query."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from khlong.adoption.models import Proposal
from khlong.adoption.states import IN_A_PLAN, WITH_MONEY
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.places.models import City
from khlong.places.panels import CityLink, Panel, for_city


@for_city
def proposals_of_city(actor: Actor, city: City) -> Iterable[Panel]:
    """How many proposals, how many in a plan, how many with money."""
    rows = scope(actor, Proposal.objects.filter(city=city))
    counts = rows.aggregate(
        all=Count("pk"),
        adopted=Count("pk", filter=Q(state__in=IN_A_PLAN)),
        money=Count("pk", filter=Q(state__in=WITH_MONEY)),
    )
    link = CityLink(_("Make a proposal"), reverse("adoption:add_proposal", args=[city.slug]))
    if not counts["all"]:
        yield Panel("main", links=(link,))
        return
    yield Panel("main", "adoption/city_panel.html", {"city": city, "counts": counts}, links=(link,), order=30)

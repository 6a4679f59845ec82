"""What events put on a city's page: figures that differ, side by side, and the days on its timeline."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from khlong.assessment.queries import events_of_city, moment_of, with_figures
from khlong.people.actor import Actor
from khlong.places.models import City
from khlong.places.panels import CityLink, Panel, for_city


@for_city
def events_panel(actor: Actor, city: City) -> Iterable[Panel]:
    """The events that concern the city; one query, and their figures come with the city's facts."""
    events = events_of_city(actor, city)
    if events:
        moments = tuple(moment_of(event) for event in events if event.date)
        yield Panel(
            "main",
            "assessment/city_panel.html",
            {"city": city},
            moments=moments,
            order=60,
            about=tuple(event.pk for event in events),
            told=lambda facts: {"found": with_figures(events, facts)},
        )


@for_city
def findings_of_city(actor: Actor, city: City) -> Iterable[Panel]:
    """The way to the findings, and to writing one; no query: the page of the findings counts."""
    write = CityLink(_("Write a finding"), reverse("assessment:add_finding", args=[city.slug]))
    yield Panel("main", "assessment/city_findings.html", {"city": city}, links=(write,), order=55)

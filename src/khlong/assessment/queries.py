"""What pages ask about events and their figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, QuerySet
from django.utils.text import capfirst

from khlong.assessment.models import Event
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.places.models import City, Fact
from khlong.places.queries import FigureGroup, facts_about, figure_groups
from khlong.places.rows import tables
from khlong.ui.figures import FigureRow, Moment

MOST_EVENTS = 1
MOST_TABLES = 2


def seen_events(actor: Actor) -> QuerySet[Event]:
    """The events that a reader may see, newest first, the undated last on every database."""
    rows = scope(actor, Event.objects.select_related("node__space"))
    return rows.order_by(F("date").desc(nulls_last=True), "sort_key")


@dataclass(frozen=True)
class EventFigures:
    """An event with the figures that bodies give differently: the most reported first, and how many more."""

    event: Event
    tables: list[tuple[FigureGroup, list[FigureRow]]]
    more: int


def disagreeing(event: Event, facts: Iterable[Fact]) -> EventFigures | None:
    """The figures of an event for which there are different values; None where all agree."""
    groups = [group for group in figure_groups(facts) if group.disagree]
    groups.sort(key=lambda group: -len(group.facts))
    if not groups:
        return None
    return EventFigures(event, tables(groups[:MOST_TABLES], several=True), max(0, len(groups) - MOST_TABLES))


@dataclass(frozen=True)
class CityEvents:
    """The events that concern a city: some with the figures that differ, and the rest by name."""

    shown: list[EventFigures]
    others: list[Event]
    events: list[Event]


def events_of_city(actor: Actor, city: City) -> CityEvents:
    """The events of a city with their figures; two queries."""
    events = list(seen_events(actor).filter(cities=city))
    facts: dict[object, list[Fact]] = {event.pk: [] for event in events}
    for fact in facts_about(actor, list(facts)) if events else []:
        facts[fact.about_id].append(fact)
    differing = [found for event in events if (found := disagreeing(event, facts[event.pk]))]
    shown = differing[:MOST_EVENTS]
    named = {found.event.pk for found in shown}
    return CityEvents(shown, [event for event in events if event.pk not in named], events)


def moment_of(event: Event) -> Moment:
    """An event on a timeline."""
    note = " · ".join(filter(None, (capfirst(event.get_hazard_display()), event.area)))
    return Moment(when=event.date, text=event.name, note=note, url=event.get_absolute_url())

"""Writing events to data files."""

from __future__ import annotations

from typing import Any

from khlong.assessment.models import Event
from khlong.chain.load import dump
from khlong.people.actor import ANONYMOUS
from khlong.people.policy import scope
from khlong.places.dump import FactsOf, both, facts_by_thing, iso


@dump
def events() -> dict[str, dict[str, Any]]:
    facts = facts_by_thing()
    rows = scope(ANONYMOUS, Event.objects.select_related("node")).prefetch_related("cities")
    return {"events.yaml": {"events": [_event(row, facts) for row in rows.order_by("node__ref")]}}


def _event(row: Event, facts: FactsOf) -> dict[str, Any]:
    return {
        "ref": row.ref,
        "name": both(row, "name"),
        "hazard": row.hazard,
        "date": iso(row.date) or "undated",
        "area": both(row, "area"),
        "cities": sorted(city.slug for city in row.cities.all()),
        "facts": facts(row),
    }

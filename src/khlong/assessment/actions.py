"""What people do with events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import models

from khlong.assessment.models import Event
from khlong.chain.things import Values, keep_thing
from khlong.record.actions import Act, action

Links = Mapping[str, Iterable[models.Model]]


@action("assessment.event.save")
def save_event(
    act: Act,
    event: Event,
    values: Values,
    *,
    links: Links | None = None,
    base: int | None = None,
    why: str = "",
) -> Event:
    """Add or change an event. Raises Refused, ValidationError, EditConflict."""
    return keep_thing(act, event, values, links=links, base=base, why=why)

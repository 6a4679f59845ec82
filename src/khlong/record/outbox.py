"""Facts for other rooms: written with what happened, delivered by a worker after the commit.

A room downstream listens to what happens upstream without upstream knowing::

    @on_fact("network.meeting.saved")
    def invite(fact: Fact) -> None:
        ...

Facts about one object are delivered in their order. A handler runs in a transaction together with the note
that it has heard the fact, so that what it writes is written once, however often the delivery is tried. What
it does outside of the database may happen twice. After some tries a fact is given up, stewards see it, and
the later ones of the object go on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from khlong.people.policy import Verb
from khlong.record.actions import Act, action
from khlong.record.queue_models import FactApplied, FactState, OutboxFact

log = logging.getLogger(__name__)
TRIES = 6
BACKOFF = (5, 30, 120, 600, 3600)
HELD = timedelta(minutes=2)
KEPT_DONE, KEPT_DEAD = timedelta(days=14), timedelta(days=180)


@dataclass(frozen=True)
class Fact:
    """What a handler hears: `model` and `object_id` name the object, `data` is plain."""

    name: str
    model: str
    object_id: str
    space: UUID | None
    data: dict[str, Any]
    at: datetime


Handler = Callable[[Fact], None]
_handlers: dict[str, dict[str, Handler]] = {}


def on_fact(name: str) -> Callable[[Handler], Handler]:
    """Register a handler of the facts called `name`; it is known by its module and name."""

    def wrap(function: Handler) -> Handler:
        _handlers.setdefault(name, {})[f"{function.__module__}.{function.__qualname__}"] = function
        return function

    return wrap


def due(now: datetime) -> QuerySet[OutboxFact]:
    """Facts to deliver now: those before which no other of the same object waits."""
    waiting = OutboxFact.objects.filter(state=FactState.WAITING)
    same = waiting.filter(model=OuterRef("model"), object_id=OuterRef("object_id"), pk__lt=OuterRef("pk"))
    return waiting.filter(~Exists(same), next_try_at__lte=now).order_by("id")


def deliver(most: int = 100) -> int:
    """Deliver facts that are due; how many were tried."""
    tried = 0
    while tried < most and (row := _taken()) is not None:
        _deliver(row)
        tried += 1
    return tried


def _taken() -> OutboxFact | None:
    """The next fact, kept from other workers for two minutes."""
    if not due(timezone.now()).exists():
        return None
    with transaction.atomic():
        now = timezone.now()
        row = due(now).select_for_update(skip_locked=True, of=("self",)).first()
        if row is not None:
            row.next_try_at, row.attempts = now + HELD, row.attempts + 1
            row.save(update_fields=["next_try_at", "attempts"])
    return row


def _deliver(row: OutboxFact) -> None:
    fact = Fact(row.name, row.model, row.object_id, row.space, row.data, row.at)
    for name, handler in _handlers.get(row.name, {}).items():
        try:
            _apply(row, name, handler, fact)
        except Exception as fault:
            log.exception("the fact %s (%s) was not taken by %s", row.pk, row.name, name)
            _later(row, f"{name}: {type(fault).__name__}")
            return
    _end(row, FactState.DONE)


def _apply(row: OutboxFact, name: str, handler: Handler, fact: Fact) -> None:
    try:
        with transaction.atomic():
            FactApplied.objects.create(fact=row, handler=name)
            handler(fact)
    except IntegrityError:
        if not FactApplied.objects.filter(fact=row, handler=name).exists():
            raise


def _later(row: OutboxFact, error: str) -> None:
    if row.attempts >= TRIES:
        _end(row, FactState.DEAD, error=error)
        return
    again = timezone.now() + timedelta(seconds=BACKOFF[min(row.attempts, len(BACKOFF)) - 1])
    OutboxFact.objects.filter(pk=row.pk, attempts=row.attempts).update(next_try_at=again, error=error)


def _end(row: OutboxFact, state: FactState, error: str = "") -> None:
    mine = OutboxFact.objects.filter(pk=row.pk, state=FactState.WAITING)
    mine.update(state=state, ended_at=timezone.now(), error=error)


@action("record.fact.retry")
def retry_fact(act: Act, fact: OutboxFact) -> OutboxFact:
    """Deliver a fact again that was given up; handlers that have heard it do not hear it twice."""
    row = OutboxFact.objects.select_for_update().get(pk=fact.pk)
    act.require(Verb.CHANGE, row)
    if row.state != FactState.DEAD:
        act.nothing()
        return row
    row.state, row.attempts, row.next_try_at, row.ended_at = FactState.WAITING, 0, timezone.now(), None
    row.save(update_fields=["state", "attempts", "next_try_at", "ended_at"])
    act.note(row, fields=["state"], space=row.space)
    return row


def clean(now: datetime) -> int:
    """Forget facts that were delivered or given up long ago; how many."""
    done = OutboxFact.objects.filter(state=FactState.DONE, ended_at__lt=now - KEPT_DONE)
    dead = OutboxFact.objects.filter(state=FactState.DEAD, ended_at__lt=now - KEPT_DEAD)
    keys = list(done.values_list("pk", flat=True)[:5000]) + list(dead.values_list("pk", flat=True)[:5000])
    OutboxFact.objects.filter(pk__in=keys).delete()
    return len(keys)

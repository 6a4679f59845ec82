"""The queue itself: putting jobs in, taking them up by a lease, giving them back and ending them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext, override
from django.utils.translation import gettext as _

from khlong.people.actor import Actor, system_actor
from khlong.people.policy import Verb
from khlong.record.actions import Act, action
from khlong.record.errors import Refused
from khlong.record.jobs import registry
from khlong.record.limits import Limit
from khlong.record.queue_models import LIVE, Job, JobState

KEPT_DONE, KEPT_FAILED = timedelta(days=30), timedelta(days=90)
BACKOFF = (5, 30, 120, 600)
"""Seconds until a job is tried again after its first, second, … fault."""
SCHEDULER = "schedule"


def lease_seconds() -> float:
    """How long a worker may be silent before its job is given to another."""
    return float(settings.JOB_LEASE_SECONDS)


# --- what people do --------------------------------------------------------------------------------


@action("record.job.enqueue", limit=Limit(120, per=timedelta(hours=1)))
def enqueue(
    act: Act,
    name: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    key: str = "",
    space: UUID | None = None,
    at: datetime | None = None,
) -> Job:
    """Put a job into the queue, in the transaction of the caller. Raises Refused in words.

    While a job of this name and key waits or runs, or when one is done, that one comes back instead. Choose
    a key so that whoever may give it may also see the job. Arguments are plain data and stay readable to
    stewards: references, never what somebody said in confidence.
    """
    known = registry.checked(name, arguments or {})
    made = _new(act.actor, known, arguments or {}, key=key, space=space, at=at)
    act.require(Verb.ADD, made)
    row, new = _put(made)
    if new:
        act.note(row, fields=["name"], space=space)
    else:
        act.nothing()
    return row


@action("record.job.cancel")
def cancel(act: Act, job: Job) -> Job:
    """End a job that waits, or ask one that runs to stop at its next step. One that has ended stays so."""
    row = _held(job)
    act.require(Verb.CHANGE, row)
    if not row.live or row.cancel_asked_at is not None:
        act.nothing()
        return row
    row.cancel_asked_at = timezone.now()
    if row.state == JobState.WAITING:
        row.state, row.ended_at = JobState.CANCELLED, row.cancel_asked_at
        with override(row.language):
            row.error = _("Cancelled before it began.")
    row.save(update_fields=["cancel_asked_at", "state", "ended_at", "error"])
    act.note(row, fields=["cancel_asked_at"], space=row.space)
    return row


@action("record.job.retry", limit=Limit(120, per=timedelta(hours=1)))
def retry(act: Act, job: Job) -> Job:
    """Put a job that failed or was cancelled into the queue again. Raises Refused in words.

    What it did once and for all is not done again.
    """
    row = _held(job)
    act.require(Verb.CHANGE, row)
    if row.live:
        act.nothing()
        return row
    if row.state == JobState.DONE:
        raise Refused(gettext_lazy("This job is done already. Start a new one instead."))
    if row.key and Job.objects.filter(name=row.name, key=row.key, state__in=(*LIVE, JobState.DONE)).exists():
        raise Refused(gettext_lazy("Another job does the same already. Look at that one."))
    values = {"attempts": 0, "error": "", "cancel_asked_at": None, "ended_at": None, "result": None}
    _set(row, state=JobState.WAITING, next_try_at=timezone.now(), done=0, total=0, note="", **values)
    act.note(row, fields=["state"], space=row.space)
    return row


def _held(job: Job) -> Job:
    return Job.objects.select_for_update().get(pk=job.pk)


def _set(row: Job, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))


def _new(
    actor: Actor,
    known: registry.Known,
    arguments: Mapping[str, Any],
    *,
    key: str = "",
    space: UUID | None = None,
    at: datetime | None = None,
) -> Job:
    return Job(
        name=known.name,
        version=known.version,
        arguments=dict(arguments),
        key=key,
        language=get_language() or settings.LANGUAGE_CODE,
        space=space,
        actor_kind=str(actor.kind),
        actor=actor.label,
        user=actor.user,
        next_try_at=at or timezone.now(),
    )


def _put(made: Job) -> tuple[Job, bool]:
    """The row, and whether it is new: of two who put the same key in at once the first one's stays."""
    standing = _same(made)
    if standing is not None:
        return standing, False
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        standing = _same(made)
        if standing is None:
            raise
        return standing, False
    return made, True


def _same(made: Job) -> Job | None:
    if not made.key:
        return None
    return Job.objects.filter(name=made.name, key=made.key, state__in=(*LIVE, JobState.DONE)).first()


# --- what workers do -------------------------------------------------------------------------------


def due(now: datetime) -> QuerySet[Job]:
    """Jobs whose time has come, and those whose worker was not heard of for too long."""
    silent = now - timedelta(seconds=lease_seconds())
    waiting = Q(state=JobState.WAITING, next_try_at__lte=now)
    lost = Q(state=JobState.RUNNING, beat_at__lt=silent)
    return Job.objects.filter(waiting | lost).order_by("next_try_at", "made_at", "id")


def claim(lease: str) -> Job | None:
    """Take the next job for the worker `lease`; each is taken by one worker only.

    A job that took its worker down as often as it may be tried is ended here, in words.
    """
    while due(timezone.now()).exists():
        row = _taken(lease)
        if row is None or row.state == JobState.RUNNING:
            return row
    return None


@transaction.atomic
def _taken(lease: str) -> Job | None:
    now = timezone.now()
    row = due(now).select_for_update(skip_locked=True).first()
    if row is None:
        return None
    if row.cancel_asked_at is not None:
        return _given_up(row, JobState.CANCELLED)
    if row.state == JobState.RUNNING and row.attempts > retries_of(row):
        return _given_up(row, JobState.FAILED)
    began = {"started_at": now, "beat_at": now, "attempts": row.attempts + 1, "lease": lease}
    _set(row, state=JobState.RUNNING, done=0, total=0, note="", **began)
    return row


def _given_up(row: Job, state: JobState) -> Job:
    with override(row.language):
        words = _("Cancelled on the way. What was done before stays.")
        if state == JobState.FAILED:
            words = ngettext(
                "The worker ended %(times)s time while this ran. Ask whoever runs this Khlong.",
                "The worker ended %(times)s times while this ran. Ask whoever runs this Khlong.",
                row.attempts,
            ) % {"times": row.attempts}
    _set(row, state=state, error=words, ended_at=timezone.now(), lease="")
    return row


def retries_of(row: Job) -> int:
    known = registry.find(row.name)
    return known.retries if known else 3


def renew(row: Job) -> bool:
    """Say that the worker still works; False when another has the job now."""
    mine = Job.objects.filter(pk=row.pk, lease=row.lease, state=JobState.RUNNING)
    return bool(mine.update(beat_at=timezone.now()))


def end(row: Job, state: JobState, **values: Any) -> bool:
    """End the job, if this worker still holds it."""
    mine = Job.objects.filter(pk=row.pk, lease=row.lease, state=JobState.RUNNING)
    return bool(mine.update(state=state, ended_at=timezone.now(), lease="", **values))


def give_back(row: Job, *, after: float = 0.0, error: str = "", counts: bool = True) -> bool:
    """Put the job back into the queue, to be tried in `after` seconds; unless it `counts`, not as an attempt."""
    mine = Job.objects.filter(pk=row.pk, lease=row.lease, state=JobState.RUNNING)
    at = timezone.now() + timedelta(seconds=after)
    attempts = F("attempts") - (0 if counts else 1)
    return bool(mine.update(state=JobState.WAITING, next_try_at=at, lease="", error=error, attempts=attempts))


def backoff(attempts: int) -> float:
    """Seconds until the next try."""
    return float(BACKOFF[min(attempts, len(BACKOFF)) - 1])


# --- by themselves ---------------------------------------------------------------------------------


def schedule(now: datetime) -> list[Job]:
    """Put in the periodic jobs of the current period that are not there yet."""
    found = []
    for row in registry.schedules():
        key = f"every {int(now.timestamp() // row.period.total_seconds())}"
        if not Job.objects.filter(name=row.name, key=key).exists():
            made = _new(system_actor(SCHEDULER), registry.known(row.name), {}, key=key)
            found.append(_put(made)[0])
    return found


def clean(now: datetime) -> int:
    """Forget jobs that ended long ago; how many."""
    done = Q(state__in=[JobState.DONE, JobState.CANCELLED], ended_at__lt=now - KEPT_DONE)
    failed = Q(state=JobState.FAILED, ended_at__lt=now - KEPT_FAILED)
    keys = list(Job.objects.filter(done | failed).values_list("pk", flat=True)[:1000])
    Job.objects.filter(pk__in=keys).delete()
    return len(keys)

"""The queue in numbers, for pages of health and metrics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from khlong.record.queue_models import FactState, Job, JobState, OutboxFact, Worker


@dataclass(frozen=True)
class Figures:
    """How the queue stands now.

    `oldest_waiting_seconds` counts from when a waiting job could have begun, `outbox_oldest_seconds` from when
    a fact was written; 0 for none. `last_beat` is when any worker was last heard of.
    """

    waiting: int
    running: int
    failed: int
    oldest_waiting_seconds: float
    outbox_waiting: int
    outbox_dead: int
    outbox_oldest_seconds: float
    last_beat: datetime | None


def figures() -> Figures:
    """Three queries."""
    now = timezone.now()
    waiting = Q(state=JobState.WAITING)
    jobs = Job.objects.aggregate(
        waiting=Count("pk", filter=waiting),
        running=Count("pk", filter=Q(state=JobState.RUNNING)),
        failed=Count("pk", filter=Q(state=JobState.FAILED)),
        oldest=Min("next_try_at", filter=waiting & Q(next_try_at__lte=now)),
    )
    facts = OutboxFact.objects.exclude(state=FactState.DONE).aggregate(
        waiting=Count("pk", filter=Q(state=FactState.WAITING)),
        dead=Count("pk", filter=Q(state=FactState.DEAD)),
        oldest=Min("at", filter=Q(state=FactState.WAITING)),
    )
    return Figures(
        waiting=jobs["waiting"],
        running=jobs["running"],
        failed=jobs["failed"],
        oldest_waiting_seconds=_age(jobs["oldest"], now),
        outbox_waiting=facts["waiting"],
        outbox_dead=facts["dead"],
        outbox_oldest_seconds=_age(facts["oldest"], now),
        last_beat=Worker.objects.aggregate(last=Max("beat_at"))["last"],
    )


def _age(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0

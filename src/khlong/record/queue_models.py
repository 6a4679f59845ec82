"""What waits to be done: jobs, facts for other rooms, and how often somebody has acted."""

from __future__ import annotations

import uuid
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


LIVE = (JobState.WAITING, JobState.RUNNING)
ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class Job(models.Model):
    """Work that takes longer than a page may: who asked for it, how far it is, what came of it.

    A worker holds a running job by a lease: `lease` names the worker and `beat_at` is renewed while it works.
    `version` is that of the job's arguments, `language` that of the words it leaves behind. With the same
    `key` only one job of a name waits, runs or is done.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    version = models.PositiveSmallIntegerField(default=1)
    arguments = models.JSONField(default=dict)
    key = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=8, default="th")
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.WAITING)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    note = models.CharField(max_length=200, blank=True)
    cancel_asked_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.CharField(max_length=80, blank=True)
    beat_at = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(default=timezone.now)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    space = models.UUIDField(null=True, db_index=True)
    actor_kind = models.CharField(max_length=12)
    actor = models.CharField(max_length=80, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=True
    )
    made_at = models.DateTimeField(default=timezone.now, db_index=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        verbose_name = _("job")
        indexes = [models.Index(fields=["state", "next_try_at"], name="record_job_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "key"],
                condition=~Q(key="") & ~Q(state__in=[JobState.FAILED, JobState.CANCELLED]),
                name="one_job_per_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"

    @property
    def live(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in LIVE

    @property
    def percent(self) -> int:
        """How far it is, 0 to 100; only what has ended well is at 100."""
        if self.state == JobState.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0

    @property
    def space_id(self) -> UUID | None:
        return self.space


class JobEffect(models.Model):
    """Something that a job has done once and for all, written in the transaction that did it."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="effects")
    name = models.CharField(max_length=120)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "name"], name="one_effect_per_job_and_name")]

    def __str__(self) -> str:
        return self.name


class Worker(models.Model):
    """A process that works jobs off, and when it was last heard of."""

    name = models.CharField(max_length=80, unique=True)
    since = models.DateTimeField(default=timezone.now)
    beat_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class FactState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    DONE = "done", _("delivered")
    DEAD = "dead", _("given up")


class OutboxFact(models.Model):
    """Something that happened, for other rooms to hear of after it was committed. Never a personal value.

    Rows are added while the action holds the stamp, so that numbers follow the order of commits.
    """

    name = models.CharField(max_length=80)
    model = models.CharField(max_length=80)
    object_id = models.CharField(max_length=64)
    space = models.UUIDField(null=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=FactState.choices, default=FactState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    error = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("fact for other rooms")
        indexes = [
            models.Index(fields=["state", "next_try_at"], name="record_fact_due"),
            models.Index(fields=["model", "object_id", "state"], name="record_fact_object"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.object_id}"


class FactApplied(models.Model):
    """That a handler has heard a fact, written in the transaction of what the handler did."""

    fact = models.ForeignKey(OutboxFact, on_delete=models.CASCADE, related_name="applied")
    handler = models.CharField(max_length=160)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fact", "handler"], name="one_fact_per_handler")]

    def __str__(self) -> str:
        return self.handler


class ActionUse(models.Model):
    """How often somebody did an action since `began`; of who it was only a keyed hash."""

    key = models.CharField(max_length=64, unique=True)
    began = models.DateTimeField(db_index=True)
    used = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.used} since {self.began:%H:%M}"

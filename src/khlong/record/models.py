from __future__ import annotations

import uuid
from typing import Any, NoReturn
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.record.filed import Blob, File, Rendition
from khlong.record.queue_models import (
    ActionUse,
    FactApplied,
    FactState,
    Job,
    JobEffect,
    JobState,
    OutboxFact,
    Worker,
)

__all__ = [
    "ActionUse",
    "AuditEntry",
    "Blob",
    "FactApplied",
    "FactState",
    "File",
    "Job",
    "JobEffect",
    "JobState",
    "OutboxFact",
    "Rendition",
    "SearchEntry",
    "Stamp",
    "Worker",
]


class Stamp(models.Model):
    """How many actions have been done. One row; what was rendered at a number holds while the number stands.

    Every action raises it at its end, and holds the row until it commits, so that nobody reads a number
    before all that it counts can be read.
    """

    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)


class AuditLine(models.Model):
    """One thing done: who, what, to which object, which fields. Never a value, never a real name.

    Append-only: the model refuses to change or delete, and so does a trigger in the database.
    """

    actor_kind = models.CharField(max_length=12)
    actor = models.CharField(max_length=80)
    on_behalf_of = models.CharField(max_length=80, blank=True)
    action = models.CharField(max_length=80, db_index=True)
    model = models.CharField(max_length=80)
    object_id = models.CharField(max_length=64, db_index=True)
    ref = models.CharField(max_length=40, blank=True, db_index=True)
    space = models.UUIDField(null=True, db_index=True)
    fields = models.JSONField(default=list)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.action} {self.ref or self.object_id} by {self.actor or self.actor_kind}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("an audit entry is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("an audit entry is never deleted")


class AuditEntry(AuditLine):
    """What was done in somebody's own name, in the order in which it happened."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("audit entry")


class Contribution(AuditLine):
    """What was done under a pseudonym. It has a day and a random id instead of a moment and a number.

    In one list with the rest its place would tell which account was at work a second before and after.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    day = models.DateField(default=timezone.localdate, db_index=True)

    class Meta:
        ordering = ["-day", "id"]
        verbose_name = _("contribution in the audit")


class SearchEntry(models.Model):
    """What the search knows of one node: its titles, what else belongs to it, and who may find it.

    `title` and `words` are folded (see `khlong.record.search.folded`); `words` holds the title and the body,
    and `runs` on SQLite each letter and each pair of letters in them: its index is made of these two, that of
    PostgreSQL of the words alone. `space` and `visibility` are those of the node and carry its rule.
    """

    node = models.UUIDField(unique=True)
    ref = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=1)
    space = models.UUIDField(null=True, db_index=True)
    visibility = models.CharField(max_length=8)
    title_th = models.CharField(max_length=500)
    title_en = models.CharField(max_length=500, blank=True)
    title = models.TextField()
    body = models.TextField(blank=True)
    words = models.TextField()
    runs = models.TextField()

    class Meta:
        ordering = ["ref"]
        verbose_name = _("search entry")

    def __str__(self) -> str:
        return f"{self.ref} {self.title_th}"

    @property
    def space_id(self) -> UUID | None:
        return self.space


class Digest(models.Model):
    """How often an account gets a letter on what waits for it, and for which day or week it got the last one."""

    class Every(models.TextChoices):
        NEVER = "never", _("never")
        DAY = "day", _("every day")
        WEEK = "week", _("every Monday")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="digest"
    )
    every = models.CharField(_("how often"), max_length=5, choices=Every.choices, default=Every.NEVER)
    hour = models.PositiveSmallIntegerField(_("hour"), default=8)
    language = models.CharField(max_length=2, default="th")
    stop_key = models.UUIDField(default=uuid4, unique=True, editable=False)
    period = models.CharField(max_length=10, blank=True, editable=False)

    class Meta:
        verbose_name = _("letter on what waits")
        constraints = [models.CheckConstraint(condition=models.Q(hour__lt=24), name="an_hour_of_the_day")]

    def __str__(self) -> str:
        return f"{self.every} at {self.hour}"

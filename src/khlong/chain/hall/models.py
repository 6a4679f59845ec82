"""What is remembered of a city that was taken along to a hall: on its server, and on the machine in the hall."""

from __future__ import annotations

import uuid
from typing import Any, NoReturn
from uuid import UUID

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Hall(models.Model):
    """One taking along of a city. The same row stands on the server and on the machine in the hall.

    `secret` is an age identity made when the city was packed; both sides know it, and nobody else. `number`
    counts the halls of a city. `here` says that this machine is the one in the hall, and `remembered` that the
    server learned of the hall from the packed file again, after it was restored to a state before the packing.
    `pack` is the packed city while it waits to be taken, locked to the secret; `left` are the files that stay at home.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    space = models.ForeignKey("chain.Node", on_delete=models.PROTECT, related_name="halls")
    number = models.PositiveIntegerField()
    name = models.CharField(_("where it meets"), max_length=120, blank=True)
    secret = models.CharField(max_length=120, editable=False)
    here = models.BooleanField(default=False)
    remembered = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField(null=True, blank=True)
    audit_from = models.BigIntegerField(default=0)
    pack = models.ForeignKey(
        "record.File", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    left = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(fields=["space", "number"], name="one_hall_of_a_number"),
            models.UniqueConstraint(
                fields=["here"], condition=models.Q(here=True), name="a_machine_is_one_hall"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.space_id} hall {self.number}"


class HallFile(models.Model):
    """What one closing of a hall brought back, as it came; the same file twice is one row.

    `upto` is the last line of the hall's audit that the file knows: of two files the later one has the higher.
    `files` are the files that came with it, and why some did not, as `khlong.chain.hall.files.Left` writes them.
    """

    hall = models.ForeignKey(Hall, on_delete=models.PROTECT, related_name="files")
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    closed_at = models.DateTimeField()
    upto = models.BigIntegerField(default=0)
    files = models.JSONField(default=list)
    merged_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    received_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["-upto", "-pk"]
        constraints = [models.UniqueConstraint(fields=["hall", "digest"], name="one_file_of_a_digest")]

    def __str__(self) -> str:
        return f"{self.hall_id} closed at {self.closed_at:%Y-%m-%d %H:%M}"

    @property
    def space_id(self) -> UUID | None:
        return self.hall.space_id


class HallBase(models.Model):
    """How one thing stood when the city was taken along; kept on the machine in the hall."""

    document = models.CharField(max_length=80)
    key = models.CharField(max_length=120)
    values = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "key"], name="one_base_of_a_thing")]

    def __str__(self) -> str:
        return f"{self.document} {self.key}"


class HallTaken(models.Model):
    """What the hall says of one field and the server has already dealt with, so that it is dealt with once.

    The empty field stands for the whole thing (added or taken away), and `ours` is then its key on this server.
    """

    hall = models.ForeignKey(Hall, on_delete=models.CASCADE, related_name="taken")
    document = models.CharField(max_length=80)
    key = models.CharField(max_length=120)
    field = models.CharField(max_length=80, blank=True)
    value = models.JSONField(null=True)
    ours = models.CharField(max_length=120, blank=True)
    decided = models.BooleanField(default=False)
    by = models.CharField(max_length=80)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hall", "document", "key", "field"], name="a_field_is_taken_once")
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.key} {self.field}"


class HallEntry(models.Model):
    """One line of the audit of the machine in the hall, carried home. Only ever added."""

    hall = models.ForeignKey(Hall, on_delete=models.PROTECT, related_name="entries")
    number = models.BigIntegerField()
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12)
    actor = models.CharField(max_length=80)
    on_behalf_of = models.CharField(max_length=80, blank=True)
    action = models.CharField(max_length=80)
    model = models.CharField(max_length=80)
    object_id = models.CharField(max_length=64)
    ref = models.CharField(max_length=40, blank=True)
    fields = models.JSONField(default=list)

    class Meta:
        ordering = ["hall", "number"]
        constraints = [models.UniqueConstraint(fields=["hall", "number"], name="one_hall_entry_of_a_number")]

    def __str__(self) -> str:
        return f"{self.action} {self.ref or self.object_id} by {self.actor or self.actor_kind}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("an audit entry is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("an audit entry is never deleted")

    @property
    def space_id(self) -> UUID | None:
        return self.hall.space_id

"""Working groups and tasks."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Node, Thing
from khlong.network.models import Organisation
from khlong.places.models.base import Named, in_language


class WorkGroup(Thing, Named):
    """A working group of a city or of the programme, called what it calls itself."""

    purpose_th = models.TextField(_("purpose in Thai"), blank=True)
    purpose_en = models.TextField(_("purpose in English"), blank=True)
    organisations = models.ManyToManyField(
        Organisation,
        blank=True,
        related_name="working_groups",
        verbose_name=_("organisations represented in it"),
    )

    class Meta(Named.Meta):
        verbose_name = _("working group")

    @property
    def purpose(self) -> str:
        return in_language(self.purpose_th, self.purpose_en)


class Chair(models.TextChoices):
    """What somebody is in a working group."""

    CHAIR = "chair", _("chair")
    SECRETARY = "secretary", _("secretary")
    MEMBER = "member", _("member")


class Seat(models.Model):
    """The seat of an account in a working group; seen by those who see the roles of the city."""

    group = models.ForeignKey(WorkGroup, on_delete=models.CASCADE, related_name="seats")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="seats")
    role = models.CharField(_("role"), max_length=10, choices=Chair.choices, default=Chair.MEMBER)
    since = models.DateField(auto_now_add=True)

    class Meta:
        ordering = ["role", "user__name_key"]
        verbose_name = _("seat")
        constraints = [models.UniqueConstraint(fields=["group", "user"], name="one_seat_in_a_group")]

    def __str__(self) -> str:
        return f"{self.user} {self.role}"

    @property
    def space_id(self) -> UUID | None:
        return self.group.space_id


class TaskState(models.TextChoices):
    OPEN = "open", _("open")
    DONE = "done", _("done")
    DROPPED = "dropped", _("dropped")


class Task(models.Model):
    """Something to be done, by an account or by a working group. The working group alone sees it."""

    space = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="tasks")
    what = models.CharField(_("what is to be done"), max_length=300)
    details = models.TextField(_("more about it"), blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="tasks",
        verbose_name=_("for whom"),
    )
    group = models.ForeignKey(
        WorkGroup,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tasks",
        verbose_name=_("for which working group"),
    )
    due = models.DateField(_("due"), null=True, blank=True)
    about = models.ForeignKey(
        Node, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks_about", editable=False
    )
    decision = models.ForeignKey(
        "network.Decision",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="tasks",
        editable=False,
    )
    state = models.CharField(
        max_length=8, choices=TaskState.choices, default=TaskState.OPEN, editable=False, db_index=True
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)
    made_by = models.CharField(max_length=80, editable=False)
    made_at = models.DateTimeField(auto_now_add=True)
    ended_by = models.CharField(max_length=80, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("task")
        constraints = [
            models.CheckConstraint(
                condition=Q(person=None) | Q(group=None),
                name="one_holder_of_a_task",
                violation_error_message=_("Give the task to a person or to a working group, not to both."),
            ),
            models.CheckConstraint(
                condition=~Q(state="dropped") | ~Q(reason=""), name="a_dropped_task_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def ref(self) -> str:
        return self.space.ref

    @property
    def holder(self) -> str:
        """For whom it is; nothing when the account is gone."""
        return str(self.person or (self.group and self.group.name) or "")

    @property
    def is_late(self) -> bool:
        return self.state == TaskState.OPEN and self.due is not None and self.due < timezone.localdate()

    def get_absolute_url(self) -> str:
        return reverse("network:task", args=[self.pk])

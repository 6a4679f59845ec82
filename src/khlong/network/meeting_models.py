"""What hangs on a meeting: who was invited and who came, the minutes by item of the agenda, the decisions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khlong.network.models import Meeting, Organisation
from khlong.network.work_models import WorkGroup
from khlong.places.models import Group
from khlong.places.models.base import in_language

PARTS = ("women", "men", "other_gender")


class Presence(models.TextChoices):
    CAME = "came", _("came")
    APOLOGIES = "apologies", _("absent with apologies")
    ABSENT = "absent", _("absent")


class Attendance(models.Model):
    """One group, organisation or other company at a meeting. A number that is empty is unknown.

    It never names a person. Numbers under 5 are for the working group only (`khlong.network.counts`).
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendance")
    group = models.ForeignKey(
        Group, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("group")
    )
    organisation = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="attendance",
        verbose_name=_("organisation"),
    )
    others_th = models.CharField(_("others, in Thai"), max_length=200, blank=True)
    others_en = models.CharField(_("others, in English"), max_length=200, blank=True)
    presence = models.CharField(_("who came"), max_length=10, choices=Presence.choices, default=Presence.CAME)
    reason = models.CharField(_("reason given"), max_length=200, blank=True)
    invited = models.PositiveIntegerField(_("number invited"), null=True, blank=True)
    attended = models.PositiveIntegerField(_("number that came"), null=True, blank=True)
    women = models.PositiveIntegerField(_("of them women"), null=True, blank=True)
    men = models.PositiveIntegerField(_("of them men"), null=True, blank=True)
    other_gender = models.PositiveIntegerField(_("of them others, or who did not say"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("attendance")
        constraints = [
            models.CheckConstraint(
                condition=Q(group__isnull=False, organisation=None, others_th="")
                | Q(group=None, organisation__isnull=False, others_th="")
                | Q(group=None, organisation=None) & ~Q(others_th=""),
                name="one_company_of_a_meeting",
                violation_error_message=_(
                    "Choose a group, or an organisation, or write who else; one of them."
                ),
            ),
            *(
                models.UniqueConstraint(
                    fields=["meeting", name],
                    condition=~Q(**{name: "" if name == "others_th" else None}),
                    name=f"one_attendance_of_{name}",
                    violation_error_message=_("This line stands there already. Change that one instead."),
                )
                for name in ("group", "organisation", "others_th")
            ),
            models.CheckConstraint(
                condition=Q(presence=Presence.CAME) | Q(attended=None),
                name="who_is_absent_is_not_counted",
                violation_error_message=_("Who was absent is not counted among those who came."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        if self.group is not None:
            return self.group.name
        if self.organisation is not None:
            return self.organisation.name
        return in_language(self.others_th, self.others_en)

    @property
    def space_id(self) -> UUID | None:
        return self.meeting.space_id

    def clean(self) -> None:
        super().clean()
        counted = [number for number in (getattr(self, part) for part in PARTS) if number is not None]
        if counted and self.attended is None:
            raise ValidationError({"attended": _("Say how many came in all, too.")})
        if self.attended is not None and sum(counted) > self.attended:
            raise ValidationError(
                {"attended": _("More are counted below than came in all. Check the numbers.")}
            )


class Minutes(models.Model):
    """The head and the state of a meeting's minutes. Until they are approved the working group alone reads
    them, unless it says otherwise.
    """

    meeting = models.OneToOneField(
        Meeting, primary_key=True, on_delete=models.CASCADE, related_name="minutes"
    )
    body = models.CharField(_("name of the committee or of the meeting"), max_length=200)
    number = models.PositiveSmallIntegerField(_("meeting number in its year"), null=True, blank=True)
    year = models.PositiveSmallIntegerField(_("year (Buddhist era)"), null=True, blank=True)
    begun = models.TimeField(_("begun at"), null=True, blank=True)
    ended = models.TimeField(_("ended at"), null=True, blank=True)
    open_early = models.BooleanField(_("everybody may read them before they are approved"), default=False)
    approved_at = models.ForeignKey(
        Meeting,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="approved_minutes",
        verbose_name=_("approved by the meeting"),
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("minutes")
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_at=None) | ~Q(approved_at=F("meeting")),
                name="no_meeting_approves_its_own_minutes",
                violation_error_message=_("A later meeting approves the minutes, not this one."),
            )
        ]

    def __str__(self) -> str:
        return self.body

    @property
    def space_id(self) -> UUID | None:
        return self.meeting.space_id

    @property
    def is_approved(self) -> bool:
        return self.approved_at_id is not None

    @property
    def is_open(self) -> bool:
        """Whether who may see the meeting may read them."""
        return self.open_early or self.is_approved


class Section(models.IntegerChoices):
    """The six items of an official agenda, in their order."""

    CHAIR = 1, _("1 what the chair has to tell")
    MINUTES = 2, _("2 approving the minutes of the last meeting")
    ARISING = 3, _("3 matters arising")
    TOLD = 4, _("4 for information")
    DECIDE = 5, _("5 for decision")
    OTHER = 6, _("6 any other business")


class OfMinutes(models.Model):
    """What stands within minutes and follows their rights."""

    minutes: Any

    class Meta:
        abstract = True

    @property
    def space_id(self) -> UUID | None:
        meeting: Meeting = self.minutes.meeting
        return meeting.space_id


class AgendaItem(OfMinutes):
    """What was said to one item, and what the meeting resolved."""

    minutes = models.ForeignKey(Minutes, on_delete=models.CASCADE, related_name="items")
    section = models.PositiveSmallIntegerField(_("item of the agenda"), choices=Section.choices)
    title = models.CharField(_("subject"), max_length=300, blank=True)
    text = models.TextField(_("what was said"))
    resolution = models.TextField(_("resolution of the meeting"), blank=True)

    class Meta:
        ordering = ["section", "pk"]
        verbose_name = _("item of the minutes")

    def __str__(self) -> str:
        return self.title or str(self.get_section_display())


class Decision(OfMinutes):
    """What a meeting decided, numbered within it; who is responsible is an organisation or a group, or words."""

    minutes = models.ForeignKey(Minutes, on_delete=models.CASCADE, related_name="decisions")
    number = models.PositiveSmallIntegerField(editable=False)
    text = models.TextField(_("what was decided"))
    organisation = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("responsible organisation"),
    )
    work_group = models.ForeignKey(
        WorkGroup,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("responsible working group"),
    )
    who = models.CharField(
        _("who else is responsible"),
        max_length=200,
        blank=True,
        help_text=_("An office or a group, never the name of a person."),
    )
    due = models.DateField(_("due"), null=True, blank=True)

    class Meta:
        ordering = ["number"]
        verbose_name = _("decision")
        constraints = [models.UniqueConstraint(fields=["minutes", "number"], name="one_decision_of_a_number")]

    def __str__(self) -> str:
        return f"{self.number}. {self.text[:80]}"

    @property
    def responsible(self) -> str:
        bodies = [body.name for body in (self.organisation, self.work_group) if body is not None]
        return ", ".join([*bodies, *filter(None, [self.who])])

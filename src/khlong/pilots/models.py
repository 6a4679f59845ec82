"""Projects that the city runs itself: plan, money, activities, values of indicators, changes, lessons."""

from __future__ import annotations

import uuid
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Node, Thing, Visibility
from khlong.network.models import Meeting, Organisation
from khlong.places.models import City, Community
from khlong.places.models.base import Named, in_language
from khlong.record.filed import File
from khlong.strategy.models import Indicator, Item
from khlong.thai.dates import Span, format_span

TWICE = _("This period has a value already. Change that one, or choose another period.")


class PilotState(models.TextChoices):
    PLANNED = "planned", _("planned")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    STOPPED = "stopped", _("stopped")


class Pilot(Thing, Named):
    """A project that a city runs itself, from one or more measures."""

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="pilots")
    measures = models.ManyToManyField(Item, related_name="pilots", verbose_name=_("measures it tries"))
    aim_th = models.TextField(_("aim in Thai"))
    aim_en = models.TextField(_("aim in English"), blank=True)
    community = models.ForeignKey(
        Community,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="pilots",
        verbose_name=_("community"),
    )
    run_by = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="pilots",
        verbose_name=_("run by"),
    )
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=PilotState.choices, default=PilotState.PLANNED)
    indicators = models.ManyToManyField(
        Indicator, blank=True, related_name="pilots", verbose_name=_("indicators it moves")
    )

    class Meta(Named.Meta):
        verbose_name = _("pilot project")

    @property
    def aim(self) -> str:
        return in_language(self.aim_th, self.aim_en)

    @property
    def is_public(self) -> bool:
        return self.node.visibility == Visibility.PUBLIC

    def clean(self) -> None:
        super().clean()
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("It ends before it begins. Check the two dates.")})


class OfPilot(models.Model):
    """What stands in a pilot; seen and kept with it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pilot = models.ForeignKey(Pilot, on_delete=models.CASCADE, related_name="%(class)ss")

    class Meta:
        abstract = True

    @property
    def ref(self) -> str:
        return self.pilot.ref

    @property
    def space_id(self) -> UUID | None:
        return self.pilot.space_id


class WorkStep(OfPilot):
    """One step of the work, planned and done."""

    text_th = models.CharField(_("step in Thai"), max_length=300)
    text_en = models.CharField(_("step in English"), max_length=300, blank=True)
    begins = models.DateField(_("planned from"), null=True, blank=True)
    due = models.DateField(_("planned until"), null=True, blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("step of the work")

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        return in_language(self.text_th, self.text_en)

    def clean(self) -> None:
        super().clean()
        if self.begins and self.due and self.due < self.begins:
            raise ValidationError({"due": _("It ends before it begins. Check the two dates.")})


class MoneyLine(OfPilot):
    """A line of the pilot's budget."""

    text_th = models.CharField(_("for what, in Thai"), max_length=300)
    text_en = models.CharField(_("for what, in English"), max_length=300, blank=True)
    satang = models.BigIntegerField(_("amount"))
    funder = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("paid by"),
    )
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("budget line of a pilot")
        constraints = [models.CheckConstraint(condition=Q(satang__gte=0), name="no_line_below_nought")]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        return in_language(self.text_th, self.text_en)


class ExpenseState(models.TextChoices):
    WAITING = "waiting", _("waits for approval")
    APPROVED = "approved", _("approved")
    RETURNED = "returned", _("returned")


class Expense(OfPilot):
    """Money that was paid, with its receipt, approved by somebody else than who entered it."""

    line = models.ForeignKey(MoneyLine, on_delete=models.PROTECT, related_name="expenses")
    text = models.CharField(_("for what"), max_length=300)
    satang = models.BigIntegerField(_("amount"))
    paid_on = models.DateField(_("paid on"))
    receipt_no = models.CharField(_("number of the receipt"), max_length=80, blank=True)
    receipt = models.ForeignKey(File, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=8, choices=ExpenseState.choices, default=ExpenseState.WAITING, editable=False
    )
    over_why = models.CharField(_("why it goes above its line"), max_length=300, blank=True)
    entered_by = models.CharField(max_length=80, editable=False)
    decided_by = models.CharField(max_length=80, blank=True, editable=False)
    decided_on = models.DateField(null=True, editable=False)
    returned_why = models.CharField(max_length=300, blank=True, editable=False)

    class Meta:
        ordering = ["-paid_on", "id"]
        verbose_name = _("expense")
        constraints = [
            models.CheckConstraint(condition=Q(satang__gt=0), name="an_expense_is_above_nought"),
            models.CheckConstraint(
                condition=Q(decided_by="") | ~Q(decided_by=models.F("entered_by")),
                name="approved_by_another_person",
                violation_error_message=_("Somebody else than who entered an expense decides of it."),
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by="") | ~Q(state="waiting") & ~Q(decided_by=""),
                name="who_decided_of_an_expense_is_named",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class PilotActivity(OfPilot):
    """Something done in a pilot: who came stands with its meeting, by group; photos before and after."""

    name_th = models.CharField(_("what was done, in Thai"), max_length=300)
    name_en = models.CharField(_("what was done, in English"), max_length=300, blank=True)
    on = models.DateField(_("date"))
    meeting = models.ForeignKey(
        Meeting,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="pilot_activities",
        verbose_name=_("meeting whose attendance counts"),
    )
    before = models.ForeignKey(File, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    before_alt = models.CharField(_("what the photo before shows"), max_length=300, blank=True)
    after = models.ForeignKey(File, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    after_alt = models.CharField(_("what the photo after shows"), max_length=300, blank=True)
    shown_agree = models.BooleanField(
        _("Who can be recognised in the photos agrees that everybody sees them"), default=False
    )

    class Meta:
        ordering = ["-on", "id"]
        verbose_name = _("activity of a pilot")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self.name_th, self.name_en)


class Change(OfPilot):
    """A change of what was planned, and its reason."""

    what = models.CharField(_("what changes"), max_length=300)
    why = models.TextField(_("why"))
    on = models.DateField(_("decided on"))
    by = models.CharField(max_length=80, editable=False)

    class Meta:
        ordering = ["-on", "id"]
        verbose_name = _("change of the plan")

    def __str__(self) -> str:
        return self.what


class Lesson(OfPilot):
    """What was learned: what worked, what did not, for whom."""

    text_th = models.TextField(_("lesson in Thai"))
    text_en = models.TextField(_("lesson in English"), blank=True)
    worked = models.BooleanField(_("it worked"), default=True)
    on = models.DateField(_("date"))

    class Meta:
        ordering = ["-on", "id"]
        verbose_name = _("lesson")

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        return in_language(self.text_th, self.text_en)


class HandOver(OfPilot):
    """A file for whoever goes on with a pilot, made for who asked for it. Kept for some days.

    With the receipts it is for those who write in the city; without, for those who read there what is not published.
    """

    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+")
    with_receipts = models.BooleanField(_("with the receipts"))
    by = models.CharField(max_length=80)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "id"]
        verbose_name = _("hand-over file")

    def __str__(self) -> str:
        return self.file.name


class Value(Thing):
    """A value of an indicator in a period: computed from records by a rule, or entered with evidence.

    `inputs` names the records it was computed from (references and counts, no rows of people). Evidence of one that
    was entered is a file, or a meeting or report by its node.
    """

    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="values", verbose_name=_("indicator")
    )
    pilot = models.ForeignKey(
        Pilot,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="values",
        verbose_name=_("pilot project"),
    )
    period_from = models.DateField(_("from"))
    period_to = models.DateField(_("to"))
    value = models.DecimalField(_("value"), max_digits=16, decimal_places=4)
    rule = models.CharField(max_length=80, blank=True, editable=False)
    inputs = models.JSONField(default=dict, editable=False)
    evidence_note = models.TextField(_("evidence in words"), blank=True)
    evidence_file = models.ForeignKey(
        File, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("evidence")
    )
    evidence_node = models.ForeignKey(
        Node,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("meeting or report that shows it"),
    )

    class Meta:
        ordering = ["-period_to", "node_id"]
        verbose_name = _("value of an indicator")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "period_from", "period_to"],
                condition=Q(pilot=None),
                name="one_value_of_an_indicator_in_a_period",
                violation_error_message=TWICE,
            ),
            models.UniqueConstraint(
                fields=["indicator", "pilot", "period_from", "period_to"],
                condition=Q(pilot__isnull=False),
                name="one_value_of_a_pilot_in_a_period",
                violation_error_message=TWICE,
            ),
        ]

    @property
    def is_computed(self) -> bool:
        return bool(self.rule)

    @property
    def period(self) -> Span:
        return Span(self.period_from, self.period_to)

    def titles(self) -> tuple[str, str]:
        thai = f"{self.indicator.name_th} ({format_span(self.period, 'th', 'short')})"
        english = self.indicator.name_en
        return thai, f"{english} ({format_span(self.period, 'en', 'short')})" if english else ""

    def clean(self) -> None:
        super().clean()
        if self.period_from and self.period_to and self.period_to < self.period_from:
            raise ValidationError({"period_to": _("The period ends before it begins. Check the two dates.")})

"""The programme's logframe: its rows, its reporting periods, and what was frozen in each."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from khlong.chain.models import Thing
from khlong.network.models import Programme
from khlong.places.models.base import Named, in_language
from khlong.strategy.models import Indicator


class Logframe(Thing, Named):
    """The logframe of a programme (EU Annex E3d: impact, outcomes, outputs, with an activity matrix)."""

    programme = models.OneToOneField(Programme, on_delete=models.PROTECT, related_name="logframe")

    class Meta(Named.Meta):
        verbose_name = _("logframe")


class ResultLevel(models.TextChoices):
    IMPACT = "1_impact", _("impact")
    OUTCOME = "2_outcome", pgettext_lazy("logframe", "outcome")
    OUTPUT = "3_output", _("output")


class Result(models.Model):
    """One result of the results chain, and what is assumed for it (nothing at the level of impact)."""

    logframe = models.ForeignKey(Logframe, on_delete=models.CASCADE, related_name="results")
    level = models.CharField(_("level"), max_length=10, choices=ResultLevel.choices)
    order = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(pgettext_lazy("in a list", "number"), max_length=20, blank=True)
    text_th = models.TextField(_("result in Thai"))
    text_en = models.TextField(_("result in English"), blank=True)
    assumptions_th = models.TextField(_("assumptions in Thai"), blank=True)
    assumptions_en = models.TextField(_("assumptions in English"), blank=True)
    above = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="below",
        verbose_name=_("leads to which result"),
    )

    class Meta:
        ordering = ["level", "order", "id"]
        verbose_name = _("result")

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        return in_language(self.text_th, self.text_en)

    @property
    def assumptions(self) -> str:
        return in_language(self.assumptions_th, self.assumptions_en)

    @property
    def ref(self) -> str:
        return self.logframe.ref

    @property
    def space_id(self) -> UUID | None:
        return self.logframe.space_id


class How(models.TextChoices):
    """How the values of several cities make one: numbers add up, shares do not."""

    SUM = "sum", _("added up")
    LATEST = "latest", _("the latest")


class Line(models.Model):
    """An indicator of a result. Its own values count and, when `how` adds up, those of the cities' indicators."""

    result = models.ForeignKey(Result, on_delete=models.CASCADE, related_name="lines")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="lines")
    from_cities = models.ManyToManyField(
        Indicator,
        blank=True,
        related_name="programme_lines",
        verbose_name=_("made of the cities' indicators"),
    )
    how = models.CharField(_("how they are put together"), max_length=8, choices=How.choices, default=How.SUM)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("line of the logframe")
        constraints = [
            models.UniqueConstraint(fields=["result", "indicator"], name="one_line_of_an_indicator")
        ]

    def standing(self) -> set[UUID]:
        """The keys of the indicators that stand in the line already; none of a line that is not kept yet."""
        if self._state.adding:
            return set()
        return {self.indicator_id, *self.from_cities.values_list("pk", flat=True)}

    def __str__(self) -> str:
        return str(self.indicator)

    @property
    def ref(self) -> str:
        return self.result.ref

    @property
    def space_id(self) -> UUID | None:
        return self.result.space_id


class Period(models.Model):
    """A reporting period. Frozen, its values stand as they were, with the records they were made of."""

    logframe = models.ForeignKey(Logframe, on_delete=models.CASCADE, related_name="periods")
    name_th = models.CharField(_("name in Thai"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    begins = models.DateField(_("begins"))
    ends = models.DateField(_("ends"))
    frozen_at = models.DateTimeField(null=True, editable=False)
    frozen_by = models.CharField(max_length=80, blank=True, editable=False)

    class Meta:
        ordering = ["begins", "id"]
        verbose_name = _("reporting period")
        constraints = [
            models.CheckConstraint(condition=Q(ends__gte=models.F("begins")), name="a_period_lasts")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self.name_th, self.name_en)

    @property
    def ref(self) -> str:
        return self.logframe.ref

    @property
    def space_id(self) -> UUID | None:
        return self.logframe.space_id

    def clean(self) -> None:
        super().clean()
        if self.begins and self.ends and self.ends < self.begins:
            raise ValidationError({"ends": _("It ends before it begins. Check the two dates.")})


class FrozenValue(models.Model):
    """The value of a line when its period was frozen; never changed. `inputs` are references and counts, no rows."""

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="values")
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="frozen")
    value = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    inputs = models.JSONField(default=dict)
    rule = models.CharField(max_length=120)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["period", "line__order", "id"]
        verbose_name = _("frozen value")
        constraints = [models.UniqueConstraint(fields=["period", "line"], name="one_frozen_value_of_a_line")]

    def __str__(self) -> str:
        return f"{self.line_id} {self.value}"

    @property
    def space_id(self) -> UUID | None:
        return self.period.space_id

"""What a measure is beyond its words, and the indicators by which goals and measures are known to be reached."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Node, Thing
from khlong.network.models import Organisation
from khlong.places.models import City, Group, Source
from khlong.places.models.base import Named, in_language


class MeasureKind(models.TextChoices):
    STRUCTURAL = "structural", _("structural")
    ECOSYSTEM = "ecosystem", _("ecosystem")
    HYBRID = "hybrid", _("hybrid")
    SOCIAL = "social", _("social")
    INSTITUTIONAL = "institutional", _("institutional")


class MeasureDetail(models.Model):
    """What the workshop asks of a measure: kind, land, water, who gains and may lose, who does it, when, its cost.

    The words of the measure are its passage; the findings that it answers are edges.
    """

    item = models.OneToOneField(
        "strategy.Item", primary_key=True, on_delete=models.CASCADE, related_name="measure"
    )
    kind = models.CharField(_("kind"), max_length=14, choices=MeasureKind.choices, blank=True)
    system = models.CharField(_("system of the city that it touches"), max_length=200, blank=True)
    land_use = models.CharField(_("land-use zone"), max_length=200, blank=True)
    drainage_path = models.CharField(_("drainage path that it touches"), max_length=200, blank=True)
    landowner = models.CharField(_("who owns or keeps the land"), max_length=200, blank=True)
    permission = models.CharField(_("permission that it needs"), max_length=300, blank=True)
    gains = models.TextField(_("who gains"), blank=True)
    loses = models.TextField(_("who may lose, and what is done about it"), blank=True)
    beyond = models.TextField(_("what happens beyond its design level"), blank=True)
    groups = models.ManyToManyField(
        Group, blank=True, related_name="measures", verbose_name=_("groups it is for")
    )
    responsible = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="measures",
        verbose_name=_("responsible organisation"),
    )
    from_year = models.PositiveSmallIntegerField(_("from year (Buddhist era)"), null=True, blank=True)
    to_year = models.PositiveSmallIntegerField(_("to year (Buddhist era)"), null=True, blank=True)
    cost_satang = models.BigIntegerField(_("cost"), null=True, blank=True)
    cost_source = models.ForeignKey(
        Source,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("source of the cost"),
    )
    cost_note = models.CharField(_("how the cost was reckoned"), max_length=300, blank=True)
    revision = models.PositiveIntegerField(default=1, editable=False)

    also_kept: ClassVar[Mapping[str, Any]] = {}

    class Meta:
        verbose_name = _("what a measure is")

    def __str__(self) -> str:
        return self.item.ref

    @property
    def ref(self) -> str:
        return self.item.ref

    @property
    def node(self) -> Node:
        return self.item.node

    @property
    def space_id(self) -> UUID | None:
        return self.item.space_id

    def clean(self) -> None:
        super().clean()
        if self.from_year and self.to_year and self.to_year < self.from_year:
            raise ValidationError({"to_year": _("It ends before it begins. Check the two years.")})


class Indicator(Thing, Named):
    """By what a goal or a measure is known to be reached: unit, baseline, target, means of verification.

    `city` is empty for indicators of a programme. `rule` names the function that computes its values from records
    (registered by rooms downstream); without one, values are entered with evidence.
    """

    city = models.ForeignKey(City, null=True, blank=True, on_delete=models.PROTECT, related_name="indicators")
    item = models.ForeignKey(
        "strategy.Item",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="indicators",
        verbose_name=_("goal or measure that it belongs to"),
    )
    unit_th = models.CharField(_("unit in Thai"), max_length=80)
    unit_en = models.CharField(_("unit in English"), max_length=80, blank=True)
    baseline = models.DecimalField(_("baseline"), max_digits=16, decimal_places=4, null=True, blank=True)
    baseline_year = models.PositiveSmallIntegerField(_("year of the baseline (BE)"), null=True, blank=True)
    target = models.DecimalField(_("target"), max_digits=16, decimal_places=4, null=True, blank=True)
    target_year = models.PositiveSmallIntegerField(_("year of the target (BE)"), null=True, blank=True)
    means_th = models.CharField(_("means of verification in Thai"), max_length=400, blank=True)
    means_en = models.CharField(_("means of verification in English"), max_length=400, blank=True)
    rule = models.CharField(_("computed from records by"), max_length=80, blank=True)

    class Meta(Named.Meta):
        verbose_name = _("indicator")

    @property
    def unit(self) -> str:
        return in_language(self.unit_th, self.unit_en)

    @property
    def means(self) -> str:
        return in_language(self.means_th, self.means_en)

    @property
    def distance(self) -> Decimal | None:
        """From baseline to target; None while one of them is not given."""
        if self.baseline is None or self.target is None:
            return None
        return self.target - self.baseline

"""What a city's vulnerability is made of. Events first; findings stand on them."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Thing
from khlong.network.models import Meeting
from khlong.places.models import City, Community, Group, Zone
from khlong.places.models.base import Named, in_language
from khlong.record.fields import SpanField
from khlong.record.filed import File


class Hazard(models.TextChoices):
    FLOOD = "flood", _("flood")
    DROUGHT = "drought", _("drought")
    HEAT = "heat", _("heat wave")
    EROSION = "erosion", _("coastal erosion")
    STORM = "storm", _("storm")
    LANDSLIDE = "landslide", _("landslide")


class Event(Thing, Named):
    """Something that befell places at a time. Its figures are facts about it, as many as bodies gave."""

    hazard = models.CharField(_("hazard"), max_length=12, choices=Hazard.choices)
    date = SpanField(_("date"), null=True, blank=True)
    area_th = models.CharField(_("area in Thai"), max_length=300, blank=True)
    area_en = models.CharField(_("area in English"), max_length=300, blank=True)
    cities = models.ManyToManyField(City, blank=True, related_name="events", verbose_name=_("cities"))

    class Meta(Named.Meta):
        ordering = ["-date", "sort_key"]
        verbose_name = _("event")

    @property
    def area(self) -> str:
        return in_language(self.area_th, self.area_en)


class Confidence(models.TextChoices):
    """How sure those who wrote a finding are of it."""

    LOW = "low", _("low: one voice, or voices that differ")
    MEDIUM = "medium", _("medium: several voices agree")
    HIGH = "high", _("high: several kinds of evidence agree")


class Finding(Thing):
    """What was found out of a city's vulnerability: a statement with its why, its evidence and who checked it.

    Evidence that is a thing of its own (a household's statement, a fact, an event, a meeting) is linked by edges;
    documents and photos are files of the finding.
    """

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="findings")
    statement_th = models.TextField(_("what was found, in Thai"))
    statement_en = models.TextField(_("what was found, in English"), blank=True)
    hazard = models.CharField(_("hazard"), max_length=12, choices=Hazard.choices, blank=True)
    groups = models.ManyToManyField(
        Group, blank=True, related_name="findings", verbose_name=_("groups it concerns")
    )
    community = models.ForeignKey(
        Community,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="findings",
        verbose_name=_("community"),
    )
    zone = models.ForeignKey(
        Zone, null=True, blank=True, on_delete=models.PROTECT, related_name="findings", verbose_name=_("zone")
    )
    confidence = models.CharField(_("confidence"), max_length=8, choices=Confidence.choices)
    validated_in = models.ForeignKey(
        Meeting,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="validated_findings",
        verbose_name=_("checked in which meeting"),
    )
    validated_on = models.DateField(_("checked on"), null=True, blank=True)

    class Meta:
        ordering = ["node__ref"]
        verbose_name = _("finding")

    @property
    def statement(self) -> str:
        return in_language(self.statement_th, self.statement_en)

    def titles(self) -> tuple[str, str]:
        return self.statement_th, self.statement_en


class Cause(models.Model):
    """One step of a finding's why: it is so because of this. `explains` is the step that this one explains."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="causes")
    text_th = models.CharField(_("because, in Thai"), max_length=500)
    text_en = models.CharField(_("because, in English"), max_length=500, blank=True)
    explains = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="reasons",
        verbose_name=_("explains which step"),
    )
    underlying = models.BooleanField(_("an underlying cause"), default=False)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("cause")

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        return in_language(self.text_th, self.text_en)

    @property
    def space_id(self) -> UUID | None:
        return self.finding.space_id


class FindingFile(models.Model):
    """A document or a photo that a finding rests on."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+")
    caption_th = models.CharField(_("what it shows, in Thai"), max_length=300)
    caption_en = models.CharField(_("what it shows, in English"), max_length=300, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("file of a finding")

    def __str__(self) -> str:
        return self.caption

    @property
    def caption(self) -> str:
        return in_language(self.caption_th, self.caption_en)

    @property
    def space_id(self) -> UUID | None:
        return self.finding.space_id

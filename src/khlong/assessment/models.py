"""What a city's vulnerability is made of. Events first; findings stand on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
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


PAPER_WORDS = ("caption_th", "caption_en", "alt_th", "alt_en")


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
        editable=False,
    )
    validated_on = models.DateField(_("checked on"), null=True, blank=True, editable=False)

    also_kept: ClassVar[Mapping[str, Any]] = {"chain": _("the why"), "papers": _("documents and photos")}

    class Meta:
        ordering = ["node__ref"]
        verbose_name = _("finding")
        indexes = [
            models.Index(
                fields=["city", "node"], condition=models.Q(validated_on=None), name="findings_not_checked"
            )
        ]

    @property
    def statement(self) -> str:
        return in_language(self.statement_th, self.statement_en)

    def titles(self) -> tuple[str, str]:
        return self.statement_th, self.statement_en

    @property
    def is_checked(self) -> bool:
        return self.validated_on is not None

    @property
    def chain(self) -> list[dict[str, Any]]:
        """The why as it is kept in the history: a step for each cause, `explains` is the place of another step."""
        known: list[dict[str, Any]] | None = getattr(self, "_chain", None)
        if known is None:
            rows = list(self.causes.all()) if self.pk and not self._state.adding else []
            place = {row.pk: at for at, row in enumerate(rows)}
            known = [row.plain(place.get(row.explains_id or 0)) for row in rows]
        return known

    @chain.setter
    def chain(self, steps: list[dict[str, Any]]) -> None:
        self._chain = steps

    @property
    def papers(self) -> list[dict[str, str]]:
        """Documents and photos as they are kept in the history."""
        known: list[dict[str, str]] | None = getattr(self, "_papers", None)
        if known is None:
            known = [row.plain() for row in self.files.all()] if not self._state.adding else []
        return known

    @papers.setter
    def papers(self, rows: list[dict[str, str]]) -> None:
        self._papers = rows


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

    def plain(self, explains: int | None) -> dict[str, Any]:
        """As the history keeps it."""
        words = {"label": self.text_th, "th": self.text_th, "en": self.text_en}
        return words | {"explains": explains, "underlying": self.underlying}


class FindingFile(models.Model):
    """A document or a photo that a finding rests on."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+")
    caption_th = models.CharField(_("what it shows, in Thai"), max_length=300)
    caption_en = models.CharField(_("what it shows, in English"), max_length=300, blank=True)
    alt_th = models.CharField(_("for those who cannot see it, in Thai"), max_length=300, blank=True)
    alt_en = models.CharField(_("for those who cannot see it, in English"), max_length=300, blank=True)
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
    def alt(self) -> str:
        return in_language(self.alt_th or self.caption_th, self.alt_en or self.caption_en)

    @property
    def picture(self) -> str:
        return self.file.url_of(1000)

    @property
    def size(self) -> tuple[int, int]:
        return self.file.shown_size(1000)

    def plain(self) -> dict[str, str]:
        """As the history keeps it."""
        words = {name: str(getattr(self, name)) for name in PAPER_WORDS}
        return {"label": self.caption_th, "file": str(self.file_id), **words}

    @property
    def space_id(self) -> UUID | None:
        return self.finding.space_id

"""A city's plan: its parts, the text of each with all its revisions, and the versions made of them."""

from __future__ import annotations

import hashlib
import unicodedata
import uuid
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Thing
from khlong.network.models import Meeting
from khlong.places.models import City, Mark, Source
from khlong.places.models.base import Named
from khlong.record.fields import SpanField


class PlanStatus(models.TextChoices):
    DRAFT = "draft", _("draft")
    REVIEW = "review", _("open for suggestions")
    ADOPTED = "adopted", _("adopted")


class VersionState(models.TextChoices):
    """Of a version; only one of a plan is adopted at a time, and only its newest is open for suggestions."""

    DRAFT = "draft", _("draft")
    REVIEW = "review", _("open for suggestions")
    ADOPTED = "adopted", _("adopted")
    REPLACED = "replaced", _("replaced by a newer one")


class Plan(Thing, Named):
    """A strategy plan of a city. Years that nobody published stay empty and say so."""

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="plans")
    horizon_years = models.PositiveSmallIntegerField(_("years the plan runs"), null=True, blank=True)
    start_year = models.PositiveSmallIntegerField(_("first year (Buddhist era)"), null=True, blank=True)
    status = models.CharField(_("state"), max_length=8, choices=PlanStatus.choices, default=PlanStatus.DRAFT)
    drafted = SpanField(_("drafted on"))
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", verbose_name=_("source"))
    mark = models.CharField(_("mark"), max_length=1, choices=Mark.choices, default=Mark.READ)

    class Meta(Named.Meta):
        verbose_name = _("strategy plan")


class ItemKind(models.TextChoices):
    VISION = "vision", _("vision")
    STRATEGY = "strategy", _("strategy")
    GOAL = "goal", _("goal")
    MEASURE = "measure", _("measure")
    STATEMENT = "statement", _("statement")


class Item(Thing):
    """A part of a plan. What it says is its passage."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(_("kind"), max_length=10, choices=ItemKind.choices)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="parts")
    order = models.PositiveSmallIntegerField(default=0)
    removed = models.BooleanField(default=False)

    class Meta:
        ordering = ["order", "node_id"]
        verbose_name = _("part of a plan")

    def titles(self) -> tuple[str, str]:
        return self.node.title_th or "–", self.node.title_en


class Passage(models.Model):
    """A piece of text that people may speak to; it lives on while its words change."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.OneToOneField(Item, on_delete=models.PROTECT, related_name="passage")

    def __str__(self) -> str:
        return str(self.item)

    @property
    def space_id(self) -> UUID | None:
        return self.item.space_id

    @property
    def ref(self) -> str:
        return self.item.ref


class Language(models.TextChoices):
    THAI = "th", _("Thai")
    ENGLISH = "en", _("English")


class PassageRevision(models.Model):
    """The words of a passage at one time, in NFC with their hash. Never changed, only followed.

    Thai is authoritative. Another language names the Thai revision it was made from, and is stale once that
    is no longer the newest.
    """

    passage = models.ForeignKey(Passage, on_delete=models.PROTECT, related_name="revisions")
    lang = models.CharField(max_length=2, choices=Language.choices, default=Language.THAI)
    number = models.PositiveIntegerField()
    text = models.TextField()
    hash = models.CharField(max_length=64, editable=False)
    made_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="translations"
    )
    by = models.CharField(max_length=80)
    at = models.DateTimeField(auto_now_add=True)
    why = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        ordering = ["lang", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["passage", "lang", "number"], name="one_passage_revision_of_a_number"
            ),
            models.CheckConstraint(
                condition=models.Q(lang="th", made_from=None) | ~models.Q(lang="th"),
                name="thai_is_made_from_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.passage_id} {self.lang} {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("a revision is never changed; make the next one")
        self.text = normal(self.text)
        self.hash = hashlib.sha256(self.text.encode()).hexdigest()
        super().save(*args, **kwargs)

    @property
    def space_id(self) -> UUID | None:
        return self.passage.space_id


class Version(models.Model):
    """A plan as it stood: an ordered list of revisions, and what changed since the one before."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=VersionState.choices, default=VersionState.DRAFT)
    adopted_in = models.ForeignKey(
        Meeting,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("adopted in which meeting"),
    )
    adopted_on = models.DateField(_("adopted on"), null=True, blank=True)
    adoption_note = models.CharField(_("what was decided"), max_length=500, blank=True)
    note = models.CharField(_("what changed"), max_length=300, blank=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="one_version_of_a_number"),
            models.UniqueConstraint(
                fields=["plan"], condition=models.Q(state="adopted"), name="one_adopted_version_of_a_plan"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} version {self.number}"

    @property
    def space_id(self) -> UUID | None:
        return self.plan.space_id

    @property
    def ref(self) -> str:
        return f"{self.plan.ref} v{self.number}"

    @property
    def before(self) -> int:
        """The number of the version before; 0 for the first."""
        return self.number - 1


class VersionEntry(models.Model):
    """One line of a version: which part, at which place, in which words."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="entries")
    order = models.PositiveIntegerField()
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey(Item, null=True, on_delete=models.PROTECT, related_name="+")
    revision = models.ForeignKey(PassageRevision, on_delete=models.PROTECT, related_name="entries")
    translation = models.ForeignKey(PassageRevision, null=True, on_delete=models.PROTECT, related_name="+")
    detail = models.JSONField(null=True)
    """What the measure was then, as `frozen.said` keeps it; null for other parts, and where nobody had said it."""

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["version", "order"], name="one_entry_at_a_place")]

    def __str__(self) -> str:
        return f"{self.version_id} #{self.order}"


def normal(text: str) -> str:
    """Text as it is kept: NFC, one kind of line end, no blanks at the ends."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


from khlong.strategy.measure_models import Indicator, MeasureDetail, MeasureKind  # noqa: E402

__all__ = [
    "Indicator",
    "Item",
    "ItemKind",
    "Language",
    "MeasureDetail",
    "MeasureKind",
    "Passage",
    "PassageRevision",
    "Plan",
    "PlanStatus",
    "Version",
    "VersionEntry",
    "VersionState",
    "normal",
]

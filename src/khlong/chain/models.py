"""The chain's two tables, and what every thing in a room shares."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from khlong.chain import pages
from khlong.chain.hall.models import Hall, HallBase, HallEntry, HallFile, HallTaken  # noqa: F401
from khlong.thai.collate import sort_key


class Kind(models.TextChoices):
    """What a node is; the letter begins its reference."""

    PROGRAMME = "R", _("programme")
    CITY = "C", _("city")
    COMMUNITY = "B", _("community")
    CANAL = "K", _("canal")
    GAUGE = "G", _("water gauge")
    FACT = "D", _("fact")
    ORGANISATION = "O", _("organisation")
    MEETING = "W", _("meeting")
    EVENT = "E", _("event")
    PLAN = "Y", _("strategy plan")
    ITEM = "T", _("part of a plan")
    MEASURE = "M", _("measure")
    TOPIC = "J", _("related topic")
    REPORT = "A", _("report of an activity")
    WORKGROUP = "U", _("working group")
    STATEMENT = "H", _("statement of a household")
    FINDING = "F", _("finding")
    INDICATOR = "I", _("indicator")
    ROUND = "N", _("round of review")
    SUGGESTION = "S", _("suggestion")
    PROPOSAL = "P", _("proposal")
    PILOT = "L", _("pilot project")
    VALUE = "V", _("value of an indicator")
    LOGFRAME = "X", _("logframe")


class Visibility(models.TextChoices):
    PUBLIC = "public", _("everybody")
    MEMBERS = "members", _("the working group only")


class Node(models.Model):
    """One per chain object: its permanent reference, its space, its title and who may see it.

    The space is the node of a city, or of the programme for what belongs to no single city; the node of a
    city or of a programme is its own space.
    """

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ref = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=1, choices=Kind.choices, db_index=True)
    space = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="nodes")
    title_th = models.CharField(max_length=500)
    title_en = models.CharField(max_length=500, blank=True)
    sort_key = models.CharField(max_length=600, editable=False)
    visibility = models.CharField(max_length=8, choices=Visibility.choices, default=Visibility.PUBLIC)
    is_example = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["space", "kind"])]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_key = sort_key(self.title_th)[:600]
        super().save(*args, **kwargs)

    @property
    def title(self) -> str:
        """The title in the reader's language; Thai where there is no other."""
        return self.title_en if get_language() == "en" and self.title_en else self.title_th

    @property
    def space_is_example(self) -> bool:
        """Whether the city or programme in whose space it lies is generated example data."""
        return self.space is not None and self.space.is_example

    def get_absolute_url(self) -> str:
        """The page of whatever this node stands for."""
        return pages.url_of(self)


class RefCounter(models.Model):
    """The last number given for a kind in a place; numbers are never given twice."""

    prefix = models.CharField(max_length=12, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.prefix}-{self.last:04d}"


class EdgeKind(models.TextChoices):
    """What a link says, read from upstream to downstream."""

    RESTS_ON = "rests_on", _("is the evidence for")
    LEADS_TO = "leads_to", _("leads to")
    PART_OF = "part_of", _("is part of")


class Edge(models.Model):
    """A link of the chain, from upstream to downstream. Both ends are protected from deletion."""

    up = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="downstream")
    down = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="upstream")
    kind = models.CharField(max_length=12, choices=EdgeKind.choices)
    by = models.CharField(max_length=80)
    version = models.CharField(max_length=40, blank=True)
    across = models.BooleanField(default=False)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["up", "down", "kind"], name="one_edge_of_a_kind"),
            models.CheckConstraint(condition=~models.Q(up=models.F("down")), name="no_edge_to_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.up_id} → {self.down_id}"

    @property
    def space_id(self) -> UUID | None:
        return self.down.space_id


class Thing(models.Model):
    """What every chain object of a room has: its node, and a number that grows with each change."""

    node = models.OneToOneField(Node, primary_key=True, on_delete=models.PROTECT, related_name="%(class)s")
    revision = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    also_kept: ClassVar[Mapping[str, Any]] = {}
    """Labels of what the history keeps besides the fields, by the name of a property."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.node)

    @property
    def ref(self) -> str:
        return self.node.ref

    @property
    def space_id(self) -> UUID | None:
        return self.node.space_id

    @property
    def title(self) -> str:
        return self.node.title

    def titles(self) -> tuple[str, str]:
        """Thai and English title for the node, from the thing's own fields."""
        return getattr(self, "name_th", ""), getattr(self, "name_en", "")

    def get_absolute_url(self) -> str:
        return self.node.get_absolute_url()


class ThingRevision(models.Model):
    """What a thing said at one time: all its fields, who saved them, when and why. Only ever added."""

    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    values = models.JSONField()
    changed = models.JSONField(default=list)
    by = models.CharField(max_length=80)
    at = models.DateTimeField(auto_now_add=True)
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["node", "number"], name="one_revision_of_a_number")]

    def __str__(self) -> str:
        return f"{self.node_id} revision {self.number}"

    @property
    def space_id(self) -> UUID | None:
        return self.node.space_id


class LoadedItem(models.Model):
    """What a data file said of one item when it was last taken in.

    A file that has not changed since leaves the database alone, so that what people corrected there stands.
    """

    key = models.CharField(max_length=120, primary_key=True)
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.key

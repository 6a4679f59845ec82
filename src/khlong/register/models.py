"""Households and the people in them, and what a household said. Everything personal is sealed under a person's key."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Node, Thing
from khlong.people.models import Subject
from khlong.people.sealed import SealedField
from khlong.places.models import Community, Group, Zone
from khlong.privacy.models import Purpose

WITHDRAWN_TH, WITHDRAWN_EN = "ถอนความยินยอมแล้ว", "Consent withdrawn"
"""What stands where words were that somebody took back."""


class Household(models.Model):
    """A household of a city, known by whoever speaks for it.

    Where it lives is a community and a zone, never a position. What volunteers call it by (a house number, a name)
    is sealed. Groups are those that it says it belongs to. Rows have random ids and a day.
    """

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    space = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="households")
    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, related_name="household")
    community = models.ForeignKey(
        Community,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="households",
        verbose_name=_("community"),
    )
    zone = models.ForeignKey(
        Zone,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="households",
        verbose_name=_("zone"),
    )
    groups = models.ManyToManyField(
        Group, blank=True, related_name="households", verbose_name=_("groups it says it belongs to")
    )
    people = models.PositiveSmallIntegerField(_("people in the household"), null=True, blank=True)
    called = SealedField()
    is_example = models.BooleanField(default=False, editable=False)
    noted_by = models.CharField(max_length=80, editable=False)
    noted_on = models.DateField(auto_now_add=True)

    class Meta:
        ordering = ["uuid"]
        verbose_name = _("household")
        indexes = [
            models.Index(fields=["space", "zone"]),
            models.Index(fields=["space", "-noted_on", "uuid"], name="households_newest_first"),
        ]

    def __str__(self) -> str:
        return f"household {str(self.pk)[:8]}"

    @property
    def ref(self) -> str:
        return self.space.ref

    @property
    def code(self) -> str:
        """Eight letters by which lists call it."""
        return self.pk.hex[:8].upper()


class AgeGroup(models.TextChoices):
    CHILD = "child", _("under 15")
    WORKING = "working", _("15 to 59")
    OLDER = "older", _("60 and over")


class Person(models.Model):
    """Somebody of a household, under a key of her own."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="members")
    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, related_name="person_of_household")
    name = SealedField()
    age = models.CharField(_("age"), max_length=8, choices=AgeGroup.choices, blank=True)
    groups = models.ManyToManyField(
        Group, blank=True, related_name="people", verbose_name=_("groups she says she belongs to")
    )

    class Meta:
        ordering = ["uuid"]
        verbose_name = _("person of a household")

    def __str__(self) -> str:
        return f"person {str(self.pk)[:8]}"

    @property
    def space_id(self) -> Any:
        return self.household.space_id


class Telling(models.TextChoices):
    """How the words came: typed by a volunteer on the spot, told to a scribe, copied from paper."""

    VOLUNTEER = "volunteer", _("written down by a volunteer")
    SCRIBE = "scribe", _("told to a scribe")
    PAPER = "paper", _("from a paper sheet")


class Statement(Thing):
    """What a household said, in its own words: the first link of the chain.

    The words are sealed under the household's key for making the plan and gone with it; the node's title names the
    place only. The public reads them when the household agreed to be quoted without its name (`may_quote`).
    """

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="statements")
    words = SealedField(purpose=Purpose.PLAN, of="household__subject")
    words_en = SealedField(purpose=Purpose.PLAN, of="household__subject")
    wording = models.PositiveSmallIntegerField(_("writing of the words"), default=0, editable=False)
    said_on = models.DateField(_("said on"))
    how = models.CharField(_("how it was told"), max_length=10, choices=Telling.choices)
    site = models.CharField(_("place where it was told"), max_length=200, blank=True)
    may_quote = models.BooleanField(_("may be quoted without a name"), default=False)
    sheet = models.CharField(_("number of the paper sheet"), max_length=40, blank=True)
    erased_on = models.DateField(null=True, editable=False)

    class Meta:
        ordering = ["node_id"]
        verbose_name = _("statement of a household")

    def titles(self) -> tuple[str, str]:
        """Where it was said from, as far as a community; never who said it."""
        if self.erased_on is not None:
            return WITHDRAWN_TH, WITHDRAWN_EN
        place = self.household.community or self.household.space.city
        return (
            f"คำบอกเล่าของครัวเรือน {place.name_th}",
            f"What a household said, {place.name_en or place.name_th}",
        )

    @property
    def subject(self) -> Subject:
        return self.household.subject

    @property
    def subject_id(self) -> uuid.UUID:
        """Whose key the words are sealed under."""
        return self.household.subject_id

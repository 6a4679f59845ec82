"""What a city's vulnerability is made of. Events first; findings stand on them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Thing
from khlong.places.models import City
from khlong.places.models.base import Named, in_language
from khlong.record.fields import SpanField


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

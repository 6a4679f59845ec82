"""Cities and what lies in them. A city is a social area; it joins authorities and is none of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Thing
from khlong.places.models.base import Named, in_language
from khlong.places.models.facts import Mark, Source
from khlong.places.models.reference import District, Province, Tambon
from khlong.record.fields import SpanField


class AuthorityKind(models.TextChoices):
    CITY = "city_municipality", _("city municipality")
    TOWN = "town_municipality", _("town municipality")
    SUBDISTRICT = "subdistrict_municipality", _("subdistrict municipality")
    SAO = "sao", _("subdistrict administrative organisation")
    PAO = "pao", _("provincial administrative organisation")


class Authority(Named):
    """A local authority: an office with a boundary, a budget and a plan of its own."""

    kind = models.CharField(_("kind"), max_length=30, choices=AuthorityKind.choices)
    short_th = models.CharField(_("short name in Thai"), max_length=80, blank=True)
    short_en = models.CharField(_("short name in English"), max_length=80, blank=True)
    province = models.ForeignKey(Province, on_delete=models.PROTECT, related_name="authorities")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", verbose_name=_("source"))
    mark = models.CharField(_("mark"), max_length=1, choices=Mark.choices, default=Mark.READ)

    class Meta(Named.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["name_th", "province"],
                name="one_authority_of_a_name",
                violation_error_message=_("An authority of this name stands in the list already."),
            )
        ]

    @property
    def short(self) -> str:
        return in_language(self.short_th or self.name_th, self.short_en or self.name_en)


THAILAND = (97.2, 5.5, 105.8, 20.6)
"""West, south, east and north of the country with its islands, in degrees, rounded outwards."""


def in_thailand(lon: float, lat: float) -> bool:
    """Whether a point (degrees) lies in the rectangle around the country."""
    west, south, east, north = THAILAND
    return west <= lon <= east and south <= lat <= north


class Region(models.TextChoices):
    SOUTH = "south", _("South")
    NORTHEAST = "northeast", _("Northeast")


class City(Thing, Named):
    """A city of the programme. `is_full` says that all that was found of it is loaded."""

    slug = models.SlugField(_("address"), max_length=60, unique=True)
    region = models.CharField(_("region"), max_length=12, choices=Region.choices)
    is_full = models.BooleanField(default=False)
    province = models.ForeignKey(
        Province, on_delete=models.PROTECT, related_name="cities", verbose_name=_("province")
    )
    districts = models.ManyToManyField(
        District, blank=True, related_name="cities", verbose_name=_("districts")
    )
    tambons = models.ManyToManyField(
        Tambon, blank=True, related_name="cities", verbose_name=_("subdistricts")
    )
    authorities = models.ManyToManyField(
        Authority, blank=True, related_name="cities", verbose_name=_("local authorities")
    )
    lon = models.FloatField(_("longitude of its mark"), null=True, blank=True)
    lat = models.FloatField(_("latitude of its mark"), null=True, blank=True)
    where_th = models.CharField(max_length=300, blank=True, editable=False)
    where_en = models.CharField(max_length=300, blank=True, editable=False)
    joins_th = models.CharField(max_length=600, blank=True, editable=False)
    joins_en = models.CharField(max_length=600, blank=True, editable=False)
    basin_th = models.CharField(_("basin in Thai"), max_length=200, blank=True)
    basin_en = models.CharField(_("basin in English"), max_length=200, blank=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", verbose_name=_("source"))
    mark = models.CharField(_("mark"), max_length=1, choices=Mark.choices, default=Mark.READ)

    class Meta(Named.Meta):
        verbose_name = _("city")

    def clean(self) -> None:
        super().clean()
        if (self.lon is None) != (self.lat is None):
            raise ValidationError({"lat": _("A place needs both its longitude and its latitude.")})
        if self.lon is not None and self.lat is not None and not in_thailand(self.lon, self.lat):
            raise ValidationError(
                {"lon": _("This lies outside Thailand. Write degrees, such as 100.47 and 7.01.")}
            )

    @property
    def where(self) -> str:
        """District and province in one line, kept with the city so that a page need not ask for them."""
        return in_language(self.where_th, self.where_en)

    @property
    def joins(self) -> list[str]:
        """Short names of the authorities that the city joins, kept with it like its place."""
        return [name for name in in_language(self.joins_th, self.joins_en).split("\n") if name]

    @property
    def short(self) -> str:
        """The name as it stands on a map, without the word for city."""
        return self.name.removeprefix("เมือง")

    @property
    def basin(self) -> str:
        return in_language(self.basin_th, self.basin_en)


class Group(Named):
    """People whom a city's own text names as its members, called what they call themselves."""

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="groups")
    words_of_source = models.CharField(_("words of the source"), max_length=200, blank=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", verbose_name=_("source"))
    mark = models.CharField(_("mark"), max_length=1, choices=Mark.choices, default=Mark.READ)
    order = models.PositiveSmallIntegerField(default=0)
    former = models.JSONField(default=list, blank=True, editable=False)

    class Meta(Named.Meta):
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "name_th"],
                name="one_group_of_a_name",
                violation_error_message=_("The city names this group already."),
            )
        ]

    @property
    def former_names(self) -> list[FormerName]:
        """What the group was called before, oldest first."""
        return [FormerName(row["th"], row["en"], date.fromisoformat(row["until"])) for row in self.former]


@dataclass(frozen=True)
class FormerName:
    """What a group was called until it chose another name."""

    name_th: str
    name_en: str
    until: date

    @property
    def name(self) -> str:
        return in_language(self.name_th, self.name_en)

    def plain(self) -> dict[str, str]:
        """As it is kept."""
        return {"th": self.name_th, "en": self.name_en, "until": self.until.isoformat()}


class Valid(models.Model):
    """Something that holds from one time to another; communities and zones are drawn anew."""

    valid_from = SpanField(_("valid from"))
    valid_to = SpanField(_("valid to"))

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        if self.valid_from and self.valid_to and self.valid_to.end < self.valid_from.start:
            raise ValidationError({"valid_to": _("It ends before it begins. Check the two dates.")})


class Community(Thing, Named, Valid):
    """A community of a city, as people there draw it."""

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="communities")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", verbose_name=_("source"))
    mark = models.CharField(_("mark"), max_length=1, choices=Mark.choices, default=Mark.READ)

    class Meta(Named.Meta):
        verbose_name = _("community")


class Zone(Named, Valid):
    """A part of a community at one time; a survey counts by the zones of its day."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="zones")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", verbose_name=_("source"))
    mark = models.CharField(_("mark"), max_length=1, choices=Mark.choices, default=Mark.READ)

    class Meta(Named.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["community", "name_th", "valid_from"],
                name="one_zone_of_a_name_and_time",
                violation_error_message=_("A zone of this name and time stands here already."),
            ),
            models.UniqueConstraint(
                fields=["community", "name_th"],
                condition=models.Q(valid_from=None),
                name="one_undated_zone_of_a_name",
                violation_error_message=_("A zone of this name and time stands here already."),
            ),
        ]


class Canal(Thing, Named):
    """A canal or river line, and what it flows into."""

    flows_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="fed_by",
        verbose_name=_("flows into"),
    )
    flows_into_th = models.CharField(_("flows into, in Thai"), max_length=200, blank=True)
    flows_into_en = models.CharField(_("flows into, in English"), max_length=200, blank=True)
    cities = models.ManyToManyField(City, blank=True, related_name="canals", verbose_name=_("cities"))

    class Meta(Named.Meta):
        verbose_name = _("canal")

    def clean(self) -> None:
        super().clean()
        met: set[Any] = {self.pk}
        below = self.flows_into
        while below is not None:
            if below.pk in met:
                raise ValidationError({"flows_into": _("Water would run in a circle. Choose another canal.")})
            met.add(below.pk)
            below = below.flows_into


class Gauge(Thing, Named):
    """A station at which the water of a canal is measured."""

    code = models.CharField(_("station code"), max_length=20, unique=True)
    canal = models.ForeignKey(
        Canal, null=True, blank=True, on_delete=models.PROTECT, related_name="gauges", verbose_name=_("canal")
    )

    class Meta(Named.Meta):
        verbose_name = _("water gauge")

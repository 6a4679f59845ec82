"""Official outlines of provinces, districts and subdistricts, as somebody brought them in."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from khlong.places.models.facts import Source


class Boundary(models.Model):
    """The outline of one code of TIS 1099: 2 digits a province, 4 a district, 6 a subdistrict.

    `shape` holds the coordinates of a GeoJSON MultiPolygon (longitude, latitude in degrees of WGS 84),
    simplified for drawing together with its neighbours; `digest` is the SHA-256 of the exact ones. `lon` and
    `lat` are a point inside.
    """

    code = models.CharField(_("code"), max_length=6, primary_key=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", verbose_name=_("source"))
    shape = models.JSONField()
    digest = models.CharField(max_length=64)
    points = models.PositiveIntegerField()
    lon = models.FloatField()
    lat = models.FloatField()
    imported_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("boundary")

    def __str__(self) -> str:
        return self.code

"""The country's own divisions with their official codes; the names come from the geothai package."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from khlong.places.models.base import Named


class Province(Named):
    code = models.CharField(_("code"), max_length=2, primary_key=True)


class District(Named):
    code = models.CharField(_("code"), max_length=4, primary_key=True)
    province = models.ForeignKey(Province, on_delete=models.PROTECT, related_name="districts")


class Tambon(Named):
    code = models.CharField(_("code"), max_length=6, primary_key=True)
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="tambons")

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from khlong.thai.collate import sort_key


def in_language(th: str, en: str) -> str:
    """The text in the reader's language; Thai where there is no English."""
    return en if get_language() == "en" and en else th


class Named(models.Model):
    """Something with a Thai and an English name, sorted as a Thai dictionary sorts."""

    name_th = models.CharField(_("name in Thai"), max_length=300)
    name_en = models.CharField(_("name in English"), max_length=300, blank=True)
    sort_key = models.CharField(max_length=400, editable=False)

    class Meta:
        abstract = True
        ordering = ["sort_key"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self.name_th, self.name_en)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_key = sort_key(self.name_th)[:400]
        super().save(*args, **kwargs)

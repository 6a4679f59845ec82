"""What is told to the public: related topics now, reports of activities next."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Thing
from khlong.places.models.base import Named


class Topic(Thing, Named):
    """A related topic; what is known of it are facts about it."""

    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta(Named.Meta):
        ordering = ["order", "sort_key"]
        verbose_name = _("related topic")

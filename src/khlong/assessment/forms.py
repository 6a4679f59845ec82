from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khlong.assessment.models import Event
from khlong.chain.editing import ThingForm
from khlong.network.forms import choose_named
from khlong.ui.forms import SpanField


class EventForm(ThingForm):
    """What befell which places, and when. Its figures are added as facts, each with who reported it."""

    date = SpanField(
        label=_("Date"),
        required=False,
        help_text=_("A day, a month or a range, such as 19-25 Nov 2025. Empty means undated."),
    )

    class Meta:
        model = Event
        fields = ("name_th", "name_en", "hazard", "date", "area_th", "area_en", "cities")
        widgets = {"cities": forms.CheckboxSelectMultiple}
        help_texts = {"cities": _("Cities that the source names, or whose province or district it names.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_named(self, "cities", self.instance.node.space)

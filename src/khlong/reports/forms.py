from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khlong.chain.editing import ThingForm
from khlong.network.queries import works_under
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.reports.models import Line, Logframe, Period, Result
from khlong.strategy.models import Indicator
from khlong.ui.forms import DayField, KhlongModelForm


class LogframeForm(ThingForm):
    class Meta:
        model = Logframe
        fields = ("name_th", "name_en")


class ResultForm(KhlongModelForm):
    """One result of the results chain, with what is assumed for it."""

    class Meta:
        model = Result
        fields = (
            *("level", "code", "text_th", "text_en", "assumptions_th", "assumptions_en"),
            *("above", "order"),
        )
        help_texts = {"assumptions_th": _("Nothing is assumed at the level of impact; leave it empty there.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Result.objects.filter(logframe=self.instance.logframe).exclude(pk=self.instance.pk)
        self.fields["above"].queryset = rows  # type: ignore[attr-defined]


class LineForm(KhlongModelForm):
    """An indicator of a result, and the cities' indicators that make its value."""

    class Meta:
        model = Line
        fields = ("indicator", "how", "from_cities", "order")
        widgets = {"from_cities": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        programme = self.instance.result.logframe.programme
        rows = Indicator.objects.select_related("node", "city").filter(self._open_to(actor))
        own = Q(node__space=programme.node, city=None)
        of_cities = works_under(programme, "city__")
        self.fields["indicator"].queryset = rows.filter(own | of_cities).distinct()  # type: ignore[attr-defined]
        self.fields["from_cities"].queryset = rows.filter(of_cities).distinct()  # type: ignore[attr-defined]

    def _open_to(self, actor: Actor) -> Q:
        """What the actor may see, and what stands in the line already."""
        seen = Q(pk__in=scope(actor, Indicator.objects.order_by()).values("pk"))
        return seen | Q(pk__in=self.instance.standing())


class PeriodForm(KhlongModelForm):
    begins = DayField(label=_("Begins"))
    ends = DayField(label=_("Ends"))

    class Meta:
        model = Period
        fields = ("name_th", "name_en", "begins", "ends")

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khlong.assessment.ground_form import GroundRows
from khlong.assessment.models import Confidence, Event, Finding, Hazard
from khlong.assessment.papers import KINDS, Papers
from khlong.assessment.why_form import WhyRows
from khlong.chain.editing import ThingForm
from khlong.network.forms import choose_named
from khlong.network.models import Meeting
from khlong.places.models import City, Community, Group, Zone
from khlong.record.files import accept
from khlong.ui.forms import DayField, KhlongForm, SpanField


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


class FindingForm(ThingForm):
    """A finding. Its why, its evidence and its papers come in beside the form's own fields, in rows."""

    paper = forms.FileField(
        label=_("Add a document or photo"),
        required=False,
        help_text=_("PDF, Word, Excel or a photo. It is kept at once, then say what it shows."),
        widget=forms.FileInput(attrs={"accept": accept(KINDS)}),
    )
    sure = forms.BooleanField(label=_("Change it and take the check back"), required=False)
    chain = forms.CharField(label=_("Why is it so"), required=False, widget=forms.HiddenInput)
    evidence = forms.CharField(label=_("Evidence"), required=False, widget=forms.HiddenInput)
    papers = forms.CharField(label=_("Documents and photos"), required=False, widget=forms.HiddenInput)
    extra = ("ground", "sure")

    class Meta:
        model = Finding
        fields = (*("statement_th", "statement_en", "hazard", "groups", "community", "zone", "confidence"),)
        labels = {
            "statement_th": _("What was found, in one sentence"),
            "statement_en": _("In English"),
            "groups": _("Groups that it concerns"),
        }
        help_texts = {
            "statement_th": _(
                "Who, where, what: such as “38 homes behind the market: water comes in before the canal overflows”."
            ),
        }
        widgets = {
            "statement_th": forms.Textarea(attrs={"rows": 2, "lang": "th"}),
            "statement_en": forms.Textarea(attrs={"rows": 2, "lang": "en"}),
            "groups": forms.CheckboxSelectMultiple,
            "confidence": forms.RadioSelect,
        }

    def __init__(
        self, *args: Any, city: City, why: WhyRows, ground: GroundRows, papers: Papers, **kwargs: Any
    ) -> None:
        self.city, self.why_rows, self.ground, self.kept = city, why, ground, papers
        super().__init__(*args, **kwargs)
        _choose_in(self, city)
        confidence: Any = self.fields["confidence"]
        confidence.choices = Confidence.choices

    @property
    def asks(self) -> bool:
        """Whether the question about the check stands on the page."""
        return "sure" in self.errors or bool(self.data.get("sure"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["ground"] = self.ground.ground
        for words in self.ground.faults:
            self.add_error("evidence", words)
        for words in self.kept.refused:
            self.add_error("paper", words)
        return data

    def split(self) -> tuple[dict[str, Any], dict[str, Any]]:
        values, links = super().split()
        kept = {"city": self.city, "chain": self.why_rows.chain(), "papers": self.kept.plain()}
        return values | kept, links


def _choose_in(form: forms.BaseForm, city: City) -> None:
    """Offer groups, communities and zones of the city."""
    rows: dict[str, Any] = {
        "groups": Group.objects.filter(city=city),
        "community": Community.objects.filter(city=city).order_by("sort_key"),
        "zone": Zone.objects.filter(community__city=city)
        .select_related("community")
        .order_by("community__sort_key", "sort_key"),
    }
    for name, found in rows.items():
        field: Any = form.fields[name]
        field.queryset = found
        field.label_from_instance = _zone if name == "zone" else _name


def _name(thing: Any) -> str:
    return str(thing.name)


def _zone(zone: Zone) -> str:
    return f"{zone.community.name}: {zone.name}"


class CheckForm(KhlongForm):
    """In which meeting a finding was checked together, and when."""

    meeting = forms.ModelChoiceField(label=_("Meeting that checked it"), queryset=Meeting.objects.all())
    day = DayField(label=_("Day"))

    def __init__(self, *args: Any, finding: Finding, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_named(self, "meeting", finding.node.space)
        field: Any = self.fields["meeting"]
        of_city = Q(node__space=finding.node.space_id) | Q(cities=finding.city_id)
        field.queryset = field.queryset.filter(of_city).order_by("-date", "sort_key").distinct()


class UncheckForm(KhlongForm):
    """Why a check no longer holds."""

    reason = forms.CharField(label=_("Why the check no longer holds"), max_length=300)


STATES = (("", _("all")), ("checked", _("checked together")), ("waiting", _("not checked yet")))


class FindingFilter(KhlongForm):
    """Which findings to list."""

    hazard = forms.ChoiceField(label=_("Hazard"), choices=[("", _("all")), *Hazard.choices], required=False)
    group = forms.ChoiceField(label=_("Group"), required=False)
    community = forms.ChoiceField(label=_("Community"), required=False)
    state = forms.ChoiceField(label=_("Checked together"), choices=STATES, required=False)

    def __init__(self, *args: Any, city: City | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows: dict[str, Any] = {
            "group": Group.objects.filter(city=city) if city else (),
            "community": Community.objects.filter(city=city).order_by("sort_key") if city else (),
        }
        for name, found in rows.items():
            choices = [(str(row.pk), row.name) for row in found]
            field: Any = self.fields[name]
            field.choices = [("", _("all")), *choices]
            if not choices:
                del self.fields[name]

    def narrowed(self, rows: Any) -> Any:
        """The rows that were asked for; none where something was asked for that is not there."""
        if not self.is_valid():
            return rows.none()
        data = self.cleaned_data
        paths = {"hazard": "hazard", "group": "groups", "community": "community"}
        asked = {path: data[name] for name, path in paths.items() if data.get(name)}
        rows = rows.filter(**asked)
        if data.get("state"):
            rows = rows.filter(validated_on__isnull=data["state"] == "waiting")
        return rows

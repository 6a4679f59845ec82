from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from khlong.chain.editing import ThingForm
from khlong.places.boundaries import fit_source
from khlong.places.choices import named, offer, offer_sources, parted
from khlong.places.models import (
    Authority,
    Canal,
    City,
    Community,
    Fact,
    FactTopic,
    Gauge,
    Group,
    Province,
    Source,
    Tambon,
    Unit,
    Zone,
)
from khlong.record.errors import Refused
from khlong.record.files import accept, largest
from khlong.record.sniff import GEOJSON
from khlong.ui.forms import FigureField, KhlongForm, KhlongModelForm, SpanField


class FactForm(ThingForm):
    """A fact: a statement, or a figure with its unit; and a source that exists or is given here."""

    value = FigureField(label=_("Figure"), required=False, help_text=_("One number. Thai digits are fine."))
    low = FigureField(label=_("From"), required=False, help_text=_("For a range, such as 0.5 to 2.5."))
    high = FigureField(label=_("To"), required=False)
    time = SpanField(
        label=_("When it happened or holds for"),
        required=False,
        help_text=_("A day, month, year or range, such as 27 Nov 2025. Leave empty when nobody says."),
    )
    source = forms.ModelChoiceField(
        label=_("Source"),
        queryset=Source.objects.none(),
        required=False,
        empty_label=_("A new source, given below"),
    )
    new_publisher = forms.CharField(
        label=_("Publisher of the new source"),
        max_length=200,
        required=False,
        help_text=_("Who published it."),
    )
    new_url = forms.URLField(
        label=_("Its web address"), max_length=700, required=False, assume_scheme="https"
    )
    new_date = SpanField(
        label=_("Its date"), required=False, help_text=_("As the source shows it. Empty means undated.")
    )

    groups = (
        (_("What it is about"), ("topic", "statement_th", "statement_en", "is_quote")),
        (_("Or a figure"), ("qualifier", "value", "low", "high", "unit", "scope_th", "scope_en", "time")),
        (
            _("Who says so"),
            ("reporter_th", "reporter_en", "source", "new_publisher", "new_url", "new_date", "mark"),
        ),
    )
    extra = ("new_source",)

    class Meta:
        model = Fact
        fields = (
            "topic",
            "statement_th",
            "statement_en",
            "is_quote",
            "qualifier",
            "value",
            "low",
            "high",
            "unit",
            "scope_th",
            "scope_en",
            "time",
            "reporter_th",
            "reporter_en",
            "source",
            "mark",
        )
        widgets = {
            "statement_th": forms.Textarea(attrs={"rows": 3, "lang": "th"}),
            "statement_en": forms.Textarea(attrs={"rows": 3, "lang": "en"}),
        }
        help_texts = {
            "scope_th": _("What exactly is counted and where, such as: the municipality only."),
            "reporter_th": _("Only when somebody else than the publisher of the source counted."),
            "mark": _("A: you read it in the source itself. B: second hand, or the press."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["source"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Source.objects.all()
        offer_sources(self, Source.objects.all())
        offer(self, "topic", named(FactTopic.objects.order_by("label_th"), "key", "label_th", "label_en"))
        offer(self, "unit", named(Unit.objects.order_by("label_th"), "key", "label_th", "label_en"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("source") is None and "source" not in self.errors:
            data |= self._new_source(data)
        return data

    def _new_source(self, data: dict[str, Any]) -> dict[str, Any]:
        if not data.get("new_publisher"):
            self.add_error("source", _("A fact needs its source: choose one, or give a new one below."))
            return {}
        new = Source(publisher_th=data["new_publisher"], url=data.get("new_url", ""))
        new.date = data.get("new_date")
        return {"new_source": new}

    def _get_validation_exclusions(self) -> set[str]:
        return {*super()._get_validation_exclusions(), "source"}  # type: ignore[misc]


class KnownSourceForm(FactForm):
    """The same for somebody who writes with a link: the source is one that is known here already."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("new_publisher", "new_url", "new_date"):
            del self.fields[name]
        source = self.fields["source"]
        assert isinstance(source, forms.ModelChoiceField)
        source.empty_label = ""
        source.help_text = _("Is it not in the list? Ask who gave you the link to add it first.")

    def _new_source(self, data: dict[str, Any]) -> dict[str, Any]:
        self.add_error("source", _("A fact needs its source: choose one from the list."))
        return {}


class CityForm(ThingForm):
    class Meta:
        model = City
        fields = (
            "name_th",
            "name_en",
            "province",
            "districts",
            "tambons",
            "authorities",
            "basin_th",
            "basin_en",
            "source",
            "mark",
        )
        widgets = {
            "districts": forms.SelectMultiple(attrs={"size": 6}),
            "authorities": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        province = self.data.get("province") or self.instance.province_id
        for name, path in (
            ("districts", "province"),
            ("tambons", "district__province"),
            ("authorities", "province"),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelMultipleChoiceField)
            assert field.queryset is not None
            field.queryset = field.queryset.filter(**{path: province})
        tambons, districts = parted(Tambon.objects.filter(district__province=province), "district")
        offer(self, "tambons", tambons)
        offer(self, "districts", districts)
        authorities = Authority.objects.filter(province=province)
        offer(self, "authorities", named(authorities, "pk", "name_th", "name_en"))
        offer(self, "province", named(Province.objects.all(), "pk", "name_th", "name_en"))
        offer_sources(self, Source.objects.all())


class SourcedForm:
    """A form with a source: its list is read as plain rows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_sources(cast(forms.BaseForm, self), Source.objects.all())


class CommunityForm(SourcedForm, ThingForm):
    valid_from = SpanField(
        label=_("Valid from"), required=False, help_text=_("When it was first drawn like this.")
    )
    valid_to = SpanField(label=_("Valid to"), required=False, help_text=_("Empty while it still holds."))

    class Meta:
        model = Community
        fields = ("name_th", "name_en", "valid_from", "valid_to", "source", "mark")


class ZoneForm(SourcedForm, KhlongModelForm):
    valid_from = SpanField(label=_("Valid from"), required=False)
    valid_to = SpanField(label=_("Valid to"), required=False)

    class Meta:
        model = Zone
        fields = ("name_th", "name_en", "valid_from", "valid_to", "source", "mark")


class CanalForm(ThingForm):
    class Meta:
        model = Canal
        fields = ("name_th", "name_en", "flows_into", "flows_into_th", "flows_into_en", "cities")
        widgets = {"cities": forms.CheckboxSelectMultiple}


class GaugeForm(ThingForm):
    class Meta:
        model = Gauge
        fields = ("code", "name_th", "name_en", "canal")


class SourceForm(KhlongModelForm):
    url = forms.URLField(label=_("Address"), max_length=700, required=False, assume_scheme="https")
    date = SpanField(label=_("Date"), required=False, help_text=_("Empty means undated."))

    class Meta:
        model = Source
        fields = (
            *("publisher_th", "publisher_en", "title_th", "title_en"),
            *("url", "date", "licence", "note_th", "note_en"),
        )


class GroupForm(SourcedForm, KhlongModelForm):
    class Meta:
        model = Group
        fields = ("name_th", "name_en", "words_of_source", "source", "mark")
        help_texts = {
            "name_th": _("What the people call themselves."),
            "words_of_source": _("How the source calls them; shown inside quotation marks only."),
        }


class AuthorityForm(SourcedForm, KhlongModelForm):
    class Meta:
        model = Authority
        fields = ("kind", "name_th", "name_en", "short_th", "short_en", "source", "mark")


class FactTopicForm(KhlongModelForm):
    class Meta:
        model = FactTopic
        fields = ("label_th", "label_en")


class UnitForm(KhlongModelForm):
    class Meta:
        model = Unit
        fields = ("label_th", "label_en")


class FactFilterForm(KhlongForm):
    """Narrowing a list of facts."""

    q = forms.CharField(label=_("Word in the text"), required=False, max_length=80)
    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[("", _("all")), ("figure", _("figures")), ("statement", _("statements"))],
    )


BOUNDARIES = frozenset({GEOJSON})


class BoundariesForm(KhlongForm):
    """A file of official boundaries with its source."""

    file = forms.FileField(
        label=_("File of boundaries"),
        widget=forms.FileInput(attrs={"accept": accept(BOUNDARIES)}),
    )
    source = forms.ModelChoiceField(
        label=_("Source"),
        queryset=Source.objects.exclude(licence=""),
        empty_label=_("Choose the source"),
        help_text=_("Offered are sources that state a licence. It needs a date, too."),
    )
    code = forms.CharField(
        label=_("Property that holds the code"),
        max_length=60,
        required=False,
        help_text=_("Only where it is not found by itself, such as geocode."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_sources(self, Source.objects.exclude(licence=""))
        self.fields["file"].help_text = _(
            "GeoJSON in degrees of WGS 84 with the codes of TIS 1099, at most %(most)d MB."
        ) % {"most": largest(BOUNDARIES) >> 20}

    def clean_source(self) -> Source:
        source: Source = self.cleaned_data["source"]
        try:
            fit_source(source)
        except Refused as refused:
            raise forms.ValidationError(str(refused.reason)) from refused
        return source

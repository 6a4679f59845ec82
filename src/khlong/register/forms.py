"""What people fill in about households and what they said."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.places.models import City, Community, Group, Zone
from khlong.privacy.forms import NotedConsentForm
from khlong.register.actions import LONGEST_WORDS, SomeoneHere
from khlong.register.models import AgeGroup, Household, Telling
from khlong.ui.forms import DayField, KhlongForm

PEOPLE_ROWS = 4


class Places(forms.Form):
    """Where a household lives, as far as a zone, and the groups it says it belongs to."""

    community = forms.ModelChoiceField(
        label=_("Community"), queryset=Community.objects.none(), required=False
    )
    zone = forms.ModelChoiceField(
        label=_("Zone"),
        queryset=Zone.objects.none(),
        required=False,
        help_text=_("Never a position: community and zone are as near as it is kept."),
    )
    groups = forms.ModelMultipleChoiceField(
        label=_("Groups it says it belongs to"),
        queryset=Group.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only what the household says of itself."),
    )
    people = forms.IntegerField(
        label=_("How many people live there"), required=False, min_value=1, max_value=60
    )
    called = forms.CharField(
        label=_("What you call the household by"),
        max_length=120,
        required=False,
        help_text=_("A house number or a name, so that volunteers know which one it is. It is sealed."),
    )


def choose_places(form: forms.BaseForm, city: City) -> None:
    """Offer the communities, zones and groups of a city; three queries."""
    names: dict[str, Any] = {
        "community": Community.objects.filter(city=city).order_by("sort_key"),
        "zone": Zone.objects.filter(community__city=city)
        .select_related("community")
        .order_by("community__sort_key", "sort_key"),
        "groups": Group.objects.filter(city=city),
    }
    for name, rows in names.items():
        field: Any = form.fields[name]
        field.queryset = rows
        field.label_from_instance = _zone_name if name == "zone" else _name
    if not Group.objects.filter(city=city).exists():
        del form.fields["groups"]


def _name(thing: Any) -> str:
    return str(thing.name)


def _zone_name(zone: Zone) -> str:
    return f"{zone.community.name}: {zone.name}"


class SomeoneForm(KhlongForm):
    """Somebody of a household."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    age = forms.ChoiceField(label=_("Age"), choices=[("", "–"), *AgeGroup.choices], required=False)

    def someone(self) -> SomeoneHere | None:
        data = self.cleaned_data
        if not data.get("name") and not data.get("age"):
            return None
        return SomeoneHere(data.get("name", ""), data.get("age", ""))


class HouseholdForm(Places, NotedConsentForm):
    """A household with the consent of whoever speaks for it, in one form."""

    sure = forms.BooleanField(label=_("This is another household"), required=False)

    def __init__(self, *args: Any, city: City, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_places(self, city)
        data = args[0] if args else None
        self.rows = [SomeoneForm(data or None, prefix=f"person-{at}") for at in range(PEOPLE_ROWS)]
        name = self.fields["name"]
        name.label = _("Who speaks for the household")

    @property
    def asks(self) -> bool:
        """Whether the question about a household of the same name stands on the page."""
        return "sure" in self.errors or bool(self.data.get("sure"))

    def is_valid(self) -> bool:
        rows = [row.is_valid() for row in self.rows]
        return super().is_valid() and all(rows)

    def someones(self) -> list[SomeoneHere]:
        return [found for row in self.rows if (found := row.someone()) is not None]


class EditHouseholdForm(Places, KhlongForm):
    """Where a household lives, its groups, its number, and what it is called by."""

    def __init__(self, *args: Any, city: City, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_places(self, city)


class HouseholdFilter(KhlongForm):
    """Which households of a city to list."""

    community = forms.ChoiceField(label=_("Community"), required=False)
    zone = forms.ChoiceField(label=_("Zone"), required=False)
    group = forms.ChoiceField(label=_("Group"), required=False)

    def __init__(self, *args: Any, city: City, groups: list[Group], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = Zone.objects.filter(community__city=city).select_related("community")
        rows: dict[str, list[tuple[str, str]]] = {
            "community": [
                (str(row.pk), row.name) for row in Community.objects.filter(city=city).order_by("sort_key")
            ],
            "zone": [
                (str(row.pk), _zone_name(row)) for row in zones.order_by("community__sort_key", "sort_key")
            ],
            "group": [(str(row.pk), row.name) for row in groups],
        }
        for name, choices in rows.items():
            field: Any = self.fields[name]
            field.choices = [("", _("all")), *choices]
            if not choices:
                del self.fields[name]

    def narrowed(self, rows: QuerySet[Household]) -> QuerySet[Household]:
        """The rows that were asked for; none where something was asked for that is not there."""
        if not self.is_valid():
            return rows.none()
        paths = {"community": "community", "zone": "zone", "group": "groups"}
        asked = {paths[name]: value for name, value in self.cleaned_data.items() if value}
        return rows.filter(**asked)


class FindForm(KhlongForm):
    """Looking for a household by a name or a house number, written in full. Never in an address."""

    who = forms.CharField(
        label=_("Name or house number, in full"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class StatementForm(KhlongForm):
    """What a household said."""

    words = forms.CharField(
        label=_("What was said, in its own words"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=LONGEST_WORDS,
        help_text=_("As it was said, without names of people. It is sealed under the household's key."),
    )
    said_on = DayField(label=_("Day on which it was said"))
    how = forms.ChoiceField(label=_("How it was told"), choices=Telling.choices, widget=forms.RadioSelect)
    may_quote = forms.BooleanField(
        label=_("May be quoted without a name"),
        required=False,
        help_text=_(
            "Tick it only when the household said so. Everybody can read the words then, with the community."
        ),
    )
    site = forms.CharField(
        label=_("Place where it was told"),
        max_length=200,
        required=False,
        help_text=_("For the working group only."),
    )
    sheet = forms.CharField(label=_("Number of the paper sheet"), max_length=40, required=False)
    words_en = forms.CharField(
        label=_("What was said, in English"),
        widget=forms.Textarea(attrs={"rows": 4, "lang": "en"}),
        max_length=LONGEST_WORDS,
        required=False,
    )
    sure = forms.BooleanField(label=_("This is another sheet"), required=False)
    base = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"said_on": timezone.localdate(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)

    @property
    def asks(self) -> bool:
        """Whether the question about a sheet of the same number stands on the page."""
        return "sheet" in self.errors or bool(self.data.get("sure"))

    def values(self) -> dict[str, Any]:
        """The plain values that the action takes."""
        return {name: self.cleaned_data[name] for name in ("said_on", "how", "may_quote", "site", "sheet")}


class SheetForm(StatementForm):
    """One paper sheet of a series: whose it is, then what it says."""

    who = forms.CharField(
        label=_("Name or house number of the household"),
        max_length=120,
        help_text=_("In full, as it stands in the register."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    which = forms.ChoiceField(label=_("Which of these households"), required=False, widget=forms.RadioSelect)
    field_order = ("sheet", "who", "which", "words")

    def __init__(self, *args: Any, found: list[Household], places: dict[UUID, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found = {str(row.pk): row for row in found}
        if len(found) < 2:
            del self.fields["which"]
        else:
            which: Any = self.fields["which"]
            which.choices = [(key, places[row.pk]) for key, row in self.found.items()]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("who") and not self.found:
            self.add_error(
                "who", _("Nobody of this name or number is in the register. Add the household first.")
            )
        elif len(self.found) > 1 and not data.get("which"):
            self.add_error("which", _("There are several. Choose the one whose sheet this is."))
        return data

    def household(self) -> Household:
        key = self.cleaned_data.get("which") or next(iter(self.found))
        return self.found[key]

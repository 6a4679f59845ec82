"""What people fill in about consent, requests and breaches."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from khlong.privacy.models import Breach, ConsentText, How, RequestKind
from khlong.thai.dates import Span
from khlong.thai.digits import to_arabic
from khlong.ui.forms import KhlongForm, SpanField


class DayField(SpanField):
    """One day."""

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        if isinstance(found, Span) and found.start != found.end:
            raise forms.ValidationError(_("Give one day, such as 5 Jan 2026."))
        return found


class ClockField(forms.CharField):
    """A time of day such as 14:30 or 14.30 น.; gives hours and minutes."""

    def to_python(self, value: Any) -> Any:
        typed = to_arabic(super().to_python(value) or "").strip()
        if not typed:
            return None
        found = re.fullmatch(r"(\d{1,2})[:.](\d\d)(?:\s*น\.?)?", typed)
        if found is None or int(found[1]) > 23 or int(found[2]) > 59:
            raise forms.ValidationError(_("Write the time with hours and minutes, such as 14:30."))
        return int(found[1]), int(found[2])

    def validate(self, value: Any) -> None:
        if value is None and self.required:
            raise forms.ValidationError(self.error_messages["required"])

    def run_validators(self, value: Any) -> None:
        """Read already."""


def moment(day: Span | None, clock: tuple[int, int] | None) -> datetime | None:
    """Day and time of day as one moment of Bangkok; noon where no time is given."""
    if day is None:
        return None
    hour, minute = clock or (12, 0)
    return timezone.make_aware(
        datetime.combine(day.start, datetime.min.time().replace(hour=hour, minute=minute))
    )


class AgreeForm(KhlongForm):
    """One purpose on the page of consent."""

    explicit = forms.BooleanField(label=_("I agree explicitly, also to data on health and disability"))

    def __init__(self, *args: Any, text: ConsentText, **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"text-{text.pk}", **kwargs)
        if not text.sensitive:
            del self.fields["explicit"]


class AskForm(KhlongForm):
    """What a person asks of those who keep something of her."""

    kind = forms.ChoiceField(
        label=_("What you ask for"),
        choices=[choice for choice in RequestKind.choices if choice[0] != RequestKind.ACCESS],
        widget=forms.RadioSelect,
        initial=RequestKind.CORRECT,
    )
    words = forms.CharField(
        label=_("In your words"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text=_("What is wrong, or what you object to. It is sealed; the owners of the city read it."),
    )


class AnswerForm(KhlongForm):
    answer = forms.CharField(label=_("Answer"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)


class SittingForm(KhlongForm):
    """How the person agreed for whom a scribe is going to write."""

    how = forms.ChoiceField(
        label=_("How she or he agreed"),
        choices=[(how.value, how.label) for how in (How.PAPER, How.SPOKEN, How.GUARDIAN)],
        widget=forms.RadioSelect,
        initial=How.SPOKEN,
    )
    site = forms.CharField(label=_("Where you sit together"), max_length=200)
    witness = forms.CharField(
        label=_("Witness, or for a child the parent or guardian"),
        max_length=120,
        required=False,
        help_text=_("It is sealed. Do not write the name of the person for whom you write."),
    )
    agreed = forms.BooleanField(label=_("I have read the words to the person, who agreed to them"))


LANGUAGES = (("th", _("Thai")), ("en", _("English")))


class ConsentTextForm(KhlongForm):
    """The next version of the words for a purpose. `base` is the version that the writer read."""

    base = forms.IntegerField(required=False, widget=forms.HiddenInput)
    th = forms.CharField(
        label=_("Words in Thai"),
        widget=forms.Textarea(attrs={"rows": 7, "lang": "th"}),
        max_length=4000,
        help_text=_(
            "{keeper} stands for the name of the city. Say what is kept, for what, and how it is taken back."
        ),
    )
    en = forms.CharField(
        label=_("Words in English"),
        widget=forms.Textarea(attrs={"rows": 7, "lang": "en"}),
        max_length=4000,
        required=False,
        help_text=_("Left empty, readers of English see the Thai words."),
    )
    months = forms.IntegerField(label=_("A consent holds for how many months"), min_value=1, max_value=120)
    sensitive = forms.BooleanField(
        label=_("It is about health, disability, belief or origin"),
        required=False,
        help_text=_("Ticked, each person sets a mark of her own beside it."),
    )
    confirmed = forms.BooleanField(
        label=_("Somebody with knowledge of the law has confirmed these words"),
        required=False,
        help_text=_("Not ticked, they are shown as a draft."),
    )

    def __init__(self, *args: Any, standing: ConsentText | None, newest: int, **kwargs: Any) -> None:
        self.standing, self.newest = standing, newest
        initial: dict[str, Any] = {"base": newest, "months": 24}
        if standing is not None:
            initial |= {language: standing.words.get(language, "") for language in ("th", "en")}
            initial |= {"months": standing.months, "sensitive": standing.sensitive}
            initial |= {"confirmed": not standing.is_draft}
        super().__init__(*args, initial=initial, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("base") != self.newest:
            words = _("Meanwhile version %(number)s was published. Read it below, then publish again.")
            self.add_error(None, words % {"number": self.newest})
            self.data = {**self.data.dict(), "base": str(self.newest)}  # type: ignore[attr-defined]
        elif not self.errors and not self.changed_data:
            self.add_error(None, _("Nothing is changed; these words are in force already."))
        return data

    def values(self) -> dict[str, Any]:
        """What the action gets."""
        data = self.cleaned_data
        return {
            "words": {"th": data["th"], "en": data["en"]},
            "sensitive": data["sensitive"],
            "months": data["months"],
            "is_draft": not data["confirmed"],
        }


class NotedConsentForm(KhlongForm):
    """A consent that somebody gave on paper, or spoke before a witness."""

    texts = forms.MultipleChoiceField(
        label=_("What she or he agreed to"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only what was read out and agreed to, each by itself."),
    )
    how = forms.ChoiceField(
        label=_("How she or he agreed"),
        choices=[(how.value, how.label) for how in (How.PAPER, How.SPOKEN, How.GUARDIAN)],
        widget=forms.RadioSelect,
        initial=How.PAPER,
    )
    name = forms.CharField(
        label=_("Name of the person"),
        max_length=120,
        help_text=_("It is sealed, and goes when the consent is taken back."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    site = forms.CharField(label=_("Where this was"), max_length=200)
    day = DayField(label=_("Day on which this was"))
    witness = forms.CharField(
        label=_("Witness, or for a child the parent or guardian"),
        max_length=120,
        required=False,
        help_text=_("Needed for what was spoken, and for a child. It is sealed."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    language = forms.ChoiceField(label=_("Language of the words"), choices=LANGUAGES, initial="th")
    explicit = forms.BooleanField(
        label=_("The person set a mark of her own beside data on health and disability"), required=False
    )

    def __init__(self, *args: Any, texts: list[ConsentText], keeper: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._texts = {str(text.pk): text for text in texts}
        field = self.fields["texts"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(pk, _choice(text, keeper)) for pk, text in self._texts.items()]

    def chosen(self) -> list[ConsentText]:
        return [self._texts[pk] for pk in self.cleaned_data.get("texts", [])]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if any(text.sensitive for text in self.chosen()) and not data.get("explicit"):
            words = _("Health, disability, belief and origin need a mark of their own here.")
            self.add_error("explicit", words)
        if any(data.get("language") not in text.words for text in self.chosen()):
            self.add_error("language", _("There are no words in this language."))
        return data


def _choice(text: ConsentText, keeper: str) -> str:
    words = text.in_words(text.language_shown(), keeper)
    title = capfirst(str(text.get_purpose_display()))
    return format_html('<span>{}<br><span class="note">{}</span></span>', title, words)


class ReceiptForm(KhlongForm):
    """Taking back by the number on the paper."""

    receipt = forms.RegexField(
        label=_("Number on the paper"),
        regex=r"^[0-9a-fA-F]{8}$",
        max_length=8,
        error_messages={"invalid": _("The number has eight letters and digits, such as 3F9A04BC.")},
    )


class BreachForm(KhlongForm):
    """A breach as it is logged."""

    noticed_day = DayField(label=_("Day on which it was noticed"))
    noticed_clock = ClockField(label=_("Time"), max_length=10, help_text=_("The 72 hours begin here."))
    what = forms.CharField(
        label=_("What happened"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        help_text=_("That somebody saw what was not hers counts too. Write no names of people."),
    )
    kinds = forms.CharField(label=_("What kind of data"), max_length=300)
    people = forms.IntegerField(
        label=_("How many people"), min_value=0, max_value=2_000_000_000, required=False,
        help_text=_("Leave it empty while the number is unknown."),
    )  # fmt: skip
    measures = forms.CharField(
        label=_("What was done"), widget=forms.Textarea(attrs={"rows": 3}), max_length=4000, required=False
    )
    office_day = DayField(label=_("Day on which the office of the committee was told"), required=False)
    office_clock = ClockField(label=_("Time"), max_length=10, required=False)
    people_day = DayField(label=_("Day on which the people were told"), required=False)

    def __init__(self, *args: Any, breach: Breach, **kwargs: Any) -> None:
        initial: dict[str, Any] = {
            "what": breach.what,
            "kinds": breach.data,
            "people": breach.people,
            "measures": breach.measures,
        }
        for name, at in (
            ("noticed", breach.noticed_at or timezone.now()),
            ("office", breach.office_told_at),
            ("people", breach.people_told_at),
        ):
            if at is not None:
                here = timezone.localtime(at)
                initial |= {f"{name}_day": Span.day(here.date()), f"{name}_clock": f"{here:%H:%M}"}
        super().__init__(*args, initial=initial, **kwargs)

    def values(self, breach: Breach) -> dict[str, Any]:
        """What the action gets; a moment that was not changed keeps its seconds."""
        data = self.cleaned_data
        moments = {
            "noticed_at": moment(data["noticed_day"], data["noticed_clock"]),
            "office_told_at": moment(data["office_day"], data["office_clock"]),
            "people_told_at": moment(data["people_day"], None),
        }
        for name, at in moments.items():
            stood = getattr(breach, name)
            same_day = (
                name == "people_told_at"
                and stood
                and at
                and timezone.localdate(stood) == timezone.localdate(at)
            )
            if stood and at and (same_day or stood.replace(second=0, microsecond=0) == at):
                moments[name] = stood
        told = {name: data[name] for name in ("what", "people", "measures")}
        return told | {"data": data["kinds"]} | moments


FIELD_OF = {
    "data": "kinds",
    "noticed_at": "noticed_day",
    "office_told_at": "office_day",
    "people_told_at": "people_day",
}

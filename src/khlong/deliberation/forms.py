"""What is filled in by who opens a round, who speaks, who writes for somebody, and who shows a receipt."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khlong.chain.editing import ThingForm
from khlong.deliberation import pieces, receipts
from khlong.deliberation.models import Circle, Level, Origin, Round, Voice
from khlong.deliberation.promises import PROMISES
from khlong.deliberation.suggesting import MOST_WORDS, Anchor, Heard, Said
from khlong.deliberation.tongues import CHOICES
from khlong.network.models import Organisation, WorkGroup
from khlong.places.models import Group
from khlong.privacy.models import ConsentText
from khlong.record.errors import Refused
from khlong.strategy.models import PassageRevision, Plan
from khlong.ui.forms import DayField, KhlongForm, KhlongModelForm

WHOLE, CHOSEN, BETWEEN = "whole", "chosen", "between"
VOICES = (
    (Voice.SUGGEST, gettext_lazy("I suggest other words")),
    (Voice.ASK, gettext_lazy("I ask")),
    (Voice.OBJECT, gettext_lazy("I object")),
    (Voice.SUPPORT, gettext_lazy("I support it")),
)


class RoundForm(ThingForm):
    """A version, from when to when it goes to people, what it is about, and what they are promised."""

    opens_on = DayField(label=gettext_lazy("Opens on"))
    closes_on = DayField(
        label=gettext_lazy("Closes on"), help_text=gettext_lazy("The last day on which words come in time.")
    )
    level = forms.ChoiceField(label=gettext_lazy("What you promise"), widget=forms.RadioSelect)

    class Meta:
        model = Round
        fields = (
            "name_th",
            "name_en",
            "version",
            "opens_on",
            "closes_on",
            "summary_th",
            "summary_en",
            "level",
            "open_to_all",
        )
        labels = {"version": gettext_lazy("Version of the plan")}
        help_texts = {
            "summary_th": gettext_lazy(
                "A few sentences that somebody understands who has never read a plan."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan: Plan = self.instance.plan
        versions = self.fields["version"]
        assert isinstance(versions, forms.ModelChoiceField)
        versions.queryset = plan.versions.order_by("-number")
        versions.label_from_instance = _version_words  # type: ignore[assignment,method-assign]
        versions.empty_label = None
        level = self.fields["level"]
        assert isinstance(level, forms.ChoiceField)
        level.choices = [
            (one.value, format_html("<span><b>{}</b><br>{}</span>", one.label, PROMISES[one]))
            for one in Level
        ]
        for name in ("summary_th", "summary_en"):
            self.fields[name].widget.attrs["rows"] = 4


def _version_words(version: Any) -> str:
    words = _("version %(number)s") % {"number": version.number}
    return f"{words} · {version.note}" if version.note else words


class CircleForm(KhlongModelForm):
    """Whom a round goes to, and how many they are."""

    class Meta:
        model = Circle
        fields = ("name_th", "name_en", "group", "organisation", "work_group", "expected", "binds")
        labels = {
            "name_th": gettext_lazy("What it calls itself, in Thai"),
            "name_en": gettext_lazy("In English"),
            "group": gettext_lazy("A group of the city"),
            "organisation": gettext_lazy("An organisation"),
            "work_group": gettext_lazy("A working group"),
        }
        help_texts = {
            "expected": gettext_lazy("Empty where nobody knows; then only how many were heard is shown."),
            "binds": gettext_lazy(
                "It speaks only in the browser that spoke first. Leave it out for a poster."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found: Round = self.instance.round
        rows = {
            "group": Group.objects.filter(city=found.plan.city_id),
            "organisation": Organisation.objects.select_related("node").order_by("sort_key"),
            "work_group": WorkGroup.objects.select_related("node").filter(node__space=found.node.space_id),
        }
        for name, queryset in rows.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset, field.label_from_instance = queryset, _own_name  # type: ignore[assignment,method-assign]

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}


def _own_name(thing: Any) -> str:
    return str(thing.name)


class SpeakForm(KhlongForm):
    """Words at a passage: which of its words, what is said of them, by which groups, in which language."""

    place = forms.ChoiceField(
        label=gettext_lazy("Which words you mean"), widget=forms.RadioSelect, initial=WHOLE
    )
    first = forms.ChoiceField(label=gettext_lazy("From the word"), required=False)
    last = forms.ChoiceField(label=gettext_lazy("To the word"), required=False)
    voice = forms.ChoiceField(
        label=gettext_lazy("What you want to say"), choices=VOICES, widget=forms.RadioSelect
    )
    instead = forms.CharField(
        label=gettext_lazy("What should stand there instead"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=MOST_WORDS,
        required=False,
    )
    words = forms.CharField(
        label=gettext_lazy("In your own words"),
        help_text=gettext_lazy("Why, a question, or what happened to you. Please write no names."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=MOST_WORDS,
        required=False,
    )
    language = forms.ChoiceField(label=gettext_lazy("Language you write in"), choices=CHOICES, initial="th")
    groups = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Groups you belong to"),
        help_text=gettext_lazy("You need not say. It shows whether everybody was heard."),
        queryset=Group.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    nameless = forms.BooleanField(
        label=gettext_lazy("Without a pseudonym"),
        help_text=gettext_lazy(
            "Nobody asks your name. A pseudonym only shows which words are of one person."
        ),
        required=False,
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=80, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    start = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    end = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    quote = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)

    def __init__(self, *args: Any, found: Round, shown: PassageRevision, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shown = shown
        self.initial.setdefault("key", secrets.token_urlsafe(18))
        self.initial.setdefault("revision", shown.pk)
        self.phrases, self.pieces = pieces.phrases(shown.text), pieces.words(shown.text)
        self._offer_places()
        groups = self.fields["groups"]
        assert isinstance(groups, forms.ModelMultipleChoiceField)
        groups.queryset = Group.objects.filter(city=found.plan.city_id)
        groups.label_from_instance = _own_name  # type: ignore[assignment,method-assign]
        if not groups.queryset.exists():
            del self.fields["groups"]

    def _offer_places(self) -> None:
        place, first, last = (self.fields[name] for name in ("place", "first", "last"))
        assert isinstance(place, forms.ChoiceField)
        choices: list[tuple[str, Any]] = [(WHOLE, _("the whole passage"))]
        choices += [(piece.value, format_html("<span>“{}”</span>", piece.text)) for piece in self.phrases]
        if self.pieces:
            choices.append((BETWEEN, _("from one word to another, chosen below")))
        place.choices = [*choices, (CHOSEN, _("the words I marked above"))]
        numbered = [(str(at), f"{at + 1}. {piece.text}") for at, piece in enumerate(self.pieces)]
        for field in (first, last):
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "–"), *numbered]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("place") == BETWEEN:
            if not data.get("first") or not data.get("last"):
                self.add_error("first", _("Choose the first and the last word that you mean."))
            elif int(data["last"]) < int(data["first"]):
                self.add_error("last", _("The last word stands before the first. Exchange them."))
        if data.get("place") == CHOSEN and not data.get("quote"):
            self.add_error("place", _("No words are marked. Mark them above, or choose the whole passage."))
        return data

    def anchor(self) -> Anchor:
        """The words that were chosen."""
        data, text = self.cleaned_data, self.shown.text
        place = data["place"]
        if place == WHOLE:
            return Anchor.whole(self.shown)
        if place == CHOSEN:
            return Anchor(self.shown, data["start"] or 0, data["end"] or 0, _one_line_end(data["quote"]))
        if place == BETWEEN:
            start, end = self.pieces[int(data["first"])].start, self.pieces[int(data["last"])].end
        else:
            start, end = map(int, place.split("-"))
        return Anchor(self.shown, start, end, text[start:end])

    def said(self, *, old_words: bool = False) -> Said:
        data = self.cleaned_data
        return Said(
            anchor=self.anchor(),
            voice=Voice(data["voice"]),
            words=data["words"],
            instead=data["instead"] if data["voice"] == Voice.SUGGEST else "",
            language=data["language"],
            groups=tuple(data.get("groups") or ()),
            old_words=old_words,
        )


def _one_line_end(text: str) -> str:
    """Browsers send line ends of forms as CR LF; words are kept with LF."""
    return text.replace("\r\n", "\n")


class ScribeForm(SpeakForm):
    """The same, entered by somebody who heard it or holds the paper."""

    origin = forms.ChoiceField(
        label=gettext_lazy("How it came"),
        choices=((Origin.PAPER, gettext_lazy("on paper")), (Origin.SPOKEN, gettext_lazy("spoken"))),
        widget=forms.RadioSelect,
        initial=Origin.PAPER,
    )
    sheet = forms.CharField(
        label=gettext_lazy("Number of the sheet"),
        help_text=gettext_lazy("It stands at the top of the paper. Leave it out for spoken words."),
        max_length=40,
        required=False,
    )
    site = forms.CharField(
        label=gettext_lazy("Place"),
        help_text=gettext_lazy("The hall or the village, not the house of a person."),
        max_length=200,
    )
    day = DayField(label=gettext_lazy("Day on which it was said or written"))
    consent = forms.BooleanField(
        label=gettext_lazy("The words above were read out or on paper, and the person agreed")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["nameless"]
        labels = {
            "voice": _("What it is"),
            "words": _("In the person's own words"),
            "groups": _("Groups the person named"),
        }
        for name, label in labels.items():
            if name in self.fields:
                self.fields[name].label = label
        self.fields["place"].label = _("Which words are meant")
        self.fields["language"].label = _("Language it was said in")

    def heard(self, text: ConsentText) -> Heard:
        data = self.cleaned_data
        origin = Origin(data["origin"])
        sheet = data["sheet"] if origin == Origin.PAPER else ""
        return Heard(origin=origin, site=data["site"], day=data["day"], consent=text, sheet=sheet)


class ReceiptForm(KhlongForm):
    """The twelve digits."""

    code = forms.CharField(
        label=gettext_lazy("The 12 digits of your receipt"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_code(self) -> str:
        try:
            return receipts.read(self.cleaned_data["code"])
        except Refused as refused:
            raise forms.ValidationError(str(refused.reason)) from refused


class HideForm(KhlongForm):
    """Why words are hidden."""

    why = forms.CharField(
        label=gettext_lazy("Why it is hidden"),
        help_text=gettext_lazy("Name the rule that it breaks. Readers see the reason and not the words."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class SheetsForm(KhlongForm):
    """How many sheets of paper, and from which number on."""

    number = forms.IntegerField(label=gettext_lazy("How many sheets"), min_value=1, max_value=100, initial=10)
    begin = forms.IntegerField(label=gettext_lazy("First number"), min_value=1, max_value=99999, initial=1)

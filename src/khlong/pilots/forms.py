"""Forms of pilots. Money is written as people write it; days are read in Thai and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from khlong.chain.actions import exact_ref
from khlong.chain.editing import ThingForm
from khlong.chain.models import Node
from khlong.network.forms import choose_named
from khlong.network.models import Meeting
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.pilots.files import EVIDENCE, RECEIPTS
from khlong.pilots.models import (
    Change,
    Expense,
    Lesson,
    MoneyLine,
    Pilot,
    PilotActivity,
    PilotState,
    Value,
    WorkStep,
)
from khlong.pilots.uploads import Taken, Wanted
from khlong.record.files import IMAGES, accept
from khlong.strategy.models import Indicator, Item, ItemKind
from khlong.thai.money import MoneyError, format_baht, parse_baht
from khlong.ui.forms import DayField, FigureField, KhlongForm, KhlongModelForm

DAY_HELP = _("One day, such as 3 Sept 2026.")
EMPTY_DAY = _("One day, such as 3 Sept 2026. May stay empty.")
ENGLISH = _("In English")
RECEIPT = Wanted("receipt", _("photo or PDF of the receipt"), RECEIPTS)
PHOTOS = (Wanted("before", _("photo before"), IMAGES), Wanted("after", _("photo after"), IMAGES))
PROOF = Wanted("evidence_file", _("file that shows it"), EVIDENCE)
WHY_MONEY = {
    "empty": _("Write an amount, for example 1,500."),
    "not_an_amount": _("“%(typed)s” cannot be read as an amount. Write for example 1,500 or 1,500.50."),
    "too_precise": _("An amount cannot be finer than one satang."),
    "out_of_range": _("The amount is too large. Check it."),
}


class BahtField(forms.CharField):
    """An amount in baht as people write it, also with Thai digits; gives satang or None."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal"})
        given: dict[str, Any] = {"max_length": 60, "widget": widget}
        super().__init__(**(given | kwargs))

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return parse_baht(typed)
        except MoneyError as error:
            raise ValidationError(
                WHY_MONEY[error.code], code=error.code, params={"typed": typed[:20]}
            ) from error

    def prepare_value(self, value: Any) -> Any:
        return format_baht(value, unit=False) if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "")


def _label(thing: Any) -> str:
    return f"{thing.title} ({thing.ref})"


def _choose(form: forms.BaseForm, name: str, rows: Any) -> None:
    """Offer these rows by title: ticked one by one while they are few, in a list where they are many."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows
    field.label_from_instance = _label  # type: ignore[method-assign, assignment]


def measures_of(space: Node) -> Any:
    """The measures of a city's plan that stand, by reference."""
    rows = Item.objects.filter(node__space=space, kind=ItemKind.MEASURE, removed=False)
    return rows.select_related("node").order_by("node__ref")


def indicators_of(actor: Actor, space: Node) -> Any:
    """Indicators of a city and of the programme that somebody sees."""
    rows = Indicator.objects.filter(node__space=space) | Indicator.objects.filter(city=None)
    return scope(actor, rows.select_related("node")).order_by("sort_key")


class PilotForm(ThingForm):
    """What a city tries, where, by whom and when, and which measure of its plan it comes from."""

    starts_on = DayField(label=_("Starts on"), required=False, help_text=EMPTY_DAY)
    ends_on = DayField(label=_("Ends on"), required=False, help_text=EMPTY_DAY)
    groups = (
        (_("What and why"), ("name_th", "aim_th", "measures", "indicators")),
        (_("Where, who and when"), ("community", "run_by", "starts_on", "ends_on", "state")),
        (ENGLISH, ("name_en", "aim_en")),
    )

    class Meta:
        model = Pilot
        fields = (
            "name_th",
            "aim_th",
            "measures",
            "indicators",
            "community",
            "run_by",
            "starts_on",
            "ends_on",
            "state",
            "name_en",
            "aim_en",
        )
        labels = {"name_th": _("Name in Thai"), "name_en": _("Name in English")}
        widgets = {
            "aim_th": forms.Textarea(attrs={"rows": 4, "lang": "th"}),
            "aim_en": forms.Textarea(attrs={"rows": 3, "lang": "en"}),
            "measures": forms.CheckboxSelectMultiple,
            "indicators": forms.CheckboxSelectMultiple,
        }
        help_texts = {
            "aim_th": _("What shall be different at the end, in the words of those who live there."),
            "measures": _("What was suggested of them and accepted is linked, too."),
        }

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        space = self.instance.node.space
        _choose(self, "measures", measures_of(space))
        _choose(self, "indicators", indicators_of(actor, space))
        self.fields["measures"].required = False
        choose_named(self, "run_by", space)
        community: Any = self.fields["community"]
        choose_named(self, "community", space)
        community.queryset = community.queryset.filter(node__space=space)


class StepForm(KhlongModelForm):
    begins = DayField(label=_("Planned from"), required=False, help_text=EMPTY_DAY)
    due = DayField(label=_("Planned until"), required=False, help_text=EMPTY_DAY)
    done_on = DayField(label=_("Done on"), required=False, help_text=EMPTY_DAY)

    class Meta:
        model = WorkStep
        fields = ("text_th", "begins", "due", "done_on", "order", "text_en")
        labels = {"order": _("Its place in the list")}


class LineForm(KhlongModelForm):
    """A line of the budget. `why` is asked for where the amount of a running pilot changes."""

    satang = BahtField(label=_("Amount in baht"))
    why = forms.CharField(label=_("Why the plan changes"), max_length=300, required=False)

    class Meta:
        model = MoneyLine
        fields = ("text_th", "satang", "funder", "order", "text_en")
        labels = {"order": _("Its place in the list")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_named(self, "funder", self.instance.pilot.node.space)
        if self.instance._state.adding or self.instance.pilot.state != PilotState.RUNNING:
            del self.fields["why"]


class ChangeForm(KhlongModelForm):
    on = DayField(label=_("Decided on"), help_text=DAY_HELP)

    class Meta:
        model = Change
        fields = ("what", "why", "on")
        widgets = {"why": forms.Textarea(attrs={"rows": 4})}


class LessonForm(KhlongModelForm):
    on = DayField(label=_("Date"), help_text=DAY_HELP)
    worked = forms.TypedChoiceField(
        label=_("Did it work?"),
        choices=[("yes", _("It worked")), ("no", _("It did not work"))],
        coerce=lambda typed: typed == "yes",
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Lesson
        fields = ("text_th", "worked", "on", "text_en")
        widgets = {
            "text_th": forms.Textarea(attrs={"rows": 4, "lang": "th"}),
            "text_en": forms.Textarea(attrs={"rows": 3, "lang": "en"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        adding = self.instance._state.adding
        self.initial["worked"] = "" if adding else ("yes" if self.instance.worked else "no")


class WithFiles(KhlongModelForm):
    """A form beside which files come in (`khlong.pilots.uploads`); what went wrong with them stands at their fields."""

    wanted: tuple[Wanted, ...] = ()

    def __init__(self, *args: Any, files_taken: Mapping[str, Taken], **kwargs: Any) -> None:
        self.files_taken = files_taken
        super().__init__(*args, **kwargs)
        add_file_fields(self, self.wanted)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        return data | put_files(self, self.files_taken)


def add_file_fields(form: forms.BaseForm, wanted: Iterable[Wanted]) -> None:
    for one in wanted:
        widget = forms.FileInput(attrs={"accept": accept(one.kinds)})
        form.fields[one.name] = forms.FileField(label=str(one.label), required=False, widget=widget)


def put_files(form: forms.BaseForm, taken: Mapping[str, Taken]) -> dict[str, Any]:
    """The files as values of their fields; complaints go to the same fields."""
    for one in taken.values():
        for words in one.refused:
            form.add_error(one.name, words)
    return {one.name: one.file for one in taken.values()}


class ExpenseForm(WithFiles):
    """What was paid, from which line, and its receipt."""

    satang = BahtField(label=_("Amount in baht"))
    paid_on = DayField(label=_("Paid on"), help_text=DAY_HELP)
    wanted = (RECEIPT,)

    class Meta:
        model = Expense
        fields = ("line", "text", "satang", "paid_on", "receipt_no")
        labels = {"line": _("Line of the budget")}
        help_texts = {"receipt_no": _("Or add a photo of the receipt below. One of both is needed.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        line: Any = self.fields["line"]
        line.queryset = MoneyLine.objects.filter(pilot=self.instance.pilot_id)


class ActivityForm(WithFiles):
    """Something done in a pilot, with photos before and after."""

    on = DayField(label=_("Date"), help_text=DAY_HELP)
    wanted = PHOTOS

    class Meta:
        model = PilotActivity
        fields = ("name_th", "on", "meeting", "before_alt", "after_alt", "shown_agree", "name_en")
        help_texts = {
            "meeting": _("Who came is counted there, by group."),
            "before_alt": _("For those who cannot see it, in one sentence."),
            "after_alt": _("For those who cannot see it, in one sentence."),
            "shown_agree": _("Without this only the working group sees the photos."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        space = self.instance.pilot.node.space
        choose_named(self, "meeting", space)
        field: Any = self.fields["meeting"]
        own = Meeting.objects.filter(node__space=space).values("pk")
        took_part = Meeting.cities.through.objects.filter(city=self.instance.pilot.city_id).values("meeting")
        rows = field.queryset.filter(pk__in=own) | field.queryset.filter(pk__in=took_part)
        field.queryset = rows.order_by("-date", "sort_key")
        order = (
            "name_th",
            "on",
            "meeting",
            "before",
            "before_alt",
            "after",
            "after_alt",
            "shown_agree",
            "name_en",
        )
        self.order_fields(order)


COMPUTED, ENTERED = "computed", "entered"


class ValueForm(ThingForm):
    """A value of an indicator in a period. Where the indicator has a rule, it may be computed instead of entered."""

    period_from = DayField(label=_("From"), help_text=_("The first day of the period, such as 1 Jan 2026."))
    period_to = DayField(label=_("To"), help_text=_("The last day of the period, such as 31 Mar 2026."))
    how = forms.ChoiceField(
        label=_("How the number is found"),
        choices=[(COMPUTED, _("computed from the records here")), (ENTERED, _("entered, with its evidence"))],
        widget=forms.RadioSelect,
    )
    value = FigureField(label=_("Value"), required=False, max_digits=16, decimal_places=4)
    evidence_node = forms.CharField(
        label=_("Meeting or report that shows it"),
        required=False,
        max_length=40,
        help_text=_("Its reference, such as W-PTG-0003 or A-PTG-0001. Or add a file below."),
    )
    extra = ("how",)
    wanted = (PROOF,)

    class Meta:
        model = Value
        fields = ("indicator", "pilot", "period_from", "period_to", "value", "evidence_note")
        widgets = {"evidence_note": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"pilot": _("Empty for the whole city.")}

    groups = (
        (None, ("indicator", "pilot", "period_from", "period_to", "how")),
        (_("The number and its evidence"), ("value", "evidence_note", "evidence_node", "evidence_file")),
    )

    def __init__(
        self, *args: Any, actor: Actor, space: Node, files_taken: Mapping[str, Taken], **kwargs: Any
    ) -> None:
        self.actor, self.files_taken = actor, files_taken
        super().__init__(*args, **kwargs)
        _choose(self, "indicator", indicators_of(actor, space))
        _choose(
            self,
            "pilot",
            Pilot.objects.filter(node__space=space).select_related("node").order_by("node__ref"),
        )
        add_file_fields(self, self.wanted)
        self.initial.setdefault("how", ENTERED)
        if self.instance.evidence_node is not None:
            self.initial["evidence_node"] = self.instance.evidence_node.ref
        if not self.instance.node._state.adding:
            del self.fields["how"]

    def clean_evidence_node(self) -> Node | None:
        typed = str(self.cleaned_data["evidence_node"]).strip()
        if not typed:
            return None
        try:
            found = (
                scope(self.actor, Node.objects.select_related("space")).filter(ref=exact_ref(typed)).first()
            )
        except ValueError as error:
            raise ValidationError(_("This is not a reference. It looks like W-PTG-0003.")) from error
        if found is None:
            raise ValidationError(_("Nothing has this reference. Look at it again on its page."))
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data |= put_files(self, self.files_taken)
        if data.get("how") == COMPUTED:
            indicator = data.get("indicator")
            if indicator is not None and not indicator.rule:
                self.add_error("how", _("No rule computes this indicator. Enter its value with evidence."))
        elif data.get("value") is None and "value" not in self.errors:
            self.add_error("value", _("Write the number."))
        return data

    def split(self) -> tuple[dict[str, Any], dict[str, Any]]:
        values, links = super().split()
        return values | {name: self.cleaned_data[name] for name in ("evidence_node", "evidence_file")}, links

    def _post_clean(self) -> None:
        """The action validates the whole; the instance gets nothing here that does not fit its fields."""


class ApproveForm(KhlongForm):
    over_why = forms.CharField(label=_("Why it is approved above its line"), max_length=300, required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class ReturnForm(KhlongForm):
    why = forms.CharField(label=_("What is to be put right"), max_length=300)


class PilotsFilter(KhlongForm):
    """What narrows a list of pilots."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("all")), *PilotState.choices])
    q = forms.CharField(label=_("Words in the name"), required=False, max_length=80)

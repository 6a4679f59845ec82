"""Forms of those who answer, and what whoever suggested says of an answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khlong.chain.actions import exact_ref
from khlong.deliberation.models import Outcome, Round, Suggestion, Voice
from khlong.deliberation.standing import on_the_table
from khlong.network.models import Decision
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.ui.forms import KhlongForm

OUTCOMES = {
    Outcome.ACCEPTED: _("Accept"),
    Outcome.PART: _("Accept in part"),
    Outcome.DECLINED: _("Decline"),
    Outcome.MERGED: _("Merge with another"),
    Outcome.ANSWERED: _("Answer the question"),
}
STATES = (
    ("", _("all")),
    ("owed", _("owed an answer")),
    ("returned", _("sent back: the answer did not answer")),
    ("late", _("came late")),
    ("answered", _("answered")),
)


def decisions_of(actor: Actor, found: Round) -> Any:
    """What meetings of the city decided, newest first; a hundred are enough to choose from."""
    rows = Decision.objects.select_related("minutes__meeting__node")
    seen = scope(actor, rows.filter(minutes__meeting__node__space=found.node.space_id))
    return seen.order_by("-minutes__meeting__node__created_at", "-pk")


class DecisionField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.minutes.meeting.title[:40]} · {obj}"[:110]


class ReasonForm(KhlongForm):
    """What every answer says."""

    outcome = forms.ChoiceField(label=_("What becomes of it"), widget=forms.RadioSelect)
    reason_th = forms.CharField(
        label=_("Reason in Thai"),
        help_text=_("Whoever suggested reads it. Say why, in words that she uses."),
        widget=forms.Textarea(attrs={"rows": 3, "lang": "th"}),
        error_messages={"required": _("Write the reason in Thai: whoever suggested is owed one.")},
        max_length=4000,
    )
    reason_en = forms.CharField(
        label=_("Reason in English"),
        widget=forms.Textarea(attrs={"rows": 2, "lang": "en"}),
        required=False,
        max_length=4000,
    )
    with_other = forms.CharField(
        label=_("Merged with which"),
        help_text=_("Only when you merge: the reference of the other suggestion, such as S-PTG-12345678."),
        required=False,
        max_length=24,
    )
    decision = DecisionField(
        label=_("Settled in which decision of a meeting"),
        queryset=Decision.objects.none(),
        required=False,
        empty_label=_("none"),
    )

    def __init__(self, *args: Any, found: Round, actor: Actor, voice: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found = found
        field = self.fields["outcome"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, words) for key, words in OUTCOMES.items() if _fits(key, voice)]
        decision = self.fields["decision"]
        assert isinstance(decision, forms.ModelChoiceField)
        decision.queryset = decisions_of(actor, found)

    def clean_with_other(self) -> Suggestion | None:
        typed: str = self.cleaned_data["with_other"]
        if not typed.strip():
            return None
        rows = Suggestion.objects.select_related("round", "node").filter(round__plan=self.found.plan_id)
        try:
            other = rows.filter(node__ref=exact_ref(typed)).first()
        except ValueError:
            other = None
        if other is None:
            raise forms.ValidationError(
                _("No suggestion of this plan has the reference “%(typed)s”. Copy it from the list."),
                params={"typed": typed[:30]},
            )
        return other


def _fits(outcome: Outcome, voice: str) -> bool:
    return not (outcome == Outcome.ANSWERED and voice == Voice.SUGGEST)


class AnswerForm(ReasonForm):
    """One answer, with the passage's new words where it accepts."""

    text = forms.CharField(
        label=_("New words of the passage"),
        help_text=_(
            "Saved into the next draft when you accept. Everybody who reads the answer sees them at once. "
            "Change them as you decided."
        ),
        widget=forms.Textarea(attrs={"rows": 5, "lang": "th"}),
        required=False,
        max_length=20_000,
    )
    base = forms.IntegerField(widget=forms.HiddenInput, required=False)
    after = forms.IntegerField(widget=forms.HiddenInput, required=False)
    back = forms.CharField(widget=forms.HiddenInput, required=False, max_length=400)
    field_order = ("outcome", "text", "reason_th", "reason_en", "with_other", "decision")


class ChosenField(forms.Field):
    """Ticks of the list: "S-PTG-12345678.0", a reference and how many answers it had when the list was read."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> dict[str, int]:
        pairs = (str(one).rpartition(".") for one in value or ())
        return {ref: int(number) for ref, _dot, number in pairs if ref and number.isdecimal()}


class SeveralForm(ReasonForm):
    """One answer to several suggestions; its reason is shown as shared."""

    chosen = ChosenField(
        label=_("Suggestions"),
        error_messages={"required": _("Tick the suggestions that this answers, in the list above.")},
    )
    back = forms.CharField(widget=forms.HiddenInput, required=False, max_length=400)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].label = _("What becomes of them")

    def clean_chosen(self) -> list[tuple[Suggestion, int]]:
        """The suggestions with how many answers each had when the list was read."""
        numbers: dict[str, int] = self.cleaned_data["chosen"]
        rows = on_the_table(self.found).filter(node__ref__in=numbers)
        found = rows.select_related("node__space", "round__plan", "item")
        return [(row, numbers[row.ref]) for row in found]


class TableForm(KhlongForm):
    """How the answering table is narrowed. Groups in which fewer than five spoke cannot be chosen."""

    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)
    item = forms.ChoiceField(label=_("Passage"), required=False)
    voice = forms.ChoiceField(label=_("What it is"), choices=[("", _("all")), *Voice.choices], required=False)
    group = forms.ChoiceField(
        label=_("Group"),
        required=False,
        help_text=_("Groups in which fewer than 5 people spoke are not listed: their words would name them."),
    )

    def __init__(
        self, *args: Any, items: list[tuple[Any, str]], groups: list[tuple[Any, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("item", items), ("group", groups)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("all")), *choices]


class VerdictForm(KhlongForm):
    """Whether the answer answers."""

    answers = forms.ChoiceField(
        label=_("Does the answer answer?"),
        choices=[("yes", _("Yes, it answers")), ("no", _("No, something is missing"))],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("What is missing"),
        help_text=_("Write it, and it goes back to those who answer. They see your words, not who you are."),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=2000,
    )
    receipt = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

"""Forms of proposals, their steps, adoptions and money, and of an official's answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khlong.adoption import replies
from khlong.adoption.models import (
    SPAN,
    AdoptedIn,
    Adoption,
    BudgetLine,
    Proposal,
    State,
    Step,
    budget_of,
)
from khlong.adoption.states import OF_THE_OFFICE, following
from khlong.chain.editing import ThingForm
from khlong.chain.models import Node
from khlong.network.forms import choose_named
from khlong.record.files import DOCUMENTS, IMAGES, accept
from khlong.strategy.models import Item, ItemKind
from khlong.thai.digits import to_arabic
from khlong.thai.money import MoneyError, format_baht, parse_baht
from khlong.ui.forms import DayField, KhlongForm, KhlongModelForm

PAPERS = DOCUMENTS | IMAGES
LONG = forms.Textarea(attrs={"rows": 3, "lang": "th"})


class MoneyField(forms.CharField):
    """An amount of baht as people write it, also in Thai digits; gives satang, or None where it is empty."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal"}))
        super().__init__(max_length=60, **kwargs)

    def clean(self, value: Any) -> Any:
        typed = str(super().clean(value) or "").strip()
        if not typed:
            return None
        try:
            return parse_baht(typed)
        except MoneyError as error:
            raise ValidationError(_("Write an amount in baht, for example 450,000.")) from error

    def prepare_value(self, value: Any) -> Any:
        return format_baht(value, unit=False) if isinstance(value, int) else value


class YearField(forms.CharField):
    """A year of the Buddhist era, also in Thai digits; gives a number, or None where it is empty."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric"}))
        super().__init__(max_length=12, **kwargs)

    def clean(self, value: Any) -> Any:
        typed = to_arabic(str(super().clean(value) or "")).strip()
        if not typed:
            return None
        if not (typed.isascii() and typed.isdigit() and 2500 <= int(typed) <= 2700):
            raise ValidationError(_("Write a year of the Buddhist era, such as 2571."))
        return int(typed)


def _measures(space: Node | None) -> Any:
    rows = Item.objects.filter(node__space=space, kind=ItemKind.MEASURE, removed=False)
    return rows.select_related("node").order_by("order", "node__ref")


def _title(item: Item) -> str:
    return f"{item.node.title} ({item.ref})"


class BudgetForm(ThingForm):
    """Base of forms with money by fiscal years, up to five; `budget_after` is the section beneath which they stand."""

    budget_name, budget_after = "budget", 2

    def begin_budget(self) -> None:
        """Add the fields of year and amount, with what is known in them."""
        known = self.initial.get(self.budget_name) or getattr(self.instance, self.budget_name)
        rows = known or [{"year": year} for year in self.instance.plan_years]
        for number in range(1, SPAN + 1):
            self.fields[f"year_{number}"] = YearField(
                label=_("Fiscal year %(n)s") % {"n": number}, required=False
            )
            self.fields[f"money_{number}"] = MoneyField(
                label=_("Budget %(n)s in baht") % {"n": number}, required=False
            )
        for number, row in enumerate(rows[:SPAN], 1):
            self.initial.setdefault(f"year_{number}", row["year"])
            self.initial.setdefault(f"money_{number}", row.get("satang"))

    def budget_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The fields of year and amount, side by side."""
        return [(self[f"year_{n}"], self[f"money_{n}"]) for n in range(1, SPAN + 1)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        years: dict[int, int] = {}
        plan = Proposal(plan_from=data.get("plan_from") or self.instance.plan_from)
        for number in range(1, SPAN + 1):
            year, satang = data.get(f"year_{number}"), data.get(f"money_{number}")
            if satang is None:
                continue
            if year is None:
                if f"year_{number}" not in self.errors:
                    self.add_error(f"year_{number}", _("Write for which fiscal year this money is."))
            elif year in years:
                self.add_error(f"year_{number}", _("This year stands twice. Put the money into one line."))
            elif (why := plan.why_not(year, satang)) is not None:
                self.add_error(f"year_{number}", str(why))
            else:
                years[year] = satang
        data[self.budget_name] = budget_of(years)
        return data

    def split(self) -> tuple[dict[str, Any], dict[str, Any]]:
        values, links = super().split()
        return values | {self.budget_name: self.cleaned_data[self.budget_name]}, links


class ProposalForm(BudgetForm):
    """A proposal in the columns of the official form; money in up to five fiscal years."""

    extra = ("suggestions",)
    reply_due = DayField(
        label=gettext_lazy("Answer expected by"),
        required=False,
        help_text=gettext_lazy(
            "One day. When it has passed without an answer, Khlong reminds the working group."
        ),
    )
    suggestions = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Accepted suggestions that it follows from"),
        queryset=Node.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("The office sees what was asked for, and not who suggested it."),
    )
    groups = (
        (
            gettext_lazy("What, to whom and how"),
            (
                "measure",
                "name_th",
                "organisation",
                "channel",
                "form",
                "plan_from",
                "reply_due",
                "suggestions",
            ),
        ),
        (gettext_lazy("As the form asks"), ("objective", "outputs", "kpi", "outcome", "lead_unit", "reason")),
        (gettext_lazy("Where it stands in the plan of the authority"), ("strategy", "tactic", "area")),
        (
            gettext_lazy("Plans above it"),
            ("national", "milestone", "sdg", "province_strategy", "together"),
        ),
        (gettext_lazy("In English"), ("name_en",)),
    )

    class Meta:
        model = Proposal
        fields = (
            "measure",
            "name_th",
            "organisation",
            "channel",
            "form",
            "plan_from",
            "reply_due",
            "objective",
            "outputs",
            "kpi",
            "outcome",
            "lead_unit",
            "reason",
            "strategy",
            "tactic",
            "area",
            "national",
            "milestone",
            "sdg",
            "province_strategy",
            "together",
            "name_en",
        )
        labels = {
            "name_th": gettext_lazy("Name of the project in Thai"),
            "name_en": gettext_lazy("Name in English"),
        }
        widgets = dict.fromkeys(("objective", "outputs", "kpi", "outcome", "reason"), LONG)
        help_texts = {
            "form": gettext_lazy("By who will do it."),
            "objective": gettext_lazy("Begins with เพื่อ."),
            "outputs": gettext_lazy("What will be there, with size and unit."),
            "outcome": gettext_lazy("What becomes different for whom."),
            "area": gettext_lazy("Such as เคหะและชุมชน. May stay empty."),
            "national": gettext_lazy("Number and name, as they stand in the plan of the authority."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_named(self, "organisation", self.instance.node.space)
        measure: Any = self.fields["measure"]
        measure.queryset = _measures(self.instance.node.space)
        measure.label_from_instance = _title
        self.begin_budget()
        if "suggestions" not in self.initial:
            del self.fields["suggestions"]
        else:
            suggestions: Any = self.fields["suggestions"]
            suggestions.queryset = Node.objects.filter(pk__in=self.initial["suggestions"]).order_by("ref")

    def split(self) -> tuple[dict[str, Any], dict[str, Any]]:
        values, links = super().split()
        return values | {"city": self.instance.city}, links


class OldWordsForm(BudgetForm):
    """How a project stands in the plan now, in the columns of the form: what a change or a correction begins from."""

    budget_name, budget_after = "was_budget", 1
    groups = (
        (
            gettext_lazy("As the plan has it now"),
            ("was_name", "was_objective", "was_outputs", "was_kpi", "was_outcome", "was_lead_unit"),
        ),
    )

    class Meta:
        model = Proposal
        fields = ("was_name", "was_objective", "was_outputs", "was_kpi", "was_outcome", "was_lead_unit")
        widgets = dict.fromkeys(("was_objective", "was_outputs", "was_kpi", "was_outcome"), LONG)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["was_name"].required = True
        self.begin_budget()


class PaperForm(KhlongModelForm):
    """Base of forms that take one paper along: what came in stays while the rest is mended."""

    upload = forms.FileField(
        label=gettext_lazy("The paper as a file"),
        required=False,
        help_text=gettext_lazy("PDF, Word, Excel or a photo. Only the working group sees it."),
        widget=forms.FileInput(attrs={"accept": accept(PAPERS)}),
    )
    kept = forms.CharField(required=False, max_length=36, widget=forms.HiddenInput)

    def values(self) -> dict[str, Any]:
        """What the action takes, without the file."""
        return {
            name: self.cleaned_data[name] for name in self._meta.fields or () if name in self.cleaned_data
        }


class StepForm(PaperForm):
    """A step of a proposal; the states that usually follow stand first."""

    on = DayField(label=gettext_lazy("Date"))
    letter_on = DayField(label=gettext_lazy("Date of the letter"), required=False)
    field_order = (
        "state",
        "on",
        "other",
        "note",
        "letter_no",
        "letter_on",
        "received_no",
        "resolution",
        "upload",
    )

    class Meta:
        model = Step
        fields: tuple[str, ...] = (
            "state",
            "on",
            "other",
            "note",
            "letter_no",
            "letter_on",
            "received_no",
            "resolution",
        )
        widgets = {"note": LONG}
        help_texts = {
            "other": gettext_lazy("Where it was merged, moved or passed on."),
            "note": gettext_lazy("Needed when a step goes back or passes others by: why."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "state" in self.fields:
            proposal = self.instance.proposal
            field: Any = self.fields["state"]
            field.choices = state_choices(following(proposal.state, proposal.channel))


def state_choices(usual: tuple[State, ...]) -> list[Any]:
    """All states in two groups: what usually follows, and the rest, which asks for a word why."""
    others = [state for state in State if state not in usual]
    return [
        ("", _("no state: only what was said")),
        *((state.value, state.label) for state in usual),
        *((state.value, _("%(state)s (say why)") % {"state": state.label}) for state in others),
    ]


class StepPapersForm(StepForm):
    """The papers to a step that stands."""

    class Meta(StepForm.Meta):
        fields = ("letter_no", "letter_on", "received_no", "resolution")

    on = None  # type: ignore[assignment]


class AdoptionForm(PaperForm):
    """Where a proposal stands: the page of a plan, or a policy with number, date and signatory."""

    year = YearField(label=gettext_lazy("Year of the round (BE)"), required=False)
    on = DayField(label=gettext_lazy("Date of the proclamation or of the paper"), required=False)
    field_order = (
        "kind",
        "title",
        "edition",
        "round",
        "year",
        "page",
        "order",
        "number",
        "on",
        "signatory",
        "upload",
    )

    class Meta:
        model = Adoption
        fields = ("kind", "title", "edition", "round", "year", "page", "order", "number", "on", "signatory")
        help_texts = {
            "title": gettext_lazy("As it is printed on the cover."),
            "edition": gettext_lazy("Leave it out for the plan itself."),
            "round": gettext_lazy("Such as 1/2571."),
            "page": gettext_lazy("The page on which the line stands: the proof that it entered the plan."),
            "number": gettext_lazy("For an ordinance, a resolution, an agreement or an order."),
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("round", "page", "order"):
            data[name] = to_arabic(data.get(name) or "").strip()
        if data.get("kind") and data["kind"] != AdoptedIn.PLAN:
            data |= {"edition": "", "round": "", "year": None}
        return data


class BudgetLineForm(KhlongModelForm):
    """Money that was set aside, the work done with it, and what came of it."""

    year = YearField(label=gettext_lazy("Fiscal year (BE)"))
    satang = MoneyField(label=gettext_lazy("Amount in baht"))
    spent_satang = MoneyField(label=gettext_lazy("Spent, in baht"), required=False)
    work_from = DayField(label=gettext_lazy("Work began"), required=False)
    work_to = DayField(label=gettext_lazy("Work ended"), required=False)
    field_order = ("year", "source", "satang", "document", "work_from", "work_to", "spent_satang")

    class Meta:
        model = BudgetLine
        fields = (
            "year",
            "source",
            "satang",
            "document",
            "work_from",
            "work_to",
            "spent_satang",
            "result_th",
            "checked_by_community",
            "result_en",
        )
        widgets = {
            "result_th": LONG,
            "checked_by_community": LONG,
            "result_en": forms.Textarea(attrs={"rows": 3}),
        }

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}


class ReplyLinkForm(KhlongForm):
    """A link for an office."""

    name = forms.CharField(
        label=gettext_lazy("Whom it is for"),
        max_length=120,
        help_text=gettext_lazy("The office or the desk, such as the secretary's office. Name no person."),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Valid for how many days"),
        min_value=1,
        max_value=replies.MOST_DAYS,
        initial=replies.DAYS,
    )
    binds = forms.BooleanField(
        label=gettext_lazy("Only the first browser that begins"),
        required=False,
        initial=True,
        help_text=gettext_lazy(
            "A tied link cannot be passed on. Leave it out where several people of the office answer."
        ),
    )


class AnswerForm(PaperForm):
    """What an office says of a proposal."""

    state = forms.ChoiceField(label=gettext_lazy("What became of it"), required=False, choices=())
    letter_on = DayField(label=gettext_lazy("Date of the letter"), required=False)
    field_order = ("state", "other", "note", "letter_no", "letter_on", "resolution", "upload")

    class Meta:
        model = Step
        fields = ("state", "other", "note", "letter_no", "letter_on", "resolution")
        widgets = {"note": LONG}
        labels = {"note": gettext_lazy("Your answer in words")}
        help_texts = {
            "other": gettext_lazy("Where it was merged, moved or passed on."),
            "letter_no": gettext_lazy(
                "With a letter number or a resolution the answer is formal. It may follow later."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["state"]
        field.choices = [("", _("an answer in words only")), *((s.value, s.label) for s in OF_THE_OFFICE)]

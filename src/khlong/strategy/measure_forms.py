"""Forms for what a measure is, for indicators, and for the steps of a version."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from khlong.chain.actions import exact_ref
from khlong.chain.editing import ThingForm
from khlong.chain.models import Edge, Kind, Node
from khlong.network.forms import choose_named
from khlong.network.models import Meeting
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.places.models import Source
from khlong.strategy.indicators import OWNERS
from khlong.strategy.models import Indicator, Item, MeasureDetail, MeasureKind
from khlong.strategy.values import providers
from khlong.ui.forms import BahtField, DayField, FigureField, KhlongForm

OFFERED = 12
"""How many findings that no measure answers yet are offered beside those that are linked."""


def _rows(number: int = 2) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": number})


def seen_findings(actor: Actor, space: Node) -> Any:
    """The findings of a city that the writer may see."""
    return scope(actor, Node.objects.filter(kind=Kind.FINDING, space=space)).order_by("ref")


class MeasureForm(ThingForm):
    """What the workshop asks of a measure. Everything may stay empty: the page then says that it is not said."""

    findings = forms.ModelMultipleChoiceField(
        label=_("Findings that it answers"),
        queryset=Node.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    more_findings = forms.CharField(
        label=_("Other findings, by reference"),
        help_text=_("Such as F-PTG-0012. Several with spaces between them."),
        max_length=400,
        required=False,
    )
    cost_satang = BahtField(
        label=_("Cost in baht"), required=False, help_text=_("Such as 1,850,000 or 1.85 million.")
    )
    extra = ("findings",)
    groups = (
        (_("What it answers"), ("findings", "more_findings")),
        (_("What kind of measure it is"), ("kind", "system")),
        (_("Land and water"), ("land_use", "drainage_path", "landowner", "permission")),
        (_("Whom it touches"), ("gains", "loses", "groups", "beyond")),
        (
            _("Who does it, when, and for how much"),
            ("responsible", "from_year", "to_year", "cost_satang", "cost_source", "cost_note"),
        ),
    )

    class Meta:
        model = MeasureDetail
        fields = (
            "kind",
            "system",
            "land_use",
            "drainage_path",
            "landowner",
            "permission",
            "gains",
            "loses",
            "groups",
            "beyond",
            "responsible",
            "from_year",
            "to_year",
            "cost_satang",
            "cost_source",
            "cost_note",
        )
        widgets = {
            "gains": _rows(),
            "loses": _rows(3),
            "beyond": _rows(),
            "groups": forms.CheckboxSelectMultiple,
        }
        help_texts = {
            "land_use": _("As the city plan calls it, such as community land."),
            "permission": _(
                "Which permission, and whose, such as a waterway permit of the Marine Department."
            ),
            "loses": _("Who gives something up, and what is done about it before the work begins."),
            "beyond": _("What happens when the water comes higher than it was designed for, and to whom."),
            "cost_note": _("Such as the standard price of which year, or an estimate of whom."),
        }

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        item = self.instance.item
        self._offer_findings(actor, item)
        _say_empty(self.fields["kind"], MeasureKind.choices)
        choose_named(self, "responsible", item.node.space)
        sources, groups = self.fields["cost_source"], self.fields["groups"]
        assert isinstance(sources, forms.ModelChoiceField)
        assert isinstance(groups, forms.ModelMultipleChoiceField)
        sources.queryset = Source.objects.order_by("publisher_th", "key")
        groups.queryset = item.plan.city.groups.order_by("order", "pk")
        self.fields["from_year"].label = _("From year (Buddhist era)")
        self.fields["to_year"].label = _("To year (Buddhist era)")

    def _offer_findings(self, actor: Actor, item: Item) -> None:
        """Tick what is linked and what was asked for, and offer some findings that nothing answers yet."""
        assert item.node.space is not None
        rows = seen_findings(actor, item.node.space)
        asked = str(self.initial.pop("finding", "") or "")
        answered = Edge.objects.filter(up=OuterRef("pk"), down__kind=Kind.MEASURE)
        linked = list(rows.filter(downstream__down=item.pk))
        wanted = [*linked, *(node for node in rows.filter(ref=asked) if node not in linked)]
        free = [node for node in rows.filter(~Exists(answered))[:OFFERED] if node not in wanted]
        field = self.fields["findings"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = rows
        field.widget.choices = _labels([*wanted, *free])
        self.initial["findings"] = [node.pk for node in wanted]
        self._actor, self._space = actor, item.node.space

    def clean_more_findings(self) -> list[Node]:
        typed = str(self.cleaned_data["more_findings"]).replace(",", " ").split()
        found = []
        for word in typed:
            try:
                ref = exact_ref(word)
            except ValueError as error:
                raise _not_found(word) from error
            node = seen_findings(self._actor, self._space).filter(ref=ref).first()
            if node is None:
                raise _not_found(word)
            found.append(node)
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = [*(data.get("findings") or ()), *(data.get("more_findings") or ())]
        data["findings"] = list({node.pk: node for node in chosen}.values())
        return data


def _not_found(word: str) -> forms.ValidationError:
    said = _("This city has no finding %(word)s. Look at its reference on the page of the finding.")
    return forms.ValidationError(said, params={"word": word})


def _labels(nodes: Iterable[Node]) -> list[tuple[Any, str]]:
    return [(node.pk, f"{node.ref} {node.title}") for node in nodes]


def _say_empty(field: forms.Field, choices: list[tuple[str, Any]]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = [("", _("not said yet")), *choices]


class IndicatorForm(ThingForm):
    """By what one knows that a goal or a measure is reached."""

    baseline = FigureField(label=_("Baseline"), required=False, max_digits=16, decimal_places=4)
    target = FigureField(label=_("Target"), required=False, max_digits=16, decimal_places=4)
    rule = forms.ChoiceField(
        label=_("How its values come"),
        required=False,
        help_text=_("Computed from records, or entered by the working group with evidence."),
    )
    groups = (
        (_("What is measured"), ("name_th", "name_en", "item", "unit_th", "unit_en")),
        (_("From where to where"), ("baseline", "baseline_year", "target", "target_year")),
        (_("How one knows"), ("means_th", "means_en", "rule")),
    )

    class Meta:
        model = Indicator
        fields = (
            "name_th",
            "name_en",
            "item",
            "unit_th",
            "unit_en",
            "baseline",
            "baseline_year",
            "target",
            "target_year",
            "means_th",
            "means_en",
            "rule",
        )
        help_texts = {
            "name_th": _("What is counted, so that two people would count the same."),
            "unit_th": _("Such as hours, households or per cent."),
            "means_th": _("Where anybody can look it up: a log, a register, a survey, and who keeps it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose_item()
        rules = self.fields["rule"]
        assert isinstance(rules, forms.ChoiceField)
        entered = ("", _("entered with evidence"))
        rules.choices = [entered, *((row.name, row.title) for row in providers())]

    def _choose_item(self) -> None:
        """The goals and measures of the city's plan; a programme's indicator belongs to none."""
        if self.instance.city_id is None:
            del self.fields["item"]
            return
        field = self.fields["item"]
        assert isinstance(field, forms.ModelChoiceField)
        rows = Item.objects.filter(plan__city=self.instance.city_id, kind__in=OWNERS, removed=False)
        field.queryset = rows.select_related("node").order_by("node__ref")
        field.empty_label = str(_("the plan as a whole"))
        field.label_from_instance = _item_label  # type: ignore[method-assign, assignment]


def _item_label(item: Item) -> str:
    return f"{item.get_kind_display()} {item.ref} {item.node.title[:90]}"


class AdoptionForm(KhlongForm):
    """How a version was adopted."""

    day = DayField(label=_("Adopted on"), help_text=_("A day, such as 2 Aug 2026."))
    meeting = forms.ModelChoiceField(
        label=_("In which meeting"),
        queryset=Meeting.objects.none(),
        required=False,
        empty_label=_("a meeting that is not kept here"),
    )
    note = forms.CharField(
        label=_("What was decided, and by whom"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
        help_text=_("Such as: the working group agreed to the whole, 14 for and 2 against."),
    )

    def __init__(self, *args: Any, actor: Actor, space: Node, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["meeting"]
        assert isinstance(field, forms.ModelChoiceField)
        rows = Meeting.objects.filter(node__space=space) | Meeting.objects.filter(cities=space.pk)
        field.queryset = scope(actor, rows).distinct().select_related("node").order_by("-date", "sort_key")


class LeaveOutForm(KhlongForm):
    """Why something on which others rest is left out all the same."""

    why = forms.CharField(
        label=_("Why it is left out all the same"),
        max_length=300,
        help_text=_("Those whose work rests on it read this."),
    )

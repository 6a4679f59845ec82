from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khlong.chain.editing import ThingForm
from khlong.places.choices import offer
from khlong.places.forms import SourcedForm
from khlong.strategy.models import Item, ItemKind, Plan
from khlong.strategy.queries import in_order
from khlong.ui.forms import KhlongForm, SpanField

ALONE = (ItemKind.VISION, ItemKind.STATEMENT)
"""Kinds of parts that hold no others."""


class PlanForm(SourcedForm, ThingForm):
    drafted = SpanField(label=_("Drafted on"), required=False)

    class Meta:
        model = Plan
        fields = ("name_th", "name_en", "horizon_years", "start_year", "drafted", "source", "mark")
        help_texts = {"start_year": _("Leave empty when nobody published it: the page then says so.")}


class PassageForm(KhlongForm):
    """The words of one passage in one language, and the revision that the writer read."""

    text = forms.CharField(
        label=_("Words"),
        widget=forms.Textarea(attrs={"rows": 5}),
        required=False,
        max_length=20_000,
        error_messages={"required": _("Write the words in Thai: the Thai text is the plan.")},
    )
    why = forms.CharField(
        label=_("Why it changes"),
        help_text=_("One line for those who read the history. May stay empty."),
        max_length=300,
        required=False,
    )
    base = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ItemForm(KhlongForm):
    """A new part of a plan."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ItemKind.choices)
    parent = forms.ModelChoiceField(
        label=_("Belongs to"), queryset=Item.objects.none(), required=False, empty_label=_("the plan itself")
    )
    text_th = forms.CharField(
        label=_("Words in Thai"), widget=forms.Textarea(attrs={"rows": 4, "lang": "th"}), max_length=20_000
    )
    text_en = forms.CharField(
        label=_("Words in English (our translation)"),
        widget=forms.Textarea(attrs={"rows": 3, "lang": "en"}),
        required=False,
        max_length=20_000,
    )

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["parent"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Item.objects.filter(plan=plan, removed=False)
        offer(self, "parent", lambda: _parents(plan))


def _parents(plan: Plan) -> list[tuple[str, str]]:
    """The parts that may hold others, in the order in which the plan is read."""
    rows = Item.objects.filter(plan=plan, removed=False).exclude(kind__in=ALONE).select_related("node")
    return [
        (str(row.pk), f"{row.get_kind_display()} {row.ref} {row.node.title[:90]}") for row in in_order(rows)
    ]


class VersionForm(KhlongForm):
    note = forms.CharField(
        label=_("What changed"),
        help_text=_("One sentence for those who read the next version."),
        max_length=300,
        required=False,
    )

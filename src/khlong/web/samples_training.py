"""The pages of the training city that grow with it, one address each: for a bench on a large city."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.urls import reverse

from khlong.adoption.models import Proposal
from khlong.assessment.models import Finding
from khlong.chain.models import Node
from khlong.deliberation.models import Round, Suggestion
from khlong.pilots.models import Pilot, Value
from khlong.register.models import Household, Statement
from khlong.strategy.models import Indicator, Item
from khlong.training.making import SLUG

LISTS = (
    *("places:city", "register:households", "register:statements", "assessment:findings", "strategy:plan"),
    *("strategy:versions", "strategy:indicators", "adoption:proposals", "adoption:forms", "pilots:pilots"),
    *("pilots:values", "assessment:add_finding", "adoption:add_proposal", "pilots:add_pilot"),
)
SINGLE: dict[str, Any] = {
    "register:statement": Statement,
    "assessment:finding": Finding,
    "strategy:indicator": Indicator,
    "adoption:proposal": Proposal,
    "pilots:pilot": Pilot,
    "pilots:value": Value,
}
OF_ROUND = ("round", "said", "suggest", "answers", "heard")
MORE = {"deliberation:said": 15, "deliberation:suggestion": 15}
"""Pages that may ask more often: twenty suggestions with their threads."""


def pages() -> dict[str, str]:
    """URL name to address; of each kind the thing with the most links."""
    found = {name: reverse(name, args=[SLUG]) for name in LISTS}
    for name, model in SINGLE.items():
        found[name] = reverse(name, args=[_busiest(model.objects.filter(node__space__ref="C-STT")).ref])
    measure = _busiest(Item.objects.filter(plan__city__slug=SLUG, kind="measure"))
    found["strategy:item"] = reverse("strategy:item", args=[measure.ref])
    suggestion = Suggestion.objects.filter(round__plan__city__slug=SLUG).exclude(answers=None).first()
    round_ = Round.objects.get(plan__city__slug=SLUG)
    if suggestion is not None:
        found["deliberation:suggestion"] = reverse("deliberation:suggestion", args=[suggestion.ref])
    for name in OF_ROUND:
        found[f"deliberation:{name}"] = reverse(f"deliberation:{name}", args=[round_.ref])
    household = Household.objects.filter(space__ref="C-STT").first()
    if household is not None:
        found["register:household"] = reverse("register:household", args=[household.pk])
    found["chain:canal"] = reverse("chain:canal", args=["C-STT"])
    found["chain:trace of the busiest"] = reverse("chain:trace", args=[_most_linked().ref])
    return found


def _busiest(rows: Any) -> Any:
    linked = Count("node__upstream", distinct=True) + Count("node__downstream", distinct=True)
    return rows.annotate(links=linked).order_by("-links", "node__ref").first()


def _most_linked() -> Node:
    rows = Node.objects.filter(space__ref="C-STT").annotate(links=Count("downstream"))
    found = rows.order_by("-links", "ref").first()
    assert found is not None
    return found

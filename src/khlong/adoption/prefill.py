"""What a new proposal says already because its measure does: words, findings, indicators, cost, suggestions."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery

from khlong.adoption.models import FIRST_YEARS, SPAN, AdoptedIn, PlanFormat, Proposal, budget_of
from khlong.chain.models import EdgeKind, Kind, Node
from khlong.deliberation.models import Answer, Outcome
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.strategy.models import Indicator, Item, Language, MeasureDetail
from khlong.ui.text import amount_text

MOST = 50
PROJECT, IN_ORDER_TO = "โครงการ", "เพื่อ"


def as_it_stands(actor: Actor, proposal: Proposal) -> dict[str, Any]:
    """The words of the project that the same measure brought into the same plan before; nothing where none is known."""
    rows = Proposal.objects.filter(measure=proposal.measure_id, plan_from=proposal.plan_from)
    rows = rows.filter(adoptions__kind=AdoptedIn.PLAN).exclude(pk=proposal.pk)
    known = scope(actor, rows).order_by("-adoptions__at").first()
    if known is None:
        return {}
    names = ("objective", "outputs", "kpi", "outcome", "lead_unit", "budget")
    return {f"was_{name}": getattr(known, name) for name in names} | {"was_name": known.name_th}


def accepted_suggestions(actor: Actor, measure: Item) -> list[Node]:
    """The suggestions to the measure's words whose last answer accepts them, in whole or in part."""
    last = Answer.objects.filter(suggestion=OuterRef("suggestion")).order_by("-number").values("outcome")[:1]
    rows = Node.objects.filter(kind=Kind.SUGGESTION, suggestion__item=measure)
    rows = rows.annotate(last=Subquery(last)).filter(last__in=(Outcome.ACCEPTED, Outcome.PART))
    return list(scope(actor, rows).order_by("ref")[:MOST])


def findings_of(actor: Actor, measure: Item) -> list[Node]:
    """The findings on which the measure rests, as far as the actor may read them."""
    rests = {"kind": Kind.FINDING, "downstream__down": measure.node, "downstream__kind": EdgeKind.RESTS_ON}
    return list(scope(actor, Node.objects.filter(**rests)).order_by("ref")[:MOST])


def from_measure(actor: Actor, measure: Item) -> dict[str, Any]:
    """Values for the form of a proposal. What the measure does not say stays empty."""
    words = _words(measure)
    found: dict[str, Any] = {
        "measure": measure.pk,
        "name_th": _begun(PROJECT, words.split("\n")[0])[:300],
        "name_en": measure.node.title_en[:300],
        "objective": _begun(IN_ORDER_TO, words),
        "reason": "\n".join(node.title_th for node in findings_of(actor, measure)),
        "kpi": "\n".join(map(_indicator, scope(actor, Indicator.objects.filter(item=measure))[:MOST])),
    }
    detail = MeasureDetail.objects.filter(item=measure).select_related("responsible").first()
    return found | (_from_detail(detail) if detail else {})


def _words(measure: Item) -> str:
    newest = measure.passage.revisions.filter(lang=Language.THAI).order_by("-number").first()
    return newest.text if newest else measure.node.title_th


def _begun(beginning: str, words: str) -> str:
    return words if words.startswith(beginning) else f"{beginning}{words}"


def _indicator(indicator: Indicator) -> str:
    """An indicator in one line, always in Thai: its name, from what to what, by which year."""
    parts = [indicator.name_th]
    if indicator.baseline is not None:
        parts.append(f"จาก {amount_text(indicator.baseline)}")
    if indicator.target is not None:
        parts.append(f"เป็น {amount_text(indicator.target)} {indicator.unit_th}")
    if indicator.target_year:
        parts.append(f"ภายในปี {indicator.target_year}")
    return " ".join(parts)


def _from_detail(detail: MeasureDetail) -> dict[str, Any]:
    first = FIRST_YEARS[PlanFormat.STRATEGY if detail.to_year and detail.to_year < 2571 else PlanFormat.ISSUE]
    found: dict[str, Any] = {"outcome": detail.gains, "plan_from": first}
    if detail.responsible is not None:
        found |= {"lead_unit": detail.responsible.name_th[:200], "organisation": detail.responsible.pk}
    if detail.cost_satang:
        found["budget"] = budget_of(_spread(detail, first))
    return found


def _spread(detail: MeasureDetail, first: int) -> dict[int, int]:
    """The cost in equal parts over the measure's years that lie in the plan; what is left over into the first."""
    plan = range(first, first + SPAN)
    begins, ends = detail.from_year or plan[0], detail.to_year or detail.from_year or plan[0]
    years = [year for year in plan if begins <= year <= ends] or [plan[0]]
    baht, satang = divmod(detail.cost_satang or 0, 100)
    each, rest = divmod(baht, len(years))
    amounts = dict.fromkeys(years, each * 100)
    amounts[years[0]] += rest * 100 + satang
    return amounts

"""Writing plans to the cities' data files, in the words of their newest versions."""

from __future__ import annotations

from typing import Any

from khlong.chain.load import dump
from khlong.people.actor import ANONYMOUS
from khlong.people.policy import scope
from khlong.places.dump import both, iso, sourced
from khlong.strategy.models import Plan
from khlong.strategy.queries import Book, Leaf, version_book, working_book


@dump
def plans() -> dict[str, dict[str, Any]]:
    rows = scope(ANONYMOUS, Plan.objects.select_related("node", "city")).order_by("city__slug", "pk")
    return {f"cities/{plan.city.slug}.yaml": {"plan": _plan(plan)} for plan in reversed(rows)}


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "ref": plan.ref,
        "title": both(plan, "name"),
        "horizon_years": plan.horizon_years,
        "start_year": plan.start_year,
        "status": plan.status,
        "drafted": iso(plan.drafted),
        **sourced(plan),
        "rests_on": list(
            scope(ANONYMOUS, plan.node.upstream.order_by("up__ref")).values_list("up__ref", flat=True)
        ),
        "items": [_item(leaf) for leaf in _book(plan).leaves],
    }


def _book(plan: Plan) -> Book:
    """The newest version: what is being written for the next one stays in the house."""
    version = plan.versions.order_by("-number").first()
    return version_book(version) if version else working_book(plan)


def _item(leaf: Leaf) -> dict[str, Any]:
    return {
        "ref": leaf.item.ref,
        "kind": leaf.kind,
        "th": leaf.text,
        "en": leaf.english,
        "items": [_item(part) for part in leaf.parts],
    }

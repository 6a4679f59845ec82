"""A plan's goals and measures as strands of its canal."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse

from khlong.chain.canals import Part, parts_of
from khlong.chain.models import Kind, Node
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.strategy.models import Item, ItemKind, Version
from khlong.strategy.queries import version_book

OF_THE_CANAL = (ItemKind.GOAL, ItemKind.MEASURE)


@parts_of(Kind.PLAN)
def strands(actor: Actor, plan: Node) -> list[Part]:
    """The goals and measures of a plan that the reader may see, as the newest version has and numbers them, then
    those that none has yet; three queries.
    """
    rows = scope(actor, Item.objects.select_related("node__space"))
    kept = rows.filter(plan=plan.pk, kind__in=OF_THE_CANAL, removed=False).order_by("node__ref")
    places = _places(actor, plan)
    return [
        Part(item.pk, item.node.title, _number(item, places), reverse("strategy:item", args=[item.ref]))
        for item in sorted(kept, key=lambda item: places.get(item.pk, (len(places), ""))[0])
    ]


def _places(actor: Actor, plan: Node) -> dict[UUID, tuple[int, str]]:
    """Where each part stands in the newest version, and its number there."""
    version = (
        scope(actor, Version.objects.select_related("plan")).filter(plan=plan.pk).order_by("-number").first()
    )
    leaves = version_book(version).all() if version else []
    return {leaf.item.pk: (at, leaf.number) for at, leaf in enumerate(leaves)}


def _number(item: Item, places: dict[UUID, tuple[int, str]]) -> str:
    return places[item.pk][1] if item.pk in places else item.ref.rpartition("-")[2]

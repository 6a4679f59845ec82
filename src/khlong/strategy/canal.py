"""A plan's goals and measures as strands of its canal."""

from __future__ import annotations

from django.urls import reverse

from khlong.chain.canals import Part, parts_of
from khlong.chain.models import Kind, Node
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.strategy.models import Item, ItemKind

OF_THE_CANAL = (ItemKind.GOAL, ItemKind.MEASURE)


@parts_of(Kind.PLAN)
def strands(actor: Actor, plan: Node) -> list[Part]:
    """The goals and measures of a plan that the reader may see, in the order of their references; one query."""
    rows = scope(actor, Item.objects.select_related("node__space"))
    kept = rows.filter(plan=plan.pk, kind__in=OF_THE_CANAL, removed=False).order_by("node__ref")
    return [
        Part(item.pk, item.node.title, item.ref.rpartition("-")[2], reverse("strategy:item", args=[item.ref]))
        for item in kept
    ]

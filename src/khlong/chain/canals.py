"""The canal picture of a city and of a plan: how many links arrive at each gate, and where it is dry."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.translation import gettext as _

from khlong.chain.counts import Along, arrives
from khlong.chain.models import Edge, Node
from khlong.chain.stages import STAGES
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.ui.canal import Canal, Link, Stage, Strand

LEVELS_UP, LEVELS_DOWN = 2, 3
MOST_AROUND = 2000
"""Things whose links are looked up at one level. A strand is a measure, which has far fewer around it."""


@dataclass(frozen=True)
class Part:
    """A part of a plan, which is a strand in its picture. `number` is how the plan counts it."""

    node: UUID
    label: str
    number: str
    url: str


Parts = Callable[[Actor, Node], list[Part]]
_parts: dict[str, Parts] = {}


def parts_of(kind: str) -> Callable[[Parts], Parts]:
    """Register which parts a thing of a kind has, in their order; each is a strand of its canal."""

    def made(function: Parts) -> Parts:
        _parts[kind] = function
        return function

    return made


def parts(actor: Actor, node: Node) -> list[Part]:
    """The strands of a thing's canal; none where it has no parts."""
    found = _parts.get(node.kind)
    return found(actor, node) if found else []


def city_canal(node: Node, name: str, counts: Along) -> Canal:
    """All of a city as one strand. What a real city does not show is hatched, and is no dry stretch."""
    stages = tuple(_stage(node, counts, number) for number in range(len(STAGES)))
    links = tuple(_link(number, counts.into(number + 1)) for number in range(len(STAGES) - 1))
    return Canal(_("The canal of %(city)s") % {"city": name}, stages, (Strand("", links),))


def _stage(node: Node, counts: Along, number: int) -> Stage:
    count = counts.at(number)
    hidden = not count and not node.is_example
    return Stage(str(STAGES[number].label), None if hidden else count, "unpublished" if hidden else "water")


def _link(up: int, count: int) -> Link:
    """Links that pass a gate at which nothing lies flow all the same."""
    return Link(up, up + 1, count, "water" if count else None)


def parts_canal(node: Node, name: str, chosen: list[Part], counts: Along, actor: Actor) -> Canal:
    """Some parts of a plan, each a strand with the links that lead to it and from it."""
    found = links_around(actor, [part.node for part in chosen])
    stages = tuple(replace(_stage(node, counts, number), count=None) for number in range(len(STAGES)))
    strands = tuple(_strand(part, found[part.node]) for part in chosen)
    return Canal(_("The canal of %(plan)s") % {"plan": name}, stages, strands)


def _strand(part: Part, arrived: Counter[int]) -> Strand:
    links = tuple(_link(number, arrived[number + 1]) for number in range(len(STAGES) - 1))
    label = f"{part.number} {part.label}".strip()
    return Strand(label, links, part.number, url=part.url)


def links_around(actor: Actor, starts: Iterable[UUID]) -> dict[UUID, Counter[int]]:
    """For each start, how many links upstream and downstream of it arrive at each gate; a query for each level.

    From a measure two levels reach the evidence, and three the report.
    """
    keys = list(starts)
    found: dict[UUID, dict[tuple[UUID, UUID], int]] = {key: {} for key in keys}
    for way, levels in (("down", LEVELS_UP), ("up", LEVELS_DOWN)):
        front: dict[UUID, set[UUID]] = {key: {key} for key in keys}
        for _level in range(levels):
            front = _one_level(actor, way, front, found)
    return {key: Counter(edges.values()) for key, edges in found.items()}


def _one_level(
    actor: Actor, here: str, front: dict[UUID, set[UUID]], found: dict[UUID, dict[tuple[UUID, UUID], int]]
) -> dict[UUID, set[UUID]]:
    if not front:
        return {}
    onward: dict[UUID, set[UUID]] = defaultdict(set)
    rows = scope(actor, Edge.objects.order_by()).filter(**{f"{here}__in": list(front)[:MOST_AROUND]})
    for up, down, up_kind, down_kind in rows.values_list("up", "down", "up__kind", "down__kind"):
        near, far = (down, up) if here == "down" else (up, down)
        gate = arrives(up_kind, down_kind)
        for key in front[near]:
            if gate is not None:
                found[key][up, down] = gate
            onward[far].add(key)
    return onward

"""What stands beside every thing: what it rests on, what came of it, and which stretch is dry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from khlong.chain.gaps import Missing, missing_at
from khlong.chain.models import Kind, Node
from khlong.chain.queries import DOWN, UP, Met, Step, Way, nodes_of, steps_of, walk
from khlong.chain.stages import STAGES, order_of, stage_of
from khlong.people.actor import Actor
from khlong.people.policy import Verb, can

PER_KIND = 4
MOST_MET = 1000


@dataclass(frozen=True)
class Group:
    """The nearest things of one kind, and how many more there are."""

    label: Any
    steps: tuple[Step, ...]
    more: int


@dataclass(frozen=True)
class Stretch:
    """Something missing: dry with its button, or not published."""

    key: str
    sentence: Any
    button: Any
    url: str
    published: bool


@dataclass(frozen=True)
class Side:
    """One side of a thing. `whole` is False where there is more than was counted; an `end` has nothing beyond it."""

    groups: tuple[Group, ...]
    dry: tuple[Stretch, ...]
    whole: bool
    end: bool
    published: bool

    @property
    def empty(self) -> bool:
        return not self.groups and not self.dry

    @property
    def more(self) -> int:
        return sum(group.more for group in self.groups)


@dataclass(frozen=True)
class Beside:
    """Both sides of a thing."""

    node: Node
    up: Side
    down: Side


def beside(node: Node, actor: Actor) -> Beside:
    """Both sides of a thing as the reader may see them; three queries, whatever is linked."""
    ways = walk(node.pk, actor, UP, DOWN, most=MOST_MET)
    nearest = {way: _nearest(found.met) for way, found in ways.items()}
    nodes = nodes_of((one.pk for kinds in nearest.values() for met in kinds.values() for one in met), actor)
    missing, works = missing_at(node, actor)
    dry = _dry(node, missing, may_change=can(actor, Verb.CHANGE, node)) if works else {UP: (), DOWN: ()}
    sides = {
        way: Side(
            _groups(ways[way], nearest[way], nodes), dry[way], ways[way].whole, _is_end(node, way), works
        )
        for way in (UP, DOWN)
    }
    return Beside(node, sides[UP], sides[DOWN])


def _nearest(met: Iterable[Met]) -> dict[str, list[Met]]:
    kinds: dict[str, list[Met]] = defaultdict(list)
    for one in met:
        if len(kinds[one.kind]) < PER_KIND:
            kinds[one.kind].append(one)
    return kinds


def _groups(way: Way, nearest: dict[str, list[Met]], nodes: dict[UUID, Node]) -> tuple[Group, ...]:
    """Kinds in the order in which they are met, each with its nearest things."""
    counts: dict[str, int] = defaultdict(int)
    for one in way.met:
        counts[one.kind] += 1
    order = sorted(nearest, key=lambda kind: (nearest[kind][0].depth, order_of(kind)))
    made = []
    for kind in order:
        shown = steps_of(nearest[kind], nodes)
        made.append(Group(Kind(kind).label, tuple(shown), counts[kind] - len(shown)))
    return tuple(made)


def _dry(node: Node, missing: list[Missing], *, may_change: bool) -> dict[str, tuple[Stretch, ...]]:
    made: dict[str, list[Stretch]] = {UP: [], DOWN: []}
    for one in missing:
        published = one.published or may_change
        url = one.gap.mend(node) if may_change else ""
        way = UP if one.gap.upstream else DOWN
        made[way].append(Stretch(one.gap.key, one.gap.sentence, one.gap.button, url, published))
    return {way: tuple(rows) for way, rows in made.items()}


def _is_end(node: Node, way: str) -> bool:
    """Whether nothing can lie beyond: evidence is where the water rises, a report is the mouth."""
    return stage_of(node.kind) == (0 if way == UP else len(STAGES) - 1)

"""The course of the water through one thing: all that was met, and the nearest of it as a picture."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khlong.chain.gaps import missing_at
from khlong.chain.models import Edge, Kind, Node
from khlong.chain.queries import DOWN, UP, Met, nodes_of, walk
from khlong.chain.stages import order_of
from khlong.people.actor import Actor
from khlong.people.policy import Verb, can, scope
from khlong.ui.course import Box, Column, Course, Dry

MOST_SHOWN = 500
PER_COLUMN = 4
MOST_COLUMNS = 3
PERIOD = re.compile(r"\s*\(([^()]*)\)$")


@dataclass(frozen=True)
class Row:
    """A line of the table: what was met, on which side, and, once it is read, its node."""

    met: Met
    up: bool
    node: Node | None = None


class Traced:
    """A thing with all that is upstream and downstream of it, as far as the reader may see; read piece by piece."""

    def __init__(self, node: Node, actor: Actor) -> None:
        self.node, self.actor = node, actor
        ways = walk(node.pk, actor, UP, DOWN)
        self.whole = ways[UP].whole and ways[DOWN].whole
        every = [Row(one, True) for one in ways[UP].met] + [Row(one, False) for one in ways[DOWN].met]
        every.sort(key=lambda row: (row.met.depth, row.met.pk))
        self.shown, self.more = every[:MOST_SHOWN], len(every[MOST_SHOWN:])
        self._far = Counter((row.up, row.met.depth) for row in every)
        self._drawn = {node.pk}
        self._onward: dict[bool, dict[UUID, set[UUID]]] = {}

    def rows(self, kind: str = "") -> list[Row]:
        """What is shown, upstream first, the nearest first; of one kind where one is named."""
        kept = [row for row in self.shown if not kind or row.met.kind == kind]
        return sorted(kept, key=lambda row: (not row.up, row.met.depth, order_of(row.met.kind), row.met.pk))

    def read(self, rows: list[Row]) -> list[Row]:
        """Some rows with their nodes; one query."""
        nodes = nodes_of((row.met.pk for row in rows), self.actor)
        found = [Row(row.met, row.up, nodes[row.met.pk]) for row in rows if row.met.pk in nodes]
        return sorted(found, key=lambda row: (not row.up, row.met.depth, _place(nodes[row.met.pk])))

    @cached_property
    def kinds(self) -> list[tuple[str, Any, int]]:
        """The kinds that were met, along the canal, and how many of each are shown."""
        counts = Counter(row.met.kind for row in self.shown)
        return [(kind, Kind(kind).label, counts[kind]) for kind in sorted(counts, key=order_of)]

    @property
    def ups(self) -> int:
        return sum(row.up for row in self.shown)

    @property
    def downs(self) -> int:
        return len(self.shown) - self.ups

    def course(self) -> Course:
        """The nearest things with the links between them, and what is dry at the thing; three queries."""
        keys = [row.met.pk for row in self.shown]
        edges = scope(self.actor, Edge.objects.order_by())
        inside = edges.filter(up__in=[*keys, self.node.pk], down__in=[*keys, self.node.pk])
        flows = frozenset(inside.values_list("up", "down"))
        self._onward = {True: _onward(flows, up=True), False: _onward(flows, up=False)}
        ups, downs = self._columns(up=True), self._columns(up=False)
        chosen = {row.met.pk for rows, _more in (*ups, *downs) for row in rows}
        nodes = nodes_of(chosen, self.actor)
        columns = [
            *(self._column(rows, more, nodes) for rows, more in reversed(ups)),
            Column((_box(self.node, here=True),)),
            *(self._column(rows, more, nodes) for rows, more in downs),
        ]
        drawn = frozenset((str(up), str(down)) for up, down in flows)
        up_dry, down_dry = self._dry()
        return Course(tuple(columns), len(ups), drawn, up_dry, down_dry)

    def _columns(self, *, up: bool) -> list[tuple[list[Row], int]]:
        """Things by their distance, a few of each that hang on those already chosen, as many kinds as there are."""
        onward = self._onward[up]
        front, made = {self.node.pk}, []
        for depth in range(1, MOST_COLUMNS + 1):
            rows = [row for row in self.shown if row.up == up and row.met.depth == depth]
            hung = {far for near in front for far in onward.get(near, ())}
            chosen = _mixed([row for row in rows if row.met.pk in hung and row.met.pk not in self._drawn])
            if not chosen:
                break
            front = {row.met.pk for row in chosen}
            self._drawn |= front
            made.append((chosen, self._far[up, depth] - len(chosen)))
        return made

    def _column(self, rows: list[Row], more: int, nodes: dict[UUID, Node]) -> Column:
        found = [(nodes[row.met.pk], row.up) for row in rows if row.met.pk in nodes]
        boxes = (self._at_the_edge(node, up=up) for node, up in sorted(found, key=lambda one: _place(one[0])))
        return Column(tuple(boxes), more, "#all")

    def _at_the_edge(self, node: Node, *, up: bool) -> Box:
        """A thing with the way on, where something flows beyond it and none of that is drawn."""
        box, beyond = _box(node), self._onward[up].get(node.pk, set())
        if not beyond or beyond & self._drawn:
            return box
        words = self._further(len(_reached(self._onward[up], node.pk) - {self.node.pk}), up=up)
        url = f"{reverse('chain:trace', args=[node.ref])}?from={self.node.ref}"
        return replace(box, further=words, further_url=url)

    def _further(self, number: int, *, up: bool) -> str:
        """How much lies beyond; without a number where not all of it was met."""
        if self.more or not self.whole:
            return _("more upstream") if up else _("more downstream")
        if up:
            words = ngettext("and %(n)s more upstream", "and %(n)s more upstream", number)
        else:
            words = ngettext("and %(n)s more downstream", "and %(n)s more downstream", number)
        return words % {"n": number}

    def _dry(self) -> tuple[tuple[Dry, ...], tuple[Dry, ...]]:
        missing, works = missing_at(self.node, self.actor)
        may_change = can(self.actor, Verb.CHANGE, self.node)
        rows = [
            (one.gap.upstream, _dry(one.gap, self.node, may_change))
            for one in missing
            if works and (one.published or may_change)
        ]
        return tuple(dry for up, dry in rows if up), tuple(dry for up, dry in rows if not up)


def _mixed(rows: list[Row]) -> list[Row]:
    """A few of them, one of each kind before a second of any; kinds along the canal."""
    seen: Counter[str] = Counter()
    turns = []
    for row in rows:
        turns.append((seen[row.met.kind], order_of(row.met.kind), row))
        seen[row.met.kind] += 1
    first = sorted(turns, key=lambda turn: turn[:2])[:PER_COLUMN]
    return [row for _at, _order, row in sorted(first, key=lambda turn: turn[1])]


def _onward(flows: Iterable[tuple[UUID, UUID]], *, up: bool) -> dict[UUID, set[UUID]]:
    """What lies one link further upstream, or downstream, of each thing."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for above, below in flows:
        near, far = (below, above) if up else (above, below)
        found[near].add(far)
    return dict(found)


def _reached(onward: dict[UUID, set[UUID]], start: UUID) -> set[UUID]:
    """All that lies beyond a thing, however far."""
    met, front = {start}, {start}
    while front:
        front = {far for near in front for far in onward.get(near, ())} - met
        met |= front
    return met - {start}


def _place(node: Node) -> tuple[Any, str]:
    return order_of(node.kind), node.ref


def traced(node: Node, actor: Actor) -> Traced:
    """All that is upstream and downstream of a thing; one query."""
    return Traced(node, actor)


def _box(node: Node, *, here: bool = False) -> Box:
    url = "" if here else node.get_absolute_url()
    return Box(str(node.pk), str(Kind(node.kind).label), node.ref, _short(node), url)


def _short(node: Node) -> str:
    """The title; of a value its period first, since the values of one indicator are told apart by nothing else."""
    period = PERIOD.search(node.title) if node.kind == Kind.VALUE else None
    return f"{period[1]} {node.title[: period.start()]}" if period else node.title


def _dry(gap: Any, node: Node, may_change: bool) -> Dry:
    return Dry(str(gap.sentence), str(gap.button), gap.mend(node) if may_change else "")

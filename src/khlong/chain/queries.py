"""Following the chain: what a thing rests on and what came of it, as far as the reader may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q

from khlong.chain.models import Node
from khlong.chain.policies import node_filter
from khlong.people.actor import Actor
from khlong.people.policy import Verb, scope

MAX_DEPTH = 12
MOST_MET = 1000
"""After so many steps in one direction a walk stops, nearest first; what lies beyond is not counted."""


@dataclass(frozen=True)
class Step:
    """A node met on the way, and how many links away it is (1 = next to the start)."""

    node: Node
    depth: int


@dataclass(frozen=True)
class Met:
    """A node met on the way, before it is read: its key, kind and distance."""

    pk: UUID
    kind: str
    depth: int


@dataclass(frozen=True)
class Way:
    """All that was met in one direction, nearest first; `whole` is False where the walk stopped early."""

    met: tuple[Met, ...]
    whole: bool


UP, DOWN = "up", "down"
WALKS = {
    way: f"""{way}_walk(node, kind, depth) AS (
            SELECT uuid, kind, 0 FROM seen_node WHERE uuid = {{key}}
            UNION
            SELECT seen_node.uuid, seen_node.kind, {way}_walk.depth + 1 FROM {way}_walk
            CROSS JOIN chain_edge CROSS JOIN seen_node
            WHERE chain_edge.{here} = {way}_walk.node AND seen_node.uuid = chain_edge.{there}
            AND {way}_walk.depth < %s{{most}}
        )"""  # noqa: S608 (only our own column names are put in)
    for way, here, there in ((UP, "down_id", "up_id"), (DOWN, "up_id", "down_id"))
}
NEAREST = """SELECT '{way}', node, kind, MIN(depth), SUM(COUNT(*)) OVER ()
    FROM (SELECT node, kind, depth FROM {way}_walk LIMIT %s) AS {way}_first GROUP BY node, kind"""


def walk(start: UUID, actor: Actor, *ways: str, most: int = MOST_MET) -> dict[str, Way]:
    """What is reachable in each way, through things that the actor may see; one recursive query.

    A walk goes breadth first and stops after `most` steps, so that the busiest thing costs no more than others. The
    things that may be seen are looked up as they are met (NOT MATERIALIZED, CROSS JOIN: SQLite keeps the order in
    which the tables are named), never all read first. An edge is seen by who sees both its ends.
    """
    seen = scope(actor, Node.objects.order_by()).values("uuid", "kind")
    sql, params = seen.query.sql_with_params()
    on_postgresql = connection.vendor == "postgresql"
    first = str(start) if on_postgresql else start.hex
    form = {"key": "%s::uuid", "most": ""} if on_postgresql else {"key": "%s", "most": " LIMIT %s"}
    walks = ", ".join(WALKS[way].format(**form) for way in ways)
    found = " UNION ALL ".join(NEAREST.format(way=way) for way in ways)
    query = f"WITH RECURSIVE seen_node(uuid, kind) AS NOT MATERIALIZED ({sql}), {walks} {found}"
    bounds: list[str | int] = [first, MAX_DEPTH] if on_postgresql else [first, MAX_DEPTH, most + 1]
    with connection.cursor() as cursor:
        cursor.execute(query, [*params, *bounds * len(ways), *[most + 1] * len(ways)])
        rows = cursor.fetchall()
    return {way: _way(start, [row for row in rows if row[0] == way], most) for way in ways}


def _way(start: UUID, rows: list[tuple[str, object, str, int, int]], most: int) -> Way:
    met = (Met(UUID(str(node)), kind, depth) for _way, node, kind, depth, _rows in rows)
    kept = sorted((one for one in met if one.pk != start), key=lambda one: (one.depth, one.pk))
    return Way(tuple(kept), not rows or rows[0][4] <= most)


def nodes_of(keys: Iterable[UUID], actor: Actor) -> dict[UUID, Node]:
    """The nodes of what was met, with their spaces; one query."""
    wanted = set(keys)
    return scope(actor, Node.objects.filter(pk__in=wanted).select_related("space")).in_bulk()


def steps_of(met: Iterable[Met], nodes: dict[UUID, Node]) -> list[Step]:
    """What was met with its nodes, nearest first."""
    steps = (Step(nodes[one.pk], one.depth) for one in met if one.pk in nodes)
    return sorted(steps, key=lambda step: (step.depth, step.node.ref))


def _traced(start: Node, actor: Actor, ways: tuple[str, ...], limit: int) -> list[list[Step]]:
    found = walk(start.pk, actor, *ways)
    near = dict(zip(ways, _shared([found[way].met for way in ways], limit), strict=True))
    nodes = nodes_of((one.pk for met in near.values() for one in met), actor)
    return [steps_of(near[way], nodes) for way in ways]


def _shared(ways: list[tuple[Met, ...]], limit: int) -> list[tuple[Met, ...]]:
    """The nearest of each way, `limit` in all: one that has less than its share leaves the rest to the other."""
    short = [len(met) for met in ways if len(met) <= limit // len(ways)]
    most = (limit - sum(short)) // max(1, len(ways) - len(short))
    return [met[:most] for met in ways]


def trace(start: Node, actor: Actor, *, up: bool, limit: int = 200) -> list[Step]:
    """Everything upstream (or downstream) of a node, nearest first, with the reader's rights.

    Two queries, whatever the length. A circle is walked once; at most `limit` nodes come back, the nearest.
    """
    return _traced(start, actor, (UP if up else DOWN,), limit)[0]


def trace_both(start: Node, actor: Actor, *, limit: int = 200) -> tuple[list[Step], list[Step]]:
    """What `trace` gives upstream and downstream, at most `limit` nodes in all; still in two queries."""
    up, down = _traced(start, actor, (UP, DOWN), limit)
    return up, down


def link_counts(nodes: list[UUID], actor: Actor) -> dict[UUID, tuple[int, int]]:
    """Links in from upstream and out to downstream of each node, in one query, as the reader may see them."""
    seen_up = node_filter(actor, Verb.VIEW, "upstream__up__")
    seen_down = node_filter(actor, Verb.VIEW, "downstream__down__")
    rows = Node.objects.filter(pk__in=nodes).annotate(
        ups=Count("upstream", filter=seen_up & Q(upstream__isnull=False), distinct=True),
        downs=Count("downstream", filter=seen_down & Q(downstream__isnull=False), distinct=True),
    )
    return {row.pk: (row.ups, row.downs) for row in rows}

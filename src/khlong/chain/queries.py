"""Following the chain: what a thing rests on and what came of it, as far as the reader may see."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q

from khlong.chain.models import Edge, Node
from khlong.chain.policies import node_filter
from khlong.people.actor import Actor
from khlong.people.policy import Verb, scope

MAX_DEPTH = 12


@dataclass(frozen=True)
class Step:
    """A node met on the way, and how many links away it is (1 = next to the start)."""

    node: Node
    depth: int


UP, DOWN = "up", "down"
WALKS = {
    way: f"""{way}_walk(node, depth) AS (
            SELECT {{start}}, 0
            UNION
            SELECT seen_edge.{there}, {way}_walk.depth + 1 FROM {way}_walk
            JOIN seen_edge ON seen_edge.{here} = {way}_walk.node WHERE {way}_walk.depth < %s
        )"""  # noqa: S608 (only our own column names are put in)
    for way, here, there in ((UP, "down_id", "up_id"), (DOWN, "up_id", "down_id"))
}
NEAREST = "SELECT '{way}', node, MIN(depth) FROM {way}_walk WHERE depth > 0 GROUP BY node"


def _walk(start: UUID, actor: Actor, *ways: str) -> dict[str, dict[UUID, int]]:
    """Depth of each node reachable, in each way, through edges that the actor may see; one recursive query."""
    edges = scope(actor, Edge.objects.order_by()).values("up_id", "down_id")
    sql, params = edges.query.sql_with_params()
    on_postgresql = connection.vendor == "postgresql"
    first = str(start) if on_postgresql else start.hex
    walks = ", ".join(WALKS[way].format(start="%s::uuid" if on_postgresql else "%s") for way in ways)
    found = " UNION ALL ".join(NEAREST.format(way=way) for way in ways)
    query = f"WITH RECURSIVE seen_edge(up_id, down_id) AS ({sql}), {walks} {found}"
    depths: dict[str, dict[UUID, int]] = {way: {} for way in ways}
    with connection.cursor() as cursor:
        cursor.execute(query, [*params, *(value for _way in ways for value in (first, MAX_DEPTH))])
        for way, node, depth in cursor.fetchall():
            depths[way][UUID(str(node))] = depth
    return depths


def _nearest(depths: dict[UUID, int], limit: int) -> list[UUID]:
    return sorted(depths, key=lambda pk: (depths[pk], pk))[:limit]


def _traced(start: Node, actor: Actor, ways: tuple[str, ...], limit: int) -> list[list[Step]]:
    found = _walk(start.pk, actor, *ways)
    for depths in found.values():
        depths.pop(start.pk, None)
    near = {way: _nearest(depths, limit) for way, depths in found.items()}
    wanted = {pk for pks in near.values() for pk in pks}
    nodes = scope(actor, Node.objects.filter(pk__in=wanted).select_related("space")).in_bulk()
    return [
        sorted(
            (Step(nodes[pk], found[way][pk]) for pk in near[way] if pk in nodes),
            key=lambda s: (s.depth, s.node.ref),
        )
        for way in ways
    ]


def trace(start: Node, actor: Actor, *, up: bool, limit: int = 200) -> list[Step]:
    """Everything upstream (or downstream) of a node, nearest first, with the reader's rights.

    Two queries, whatever the length. A circle is walked once; at most `limit` nodes come back.
    """
    return _traced(start, actor, (UP if up else DOWN,), limit)[0]


def trace_both(start: Node, actor: Actor, *, limit: int = 200) -> tuple[list[Step], list[Step]]:
    """What `trace` gives upstream and downstream, still in two queries."""
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

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


def _walk(start: UUID, actor: Actor, *, up: bool) -> dict[UUID, int]:
    """Depth of each node reachable through edges that the actor may see; a recursive query on both databases."""
    here, there = ("down_id", "up_id") if up else ("up_id", "down_id")
    edges = scope(actor, Edge.objects.order_by()).values("up_id", "down_id")
    sql, params = edges.query.sql_with_params()
    vendor = connection.vendor
    first = str(start) if vendor == "postgresql" else start.hex
    cast = "%s::uuid" if vendor == "postgresql" else "%s"
    query = f"""
        WITH RECURSIVE seen_edge(up_id, down_id) AS ({sql}),
        walk(node, depth) AS (
            SELECT {cast}, 0
            UNION
            SELECT seen_edge.{there}, walk.depth + 1 FROM walk
            JOIN seen_edge ON seen_edge.{here} = walk.node WHERE walk.depth < %s
        )
        SELECT node, MIN(depth) FROM walk WHERE depth > 0 GROUP BY node
    """  # noqa: S608 (only our own column names are put in)
    with connection.cursor() as cursor:
        cursor.execute(query, [*params, first, MAX_DEPTH])
        return {UUID(str(node)): depth for node, depth in cursor.fetchall()}


def trace(start: Node, actor: Actor, *, up: bool, limit: int = 200) -> list[Step]:
    """Everything upstream (or downstream) of a node, nearest first, with the reader's rights.

    Two queries, whatever the length. A circle is walked once; at most `limit` nodes come back.
    """
    depths = _walk(start.pk, actor, up=up)
    depths.pop(start.pk, None)
    nearest = sorted(depths, key=lambda pk: (depths[pk], pk))[:limit]
    nodes = scope(actor, Node.objects.filter(pk__in=nearest).select_related("space"))
    return sorted((Step(node, depths[node.pk]) for node in nodes), key=lambda s: (s.depth, s.node.ref))


def link_counts(nodes: list[UUID], actor: Actor) -> dict[UUID, tuple[int, int]]:
    """Links in from upstream and out to downstream of each node, in one query, as the reader may see them."""
    seen_up = node_filter(actor, Verb.VIEW, "upstream__up__")
    seen_down = node_filter(actor, Verb.VIEW, "downstream__down__")
    rows = Node.objects.filter(pk__in=nodes).annotate(
        ups=Count("upstream", filter=seen_up & Q(upstream__isnull=False), distinct=True),
        downs=Count("downstream", filter=seen_down & Q(downstream__isnull=False), distinct=True),
    )
    return {row.pk: (row.ups, row.downs) for row in rows}

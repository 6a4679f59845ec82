"""Many nodes at once: references in a row, histories, links. Only the training city is written this way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from uuid import UUID

from khlong.chain.actions import place_code
from khlong.chain.models import Edge, EdgeKind, Node, RefCounter, Thing, ThingRevision
from khlong.chain.search import index
from khlong.chain.things import snapshot
from khlong.thai.collate import sort_key
from khlong.training.making import MAKER

CHUNK = 500


def keep_nodes(nodes: Sequence[Node]) -> None:
    """Give new nodes the next references of their kinds, and save them."""
    taken: dict[str, int] = {}
    for node in nodes:
        node.sort_key = sort_key(node.title_th)[:600]
        if node.ref:
            continue
        prefix = f"{node.kind}-{place_code(node.space)}"
        if prefix not in taken:
            counter, _made = RefCounter.objects.get_or_create(prefix=prefix)
            taken[prefix] = counter.last
        taken[prefix] += 1
        node.ref = f"{prefix}-{taken[prefix]:04d}"
    for prefix, last in taken.items():
        RefCounter.objects.filter(prefix=prefix).update(last=last)
    Node.objects.bulk_create(nodes, batch_size=CHUNK)


def remember(things: Sequence[Thing], fields: Iterable[str]) -> None:
    """The first revision of each, and its place in the search."""
    names = sorted(fields)
    ThingRevision.objects.bulk_create(
        (
            ThingRevision(
                node=thing.node, number=1, values=snapshot(thing, names, {}), changed=names, by=MAKER
            )
            for thing in things
        ),
        batch_size=CHUNK,
    )
    index(*[thing.node.pk for thing in things])


def link_many(pairs: Iterable[tuple[Node, Node]], kind: EdgeKind) -> None:
    """Link upstream to downstream, each pair once."""
    once = {(up.pk, down.pk): (up, down) for up, down in pairs}
    Edge.objects.bulk_create(
        (Edge(up=up, down=down, kind=kind, by=MAKER) for up, down in once.values()), batch_size=CHUNK
    )


def drawn_uuid(rng: Random) -> UUID:
    """A uuid that the seed decides."""
    return UUID(int=rng.getrandbits(128), version=4)

"""Things for the tests of the chain: communities, which this room knows only through their action."""

from __future__ import annotations

from typing import Any

from django.apps import apps

from khlong.chain.actions import link
from khlong.chain.models import Edge, EdgeKind, Kind, Node, Visibility
from khlong.chain.things import new_thing
from khlong.people.actor import system_actor
from khlong.record.actions import registered

SYSTEM = system_actor("test")


def new_community(city: Any, source: Any, name: str, **node: Any) -> Any:
    """A community of a city; `node` goes to its node."""
    made = new_thing(apps.get_model("places.Community"), Kind.COMMUNITY, space=city.node, **node)
    return save_community(made, {"city": city, "name_th": name, "source": source})


def save_community(thing: Any, values: dict[str, Any], actor: Any = SYSTEM, **more: Any) -> Any:
    return registered()["places.community.save"](actor, thing, values, **more)


def chain_of(city: Any, source: Any, count: int) -> list[Node]:
    """Nodes 0 → 1 → 2 → …, each the evidence of the next."""
    nodes = [new_community(city, source, f"ชุมชน {number}").node for number in range(count)]
    for up, down in zip(nodes, nodes[1:], strict=False):
        join(up, down)
    return nodes


def join(up: Node, down: Node, **more: Any) -> Edge:
    return link(SYSTEM, up, down, EdgeKind.RESTS_ON, **more)


def hide(*nodes: Node) -> None:
    Node.objects.filter(pk__in=[node.pk for node in nodes]).update(visibility=Visibility.MEMBERS)

"""Who sees and changes a node, and so every thing that hangs on one."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from khlong.chain.models import Edge, Kind, Node, Thing, ThingRevision, Visibility
from khlong.people.actor import Actor, Role
from khlong.people.policy import Policy, Verb, register
from khlong.record.models import SearchEntry

T = TypeVar("T", bound=Thing)
READERS = (Role.OWNER, Role.MEMBER, Role.OBSERVER)
WRITERS = (Role.OWNER, Role.MEMBER)
ROLES_FOR = {Verb.VIEW: READERS, Verb.MANAGE: (Role.OWNER,)}


def _all_powerful(actor: Actor) -> bool:
    return actor.is_system or actor.is_steward


def can_node(actor: Actor, verb: Verb, node: Node) -> bool:
    """The rule for one node: the public reads what is public, a city's people what is theirs."""
    if _all_powerful(actor) or (verb is Verb.VIEW and node.visibility == Visibility.PUBLIC):
        return True
    if verb is Verb.VIEW and node.space_id in actor.read_by_link:
        return True
    return actor.holds(node.space_id, *ROLES_FOR.get(verb, WRITERS))


def node_filter(actor: Actor, verb: Verb, prefix: str = "") -> Q:
    """The same rule as a condition; `prefix` is the path from a model to its node, such as "node__"."""
    if _all_powerful(actor):
        return Q()
    spaces = actor.spaces(*ROLES_FOR.get(verb, WRITERS))
    if verb is Verb.VIEW:
        spaces |= actor.read_by_link
    mine = Q(**{f"{prefix}space__in": spaces})
    return mine | Q(**{f"{prefix}visibility": Visibility.PUBLIC}) if verb is Verb.VIEW else mine


def written_by(actor: Actor, kind: Kind, prefix: str = "node__") -> Q:
    """Things of one kind in the actor's own cities, as a condition; `prefix` is the path from a model to its node.

    A city has tens of thousands of nodes and few of most kinds: with the kind, the database looks at these alone.
    """
    return Q(**{f"{prefix}space__in": actor.spaces(*WRITERS), f"{prefix}kind": kind})


def lies_with(actor: Actor, node: str) -> Exists:
    """That a row's node lies in the actor's own cities, asked of rows that are few already; `node` is the row's path
    to its primary key. The database finds the rows first then, and not all nodes of the cities.
    """
    return Exists(Node.objects.filter(pk=OuterRef(node), space__in=actor.spaces(*WRITERS)))


@register
class NodePolicy(Policy[Node]):
    model = Node
    verbs = (Verb.VIEW, Verb.CHANGE, Verb.MANAGE)

    def can(self, actor: Actor, verb: Verb, obj: Node) -> bool:
        return can_node(actor, verb, obj)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[Node]) -> QuerySet[Node]:
        return queryset.filter(node_filter(actor, verb))


class ThingPolicy(Policy[T]):
    """A thing follows its node; rooms subclass it and narrow where they must."""

    verbs = (Verb.VIEW, Verb.CHANGE, Verb.MANAGE)

    def can(self, actor: Actor, verb: Verb, obj: T) -> bool:
        return can_node(actor, verb, obj.node)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[T]) -> QuerySet[T]:
        return queryset.filter(node_filter(actor, verb, "node__"))


def policy_of(model: type[Model]) -> type[ThingPolicy[Thing]]:
    """Make and register the plain policy of a thing: it follows its node."""
    made = type(f"{model.__name__}Policy", (ThingPolicy,), {"model": model})
    return register(made)


@register
class EdgePolicy(Policy[Edge]):
    """An edge is seen by who sees both its ends, and made by who may change the lower one."""

    model = Edge
    verbs = (Verb.VIEW, Verb.CHANGE)

    def can(self, actor: Actor, verb: Verb, obj: Edge) -> bool:
        sees = can_node(actor, Verb.VIEW, obj.up) and can_node(actor, Verb.VIEW, obj.down)
        return sees and (verb is Verb.VIEW or can_node(actor, verb, obj.down))

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[Edge]) -> QuerySet[Edge]:
        seen = queryset.filter(node_filter(actor, Verb.VIEW, "up__"), node_filter(actor, Verb.VIEW, "down__"))
        return seen if verb is Verb.VIEW else seen.filter(node_filter(actor, verb, "down__"))


@register
class ThingRevisionPolicy(Policy[ThingRevision]):
    """The history of a thing is read by who reads the thing; nobody changes it."""

    model = ThingRevision
    verbs = (Verb.VIEW, Verb.CHANGE)

    def can(self, actor: Actor, verb: Verb, obj: ThingRevision) -> bool:
        return verb is Verb.VIEW and can_node(actor, verb, obj.node)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[ThingRevision]) -> QuerySet[ThingRevision]:
        return queryset.filter(node_filter(actor, verb, "node__")) if verb is Verb.VIEW else queryset.none()


@register
class SearchEntryPolicy(Policy[SearchEntry]):
    """What the search knows of a node is found by who may see the node; actions alone change it."""

    model = SearchEntry
    verbs = (Verb.VIEW, Verb.CHANGE)

    def can(self, actor: Actor, verb: Verb, obj: SearchEntry) -> bool:
        node = Node(space_id=obj.space, visibility=obj.visibility)
        return verb is Verb.VIEW and can_node(actor, verb, node)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[SearchEntry]) -> QuerySet[SearchEntry]:
        return queryset.filter(node_filter(actor, verb)) if verb is Verb.VIEW else queryset.none()

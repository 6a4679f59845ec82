"""Facts, communities, canals follow their nodes; sources and words are kept by whoever writes anywhere."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from khlong.chain.policies import WRITERS, can_node, node_filter, policy_of
from khlong.people.actor import Actor
from khlong.people.policy import Policy, Verb, register
from khlong.places.models import (
    Authority,
    Boundary,
    Canal,
    City,
    Community,
    Fact,
    FactTopic,
    Gauge,
    Group,
    Source,
    Unit,
    Zone,
)

M = TypeVar("M", bound=Model)

for _thing in (City, Community, Canal, Gauge, Fact):
    policy_of(_thing)


class SharedPolicy(Policy[M]):
    """Read by everybody; added to by whoever writes for some city; changed by stewards."""

    verbs = (Verb.VIEW, Verb.ADD, Verb.CHANGE)

    def _may(self, actor: Actor, verb: Verb) -> bool:
        if verb is Verb.VIEW or actor.is_system or actor.is_steward:
            return True
        return verb is Verb.ADD and bool(actor.spaces(*WRITERS))

    def can(self, actor: Actor, verb: Verb, obj: M) -> bool:
        return self._may(actor, verb)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[M]) -> QuerySet[M]:
        return queryset if self._may(actor, verb) else queryset.none()


for _shared in (Source, FactTopic, Unit, Authority):
    register(type(f"{_shared.__name__}Policy", (SharedPolicy,), {"model": _shared}))


@register
class BoundaryPolicy(SharedPolicy[Boundary]):
    """Outlines of the whole country: read by everybody, brought in by stewards."""

    model = Boundary

    def _may(self, actor: Actor, verb: Verb) -> bool:
        return verb is Verb.VIEW or actor.is_system or actor.is_steward


class PartPolicy(Policy[M]):
    """A part of a thing (a zone, a group) is read and changed by who reads and changes the whole."""

    verbs = (Verb.VIEW, Verb.CHANGE)
    whole = ""

    def can(self, actor: Actor, verb: Verb, obj: M) -> bool:
        return can_node(actor, verb, getattr(obj, self.whole).node)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[M]) -> QuerySet[M]:
        return queryset.filter(node_filter(actor, verb, f"{self.whole}__node__"))


@register
class ZonePolicy(PartPolicy[Zone]):
    model = Zone
    whole = "community"


@register
class GroupPolicy(PartPolicy[Group]):
    model = Group
    whole = "city"

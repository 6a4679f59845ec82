"""Who takes a city along and brings its hall's work home: its owners. Its working group reads what was done there."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from khlong.chain.hall.models import Hall, HallEntry, HallFile
from khlong.chain.policies import can_node, node_filter
from khlong.people.actor import Actor, Role
from khlong.people.policy import Policy, Verb, register

M = TypeVar("M", bound=Model)


class OwnersPolicy(Policy[M]):
    """Seen and used by the owners of the city, and by stewards."""

    verbs = (Verb.VIEW, Verb.CHANGE, Verb.MANAGE)
    path = ""

    def _space(self, obj: Any) -> Any:
        return obj.hall.space if self.path else obj.space

    def can(self, actor: Actor, verb: Verb, obj: M) -> bool:
        return can_node(actor, Verb.MANAGE, self._space(obj))

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[M]) -> QuerySet[M]:
        return queryset.filter(node_filter(actor, Verb.MANAGE, f"{self.path}space__"))


@register
class HallPolicy(OwnersPolicy[Hall]):
    model = Hall


@register
class HallFilePolicy(OwnersPolicy[HallFile]):
    model = HallFile
    path = "hall__"


@register
class HallEntryPolicy(Policy[HallEntry]):
    """The audit of a hall is read like the audit of its city, and changed by nobody."""

    model = HallEntry
    verbs = (Verb.VIEW, Verb.CHANGE)

    def can(self, actor: Actor, verb: Verb, obj: HallEntry) -> bool:
        if verb is not Verb.VIEW:
            return False
        return actor.is_system or actor.is_steward or actor.holds(obj.space_id, Role.OWNER, Role.MEMBER)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[HallEntry]) -> QuerySet[HallEntry]:
        if verb is not Verb.VIEW:
            return queryset.none()
        if actor.is_system or actor.is_steward:
            return queryset
        return queryset.filter(Q(hall__space__in=actor.spaces(Role.OWNER, Role.MEMBER)))

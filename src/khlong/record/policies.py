from __future__ import annotations

from django.db.models import Q, QuerySet

from khlong.people.actor import Actor, Role
from khlong.people.policy import Policy, Verb, register
from khlong.record.models import AuditEntry


@register
class AuditPolicy(Policy[AuditEntry]):
    """Those who work in a city read its audit; nobody changes it."""

    model = AuditEntry
    verbs = (Verb.VIEW, Verb.CHANGE)

    def can(self, actor: Actor, verb: Verb, obj: AuditEntry) -> bool:
        if verb is not Verb.VIEW:
            return False
        return actor.is_system or actor.is_steward or actor.holds(obj.space, Role.OWNER, Role.MEMBER)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        if verb is not Verb.VIEW:
            return queryset.none()
        if actor.is_system or actor.is_steward:
            return queryset
        return queryset.filter(Q(space__in=actor.spaces(Role.OWNER, Role.MEMBER)))

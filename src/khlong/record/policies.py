from __future__ import annotations

from django.db.models import Q, QuerySet

from khlong.people.actor import Actor, Role
from khlong.people.policy import Policy, Verb, register
from khlong.record.models import AuditEntry, Digest


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


@register
class DigestPolicy(Policy[Digest]):
    """Everybody sets her own letter; who holds the link of one may end it."""

    model = Digest
    verbs = (Verb.VIEW, Verb.CHANGE, Verb.USE)

    def can(self, actor: Actor, verb: Verb, obj: Digest) -> bool:
        if actor.is_system or (actor.is_steward and verb is Verb.VIEW):
            return True
        if verb is Verb.USE:
            return bool(actor.link) and actor.link == obj.stop_key.hex
        return actor.user is not None and actor.user.is_active and actor.user.pk == obj.user_id

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[Digest]) -> QuerySet[Digest]:
        if actor.is_system or (actor.is_steward and verb is Verb.VIEW):
            return queryset
        if verb is Verb.USE:
            return queryset.filter(stop_key=actor.link) if _is_key(actor.link) else queryset.none()
        if actor.user is None or not actor.user.is_active:
            return queryset.none()
        return queryset.filter(user=actor.user)


def _is_key(link: str) -> bool:
    """Whether a link that an actor holds may be that of a letter; other links are longer."""
    return len(link) == 32

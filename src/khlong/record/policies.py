from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from khlong.people.actor import Actor, ActorKind, Role
from khlong.people.policy import Policy, Verb, register
from khlong.record.jobs import registry
from khlong.record.models import AuditEntry, AuditLine, Contribution, Digest, Job, OutboxFact


class OfTheAudit(Policy[Any]):
    """Those who work in a city read its audit; nobody changes it."""

    verbs = (Verb.VIEW, Verb.CHANGE)

    def can(self, actor: Actor, verb: Verb, obj: AuditLine) -> bool:
        if verb is not Verb.VIEW:
            return False
        return actor.is_system or actor.is_steward or actor.holds(obj.space, Role.OWNER, Role.MEMBER)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if verb is not Verb.VIEW:
            return queryset.none()
        if actor.is_system or actor.is_steward:
            return queryset
        return queryset.filter(Q(space__in=actor.spaces(Role.OWNER, Role.MEMBER)))


@register
class AuditPolicy(OfTheAudit):
    model = AuditEntry


@register
class ContributionPolicy(OfTheAudit):
    """The same people, and nobody stands behind a line for them."""

    model = Contribution


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


KEYED = (ActorKind.LINK, ActorKind.TOKEN)


@register
class JobPolicy(Policy[Job]):
    """A job is seen and cancelled by who asked for it, by owners of its space and by stewards.

    Who may ask for one (ADD) the job itself says.
    """

    model = Job
    verbs = (Verb.VIEW, Verb.CHANGE)

    def can(self, actor: Actor, verb: Verb, obj: Job) -> bool:
        if actor.is_system:
            return True
        if verb is Verb.ADD:
            known = registry.find(obj.name)
            return known is not None and known.may(actor, obj.space)
        if verb not in self.verbs:
            return False
        return actor.is_steward or actor.holds(obj.space, Role.OWNER) or _asked_for_by(actor, obj)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[Job]) -> QuerySet[Job]:
        if verb not in self.verbs:
            return queryset.none()
        if actor.is_system or actor.is_steward:
            return queryset
        return queryset.filter(Q(space__in=actor.spaces(Role.OWNER)) | mine(actor))


def mine(actor: Actor) -> Q:
    """Jobs that this actor asked for: the account, or the same link or token."""
    if actor.user is not None:
        return Q(user=actor.user) if actor.user.is_active else Q(pk=None)
    if actor.kind in KEYED and actor.label:
        return Q(user=None, actor_kind=str(actor.kind), actor=actor.label)
    return Q(pk=None)


def _asked_for_by(actor: Actor, job: Job) -> bool:
    if actor.user is not None:
        return actor.user.is_active and job.user_id == actor.user.pk
    same = (job.user_id, job.actor_kind, job.actor) == (None, str(actor.kind), actor.label)
    return actor.kind in KEYED and bool(actor.label) and same


@register
class FactPolicy(Policy[OutboxFact]):
    """Facts on their way between rooms are for stewards."""

    model = OutboxFact
    verbs = (Verb.VIEW, Verb.CHANGE)

    def can(self, actor: Actor, verb: Verb, obj: OutboxFact) -> bool:
        return verb in self.verbs and (actor.is_system or actor.is_steward)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[OutboxFact]) -> QuerySet[OutboxFact]:
        allowed = verb in self.verbs and (actor.is_system or actor.is_steward)
        return queryset if allowed else queryset.none()

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from khlong.people.actor import Actor, Role
from khlong.people.models import Subject
from khlong.people.policy import Policy, Verb, register
from khlong.privacy.models import Breach, Consent, ConsentText, PersonRequest, RetentionRun


def keeps_all(actor: Actor) -> bool:
    return actor.is_system or actor.is_steward


class OfAPerson(Policy[Any]):
    """What hangs on a person: she herself, the owners of the city that keeps it, stewards.

    Members of the working group write down what somebody asks or agrees to on paper; they do not read the rows.
    """

    verbs = (Verb.VIEW, Verb.ADD, Verb.CHANGE)
    through = ""

    def who(self, obj: Any) -> Subject:
        raise NotImplementedError

    def can(self, actor: Actor, verb: Verb, obj: Any) -> bool:
        who = self.who(obj)
        if verb not in self.verbs:
            return False
        own = actor.user is not None and who.account_id == actor.user.pk and actor.user.is_active
        return keeps_all(actor) or own or who.space in _spaces(actor, verb)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if verb not in self.verbs:
            return queryset.none()
        if keeps_all(actor):
            return queryset
        allowed = Q(**{f"{self.through}space__in": _spaces(actor, verb)})
        if actor.user is not None and actor.user.is_active:
            allowed |= Q(**{f"{self.through}account": actor.user})
        return queryset.filter(allowed)


def _spaces(actor: Actor, verb: Verb) -> frozenset[UUID]:
    roles = (Role.OWNER, Role.MEMBER) if verb is Verb.ADD else (Role.OWNER,)
    return actor.spaces(*roles)


@register
class SubjectPolicy(OfAPerson):
    model = Subject

    def who(self, obj: Subject) -> Subject:
        return obj


@register
class ConsentPolicy(OfAPerson):
    model, through = Consent, "subject__"

    def who(self, obj: Consent) -> Subject:
        return obj.subject


@register
class RequestPolicy(OfAPerson):
    model, through = PersonRequest, "subject__"

    def who(self, obj: PersonRequest) -> Subject:
        return obj.subject


class OfACity(Policy[Any]):
    """What the owners of a city and stewards keep."""

    verbs: ClassVar[tuple[Verb, ...]] = (Verb.VIEW, Verb.ADD, Verb.CHANGE)

    def can(self, actor: Actor, verb: Verb, obj: Any) -> bool:
        return verb in self.verbs and (keeps_all(actor) or actor.holds(obj.space, Role.OWNER))

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if verb not in self.verbs:
            return queryset.none()
        return queryset if keeps_all(actor) else queryset.filter(space__in=actor.spaces(Role.OWNER))


@register
class BreachPolicy(OfACity):
    model = Breach


@register
class ConsentTextPolicy(OfACity):
    """Everybody reads what people are asked to agree to."""

    model = ConsentText
    verbs = (Verb.VIEW, Verb.ADD)

    def can(self, actor: Actor, verb: Verb, obj: Any) -> bool:
        return verb is Verb.VIEW or super().can(actor, verb, obj)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if verb is Verb.VIEW else super().scope(actor, verb, queryset)


@register
class RetentionRunPolicy(Policy[RetentionRun]):
    """Stewards see and start it."""

    model = RetentionRun
    verbs = (Verb.VIEW, Verb.ADD)

    def can(self, actor: Actor, verb: Verb, obj: Model) -> bool:
        return verb in self.verbs and keeps_all(actor)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[RetentionRun]) -> QuerySet[RetentionRun]:
        return queryset if verb in self.verbs and keeps_all(actor) else queryset.none()

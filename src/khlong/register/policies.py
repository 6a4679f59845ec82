from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from khlong.chain.policies import WRITERS, policy_of
from khlong.people.actor import Actor
from khlong.people.policy import Policy, Verb, register
from khlong.register.models import Household, Person, Statement

policy_of(Statement)


class OfTheRegister(Policy[Any]):
    """Who lives where is for those who write in the city: members and owners. Observers and links read none of it."""

    verbs = (Verb.VIEW, Verb.ADD, Verb.CHANGE)
    path = "space"

    def can(self, actor: Actor, verb: Verb, obj: Any) -> bool:
        if verb not in self.verbs:
            return False
        return actor.is_system or actor.is_steward or actor.holds(obj.space_id, *WRITERS)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if verb not in self.verbs:
            return queryset.none()
        if actor.is_system or actor.is_steward:
            return queryset
        return queryset.filter(**{f"{self.path}__in": actor.spaces(*WRITERS)})


@register
class HouseholdPolicy(OfTheRegister):
    model = Household


@register
class PersonPolicy(OfTheRegister):
    model, path = Person, "household__space"


def may_read_words(actor: Actor, statement: Statement) -> bool:
    """Everybody where the household agreed to be quoted, else those who write in the city."""
    if statement.erased_on is not None:
        return False
    policy = actor.is_system or actor.is_steward or actor.holds(statement.space_id, *WRITERS)
    return statement.may_quote or policy

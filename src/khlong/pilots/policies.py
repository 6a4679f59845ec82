"""Pilots and values follow their nodes; what stands in a pilot follows the pilot; money is told more narrowly."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from khlong.chain.policies import READERS, WRITERS, policy_of
from khlong.people.actor import Actor
from khlong.people.policy import Policy, Verb, register
from khlong.pilots.models import (
    Change,
    Expense,
    HandOver,
    Lesson,
    MoneyLine,
    Pilot,
    PilotActivity,
    Value,
    WorkStep,
)
from khlong.places.policies import PartPolicy

for _thing in (Pilot, Value):
    policy_of(_thing)
for _part in (WorkStep, MoneyLine, PilotActivity, Change, Lesson):
    register(type(f"{_part.__name__}Policy", (PartPolicy,), {"model": _part, "whole": "pilot"}))


@register
class ExpensePolicy(Policy[Expense]):
    """Single expenses are read by who works in the city, and never through a link. USE is to decide of one: by
    somebody with an account who writes there and did not enter it.
    """

    model = Expense
    verbs = (Verb.VIEW, Verb.CHANGE, Verb.USE)

    def can(self, actor: Actor, verb: Verb, obj: Expense) -> bool:
        if verb is Verb.USE and actor.label == obj.entered_by:
            return False
        if actor.is_system or actor.is_steward:
            return True
        return actor.holds(obj.space_id, *(READERS if verb is Verb.VIEW else WRITERS))

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[Expense]) -> QuerySet[Expense]:
        if verb is Verb.USE:
            queryset = queryset.exclude(entered_by=actor.label)
        if actor.is_system or actor.is_steward:
            return queryset
        spaces = actor.spaces(*(READERS if verb is Verb.VIEW else WRITERS))
        return queryset.filter(pilot__node__space__in=spaces)


@register
class HandOverPolicy(Policy[HandOver]):
    """With the receipts for who writes in the city, without for who reads there what is not published."""

    model = HandOver
    verbs = (Verb.VIEW,)

    def can(self, actor: Actor, verb: Verb, obj: HandOver) -> bool:
        if actor.is_system or actor.is_steward:
            return True
        return actor.holds(obj.space_id, *(WRITERS if obj.with_receipts else READERS))

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[HandOver]) -> QuerySet[HandOver]:
        if actor.is_system or actor.is_steward:
            return queryset
        writes = Q(pilot__node__space__in=actor.spaces(*WRITERS))
        reads = Q(pilot__node__space__in=actor.spaces(*READERS), with_receipts=False)
        return queryset.filter(writes | reads)

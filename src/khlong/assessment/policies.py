from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from khlong.assessment.models import Cause, Event, Finding, FindingFile
from khlong.chain.policies import can_node, node_filter, policy_of
from khlong.people.actor import Actor
from khlong.people.policy import Policy, Verb, register

policy_of(Event)
policy_of(Finding)


class PartOfFinding(Policy[Any]):
    """What hangs on a finding follows it."""

    def can(self, actor: Actor, verb: Verb, obj: Any) -> bool:
        return can_node(actor, verb, obj.finding.node)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(node_filter(actor, verb, "finding__node__"))


@register
class CausePolicy(PartOfFinding):
    model = Cause


@register
class FindingFilePolicy(PartOfFinding):
    model = FindingFile

from __future__ import annotations

from django.db.models import QuerySet

from khlong.chain.policies import can_node, node_filter, policy_of
from khlong.journal.models import Related, Report, Topic
from khlong.people.actor import Actor
from khlong.people.policy import Policy, Verb, register

for _thing in (Topic, Report):
    policy_of(_thing)


@register
class RelatedPolicy(Policy[Related]):
    """That two are related is seen by who sees both, and set by who may change the first."""

    model = Related
    verbs = (Verb.VIEW, Verb.CHANGE)

    def can(self, actor: Actor, verb: Verb, obj: Related) -> bool:
        sees = can_node(actor, Verb.VIEW, obj.node) and can_node(actor, Verb.VIEW, obj.other)
        return sees and (verb is Verb.VIEW or can_node(actor, verb, obj.node))

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[Related]) -> QuerySet[Related]:
        seen = queryset.filter(
            node_filter(actor, Verb.VIEW, "node__"), node_filter(actor, Verb.VIEW, "other__")
        )
        return seen if verb is Verb.VIEW else seen.filter(node_filter(actor, verb, "node__"))

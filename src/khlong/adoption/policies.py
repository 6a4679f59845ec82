from __future__ import annotations

from django.db.models import QuerySet

from khlong.adoption.models import Adoption, BudgetLine, Proposal, ReplyLink, Step
from khlong.chain.policies import can_node, node_filter, policy_of
from khlong.people.actor import Actor
from khlong.people.policy import Policy, Verb, register
from khlong.places.policies import PartPolicy

policy_of(Proposal)


@register
class StepPolicy(PartPolicy[Step]):
    """Steps, adoptions and budget lines are read with the proposal, and written by who writes it."""

    model = Step
    whole = "proposal"


@register
class AdoptionPolicy(PartPolicy[Adoption]):
    model = Adoption
    whole = "proposal"


@register
class BudgetLinePolicy(PartPolicy[BudgetLine]):
    model = BudgetLine
    whole = "proposal"


@register
class ReplyLinkPolicy(Policy[ReplyLink]):
    """Links for an answer are made, seen and withdrawn by who writes the proposal, and used by who holds one."""

    model = ReplyLink
    verbs = (Verb.VIEW, Verb.MANAGE, Verb.USE)

    def can(self, actor: Actor, verb: Verb, obj: ReplyLink) -> bool:
        if verb is Verb.USE:
            return bool(actor.link) and actor.link == obj.digest
        return can_node(actor, Verb.CHANGE, obj.proposal.node)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[ReplyLink]) -> QuerySet[ReplyLink]:
        if verb is Verb.USE:
            return queryset.filter(digest=actor.link) if actor.link else queryset.none()
        return queryset.filter(node_filter(actor, Verb.CHANGE, "proposal__node__"))

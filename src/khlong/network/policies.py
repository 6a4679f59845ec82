from __future__ import annotations

from typing import TypeVar

from django.db.models import QuerySet

from khlong.chain.policies import can_node, node_filter, policy_of
from khlong.network.models import Invitation, Meeting, Membership, Organisation, Part, Programme, SecretLink
from khlong.people.actor import Actor
from khlong.people.policy import Policy, Verb, register
from khlong.places.policies import PartPolicy

L = TypeVar("L", bound=SecretLink)

for _thing in (Programme, Organisation, Meeting):
    policy_of(_thing)


@register
class OrganisationPartPolicy(PartPolicy[Part]):
    model = Part
    whole = "organisation"


@register
class MembershipPolicy(Policy[Membership]):
    """Roles are given and taken by the owners of the space, and seen by everybody who works there."""

    model = Membership
    verbs = (Verb.VIEW, Verb.CHANGE, Verb.MANAGE)

    def can(self, actor: Actor, verb: Verb, obj: Membership) -> bool:
        return can_node(actor, _asked(verb), obj.space)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[Membership]) -> QuerySet[Membership]:
        return queryset.filter(node_filter(actor, _asked(verb), "space__"))


def _asked(verb: Verb) -> Verb:
    """Who works in a city is not public: seeing asks for the right to change, changing for an owner's."""
    return Verb.CHANGE if verb is Verb.VIEW else Verb.MANAGE


class LinkPolicy(Policy[L]):
    """Links are made, seen and withdrawn by the owners of the space, and used by who holds one."""

    verbs = (Verb.VIEW, Verb.MANAGE, Verb.USE)

    def can(self, actor: Actor, verb: Verb, obj: L) -> bool:
        if verb is Verb.USE:
            return bool(actor.link) and actor.link == obj.digest
        return can_node(actor, Verb.MANAGE, obj.space)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[L]) -> QuerySet[L]:
        if verb is Verb.USE:
            return queryset.filter(digest=actor.link) if actor.link else queryset.none()
        return queryset.filter(node_filter(actor, Verb.MANAGE, "space__"))


@register
class InvitationPolicy(LinkPolicy[Invitation]):
    model = Invitation

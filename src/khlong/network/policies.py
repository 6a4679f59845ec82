from __future__ import annotations

from typing import ClassVar, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from khlong.chain.policies import can_node, node_filter, policy_of
from khlong.network.models import (
    ActingLink,
    Invitation,
    Meeting,
    Membership,
    Organisation,
    Part,
    Programme,
    Recovery,
    SecretLink,
)
from khlong.people.actor import Actor, Role
from khlong.people.models import User
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
    """Roles are given and taken by the owners of the space, and seen by everybody who works there. Everybody
    may lay down her own (USE).
    """

    model = Membership
    verbs = (Verb.VIEW, Verb.CHANGE, Verb.MANAGE, Verb.USE)

    def can(self, actor: Actor, verb: Verb, obj: Membership) -> bool:
        if verb is Verb.USE:
            return actor.is_system or (_active(actor) is not None and obj.user == _active(actor))
        return can_node(actor, _asked(verb), obj.space)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[Membership]) -> QuerySet[Membership]:
        if verb is Verb.USE:
            return queryset if actor.is_system else queryset.filter(user=_active(actor))
        return queryset.filter(node_filter(actor, _asked(verb), "space__"))


def _asked(verb: Verb) -> Verb:
    """Who works in a city is not public: seeing asks for the right to change, changing for an owner's."""
    return Verb.CHANGE if verb is Verb.VIEW else Verb.MANAGE


class LinkPolicy(Policy[L]):
    """Links are made, seen and withdrawn by the owners of the space, and used by who holds one."""

    verbs: ClassVar[tuple[Verb, ...]] = (Verb.VIEW, Verb.MANAGE, Verb.USE)

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


@register
class ActingLinkPolicy(LinkPolicy[ActingLink]):
    model = ActingLink


def works_elsewhere(recovery: Recovery) -> QuerySet[Membership]:
    """The roles of the person in other spaces than that of the link."""
    return Membership.objects.filter(user=recovery.person_id).exclude(space=recovery.space_id)


def may_do_more(recovery: Recovery) -> bool:
    """Whether the account can do more than its role in the link's space: one owner alone must not get at it."""
    return recovery.person.is_steward or works_elsewhere(recovery).exists()


@register
class RecoveryPolicy(LinkPolicy[Recovery]):
    """Made and stopped by the owners of a space where the person works, never for oneself.

    CHANGE is approving: by somebody who neither made it nor is the person. For an account that may do more, that is a
    steward or an owner of another space where the person works; else any owner of the space or a steward. REMOVE
    is stopping it, which the person may too; and she sees it.
    """

    model = Recovery
    verbs = (Verb.VIEW, Verb.MANAGE, Verb.CHANGE, Verb.REMOVE, Verb.USE)

    def can(self, actor: Actor, verb: Verb, obj: Recovery) -> bool:
        if verb is Verb.USE or actor.is_system:
            return super().can(actor, verb, obj)
        user, own = _active(actor), obj.person == _active(actor)
        if verb is Verb.CHANGE:
            return user is not None and not own and obj.made_by != user and self._approves(actor, obj)
        makes = super().can(actor, Verb.MANAGE, obj)
        if verb is Verb.MANAGE:
            return makes and not own
        return own or makes or (verb is Verb.VIEW and self.can(actor, Verb.CHANGE, obj))

    def _approves(self, actor: Actor, obj: Recovery) -> bool:
        owned = actor.spaces(Role.OWNER)
        if actor.is_steward or works_elsewhere(obj).filter(space__in=owned).exists():
            return True
        return obj.space_id in owned and not may_do_more(obj)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[Recovery]) -> QuerySet[Recovery]:
        if verb is Verb.USE or actor.is_system:
            return super().scope(actor, verb, queryset)
        user = _active(actor)
        if user is None:
            return queryset.none()
        own = Q(person=user)
        if verb is Verb.CHANGE:
            return queryset.filter(self._approved_by(actor, user))
        makes = node_filter(actor, Verb.MANAGE, "space__")
        if verb is Verb.MANAGE:
            return queryset.filter(makes).exclude(own)
        if not makes:
            return queryset
        seen = own | makes | (self._approved_by(actor, user) if verb is Verb.VIEW else Q())
        return queryset.filter(seen)

    def _approved_by(self, actor: Actor, user: User) -> Q:
        others = ~Q(person=user) & ~Q(made_by=user)
        if actor.is_steward:
            return others
        owned = actor.spaces(Role.OWNER)
        away = Membership.objects.filter(user=OuterRef("person")).exclude(space=OuterRef("space"))
        plain = Q(space__in=owned) & Q(person__is_steward=False) & ~Exists(away)
        return others & (Exists(away.filter(space__in=owned)) | plain)


def _active(actor: Actor) -> User | None:
    return actor.user if actor.user is not None and actor.user.is_active else None

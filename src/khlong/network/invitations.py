"""Inviting somebody to a role by a link that works once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Node
from khlong.network.links import new_token
from khlong.network.models import Invitation, LinkState, Membership, SecretLink
from khlong.people.actions import open_account
from khlong.people.actor import Role, account_actor
from khlong.people.line.client import Person
from khlong.people.models import User
from khlong.people.policy import Verb, can
from khlong.record.actions import Act, action
from khlong.record.errors import Refused
from khlong.record.limits import Limit

DAYS, MOST_DAYS = 7, 30
MOST_WAITING = 100
STRENGTH = {Role.OBSERVER: 1, Role.MEMBER: 2, Role.OWNER: 3}


@dataclass(frozen=True)
class NewAccount:
    """What somebody who has no account yet chose; whoever is proven at LINE chose no password."""

    username: str
    password: str | None
    display_name: str = ""
    proven: Person | None = None


@action("network.invitation.make", limit=Limit(120, per=timedelta(hours=1)))
def make_invitation(
    act: Act, space: Node, role: Role, *, note: str = "", days: int = DAYS, username: str = ""
) -> tuple[Invitation, str]:
    """Make an invitation; gives it with its token, which nobody can read again.

    With a user name it is a slip for somebody whose account gets this name. Raises Refused, and ValidationError at
    the field username.
    """
    token, digest = new_token()
    made = Invitation(space=space, role=Role(role), note=note.strip(), digest=digest, made_by=act.actor.user)
    act.require(Verb.MANAGE, made)
    if not 1 <= days <= MOST_DAYS:
        raise Refused(_("An invitation holds from 1 to 30 days."))
    if waiting(Invitation.objects.filter(space=space)).count() >= MOST_WAITING:
        raise Refused(_("Too many invitations are waiting. Withdraw those that are no longer needed."))
    made.username = _free_name(username)
    made.expires_at = timezone.now() + timedelta(days=days)
    made.save()
    act.note(made, fields=["role", "expires_at", *(["username"] if made.username else [])], ref=space.ref)
    return made, token


def _free_name(typed: str) -> str:
    """The name, when no account has it and no other slip that waits."""
    name = User.normalize_username(typed.strip())
    if not name:
        return ""
    promised = {
        key.casefold() for key in waiting(Invitation.objects.all()).values_list("username", flat=True)
    }
    if User.objects.by_name_or_email(name) is not None or name.casefold() in promised:
        raise ValidationError({"username": _("This name is taken. Choose another.")})
    User(username=name).clean()
    return name


@action("network.invitation.withdraw")
def withdraw_invitation(act: Act, invitation: Invitation) -> Invitation:
    """Make an invitation worthless. One that was used stays used: then the role is taken instead."""
    standing = locked(Invitation.objects, invitation)
    act.require(Verb.MANAGE, standing)
    if standing.state is LinkState.USED:
        raise Refused(_("Somebody has used this invitation already. Take the role from that person instead."))
    if standing.withdrawn_at is not None:
        act.nothing()
        return standing
    standing.withdrawn_at = timezone.now()
    standing.save(update_fields=["withdrawn_at"])
    act.note(standing, fields=["withdrawn_at"], ref=standing.space.ref)
    return standing


@action("network.invitation.accept", limit=Limit(20, per=timedelta(hours=1)))
def accept_invitation(act: Act, invitation: Invitation, account: NewAccount | None = None) -> Membership:
    """Give the holder of the link its role: to the account that acts, or to a new one.

    Raises Refused with what to do, and ValidationError by field when the new account cannot be made. Of two
    who come with one link the second is refused.
    """
    standing = locked(Invitation.objects, invitation)
    act.require(Verb.USE, standing)
    if standing.state is not LinkState.WAITING:
        raise Refused(no_longer(standing.state))
    if not still_invites(standing):
        raise Refused(INVITER_GONE)
    if standing.username and act.actor.user is not None:
        raise Refused(FOR_A_NEW_ACCOUNT)
    user = act.actor.user or _opened(act, standing, account)
    membership = _joined(act, standing, user)
    standing.used_by, standing.used_at = user, timezone.now()
    standing.save(update_fields=["used_by", "used_at"])
    act.note(standing, fields=["used_at", "used_by"], ref=standing.space.ref)
    return membership


def _opened(act: Act, invitation: Invitation, account: NewAccount | None) -> User:
    if account is None:
        raise ValueError("who is not signed in needs a new account")
    if invitation.username and User.objects.by_name_or_email(invitation.username) is not None:
        raise Refused(NAME_GONE)
    name = invitation.username or account.username
    user = open_account(name, account.password, display_name=account.display_name, proven=account.proven)
    act.note(user, fields=["username"], ref=invitation.space.ref, space=invitation.space_id)
    return user


def _joined(act: Act, invitation: Invitation, user: User) -> Membership:
    standing = Membership.objects.filter(space=invitation.space, user=user).first()
    if standing is not None and has_already(Role(standing.role), invitation):
        raise Refused(ROLE_HELD)
    membership = standing or Membership(space=invitation.space, user=user)
    membership.role = Role(invitation.role)
    membership.save()
    act.note(membership, fields=["role"], ref=invitation.space.ref, space=invitation.space_id)
    return membership


ROLE_HELD = _(
    "You have this role here already, or one that may do more. The invitation stays for somebody else."
)
FOR_A_NEW_ACCOUNT = _(
    "This paper is for a new account, and somebody is signed in here. Sign out, and open the link again."
)
NAME_GONE = _(
    "Meanwhile somebody else has taken the user name on this paper. Ask an owner of the city for a new paper."
)
INVITER_GONE = _(
    "The person who made this link is no longer an owner here, so it does not hold. "
    "Ask an owner of the city for a new one."
)
NO_LONGER = {
    LinkState.USED: _("This link has been used already, and it works once. Ask for a new one."),
    LinkState.EXPIRED: _("This link has expired. Ask for a new one."),
    LinkState.WITHDRAWN: _("This link was withdrawn. Ask for a new one if you think that was a mistake."),
}


def no_longer(state: LinkState) -> object:
    """Why a link cannot be used, in words."""
    return NO_LONGER[state]


def has_already(role: Role, invitation: Invitation) -> bool:
    """Whether somebody of this role gains nothing by the invitation; nobody is made less by a link."""
    return STRENGTH[role] >= STRENGTH[Role(invitation.role)]


def still_invites(link: SecretLink) -> bool:
    """Whether who made a link might make it still; the programme's own links always hold."""
    return link.made_by is None or can(account_actor(link.made_by), Verb.MANAGE, link)


def waiting(rows: QuerySet[Invitation]) -> QuerySet[Invitation]:
    """Those that could be used now."""
    return rows.filter(used_at=None, withdrawn_at=None, expires_at__gt=timezone.now())


def locked(manager: models.Manager[Invitation], link: Invitation) -> Invitation:
    """The row as it stands, kept from everybody else until the transaction ends."""
    return manager.select_for_update(of=("self",)).select_related("space", "made_by").get(pk=link.pk)

"""Letting somebody in again who lost her password or phone: by an owner's link, and by two where one is too few."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.network.links import new_token
from khlong.network.models import LinkState, Membership, Recovery
from khlong.network.policies import may_do_more, works_elsewhere
from khlong.people import actions as accounts
from khlong.people import notices, second
from khlong.people.actor import account_actor
from khlong.people.models import User
from khlong.people.policy import Verb, can
from khlong.record.actions import Act, action
from khlong.record.errors import Refused

HOLDS = timedelta(hours=24)
WAITS = timedelta(hours=24)
NOT_ONESELF = _("Nobody makes a way back for herself. Ask another owner of the city or a steward.")
MAKER_GONE = _(
    "The person who made this link may not do that any more, so it does not hold. "
    "Ask an owner of the city for a new one."
)
NO_LONGER = {
    LinkState.USED: _("This link has been used already, and it works once. Ask for a new one."),
    LinkState.EXPIRED: _("This link has expired: it holds for a day. Ask for a new one."),
    LinkState.WITHDRAWN: _("This link was stopped. Ask an owner of the city what happened."),
}
NEEDS_APPROVAL = _(
    "This account works in another city too, or keeps the whole installation. "
    "Somebody else has to approve the link first: an owner of the other city, or a steward."
)
NOT_OPEN_YET = _(
    "This link takes the second factor away, so it opens a day after it was made, "
    "or as soon as a second owner has approved it. Open it again then."
)
CLOSED = _("This account is closed. Ask a steward.")


@action("network.recovery.make")
def make_recovery(act: Act, membership: Membership, *, drop_factors: bool = False) -> tuple[Recovery, str]:
    """Make a link for somebody who works here; gives it with its token, which nobody can read again.

    Earlier ones that wait for the same person are stopped. Raises Refused.
    """
    person, space = membership.user, membership.space
    token, digest = new_token()
    made = Recovery(person=person, space=space, digest=digest, made_by=act.actor.user)
    act.require(Verb.MANAGE, made, NOT_ONESELF if act.actor.user == person else None)
    if not person.is_active:
        raise Refused(CLOSED)
    now = timezone.now()
    waiting(Recovery.objects.filter(person=person)).update(withdrawn_at=now)
    made.drops_factors = drop_factors and second.has_factors(person)
    made.opens_at = now + WAITS if made.drops_factors else now
    made.expires_at = made.opens_at + HOLDS
    made.save()
    _tell(act, made, ["drops_factors", "expires_at", "person"])
    return made, token


@action("network.recovery.approve")
def approve_recovery(act: Act, recovery: Recovery) -> Recovery:
    """Say as a second person that this is right: the link opens now and holds for a day. Raises Refused."""
    standing = _locked(recovery)
    act.require(Verb.CHANGE, standing)
    if standing.state is not LinkState.WAITING:
        raise Refused(NO_LONGER[standing.state])
    if standing.approved_by is not None:
        act.nothing()
        return standing
    now = timezone.now()
    standing.approved_by, standing.approved_at = act.actor.user, now
    standing.opens_at, standing.expires_at = min(standing.opens_at, now), now + HOLDS
    standing.save(update_fields=["approved_by", "approved_at", "opens_at", "expires_at"])
    _tell(act, standing, ["approved_at", "approved_by"])
    return standing


@action("network.recovery.stop")
def stop_recovery(act: Act, recovery: Recovery) -> Recovery:
    """Make the link worthless: by an owner, or by the person whose account it is. Raises Refused."""
    standing = _locked(recovery)
    act.require(Verb.REMOVE, standing)
    if standing.state is LinkState.USED:
        raise Refused(_("The link has been used. Change your password now, and tell a steward."))
    if standing.withdrawn_at is not None:
        act.nothing()
        return standing
    standing.withdrawn_at = timezone.now()
    standing.save(update_fields=["withdrawn_at"])
    _tell(act, standing, ["withdrawn_at"])
    return standing


@action("network.recovery.use")
def use_recovery(act: Act, recovery: Recovery, password: str) -> User:
    """Choose the new password; the account is signed out everywhere. Raises Refused, ValidationError at password1."""
    standing = _locked(recovery)
    act.require(Verb.USE, standing)
    if refusal := why_not(standing):
        raise Refused(refusal)
    user = User.objects.select_for_update().get(pk=standing.person_id)
    changed = accounts.recover(user, password, drop_factors=standing.drops_factors)
    standing.used_by, standing.used_at = user, timezone.now()
    standing.save(update_fields=["used_by", "used_at"])
    act.note(user, fields=changed, ref=standing.space.ref, space=standing.space_id)
    _tell(act, standing, ["used_at"])
    return user


def why_not(recovery: Recovery) -> object:
    """Why the link cannot be used now, in words; nothing when it can."""
    if recovery.state is not LinkState.WAITING:
        return NO_LONGER[recovery.state]
    if not recovery.person.is_active:
        return CLOSED
    if not _still_stands(recovery):
        return MAKER_GONE
    if may_do_more(recovery) and not _approval_stands(recovery):
        return NEEDS_APPROVAL
    return NOT_OPEN_YET if recovery.opens_at > timezone.now() else None


def _still_stands(recovery: Recovery) -> bool:
    """Whether who made it might make it still, and the person works here still."""
    maker = recovery.made_by
    here = Membership.objects.filter(user=recovery.person_id, space=recovery.space_id).exists()
    return here and (maker is None or can(account_actor(maker), Verb.MANAGE, recovery))


def _approval_stands(recovery: Recovery) -> bool:
    """Whether somebody approved it who might do so still."""
    by = recovery.approved_by
    return by is not None and can(account_actor(by), Verb.CHANGE, recovery)


def needs_somebody(recovery: Recovery) -> bool:
    """Whether an approval would change anything."""
    waits = recovery.opens_at > timezone.now() or may_do_more(recovery)
    return recovery.state is LinkState.WAITING and recovery.approved_by is None and waits


def waiting(rows: QuerySet[Recovery]) -> QuerySet[Recovery]:
    """Those that could be used now or later."""
    return rows.filter(used_at=None, withdrawn_at=None, expires_at__gt=timezone.now())


def for_approval(rows: QuerySet[Recovery]) -> QuerySet[Recovery]:
    """Those that wait for a second person: with a second factor to take away, or of an account that may do more."""
    now = timezone.now()
    away = Membership.objects.filter(user=OuterRef("person")).exclude(space=OuterRef("space"))
    needs = Q(opens_at__gt=now) | Q(person__is_steward=True) | Exists(away)
    return waiting(rows).filter(needs, approved_by=None)


def _tell(act: Act, recovery: Recovery, fields: list[str]) -> None:
    """Into the audit of every city where the person works, and to the person."""
    act.note(recovery, fields=fields, ref=recovery.space.ref, space=recovery.space_id)
    for role in works_elsewhere(recovery).select_related("space"):
        act.note(recovery, fields=fields, ref=role.space.ref, space=role.space_id)
    notices.by_mail(recovery.person, f"recovery.{act.name.rpartition('.')[2]}")


def _locked(link: Recovery) -> Recovery:
    rows = Recovery.objects.select_for_update(of=("self",))
    return rows.select_related("space", "made_by", "person", "approved_by").get(pk=link.pk)

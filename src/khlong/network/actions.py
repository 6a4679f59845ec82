"""What people do with organisations, meetings and roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Node
from khlong.chain.things import Values, hold, keep_thing
from khlong.network.models import Meeting, Membership, Organisation, Part, Programme, Seat
from khlong.people.actor import Role
from khlong.people.models import User
from khlong.people.policy import Verb
from khlong.places.actions import keep_part
from khlong.record.actions import Act, action
from khlong.record.errors import Refused
from khlong.record.limits import EDITS, Limit

Links = Mapping[str, Iterable[models.Model]]


@action("network.programme.save")
def save_programme(
    act: Act,
    programme: Programme,
    values: Values,
    *,
    links: Links | None = None,
    base: int | None = None,
    why: str = "",
) -> Programme:
    """Add or change a programme. Raises Refused, ValidationError, EditConflict."""
    return keep_thing(act, programme, values, links=links, base=base, why=why)


@action("network.organisation.save", limit=EDITS)
def save_organisation(
    act: Act, organisation: Organisation, values: Values, *, base: int | None = None, why: str = ""
) -> Organisation:
    """Add or change an organisation. Raises Refused, ValidationError, EditConflict."""
    return keep_thing(act, organisation, values, base=base, why=why)


@action("network.part.save", limit=EDITS)
def save_part(act: Act, part: Part, values: Values) -> Part:
    """Say what part an organisation has in the programme or in a city. Raises Refused, ValidationError."""
    return keep_part(act, part, values, of=part.organisation)


@action("network.meeting.save", limit=EDITS)
def save_meeting(
    act: Act,
    meeting: Meeting,
    values: Values,
    *,
    links: Links | None = None,
    base: int | None = None,
    why: str = "",
) -> Meeting:
    """Add or change a meeting. Raises Refused, ValidationError, EditConflict."""
    return keep_thing(act, meeting, values, links=links, base=base, why=why)


@action("network.membership.give", limit=Limit(120, per=timedelta(hours=1)))
def give_role(act: Act, space: Node, user: User, role: Role) -> Membership:
    """Give an account a role in a city or a programme, or another one than it had. Raises Refused."""
    act.require(Verb.MANAGE, Membership(space=space, user=user))
    hold(space)
    standing = Membership.objects.filter(space=space, user=user).first()
    membership = standing or Membership(space=space, user=user)
    if standing and standing.role == role:
        act.nothing()
        return standing
    if standing:
        _keep_an_owner(standing)
    membership.role = role
    membership.save()
    act.note(membership, fields=["role"], space=space.pk)
    return membership


@action("network.membership.take")
def take_role(act: Act, membership: Membership) -> None:
    """End a role. The last owner cannot go before another is there. Raises Refused."""
    act.require(Verb.MANAGE, membership)
    hold(membership.space)
    _keep_an_owner(membership)
    act.note(membership, fields=["role"], space=membership.space_id)
    Seat.objects.filter(user=membership.user_id, group__node__space=membership.space_id).delete()
    membership.delete()


@action("network.membership.leave")
def leave_space(act: Act, membership: Membership) -> None:
    """Lay down one's own role, and with it the seats in working groups there. Raises Refused for the last owner."""
    act.require(Verb.USE, membership)
    hold(membership.space)
    _keep_an_owner(
        membership,
        _("You are the last owner here. Make somebody else an owner first; then you can leave."),
    )
    act.note(membership, fields=["role"], space=membership.space_id)
    Seat.objects.filter(user=membership.user_id, group__node__space=membership.space_id).delete()
    membership.delete()


LAST_OWNER = _("This is the last owner. Give the role of owner to somebody else first.")


def _keep_an_owner(membership: Membership, words: Any = LAST_OWNER) -> None:
    if membership.role != Role.OWNER:
        return
    others = Membership.objects.filter(space=membership.space, role=Role.OWNER).exclude(pk=membership.pk)
    if not others.exists():
        raise Refused(words)

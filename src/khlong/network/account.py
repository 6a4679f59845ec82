"""What somebody reads of her roles on her account page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khlong.chain.models import Kind
from khlong.network.forms import ROLE_NAMES
from khlong.network.models import Membership, Recovery
from khlong.network.work_models import Seat, Task
from khlong.people.actor import Actor, Role
from khlong.people.models import User
from khlong.people.panels import Line, Panel, on_account
from khlong.privacy.registries import Kept, kept_of_an_account

LATELY = timedelta(days=30)


@on_account
def roles(actor: Actor) -> Iterable[Panel]:
    """Where she works, and as what; one query."""
    rows = (
        Membership.objects.filter(user=actor.account)
        .select_related("space__city")
        .order_by("space__sort_key")
    )
    words = _("%(city)s: %(role)s")
    lines = [
        Line(words % {"city": row.space.title, "role": ROLE_NAMES[row.role]}, row.space.get_absolute_url())
        for row in rows
    ]
    how = _("Who works with you in %(city)s, and how to leave")
    mine = (Line(how % {"city": row.space.title}, url) for row, url in _members_pages(rows))
    yield Panel(_("Where you work"), (*lines, *mine))


def _members_pages(rows: Iterable[Membership]) -> Iterable[tuple[Membership, str]]:
    """The page of the roles of each city that the account may see; observers do not see it."""
    for row in rows:
        if row.space.kind == Kind.CITY and row.role != Role.OBSERVER:
            yield row, reverse("network:members", args=[row.space.city.slug])


@on_account
def ways_back(actor: Actor) -> Iterable[Panel]:
    """What others did lately to let her in again; one query."""
    since = timezone.now() - LATELY
    rows = Recovery.objects.filter(person=actor.account, made_at__gte=since).select_related(
        "space", "made_by"
    )
    words = _("%(person)s made a link for a new password of your account: %(state)s")
    lines = [
        Line(
            words % {"person": row.made_by or row.space.title, "state": row.state.label},
            reverse("network:recovery", args=[row.pk]),
        )
        for row in rows[:5]
    ]
    yield Panel(_("Others helped you to get in"), tuple(lines))


@kept_of_an_account
def kept_of_work(user: User) -> Iterable[Kept]:
    """Her roles, her seats in working groups, and the tasks that are hers."""
    for role in Membership.objects.filter(user=user).select_related("space"):
        values = ((_("city or programme"), str(role.space.title)), (_("role"), str(ROLE_NAMES[role.role])))
        yield Kept(_("Role"), values, role.since)
    for seat in Seat.objects.filter(user=user).select_related("group__node"):
        values = ((_("working group"), str(seat.group.name)), (_("role"), seat.get_role_display()))
        yield Kept(_("Seat in a working group"), values, seat.since)
    for task in Task.objects.filter(person=user):
        yield Kept(_("Task"), ((_("what is to be done"), task.what),), timezone.localdate(task.made_at))

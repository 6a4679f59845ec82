"""What waits for somebody in this room."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khlong.chain.models import Kind
from khlong.chain.policies import READERS, written_by
from khlong.network import recoveries
from khlong.network.forms import ROLE_NAMES
from khlong.network.models import Invitation, Meeting, Minutes, Recovery, Task
from khlong.network.work_models import TaskState
from khlong.network.work_policies import holding
from khlong.people.actor import Actor
from khlong.people.policy import Verb, scope
from khlong.record.waits import MOST, Wait, waits


def unused_invitations(actor: Actor) -> QuerySet[Invitation]:
    """What the actor made, nobody used, nobody withdrew, and still holds."""
    rows = scope(actor, Invitation.objects.filter(made_by=actor.user), Verb.MANAGE)
    return rows.filter(used_at=None, withdrawn_at=None, expires_at__gt=timezone.now(), space__kind=Kind.CITY)


@waits(count=unused_invitations)
def invitations(actor: Actor) -> Iterable[Wait]:
    """Invitations that nobody has used yet; one query."""
    rows = unused_invitations(actor).select_related("space__city")
    for row in rows.order_by("made_at")[:MOST]:
        whom = row.note or ROLE_NAMES[row.role]
        yield Wait(
            _("Nobody has used the invitation yet: %(whom)s") % {"whom": whom},
            reverse("network:members", args=[row.space.city.slug]),
            row.made_at,
            timezone.localtime(row.expires_at).date(),
            kind=_("invitations"),
            city=row.space.title,
            is_example=row.space.is_example,
            button=_("See the invitations"),
        )


def own_tasks(actor: Actor) -> QuerySet[Task]:
    """Open tasks of the actor and of the working groups in which she sits, where she still has a role."""
    rows = Task.objects.filter(state=TaskState.OPEN).filter(holding(actor))
    return rows.filter(space__in=actor.spaces(*READERS))


@waits(count=own_tasks)
def tasks(actor: Actor) -> Iterable[Wait]:
    """Tasks to be done; one query."""
    rows = own_tasks(actor).select_related("space", "group__node")
    for task in rows.order_by("made_at")[:MOST]:
        yield Wait(
            f"{task.what} ({task.group.name})" if task.group else task.what,
            task.get_absolute_url(),
            task.made_at,
            task.due,
            kind=_("tasks"),
            city=task.space.title,
            is_example=task.space.is_example,
            button=_("Open the task"),
        )


def unapproved_minutes(actor: Actor) -> QuerySet[Minutes]:
    """Minutes of the actor's own cities that no meeting has approved, though a later one was held."""
    rows = Minutes.objects.filter(written_by(actor, Kind.MEETING, "meeting__node__"), approved_at=None)
    later = Meeting.objects.filter(
        node__space=OuterRef("meeting__node__space"),
        node__kind=Kind.MEETING,
        date__gt=OuterRef("meeting__date"),
    )
    today = timezone.localdate().isoformat()
    return rows.filter(Exists(later.filter(date__lte=Value(today))))


@waits(count=unapproved_minutes)
def minutes(actor: Actor) -> Iterable[Wait]:
    """Minutes to be approved; one query."""
    rows = unapproved_minutes(actor).select_related("meeting__node__space")
    for row in rows.order_by("made_at")[:MOST]:
        yield Wait(
            row.body,
            reverse("network:minutes", args=[row.meeting.ref]),
            row.made_at,
            kind=_("minutes not approved yet"),
            city=row.meeting.node.space.title if row.meeting.node.space else "",
            is_example=row.meeting.node.space_is_example,
            button=_("Read and approve"),
        )


def unapproved_recoveries(actor: Actor) -> QuerySet[Recovery]:
    """Links for a new password that wait for the actor as the second person."""
    return recoveries.for_approval(scope(actor, Recovery.objects.all(), Verb.CHANGE))


@waits(count=unapproved_recoveries)
def approvals(actor: Actor) -> Iterable[Wait]:
    """Links for a new password that need a second person; one query."""
    rows = unapproved_recoveries(actor).select_related("space", "person")
    for row in rows.order_by("made_at")[:MOST]:
        yield Wait(
            _("Is it right that %(person)s gets a new password?") % {"person": row.person},
            reverse("network:recovery", args=[row.pk]),
            row.made_at,
            timezone.localtime(row.expires_at).date(),
            kind=_("ways back into an account"),
            city=row.space.title,
            is_example=row.space.is_example,
            button=_("Look and decide"),
        )

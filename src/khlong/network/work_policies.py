"""Who sees and changes attendance, minutes, working groups and tasks."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Q, QuerySet

from khlong.chain.policies import READERS, WRITERS, can_node, node_filter, policy_of
from khlong.network.meeting_models import OfMinutes
from khlong.network.models import AgendaItem, Attendance, Decision, Minutes, Seat, Task, WorkGroup
from khlong.people.actor import Actor, Role
from khlong.people.policy import Policy, Verb, policy_for, register
from khlong.places.policies import PartPolicy

W = TypeVar("W", bound=OfMinutes)

policy_of(WorkGroup)


@register
class AttendancePolicy(PartPolicy[Attendance]):
    """Seen with the meeting; numbers under five are left out where the public reads (`khlong.network.counts`)."""

    model = Attendance
    whole = "meeting"


@register
class MinutesPolicy(Policy[Minutes]):
    """Written by the working group; read by everybody once they are approved or opened."""

    model = Minutes
    verbs = (Verb.VIEW, Verb.CHANGE)

    def can(self, actor: Actor, verb: Verb, obj: Minutes) -> bool:
        node = obj.meeting.node
        if verb is Verb.VIEW and obj.is_open:
            return can_node(actor, verb, node)
        return actor.is_system or actor.is_steward or actor.holds(node.space_id, *_minute_roles(verb))

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[Minutes]) -> QuerySet[Minutes]:
        return queryset.filter(minutes_filter(actor, verb))


def _minute_roles(verb: Verb) -> tuple[Role, ...]:
    return READERS if verb is Verb.VIEW else WRITERS


def minutes_filter(actor: Actor, verb: Verb, prefix: str = "") -> Q:
    """The rule of minutes as a condition; `prefix` is the path to them, such as "minutes__"."""
    if actor.is_system or actor.is_steward:
        return Q()
    own = Q(**{f"{prefix}meeting__node__space__in": actor.spaces(*_minute_roles(verb))})
    if verb is not Verb.VIEW:
        return own
    is_open = Q(**{f"{prefix}open_early": True}) | Q(**{f"{prefix}approved_at__isnull": False})
    return own | is_open & node_filter(actor, verb, f"{prefix}meeting__node__")


class OfMinutesPolicy(Policy[W]):
    """What stands in minutes is read and written with them."""

    verbs = (Verb.VIEW, Verb.CHANGE)

    def can(self, actor: Actor, verb: Verb, obj: W) -> bool:
        return policy_for(Minutes).can(actor, verb, obj.minutes)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[W]) -> QuerySet[W]:
        return queryset.filter(minutes_filter(actor, verb, "minutes__"))


for _of_minutes in (AgendaItem, Decision):
    register(type(f"{_of_minutes.__name__}Policy", (OfMinutesPolicy,), {"model": _of_minutes}))


@register
class SeatPolicy(Policy[Seat]):
    """Who sits in a working group is seen by those who see the roles of the city, and kept by its writers."""

    model = Seat
    verbs = (Verb.VIEW, Verb.CHANGE)

    def can(self, actor: Actor, verb: Verb, obj: Seat) -> bool:
        return can_node(actor, Verb.CHANGE, obj.group.node)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[Seat]) -> QuerySet[Seat]:
        return queryset.filter(node_filter(actor, Verb.CHANGE, "group__node__"))


@register
class TaskPolicy(Policy[Task]):
    """Tasks are seen by who has a role in the city and given by its writers; who holds one says that it is
    done (USE), and a task is held by somebody who has a role there.
    """

    model = Task
    verbs = (Verb.VIEW, Verb.CHANGE, Verb.USE)

    def can(self, actor: Actor, verb: Verb, obj: Task) -> bool:
        if actor.is_system or actor.is_steward:
            return True
        if actor.holds(obj.space_id, *_minute_roles(verb)):
            return True
        return verb is Verb.USE and actor.holds(obj.space_id, *READERS) and held_by(actor, obj)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[Task]) -> QuerySet[Task]:
        if actor.is_system or actor.is_steward:
            return queryset
        rows = Q(space__in=actor.spaces(*_minute_roles(verb)))
        if verb is Verb.USE:
            rows |= Q(space__in=actor.spaces(*READERS)) & holding(actor)
        return queryset.filter(rows)


def held_by(actor: Actor, task: Task) -> bool:
    """Whether a task is the actor's, or that of a working group in which she sits."""
    if actor.user is None:
        return False
    if task.group is not None:
        return task.group.seats.filter(user=actor.user).exists()
    return task.person_id == actor.user.pk


def holding(actor: Actor) -> Q:
    """The same as a condition."""
    seats = Seat.objects.filter(user=actor.user).values("group")
    return Q(person=actor.user) | Q(group__in=seats) if actor.user is not None else Q(pk=None)

"""What people do with working groups and tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Node
from khlong.chain.things import Values, hold, keep_thing
from khlong.network.models import Membership, Seat, Task, WorkGroup
from khlong.network.work_models import Chair, TaskState
from khlong.people.models import User
from khlong.people.policy import Verb
from khlong.record.actions import Act, action, changed_fields
from khlong.record.errors import Refused

Links = Mapping[str, Iterable[models.Model]]


@action("network.work_group.save")
def save_work_group(
    act: Act,
    group: WorkGroup,
    values: Values,
    *,
    links: Links | None = None,
    base: int | None = None,
    why: str = "",
) -> WorkGroup:
    """Add or change a working group. Raises Refused, ValidationError, EditConflict."""
    return keep_thing(act, group, values, links=links, base=base, why=why)


@action("network.seat.give")
def give_seat(act: Act, group: WorkGroup, user: User, role: Chair) -> Seat:
    """Give somebody who has a role in the city a seat in a working group, or another one. Raises Refused."""
    standing = Seat.objects.filter(group=group, user=user).first() or Seat(group=group, user=user)
    act.require(Verb.CHANGE, standing)
    hold(group.node)
    if not has_role(user, group.node.space):
        raise Refused(_("This person has no role in the city. Give a role first, or send an invitation."))
    if not standing._state.adding and standing.role == role:
        act.nothing()
        return standing
    standing.role = role
    standing.save()
    act.note(standing, fields=["role"], ref=group.ref, space=group.space_id)
    return standing


@action("network.seat.take")
def take_seat(act: Act, seat: Seat) -> None:
    """End a seat. What the group has to do stays with the group."""
    act.require(Verb.CHANGE, seat)
    act.note(seat, fields=["role"], ref=seat.group.ref, space=seat.space_id)
    seat.delete()


def has_role(user: User, space: Node | None) -> bool:
    return user.is_active and Membership.objects.filter(user=user, space=space).exists()


@action("network.task.save")
def save_task(act: Act, task: Task, values: Values) -> Task:
    """Give a task or change it. Raises Refused, and ValidationError by field."""
    adding = task._state.adding
    act.require(Verb.CHANGE, task)
    if adding:
        task.made_by = act.actor.label
    elif task.state != TaskState.OPEN:
        raise Refused(_("This task is closed. Open it again first."))
    changed = changed_fields(task, dict(values))
    if not changed and not adding:
        act.nothing()
        return task
    _check_holder(task)
    task.full_clean()
    task.save(force_insert=adding)
    act.note(task, fields=changed, space=task.space_id)
    return task


def _check_holder(task: Task) -> None:
    """A task has one holder, and that one works in the city."""
    if task.person is None and task.group is None:
        raise ValidationError({"person": _("Say for whom it is: a person or a working group.")})
    if task.person is not None and not has_role(task.person, task.space):
        raise ValidationError({"person": _("This person has no role here. Choose somebody else.")})
    if task.group is not None and task.group.space_id != task.space_id:
        raise ValidationError({"group": _("This working group belongs elsewhere. Choose another.")})


@action("network.task.end")
def end_task(act: Act, task: Task, state: TaskState, reason: str = "") -> Task:
    """Say that a task is done (who holds it may), drop it with a reason, or open it again.

    Raises Refused, and ValidationError at `reason`.
    """
    act.require(Verb.USE if state == TaskState.DONE else Verb.CHANGE, task)
    hold(task)
    standing = Task.objects.select_related("space").get(pk=task.pk)
    reason = reason.strip()
    if state == TaskState.DROPPED and not reason:
        raise ValidationError({"reason": _("Say why it is dropped.")})
    if standing.state == state:
        act.nothing()
        return standing
    ends = state != TaskState.OPEN
    values: dict[str, Any] = {
        "state": state,
        "reason": reason,
        "ended_by": act.actor.label if ends else "",
        "ended_at": timezone.now() if ends else None,
    }
    changed = changed_fields(standing, values)
    standing.full_clean()
    standing.save()
    act.note(standing, fields=changed, space=standing.space_id)
    return standing

"""What a hall brings home of the work around meetings: seats, attendance, minutes with decisions, tasks.

Lines that both sides number by themselves are told apart by what they say: the attendance of one group at a
meeting is one line, whoever wrote it down. Accounts of the hall stay there, and what is theirs waits for a person.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khlong.chain.hall.documents import Document, Missing, RowDocument, Where, Work
from khlong.chain.hall.threeway import Rules, Values
from khlong.chain.hall.travel import Trip
from khlong.chain.history import shown
from khlong.chain.models import Node
from khlong.network import minutes, work
from khlong.network.models import (
    AgendaItem,
    Attendance,
    Decision,
    Meeting,
    Minutes,
    Organisation,
    Seat,
    Task,
    WorkGroup,
)
from khlong.network.work_models import Chair, TaskState
from khlong.people.models import User
from khlong.record.errors import Refused

Plain = dict[str, Any]
COMPANY = ("group", "organisation", "others_th")
NUMBERS = ("presence", "attended", "women", "men", "other_gender")
LABELS = {
    "role": _("role"),
    "approved_at": _("approved by the meeting"),
    "state": _("state"),
    "reason": _("reason"),
}


def account(key: Any, name: Any = "") -> User:
    """The account of that key. Raises Missing for one of the hall, which stays there."""
    found = User.objects.filter(pk=key).first() if key else None
    if found is None:
        raise Missing(str(_("the account %(name)s, which stays in the hall") % {"name": name or key}))
    return found


# --- seats -----------------------------------------------------------------------------------


class SeatDocument(Document):
    """A seat: its key names the group and the account, so that the same seat on both sides is one."""

    name, order, title, removable = "network.seat", 43, _("seat"), True

    def read(self, space: Node, keys: Collection[str] | None = None) -> dict[str, Plain]:
        rows = Seat.objects.select_related("group__node", "user").order_by("pk")
        if keys is None:
            rows = rows.filter(group__node__space=space)
        else:
            rows = rows.filter(group__in=[UUID(key.partition(":")[0]) for key in keys])
        made = {f"{row.group_id}:{row.user_id}": self._plain(row) for row in rows}
        return made if keys is None else {key: row for key, row in made.items() if key in keys}

    def _plain(self, row: Seat) -> Plain:
        title = f"{row.group.name} · {row.user}"
        return {"role": row.role, "@title": title[:200], "@ref": row.group.ref, "@user": str(row.user)}

    def parts(self, keys: Collection[str]) -> dict[str, list[str]]:
        rows = Seat.objects.filter(group__in={UUID(key.partition(":")[0]) for key in keys})
        return {f"{row.group_id}:{row.user_id}": [str(row.pk)] for row in rows}

    def add(self, work_: Work, key: str, values: Values) -> str:
        self.change(work_, key, values, whole=values)
        return key

    def change(self, work_: Work, key: str, values: Values, *, whole: Values) -> None:
        group, _colon, user = key.partition(":")
        body = WorkGroup.objects.select_related("node__space").filter(pk=UUID(group)).first()
        if body is None:
            raise Missing(str(whole.get("@title", "")))
        work.give_seat(work_.actor, body, account(user, whole.get("@user")), Chair(values["role"]))

    def remove(self, work_: Work, key: str) -> None:
        group, _colon, user = key.partition(":")
        standing = Seat.objects.select_related("group__node__space").filter(
            group=UUID(group), user=UUID(user)
        )
        for seat in standing:
            work.take_seat(work_.actor, seat)

    def label(self, name: str) -> str:
        return str(LABELS[name])

    def words(self, name: str, value: Any) -> str:
        return str(Chair(value).label) if value else shown(value)


# --- attendance and minutes ------------------------------------------------------------------


class AttendanceDocument(RowDocument):
    """Who came: one line for each company of a meeting."""

    def __init__(self) -> None:
        super().__init__(
            Attendance,
            minutes.save_attendance,
            order=46,
            whole="meeting",
            rules=Rules(together=(COMPANY, NUMBERS)),
            take_away=minutes.remove_attendance,
            near=("meeting__node__space", "group", "organisation__node"),
        )

    def twins(self, found: Mapping[str, Values], ours: Where) -> dict[str, str]:
        wanted = {key: self._company(values, ours) for key, values in found.items()}
        meetings = {UUID(meeting) for meeting, _name, _value in filter(None, wanted.values())}
        rows = Attendance.objects.filter(meeting__in=meetings).values_list("pk", "meeting", *COMPANY)
        here = {
            (str(meeting), name, str(value)): str(pk)
            for pk, meeting, *values in rows
            for name, value in zip(COMPANY, values, strict=True)
            if value
        }
        return {key: here[company] for key, company in wanted.items() if company and company in here}

    def _company(self, values: Values, ours: Where) -> tuple[str, str, str] | None:
        """The meeting, and who came to it, as they are known here."""
        name = next((name for name in COMPANY if values.get(name)), "")
        if not name:
            return None
        kinds = {"group": "places.group", "organisation": "network.organisation"}
        value = str(values[name])
        here = ours(kinds[name], value) if name in kinds else value
        return (ours("network.meeting", values["@whole"]), name, here) if here else None


class OfMinutesDocument(RowDocument):
    """What stands in minutes."""

    home = "minutes__meeting__node__space"


class ApprovalDocument(Document):
    """That a later meeting approved minutes: taken over when they say here what was approved in the hall."""

    name, order, title = "network.approval", 52, _("approval of minutes")

    def read(self, space: Node, keys: Collection[str] | None = None) -> dict[str, Plain]:
        rows = Minutes.objects.filter(approved_at__isnull=False).select_related("meeting__node")
        if keys is None:
            rows = rows.filter(meeting__node__space=space)
        else:
            rows = rows.filter(pk__in=[UUID(key) for key in keys])
        says = said_in(rows)
        return {
            str(row.pk): {
                "approved_at": str(row.approved_at_id),
                "@title": str(row.meeting)[:200],
                "@words": says[str(row.pk)],
            }
            for row in rows
        }

    def add(self, work_: Work, key: str, values: Values) -> str:
        self.change(work_, key, values, whole=values)
        return key

    def change(self, work_: Work, key: str, values: Values, *, whole: Values) -> None:
        found = Minutes.objects.select_related("meeting__node__space").filter(pk=UUID(key)).first()
        later = Meeting.objects.select_related("node__space").filter(pk=UUID(values["approved_at"])).first()
        if found is None or later is None:
            raise Missing(str(whole.get("@title", "")))
        if said_in([found])[key] != whole["@words"]:
            raise Refused(
                _(
                    "The minutes say something else here than those that were approved in the hall. Bring the "
                    "rest home and decide what conflicts, leaving this out; then it can be taken over."
                )
            )
        minutes.approve_minutes(work_.actor, found, later)

    def label(self, name: str) -> str:
        return str(LABELS[name])

    def words(self, name: str, value: Any) -> str:
        found = Meeting.objects.select_related("node").filter(pk=value).first() if value else None
        return str(found) if found else shown(value)


HEAD = ("body", "number", "year", "begun", "ended")


def said_in(rows: Iterable[Minutes]) -> dict[str, str]:
    """A digest of all that minutes say, by key: the same on both sides when they say the same."""
    heads = {row.pk: [str(getattr(row, name)) for name in HEAD] for row in rows}
    lines: dict[Any, list[list[str]]] = defaultdict(list)
    items = AgendaItem.objects.filter(minutes__in=heads)
    for key, *said in items.values_list("minutes", "section", "title", "text", "resolution"):
        lines[key].append([str(value) for value in said])
    decided = Decision.objects.filter(minutes__in=heads)
    for key, *said in decided.values_list("minutes", "text", "organisation", "work_group", "who", "due"):
        lines[key].append(["", *(str(value) for value in said)])
    return {str(key): _digest([head, *sorted(lines[key])]) for key, head in heads.items()}


def _digest(said: list[list[str]]) -> str:
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


# --- tasks -----------------------------------------------------------------------------------


class TaskDocument(RowDocument):
    """A task and how it ended. Ended on one side and changed on the other, a person decides."""

    home = "space"

    def __init__(self) -> None:
        super().__init__(
            Task,
            work.save_task,
            order=53,
            rules=Rules(decisive=("state",), together=(("person", "group"), ("state", "reason"))),
            near=("space", "person", "group__node__space"),
        )

    def plain(self, row: Task) -> Plain:
        of = {"@about": row.about_id, "@decision": row.decision_id}
        return {
            **super().plain(row),
            "state": str(row.state),
            "reason": row.reason,
            "@user": str(row.person or ""),
            **{name: str(key) if key else None for name, key in of.items()},
        }

    def add(self, work_: Work, key: str, values: Values) -> str:
        made = Task(space=work_.space)
        if values["@about"]:
            made.about = self.referred(work_, Node, values["@about"])
        if values["@decision"]:
            made.decision = self.referred(work_, Decision, values["@decision"])
        kept = work.save_task(work_.actor, made, self._given(work_, values, values))
        self._end(work_, kept, values)
        return str(kept.pk)

    def change(self, work_: Work, key: str, values: Values, *, whole: Values) -> None:
        task = self._all().get(pk=key)
        ends = {"state": task.state, "reason": task.reason}
        given = self._given(work_, values, whole)
        changes_end = any(name in values and values[name] != ends[name] for name in ends)
        if task.state != TaskState.OPEN and (given or changes_end):
            task = work.end_task(work_.actor, task, TaskState.OPEN)
        if given:
            task = work.save_task(work_.actor, task, given)
        self._end(work_, task, {**ends, **values})

    def _given(self, work_: Work, values: Values, whole: Values) -> Plain:
        plain = {name: value for name, value in values.items() if name != "person"}
        given = self.real(work_, plain)
        if "person" in values:
            person = values["person"]
            given["person"] = account(person, whole.get("@user")) if person else None
        return given

    def _end(self, work_: Work, task: Task, values: Values) -> None:
        state = TaskState(values["state"])
        if state != task.state:
            work.end_task(work_.actor, task, state, values["reason"])

    def label(self, name: str) -> str:
        return str(LABELS[name]) if name in LABELS else super().label(name)

    def words(self, name: str, value: Any) -> str:
        if name == "state" and value:
            return str(TaskState(value).label)
        if name == "person" and value:
            return self._person(value)
        return super().words(name, value)

    def _person(self, key: Any) -> str:
        try:
            return str(User.objects.filter(pk=key).first() or _("an account that stays in the hall"))
        except (ValidationError, ValueError):
            return shown(key)


def documents() -> list[Document]:
    """All of them, to be registered."""
    return [
        SeatDocument(),
        AttendanceDocument(),
        RowDocument(
            Minutes,
            minutes.save_minutes,
            order=47,
            whole="meeting",
            leave=("approved_at",),
            near=("meeting__node__space",),
        ),
        OfMinutesDocument(
            AgendaItem,
            minutes.save_item,
            order=48,
            whole="minutes",
            take_away=minutes.remove_item,
            near=("minutes__meeting__node__space",),
        ),
        OfMinutesDocument(
            Decision,
            minutes.save_decision,
            order=49,
            whole="minutes",
            take_away=minutes.remove_decision,
            near=("minutes__meeting__node__space",),
        ),
        ApprovalDocument(),
        TaskDocument(),
    ]


def of_city(model: type[models.Model], path: str) -> Callable[[Trip], models.QuerySet[Any]]:
    """Of these the city's own go along; numbers under five of other cities' meetings are not for its members."""
    return lambda trip: trip.seen(model).filter(**{path: trip.space})


def attendance(trip: Trip) -> models.QuerySet[Any]:
    """Lines whose company goes along; without it a line would be nobody's."""
    known = Q(organisation=None) | Q(organisation__in=trip.seen(Organisation))
    return trip.seen(Attendance).filter(known, meeting__node__space=trip.space)


TRAVELLERS = {
    Seat: of_city(Seat, "group__node__space"),
    Attendance: attendance,
    Minutes: of_city(Minutes, "meeting__node__space"),
    AgendaItem: of_city(AgendaItem, "minutes__meeting__node__space"),
    Decision: of_city(Decision, "minutes__meeting__node__space"),
    Task: of_city(Task, "space"),
}

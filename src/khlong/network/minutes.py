"""What people do with the attendance and the minutes of a meeting."""

from __future__ import annotations

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from khlong.chain.things import Values, hold
from khlong.network.models import AgendaItem, Attendance, Decision, Meeting, Minutes
from khlong.people.policy import Verb
from khlong.places.actions import keep_part
from khlong.record.actions import Act, action
from khlong.record.errors import Refused


@action("network.attendance.save")
def save_attendance(act: Act, row: Attendance, values: Values) -> Attendance:
    """Add or change one line of who was invited and who came. Raises Refused, ValidationError."""
    return keep_part(act, row, values, of=row.meeting)


@action("network.attendance.remove")
def remove_attendance(act: Act, row: Attendance) -> None:
    """Take a line away that was entered by mistake."""
    act.require(Verb.CHANGE, row)
    act.note(row, fields=["attended", "invited"], ref=row.meeting.ref, space=row.space_id)
    row.delete()


@action("network.minutes.save")
def save_minutes(act: Act, minutes: Minutes, values: Values) -> Minutes:
    """Begin the minutes of a meeting or change their head. Raises Refused, ValidationError."""
    return keep_part(act, minutes, values, of=minutes.meeting)


@action("network.minutes.approve")
def approve_minutes(act: Act, minutes: Minutes, by: Meeting) -> Minutes:
    """Note which later meeting approved the minutes; from then on who sees the meeting reads them.

    Raises Refused when a meeting is no later one of the same city.
    """
    act.require(Verb.CHANGE, minutes)
    hold(minutes.meeting)
    standing = Minutes.objects.select_related("meeting__node__space").get(pk=minutes.pk)
    if standing.approved_at_id == by.pk:
        act.nothing()
        return standing
    if standing.is_approved:
        raise Refused(_("These minutes are approved already."))
    if by.pk == standing.pk or by.space_id != standing.space_id or not _is_later(by, standing.meeting):
        raise Refused(_("Minutes are approved by a later meeting of the same city. Choose another one."))
    standing.approved_at = by
    standing.save(update_fields=["approved_at"])
    act.note(standing, fields=["approved_at"], ref=standing.meeting.ref, space=standing.space_id)
    return standing


def _is_later(one: Meeting, other: Meeting) -> bool:
    """Whether one meeting ended after the other began; undated ones are taken at their word."""
    return one.date is None or other.date is None or one.date.start >= other.date.end


@action("network.agenda.save")
def save_item(act: Act, item: AgendaItem, values: Values) -> AgendaItem:
    """Add or change what was said to an item of the agenda. Raises Refused, ValidationError."""
    _still_open(item.minutes)
    return keep_part(act, item, values, of=item.minutes.meeting)


@action("network.agenda.remove")
def remove_item(act: Act, item: AgendaItem) -> None:
    """Take an item away that was entered by mistake."""
    _remove(act, item, ["text"])


@action("network.decision.save")
def save_decision(act: Act, decision: Decision, values: Values) -> Decision:
    """Add a decision under the next number of its meeting, or change one. Raises Refused, ValidationError."""
    act.require(Verb.CHANGE, decision)
    _still_open(decision.minutes)
    if decision._state.adding:
        hold(decision.minutes)
        last = decision.minutes.decisions.aggregate(last=Max("number"))["last"]
        decision.number = (last or 0) + 1
    return keep_part(act, decision, values, of=decision.minutes.meeting)


@action("network.decision.remove")
def remove_decision(act: Act, decision: Decision) -> None:
    """Take a decision away that was entered by mistake; tasks made of it stay."""
    _remove(act, decision, ["text"])


def _remove(act: Act, row: AgendaItem | Decision, fields: list[str]) -> None:
    act.require(Verb.CHANGE, row)
    _still_open(row.minutes)
    act.note(row, fields=fields, ref=row.minutes.meeting.ref, space=row.space_id)
    row.delete()


def _still_open(minutes: Minutes) -> None:
    """Approved minutes are what a meeting has agreed to; they are not changed behind its back."""
    if minutes.is_approved:
        raise Refused(
            _(
                "These minutes are approved. What is wrong in them is put right in the minutes of a later meeting."
            )
        )

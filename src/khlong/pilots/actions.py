"""What people do with a pilot, its steps, lines of money, activities, changes and lessons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import OuterRef, Subquery, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.chain.actions import link, unlink
from khlong.chain.models import Edge, EdgeKind, Kind, Node, Visibility
from khlong.chain.search import index
from khlong.chain.things import Values, hold, keep_thing, set_visibility
from khlong.deliberation.models import Answer, Outcome, Suggestion
from khlong.people.policy import Verb
from khlong.pilots import files
from khlong.pilots.models import (
    Change,
    Expense,
    ExpenseState,
    Lesson,
    MoneyLine,
    OfPilot,
    Pilot,
    PilotActivity,
    PilotState,
    Value,
    WorkStep,
)
from khlong.places.actions import keep_part
from khlong.record.actions import Act, action
from khlong.record.errors import Refused
from khlong.record.limits import EDITS
from khlong.strategy.models import Item, ItemKind

P = TypeVar("P", bound=OfPilot)
Links = Mapping[str, Iterable[models.Model]]
PLANNED = ("aim_th", "community", "run_by", "starts_on", "ends_on")
"""What was agreed when a pilot began; while it runs, a change of these needs a reason and is told."""
NEEDS_WHY = _("The pilot runs already. Say why its plan changes; everybody reads it among the changes.")


@action("pilots.pilot.save", limit=EDITS)
def save_pilot(
    act: Act,
    pilot: Pilot,
    values: Values,
    *,
    links: Links | None = None,
    base: int | None = None,
    why: str = "",
) -> Pilot:
    """Add or change a pilot. Its measures, and what was suggested of them and accepted, become its upstream.

    Raises Refused, ValidationError (also for a changed plan of a running pilot without a reason), EditConflict.
    """
    links = {name: list(rows) for name, rows in (links or {}).items()}
    act.require(Verb.ADD if pilot.node._state.adding else Verb.CHANGE, pilot)
    _of_this_city(pilot, values, links)
    told = _told_change(pilot, values, why)
    kept = keep_thing(act, pilot, values, links=links, base=base, why=why)
    if told:
        _tell(act, kept, told, why)
    if "measures" in links:
        _link_measures(act, kept, [row for row in links["measures"] if isinstance(row, Item)])
    return kept


def _of_this_city(pilot: Pilot, values: Values, links: Links) -> None:
    """A pilot is made of its own city's measures, in its own communities. Raises ValidationError."""
    space, wrong = pilot.node.space_id, {}
    for item in links.get("measures", []):
        if not isinstance(item, Item) or item.kind != ItemKind.MEASURE or item.space_id != space:
            wrong["measures"] = _("Choose measures of this city's plan.")
    for indicator in links.get("indicators", []):
        of = getattr(indicator, "node", None)
        if of is None or (of.space_id != space and getattr(indicator, "city_id", None) is not None):
            wrong["indicators"] = _("Choose indicators of this city, or of the programme.")
    community = values.get("community")
    if community is not None and community.space_id != space:
        wrong["community"] = _("Choose a community of this city.")
    if wrong:
        raise ValidationError(wrong)


def _told_change(pilot: Pilot, values: Values, why: str) -> list[str]:
    """Which parts of the plan change while the pilot runs, in words. Raises ValidationError without a reason."""
    if pilot.node._state.adding:
        return []
    stands = Pilot.objects.select_related("community", "run_by").get(pk=pilot.pk)
    if stands.state != PilotState.RUNNING:
        return []
    names = [name for name in PLANNED if name in values and getattr(stands, name) != values[name]]
    if names and not why.strip():
        raise ValidationError({"why": NEEDS_WHY})
    return [str(Pilot._meta.get_field(name).verbose_name) for name in names]  # type: ignore[union-attr]


def _tell(act: Act, pilot: Pilot, what: Iterable[str], why: str) -> Change:
    row = Change(
        pilot=pilot, what=", ".join(what)[:300], why=why, on=timezone.localdate(), by=act.actor.label
    )
    row.save(force_insert=True)
    return row


def _link_measures(act: Act, pilot: Pilot, measures: list[Item]) -> None:
    """Bring the edges from measures in step with those that the pilot tries."""
    wanted = {item.pk: item for item in measures}
    standing = Edge.objects.filter(down=pilot.pk, kind=EdgeKind.LEADS_TO, up__kind=Kind.MEASURE)
    found = {edge.up_id: edge for edge in standing.select_related("up", "down")}
    for key, edge in found.items():
        if key not in wanted:
            unlink(act.actor, edge)
    new = [item for key, item in wanted.items() if key not in found]
    for item in new:
        link(act.actor, item.node, pilot.node, EdgeKind.LEADS_TO)
    for node in accepted_suggestions(new):
        link(act.actor, node, pilot.node, EdgeKind.LEADS_TO)


def accepted_suggestions(measures: Iterable[Item]) -> list[Node]:
    """What was suggested of these measures and accepted, in whole or in part; one query."""
    last = Answer.objects.filter(suggestion=OuterRef("pk")).order_by("-number").values("outcome")[:1]
    rows = Suggestion.objects.filter(item__in=list(measures)).annotate(last=Subquery(last))
    rows = rows.filter(last__in=(Outcome.ACCEPTED, Outcome.PART)).select_related("node__space")
    return [row.node for row in rows.order_by("node__ref")]


@action("pilots.pilot.publish")
def publish_pilot(act: Act, pilot: Pilot) -> None:
    """Let everybody read a pilot with its sums, photos and values. Single expenses stay with the working group."""
    _show(act, pilot, Visibility.PUBLIC)


@action("pilots.pilot.withdraw")
def withdraw_pilot(act: Act, pilot: Pilot) -> None:
    """Take a pilot, its photos and its values back to the working group."""
    _show(act, pilot, Visibility.MEMBERS)


def _show(act: Act, pilot: Pilot, visibility: Visibility) -> None:
    set_visibility(act, pilot, visibility)
    values = Value.objects.filter(pilot=pilot)
    if visibility == Visibility.PUBLIC:
        values = values.filter(indicator__node__visibility=Visibility.PUBLIC)
    keys = list(values.values_list("pk", flat=True))
    Node.objects.filter(pk__in=keys).update(visibility=visibility)
    index(*keys)
    photos = PilotActivity.objects.filter(pilot=pilot).select_related("before", "after")
    files.show_photos(act.actor, [file for row in photos for file in (row.before, row.after)])


# --- what stands in a pilot ------------------------------------------------------------------------


@action("pilots.step.save", limit=EDITS)
def save_step(act: Act, step: WorkStep, values: Values) -> WorkStep:
    """Add or change a step of the work. Raises Refused, ValidationError."""
    return _keep(act, step, values)


@action("pilots.step.remove")
def remove_step(act: Act, step: WorkStep) -> None:
    """Take a step away that was entered by mistake."""
    _remove(act, step)


@action("pilots.line.save", limit=EDITS)
def save_line(act: Act, line: MoneyLine, values: Values, *, why: str = "") -> MoneyLine:
    """Add or change a line of the budget. While the pilot runs, a changed amount needs a reason.

    Raises Refused, ValidationError, also where more is approved already than the line would hold.
    """
    amount = values.get("satang", line.satang)
    if not line._state.adding:
        act.require(Verb.CHANGE, line.pilot)
        hold(line.pilot)
        _leaves_room(line, amount)
    changes = not line._state.adding and MoneyLine.objects.get(pk=line.pk).satang != amount
    told = changes and line.pilot.state == PilotState.RUNNING
    if told and not why.strip():
        raise ValidationError({"why": NEEDS_WHY})
    kept = _keep(act, line, values)
    if told:
        _tell(act, line.pilot, [f"{MoneyLine._meta.verbose_name}: {kept.text_th}"], why)
    return kept


def _leaves_room(line: MoneyLine, amount: int | None) -> None:
    spent = line.expenses.filter(state=ExpenseState.APPROVED).aggregate(n=Sum("satang"))["n"] or 0
    if amount is not None and amount < spent and amount < MoneyLine.objects.get(pk=line.pk).satang:
        raise ValidationError({"satang": _("More than this is approved already on this line.")})


@action("pilots.line.remove")
def remove_line(act: Act, line: MoneyLine) -> None:
    """Take a line away on which nothing was entered. Raises Refused."""
    act.require(Verb.CHANGE, line.pilot)
    if line.expenses.exists():
        raise Refused(_("Expenses stand on this line. Set its amount instead; they stay."))
    _remove(act, line)


@action("pilots.activity.save", limit=EDITS)
def save_activity(act: Act, row: PilotActivity, values: Values) -> PilotActivity:
    """Add or change an activity with its photos before and after. Raises Refused, ValidationError."""
    act.require(Verb.CHANGE, row.pilot)
    old = [] if row._state.adding else [row.before, row.after]
    for name in ("before", "after"):
        files.own(act.actor, values.get(name), row.pilot.space_id, name)
    _describes_photos({**{name: getattr(row, name) for name in _PHOTO_WORDS}, **values})
    if (meeting := values.get("meeting")) is not None and meeting.space_id != row.pilot.space_id:
        _require_city_of(meeting, row.pilot)
    kept = _keep(act, row, values)
    files.show_photos(act.actor, [*old, kept.before, kept.after])
    return kept


_PHOTO_WORDS = ("before", "before_alt", "after", "after_alt")


def _describes_photos(now: Mapping[str, Any]) -> None:
    wrong = {
        f"{name}_alt": _("Write in one sentence what this photo shows.")
        for name in ("before", "after")
        if now[name] is not None and not str(now[f"{name}_alt"]).strip()
    }
    if wrong:
        raise ValidationError(wrong)


def _require_city_of(meeting: models.Model, pilot: Pilot) -> None:
    """A meeting of the programme counts where this city took part in it."""
    cities: Any = meeting.cities  # type: ignore[attr-defined]
    if not cities.filter(pk=pilot.city_id).exists():
        raise ValidationError({"meeting": _("Choose a meeting of this city.")})


@action("pilots.activity.remove")
def remove_activity(act: Act, row: PilotActivity) -> None:
    """Take an activity away that was entered by mistake; its photos are shown no more."""
    photos = [row.before, row.after]
    _remove(act, row)
    files.show_photos(act.actor, photos)


@action("pilots.change.save", limit=EDITS)
def save_change(act: Act, row: Change, values: Values) -> Change:
    """Note a change of the plan with its reason, or put one right. Raises Refused, ValidationError."""
    if row._state.adding:
        row.by = act.actor.label
    return _keep(act, row, values)


@action("pilots.lesson.save", limit=EDITS)
def save_lesson(act: Act, row: Lesson, values: Values) -> Lesson:
    """Note what was learned, or put it right. Raises Refused, ValidationError."""
    return _keep(act, row, values)


@action("pilots.lesson.remove")
def remove_lesson(act: Act, row: Lesson) -> None:
    """Take a lesson away that was entered by mistake."""
    _remove(act, row)


def _keep(act: Act, row: P, values: Values) -> P:
    return keep_part(act, row, values, of=row.pilot)


def _remove(act: Act, row: OfPilot) -> None:
    act.require(Verb.CHANGE, row.pilot)
    act.note(row, fields=["removed"])
    row.delete()


def spent_on(line: MoneyLine) -> int:
    """Satang approved on a line so far."""
    found = Expense.objects.filter(line=line, state=ExpenseState.APPROVED).aggregate(n=Sum("satang"))["n"]
    return int(found or 0)

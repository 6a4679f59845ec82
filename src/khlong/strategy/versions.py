"""A version goes to those who are asked, and is adopted: draft, for review, adopted, replaced by a newer one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.chain.actions import link
from khlong.chain.models import EdgeKind
from khlong.chain.things import hold
from khlong.network.models import Meeting
from khlong.people.policy import Verb
from khlong.record.actions import Act, action
from khlong.record.errors import Refused
from khlong.strategy.models import Plan, PlanStatus, Version, VersionState


@dataclass(frozen=True)
class Adoption:
    """How a version was adopted: on which day, in which meeting if one is kept here, and what was decided."""

    day: date | None
    note: str
    meeting: Meeting | None = None


@action("strategy.version.open_review")
def open_review(act: Act, version: Version) -> Version:
    """Take suggestions to the newest version of a plan. Raises Refused when it is adopted or a newer one stands."""
    act.require(Verb.CHANGE, version)
    fresh = _held(version)
    if fresh.state == VersionState.REVIEW:
        act.nothing()
        return fresh
    if fresh.state != VersionState.DRAFT:
        raise Refused(_("Only a draft is opened for suggestions. Change the plan and make the next version."))
    _require_newest(fresh)
    fresh.plan.versions.filter(state=VersionState.REVIEW).update(state=VersionState.REPLACED)
    return _set(act, fresh, VersionState.REVIEW, fields=["state"])


@action("strategy.version.close_review")
def close_review(act: Act, version: Version) -> Version:
    """Make a version that was open for suggestions a draft again. Raises Refused."""
    act.require(Verb.CHANGE, version)
    fresh = _held(version)
    if fresh.state != VersionState.REVIEW:
        raise Refused(_("This version is not open for suggestions."))
    return _set(act, fresh, VersionState.DRAFT, fields=["state"])


@action("strategy.version.adopt")
def adopt(act: Act, version: Version, how: Adoption) -> Version:
    """Say that the newest version of a plan was adopted; the one adopted before is replaced.

    Raises Refused when a newer version stands or a guard of another room holds it back (answers that are owed),
    and ValidationError by field when day or note are missing or the meeting is of another city.
    """
    act.require(Verb.CHANGE, version)
    fresh = _held(version)
    if fresh.state == VersionState.ADOPTED:
        act.nothing()
        return fresh
    _require_newest(fresh)
    _check(fresh, how)
    others = fresh.plan.versions.filter(state__in=[VersionState.ADOPTED, VersionState.REVIEW])
    others.exclude(pk=fresh.pk).update(state=VersionState.REPLACED)
    fresh.adopted_on, fresh.adoption_note, fresh.adopted_in = how.day, how.note.strip(), how.meeting
    fields = ["state", "adopted_on", "adoption_note", "adopted_in"]
    _set(act, fresh, VersionState.ADOPTED, fields=fields)
    if how.meeting is not None:
        plan, across = fresh.plan.node, how.meeting.space_id != fresh.space_id
        link(act.actor, how.meeting.node, plan, EdgeKind.LEADS_TO, across=across, version=fresh.ref)
    return fresh


def _held(version: Version) -> Version:
    """The version as it stands, its plan held until the transaction ends."""
    hold(version.plan)
    return Version.objects.select_related("plan__node__space").get(pk=version.pk)


def _require_newest(version: Version) -> None:
    newer = version.plan.versions.filter(number__gt=version.number).order_by("-number").first()
    if newer is not None:
        raise Refused(_("Version %(number)s is newer. Take that one.") % {"number": newer.number})


def _check(version: Version, how: Adoption) -> None:
    found = {}
    if how.day is None:
        found["day"] = _("Write the day on which it was adopted.")
    elif how.day > timezone.localdate():
        found["day"] = _("This day is still to come. Enter the adoption when it has happened.")
    if not how.note.strip():
        found["note"] = _("Write who decided, and in which words.")
    if how.meeting is not None and not _may_decide(how.meeting, version):
        found["meeting"] = _(
            "This meeting belongs to another city. Choose one of this city or of the programme."
        )
    if found:
        raise ValidationError(found)


def _may_decide(meeting: Meeting, version: Version) -> bool:
    here = meeting.space_id == version.space_id
    return here or meeting.cities.filter(pk=version.plan.city_id).exists()


def _set(act: Act, version: Version, state: VersionState, *, fields: list[str]) -> Version:
    version.state = state
    version.save(update_fields=fields)
    act.note(version, fields=fields)
    act.fact(f"strategy.version.{state}", version, {"number": version.number})
    settle(act, version.plan)
    return version


def settle(act: Act, plan: Plan) -> None:
    """Give a plan the state of its versions: open for suggestions before adopted, and that before draft."""
    states = set(plan.versions.values_list("state", flat=True))
    ranked = {VersionState.REVIEW: PlanStatus.REVIEW, VersionState.ADOPTED: PlanStatus.ADOPTED}
    status = next((status for state, status in ranked.items() if state in states), PlanStatus.DRAFT)
    if plan.status != status:
        Plan.objects.filter(pk=plan.pk).update(status=status)
        plan.status = status
        act.note(plan, fields=["status"])

"""What people do with related topics and reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from khlong.chain.actions import link, unlink
from khlong.chain.models import Edge, EdgeKind, Kind, Visibility
from khlong.chain.things import Values, keep_thing, set_visibility
from khlong.journal import photos, similar
from khlong.journal.models import Report, Topic
from khlong.people.policy import Verb
from khlong.record.actions import Act, action
from khlong.record.filed import MEMBERS
from khlong.record.files import PUBLIC, File, show_file

Links = Mapping[str, Iterable[models.Model]]


@action("journal.topic.save")
def save_topic(act: Act, topic: Topic, values: Values, *, base: int | None = None, why: str = "") -> Topic:
    """Add or change a related topic. Raises Refused, ValidationError, EditConflict."""
    kept = keep_thing(act, topic, values, base=base, why=why)
    similar.compare(kept.node)
    return kept


@action("journal.report.save")
def save_report(
    act: Act,
    report: Report,
    values: Values,
    *,
    links: Links | None = None,
    base: int | None = None,
    why: str = "",
) -> Report:
    """Add or change a report. A new one is a draft unless its node says otherwise.

    Raises Refused, ValidationError, EditConflict.
    """
    act.require(Verb.ADD if report.node._state.adding else Verb.CHANGE, report)
    files = photos.checked(act.actor, report, values["photos"]) if "photos" in values else None
    if report.node.visibility == Visibility.PUBLIC:
        _require_fit(report, values)
    kept = keep_thing(act, report, values, links=links, base=base, why=why)
    if files is not None:
        _use(act, kept, files)
    _link_meeting(act, kept)
    similar.compare(kept.node)
    return kept


def _use(act: Act, report: Report, files: list[File]) -> None:
    """Bring the files that a report uses, and who may see them, in step with its photos."""
    before = set(report.files.all())
    report.files.set(files)
    for file in before | set(files):
        _show(act, file)


def _show(act: Act, file: File) -> None:
    """A photo is public while a public report shows it."""
    public = Report.objects.filter(files=file, node__visibility=Visibility.PUBLIC).exists()
    show_file(act.actor, file, PUBLIC if public else MEMBERS)


def _require_fit(report: Report, values: Values) -> None:
    """What a report must have before everybody sees it. Raises ValidationError by field."""
    now = {
        name: values.get(name, getattr(report, name)) for name in ("date", "text_th", "photos", "shown_agree")
    }
    wrong: dict[str, Any] = {}
    if not now["date"]:
        wrong["date"] = _("Say when it was, before everybody sees it.")
    if not str(now["text_th"]).strip():
        wrong["text_th"] = _("Write what happened, before everybody sees it.")
    if now["photos"] and not now["shown_agree"]:
        wrong["shown_agree"] = _("Ask the people in the photos first, or take those photos out.")
    if wrong:
        raise ValidationError(wrong)


def _link_meeting(act: Act, report: Report) -> None:
    """A report follows from the meeting it reports on."""
    standing = Edge.objects.filter(
        down=report.pk, kind=EdgeKind.LEADS_TO, up__kind=Kind.MEETING
    ).select_related("up", "down")
    for edge in standing:
        if edge.up_id != report.meeting_id:
            unlink(act.actor, edge)
    if report.meeting is not None and not any(edge.up_id == report.meeting_id for edge in standing):
        link(act.actor, report.meeting.node, report.node, EdgeKind.LEADS_TO, across=True)


@action("journal.report.publish")
def publish_report(act: Act, report: Report) -> None:
    """Let everybody read a report and see its photos. Raises ValidationError where something is missing."""
    act.require(Verb.PUBLISH, report)
    photos.checked(act.actor, report, report.photos)
    _require_fit(report, {})
    _set(act, report, Visibility.PUBLIC)


@action("journal.report.withdraw")
def withdraw_report(act: Act, report: Report) -> None:
    """Take a report and its photos back to the working group."""
    _set(act, report, Visibility.MEMBERS)


def _set(act: Act, report: Report, visibility: Visibility) -> None:
    set_visibility(act, report, visibility)
    report.save(update_fields=["updated_at"])
    for file in report.files.all():
        _show(act, file)


@action("journal.related.set")
def set_related(act: Act, thing: Report | Topic, others: list[Any]) -> None:
    """Set by hand what stands beside a page, in this order; what is not named falls back to the comparing."""
    act.require(Verb.CHANGE, thing)
    if similar.set_by_hand(thing.node, others):
        act.note(thing, fields=["related"])
    else:
        act.nothing()

"""What people do with events and findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.assessment import papers, whys
from khlong.assessment.models import Cause, Event, Finding, FindingFile
from khlong.chain.actions import link, unlink
from khlong.chain.models import Edge, EdgeKind, Kind, Node, Visibility
from khlong.chain.search import index
from khlong.chain.things import Values, keep_thing, set_visibility
from khlong.network.models import Meeting
from khlong.people.policy import Verb, scope
from khlong.record.actions import Act, action
from khlong.record.errors import Refused
from khlong.record.filed import MEMBERS, PUBLIC, File
from khlong.record.files import show_file
from khlong.record.limits import EDITS

Links = Mapping[str, Iterable[models.Model]]
EVIDENCE = (Kind.STATEMENT, Kind.FACT, Kind.EVENT, Kind.MEETING)
"""What a finding may rest on, besides its own documents and photos."""
SAYS = ("statement_th", "statement_en", "chain", "hazard", "community", "zone")
"""What was checked when a finding was checked; whoever changes it takes the check back."""


@dataclass(frozen=True)
class Ground:
    """How the evidence of a finding changes: what is linked, what although it belongs to another city, and the links
    that end.
    """

    evidence: Sequence[Node] = ()
    across: Sequence[Node] = ()
    let_go: Sequence[Edge] = ()


@action("assessment.event.save")
def save_event(
    act: Act,
    event: Event,
    values: Values,
    *,
    links: Links | None = None,
    base: int | None = None,
    why: str = "",
) -> Event:
    """Add or change an event. Raises Refused, ValidationError, EditConflict."""
    return keep_thing(act, event, values, links=links, base=base, why=why)


# --- findings -----------------------------------------------------------------------------


@action("assessment.finding.save", limit=EDITS)
def save_finding(
    act: Act,
    finding: Finding,
    values: Values,
    *,
    links: Links | None = None,
    ground: Ground | None = None,
    sure: bool = False,
    base: int | None = None,
    why: str = "",
) -> Finding:
    """Add or change a finding, with its why, its papers and what it rests on, all at once or nothing.

    `values` may hold the fields, `chain` (a list of steps as `Cause.plain` gives them) and `papers` (rows as
    `FindingFile.plain` gives them). Changing what a checked finding says needs `sure`, and takes the check back.

    Raises Refused, EditConflict, and ValidationError by field: those of the model, chain, papers, evidence, sure.
    """
    adding = finding.node._state.adding
    act.require(Verb.ADD if adding else Verb.CHANGE, finding)
    values = dict(values)
    if "chain" in values:
        values["chain"] = whys.checked(values["chain"])
    files = papers.checked(act.actor, finding, values["papers"]) if "papers" in values else None
    _check_place(finding, values, links or {})
    ground = ground or Ground()
    _check_evidence(finding, ground)
    values |= _unchecked(finding, values, sure=sure)
    kept = keep_thing(act, finding, values, links=links, base=base, why=why)
    if "chain" in values:
        _keep_chain(kept, values["chain"])
    if files is not None:
        _keep_papers(act, kept, values["papers"], files)
    _link(act, kept, ground)
    if ground.let_go or files is not None:
        _require_ground(kept, ground.let_go)
    for edge in ground.let_go:
        unlink(act.actor, edge)
    index(kept.node.pk)
    return kept


def _link(act: Act, finding: Finding, ground: Ground) -> None:
    for node in ground.evidence:
        link(act.actor, node, finding.node, EdgeKind.RESTS_ON)
    for node in ground.across:
        link(act.actor, node, finding.node, EdgeKind.RESTS_ON, across=True)


def _check_place(finding: Finding, values: dict[str, Any], links: Links) -> None:
    """City, community, zone and groups belong together. Raises ValidationError by field."""
    city = values.get("city") or (finding.city_id and finding.city)
    if not city:
        raise ValidationError({"city": _("A finding belongs to a city.")})
    if city.pk != finding.node.space_id:
        raise Refused(_("A finding of one city cannot be kept by another."))
    community = values.get("community", finding.community)
    zone = values.get("zone", finding.zone)
    wrong: dict[str, Any] = {}
    if community is not None and community.city_id != city.pk:
        wrong["community"] = _("This community belongs to another city.")
    if zone is not None:
        if community is None:
            community = values["community"] = zone.community
        if zone.community_id != community.pk:
            wrong["zone"] = _("This zone belongs to another community.")
    if any(getattr(group, "city_id", None) != city.pk for group in links.get("groups", ())):
        wrong["groups"] = _("This group belongs to another city.")
    if not str(values.get("statement_th", finding.statement_th)).strip():
        wrong["statement_th"] = _("Write in one sentence what was found.")
    if wrong:
        raise ValidationError(wrong)


def _check_evidence(finding: Finding, ground: Ground) -> None:
    for node in (*ground.evidence, *ground.across):
        _require_kind(node)
    for node in ground.evidence:
        foreign = node.space_id != finding.node.space_id
        if foreign and not (node.space is not None and node.space.kind == Kind.PROGRAMME):
            words = _(
                "%(ref)s belongs to another city. Say that the link goes across cities, or leave it out."
            )
            raise ValidationError({"evidence": words % {"ref": node.ref}})


def _require_kind(node: Node) -> None:
    if node.kind not in EVIDENCE:
        words = _(
            "%(ref)s is no evidence: a finding rests on what households said, facts, events and meetings."
        )
        raise ValidationError({"evidence": words % {"ref": node.ref}})


def _unchecked(finding: Finding, values: Values, *, sure: bool) -> dict[str, Any]:
    """What takes the check back when a checked finding says something else. Raises ValidationError at sure."""
    if finding.node._state.adding or not finding.is_checked:
        return {}
    if not any(name in values and values[name] != getattr(finding, name) for name in SAYS):
        return {}
    if not sure:
        words = _(
            "The finding was checked with the words that it has now. Changing them takes the check back."
        )
        raise ValidationError({"sure": words})
    return {"validated_in": None, "validated_on": None}


def _keep_chain(finding: Finding, chain: list[dict[str, Any]]) -> None:
    """Write the steps of the why anew, each under the one that it explains."""
    Cause.objects.filter(finding=finding).delete()
    rows: list[Cause] = []
    for order, step in enumerate(chain):
        row = Cause(finding=finding, text_th=step["th"], text_en=step["en"], order=order)
        row.underlying = step["underlying"]
        rows.append(row)
    Cause.objects.bulk_create(rows)
    made = list(Cause.objects.filter(finding=finding).order_by("order"))
    for row, step in zip(made, chain, strict=True):
        row.explains = made[step["explains"]] if step["explains"] is not None else None
    Cause.objects.bulk_update([row for row in made if row.explains_id], ["explains"])


def _keep_papers(act: Act, finding: Finding, rows: list[dict[str, str]], files: list[File]) -> None:
    before = [row.file for row in FindingFile.objects.filter(finding=finding).select_related("file")]
    FindingFile.objects.filter(finding=finding).delete()
    FindingFile.objects.bulk_create(
        FindingFile(finding=finding, file=file, order=order, **papers.words_of(row))
        for order, (row, file) in enumerate(zip(rows, files, strict=True))
    )
    for file in {*before, *files}:
        _show_file(act, file)


def _show_file(act: Act, file: File) -> None:
    """A paper is public while a public finding rests on it."""
    seen = FindingFile.objects.filter(file=file, finding__node__visibility=Visibility.PUBLIC).exists()
    show_file(act.actor, file, PUBLIC if seen else MEMBERS)


# --- checking -----------------------------------------------------------------------------


def has_ground(finding: Finding, without: Iterable[Edge] = ()) -> bool:
    """Whether anything that was not taken back is evidence for it, besides these links."""
    edges = Edge.objects.filter(down=finding.pk, kind=EdgeKind.RESTS_ON, up__statement__erased_on=None)
    return edges.exclude(pk__in=[edge.pk for edge in without]).exists() or finding.files.exists()


def _require_ground(finding: Finding, without: Iterable[Edge]) -> None:
    if finding.is_checked and not has_ground(finding, without):
        raise ValidationError(
            {"evidence": _("A checked finding cannot be left without evidence. Take the check back first.")}
        )


@action("assessment.finding.validate")
def validate_finding(act: Act, finding: Finding, meeting: Meeting, day: date) -> Finding:
    """Note that a meeting checked the finding together. Raises Refused, and ValidationError at meeting and day."""
    act.require(Verb.CHANGE, finding)
    if not finding.causes.filter(underlying=True).exists():
        raise Refused(_("Write why it is so, down to an underlying cause, before it is checked."))
    if not has_ground(finding):
        raise Refused(_("Link the evidence that it rests on before it is checked."))
    if not scope(act.actor, Meeting.objects.filter(pk=meeting.pk)).exists():
        raise Refused
    of_city = (
        meeting.node.space_id == finding.node.space_id or meeting.cities.filter(pk=finding.city_id).exists()
    )
    if not of_city:
        raise ValidationError({"meeting": _("This meeting was not one of the city.")})
    if day > timezone.localdate():
        raise ValidationError({"day": _("Give the day on which it was checked, not one to come.")})
    if meeting.date is not None and not meeting.date.start <= day <= meeting.date.end:
        raise ValidationError({"day": _("The meeting was not on this day. Look at its page.")})
    return keep_thing(act, finding, {"validated_in": meeting, "validated_on": day})


@action("assessment.finding.unvalidate")
def unvalidate_finding(act: Act, finding: Finding, reason: str) -> Finding:
    """Take the check of a finding back. Raises Refused, and ValidationError at reason."""
    act.require(Verb.CHANGE, finding)
    if not finding.is_checked:
        raise Refused(_("This finding is not checked."))
    if not reason.strip():
        raise ValidationError({"reason": _("Write why the check no longer holds.")})
    return keep_thing(act, finding, {"validated_in": None, "validated_on": None}, why=reason.strip()[:300])


# --- who sees it --------------------------------------------------------------------------


@action("assessment.finding.publish")
def publish_finding(act: Act, finding: Finding) -> None:
    """Let everybody read a finding and see its papers."""
    _set(act, finding, Visibility.PUBLIC)


@action("assessment.finding.withdraw")
def withdraw_finding(act: Act, finding: Finding, *, sure: bool = False) -> None:
    """Take a finding back to the working group. Raises Refused where public things rest on it, unless `sure`."""
    act.require(Verb.PUBLISH, finding)
    resting = list(public_below(finding))
    if resting and not sure:
        words = _("Public things rest on this finding: %(refs)s. Readers would no longer see their ground.")
        raise Refused(words % {"refs": ", ".join(node.ref for node in resting)})
    _set(act, finding, Visibility.MEMBERS)


def public_below(finding: Finding) -> models.QuerySet[Node]:
    """What everybody sees that rests on a finding."""
    rows = Node.objects.filter(upstream__up=finding.node, visibility=Visibility.PUBLIC)
    return rows.select_related("space").order_by("ref").distinct()


def _set(act: Act, finding: Finding, visibility: Visibility) -> None:
    set_visibility(act, finding, visibility)
    finding.save(update_fields=["updated_at"])
    for row in finding.files.select_related("file"):
        _show_file(act, row.file)

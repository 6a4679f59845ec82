"""Values of indicators: computed from records by a rule, or entered with evidence; each change is a revision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.chain.actions import link, unlink
from khlong.chain.models import Edge, EdgeKind, Kind, Node, Visibility
from khlong.chain.policies import can_node
from khlong.chain.things import Values, keep_thing, new_thing
from khlong.people.policy import Verb
from khlong.pilots import files
from khlong.pilots.models import Pilot, Value
from khlong.record.actions import Act, action
from khlong.record.errors import Refused
from khlong.record.limits import EDITS
from khlong.strategy.models import Indicator
from khlong.strategy.values import Computed, provider_of
from khlong.thai.spans import BE_OFFSET

EVIDENCE_KINDS = (Kind.MEETING, Kind.REPORT)


def new_value(indicator: Indicator, pilot: Pilot | None = None) -> Value:
    """An unsaved value, where its pilot is or else its indicator; as public as both of them."""
    above = [thing.node for thing in (pilot, indicator) if thing is not None]
    public = all(node.visibility == Visibility.PUBLIC for node in above)
    visibility = Visibility.PUBLIC if public else Visibility.MEMBERS
    made = new_thing(
        Value, Kind.VALUE, space=above[0].space, visibility=visibility, is_example=above[0].is_example
    )
    made.indicator, made.pilot = indicator, pilot
    return made


@action("pilots.value.save", limit=EDITS)
def save_value(act: Act, value: Value, values: Values, *, base: int | None = None, why: str = "") -> Value:
    """Enter a value with its evidence, or change one that was entered. Raises Refused, ValidationError, EditConflict.

    Evidence is a note in words, and with it a file or a meeting or report.
    """
    act.require(Verb.ADD if value.node._state.adding else Verb.CHANGE, value)
    if value.rule:
        raise Refused(_("This value is computed from records. Compute it again instead."))
    now = {name: values.get(name, getattr(value, name, None)) for name in FIELDS}
    _require_evidence(act, value, now)
    _require_time(now)
    _require_place(value, now)
    kept = keep_thing(act, value, values, base=base, why=why)
    _link(act, kept)
    return kept


FIELDS = (
    "indicator",
    "pilot",
    "period_from",
    "period_to",
    "evidence_note",
    "evidence_file",
    "evidence_node",
)


@action("pilots.value.compute", limit=EDITS)
def compute_value(
    act: Act,
    value: Value,
    values: Values | None = None,
    *,
    seen: Decimal | None = None,
    base: int | None = None,
    why: str = "",
) -> Value:
    """Compute a value by its indicator's rule and keep it as a new revision. `seen` is the number that was looked at.

    Raises Refused, ValidationError, EditConflict.
    """
    act.require(Verb.ADD if value.node._state.adding else Verb.CHANGE, value)
    given = dict(values or {})
    now: dict[str, Any] = {name: given.get(name, getattr(value, name, None)) for name in FIELDS}
    _require_time(now)
    _require_place(value, now)
    made = computed(now["indicator"], now["period_from"], now["period_to"])
    if seen is not None and seen != made.value:
        raise Refused(_("The records changed while you looked. Look at the new number."))
    given |= {"value": made.value, "rule": now["indicator"].rule, "inputs": dict(made.inputs)}
    kept = keep_thing(act, value, given, base=base, why=why)
    _link(act, kept)
    return kept


def computed(indicator: Indicator, begins: date, ends: date) -> Computed:
    """What the indicator's rule gives now. Raises Refused where there is no such rule, or no record speaks of it."""
    rule = provider_of(indicator)
    if rule is None:
        raise Refused(_("No rule computes this indicator. Enter its value with evidence."))
    made = rule.compute(indicator, begins, ends)
    if made is None:
        raise Refused(_("No record speaks of this indicator in the period."))
    return made


# --- what cannot stand -----------------------------------------------------------------------------


def _require_evidence(act: Act, value: Value, now: Mapping[str, Any]) -> None:
    wrong: dict[str, Any] = {}
    if not str(now["evidence_note"] or "").strip():
        wrong["evidence_note"] = _("Say in words what the number rests on.")
    if now["evidence_file"] is None and now["evidence_node"] is None:
        wrong["evidence_node"] = _("Add a file, or name the meeting or the report that shows the number.")
    node: Node | None = now["evidence_node"]
    if node is not None and not _is_evidence(act, value, node):
        wrong["evidence_node"] = _(
            "Name a meeting or a report of this city or of the programme, such as W-PTG-0003."
        )
    if wrong:
        raise ValidationError(wrong)
    files.own(act.actor, now["evidence_file"], value.node.space_id, "evidence_file")


def _is_evidence(act: Act, value: Value, node: Node) -> bool:
    if node.kind not in EVIDENCE_KINDS or not can_node(act.actor, Verb.VIEW, node):
        return False
    spaces = (node.space, value.node.space)
    programme = any(space is not None and space.kind == Kind.PROGRAMME for space in spaces)
    return programme or node.space_id == value.node.space_id


def _require_time(now: Mapping[str, Any]) -> None:
    """The period is over, and lies within the years of the indicator and of the pilot. Raises ValidationError."""
    begins, ends = now["period_from"], now["period_to"]
    wrong: dict[str, Any] = {}
    if begins is None:
        wrong["period_from"] = _("Write the first day of the period.")
    if ends is None:
        wrong["period_to"] = _("Write the last day of the period.")
    if not wrong:
        wrong = _out_of_time(now["indicator"], now["pilot"], begins, ends)
    if wrong:
        raise ValidationError(wrong)


def _out_of_time(indicator: Indicator, pilot: Pilot | None, begins: date, ends: date) -> dict[str, Any]:
    if ends < begins:
        return {"period_to": _("The period ends before it begins. Check the two dates.")}
    if ends > timezone.localdate():
        return {"period_to": _("The period is not over yet. End it today at the latest.")}
    first, last = years_of(indicator)
    if first is not None and begins < first:
        return {
            "period_from": _("The indicator begins with its baseline, in %(year)s BE.")
            % {"year": indicator.baseline_year}
        }
    if last is not None and ends > last:
        return {
            "period_to": _("The indicator ends with its target, in %(year)s BE.")
            % {"year": indicator.target_year}
        }
    if pilot is not None and pilot.starts_on and ends < pilot.starts_on:
        return {"period_to": _("The pilot had not begun then. Choose a later period.")}
    if pilot is not None and pilot.ends_on and begins > pilot.ends_on:
        return {"period_from": _("The pilot had ended by then. Choose an earlier period.")}
    return {}


def years_of(indicator: Indicator) -> tuple[date | None, date | None]:
    """The first and the last day for which an indicator has values: from the beginning of its baseline's fiscal year,
    on 1 October of the year before, to the end of its target's year.
    """
    first = date(indicator.baseline_year - BE_OFFSET - 1, 10, 1) if indicator.baseline_year else None
    last = date(indicator.target_year - BE_OFFSET, 12, 31) if indicator.target_year else None
    return first, last


def _require_place(value: Value, now: Mapping[str, Any]) -> None:
    """A value is of an indicator of its own city or of the programme, and of a pilot there. Raises ValidationError."""
    indicator, pilot, space = now["indicator"], now["pilot"], value.node.space_id
    if indicator is None or (indicator.space_id != space and indicator.city_id is not None):
        raise ValidationError({"indicator": _("Choose an indicator of this city, or of the programme.")})
    if pilot is not None and pilot.space_id != space:
        raise ValidationError({"pilot": _("Choose a pilot of this city.")})
    same = Value.objects.filter(
        indicator=indicator, pilot=pilot, period_from=now["period_from"], period_to=now["period_to"]
    )
    if same.exclude(pk=value.pk).exists():
        raise ValidationError(
            {"period_from": _("This period has a value already. Change that one, or choose another period.")}
        )


def _link(act: Act, value: Value) -> None:
    """Bring the edges into a value in step with its indicator, its pilot and its evidence."""
    wanted = {value.indicator.node: EdgeKind.LEADS_TO}
    if value.pilot is not None:
        wanted[value.pilot.node] = EdgeKind.LEADS_TO
    if value.evidence_node is not None:
        wanted[value.evidence_node] = EdgeKind.RESTS_ON
    ours = (*EVIDENCE_KINDS, Kind.PILOT, Kind.INDICATOR)
    standing = Edge.objects.filter(down=value.pk, up__kind__in=ours).select_related("up", "down")
    found = {edge.up_id: edge for edge in standing}
    keep = {node.pk for node in wanted}
    for key, edge in found.items():
        if key not in keep:
            unlink(act.actor, edge)
    for node, kind in wanted.items():
        if node.pk not in found:
            link(act.actor, node, value.node, kind, across=node.space_id != value.node.space_id)

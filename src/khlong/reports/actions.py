"""What the programme does with its logframe: results, lines, periods, and freezing a period for its report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.chain.actions import link
from khlong.chain.models import EdgeKind, Kind, Node
from khlong.chain.things import Values, hold, keep_thing
from khlong.people.policy import Verb, can
from khlong.places.actions import keep_part
from khlong.record.actions import Act, action
from khlong.record.errors import Refused
from khlong.record.limits import EDITS
from khlong.reports.models import FrozenValue, How, Line, Logframe, Period, Result
from khlong.reports.queries import lines_of
from khlong.reports.reckoning import is_share, reckon

FROZEN = _("This stands in a period that was frozen for a report, so it stays.")


@action("reports.logframe.save", limit=EDITS)
def save_logframe(
    act: Act, logframe: Logframe, values: Values, *, base: int | None = None, why: str = ""
) -> Logframe:
    """Begin the logframe of a programme or change its name. Raises Refused, ValidationError, EditConflict."""
    space = logframe.node.space
    if space is None or space.kind != Kind.PROGRAMME:
        raise Refused(_("A logframe belongs to a programme."))
    return keep_thing(act, logframe, values, base=base, why=why)


@action("reports.result.save", limit=EDITS)
def save_result(act: Act, result: Result, values: Values) -> Result:
    """Add or change a result. Raises Refused, ValidationError."""
    above = values.get("above")
    if above is not None and (above.logframe_id != result.logframe_id or above.level >= values["level"]):
        raise ValidationError(
            {"above": _("A result leads to one of a higher level of the same logframe. Choose another.")}
        )
    return keep_part(act, result, values, of=result.logframe)


@action("reports.result.remove")
def remove_result(act: Act, result: Result) -> None:
    """Take away a result on which nothing rests. Raises Refused."""
    act.require(Verb.CHANGE, result)
    if result.lines.exists() or result.below.exists():
        raise Refused(_("Indicators or other results hang on this one. Remove those first."))
    act.note(result, fields=["removed"])
    result.delete()


@action("reports.line.save", limit=EDITS)
def save_line(
    act: Act, line: Line, values: Values, *, links: Mapping[str, Iterable[models.Model]] | None = None
) -> Line:
    """Add or change an indicator of a result. Raises Refused, and ValidationError at indicator, from_cities, how."""
    act.require(Verb.CHANGE, line)
    others: list[Any] = list((links or {}).get("from_cities", []))
    indicator = values.get("indicator") or line.indicator
    _require_seen(act, line, [indicator, *others])
    _check_line(line, indicator, others, str(values.get("how", line.how)))
    kept = keep_part(act, line, values, of=line.result.logframe)
    if links is not None and set(kept.from_cities.all()) != set(others):
        kept.from_cities.set(others)
        act.note(kept, fields=["from_cities"])
    return kept


def _require_seen(act: Act, line: Line, indicators: list[Any]) -> None:
    """An indicator that the actor may not see is no other than one that is not there; what stands, stays."""
    stands = line.standing()
    if any(one.pk not in stands and not can(act.actor, Verb.VIEW, one) for one in indicators):
        raise ValidationError({"indicator": _("Choose an indicator of the list.")})


def _check_line(line: Line, indicator: Any, others: list[Any], how: str) -> None:
    programme = line.result.logframe.node.space_id
    wrong: dict[str, Any] = {}
    if indicator.space_id != programme and indicator.city is None:
        wrong["indicator"] = _("This indicator belongs to another programme.")
    if others and how == How.SUM and any(map(is_share, [indicator, *others])):
        wrong["how"] = _("Shares of several cities cannot be added up. Take the latest, or count numbers.")
    units = {one.unit_th for one in (indicator, *others)}
    if others and how == How.SUM and len(units) > 1:
        wrong["from_cities"] = _("These count in different units: %(units)s. Only the same unit adds up.") % {
            "units": ", ".join(sorted(units))
        }
    if wrong:
        raise ValidationError(wrong)


@action("reports.line.remove")
def remove_line(act: Act, line: Line) -> None:
    """Take away an indicator that was never frozen. Raises Refused."""
    act.require(Verb.CHANGE, line)
    if line.frozen.exists():
        raise Refused(FROZEN)
    act.note(line, fields=["removed"])
    line.delete()


@action("reports.period.save", limit=EDITS)
def save_period(act: Act, period: Period, values: Values) -> Period:
    """Add a reporting period or change it while it is not frozen. Raises Refused, ValidationError."""
    act.require(Verb.CHANGE, period)
    if period.frozen_at is not None:
        raise Refused(FROZEN)
    begins, ends = values.get("begins", period.begins), values.get("ends", period.ends)
    others = Period.objects.filter(logframe=period.logframe).exclude(pk=period.pk)
    if begins and ends and (met := others.filter(begins__lte=ends, ends__gte=begins).first()) is not None:
        words = _("These days lie in the period %(name)s already. Periods follow one another.")
        raise ValidationError({"begins": words % {"name": met.name}})
    return keep_part(act, period, values, of=period.logframe)


@action("reports.period.remove")
def remove_period(act: Act, period: Period) -> None:
    """Take away a period that was not frozen. Raises Refused."""
    act.require(Verb.CHANGE, period)
    if period.frozen_at is not None:
        raise Refused(FROZEN)
    act.note(period, fields=["removed"])
    period.delete()


@action("reports.period.freeze")
def freeze_period(act: Act, period: Period) -> Period:
    """Keep the value of every line as it is now, with what it was made of. It is never changed afterwards.

    Raises Refused for a period that is not over, is frozen already, or has no line.
    """
    act.require(Verb.CHANGE, period)
    hold(period.logframe)
    standing = Period.objects.select_related("logframe__node").get(pk=period.pk)
    if standing.frozen_at is not None:
        raise Refused(_("This period was frozen already. What was frozen is never changed."))
    if standing.ends > timezone.localdate():
        raise Refused(_("This period is not over yet. It can be frozen from the day after its last one."))
    lines = list(lines_of(standing.logframe))
    if not lines:
        raise Refused(_("The logframe has no indicators yet. Add them first."))
    found = reckon(lines, standing.begins, standing.ends)
    FrozenValue.objects.bulk_create(
        FrozenValue(
            period=standing,
            line=line,
            value=found[line.pk].value,
            inputs=found[line.pk].inputs,
            rule=found[line.pk].rule,
        )
        for line in lines
    )
    standing.frozen_at, standing.frozen_by = timezone.now(), act.actor.label
    standing.save(update_fields=["frozen_at", "frozen_by"])
    _link(act, standing, {value.node for one in found.values() for value in one.made_of})
    act.note(standing, fields=["frozen_at"])
    return standing


def _link(act: Act, period: Period, nodes: set[Node]) -> None:
    """Every value that was reported is evidence for the logframe."""
    down = period.logframe.node
    for node in sorted(nodes, key=lambda node: node.ref):
        link(act.actor, node, down, EdgeKind.RESTS_ON, across=node.space_id != down.space_id)

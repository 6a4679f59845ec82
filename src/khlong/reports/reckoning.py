"""The current value of each line of a logframe: which records it is made of, and by which rule."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from khlong.pilots.models import Value
from khlong.reports.models import How, Line
from khlong.strategy.models import Indicator

RULES = {
    How.SUM: "sum of the latest value of each indicator in the period",
    How.LATEST: "latest value in the period",
}
SHARES = ("ร้อยละ", "%", "per cent", "percent", "เปอร์เซ็นต์")


@dataclass(frozen=True)
class Reckoned:
    """A value, the kept values that it is made of, and the rule. Without any there is no value, which is not nought."""

    value: Decimal | None
    rule: str
    made_of: tuple[Value, ...] = field(default=())

    @property
    def inputs(self) -> dict[str, Any]:
        """What is frozen with it: references and counts, no rows of people."""
        values = [
            {
                "ref": value.node.ref,
                "value": format(value.value.normalize(), "f"),
                "from": value.period_from.isoformat(),
                "to": value.period_to.isoformat(),
            }
            for value in self.made_of
        ]
        spaces = {value.node.space_id for value in self.made_of}
        return {"values": values, "counts": {"values": len(values), "spaces": len(spaces)}}


def is_share(indicator: Indicator) -> bool:
    """Whether an indicator counts a share of something: shares of several cities do not add up."""
    words = f"{indicator.unit_th} {indicator.unit_en}".casefold()
    return any(mark in words for mark in SHARES)


def indicators_of(line: Line, cities: Collection[Any] | None = None) -> list[Indicator]:
    """The line's own indicator and those of the cities, all of them or only of `cities`."""
    others = line.from_cities.all() if line.how == How.SUM else []
    return [line.indicator, *(one for one in others if cities is None or one.city_id in cities)]


def reckon(
    lines: Iterable[Line], begins: date, ends: date, cities: Collection[Any] | None = None
) -> dict[int, Reckoned]:
    """The value of each line in a period, by its key; one query for all. Values whose period ends in it count."""
    asked = list(lines)
    wanted = {one.pk for line in asked for one in indicators_of(line, cities)}
    rows = Value.objects.filter(indicator__in=wanted, period_to__gte=begins, period_to__lte=ends)
    latest: dict[Any, Value] = {}
    for value in rows.select_related("node__space", "indicator").order_by("period_to", "node__ref"):
        latest[value.indicator_id] = value
    return {line.pk: _of_line(line, latest, cities) for line in asked}


def _of_line(line: Line, latest: dict[Any, Value], cities: Collection[Any] | None) -> Reckoned:
    found = [latest[one.pk] for one in indicators_of(line, cities) if one.pk in latest]
    rule = RULES[How(line.how)]
    if not found:
        return Reckoned(None, rule)
    if line.how == How.LATEST:
        last = max(found, key=lambda value: value.period_to)
        return Reckoned(last.value, rule, (last,))
    return Reckoned(sum((value.value for value in found), Decimal()), rule, tuple(found))

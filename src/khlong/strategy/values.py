"""Values of indicators: rules that compute them from records, and series that were kept.

Strategy declares both registries; rooms downstream, which hold the records, fill them when they are loaded::

    provider("pilots.attendance", _("people who came to activities"), compute)

    @series
    def kept(actor, keys):            # one query for all indicators
        return {indicator_pk: [Point(...), ...]}

    enters(lambda node: f"{reverse('pilots:add_value', args=[…])}?indicator={node.ref}")
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from khlong.chain.models import Node
from khlong.people.actor import Actor
from khlong.strategy.models import Indicator


@dataclass(frozen=True)
class Computed:
    """What a rule gives: the value in the indicator's unit, and what it was made of (references and counts,
    no rows of people).
    """

    value: Decimal
    inputs: Mapping[str, Any] = field(default_factory=dict)


Compute = Callable[[Indicator, date, date], Computed | None]
"""Of an indicator and the first and last day of a period; None where no record speaks of it."""


@dataclass(frozen=True)
class Provider:
    """A rule by which values are computed. `name` is what an indicator keeps of it and never changes."""

    name: str
    title: Any
    compute: Compute


_providers: dict[str, Provider] = {}


def provider(name: str, title: Any, compute: Compute) -> Provider:
    """Register a rule; called when a room is loaded."""
    if name in _providers:
        raise RuntimeError(f"two rules are called {name}")
    _providers[name] = made = Provider(name, title, compute)
    return made


def providers() -> list[Provider]:
    """All rules, by name."""
    return [_providers[name] for name in sorted(_providers)]


def provider_of(indicator: Indicator) -> Provider | None:
    """The rule of an indicator; None where its values are entered with evidence, or the rule is gone."""
    return _providers.get(indicator.rule)


@dataclass(frozen=True)
class Point:
    """A kept value: for which period, and the reference and address of the record that holds it."""

    start: date
    end: date
    value: Decimal
    ref: str = ""
    url: str = ""


Series = Callable[[Actor, Collection[UUID]], Mapping[UUID, list[Point]]]
_series: list[Series] = []


def series(function: Series) -> Series:
    """Register where kept values are: of keys of indicators, the values that the actor may see; one query."""
    _series.append(function)
    return function


def series_of(actor: Actor, indicators: Collection[Indicator]) -> dict[UUID, list[Point]]:
    """The kept values of each indicator, oldest first, with the reader's rights; one query for each series."""
    found: dict[UUID, list[Point]] = {indicator.pk: [] for indicator in indicators}
    for function in _series if found else ():
        for key, points in function(actor, list(found)).items():
            found[key].extend(points)
    return {key: sorted(points, key=lambda point: (point.end, point.start)) for key, points in found.items()}


Enters = Callable[[Node], str]
_enters: list[Enters] = []


def enters(function: Enters) -> Enters:
    """Register where the value of an indicator's node is entered: the address of the form."""
    _enters.append(function)
    return function


def entry_url(node: Node) -> str:
    """The form in which a value of this indicator is entered; empty while no room has one."""
    return _enters[0](node) if _enters else ""

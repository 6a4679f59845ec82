"""How far each city is along the chain: counts, dry stretches, answers owed, replies overdue.

A room adds a figure of its own, as nodes that somebody has to do something about::

    figure("answers_owed", _("suggestions that wait for an answer"), lambda: Node.objects.filter(...))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from khlong.chain import gaps
from khlong.chain.counts import Along, Rows, along, tallied
from khlong.chain.gaps import Gap
from khlong.chain.models import Kind, Node
from khlong.chain.stages import STAGES
from khlong.people.actor import Actor, Role
from khlong.people.policy import scope


@dataclass(frozen=True)
class Figure:
    """Something counted in each city. `key` is its name in `./khlong status --json`; `rows` are nodes, unscoped."""

    key: str
    title: Any
    rows: Rows


_figures: dict[str, Figure] = {}


def figure(key: str, title: Any, rows: Rows) -> Figure:
    """Register a figure; called when a room is loaded."""
    if key in _figures:
        raise RuntimeError(f"two figures are called {key}")
    _figures[key] = Figure(key, title, rows)
    return _figures[key]


def figures() -> list[Figure]:
    return list(_figures.values())


@dataclass(frozen=True)
class CityStatus:
    """One city: what lies along its chain, how many dry stretches of each kind, the figures of the rooms."""

    city: Node
    along: Along
    tally: Counter[str]

    @property
    def published(self) -> bool:
        """Whether the city shows any work on the chain; the training city keeps nothing back."""
        return self.city.is_example or self.along.works

    @property
    def stages(self) -> list[tuple[str, Any, int | None]]:
        """Key, name and number of things at each gate; None where nothing is published."""
        rows = [(stage.key, stage.label, self.along.at(n)) for n, stage in enumerate(STAGES)]
        return [(key, label, count if count or self.city.is_example else None) for key, label, count in rows]

    @property
    def dry(self) -> list[tuple[Gap, int]]:
        """The kinds of gaps that there are, and how many of each; none where nothing is published."""
        counts = [(one, self.tally[one.key]) for one in gaps.registered()]
        return [(one, count) for one, count in counts if count and self._shows(one)]

    def _shows(self, one: Gap) -> bool:
        if self.city.is_example or not one.lacks:
            return self.published
        return self.published and any(self.along.things[kind] for kind in one.lacks)

    @property
    def figures(self) -> list[tuple[Figure, int]]:
        return [(one, self.tally[one.key]) for one in figures()]

    @property
    def most(self) -> int:
        """The largest number of dry stretches of one kind."""
        return max((count for _gap, count in self.dry), default=0)


def statuses(actor: Actor, cities: Iterable[Node]) -> list[CityStatus]:
    """The status of some cities as the reader may see it; two queries for all of them."""
    rows = list(cities)
    keys = [row.pk for row in rows]
    counts = along(actor, keys)
    asked: dict[str, Rows] = {one.key: one.rows for one in gaps.registered()}
    asked |= {one.key: one.rows for one in figures()}
    tally = tallied(actor, keys, asked)
    return [CityStatus(row, counts[row.pk], tally.get(row.pk, Counter())) for row in rows]


READERS = (Role.OWNER, Role.MEMBER, Role.OBSERVER)


def helps_along(actor: Actor) -> bool:
    """Whether the page of all cities is for somebody: people of a city or a programme, and stewards."""
    return actor.is_steward or actor.is_system or bool(actor.spaces(*READERS))


def all_cities(actor: Actor) -> list[Node]:
    """The cities that the reader may see, in the order of a dictionary."""
    return list(scope(actor, Node.objects.filter(kind=Kind.CITY)).order_by("sort_key", "ref"))

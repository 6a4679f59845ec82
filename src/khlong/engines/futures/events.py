r"""Events of a shortlist: exceedance curves, layers of risk and certainty equivalents by package and group.

The losses of single events are not in the coefficients, so they come from the direct evaluator (`direct.event_losses`),
one package in one future at a time: for a shortlist, not for the lattice.

A curve is of one knot (year) of one future. Events of several hazards stand side by side, each with its own frequency:
they are taken not to meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures import direct, exceedance
from khlong.engines.futures.inquiry import by_group

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khlong.engines.futures.model import Floats, Model
    from khlong.engines.futures.sampling import Futures


@dataclass(frozen=True)
class Losses:
    """What every event does under one package, in one future and year.

    Attributes
    ----------
    by_channel : (C, E) losses in the units of the kinds, events of all hazards one after the other
    frequency : (E,) a year
    """

    model: Model
    package: int
    year: int
    by_channel: Floats
    frequency: Floats

    def curve(self, group: str, kind: str) -> exceedance.Curve:
        """The exceedance curve of one channel."""
        return exceedance.curve(self.by_channel[self.model.channels.index((group, kind))], self.frequency)

    def money(self, group: str = "") -> exceedance.Curve:
        """The exceedance curve in money, of one group or of all: the kinds that have a price, event by event."""
        groups = by_group(self.model, self.by_channel)
        keys = [each.key for each in self.model.groups]
        return exceedance.curve(groups[:, keys.index(group)] if group else groups.sum(axis=1), self.frequency)

    def layers(self, edges: Sequence[float] = exceedance.LAYER_EDGES) -> Floats:
        """Expected annual impact by channel and band of return periods, the frequent first. (C, B + 1)"""
        return np.array([exceedance.layers(self.curve(*channel), edges) for channel in self.model.channels])

    def certainty_equivalents(self, gamma: float = 1.2) -> dict[str, float]:
        """By group, what a sure yearly payment of the group would be as heavy as its losses in money.

        nan where nobody knows how many they are or what they earn. At least the expected annual loss.
        """
        groups, found = by_group(self.model, self.by_channel), {}
        for number, group in enumerate(self.model.groups):
            known = group.people > 0 and group.income > 0
            found[group.key] = (
                group.people
                * exceedance.certainty_equivalent(
                    groups[:, number] / group.people, self.frequency, group.income, gamma
                )
                if known
                else float("nan")
            )
        return found


def losses(model: Model, futures: Futures, w: int, packages: Sequence[int], knot: int = 0) -> list[Losses]:
    """Losses of all events under each of a few packages, at one knot of one future."""
    frequencies = direct.event_frequencies(model, futures, w)
    often = np.concatenate([frequencies[hazard.key][knot] for hazard in model.hazards])
    found = []
    for package in packages:
        by_hazard = direct.event_losses(model, futures, w, package)
        rows = np.zeros((len(model.channels), len(often)))
        start = 0
        for hazard in model.hazards:
            stop = start + len(hazard.frequency)
            for channel, each in by_hazard[hazard.key].items():
                rows[model.channels.index(channel), start:stop] = each[knot]
            start = stop
        found.append(Losses(model, package, model.years[knot], rows, often))
    return found

r"""Zones: measures that never meet, appraised apart and put together exactly.

The lattice of n measures has 2^n packages. But measures on two canals that touch no common exposure do not interact:
for zones z, with S the union of the :math:`S_z`,

.. math:: f_c(S, w) = f_c(\emptyset, w) + \sum_z \bigl( f_c(S_z, w) - f_c(\emptyset, w) \bigr)

and the same holds for the total, whose cost is a sum over measures. So 24 measures in three zones of 8 need three
lattices of 256 packages, not one of 16 million, and nothing is approximated: the least total in a future is the sum of
the zones' least, so regret is exact, and the package with the least mean is the union of the zones' best. What is no
sum (domains of a group that lives in two zones) is exact for every package that is asked for.

`zones` finds them: two levers are of one zone when some exposure with a value is touched by acts of both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures import packages, shortlist
from khlong.engines.futures.appraise import Engine
from khlong.engines.futures.direct import concerns
from khlong.engines.futures.errors import ModelError, Words
from khlong.engines.futures.objectives import ROUNDING, grouped, limits
from khlong.engines.futures.sampling import Outline
from khlong.engines.futures.sketch import least_totals

if TYPE_CHECKING:
    from khlong.engines.futures.model import Floats, Layer, Mask, Model
    from khlong.engines.futures.sampling import Futures
    from khlong.engines.futures.table import Table


def zones(model: Model) -> tuple[tuple[int, ...], ...]:
    """The measures of each zone, by number; levers that touch nothing of value are zones of their own."""
    levers = model.levers
    parent = list(range(len(levers)))

    def root(each: int) -> int:
        while parent[each] != each:
            each = parent[each]
        return each

    for layer in model.layers:
        reached = touched(model, layer).astype(int)
        for one, other in np.argwhere(np.triu(reached @ reached.T, 1)):
            parent[root(int(other))] = root(int(one))
    found: dict[int, list[int]] = {}
    for number, members in enumerate(levers):
        found.setdefault(root(number), []).extend(members)
    return tuple(tuple(sorted(each)) for each in found.values())


def touched(model: Model, layer: Layer) -> Mask:
    """By lever and place, whether some measure of the lever touches something of value in a layer."""
    found: Mask = np.zeros((len(model.levers), len(model.places)), dtype=bool)
    for number, members in enumerate(model.levers):
        for act in (act for measure in members for act in model.measures[measure].acts):
            if concerns(act, layer):
                found[number] |= act.places & (layer.value > 0)
    return found


@dataclass(frozen=True)
class Zone:
    """One zone: which measures of the whole it has, and its own lattice."""

    measures: tuple[int, ...]
    engine: Engine
    futures: Futures
    table: Table


@dataclass(frozen=True)
class Zoned:
    """A model appraised zone by zone. A choice is one package number for each zone."""

    model: Model
    futures: Futures
    parts: tuple[Zone, ...]

    def choice(self, measures: Sequence[int]) -> tuple[int, ...]:
        """The choice that holds these measures of the whole model and no others."""
        known = {measure for part in self.parts for measure in part.measures}
        if stray := set(measures) - known:
            raise ModelError(
                "measures",
                Words(f"ไม่มีมาตรการหมายเลข {sorted(stray)}", f"There is no measure {sorted(stray)}."),
                Words("ให้เลือกจากมาตรการในแบบจำลอง", "Choose from the measures of the model."),
            )
        return tuple(
            packages.package_of(
                part.engine.model, [part.measures.index(each) for each in measures if each in part.measures]
            )
            for part in self.parts
        )

    def measures(self, choice: Sequence[int]) -> tuple[int, ...]:
        """The measures of the whole model in a choice, rising."""
        inside = [
            part.measures[each]
            for part, package in zip(self.parts, choice, strict=True)
            for each in packages.measures_in(part.engine.model, package)
        ]
        return tuple(sorted(inside))

    def burdens(self, choice: Sequence[int]) -> Floats:
        """Burden by channel and future. (C, N)"""
        return self._together(choice, shortlist.values, channels=True)

    def totals(self, choice: Sequence[int]) -> Floats:
        """Total by future. (N,)"""
        return self._together(choice, shortlist.totals, channels=False)

    def _together(self, choice: Sequence[int], ask: Callable[..., Floats], *, channels: bool) -> Floats:
        whole: Floats | None = None
        for part, package in zip(self.parts, choice, strict=True):
            values = ask(part.engine, part.futures, (0, package))
            nothing, chosen = (values[:, 0], values[:, 1]) if channels else (values[0], values[1])
            whole = nothing.copy() if whole is None else whole
            whole += chosen - nothing
        assert whole is not None
        return whole

    def least(self) -> Floats:
        """The least total that any package of the whole reaches in each future. (N,)"""
        nothing = self.totals((0,) * len(self.parts))
        gains = sum(least_totals(part.engine, part.futures) - nothing for part in self.parts)
        return np.asarray(nothing + gains)

    def regret(self, choice: Sequence[int]) -> float:
        """The largest regret of a choice over all futures, against every package of the whole."""
        return float(np.max(np.maximum(self.totals(choice) - self.least(), 0.0)))

    def best_on_average(self) -> tuple[int, ...]:
        """The choice with the least mean total of all packages of the whole."""
        return tuple(int(part.table.mean[part.table.number()].argmin()) for part in self.parts)

    @property
    def base(self) -> tuple[int, ...]:
        """The choice of what exists today."""
        return tuple(part.table.base for part in self.parts)

    def costs(self, choice: Sequence[int]) -> Floats:
        """Capital and discounted upkeep by future. (N,)"""
        return self._together(choice, shortlist.costs, channels=False)

    def paths(self, choice: Sequence[int]) -> Floats:
        """Expected annual impact by channel, future and knot. (C, N, K)"""
        return self._together(choice, shortlist.by_knot, channels=True)

    def kept(self, choice: Sequence[int]) -> Mask:
        """In which futures every group is within all its thresholds. (N,)"""
        most, found = limits(self.model, self.model.thresholds), self.burdens(choice)
        nothing = np.abs(self.burdens((0,) * len(self.parts)))
        kept: Mask = np.ones(self.futures.count, dtype=bool)
        for _group, channels in grouped(self.model):
            for channel in channels:
                kept &= found[channel] <= most[channel] + ROUNDING * nothing[channel]
        return kept

    def domain(self, choice: Sequence[int]) -> tuple[float, float]:
        """The group domain of a choice and its Monte-Carlo error."""
        share = float(self.kept(choice).mean())
        return share, float(self.parts[0].table.error(share))


def appraise_zones(
    model: Model,
    futures: Futures,
    *,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    threads: int = 0,
) -> Zoned:
    """A model of many measures, zone by zone.

    Parameters
    ----------
    progress : called with futures done and futures in all, over all zones.

    Raises
    ------
    TooLargeError
        A single zone is too large; measures in it have to share levers.
    CancelledError
        It was stopped. Nothing of it stands.
    """
    split, parts = zones(model), []
    for number, measures in enumerate(split):
        apart = replace(model, measures=tuple(model.measures[each] for each in measures))
        engine, drawn = Engine(apart, threads), replace(futures, outline=Outline.of(apart), kept={})

        def so_far(done: int, of: int, before: int = number) -> None:
            if progress is not None:
                progress(before * of + done, len(split) * of)

        table = engine.appraise(drawn, progress=so_far, cancelled=cancelled)
        parts.append(Zone(measures, engine, drawn, table))
    return Zoned(model, futures, tuple(parts))

"""What is read off the lattice: each channel, the total, what it costs, and which limits are kept.

The objectives are the channels (group, kind) in the order of `Model.channels`, and last the total,

.. math:: cost(S,w) + A(w) \\sum_c \\omega_g\\, price_k\\, f_c(S,w), \\qquad
          cost(S,w) = \\sum_{m \\in S} cf_m(w)\\,(cost_m + upkeep_m A(w)),

which is linear in the coefficients of stage A: a changed weight, price, cost or threshold needs no new stage A.

A limit counts as kept up to rounding: `f <= most + 1e-12 f(0)`, and a group is worse off where `f > reference + 1e-9
max(reference, f(0))` in any of its kinds; f(0) is the burden with nothing done.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures import lattice, packages
from khlong.engines.futures.lattice import MARKS, MISSED, MOST_BLOCK, Layout, Scatter
from khlong.engines.futures.table import Partial

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from khlong.engines.futures.compile import Compiled, LeverSet
    from khlong.engines.futures.lattice import Wholes
    from khlong.engines.futures.model import Floats, Model, Threshold
    from khlong.engines.futures.sampling import Futures

ROUNDING = 1e-12
WORSE = 1e-9


@dataclass(frozen=True)
class Objective:
    """One thing that packages are judged by: its coefficients and where they go in the lattice."""

    sets: tuple[LeverSet, ...]
    scatter: Scatter
    inside_base: Wholes

    @classmethod
    def of(cls, sets: Sequence[LeverSet], layout: Layout, radices: tuple[int, ...], base: int) -> Objective:
        levels = lattice.levels_of(base, radices)
        inside = [
            number for number, each in enumerate(sets) if all(levels[lever] == level for lever, level in each)
        ]
        return cls(tuple(sets), lattice.scattered(layout, radices, sets), np.array(inside, np.int64))


@dataclass(frozen=True)
class Objectives:
    """All objectives of a model under given weights and thresholds.

    Attributes
    ----------
    channels, total, cost : the objectives.
    into_total, cost_into_total : by channel, and of the cost, which coefficients of the total its own are added to.
    priced : by channel, `omega_g price_k`.
    most : by channel, its threshold (inf: none).
    groups : by group that has a channel, its key and its channels.
    """

    program: Compiled
    layout: Layout
    masks: Floats
    channels: tuple[Objective, ...]
    total: Objective
    cost: Objective
    into_total: tuple[Wholes, ...]
    cost_into_total: Wholes
    priced: Floats
    most: Floats
    most_cost: float
    groups: tuple[tuple[str, tuple[int, ...]], ...]
    base: int

    @classmethod
    def of(
        cls,
        program: Compiled,
        weights: Mapping[str, float] | None = None,
        thresholds: Sequence[Threshold] | None = None,
        most_cost: float | None = None,
        most_block: int | None = None,
    ) -> Objectives:
        model, radices = program.model, program.radices
        layout, base = Layout.of(radices, most_block or MOST_BLOCK), packages.base(model)

        def objective(sets: Sequence[LeverSet]) -> Objective:
            return Objective.of(sets, layout, radices, base)

        starts = program.set_start
        by_channel = [[inside for _, inside in program.sets[a:b]] for a, b in pairwise(starts)]
        single = singles(model)
        priced = prices(model, model.weights if weights is None else weights)
        summed = [each for each, price in zip(by_channel, priced, strict=True) if price]
        union = sorted({inside for each in [*summed, single] for inside in each})
        place = {inside: number for number, inside in enumerate(union)}
        return cls(
            program=program,
            layout=layout,
            masks=lattice.lane_masks(radices[: layout.lane_levers]),
            channels=tuple(objective(each) for each in by_channel),
            total=objective(union),
            cost=objective(single),
            into_total=tuple(
                np.array([place.get(inside, -1) for inside in each], np.int64) for each in by_channel
            ),
            cost_into_total=np.array([place[inside] for inside in single], np.int64),
            priced=priced,
            most=limits(model, model.thresholds if thresholds is None else thresholds),
            most_cost=model.most_cost if most_cost is None else most_cost,
            groups=grouped(model),
            base=base,
        )

    def channel_values(self, coefficients: Floats, channel: int) -> Floats:
        """(N, sets) coefficients of one channel."""
        starts = self.program.set_start
        mine = coefficients[starts[channel] : starts[channel + 1]]
        values = np.empty(mine.shape[::-1])
        lattice.turn(mine, values)
        return values

    def cost_values(self, futures: Futures) -> Floats:
        """(N, 1 + measures) coefficients of the cost; the first is of the empty set and zero."""
        values = np.zeros((futures.count, len(self.cost.sets)))
        place = {inside: number for number, inside in enumerate(self.cost.sets)}
        for lever, measures in enumerate(self.program.model.levers):
            for level, number in enumerate(measures, start=1):
                measure = self.program.model.measures[number]
                paid = measure.cost + measure.upkeep * futures.annuity
                values[:, place[((lever, level),)]] = futures.cost_factor(number) * paid
        return values

    def total_values(self, coefficients: Floats, futures: Futures) -> Floats:
        """(N, sets) coefficients of the total."""
        by_channel = [self.channel_values(coefficients, channel) for channel in range(len(self.channels))]
        return self.summed(by_channel, self.cost_values(futures), futures)

    def summed(self, by_channel: Sequence[Floats], cost: Floats, futures: Futures) -> Floats:
        """(N, sets) coefficients of the total, from those of the channels and of the cost."""
        values = np.zeros((futures.count, len(self.total.sets)))
        for mine, price, into in zip(by_channel, self.priced, self.into_total, strict=True):
            if price:
                lattice.add_into(mine, price, into, values)
        values *= futures.annuity[:, None]
        lattice.add_into(cost, 1.0, self.cost_into_total, values)
        return values

    def limits(self, values: Floats, channel: int) -> Floats:
        """(3, N): above which a future misses the threshold, is worse than nothing, is worse than the base."""
        nothing = np.abs(values[:, 0])
        base = in_order(values[:, self.channels[channel].inside_base])
        return np.stack(
            [
                self.most[channel] + ROUNDING * nothing,
                values[:, 0] + WORSE * nothing,
                base + WORSE * np.maximum(base, nothing),
            ]
        )

    def partial(self, coefficients: Floats, futures: Futures, block: int) -> Partial:
        """Everything about one block of futures: coefficients (sets, N), N at most `lattice.BLOCK`."""
        by_channel = [self.channel_values(coefficients, channel) for channel in range(len(self.channels))]
        found = Partial.empty(
            block, futures.count, len(self.channels), len(self.groups), self.layout.packages
        )
        cost = self.cost_values(futures)
        total = self.summed(by_channel, cost, futures)
        best = [self.best(*pair) for pair in zip(self.channels, by_channel, strict=True)]
        best_total = self.best(self.total, total)
        for top in range(self.layout.tops):
            missed = np.zeros(self.shape, np.int64)
            for number, (_, channels) in enumerate(self.groups):
                missed |= self._group(found, number, [(c, by_channel[c], best[c]) for c in channels], top)
            here = self.columns(top)
            lattice.count_words(missed, found.missed[here])
            self._mark_cost(missed, cost, top)
            lattice.count_words(missed, found.failed[here])
            none = np.zeros((0, futures.count))
            bits = np.zeros((0, *self.shape), np.int64)
            self.observe(self.total, total, top, best_total, none, found.statistics[-1], bits)
        found.centre()
        return found

    @property
    def shape(self) -> tuple[int, int]:
        """Words of 64 futures, packages of a sub-lattice."""
        return lattice.BLOCK // lattice.WORD, self.layout.block

    def columns(self, top: int) -> slice:
        return slice(top * self.layout.block, (top + 1) * self.layout.block)

    def best(self, objective: Objective, values: Floats) -> Floats:
        """The least value over all packages by future; found on the way where there is but one sub-lattice."""
        best = np.full(len(values), np.inf)
        if self.layout.tops > 1:
            row, radices = np.empty(self.layout.block), np.array(self.layout.radices, np.int64)
            each = objective.scatter
            where = (each.source, each.at, each.mask)
            lattice.find_least(values, each.start, where, self.layout.tops, self.masks, radices, row, best)
        return best

    def observe(
        self,
        objective: Objective,
        values: Floats,
        top: int,
        best: Floats,
        limits: Floats,
        statistics: Floats,
        bits: Wholes,
    ) -> None:
        rows = np.empty((self.layout.rows, self.layout.block))
        each = objective.scatter
        lattice.observe_block(
            values,
            each.start,
            (each.source, each.at, each.mask),
            top,
            self.masks,
            np.array(self.layout.radices, np.int64),
            rows,
            best,
            self.layout.tops == 1,
            limits,
            statistics,
            top * self.layout.block,
            bits,
        )

    def _group(
        self, found: Partial, group: int, channels: list[tuple[int, Floats, Floats]], top: int
    ) -> Wholes:
        """All channels of one group; the marks of whether it misses a threshold."""
        joined = np.zeros((MARKS, *self.shape), np.int64)
        here = self.columns(top)
        for channel, values, best in channels:
            bits = joined if len(channels) == 1 else np.zeros_like(joined)
            limits = self.limits(values, channel)
            self.observe(self.channels[channel], values, top, best, limits, found.statistics[channel], bits)
            lattice.count_words(bits[MISSED], found.missed_by_channel[channel, here])
            if bits is not joined:
                joined |= bits
        for which in range(MARKS):
            lattice.count_words(joined[which], found.marks[group, which, here])
        missed: Wholes = joined[MISSED]
        return missed

    def _mark_cost(self, bits: Wholes, cost: Floats, top: int) -> None:
        if not np.isfinite(self.most_cost):
            return
        each = self.cost.scatter
        where, radices = (each.source, each.at, each.mask), np.array(self.layout.radices, np.int64)
        limit = np.full(len(cost), self.most_cost * (1 + ROUNDING))
        rows = np.empty((self.layout.rows, self.layout.block))
        lattice.mark_block(cost, each.start, where, top, self.masks, radices, rows, limit, bits)


def in_order(columns: Floats) -> Floats:
    """The sum of columns, one after the other, so that it does not depend on how many rows there are."""
    found: Floats = np.zeros(len(columns))
    for column in columns.T:
        found = found + column
    return found


def singles(model: Model) -> list[LeverSet]:
    """The empty set, and one set for each measure."""
    return [
        (),
        *(((lever, level),) for lever, each in enumerate(model.levers) for level in range(1, len(each) + 1)),
    ]


def prices(model: Model, weights: Mapping[str, float]) -> Floats:
    """By channel, weight of the group times price of the kind."""
    price = {kind.key: kind.price for kind in model.kinds}
    return np.array([weights.get(group, 1.0) * price[kind] for group, kind in model.channels])


def limits(model: Model, thresholds: Sequence[Threshold]) -> Floats:
    """By channel, the least of its thresholds; inf where it has none."""
    most = dict.fromkeys(model.channels, float("inf"))
    for each in thresholds:
        channel = (each.group, each.kind)
        if channel in most:
            most[channel] = min(most[channel], each.most)
    return np.array(list(most.values()))


def grouped(model: Model) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Groups that have a channel, with the numbers of their channels."""
    found: dict[str, list[int]] = {}
    for number, (group, _) in enumerate(model.channels):
        found.setdefault(group, []).append(number)
    return tuple((group, tuple(each)) for group, each in found.items())

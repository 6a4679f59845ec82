"""Quantile metrics of every package, by a sketch that knows its own error.

A table of counts for each package: the range between its lowest and highest value (known exactly from `Table`) is cut
into `BINS` equal bins and each future falls into one. A quantile read from it by linear interpolation is off by less
than one bin; that width is given as `error` beside it. Counts are whole numbers, so threads change no bit.

Definitions are those of `robustness`: quantiles at position q (N - 1) of the ordered futures; undesirable deviations
are the mean of the worse half minus the median; skew and peakedness are made of the percentiles. (C. McPhail, H. R.
Maier, J. H. Kwakkel, M. Giuliani, A. Castelletti, S. Westra, 2018. Earth's Future 6:169-191,
doi:10.1002/2017EF000649.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from khlong.engines.futures import lattice, stagea
from khlong.engines.futures.appraise import Report, over
from khlong.engines.futures.kernels import jit
from khlong.engines.futures.objectives import Objectives
from khlong.engines.futures.table import blocks_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from khlong.engines.futures.appraise import Block, Engine
    from khlong.engines.futures.model import Floats
    from khlong.engines.futures.objectives import Objective
    from khlong.engines.futures.sampling import Futures
    from khlong.engines.futures.table import Table

    Counts = NDArray[np.int32]

BINS = 128
PERCENTILES = (0.10, 0.25, 0.50, 0.75, 0.90)


@dataclass(frozen=True)
class Sketch:
    """How the futures of one objective spread, for every package.

    Attributes
    ----------
    low, width : (packages,) the left edge of the first bin and the width of a bin; the width is the error of any
        quantile, and of the mean of a half.
    counts : (packages, BINS) futures in each bin.
    """

    low: Floats
    width: Floats
    counts: Counts

    @property
    def error(self) -> Floats:
        """The most by which a quantile can be off, in the unit of the objective. (packages,)"""
        return self.width

    def quantile(self, share: float) -> Floats:
        """The value below which a share of futures lies, within `error`. (packages,)"""
        below = np.cumsum(self.counts, axis=1)
        rank = share * (below[:, -1] - 1)
        bins = (below <= np.floor(rank)[:, None]).sum(axis=1)
        inside = np.take_along_axis(self.counts, bins[:, None], axis=1)[:, 0]
        before = np.take_along_axis(below, bins[:, None], axis=1)[:, 0] - inside
        found: Floats = self.low + self.width * (bins + (rank - before + 0.5) / inside)
        return found

    @property
    def undesirable_deviations(self) -> Floats:
        """The mean of the worse half of the futures minus the median, within twice `error`. (packages,)"""
        total = self.counts.sum(axis=1)
        half = (total + 1) // 2
        above = np.cumsum(self.counts[:, ::-1], axis=1)[:, ::-1] - self.counts
        taken = np.clip(half[:, None] - above, 0, self.counts)
        middle = self.low[:, None] + self.width[:, None] * (np.arange(BINS) + 0.5)
        found: Floats = (taken * middle).sum(axis=1) / half - self.quantile(0.5)
        return found

    @property
    def skew(self) -> Floats:
        """`((q90 + q10)/2 - q50) / ((q90 - q10)/2)`, 0 where nothing spreads (Voudouris 2014). (packages,)"""
        low, middle, high = (self.quantile(share) for share in (0.10, 0.50, 0.90))
        return _ratio((high + low) / 2 - middle, (high - low) / 2)

    @property
    def peakedness(self) -> Floats:
        """`(q90 - q10) / (q75 - q25)`, 0 where nothing spreads. (packages,)"""
        q10, q25, _, q75, q90 = (self.quantile(share) for share in PERCENTILES)
        return _ratio(q90 - q10, q75 - q25)


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def sketch(
    engine: Engine,
    futures: Futures,
    table: Table,
    objective: int,
    *,
    regret: bool = False,
    weights: Mapping[str, float] | None = None,
) -> Sketch:
    """Counts of one objective's values, or of its regrets, for every package.

    Parameters
    ----------
    table : of the same engine, futures and weights: its extremes are the edges.
    objective : row of the table; the last is the total.
    """
    objectives = Objectives.of(engine.program, weights)
    low = np.zeros(table.packages) if regret else table.lowest[objective]
    high = table.regret[objective] if regret else table.highest[objective]
    width = (high - low) / BINS
    per = np.divide(1.0, width, out=np.zeros_like(width), where=width > 0)
    one = objectives.total if objective == len(objectives.channels) else objectives.channels[objective]

    def work(block: Block) -> Counts:
        _, start, stop = block
        part = futures.part(start, stop)
        kept = engine.coefficients if engine.seen is futures else None
        columns = stagea.coefficients(engine.program, part) if kept is None else kept[:, start:stop]
        if objective == len(objectives.channels):
            read = objectives.total_values(np.ascontiguousarray(columns), part)
        else:
            read = objectives.channel_values(columns, objective)
        best = least_of(objectives, one, read) if regret else np.zeros(part.count)
        counts = np.zeros((table.packages, BINS), np.int32)
        count_block(objectives, one, read, best, low, per, counts)
        return counts

    counts = np.zeros((table.packages, BINS), np.int32)
    for each in over(
        engine.threads, work, blocks_of(futures.count, lattice.BLOCK), Report(None, None, futures.count)
    ):
        counts += each
    return Sketch(low, width, counts)


def least_of(objectives: Objectives, objective: Objective, values: Floats) -> Floats:
    """The least value over all packages, by future."""
    best, row = np.empty(len(values)), np.empty(objectives.layout.block)
    each, radices = objective.scatter, np.array(objectives.layout.radices, np.int64)
    where = (each.source, each.at, each.mask)
    lattice.find_least(
        values, each.start, where, objectives.layout.tops, objectives.masks, radices, row, best
    )
    return best


def count_block(
    objectives: Objectives,
    objective: Objective,
    values: Floats,
    best: Floats,
    low: Floats,
    per: Floats,
    counts: Counts,
) -> None:
    layout, each = objectives.layout, objective.scatter
    row, radices = np.empty(layout.block), np.array(layout.radices, np.int64)
    where = (each.source, each.at, each.mask)
    for top in range(layout.tops):
        here = objectives.columns(top)
        put(
            values,
            each.start,
            where,
            top,
            objectives.masks,
            radices,
            row,
            best,
            low[here],
            per[here],
            counts[here],
        )


# ruff: noqa: PLR0913, PLR0917


@jit
def put(
    values: Any,
    start: Any,
    scatter: Any,
    top: int,
    masks: Any,
    radices: Any,
    row: Any,
    best: Any,
    low: Any,
    per: Any,
    counts: Any,
) -> None:
    """Each package's value in each future into its bin."""
    last = counts.shape[1] - 1
    for w in range(values.shape[0]):
        lattice.fill(
            row, values[w], scatter[0], scatter[1], scatter[2], start[top], start[top + 1], masks, radices
        )
        for i in range(row.size):
            place = np.int64(max(0.0, (row[i] - best[w] - low[i]) * per[i]))
            counts[i, min(place, last)] += 1

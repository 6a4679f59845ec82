"""Quantile metrics of every package, by a sketch that knows its own error.

A table of counts for each package: the range between its lowest and highest value (known exactly from `Table`) is cut
into `BINS` equal bins and each future falls into one. An ordered future read from it is off by less than one bin, and
so is a quantile, which lies between two of them; that width is given as `error` beside it. Counts are whole numbers,
so threads change no bit.

Definitions are those of `robustness`: quantiles at position q (N - 1) of the ordered futures; undesirable deviations
are the mean of the worse half minus the median; skew and peakedness are made of the percentiles. (C. McPhail, H. R.
Maier, J. H. Kwakkel, M. Giuliani, A. Castelletti, S. Westra, 2018. Earth's Future 6:169-191,
doi:10.1002/2017EF000649.)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
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
STRIP = 128
"""Packages whose bins are filled together: of values and regrets 128 KB, which a second-level cache holds."""
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

    @cached_property
    def below(self) -> NDArray[np.int64]:
        """Futures in each bin or in one before it. (packages, BINS)"""
        return np.cumsum(self.counts, axis=1)

    def some(self, here: slice) -> Sketch:
        """The sketch of some of the packages."""
        return Sketch(self.low[here], self.width[here], self.counts[here])

    @property
    def error(self) -> Floats:
        """The most by which a quantile can be off, in the unit of the objective. (packages,)"""
        return self.width

    def quantile(self, share: float) -> Floats:
        """The value below which a share of futures lies, within `error`. (packages,)"""
        last = int(self.below[0, -1]) - 1
        rank = min(int(share * last), max(last - 1, 0))
        one, other = (self._ordered(each) for each in (rank, min(rank + 1, last)))
        found: Floats = one + (share * last - rank) * (other - one)
        return found

    def _ordered(self, rank: int) -> Floats:
        """The futures of one rank, somewhere in the bin that they fall into. (packages,)"""
        below = self.below
        bins = (below <= rank).sum(axis=1)[:, None]
        until = np.take_along_axis(below, bins, axis=1)[:, 0]
        inside = np.take_along_axis(self.counts, bins, axis=1)[:, 0]
        found: Floats = self.low + self.width * (bins[:, 0] + (rank - until + inside + 0.5) / inside)
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
        """`(q90 - q10) / (q75 - q25)`, 1 where nothing spreads. (packages,)"""
        q10, q25, _, q75, q90 = (self.quantile(share) for share in PERCENTILES)
        return _ratio(q90 - q10, q75 - q25, 1.0)

    @property
    def skew_error(self) -> Floats:
        """The most by which `skew` can be off: its percentiles by one bin each; never above 2. (packages,)"""
        half = (self.quantile(0.90) - self.quantile(0.10)) / 2
        left = np.where(self.width > 0, half - self.width, 1.0)
        off = _ratio(self.width * (2 + np.abs(self.skew)), left, 2.0)
        return np.minimum(off, 2.0)

    @property
    def peakedness_error(self) -> Floats:
        """The most by which `peakedness` can be off; infinite where half of the futures lie within two bins."""
        left = np.where(self.width > 0, self.quantile(0.75) - self.quantile(0.25) - 2 * self.width, 1.0)
        return _ratio(2 * self.width * (1 + self.peakedness), left, np.inf)


def _ratio(above: Floats, below: Floats, otherwise: float = 0.0) -> Floats:
    return np.divide(above, below, out=np.full_like(above, otherwise), where=below > 0)


def sketch(
    engine: Engine,
    futures: Futures,
    table: Table,
    objective: int,
    *,
    regret: bool = False,
    weights: Mapping[str, float] | None = None,
) -> Sketch:
    """Counts of one objective's values, or of its regrets, for every package; see `sketches`."""
    return sketches(engine, futures, table, objective, weights)[int(regret)]


def sketches(
    engine: Engine,
    futures: Futures,
    table: Table,
    objective: int,
    weights: Mapping[str, float] | None = None,
    report: Report | None = None,
) -> tuple[Sketch, Sketch]:
    """Counts of one objective's values and of its regrets, for every package.

    Parameters
    ----------
    table : of the same engine, futures and weights: its extremes are the edges.
    objective : row of the table; the last is the total.
    report : is told the futures that are done, and can stop it.

    Raises
    ------
    CancelledError
        It was stopped.
    """
    report = report or Report(None, None, futures.count)
    objectives = Objectives.of(engine.program, weights)
    low = np.stack([table.lowest[objective], np.zeros(table.packages)])
    width = (np.stack([table.highest[objective], table.regret[objective]]) - low) / BINS
    per = np.divide(1.0, width, out=np.zeros_like(width), where=width > 0)
    one = objectives.total if objective == len(objectives.channels) else objectives.channels[objective]
    idle: list[Counts] = [np.zeros((2, table.packages, BINS), np.int32) for _ in range(engine.threads)]

    def work(block: Block) -> int:
        _, start, stop = block
        part = futures.part(start, stop)
        kept = engine.coefficients if engine.seen is futures else None
        columns = stagea.coefficients(engine.program, part) if kept is None else kept[:, start:stop]
        if objective == len(objectives.channels):
            read = objectives.total_values(np.ascontiguousarray(columns), part)
        else:
            read = objectives.channel_values(columns, objective)
        mine = idle.pop()  # as many as there are threads; whole numbers do not mind who counts them
        count_block(objectives, one, read, low, per, mine)
        idle.append(mine)
        return part.count

    for done in over(engine.threads, work, blocks_of(futures.count, lattice.BLOCK), report):
        report.done(done)
    counts = idle[0]
    for each in idle[1:]:
        counts += each
    return Sketch(low[0], width[0], counts[0]), Sketch(low[1], width[1], counts[1])


def least_totals(engine: Engine, futures: Futures) -> Floats:
    """The least total over the packages of one lattice, by future. (N,)"""
    return least(engine, futures, len(engine.model.channels))


def least(engine: Engine, futures: Futures, objective: int, report: Report | None = None) -> Floats:
    """The least value of one objective over all packages, by future; the last is the total. (N,)

    Raises
    ------
    CancelledError
        The report said between two blocks that it is to stop.
    """
    objectives, found = Objectives.of(engine.program), np.empty(futures.count)
    is_total = objective == len(objectives.channels)
    one = objectives.total if is_total else objectives.channels[objective]
    kept = engine.coefficients if engine.seen is futures else None
    for start in range(0, futures.count, lattice.BLOCK):
        if report is not None:
            report.refuse()
        part = futures.part(start, start + lattice.BLOCK)
        columns = (
            stagea.coefficients(engine.program, part)
            if kept is None
            else np.ascontiguousarray(kept[:, start : start + part.count])
        )
        values = (
            objectives.total_values(columns, part)
            if is_total
            else objectives.channel_values(columns, objective)
        )
        found[start : start + part.count] = least_of(objectives, one, values)
    return found


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
    objectives: Objectives, objective: Objective, values: Floats, low: Floats, per: Floats, counts: Counts
) -> None:
    """One block of futures into the bins of values and of regrets: low, per (2, P), counts (2, P, BINS)."""
    layout, each = objectives.layout, objective.scatter
    best = np.empty(len(values)) if layout.tops == 1 else least_of(objectives, objective, values)
    rows, radices = np.empty((layout.rows, layout.block)), np.array(layout.radices, np.int64)
    where = (each.source, each.at, each.mask)
    for top in range(layout.tops):
        here = objectives.columns(top)
        edges = (low[:, here], per[:, here])
        put(values, each.start, where, top, objectives.masks, radices, rows, best, edges, counts[:, here])


# ruff: noqa: PLR0913, PLR0917


@jit
def put(
    values: Any,
    start: Any,
    scatter: Any,
    top: int,
    masks: Any,
    radices: Any,
    rows: Any,
    best: Any,
    edges: Any,
    counts: Any,
) -> None:
    """Each package's value and regret in each future into their bins; some futures at once, package by package."""
    low, per = edges
    held, places = rows.shape[0], np.empty(STRIP, np.int32)
    for f in range(0, values.shape[0], held):
        stop = min(f + held, values.shape[0])
        lattice.fill_rows(rows, values, f, stop, scatter, start, top, masks, radices)
        if start.size == 2:  # the only sub-lattice: its least is the least of all
            for w in range(f, stop):
                best[w] = lattice.least(rows[w - f])
        for a in range(0, rows.shape[1], STRIP):
            b = min(a + STRIP, rows.shape[1])
            for w in range(f, stop):
                count_row(rows[w - f, a:b], 0.0, low[0, a:b], per[0, a:b], places, counts[0, a:b])
                count_row(rows[w - f, a:b], best[w], low[1, a:b], per[1, a:b], places, counts[1, a:b])


@jit
def count_row(row: Any, less: float, low: Any, per: Any, places: Any, counts: Any) -> None:
    """One future of a strip of packages into their bins: where, several at once, then one by one."""
    last = float(counts.shape[1] - 1)
    for i in range(row.size):
        places[i] = np.int32(min(max((row[i] - less - low[i]) * per[i], 0.0), last))
    for i in range(row.size):
        counts[i, places[i]] += 1

r"""How long every package is enough, for every group: tipping years of the whole lattice, streamed.

For each block of futures the expected annual impact is read off the lattice at every knot, and for each package the
first year above a threshold is found (`tipping`); of several kinds of impact of a group the earliest counts. What is
kept is only how many futures tip in each calendar year, by group and package: whole numbers, so blocks and threads
change nothing, and from them percentiles are exact to the calendar year.

For a few packages `exact` gives the years of every future themselves.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from khlong.engines.futures import lattice, stagea, tipping
from khlong.engines.futures.appraise import Report
from khlong.engines.futures.errors import Words
from khlong.engines.futures.inquiry import paths
from khlong.engines.futures.kernels import jit
from khlong.engines.futures.objectives import ROUNDING, Objectives

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from khlong.engines.futures.appraise import Engine, Progress
    from khlong.engines.futures.lattice import Scatter
    from khlong.engines.futures.model import Floats, Threshold
    from khlong.engines.futures.sampling import Futures

BLOCK = 1024
"""Futures that go through stage A together, knot by knot."""
STRIP = 64
"""Futures whose years are held for all packages at a time."""


@dataclass(frozen=True)
class Lasting:
    """In how many futures each package tips, by group and calendar year.

    Attributes
    ----------
    groups : keys of the groups that have a threshold
    first, last : calendar years of the model
    count : futures
    years : (G, P, Y + 2) counts: already in the first year, in each year, never
    """

    groups: tuple[str, ...]
    first: int
    last: int
    count: int
    years: NDArray[np.int32]

    def percentiles(self, shares: Sequence[float] = tipping.PERCENTILES) -> Floats:
        """The calendar year in which a share of the futures has tipped; -inf already, inf never. (G, P, Q)"""
        found = np.zeros((*self.years.shape[:2], len(shares)))  # nobody's, where no group has a threshold
        for group, counts in enumerate(self.years):
            found[group] = tipping.percentiles_of_counts(self.first, counts, shares)
        return found

    def enough(self, year: int) -> Floats:
        """The share of futures in which it is still enough when a calendar year ends. (G, P)"""
        tipped = self.years[..., : year - self.first + 2].sum(axis=-1)
        return np.asarray(1 - tipped / self.count)


def lasting(
    engine: Engine,
    futures: Futures,
    thresholds: Sequence[Threshold] | None = None,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Lasting:
    """Tipping years of all packages by group.

    Parameters
    ----------
    thresholds : instead of the model's, for an average year, as everywhere.

    Raises
    ------
    CancelledError
        It was stopped. Nothing of it stands.
    """
    years = engine.model.years
    asked = Objectives.of(engine.program, None, thresholds)
    groups = [(key, [c for c in channels if np.isfinite(asked.most[c])]) for key, channels in asked.groups]
    groups = [(key, channels) for key, channels in groups if channels]
    found = np.zeros((len(groups), engine.program.packages, years[-1] - years[0] + 3), np.int32)
    report = Report(progress, cancelled, futures.count)
    with ThreadPoolExecutor(max_workers=engine.threads) as pool:
        for start in range(0, futures.count, BLOCK):
            report.refuse()
            part = futures.part(start, min(start + BLOCK, futures.count))
            knots = range(len(years))
            by_knot = list(pool.map(lambda t, part=part: stagea.coefficients(engine.program, part, t), knots))

            def work(number: int, by_knot: list[Floats] = by_knot) -> None:
                _group(asked, groups[number][1], by_knot, found[number])

            list(pool.map(work, range(len(groups))))
            report.done(part.count)
    return Lasting(tuple(key for key, _ in groups), years[0], years[-1], futures.count, found)


def exact(
    engine: Engine,
    futures: Futures,
    packages: Sequence[int],
    thresholds: Sequence[Threshold] | None = None,
) -> tuple[tuple[str, ...], Floats]:
    """Tipping years of a few packages in every future: keys of groups, and (S, G, N) years, -inf or inf."""
    asked = Objectives.of(engine.program, None, thresholds)
    eai = paths(engine, futures, (*packages, 0))
    most = asked.most[:, None] + ROUNDING * np.abs(eai[-1, :, :, 0])
    years = tipping.tipping_years(engine.model.years, eai[:-1], np.where(np.isfinite(most), most, np.nan))
    groups = [
        (key, list(channels))
        for key, channels in asked.groups
        if np.isfinite(asked.most[list(channels)]).any()
    ]
    if not groups:
        return (), np.zeros((len(packages), 0, futures.count))
    return tuple(key for key, _ in groups), np.stack([years[:, c].min(axis=1) for _, c in groups], axis=1)


def sentences(
    engine: Engine, futures: Futures, package: int, thresholds: Sequence[Threshold] | None = None
) -> dict[str, Words]:
    """How long a package is enough, by group that has a threshold, in one sentence each."""
    keys, found = exact(engine, futures, (package,), thresholds)
    names = {group.key: group.name for group in engine.model.groups}
    last = engine.model.years[-1]
    return {key: tipping.sentence(names[key], row, last) for key, row in zip(keys, found[0], strict=True)}


def _group(asked: Objectives, channels: Sequence[int], by_knot: Sequence[Floats], counts: Any) -> None:
    """Counts of one group from the coefficients of some futures at every knot."""
    years, layout = np.array(asked.program.model.years, float), asked.layout
    radices = np.array(layout.radices, np.int64)
    rows = np.empty((len(years), layout.block))
    for values in _strips(asked, channels, by_knot):
        for top in range(layout.tops):
            codes = np.full((values[0].shape[1], layout.block), counts.shape[1] - 1, np.int32)
            for channel, each in zip(channels, values, strict=True):
                scatter: Scatter = asked.channels[channel].scatter
                limit = asked.most[channel] + ROUNDING * np.abs(each[0, :, 0])
                span = (int(scatter.start[top]), int(scatter.start[top + 1]))
                where = (scatter.source, scatter.at, scatter.mask)
                first_years(each, where, span, asked.masks, radices, rows, years, limit, codes)
            count_years(codes, counts[top * layout.block : (top + 1) * layout.block])


def _strips(asked: Objectives, channels: Sequence[int], by_knot: Sequence[Floats]) -> Iterator[list[Floats]]:
    """For a few futures after the other, each channel's coefficients: (K, futures, sets)."""
    for start in range(0, by_knot[0].shape[1], STRIP):
        yield [
            np.stack([asked.channel_values(each[:, start : start + STRIP], channel) for each in by_knot])
            for channel in channels
        ]


@jit
def first_years(
    values: Any,
    where: Any,
    span: Any,
    masks: Any,
    radices: Any,
    rows: Any,
    years: Any,
    limit: Any,
    codes: Any,
) -> None:
    """The column of counts for each future and package: the earlier of what is there and the first year above."""
    source, at, mask = where
    knots = years.size
    for f in range(values.shape[1]):
        for t in range(knots):
            lattice.fill(rows[t], values[t, f], source, at, mask, span[0], span[1], masks, radices)
        most = limit[f]
        for p in range(rows.shape[1]):
            if rows[0, p] > most:
                codes[f, p] = 0
                continue
            for t in range(1, knots):
                after = rows[t, p]
                if after > most:
                    before = rows[t - 1, p]
                    year = years[t - 1] + (most - before) / (after - before) * (years[t] - years[t - 1])
                    codes[f, p] = min(codes[f, p], 1 + int(year - years[0]))
                    break


@jit
def count_years(codes: Any, counts: Any) -> None:
    """One more future for the year of each package."""
    for f in range(codes.shape[0]):
        for p in range(codes.shape[1]):
            counts[p, codes[f, p]] += 1

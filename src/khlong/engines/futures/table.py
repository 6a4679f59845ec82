"""The table: every package by every metric that needs only sums, extremes and counts.

`Partial` is what one block of futures gives, `Table` what all of them give. Everything is cost-like: lower is better.

Shares of futures carry a Monte-Carlo error beside them, `sqrt(p (1 - p) / N)` and never below 1/N: a share of nought
among 10,000 futures does not say that the eleventh thousand has none. Sobol points usually err less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures.lattice import (
    LEAST,
    MARKS,
    MISSED,
    MOST,
    REGRET,
    SQUARES,
    STATISTICS,
    SUM,
    WORSE_THAN_BASE,
    WORSE_THAN_NOTHING,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from khlong.engines.futures.model import Floats, Model

    Counts = NDArray[np.int32]


@dataclass
class Partial:
    """What some futures say of all packages; blocks `first` to `last`.

    `statistics` (objectives, 5, packages): sum, squared deviations from the mean (after `centre`), least, most, largest
    regret. Counts of futures: `missed_by_channel` (channels, packages); `marks` (groups, 3, packages); `missed`: any
    threshold; `failed`: any threshold or the cost.
    """

    first: int
    last: int
    count: int
    statistics: Floats
    missed_by_channel: Counts
    marks: Counts
    missed: Counts
    failed: Counts

    @classmethod
    def empty(cls, block: int, count: int, channels: int, groups: int, packages: int) -> Partial:
        statistics = np.zeros((channels + 1, STATISTICS, packages))
        statistics[:, LEAST], statistics[:, MOST], statistics[:, REGRET] = np.inf, -np.inf, -np.inf
        return cls(
            block,
            block,
            count,
            statistics,
            np.zeros((channels, packages), np.int32),
            np.zeros((groups, MARKS, packages), np.int32),
            np.zeros(packages, np.int32),
            np.zeros(packages, np.int32),
        )

    def centre(self) -> None:
        """From sums of squares to sums of squared deviations from the mean."""
        sums, squares = self.statistics[:, SUM], self.statistics[:, SQUARES]
        np.maximum(squares - sums * sums / self.count, 0.0, out=squares)

    def join(self, later: Partial) -> Partial:
        """Both as one (Chan, Golub and LeVeque 1983); the earlier futures first. Uses up `self`."""
        mine, theirs = self.statistics, later.statistics
        apart = theirs[:, SUM] / later.count - mine[:, SUM] / self.count
        both = self.count + later.count
        mine[:, SQUARES] += theirs[:, SQUARES] + apart * apart * (self.count * later.count / both)
        mine[:, SUM] += theirs[:, SUM]
        np.minimum(mine[:, LEAST], theirs[:, LEAST], out=mine[:, LEAST])
        np.maximum(mine[:, MOST], theirs[:, MOST], out=mine[:, MOST])
        np.maximum(mine[:, REGRET], theirs[:, REGRET], out=mine[:, REGRET])
        self.missed_by_channel += later.missed_by_channel
        self.marks += later.marks
        self.missed += later.missed
        self.failed += later.failed
        self.last, self.count = later.last, both
        return self


class Joiner:
    """Joins partials in a fixed tree over block numbers, in whatever order they come.

    Blocks 2i and 2i+1 are joined, then pairs of pairs, as in a tournament; a node without a partner waits for the end.
    What is kept is one partial per level of the tree and a few that wait.

    Examples
    --------
    >>> spans = Joiner.spans(5)
    >>> spans
    [(0, 4), (4, 5)]
    """

    def __init__(self) -> None:
        self.waiting: dict[tuple[int, int], Partial] = {}

    def add(self, each: Partial, level: int = 0) -> None:
        """Take one in: a block, or a whole node of the tree (2^level blocks) that was joined elsewhere."""
        place = each.first >> level
        while True:
            partner = self.waiting.pop((level, place ^ 1), None)
            if partner is None:
                self.waiting[level, place] = each
                return
            each = partner.join(each) if place & 1 else each.join(partner)
            level, place = level + 1, place >> 1

    def done(self) -> Partial:
        """What is left, from the last blocks to the first, as the tree's right edge folds up."""
        left = sorted(self.waiting.items(), key=lambda item: item[1].first)
        found = left[-1][1]
        for _, each in left[-2::-1]:
            found = each.join(found)
        return found

    @staticmethod
    def spans(blocks: int) -> list[tuple[int, int]]:
        """Which runs of blocks are left at the end."""
        found, start = [], 0
        for level in range(blocks.bit_length() - 1, -1, -1):
            if blocks >> level & 1:
                found.append((start, start + (1 << level)))
                start += 1 << level
        return found


@dataclass(frozen=True)
class Table:
    """All packages of a model under N futures.

    Arrays are (objectives, packages) or (packages,); objectives are the channels, then the total. Shares are
    of futures.

    Attributes
    ----------
    mean, sd, lowest, highest, regret : of the burden of each channel and of the total, in their units.
    kept : (channels, packages) share in which a channel is within its threshold.
    group_kept, worse_than_nothing, worse_than_base : (groups, packages) shares by group.
    domain : group domain, the share in which every group is within all its thresholds.
    starr : Starr domain, the share in which all thresholds hold and the cost is within `most_cost`.
    cost : mean cost of each package.
    """

    model: Model
    count: int
    seed: int
    base: int
    objectives: tuple[tuple[str, str], ...]
    groups: tuple[str, ...]
    mean: Floats
    sd: Floats
    lowest: Floats
    highest: Floats
    regret: Floats
    kept: Floats
    group_kept: Floats
    worse_than_nothing: Floats
    worse_than_base: Floats
    domain: Floats
    starr: Floats
    cost: Floats

    @property
    def packages(self) -> int:
        return int(self.domain.size)

    def number(self, group: str = "", kind: str = "") -> int:
        """Which row an objective has; without a group the total."""
        return self.objectives.index((group, kind))

    def error(self, share: Floats | float) -> Floats:
        """The Monte-Carlo error of a share of futures, `sqrt(p (1 - p) / N)`, at least 1/N.

        One standard error of independent futures; Sobol points usually err less. The floor keeps a share of nought or
        of one from looking certain.
        """
        p = np.asarray(share, np.float64)
        found: Floats = np.maximum(np.sqrt(np.maximum(p * (1 - p), 0.0) / self.count), 1.0 / self.count)
        return found

    def hurwicz(self, worst: float) -> Floats:
        """`a * highest + (1 - a) * lowest` (Hurwicz 1953), a the weight of the worst."""
        return worst * self.highest + (1 - worst) * self.lowest

    @property
    def mean_variance(self) -> Floats:
        """`(mean + 1)(sd + 1)`: lower is better in both (Kwakkel 2016, in the form for what is to be small)."""
        return (self.mean + 1) * (self.sd + 1)


def finished(part: Partial, model: Model, seed: int, base: int, groups: Iterable[str], cost: Floats) -> Table:
    """The table of joined partials."""
    channels, n = len(model.channels), part.count
    statistics, marks = part.statistics, part.marks
    mean, lowest = statistics[:, SUM] / n, statistics[:, LEAST].copy()
    np.maximum(mean[:channels], 0.0, out=mean[:channels])
    np.maximum(lowest[:channels], 0.0, out=lowest[:channels])
    return Table(
        model=model,
        count=n,
        seed=seed,
        base=base,
        objectives=(*model.channels, ("", "")),
        groups=tuple(groups),
        mean=mean,
        sd=np.sqrt(statistics[:, SQUARES] / max(n - 1, 1)),
        lowest=lowest,
        highest=statistics[:, MOST].copy(),
        regret=np.maximum(statistics[:, REGRET], 0.0),
        kept=1 - part.missed_by_channel / n,
        group_kept=1 - marks[:, MISSED] / n,
        worse_than_nothing=marks[:, WORSE_THAN_NOTHING] / n,
        worse_than_base=marks[:, WORSE_THAN_BASE] / n,
        domain=1 - part.missed / n,
        starr=1 - part.failed / n,
        cost=cost,
    )


def blocks_of(count: int, size: int) -> Iterator[tuple[int, int, int]]:
    """Number, start and stop of each block of futures."""
    for number, start in enumerate(range(0, count, size)):
        yield number, start, min(start + size, count)

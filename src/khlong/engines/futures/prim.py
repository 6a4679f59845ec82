r"""Scenario discovery: in which futures does a package fail? Boxes found by PRIM.

The patient rule induction method [1]_ looks for a box in the space of the dimensions in which failures are dense.
It starts with all futures and peels, again and again, a thin slice (a share `peel` of what is left) off one side of
one dimension; afterwards it pastes slices back where that helps. Each step is one box of a trajectory from "all
failures, few of them dense" to "only failures, few of them covered". Bryant and Lempert [2]_ made it the way to
describe futures in words; three numbers describe a box:

.. math:: \mathrm{coverage} = \frac{k}{K}, \qquad \mathrm{density} = \frac{k}{n}, \qquad \mathrm{mass} = \frac{n}{N}

with n futures and k failures in the box, of N and K in all.

Which slice goes: the one with the largest rise of the density for each future given up [3]_,

.. math:: \frac{\bar y_{B-b} - \bar y_B}{n_B - n_{B-b}},

of equals the one that restricts fewer dimensions, then the first (upper side before lower). The edge of a slice
stands half way between two neighbouring values, and equal values are never torn apart. Peeling ends when nothing
rises or the box would hold less than `mass` of all futures. These are the rules of the exploratory modelling
workbench [3]_, so trajectories agree with it step by step.

Whether a limit could be chance: the **quasi-p** of a limit [2]_ is the chance to see k or more failures among n if
they were as frequent as in the box without that limit. It is no true p-value, for the limit was searched for.

Speed: dimensions are sorted once; a peel looks only at the ends of each order and then drops what went.

References
----------
.. [1] J. H. Friedman, N. I. Fisher, 1999. Bump hunting in high-dimensional data. Statistics and Computing 9:123-143.
   doi:10.1023/A:1008894516817
.. [2] B. P. Bryant, R. J. Lempert, 2010. Thinking inside the box: a participatory, computer-assisted approach to
   scenario discovery. Technological Forecasting and Social Change 77:34-49. doi:10.1016/j.techfore.2009.08.002
.. [3] J. H. Kwakkel, 2017. The Exploratory Modeling Workbench. Environmental Modelling & Software 96:239-250.
   doi:10.1016/j.envsoft.2017.06.054; J. H. Kwakkel, M. Jaxa-Rozen, 2016. Improving scenario discovery for handling
   heterogeneous uncertainties and multinomial classified outcomes. Ibid. 79:311-321.
   doi:10.1016/j.envsoft.2015.11.020
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import bdtrc

from khlong.engines.futures.errors import ModelError, Words
from khlong.engines.futures.words import limit, listed, named, per_cent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from khlong.engines.futures.model import Dimension, Floats, Mask, Name

UPPER, LOWER = 0, 1


@dataclass(frozen=True)
class Box:
    """Limits (inclusive) by dimension, and what lies within them.

    Attributes
    ----------
    low, high : (D,) arrays
    is_low, is_high : (D,) masks
        Whether the limit restricts: it is not the edge of all futures.
    count, failures : int
        Futures and failures in the box (n and k).
    all_count, all_failures : int
        In all (N and K).
    """

    low: Floats
    high: Floats
    is_low: Mask
    is_high: Mask
    count: int
    failures: int
    all_count: int
    all_failures: int

    @property
    def coverage(self) -> float:
        """Share of all failures that lie in the box; nan where nothing fails."""
        return self.failures / self.all_failures if self.all_failures else float("nan")

    @property
    def density(self) -> float:
        """Share of the futures in the box that fail; nan for an empty box."""
        return self.failures / self.count if self.count else float("nan")

    @property
    def mass(self) -> float:
        """Share of all futures that lie in the box."""
        return self.count / self.all_count

    @property
    def dimensions(self) -> NDArray[np.intp]:
        """Numbers of the dimensions that it restricts."""
        return np.flatnonzero(self.is_low | self.is_high)

    def holds(self, x: Floats) -> Mask:
        """Which points lie in the box. (N, D) -> (N,)"""
        return np.asarray(((x >= self.low) & (x <= self.high)).all(axis=1))


@dataclass(frozen=True)
class Trajectory:
    """All boxes, from the whole to the last that was peeled or pasted."""

    boxes: tuple[Box, ...]

    def choose(self, density: float = 0.8) -> Box:
        """The box that covers most failures among those at least so dense; else the densest, of equals the wider.

        The choice is a judgement: the trajectory is there for those who judge otherwise.
        """
        dense = [box for box in self.boxes if box.density >= density]
        if dense:
            return max(dense, key=lambda box: (box.coverage, box.density))
        return max(self.boxes, key=lambda box: (box.density, box.coverage))


@dataclass(frozen=True)
class _Data:
    """What does not change: columns (D, N), failures, the edges, and the size of the whole."""

    columns: Floats
    failed: NDArray[np.uint8]
    low: Floats
    high: Floats
    remaining: Mask
    all_failures: int

    @property
    def size(self) -> int:
        return len(self.failed)

    def box(self, low: Floats, high: Floats, count: int, failures: int) -> Box:
        return Box(
            low, high, low != self.low, high != self.high, count, failures, self.size, self.all_failures
        )


def peel(
    x: Floats,
    failed: Mask,
    *,
    slices: float = 0.05,
    paste: float = 0.05,
    mass: float = 0.05,
    remaining: Mask | None = None,
) -> Trajectory:
    """The trajectory of boxes in which failures grow denser.

    Parameters
    ----------
    x : (N, D) array
        The value of each dimension in each future.
    failed : (N,) mask
    slices, paste : float
        The share of the box that one peel takes, and one paste gives back.
    mass : float
        A box holds at least this share of all futures.
    remaining : (N,) mask, optional
        Look only here: what earlier boxes have not explained.

    Examples
    --------
    >>> x = np.random.default_rng(0).random((1000, 3))
    >>> box = peel(x, (x[:, 0] > 0.7) & (x[:, 2] < 0.5)).choose()
    >>> box.dimensions.tolist(), round(float(box.low[0]), 1), round(float(box.high[2]), 1)
    ([0, 2], 0.7, 0.5)
    """
    data = _data(x, failed, slices, paste, remaining)
    boxes = _peel(data, slices, mass)
    boxes += _paste(data, boxes[-1], paste, mass)
    return Trajectory(tuple(boxes))


def discover(
    x: Floats, failed: Mask, *, most: int = 3, density: float = 0.8, slices: float = 0.05, mass: float = 0.05
) -> list[Box]:
    """One box after the other, each searched among what the earlier ones do not hold, as long as they are dense.

    Coverage and mass of each are shares of all failures and all futures. (N, D), (N,) -> up to `most` boxes
    """
    remaining = np.ones(len(failed), bool)
    found: list[Box] = []
    while len(found) < most and failed[remaining].any():
        box = simplify(
            x,
            failed,
            peel(x, failed, slices=slices, mass=mass, remaining=remaining).choose(density),
            remaining,
        )
        if box.density < density or (found and not len(box.dimensions)):
            break
        found.append(box)
        remaining &= ~box.holds(x)
    return found


def quasi_p(x: Floats, failed: Mask, box: Box, remaining: Mask | None = None) -> Floats:
    """Quasi-p of every limit. (N, D) -> (D, 2), lower and upper limit; nan where the box is not limited."""
    there = np.ones(len(x), bool) if remaining is None else remaining
    found = np.full((len(box.low), 2), np.nan)
    for number in box.dimensions:
        others = np.delete(np.arange(x.shape[1]), number)
        rest = ((x[:, others] >= box.low[others]) & (x[:, others] <= box.high[others])).all(axis=1) & there
        column = x[:, number]
        for side, limits in enumerate((box.is_low, box.is_high)):
            if limits[number]:
                kept = column <= box.high[number] if side == 0 else column >= box.low[number]
                released = rest & kept
                chance = failed[released].mean()
                found[number, side] = bdtrc(box.failures - 1, box.count, chance) if box.failures else 1.0
    return found


def simplify(x: Floats, failed: Mask, box: Box, remaining: Mask | None = None, *, most: float = 0.05) -> Box:
    """The box without limits that could be chance: the one with the largest quasi-p goes, until all are below `most`.

    The shorter a sentence is, the more people it reaches; a limit that does not earn its words is left out.
    """
    there = np.ones(len(x), bool) if remaining is None else remaining
    edge_low, edge_high = x.min(axis=0), x.max(axis=0)
    while len(box.dimensions):
        doubts = np.nan_to_num(quasi_p(x, failed, box, there), nan=-1.0)
        number, side = np.unravel_index(np.argmax(doubts), doubts.shape)
        if doubts[number, side] <= most:
            break
        low, high = box.low.copy(), box.high.copy()
        (low, high)[side][number] = (edge_low, edge_high)[side][number]
        inside = ((x >= low) & (x <= high)).all(axis=1) & there
        box = Box(
            low,
            high,
            low != edge_low,
            high != edge_high,
            int(inside.sum()),
            int(failed[inside].sum()),
            box.all_count,
            box.all_failures,
        )
    return box


def sentence(box: Box, dimensions: Sequence[Dimension], group: Name | None = None) -> Words:
    """In which futures it fails, in one sentence. `dimensions` in the order of the columns; `group`: whom it fails.

    Examples
    --------
    >>> from khlong.engines.futures.model import Dimension, Name, Spread
    >>> rain = Dimension("rain", Name("ฝนที่หนักขึ้น", "rise of rain"), "share", Spread.UNIFORM, 0, 1, 0)
    >>> box = Box(np.array([0.28]), np.array([1.0]), np.array([True]), np.array([False]), 1000, 800, 10000, 1000)
    >>> sentence(box, [rain]).en
    'It fails mainly in futures with rise of rain above 28 %: 80 % of all failures lie there, and 80 % of these futures fail (800 of 1,000; 10,000 futures in all).'
    """  # noqa: E501
    th_who = f"สำหรับ{named(group, 'th')} ชุดมาตรการนี้" if group else "ชุดมาตรการนี้"
    en_who = f"For {named(group, 'en')} it" if group else "It"
    if not box.all_failures:
        return Words(
            th=f"{th_who}รับไหวในทั้ง {box.all_count:,} อนาคตที่เป็นไปได้",
            en=f"{en_who} holds in all {box.all_count:,} futures.",
        )
    if box.all_failures == box.all_count:
        return Words(
            th=f"{th_who}รับไม่ไหวในทั้ง {box.all_count:,} อนาคตที่เป็นไปได้",
            en=f"{en_who} fails in all {box.all_count:,} futures.",
        )
    if not len(box.dimensions):
        return Words(
            th=f"{th_who}รับไม่ไหวใน {box.all_failures:,} จาก {box.all_count:,} อนาคตที่เป็นไปได้ "
            "และไม่พบเงื่อนไขใดที่แยกอนาคตเหล่านี้ออกได้ชัด",
            en=f"{en_who} fails in {box.all_failures:,} of {box.all_count:,} futures, "
            "and nothing tells these apart clearly.",
        )
    th, en = (listed(_limits(box, dimensions, language), language) for language in ("th", "en"))
    return Words(
        th=f"{th_who}มักรับไม่ไหวในอนาคตที่{th} "
        f"โดย{per_cent(box.coverage, 'th', 2)} ของกรณีที่รับไม่ไหวทั้งหมดอยู่ในกลุ่มนี้ "
        f"และอนาคตในกลุ่มนี้รับไม่ไหว{per_cent(box.density, 'th', 2)} "
        f"({box.failures:,} จาก {box.count:,} อนาคต จากทั้งหมด {box.all_count:,} อนาคต)",
        en=f"{en_who} fails mainly in futures with {en}: {per_cent(box.coverage, 'en', 2)} of all failures lie there, "
        f"and {per_cent(box.density, 'en', 2)} of these futures fail "
        f"({box.failures:,} of {box.count:,}; {box.all_count:,} futures in all).",
    )


def _limits(box: Box, dimensions: Sequence[Dimension], language: str) -> list[str]:
    return [
        limit(
            dimensions[number],
            float(box.low[number]) if box.is_low[number] else float("-inf"),
            float(box.high[number]) if box.is_high[number] else float("inf"),
            language,
        )
        for number in box.dimensions
    ]


def _data(x: Floats, failed: Mask, slices: float, paste: float, remaining: Mask | None) -> _Data:
    """Checked, and turned so that each dimension lies together."""
    columns = np.ascontiguousarray(np.asarray(x, float).T)
    if columns.ndim != 2 or columns.shape[1] != len(failed) or not len(failed):
        raise ModelError(
            "x",
            Words("จำนวนอนาคตกับจำนวนผลลัพธ์ไม่เท่ากัน", "There are not as many outcomes as futures."),
            Words("ให้ผลลัพธ์หนึ่งค่าต่อหนึ่งอนาคต", "Give one outcome for each future."),
        )
    if not np.isfinite(columns).all():
        raise ModelError(
            "x",
            Words("มิติหนึ่งมีค่าที่ไม่ใช่ตัวเลข", "A dimension holds a value that is no number."),
            Words("ตัดอนาคตนั้นออก หรือแก้ค่าให้เป็นตัวเลข", "Leave that future out, or mend the value."),
        )
    if not (0 < slices <= 0.5 and 0 < paste <= 0.5):
        raise ModelError(
            "slices",
            Words(
                "ส่วนที่ปอกออกแต่ละครั้งต้องมากกว่า 0 และไม่เกิน 0.5",
                "A slice is more than 0 and at most half of the box.",
            ),
            Words("ใช้ 0.05 หากไม่มีเหตุผลอื่น", "Use 0.05 unless there is a reason."),
        )
    there = np.ones(len(failed), bool) if remaining is None else np.asarray(remaining, bool)
    return _Data(
        columns,
        np.asarray(failed, bool).view(np.uint8),
        columns.min(axis=1),
        columns.max(axis=1),
        there,
        int(np.count_nonzero(failed)),
    )


def _peel(data: _Data, share: float, mass: float) -> list[Box]:
    """Peel until nothing rises or the box grows too small."""
    order = _orders(data)
    low, high = data.low.copy(), data.high.copy()
    count, failures = order.shape[1], int(data.failed[data.remaining].sum())
    boxes = [data.box(low.copy(), high.copy(), count, failures)]
    while count > 1 and len(order):
        edges, gone, lost = _slices(data, order, share)
        choice = _best(data, boxes[-1], edges, count - gone, failures - lost)
        if choice is None:
            break
        number, side = choice
        left = count - int(gone[number, side])
        if left / data.size < mass or left == count:
            break
        (high, low)[side][number] = edges[number, side]
        order = _drop(order, data.size, number, side, int(gone[number, side]))
        count, failures = left, failures - int(lost[number, side])
        boxes.append(data.box(low.copy(), high.copy(), count, failures))
    return boxes


def _orders(data: _Data) -> NDArray[np.intp]:
    """By dimension, the numbers of the remaining futures in rising order of its value. (D, n)"""
    numbers = np.flatnonzero(data.remaining)
    kept = data.columns if data.remaining.all() else data.columns[:, numbers]
    return numbers[np.argsort(kept, axis=1)]


def _drop(order: NDArray[np.intp], size: int, number: int, side: int, gone: int) -> NDArray[np.intp]:
    """The orders without what was peeled off one side of one dimension."""
    alive = np.ones(size, bool)
    alive[order[number, -gone:] if side == UPPER else order[number, :gone]] = False
    return order[alive.take(order)].reshape(len(order), -1)


def _slices(
    data: _Data, order: NDArray[np.intp], share: float
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """For each dimension and side: the new edge, how many futures and how many failures lie beyond. (D, 2)"""
    rows, count = order.shape
    edges, gone = np.empty((rows, 2)), np.empty((rows, 2), np.int64)
    for side in (UPPER, LOWER):
        rank = (count - 1) * (1 - share if side == UPPER else share)
        below, above = int(np.floor(rank)), int(np.ceil(rank))
        numbers = np.arange(rows)
        first, last = data.columns[numbers, order[:, below]], data.columns[numbers, order[:, above]]
        edges[:, side] = (first + last) / 2
        gone[:, side] = count - below - 1 if side == UPPER else above
        for number in np.flatnonzero(first == last):
            values = data.columns[number, order[number]]
            edges[number, side], gone[number, side] = _untied(values, float(first[number]), side)
    return edges, gone, _lost(data, order, gone)


def _untied(values: Floats, tied: float, side: int) -> tuple[float, int]:
    """The edge where equal values stand at the slice: they all go, and where they reach the other end, none."""
    count = len(values)
    if side == UPPER:
        below = max(int(np.searchsorted(values, tied, "left")) - 1, 0)
        edge = (float(values[below]) + tied) / 2
        return edge, count - int(np.searchsorted(values, edge, "right"))
    above = min(int(np.searchsorted(values, tied, "right")), count - 1)
    edge = (float(values[above]) + tied) / 2
    return edge, int(np.searchsorted(values, edge, "left"))


def _lost(data: _Data, order: NDArray[np.intp], gone: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many failures lie beyond each edge. (D, 2)"""
    lost = np.empty_like(gone)
    for side in (UPPER, LOWER):
        most = int(np.max(gone[:, side]))
        ends = order[:, -most:][:, ::-1] if side == UPPER else order[:, :most]
        sums = np.zeros((len(order), most + 1), np.int64)
        if most:
            np.cumsum(data.failed[ends], axis=1, out=sums[:, 1:])
        lost[:, side] = sums[np.arange(len(order)), gone[:, side]]
    return lost


def _best(
    data: _Data, box: Box, edges: Floats, count: NDArray[np.int64], failures: NDArray[np.int64]
) -> tuple[int, int] | None:
    """The dimension and side whose slice raises the density most per future given up; None where none does."""
    gain = _gains(box, count, failures)
    top = np.max(gain)
    if not top > 0:
        return None
    limited = box.is_low | box.is_high
    unchanged = np.stack(
        [~box.is_low & (edges[:, UPPER] == data.high), ~box.is_high & (edges[:, LOWER] == data.low)], axis=1
    )
    adds = ~limited[:, None] & ~unchanged
    choices = np.flatnonzero((gain == top).ravel() & (adds == np.min(adds[gain == top])).ravel())
    number, side = np.unravel_index(choices[0], gain.shape)
    return int(number), int(side)


def _gains(box: Box, count: NDArray[np.int64], failures: NDArray[np.int64]) -> Floats:
    """The change of the density by the change of the number of futures; 0 where the density stays."""
    old = box.failures / box.count
    new = np.divide(failures, count, out=np.zeros(count.shape), where=count > 0)
    change = np.abs(count - box.count)
    return np.divide(new - old, change, out=np.zeros(count.shape), where=(change > 0) & (new != old))


def _paste(data: _Data, box: Box, share: float, mass: float) -> list[Box]:
    """Give slices back as long as that makes the box larger and denser."""
    found: list[Box] = []
    while len(box.dimensions):
        candidates = [each for number in box.dimensions for each in _pastes(data, box, int(number), share)]
        counts = np.array([each.count for each in candidates])
        gains = _gains(box, counts, np.array([each.failures for each in candidates]))
        restricted = [len(each.dimensions) for each in candidates]
        top = min(range(len(candidates)), key=lambda each: (-gains[each], restricted[each]))
        best = candidates[top]
        if not (best.mass >= mass and best.count > box.count and gains[top] > 0):
            break
        found.append(best)
        box = best
    return found


def _pastes(data: _Data, box: Box, number: int, share: float) -> list[Box]:
    """The box with a slice given back below, and above."""
    rest = data.remaining.copy()
    for other in box.dimensions:
        if other != number:
            column = data.columns[other]
            rest &= (column >= box.low[other]) & (column <= box.high[other])
    column = data.columns[number]
    beneath = np.sort(column[rest & (column <= box.low[number])])
    beyond = np.sort(column[rest & (column >= box.high[number])])
    low, high = box.low.copy(), box.high.copy()
    low[number] = _edge(beneath, 1 - share) if len(beneath) else data.low[number]
    high[number] = _edge(beyond, share) if len(beyond) else data.high[number]
    found = []
    for new_low, new_high in ((low, box.high), (box.low, high)):
        inside = rest & (column >= new_low[number]) & (column <= new_high[number])
        found.append(data.box(new_low, new_high, int(inside.sum()), int(data.failed[inside].sum())))
    return found


def _edge(values: Floats, share: float) -> float:
    """Half way between the two sorted values around a rank; equal values give way outwards from the middle."""
    rank = (len(values) - 1) * share
    below, above = int(np.floor(rank)), int(np.ceil(rank))
    if values[below] == values[above]:
        side = UPPER if share > 0.5 else LOWER
        tied = float(values[below])
        if side == UPPER:
            below = max(int(np.searchsorted(values, tied, "left")) - 1, 0)
        else:
            above = min(int(np.searchsorted(values, tied, "right")), len(values) - 1)
    return (float(values[below]) + float(values[above])) / 2

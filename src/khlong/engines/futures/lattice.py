"""Every package of every future: the subset-sum transform, and what is read off it while it is in the cache.

Stage A leaves, for each channel and future, a few coefficients c(s) by set s of (lever, level). The value of a package
is the sum over the sets inside it. Lever by lever,

.. math:: f[\\ldots, j, \\ldots] \\leftarrow f[\\ldots, j, \\ldots] + f[\\ldots, 0, \\ldots] \\quad (j \\ge 1),

which for n toggles is n 2^(n-1) additions (F. Yates, 1937; R. Kennes, 1992, Computational aspects of the Moebius
transformation of graphs, doi:10.1109/21.156584). How it is laid out:

* packages stand side by side (innermost), futures row by row, so that one row is transformed in the first-level cache
  and every metric is an elementwise step over packages;
* the lowest levers (`lanes`, up to 8 packages) are not transformed: a coefficient is added to all their packages at
  once, through a mask;
* more than `MOST_BLOCK` packages are cut into sub-lattices by the highest levers. Each is filled anew from the
  coefficients that fit it, once to find the least value of all packages (for regret) and once for the metrics;
* whether a future misses a threshold, or a group is worse off, is one bit of a word of 64 futures, so that groups and
  kinds are joined by an `or`, and counted once.

A block of `BLOCK` futures gives one `Partial` (`table`). Partials are joined by a fixed tree over block numbers, with
the pairwise update of means and squares of T. F. Chan, G. H. Golub, R. J. LeVeque, 1983,
doi:10.1080/00031305.1983.10483115, so that threads and processes change no bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from khlong.engines.futures.kernels import jit
from khlong.engines.futures.vectors import (
    WIDE,
    add_wide,
    butterfly,
    gather_wide,
    least_wide,
    mark_wide,
    spread_wide,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from khlong.engines.futures.compile import LeverSet
    from khlong.engines.futures.model import Floats

    Wholes = NDArray[np.int64]

BLOCK = 256
WORD = 64
LANES = WIDE
MOST_BLOCK = 1 << 14
ROOM = 1 << 15
"""Values that a thread keeps at hand: 256 KB, a quarter of a second-level cache of 1 MB."""
STRIP = 256
TILE = 8
SUM, SQUARES, LEAST, MOST, REGRET = range(5)
STATISTICS = 5
MISSED, WORSE_THAN_NOTHING, WORSE_THAN_BASE = range(3)
MARKS = 3

# ruff: noqa: PLR0913, PLR0917


@dataclass(frozen=True)
class Layout:
    """How the packages of a model are cut: lanes, rows of `block` packages, `tops` sub-lattices.

    `radices` are those of the levers above the lanes and inside a block.
    """

    radices: tuple[int, ...]
    lanes: int
    block: int
    tops: int
    lane_levers: int
    block_levers: int

    @classmethod
    def of(cls, radices: Sequence[int], most: int = MOST_BLOCK) -> Layout:
        inside = _fitting(radices, most)
        low = _fitting(radices[:inside], LANES)
        block = prod(radices[:inside])
        return cls(
            tuple(radices[low:inside]),
            prod(radices[:low]),
            block,
            prod(radices[inside:]),
            low,
            inside,
        )

    @property
    def packages(self) -> int:
        return self.block * self.tops

    @property
    def rows(self) -> int:
        """Futures that are held side by side: 4, 8 or 16, which divide a word."""
        return 16 if self.block * 16 <= ROOM else 8 if self.block * 8 <= ROOM else 4


def _fitting(radices: Sequence[int], most: int) -> int:
    """How many of the first levers have no more than `most` packages together; at least one."""
    for number in range(len(radices), 0, -1):
        if prod(radices[:number]) <= most:
            return number
    return min(1, len(radices))


@dataclass(frozen=True)
class Scatter:
    """Where the coefficients of one objective go.

    By top t: entries `start[t]`..`start[t + 1]`: coefficient `source`, first package `at` of its lanes, and `mask`.
    """

    start: Wholes
    source: Wholes
    at: Wholes
    mask: Wholes


def lane_masks(radices: Sequence[int]) -> Floats:
    """By choice of levels of the lanes' levers (0: no matter): 1 for the lanes that have them. (lanes, lanes)"""
    lanes = prod(radices)
    levels = np.array([levels_of(lane, radices) for lane in range(lanes)]).reshape(lanes, len(radices))
    fits = (levels[:, None, :] == 0) | (levels[:, None, :] == levels[None, :, :])
    return np.ascontiguousarray(fits.all(axis=2).astype(np.float64))


def levels_of(package: int, radices: Sequence[int]) -> list[int]:
    """The level of each lever in a package; lever 0 is the fastest."""
    found = []
    for radix in radices:
        package, level = divmod(package, radix)
        found.append(level)
    return found


def scattered(layout: Layout, radices: Sequence[int], sets: Sequence[LeverSet]) -> Scatter:
    """The entries of one objective's coefficients, for each top.

    Neighbours go to different packages, so that no addition waits for the one before it.
    """
    strides = np.cumprod([1, *radices])
    low, high = layout.lane_levers, layout.block_levers
    start, entries = [0], list[tuple[int, int, int]]()
    for top in range(layout.tops):
        levels = levels_of(top, radices[high:])
        for source, inside in enumerate(sets):
            if all(levels[lever - high] == level for lever, level in inside if lever >= high):
                lane = sum(int(strides[lever]) * level for lever, level in inside if lever < low)
                at = sum(int(strides[lever]) * level for lever, level in inside if low <= lever < high)
                entries.append((source, at, lane))
        entries[start[-1] :] = sorted(entries[start[-1] :], key=lambda each: each[::-1])
        start.append(len(entries))
    table = np.array(entries, np.int64).reshape(-1, 3)
    columns = [np.ascontiguousarray(column) for column in table.T]
    return Scatter(np.array(start, np.int64), columns[0], columns[1], columns[2])


@jit
def turn(columns: Any, out: Any) -> None:
    """`out[f, s] = columns[s, f]`, in squares of eight, since the columns of stage A lie a page apart."""
    sets, count = columns.shape
    for a in range(0, sets, TILE):
        for b in range(0, count, TILE):
            for s in range(a, min(a + TILE, sets)):
                for f in range(b, min(b + TILE, count)):
                    out[f, s] = columns[s, f]


@jit
def add_into(values: Any, much: float, into: Any, out: Any) -> None:
    """`out[f, into[s]] += much * values[f, s]`."""
    for f in range(values.shape[0]):
        source, target = values[f], out[f]
        for s in range(into.size):
            target[into[s]] += much * source[s]


@jit
def transform(row: Any, stride: int, radices: Any) -> None:
    """The subset-sum transform over levers of any number of levels, from `stride` on."""
    for radix in radices:
        for block in range(0, row.size, stride * radix):
            zero = row[block : block + stride]
            for level in range(1, radix):
                here = row[block + level * stride : block + (level + 1) * stride]
                for i in range(stride):
                    here[i] += zero[i]
        stride *= radix


@jit
def transform_wide(row: Any, toggles: int) -> None:
    """The same over toggles above eight lanes, three at a time; `row` has 8 * 2^toggles packages."""
    stride, left = WIDE, toggles
    while left >= 3:
        for block in range(0, row.size, 8 * stride):
            for i in range(block, block + stride, WIDE):
                butterfly(row, i, stride)
        stride, left = 8 * stride, left - 3
    while left > 0:
        for block in range(0, row.size, 2 * stride):
            for i in range(block, block + stride, WIDE):
                add_wide(row, i + stride, i)
        stride, left = 2 * stride, left - 1


@jit
def fill(
    row: Any, values: Any, source: Any, at: Any, mask: Any, first: int, stop: int, masks: Any, radices: Any
) -> None:
    """One row of packages from one future's coefficients."""
    row[:] = 0.0
    lanes, toggles = masks.shape[1], True
    for radix in radices:
        toggles = toggles and radix == 2
    if lanes == WIDE:
        for entry in range(first, stop):
            spread_wide(row, at[entry], values[source[entry]], masks, mask[entry])
    else:
        for entry in range(first, stop):
            much, here, lane = values[source[entry]], row[at[entry] : at[entry] + lanes], masks[mask[entry]]
            for i in range(lanes):
                here[i] += much * lane[i]
    if lanes == WIDE and toggles:
        transform_wide(row, radices.size)
    else:
        transform(row, lanes, radices)


@jit
def least(row: Any) -> float:
    """The least value of a row."""
    if row.size % (2 * WIDE) == 0:
        return float(least_wide(row, row.size))
    found = row[0]
    for i in range(row.size):
        found = min(found, row[i])
    return float(found)


@jit
def gather(
    sums: Any, squares: Any, low: Any, high: Any, regret: Any, a: Any, b: Any, c: Any, d: Any, best: Any
) -> None:
    """Four futures into the statistics of a strip of packages."""
    for i in range(sums.size):
        p, q, r, s = a[i], b[i], c[i], d[i]
        sums[i] += (p + q) + (r + s)
        squares[i] += (p * p + q * q) + (r * r + s * s)
        low[i] = min(low[i], p, q, r, s)
        high[i] = max(high[i], p, q, r, s)
        regret[i] = max(regret[i], p - best[0], q - best[1], r - best[2], s - best[3])


@jit
def gather_one(sums: Any, squares: Any, low: Any, high: Any, regret: Any, a: Any, best: float) -> None:
    for i in range(sums.size):
        p = a[i]
        sums[i] += p
        squares[i] += p * p
        low[i] = min(low[i], p)
        high[i] = max(high[i], p)
        regret[i] = max(regret[i], p - best)


@jit
def mark(bits: Any, row: Any, limit: float, bit: int) -> None:
    """Set one bit where a package is above a limit in one future."""
    for i in range(row.size):
        bits[i] |= bit if row[i] > limit else 0


@jit
def mark_four(bits: Any, a: Any, b: Any, c: Any, d: Any, limits: Any, bit: int) -> None:
    first, second, third = limits[0], limits[1], limits[2]
    fourth = limits[3]
    for i in range(bits.size):
        here = (bit if a[i] > first else 0) | (2 * bit if b[i] > second else 0)
        bits[i] |= here | (4 * bit if c[i] > third else 0) | (8 * bit if d[i] > fourth else 0)


@jit
def count_bits(bits: Any, out: Any) -> None:
    """How many bits are set, added to `out` (H. S. Warren, 2012, Hacker's Delight, 2nd ed., 5-1)."""
    for i in range(bits.size):
        x = np.uint64(bits[i])
        x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
        x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
        x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
        out[i] += np.int32((x * np.uint64(0x0101010101010101)) >> np.uint64(56))


@jit
def count_words(bits: Any, out: Any) -> None:
    for word in range(bits.shape[0]):
        count_bits(bits[word], out)


@jit
def observe_wide(
    rows: Any, f: int, fours: int, statistics: Any, offset: int, best: Any, limits: Any, bits: Any
) -> None:
    """`observe` for whole fours of futures, eight packages at a time."""
    for a in range(0, rows.shape[1], STRIP):
        b = min(a + STRIP, rows.shape[1])
        for i in range(a, b, WIDE):
            gather_wide(statistics, offset + i, rows, i, fours, best, f)
        for which in range(bits.shape[0]):
            for i in range(a, b, WIDE):
                mark_wide(bits[which], f // WORD, i, rows, i, fours, limits[which], f, f % WORD)


@jit
def observe(
    rows: Any, f: int, stop: int, statistics: Any, offset: int, best: Any, limits: Any, bits: Any
) -> None:
    """The statistics and marks of futures f..stop of a block: rows (F, packages), limits (3, N), bits (3, words, P)."""
    whole, word, shift = f + (stop - f) // 4 * 4, f // WORD, f % WORD
    if rows.shape[1] % WIDE == 0 and whole == stop:
        observe_wide(rows, f, (stop - f) // 4, statistics, offset, best, limits, bits)
        return
    for a in range(0, rows.shape[1], STRIP):
        b = min(a + STRIP, rows.shape[1])
        c, d = offset + a, offset + b
        sums, squares = statistics[SUM, c:d], statistics[SQUARES, c:d]
        low, high, regret = statistics[LEAST, c:d], statistics[MOST, c:d], statistics[REGRET, c:d]
        for w in range(f, whole, 4):
            p, q, r, s = rows[w - f, a:b], rows[w - f + 1, a:b], rows[w - f + 2, a:b], rows[w - f + 3, a:b]
            gather(sums, squares, low, high, regret, p, q, r, s, best[w : w + 4])
            for which in range(bits.shape[0]):
                mark_four(bits[which, word, a:b], p, q, r, s, limits[which, w : w + 4], 1 << (shift + w - f))
        for w in range(whole, stop):
            p = rows[w - f, a:b]
            gather_one(sums, squares, low, high, regret, p, best[w])
            for which in range(bits.shape[0]):
                mark(bits[which, word, a:b], p, limits[which, w], 1 << (shift + w - f))


@jit
def fill_rows(
    rows: Any, values: Any, f: int, stop: int, scatter: Any, start: Any, top: int, masks: Any, radices: Any
) -> None:
    for w in range(f, stop):
        fill(
            rows[w - f],
            values[w],
            scatter[0],
            scatter[1],
            scatter[2],
            start[top],
            start[top + 1],
            masks,
            radices,
        )


@jit
def find_least(
    values: Any, start: Any, scatter: Any, tops: int, masks: Any, radices: Any, row: Any, best: Any
) -> None:
    """The least value over all packages, for each future of a block."""
    for w in range(best.size):
        best[w] = np.inf
        for top in range(tops):
            fill(
                row, values[w], scatter[0], scatter[1], scatter[2], start[top], start[top + 1], masks, radices
            )
            best[w] = min(best[w], least(row))


@jit
def observe_block(
    values: Any,
    start: Any,
    scatter: Any,
    top: int,
    masks: Any,
    radices: Any,
    rows: Any,
    best: Any,
    search: bool,
    limits: Any,
    statistics: Any,
    offset: int,
    bits: Any,
) -> None:
    """One objective, one top, all futures of a block: values (N, sets), bits (marks, words, packages)."""
    held, count = rows.shape[0], values.shape[0]
    for f in range(0, count, held):
        stop = min(f + held, count)
        fill_rows(rows, values, f, stop, scatter, start, top, masks, radices)
        if search:
            for w in range(f, stop):
                best[w] = least(rows[w - f])
        observe(rows, f, stop, statistics, offset, best, limits, bits)


@jit
def mark_block(
    values: Any,
    start: Any,
    scatter: Any,
    top: int,
    masks: Any,
    radices: Any,
    rows: Any,
    limits: Any,
    bits: Any,
) -> None:
    """Only the marks of one objective: bits (words, packages)."""
    held, count = rows.shape[0], values.shape[0]
    for f in range(0, count, held):
        stop = min(f + held, count)
        fill_rows(rows, values, f, stop, scatter, start, top, masks, radices)
        if rows.shape[1] % WIDE == 0 and stop - f == held:
            for i in range(0, rows.shape[1], WIDE):
                mark_wide(bits, f // WORD, i, rows, i, held // 4, limits, f, f % WORD)
        else:
            for w in range(f, stop):
                mark(bits[w // WORD], rows[w - f], limits[w], 1 << (w % WORD))

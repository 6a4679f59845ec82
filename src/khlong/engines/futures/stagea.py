"""Stage A: from futures to coefficients, a few per channel instead of millions of cells.

For each class and each local package s (`compile`) and future w,

.. math:: v(s, w) = \\sum_t a_t(w)\\, \\phi(w,t)\\, driver(w,t)\\, factor(s,w,t)
          \\sum_{e,z} \\lambda_e V_z g_{s,w,t}(I_{ez})

by look-ups (`kernels`). Its Moebius coefficients over the local levers,

.. math:: c(s) = \\sum_{r \\subseteq s} (-1)^{|s - r|} v(r),

lever by lever a level above 0 minus level 0, are added up over the classes of a channel that have the same set of
(lever, level). Where no lever both bends the water and multiplies (nearly always), v is a sum of products of a
function of the one levers and a function of the others, so that its coefficients are products too: those of the works
are taken once for all classes behind them, and those of a factor `u_1 u_2 ...` are products of `u_i - 1`. Then for
*every* package S

.. math:: f_c(S, w) = \\sum_{s \\subseteq S} c(s, w)

(G.-C. Rota, 1964, On the foundations of combinatorial theory I, doi:10.1007/BF00531932). Each future is computed by
itself, in the same order of operations wherever it stands, so any part of the futures gives the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from khlong.engines.futures import compile as plan
from khlong.engines.futures import kernels
from khlong.engines.futures.kernels import jit
from khlong.engines.futures.tables import node_shares
from khlong.engines.futures.vectors import WIDE

if TYPE_CHECKING:
    from khlong.engines.futures.compile import Compiled
    from khlong.engines.futures.model import Floats
    from khlong.engines.futures.sampling import Futures

WIDTH = 256
"""Futures side by side in one turn of the loops: their hinges and a stop-loss row fit the second-level cache."""
WORK = 12

# ruff: noqa: PLR0913, PLR0917


@dataclass(frozen=True)
class Packed:
    """The numbers of some futures as the loops read them, the last future repeated up to a multiple of `WIDTH`.

    (rows, K, N) inputs, (J, N) shares of all curves' nodes, (K, N) weights of the knots.
    """

    inputs: Floats
    shares: Floats
    weights: Floats

    @property
    def count(self) -> int:
        return int(self.weights.shape[1])


def padded(count: int) -> int:
    return -(-count // WIDTH) * WIDTH


def spread_out(array: Floats, count: int) -> Floats:
    """(..., N) to (..., count), the last column repeated."""
    more = count - array.shape[-1]
    return np.ascontiguousarray(np.concatenate([array, np.repeat(array[..., -1:], more, axis=-1)], axis=-1))


def pack(program: Compiled, futures: Futures) -> Packed:
    """The numbers of these futures, in the order of `Inputs`."""
    rows, knots = program.inputs, len(program.model.years)
    inputs = np.ones((rows.rows, knots, futures.count))
    for key, number in rows.alpha.items():
        inputs[number] = futures.alpha(key).T
    for key, number in rows.phi.items():
        inputs[number] = futures.phi(key).T
    for rise, number in zip(program.model.rises, rows.rises, strict=True):
        inputs[number] = futures.rise(rise.key).T
    for number, layer in rows.drivers.values():
        inputs[number] = futures.driver(layer).T
    for measure, number in enumerate(rows.strengths):
        inputs[number] = futures.strength(measure).T
    shares = [node_shares(curve, futures.curve_position) for curve in program.curves]
    stacked = np.concatenate(shares) if shares else np.zeros((0, futures.count))
    parts = (inputs, stacked, futures.knot_weights.T)
    return Packed(*(spread_out(each, padded(futures.count)) for each in parts))


def coefficients(program: Compiled, futures: Futures, knot: int | None = None) -> Floats:
    """Coefficients of all channels, (sets, N): of the burden, or of the expected annual impact at one knot."""
    out = np.zeros((len(program.sets), padded(futures.count)))
    write(program, futures, out, 0, knot)
    return out[:, : futures.count]


def write(program: Compiled, futures: Futures, out: Floats, start: int = 0, knot: int | None = None) -> None:
    """Add the coefficients of these futures to the columns of `out` from `start` on, to a multiple of `WIDTH`."""
    packed = pack(program, futures)
    inputs, weights = packed.inputs, packed.weights
    if knot is not None:
        inputs, weights = np.ascontiguousarray(inputs[:, knot : knot + 1]), np.ones_like(weights[:1])
    run(
        program.bundles,
        program.classes,
        program.tables,
        program.nodes,
        program.rise_rows,
        program.chain_start,
        program.links,
        program.numbers,
        program.factor_parent,
        program.factor_start,
        program.factor_items,
        program.shape_of,
        program.factor_of,
        program.target,
        program.radix,
        inputs,
        packed.shares,
        weights,
        np.array([program.bends, *program.widest, start], np.int64),
        out,
    )


@jit
def run_chain(
    links: Any,
    numbers: Any,
    first: int,
    stop: int,
    inputs: Any,
    t: int,
    a: int,
    nodes: Any,
    share: Any,
    start: Any,
    begun: Any,
    financed: bool,
    x: Any,
    k: Any,
    xs: Any,
    js: Any,
    n: Any,
    work: Any,
) -> None:
    """Hinges and steps of one chain at knot t for `WIDTH` futures from a on, from its last transform to its first."""
    if financed:
        n[0], n[1] = 1, 0
        x[0, :] = 0.0
        k[0, :] = 1.0
    else:
        n[:] = begun
        x[: n[0]] = start[0, : n[0]]
        k[: n[0]] = start[1, : n[0]]
        xs[: n[1]] = start[2, : n[1]]
        js[: n[1]] = start[3, : n[1]]
    for link in range(first, stop):
        kind, p = links[link, 0], numbers[links[link, 2]]
        s = inputs[links[link, 1], t, a : a + WIDTH]
        if kind == kernels.SHIFT:
            kernels.through_shift(x, xs, n, p[0], s)
        elif kind == kernels.SCALE:
            kernels.through_scale(x, k, xs, js, n, p[0], s, work)
        elif kind == kernels.PROTECT:
            kernels.through_protect(x, k, xs, js, n, p[0], s, work)
        elif kind == kernels.ECOSYSTEM:
            kernels.through_ecosystem(x, k, xs, js, n, p[0], p[1], p[2], p[3], s, work)
        elif kind == kernels.TRANSFER:
            kernels.through_transfer(x, k, n, p[0], p[1], s, work)
        elif kind == kernels.FACTOR:
            kernels.through_factor(x, k, n, p[0], s)
        else:
            kernels.through_curve(x, k, xs, js, n, nodes, share)


@jit
def local_factors(
    parent: Any,
    start: Any,
    items: Any,
    numbers: Any,
    first: int,
    count: int,
    inputs: Any,
    t: int,
    a: int,
    much: Any,
    less: float,
    once: Any,
    out: Any,
) -> None:
    """`much` times the products over a local choice of what each measure leaves, minus `less`; each from its parent's.

    A measure leaves the product of `max(0, 1 - by s)` over its acts. `less` is 1 for the coefficients of the choices,
    0 for their values.
    """
    out[0] = much
    for v in range(1, count):
        row, before = out[v], out[parent[first + v]]
        once[:] = 1.0
        for item in range(start[first + v], start[first + v + 1]):
            by, s = numbers[items[item, 2], 0], inputs[items[item, 1], t, a : a + WIDTH]
            for f in range(once.size):
                once[f] *= max(0.0, 1.0 - by * s[f])
        for f in range(once.size):
            row[f] = before[f] * (once[f] - less)


@jit
def moebius(values: Any, count: int, radix: Any, stride: int) -> None:
    """In place, lever by lever from `stride` on: each level above 0 minus level 0."""
    for levels in radix:
        for block in range(0, count, stride * levels):
            for level in range(1, levels):
                for i in range(stride):
                    here, zero = values[block + level * stride + i], values[block + i]
                    for f in range(here.size):
                        here[f] -= zero[f]
        stride *= levels


@jit
def fold(
    values: Any, expected: Any, c: int, members: int, factor: Any, shape_of: Any, factor_of: Any, first: bool
) -> None:
    """`values[s] += expected[shape of s] * factor[factor of s]`, or `=` the first time."""
    for s in range(shape_of.size):
        row, e, v = values[s], expected[shape_of[s] * members + c], factor[factor_of[s]]
        if first:
            for f in range(e.size):
                row[f] = e[f] * v[f]
        else:
            for f in range(e.size):
                row[f] += e[f] * v[f]


@jit
def add_products(
    out: Any,
    at: int,
    target: Any,
    expected: Any,
    c: int,
    members: int,
    factor: Any,
    shape_of: Any,
    factor_of: Any,
) -> None:
    """`out[target of s] += sum over knots of expected[shape of s] * factor[factor of s]`."""
    knots = expected.shape[0]
    for s in range(shape_of.size):
        row, e, v = out[target[s], at : at + WIDTH], shape_of[s] * members + c, factor_of[s]
        for t in range(0, knots - 1, 2):
            one, two, much, more = expected[t, e], expected[t + 1, e], factor[t, v], factor[t + 1, v]
            for f in range(WIDTH):
                row[f] += one[f] * much[f] + two[f] * more[f]
        if knots % 2:
            one, much = expected[knots - 1, e], factor[knots - 1, v]
            for f in range(WIDTH):
                row[f] += one[f] * much[f]


@jit
def run(
    bundles: Any,
    classes: Any,
    tables: Any,
    nodes: Any,
    rise_rows: Any,
    chain_start: Any,
    links: Any,
    numbers: Any,
    factor_parent: Any,
    factor_start: Any,
    factor_items: Any,
    shape_of: Any,
    factor_of: Any,
    target: Any,
    radix: Any,
    inputs: Any,
    shares: Any,
    weights: Any,
    sizes: Any,
    out: Any,
) -> None:
    """All classes, bundle by bundle so that stop-loss rows stay near, for all futures of `inputs`."""
    knots = weights.shape[0]
    factor, values = np.empty((knots, sizes[2], WIDTH)), np.empty((sizes[3], WIDTH))
    expected, apart = np.empty((knots, sizes[4], WIDTH)), np.empty((knots, sizes[4], WIDTH))
    much, once = np.empty(WIDTH), np.empty(WIDTH)
    for bundle in range(bundles.size - 1):
        first, stop = bundles[bundle], bundles[bundle + 1]
        members = stop - first
        for a in range(0, weights.shape[1], WIDTH):
            b = a + WIDTH
            behind_works(
                classes[first],
                members,
                tables,
                nodes,
                rise_rows,
                chain_start,
                links,
                numbers,
                inputs,
                shares,
                a,
                sizes[0],
                expected,
            )
            rows, levels = classes[first, plan.CHAIN_COUNT] * members, classes[first, plan.CHAIN_LEVERS]
            for t in range(knots):
                apart[t, :rows] = expected[t, :rows]
                moebius(apart[t], rows, radix[levels : classes[first, plan.CHAIN_LEVERS_END]], members)
            for c in range(first, stop):
                row = classes[c]
                local, locals_ = row[plan.LOCAL], row[plan.LOCAL_COUNT]
                shape, multiply = shape_of[local : local + locals_], factor_of[local : local + locals_]
                goes = target[local : local + locals_]
                for t in range(knots):
                    much[:] = (
                        weights[t, a:b] * inputs[row[plan.PHI], t, a:b] * inputs[row[plan.DRIVER], t, a:b]
                    )
                    at, count = row[plan.FACTORS], row[plan.FACTOR_COUNT]
                    local_factors(
                        factor_parent,
                        factor_start,
                        factor_items,
                        numbers,
                        at,
                        count,
                        inputs,
                        t,
                        a,
                        much,
                        float(row[plan.APART]),
                        once,
                        factor[t],
                    )
                if row[plan.APART] == 1:
                    add_products(out, sizes[5] + a, goes, apart, c - first, members, factor, shape, multiply)
                    continue
                for t in range(knots):
                    fold(values, expected[t], c - first, members, factor[t], shape, multiply, t == 0)
                moebius(values, locals_, radix[row[plan.LEVERS] : row[plan.LEVERS_END]], 1)
                for s in range(locals_):
                    out[goes[s], sizes[5] + a : sizes[5] + b] += values[s]


@jit
def behind_works(
    row: Any,
    members: int,
    tables: Any,
    nodes: Any,
    rise_rows: Any,
    chain_start: Any,
    links: Any,
    numbers: Any,
    inputs: Any,
    shares: Any,
    a: int,
    bends: int,
    expected: Any,
) -> None:
    """Yearly damage of each class of a bundle behind each chain at each knot: expected[t, chain * members + class]."""
    x, k = np.empty((bends, WIDTH)), np.empty((bends, WIDTH))
    xs, js = np.empty((bends, WIDTH)), np.empty((bends, WIDTH))
    start, begun, n = np.empty((4, bends, WIDTH)), np.zeros(2, np.int64), np.zeros(2, np.int64)
    work, delta, per = np.ones((WORK, WIDTH)), np.empty(WIDTH), np.empty(WIDTH)
    at, size, b = row[plan.CURVE_AT], row[plan.CURVE_NODES], a + WIDTH
    share, curve = np.ascontiguousarray(shares[at : at + size, a:b]), nodes[at : at + size]
    kernels.begin_with_curve(start[0], start[1], start[2], start[3], begun, curve, share)
    first, count, financed = row[plan.TABLE], row[plan.NODES], row[plan.FINANCED] == 1
    lanes = (members + WIDE - 1) // WIDE * WIDE
    mine, held = tables[first : first + count * lanes].reshape((count, lanes)), np.empty((WIDTH, lanes))
    for t in range(expected.shape[0]):
        delta[:] = 0.0
        for rise in range(row[plan.RISES], row[plan.RISES_END]):
            delta += inputs[rise_rows[rise], t, a:b]
        alpha = inputs[row[plan.ALPHA], t, a:b]
        per[:] = 1.0 / alpha
        for u in range(row[plan.CHAIN_COUNT]):
            chain = row[plan.CHAINS] + u
            begin, stop = chain_start[chain], chain_start[chain + 1]
            run_chain(
                links,
                numbers,
                begin,
                stop,
                inputs,
                t,
                a,
                curve,
                share,
                start,
                begun,
                financed,
                x,
                k,
                xs,
                js,
                n,
                work,
            )
            found = expected[t, u * members : (u + 1) * members]
            kernels.look_up(
                x, k, xs, js, n, alpha, delta, per, mine, float(row[plan.LOW]), work[0], held, found
            )

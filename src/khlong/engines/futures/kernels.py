"""Compiled loops: how a damage curve behind a chain of works becomes look-ups in one table.

What is damaged by an intensity I, after all works of a package, is a function g(I) that never falls and is made of
straight pieces. Any such function is a sum of hinges and steps,

.. math:: g(I) = \\sum_b k_b (I - x_b)^+ + \\sum_s j_s [I > x_s],

and its expectation over events and places is therefore a sum of look-ups,

.. math:: \\sum_{e,z} \\lambda_e V_z g(I_{ez}) = \\sum_b k_b C(x_b) + \\sum_s j_s Q(x_s), \\qquad
          C(t) = \\sum \\lambda V (I-t)^+, \\quad Q(t) = \\sum \\lambda V [I > t] .

C is the stop-loss transform of insurance mathematics [1]_; with whole intensities it is exactly linear between whole
numbers, so a look-up is exact and costs the same for ten events as for ten million.

The chain is read from its end. Everything downstream of a work T is known as hinges in the work's output; putting T
in front moves each hinge to where T reaches it, `x -> T^-1(x)`, multiplies it by T's slope there, and adds T's own
bends: `k = (T'right - T'left) * g'left(T(b))`. Three rules keep bends that fall together from counting twice or never:
where T is flat the hinge goes to the right end of the flat; T's slope is read to the right of the hinge and the
downstream slope to the left of the bend; what a jump of T leaps over is counted by the jump alone (moved to infinity,
where the table is zero).

State of a chain, for F futures side by side (futures innermost, so that the processor takes several at once):
`x, k` hinges (rows, F), `xs, js` steps (rows, F), `n` = [rows of hinges, rows of steps].

References
----------
.. [1] R. Kaas, M. Goovaerts, J. Dhaene, M. Denuit, 2008. Modern Actuarial Risk Theory, 2nd ed., section 3.
   doi:10.1007/978-3-540-70998-5
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

import numba
import numpy as np

from khlong.engines.futures.vectors import WIDE, add_between, add_step

P = ParamSpec("P")
R = TypeVar("R")

SHIFT, SCALE, PROTECT, ECOSYSTEM, TRANSFER, FACTOR, CURVE = range(7)
NEVER = np.inf
SNAP = 1e-9
"""A step this near to a whole intensity stands on it: what rounding did to a wall of exactly 500 mm is undone."""


def cache_folder() -> Path | None:
    """Where compiled loops are kept between runs: a folder that only this user can write, or None.

    Numba reads pickles from it, so a folder that others may write would let them run their code as us.
    """
    named = os.environ.get("NUMBA_CACHE_DIR", "")
    if named:
        return Path(named)
    above = os.environ.get("XDG_CACHE_HOME", "") or str(Path("~").expanduser() / ".cache")
    folder = Path(above) / "khlong" / "kernels"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except (OSError, RuntimeError):
        return None
    ours = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    shared = bool(found.st_mode & (stat.S_IWGRP | stat.S_IWOTH))
    return folder if ours and not shared and os.access(folder, os.W_OK) else None


_FOLDER = cache_folder()
_CONFIG: Any = numba.config
if _FOLDER is not None:
    _CONFIG.CACHE_DIR = str(_FOLDER)


def jit(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a loop: no interpreter lock, kept between runs where that is safe, rounding as written.

    Only `nnan` and `nsz` of the fast-math flags are set: no sum is reordered, so that a future gives the same bits
    whatever stands beside it.
    """
    options: dict[str, Any] = {
        "nogil": True,
        "cache": _FOLDER is not None,
        "fastmath": {"nnan", "nsz"},
        "error_model": "numpy",
    }
    return cast("Callable[P, R]", numba.njit(**options)(function))


# ruff: noqa: PLR0913, PLR0917


@jit
def slope_below(x: Any, k: Any, rows: int, z: Any, out: Any) -> None:
    """g'(z), coming from the left: the sum of the hinges that stand below z."""
    out[:] = 0.0
    for b in range(rows):
        xb, kb = x[b], k[b]
        for f in range(out.size):
            out[f] += kb[f] if xb[f] < z[f] else 0.0


@jit
def append(x: Any, k: Any, n: Any, which: int, at: Any, much: Any) -> None:
    """One more row of bends, unless it bends nothing in any future."""
    some = False
    for f in range(much.size):
        some = some or much[f] != 0.0
    if not some:
        return
    row = n[which]
    x[row, :] = at
    k[row, :] = much
    n[which] = row + 1


@jit
def through_shift(x: Any, xs: Any, n: Any, by: float, s: Any) -> None:
    """T(y) = y - by s."""
    for b in range(n[0]):
        xb = x[b]
        for f in range(s.size):
            xb[f] += by * s[f]
    for b in range(n[1]):
        xb = xs[b]
        for f in range(s.size):
            xb[f] += by * s[f]


@jit
def through_scale(x: Any, k: Any, xs: Any, js: Any, n: Any, to: float, s: Any, work: Any) -> None:
    """T(y) = F y above zero, y below, F = max(0, 1 - s(1 - to))."""
    factor, below, at = work[0], work[1], work[2]
    at[:] = 0.0
    slope_below(x, k, n[0], at, below)
    for f in range(s.size):
        factor[f] = max(0.0, 1.0 - s[f] * (1.0 - to))
        below[f] = (factor[f] - 1.0) * below[f]
    for b in range(n[0]):
        xb, kb = x[b], k[b]
        for f in range(s.size):
            z = xb[f]
            xb[f] = z if z < 0.0 else (z / factor[f] if factor[f] > 0.0 else NEVER)
            kb[f] = kb[f] if z < 0.0 else kb[f] * factor[f]
    for b in range(n[1]):
        xb = xs[b]
        for f in range(s.size):
            z = xb[f]
            xb[f] = z if z < 0.0 else (z / factor[f] if factor[f] > 0.0 else NEVER)
    append(x, k, n, 0, at, below)


@jit
def through_protect(x: Any, k: Any, xs: Any, js: Any, n: Any, level: float, s: Any, work: Any) -> None:
    """T(y) = y above h = level s, else min(y, 0): a jump at h, and a flat from 0 to h."""
    h, bend, leap, flat, zero = work[0], work[1], work[2], work[3], work[4]
    zero[:] = 0.0
    slope_below(x, k, n[0], zero, flat)
    for f in range(s.size):
        h[f] = level * s[f]
        bend[f], leap[f] = 0.0, 0.0
        flat[f] = -flat[f] if h[f] > 0.0 else 0.0
    for b in range(n[0]):
        xb, kb = x[b], k[b]
        for f in range(s.size):
            z, up = xb[f], h[f] > 0.0
            bend[f] += kb[f] if (up and z <= h[f]) else 0.0
            leap[f] += kb[f] * (max(h[f] - z, 0.0) - max(-z, 0.0)) if (up and z <= h[f]) else 0.0
            xb[f] = NEVER if (up and z >= 0.0 and z <= h[f]) else z
    for b in range(n[1]):
        xb, jb = xs[b], js[b]
        for f in range(s.size):
            z = xb[f]
            within = h[f] > 0.0 and z >= 0.0 and z <= h[f]
            leap[f] += jb[f] if within else 0.0
            xb[f] = NEVER if within else z
    append(x, k, n, 0, h, bend)
    append(x, k, n, 0, zero, flat)
    append(xs, js, n, 1, h, leap)


@jit
def ecosystem_shape(share: float, most: float, fades: float, gone: float, s: Any, work: Any) -> None:
    """Bends and slopes of an ecosystem, into rows of `work`.

    0: q; 1: y1, where it saturates; 2: what it holds back at most; 3: T(y1); 4: T(fades_from); 5: the slope at which
    its help is lost again (0: never).
    """
    q, y1, held, z1, z2, lost = work[0], work[1], work[2], work[3], work[4], work[5]
    for f in range(s.size):
        q[f] = min(1.0, share * s[f])
        most_f = most * s[f]
        y1[f] = most_f / q[f] if q[f] > 0.0 else (NEVER if gone <= 0.0 else fades)
        if gone > 0.0:
            y1[f] = min(y1[f], fades)
            held[f] = min(q[f] * fades, most_f)
            z2[f] = fades - held[f]
            lost[f] = held[f] / (gone - fades)
        else:
            held[f], z2[f], lost[f] = most_f, NEVER, 0.0
        z1[f] = y1[f] - min(q[f] * y1[f], most_f) if y1[f] < NEVER else NEVER


@jit
def back_through_ecosystem(x: Any, k: Any, fades: float, gone: float, work: Any) -> None:
    """Where the ecosystem reaches x, and its slope to the right of there, for one row.

    Written without branches: dry, before it saturates, held back in full, fading, beyond.
    """
    q, held, z1, z2, lost = work[0], work[2], work[3], work[4], work[5]
    end = gone if gone > 0.0 else NEVER
    for f in range(x.size):
        z = x[f]
        free = z < 0.0 or z >= end
        rising = 1.0 - q[f] if z < z1[f] else (1.0 if z < z2[f] else 1.0 + lost[f])
        slope = 1.0 if free else rising
        start = 0.0 if z < z1[f] else (-held[f] if z < z2[f] else z2[f] - fades * slope)
        moved = (z - start) / slope if slope > 0.0 else 0.0
        x[f] = z if free else moved
        k[f] *= slope


@jit
def through_ecosystem(
    x: Any,
    k: Any,
    xs: Any,
    js: Any,
    n: Any,
    share: float,
    most: float,
    fades: float,
    gone: float,
    s: Any,
    work: Any,
) -> None:
    """T(y) = y - min(q min(y, fades), most s) * clip((gone - y)/(gone - fades), 0, 1) above zero."""
    ecosystem_shape(share, most, fades, gone, s, work)
    q, y1, z1, z2, lost = work[0], work[1], work[3], work[4], work[5]
    at, zero_bend, full_bend, fade_bend, gone_bend = work[6], work[7], work[8], work[9], work[10]
    at[:] = 0.0
    slope_below(x, k, n[0], at, zero_bend)
    slope_below(x, k, n[0], z1, full_bend)
    slope_below(x, k, n[0], z2, fade_bend)
    at[:] = gone
    slope_below(x, k, n[0], at, gone_bend)
    for f in range(s.size):
        zero_bend[f] *= -q[f]
        full_bend[f] = q[f] * full_bend[f] if y1[f] < NEVER else 0.0
        fade_bend[f] = lost[f] * fade_bend[f]
        gone_bend[f] *= -lost[f]
    for b in range(n[0]):
        back_through_ecosystem(x[b], k[b], fades, gone, work)
    for b in range(n[1]):
        work[11, :] = 1.0
        back_through_ecosystem(xs[b], work[11], fades, gone, work)
    append(x, k, n, 0, at, gone_bend)
    at[:] = fades
    append(x, k, n, 0, at, fade_bend)
    append(x, k, n, 0, y1, full_bend)
    at[:] = 0.0
    append(x, k, n, 0, at, zero_bend)


@jit
def through_transfer(x: Any, k: Any, n: Any, attach: float, cover: float, s: Any, work: Any) -> None:
    """T(D) = D - min(max(D - attach, 0), cover s): flat from `attach` to `attach + cover s`."""
    at, end, first, second = work[0], work[1], work[2], work[3]
    at[:] = attach
    slope_below(x, k, n[0], at, first)
    for f in range(s.size):
        width = cover * s[f] if s[f] > 0.0 else 0.0
        end[f] = attach + width
        second[f] = first[f] if width > 0.0 else 0.0
        first[f] = -second[f]
    for b in range(n[0]):
        xb = x[b]
        for f in range(s.size):
            xb[f] = xb[f] if xb[f] < attach else xb[f] + (end[f] - attach)
    append(x, k, n, 0, at, first)
    append(x, k, n, 0, end, second)


@jit
def through_factor(x: Any, k: Any, n: Any, by: float, s: Any) -> None:
    """T(D) = max(0, 1 - by s) D."""
    for b in range(n[0]):
        xb, kb = x[b], k[b]
        for f in range(s.size):
            v = max(0.0, 1.0 - by * s[f])
            xb[f] = xb[f] / v if v > 0.0 else NEVER
            kb[f] *= v


@jit
def slope_and_value(x: Any, k: Any, rows: int, f: int, z: float) -> tuple[float, float]:
    slope, value = 0.0, 0.0
    for b in range(rows):
        if x[b, f] < z:
            slope += k[b, f]
            value += k[b, f] * (z - x[b, f])
    return slope, value


@jit
def through_curve(x: Any, k: Any, xs: Any, js: Any, n: Any, nodes: Any, share: Any) -> None:
    """T = the damage curve itself, where something comes after it: nodes (J,), share (J, F)."""
    rows, last = n[0], nodes.size - 1
    for f in range(share.shape[1]):
        slope_left, lower, lower_value = 0.0, 0.0, 0.0
        step = 0
        for j in range(last + 1):
            vertical = j < last and nodes[j + 1] == nodes[j]
            down, value = slope_and_value(x, k, rows, f, share[j, f])
            if j > 0 and nodes[j] == nodes[j - 1]:
                js[step, f], xs[step, f] = value - lower_value, nodes[j]
                step += 1
            else:
                lower = down
            slope = 0.0
            if j < last and not vertical:
                slope = (share[j + 1, f] - share[j, f]) / (nodes[j + 1] - nodes[j])
            if vertical:
                lower_value = value
                x[rows + j, f], k[rows + j, f] = nodes[j], 0.0
                continue
            x[rows + j, f], k[rows + j, f] = nodes[j], slope * down - slope_left * lower
            slope_left = slope
        n[1] = step
        for b in range(rows):
            back_through_curve(x, k, b, f, nodes, share)
    n[0] = rows + last + 1


@jit
def back_through_curve(x: Any, k: Any, b: int, f: int, nodes: Any, share: Any) -> None:
    z, last = x[b, f], nodes.size - 1
    j = last
    while j > 0 and share[j, f] > z:
        j -= 1
    if j == last or nodes[j + 1] == nodes[j]:
        x[b, f], k[b, f] = NEVER, 0.0
        return
    slope = (share[j + 1, f] - share[j, f]) / (nodes[j + 1] - nodes[j])
    x[b, f] = nodes[j] + (z - share[j, f]) / slope
    k[b, f] *= slope


@jit
def begin_with_curve(x: Any, k: Any, xs: Any, js: Any, n: Any, nodes: Any, share: Any) -> None:
    """Hinges and steps of the damage curve as it stands: nodes (J,), share (J, F)."""
    last, row, step = nodes.size - 1, 0, 0
    n[0], n[1] = 0, 0
    for j in range(last + 1):
        if j > 0 and nodes[j] == nodes[j - 1]:
            xs[step, :] = nodes[j]
            js[step, :] = share[j] - share[j - 1]
            step += 1
            continue
        x[row, :] = nodes[j]
        k[row, :] = 0.0
        upper = j
        while upper < last and nodes[upper + 1] == nodes[j]:
            upper += 1
        for f in range(share.shape[1]):
            if upper < last:
                k[row, f] += (share[upper + 1, f] - share[upper, f]) / (nodes[upper + 1] - nodes[upper])
            if j > 0:
                k[row, f] -= (share[j, f] - share[j - 1, f]) / (nodes[j] - nodes[j - 1])
        row += 1
    n[0], n[1] = row, step


@jit
def look_up(
    x: Any,
    k: Any,
    xs: Any,
    js: Any,
    n: Any,
    alpha: Any,
    delta: Any,
    per: Any,
    tables: Any,
    low: float,
    part: Any,
    held: Any,
    out: Any,
) -> None:
    """`sum k alpha C((x - delta)/alpha) + sum j Q((x - delta)/alpha)` into `out` (classes, F), for several classes.

    y = alpha I + delta comes first of all; `per` is 1/alpha. The classes stand behind the same works and lie side by
    side in `tables` (nodes, lanes), so that where a hinge falls is found once and read for eight of them together.
    `held` (F, lanes) is room for the sums, `part` (F,) for the place between two nodes.
    """
    whole, lanes = np.empty(per.size, np.int64), tables.shape[1]
    most, last = float(tables.shape[0] - 1), float(tables.shape[0] - 2)
    held[:] = 0.0
    for b in range(n[0]):
        xb, kb = x[b], k[b]
        for f in range(per.size):
            u = min((xb[f] - delta[f]) * per[f] - low, most)
            node = np.floor(min(max(u, 0.0), last))
            whole[f] = np.int64(node)
            part[f] = u - node
        for f in range(per.size):
            for lane in range(0, lanes, WIDE):
                add_between(held, f, lane, tables, whole[f], part[f], kb[f])
    for f in range(per.size):
        held[f] *= alpha[f]
    for b in range(n[1]):
        xb, jb = xs[b], js[b]
        for f in range(per.size):
            u = min((xb[f] - delta[f]) * per[f] - low, most)
            near = np.rint(u)
            whole[f] = np.int64(min(max(near if abs(u - near) < SNAP else np.floor(u), 0.0), last))
        for f in range(per.size):
            for lane in range(0, lanes, WIDE):
                add_step(held, f, lane, tables, whole[f], jb[f])
    for f in range(per.size):
        for row in range(out.shape[0]):
            out[row, f] = held[f, row]


@jit
def scatter(
    event: Any, place: Any, intensity: Any, frequency: Any, row_of: Any, value: Any, low: int, hist: Any
) -> None:
    """Yearly value by class (row) and whole intensity."""
    for c in range(event.size):
        row = row_of[place[c]]
        if row >= 0:
            hist[row, intensity[c] - low] += frequency[event[c]] * value[place[c]]


@jit
def stop_loss(hist: Any) -> None:
    """From yearly value by intensity to C(t) at whole t, in place, from the top down: C(t) = C(t+1) + Q(t)."""
    for row in range(hist.shape[0]):
        line = hist[row]
        above, tail, total = 0.0, 0.0, 0.0
        for i in range(line.size - 1, -1, -1):
            tail += above
            above = line[i]
            total += tail
            line[i] = total

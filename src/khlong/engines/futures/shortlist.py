"""The values themselves, for a few packages: exact by channel and future, and by knot.

The lattice keeps only sums, extremes and counts, because all values of all packages would be gigabytes. For up to 64
packages the values are summed from the same coefficients: `f_c(S, w) = sum of c(s, w) over the sets s inside S`. From
them every quantile metric (`robustness`) is exact, and by knot come tipping years and pathways.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures import lattice, stagea
from khlong.engines.futures.errors import ModelError, Words
from khlong.engines.futures.kernels import jit
from khlong.engines.futures.objectives import Objectives, singles

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from khlong.engines.futures.appraise import Engine
    from khlong.engines.futures.compile import Compiled, LeverSet
    from khlong.engines.futures.model import Floats, Mask
    from khlong.engines.futures.sampling import Futures

MOST = 64


def values(engine: Engine, futures: Futures, packages: Sequence[int], knot: int | None = None) -> Floats:
    """Burden by channel, package and future; with `knot`, expected annual impact at that knot.

    Returns
    -------
    (channels, packages, N) array in the units of the kinds.

    Raises
    ------
    ModelError
        More than 64 packages, or one that does not exist.
    """
    refuse(engine, packages)
    program = engine.program
    coefficients = engine.coefficients if knot is None and engine.seen is futures else None
    if coefficients is None:
        coefficients = stagea.coefficients(program, futures, knot)
    found = np.zeros((len(program.model.channels), len(packages), futures.count))
    for channel in range(len(found)):
        add_channel(program, coefficients, packages, channel, found[channel])
    return np.maximum(found, 0.0)


def channel_values(engine: Engine, futures: Futures, packages: Sequence[int], channel: int) -> Floats:
    """Burden in one channel by package and future: one row of `values`. (packages, N)"""
    refuse(engine, packages)
    coefficients = engine.coefficients if engine.seen is futures else None
    if coefficients is None:
        coefficients = stagea.coefficients(engine.program, futures)
    found = np.zeros((len(packages), futures.count))
    add_channel(engine.program, coefficients, packages, channel, found)
    return np.maximum(found, 0.0)


def add_channel(
    program: Compiled, coefficients: Floats, packages: Sequence[int], channel: int, out: Floats
) -> None:
    """Add the coefficients of one channel that are inside each package. out (packages, N)"""
    start, stop = program.set_start[channel : channel + 2]
    sets = [inside for _, inside in program.sets[start:stop]]
    add_inside(coefficients[start:stop], fits(sets, packages, program.radices), out)


def by_knot(engine: Engine, futures: Futures, packages: Sequence[int]) -> Floats:
    """Expected annual impact by channel, package, future and knot, (channels, packages, N, K); not discounted."""
    knots = range(len(engine.model.years))
    return np.stack([values(engine, futures, packages, knot) for knot in knots], axis=-1)


def costs(engine: Engine, futures: Futures, packages: Sequence[int]) -> Floats:
    """What each package costs in each future: capital and discounted upkeep. (packages, N)"""
    refuse(engine, packages)
    objectives = Objectives.of(engine.program)
    found = np.zeros((len(packages), futures.count))
    inside = fits(singles(engine.model), packages, engine.program.radices)
    add_inside(np.ascontiguousarray(objectives.cost_values(futures).T), inside, found)
    return found


def totals(
    engine: Engine, futures: Futures, packages: Sequence[int], weights: dict[str, float] | None = None
) -> Floats:
    """Cost and weighted, priced, discounted burdens of each package in each future. (packages, N)"""
    priced = Objectives.of(engine.program, weights).priced
    burdens = np.einsum("c,cpn->pn", priced, values(engine, futures, packages))
    total: Floats = costs(engine, futures, packages) + futures.annuity * burdens
    return total


def fits(sets: Sequence[LeverSet], packages: Sequence[int], radices: Sequence[int]) -> Mask:
    """Which sets are inside which packages. (packages, sets)"""
    found = np.zeros((len(packages), len(sets)), bool)
    for row, package in enumerate(packages):
        levels = lattice.levels_of(package, radices)
        found[row] = [all(levels[lever] == level for lever, level in inside) for inside in sets]
    return found


@jit
def add_inside(coefficients: Any, inside: Any, out: Any) -> None:
    """`out[p] += sum of coefficients[i] for which inside[p, i]`, in order, so that it is the same for any N."""
    for p in range(inside.shape[0]):
        for i in range(inside.shape[1]):
            if inside[p, i]:
                for f in range(out.shape[1]):
                    out[p, f] += coefficients[i, f]


def refuse(engine: Engine, packages: Sequence[int]) -> None:
    if len(packages) > MOST:
        raise ModelError(
            "packages",
            Words(f"ขอรายละเอียด {len(packages)} ชุด", f"Details of {len(packages)} packages were asked for."),
            Words(f"ให้เลือกไม่เกิน {MOST} ชุด", f"Choose {MOST} or fewer."),
        )
    for package in packages:
        if not 0 <= package < engine.program.packages:
            raise ModelError(
                "packages",
                Words(f"ไม่มีชุดมาตรการหมายเลข {package}", f"There is no package {package}."),
                Words(
                    f"ให้เลือกหมายเลข 0 ถึง {engine.program.packages - 1}",
                    f"Choose one from 0 to {engine.program.packages - 1}.",
                ),
            )

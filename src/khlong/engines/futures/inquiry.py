r"""Questions about a few packages, asked of an engine that has the coefficients: no lattice is walked.

Stage A leaves coefficients c(s, w) by set s of (lever, level); they are the Harsanyi dividends of every burden
(`shapley`). So for a package S in every future at once

.. math:: f(S, w) = \sum_{s \subseteq S} c(s, w), \qquad
          \phi_m(S, w) = \sum_{m \in s \subseteq S} \frac{c(s, w)}{|s|}, \qquad
          I_{mn}(S, w) = \sum_{m, n \in s \subseteq S} \frac{c(s, w)}{|s| - 1}

are the burden, the Shapley value of a measure, and the interaction of two: exact by group and future, for a handful of
additions each, though the table of all packages was never written.

Arrays are (packages, channels, futures) unless said otherwise; channels as in `Model.channels`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures import equity, prim, stagea
from khlong.engines.futures.appraise import CHUNK
from khlong.engines.futures.errors import Words
from khlong.engines.futures.lattice import levels_of
from khlong.engines.futures.objectives import ROUNDING, grouped, limits
from khlong.engines.futures.sensitivity import Indices, alone, saltelli_futures, sobol_indices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from khlong.engines.futures.appraise import Engine
    from khlong.engines.futures.compile import Compiled, LeverSet
    from khlong.engines.futures.model import Floats, Mask, Model, Name, Threshold
    from khlong.engines.futures.sampling import Futures
    from khlong.engines.futures.table import Table


@dataclass(frozen=True)
class Shares:
    """What each lever of a package does to each burden, in the company of the others.

    Attributes
    ----------
    by_future : (C, L, N) Shapley values
    pairs : (C, L, L) interactions, mean over futures
    """

    by_future: Floats
    pairs: Floats

    @property
    def mean(self) -> Floats:
        """Shapley values of the mean burdens. (C, L)"""
        return np.asarray(self.by_future.mean(axis=-1))


@dataclass(frozen=True)
class Scenario:
    """In which futures a package fails.

    Attributes
    ----------
    failed : (N,) mask
    box : the box that the sentence tells
    limits : (D, 2) quasi-p of its limits
    words : the sentence
    """

    failed: Mask
    box: prim.Box
    quasi_p: Floats
    words: Words


def in_parts(engine: Engine, futures: Futures, knot: int | None = None) -> Iterator[tuple[int, int, Floats]]:
    """Coefficients of some futures after the other: start, stop, (sets, stop - start).

    Of the burden those that the engine keeps; by `knot` of the expected annual impact at that knot.
    """
    kept = engine.coefficients if knot is None and engine.seen is futures else None
    for start in range(0, futures.count, CHUNK):
        stop = min(start + CHUNK, futures.count)
        if kept is not None:
            yield start, stop, kept[:, start:stop]
        else:
            yield start, stop, stagea.coefficients(engine.program, futures.part(start, stop), knot)


def burdens(engine: Engine, futures: Futures, packages: Sequence[int], knot: int | None = None) -> Floats:
    """The burden of these packages, or their expected annual impact at one knot. (S, C, N)"""
    program = engine.program
    chosen = [inside(program, package) for package in packages]
    found = np.empty((len(packages), len(program.model.channels), futures.count))
    for start, stop, coefficients in in_parts(engine, futures, knot):
        for number, each in enumerate(chosen):
            for channel, sets in enumerate(each):
                found[number, channel, start:stop] = coefficients[sets].sum(axis=0)
    return found


def paths(engine: Engine, futures: Futures, packages: Sequence[int]) -> Floats:
    """Expected annual impact at every knot. (S, C, N, K)"""
    by_knot = [burdens(engine, futures, packages, knot) for knot in range(futures.knots)]
    return np.stack(by_knot, axis=-1)


def inside(program: Compiled, package: int) -> list[list[int]]:
    """By channel, which coefficients count in a package."""
    levels = levels_of(package, program.radices)
    found: list[list[int]] = [[] for _ in program.model.channels]
    for number, (channel, members) in enumerate(program.sets):
        if within(members, levels):
            found[channel].append(number)
    return found


def within(members: LeverSet, levels: Sequence[int]) -> bool:
    return all(levels[lever] == level for lever, level in members)


def failures(
    engine: Engine, futures: Futures, package: int, thresholds: Sequence[Threshold] | None = None
) -> Mask:
    """By group, in which futures it misses a threshold of its own. (G, N), groups as in `objectives.grouped`

    A threshold is missed above `most + 1e-12 f(0)`, as in the table.
    """
    model = engine.model
    most = limits(model, model.thresholds if thresholds is None else thresholds)
    found, nothing = burdens(engine, futures, (package, 0))
    missed = found > most[:, None] + ROUNDING * np.abs(nothing)
    return np.stack([missed[list(channels)].any(axis=0) for _, channels in grouped(model)])


def scenario(
    engine: Engine,
    futures: Futures,
    package: int,
    *,
    group: str = "",
    thresholds: Sequence[Threshold] | None = None,
    density: float = 0.8,
) -> Scenario:
    """In which futures a package fails a group, or any group, and the sentence that says so.

    Limits that could be chance are left out of the box (`prim.simplify`).
    """
    by_group = failures(engine, futures, package, thresholds)
    names = [key for key, _ in grouped(engine.model)]
    failed: Mask = by_group[names.index(group)] if group else np.any(by_group, axis=0)
    whom = next((each.name for each in engine.model.groups if each.key == group), None)
    return where(engine.model, futures, failed, whom, density)


def where(
    model: Model, futures: Futures, failed: Mask, whom: Name | None = None, density: float = 0.8
) -> Scenario:
    """The box of futures that holds most failures, and its sentence."""
    x = table_of(futures, model)
    box = prim.peel(x, failed).choose(density)
    box = prim.simplify(x, failed, box)
    words = prim.sentence(box, model.dimensions, whom)
    return Scenario(failed, box, prim.quasi_p(x, failed, box), words)


def table_of(futures: Futures, model: Model) -> Floats:
    """The value of each dimension in each future. (N, D)"""
    if not model.dimensions:
        return np.zeros((futures.count, 0))
    return np.column_stack([futures.values[each.key] for each in model.dimensions])


def shares(engine: Engine, futures: Futures, package: int | None = None) -> Shares:
    """Shapley values by channel, lever and future, and the interactions, of a package against doing nothing.

    With the package of all existing works this is the review of what was built; without one the last package is taken.
    """
    program = engine.program
    package = program.packages - 1 if package is None else package
    levels, count = levels_of(package, program.radices), len(program.radices)
    channels = len(program.model.channels)
    found, pairs = np.zeros((channels, count, futures.count)), np.zeros((channels, count, count))
    members = [
        (number, channel, [lever for lever, _ in each])
        for number, (channel, each) in enumerate(program.sets)
        if each and within(each, levels)
    ]
    for start, stop, coefficients in in_parts(engine, futures):
        for number, channel, levers in members:
            row = coefficients[number]
            for lever in levers:
                found[channel, lever, start:stop] += row / len(levers)
            mean = row.sum() / futures.count / max(len(levers) - 1, 1)
            for one in levers:
                for other in levers:
                    pairs[channel, one, other] += mean if one != other else 0.0
    return Shares(found, pairs)


def indices(
    engine: Engine,
    package: int,
    *,
    count: int = 1024,
    seed: int = 0,
    groups: Sequence[Sequence[int]] | None = None,
    outcome: Callable[[Floats], Floats] | None = None,
) -> Indices:
    """Sobol indices of a package's burden over the dimensions of the model, from futures of their own.

    Parameters
    ----------
    count : base points; `count (D + 2)` futures are computed.
    groups : dimensions by number, joined to questions; each alone if not given.
    outcome : from (C, N) burdens to (N,); the sum in money if not given.
    """
    model = engine.model
    asked = alone(len(model.dimensions)) if groups is None else groups
    futures = saltelli_futures(model, count, seed, asked)
    found = burdens(engine, futures, (package,))[0]
    price = {kind.key: kind.price for kind in model.kinds}
    by_channel = np.array([price[kind] for _, kind in model.channels])
    values = by_channel @ found if outcome is None else outcome(found)
    return sobol_indices(values, len(asked), seed)


def worse_off(table: Table, package: int, *, than_base: bool = False) -> Words:
    """Who is worse off with a package than with nothing, or than with what exists, in one sentence."""
    counted = table.worse_than_base if than_base else table.worse_than_nothing
    names = {group.key: group.name for group in table.model.groups}
    counts = [round(float(share) * table.count) for share in counted[:, package]]
    return equity.sentence([names[key] for key in table.groups], counts, table.count)


def equity_views(table: Table, kind: str = "", etas: Sequence[float] = equity.ETAS) -> equity.Views:
    """Every principle for every package, on mean burdens of one kind, or of all kinds in money. (P,) arrays

    In money the most that a group can bear is the sum of its thresholds in money, where each kind with a price has one.
    """
    model = table.model
    burden, most = by_group(model, table.mean[:-1], kind), thresholds_by_group(model, kind)
    people = np.array([group.people for group in model.groups])
    income = np.array([group.income for group in model.groups])
    return equity.views(burden, people, income, most, etas)


def by_group(model: Model, values: Floats, kind: str = "") -> Floats:
    """Channels summed to groups: one kind in its unit, or all in money. (C, ...) -> (..., G)"""
    found = np.zeros((*values.shape[1:], len(model.groups)))
    keys, price = [group.key for group in model.groups], {each.key: each.price for each in model.kinds}
    for (group, of), row in zip(model.channels, values, strict=True):
        if not kind or of == kind:
            found[..., keys.index(group)] += row if kind else price[of] * row
    return found


def thresholds_by_group(model: Model, kind: str = "") -> Floats:
    """What each group can bear, in one kind or in money; nan where nobody said. (G,)"""
    most = limits(model, model.thresholds)
    price = {each.key: each.price for each in model.kinds}
    counted = np.array([of == kind if kind else price[of] > 0 for _, of in model.channels])
    worth = np.where(counted, most, 0.0)
    summed = by_group(model, worth, kind)
    there = by_group(model, counted.astype(float), kind) > 0
    return np.where(there & np.isfinite(summed), summed, np.nan)

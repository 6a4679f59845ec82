r"""Pathways of a model: what to build now in every future, and what being able to add later is worth.

The burdens of `pathways` come from the risk model: with the expected annual impact at each knot,

.. math:: v_t(S,w) = A(w)\, a_t(w) \sum_c \omega_g\, price_k\, EAI_c(S,w,t),

so that a package that never changes bears the total of the engine, to the last digit. A package stands for the years
around its knot, as far as the hat function of the knot reaches (rule `knots-linear`). A measure that is built at knot t
costs

.. math:: c_{tm}(w) = cf_m(w) \Bigl( cost_m\, d_t + upkeep_m \sum_{y \ge y_t} d_y \Bigr).

What stands already (the base package, unless said otherwise) is paid, and its upkeep is the same on every path: it is
left out.

Futures go through in blocks of `BLOCK`; every block is computed by itself, so that threads change nothing.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures import packages as numbers
from khlong.engines.futures import pathways, stagea
from khlong.engines.futures.appraise import CHUNK, Report
from khlong.engines.futures.errors import ModelError, Words
from khlong.engines.futures.lasting import exact
from khlong.engines.futures.model import Name
from khlong.engines.futures.objectives import prices
from khlong.engines.futures.shapley import strides
from khlong.engines.futures.words import listed, named, number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from khlong.engines.futures.appraise import Engine, Progress
    from khlong.engines.futures.compile import Compiled
    from khlong.engines.futures.model import Floats, Model, Threshold
    from khlong.engines.futures.sampling import Futures

BLOCK = 32


@dataclass(frozen=True)
class Waiting:
    """What to build now and later, over all futures.

    Attributes
    ----------
    flexibility : static against adaptive
    chains : (K, N) best package from each knot on, by future
    common : (package, futures) by knot: the path that most futures go along
    """

    flexibility: pathways.Flexibility
    chains: NDArray[np.int64]
    common: list[tuple[int, int]]


@dataclass(frozen=True)
class Step:
    """One step of a chain with triggers.

    Attributes
    ----------
    before, after : packages
    name : what is added
    decided, stands : (N,) years, infinite where it is not needed
    words : by when to decide
    """

    before: int
    after: int
    name: Name
    decided: Floats
    stands: Floats
    words: Words


def waiting(
    engine: Engine,
    futures: Futures,
    *,
    weights: Mapping[str, float] | None = None,
    start: int | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Waiting:
    """The best chain in every future, and what being able to add later is worth.

    Parameters
    ----------
    weights : by group key, instead of the model's.
    start : the package that stands already; the base package if not given.

    Raises
    ------
    CancelledError
        It was stopped. Nothing of it stands.
    """
    model, program = engine.model, engine.program
    standing = numbers.base(model) if start is None else start
    priced = prices(model, model.weights if weights is None else weights)
    report = Report(progress, cancelled, futures.count)
    places = package_of_sets(program, priced)
    chains: list[NDArray[np.int64]] = []
    tally: pathways.Tally | None = None
    with ThreadPoolExecutor(max_workers=engine.threads) as pool:
        for first in range(0, futures.count, CHUNK):
            report.refuse()
            part = futures.part(first, min(first + CHUNK, futures.count))
            knots = range(futures.knots)
            by_knot = list(pool.map(lambda t, part=part: stagea.coefficients(program, part, t), knots))

            def work(
                at: int, part: Futures = part, by_knot: list[Floats] = by_knot
            ) -> tuple[pathways.Tally, NDArray[np.int64]]:
                some = part.part(at, at + BLOCK)
                values = in_money(
                    program, [each[:, at : at + BLOCK] for each in by_knot], places, priced, some
                )
                costs = building_costs(model, some)
                ways, chain = pathways.solved(values, costs, program.radices, standing)
                return pathways.Tally.of(ways), chain

            for each, chain in pool.map(work, range(0, part.count, BLOCK)):
                chains.append(chain)
                if tally is None:
                    tally = each
                else:
                    tally.join(each)
            report.done(part.count)
    assert tally is not None  # a draw has at least one future
    found = np.concatenate(chains, axis=1)
    return Waiting(pathways.flexibility(tally), found, pathways.common(found))


def package_of_sets(program: Compiled, priced: Floats) -> list[tuple[int, NDArray[np.int64]]]:
    """By channel with a price: the package that each of its coefficients is the dividend of."""
    steps = strides(program.radices)
    numbers_of = np.array(
        [sum(steps[lever] * level for lever, level in inside) for _, inside in program.sets], np.int64
    )
    channels = np.array([channel for channel, _ in program.sets], np.int64)
    return [(channel, numbers_of[channels == channel]) for channel in np.flatnonzero(priced).tolist()]


def in_money(
    program: Compiled,
    by_knot: Sequence[Floats],
    places: Sequence[tuple[int, NDArray[np.int64]]],
    priced: Floats,
    futures: Futures,
) -> Floats:
    """The burdens `v_t` of every package, from the coefficients of some futures at every knot. (K, P, N)"""
    found = np.zeros((len(by_knot), program.packages, futures.count))
    for knot, coefficients in enumerate(by_knot):
        scale = futures.annuity * futures.knot_weights[:, knot]
        for channel, at in places:
            rows = slice(program.set_start[channel], program.set_start[channel + 1])
            found[knot, at] += priced[channel] * scale * coefficients[rows]
    values = found.reshape(-1, *program.radices[::-1], futures.count)
    for lever in range(len(program.radices)):
        folded = np.moveaxis(values, len(program.radices) - lever, 0)
        folded[1:] += folded[:1]
    return found


def building_costs(model: Model, futures: Futures) -> Floats:
    """What each measure costs when it is built at each knot, discounted; by lever and level. (K, M, N)"""
    by_year, rows = 1 / (1 + futures.rate), []
    for year in model.years:
        discount = by_year ** (year - model.years[0])
        later = sum((by_year**y for y in range(model.years[-1] - year + 1)), np.zeros(futures.count))
        for number_of in (measure for lever in model.levers for measure in lever):
            each = model.measures[number_of]
            rows.append(futures.cost_factor(number_of) * discount * (each.cost + each.upkeep * later))
    return np.array(rows).reshape(len(model.years), len(model.measures), futures.count)


def triggers(
    engine: Engine,
    futures: Futures,
    chain: Sequence[int],
    leads: Mapping[str, float],
    *,
    group: str = "",
    thresholds: Sequence[Threshold] | None = None,
) -> list[Step]:
    """A chain that is followed without foresight: by when each step is decided so that it stands in time.

    Parameters
    ----------
    chain : packages, each holding all of the one before
    leads : years from the decision to the day it stands, by key of the measure; 0 for others. A step takes as long as
        its slowest measure.
    group : whose threshold counts; the earliest of all groups if not given.

    Raises
    ------
    ModelError
        A step takes something away, or nobody has a threshold.
    """
    model = engine.model
    keys, years = exact(engine, futures, chain, thresholds)
    if not keys or (group and group not in keys):
        raise ModelError(
            "thresholds",
            Words("ยังไม่ได้กำหนดว่ากลุ่มนี้รับได้มากที่สุดเท่าใด", "Nobody said what this group can bear."),
            Words("กำหนดเกณฑ์ของกลุ่มก่อน", "Give the group a threshold first."),
        )
    tipping = years[:, keys.index(group)] if group else years.min(axis=1)
    added = [_added(model, before, after) for before, after in pairwise(chain)]
    lead = [max((leads.get(model.measures[m].key, 0.0) for m in each), default=0.0) for each in added]
    decided, stands = pathways.follow(tipping, lead, model.years[0])
    names, last = [_together(model, each) for each in added], model.years[-1]
    return [
        Step(
            chain[at],
            chain[at + 1],
            name,
            decided[at],
            stands[at],
            pathways.sentence(name, decided[at], last),
        )
        for at, name in enumerate(names)
    ]


def sentence(found: pathways.Flexibility, money: str = "THB") -> Words:
    """What being able to add later is worth, in one sentence."""
    th, en = ("บาท", "baht") if money == "THB" else (money, money)
    static, adaptive = number(found.static_regret), number(found.adaptive_regret)
    mean = number(max(found.mean_saved, 0.0))
    if not found.regret_saved and not found.mean_saved > 0:
        return Words(
            th="ที่นี่การรอเพื่อเพิ่มทีหลังไม่ได้ประโยชน์ เลือกครั้งเดียวแล้วไม่เพิ่มอะไรอีกก็ดีเท่ากัน "
            f"ความเสียดายในอนาคตที่แย่ที่สุดเป็น {static} {th} ทั้งสองทาง",
            en="Waiting is worth nothing here: chosen once and for all it is as good; the worst regret is "
            f"{static} {en} either way.",
        )
    saved = (
        (f"โดยเฉลี่ยประหยัดได้ไม่เกิน {mean} {th}", f"On average at most {mean} {en} are saved.")
        if found.mean_saved > 0
        else ("โดยเฉลี่ยไม่ประหยัดขึ้น", "On average nothing is saved.")
    )
    return Words(
        th="ถ้าเลือกครั้งเดียวแล้วไม่เพิ่มอะไรอีก ความเสียดายในอนาคตที่แย่ที่สุด (เสียมากกว่าทางที่ดีที่สุดเท่าใด) "
        f"อย่างน้อย {static} {th} ถ้าเพิ่มทีหลังได้ตามที่อนาคตนั้นต้องการ เหลือ {adaptive} {th} {saved[0]}",
        en=f"Chosen once and for all, the worst regret is at least {static} {en}; when measures can be added as that "
        f"future needs them, {adaptive} {en}. {saved[1]}",
    )


def _added(model: Model, before: int, after: int) -> tuple[int, ...]:
    """Measures that a step adds."""
    old, new = set(numbers.measures_in(model, before)), set(numbers.measures_in(model, after))
    levers = {measure: at for at, lever in enumerate(model.levers) for measure in lever}
    larger = {levers[measure]: measure for measure in new}
    falls = [m for m in old if levers[m] not in larger or larger[levers[m]] < m]
    if falls:
        key = model.measures[falls[0]].key
        raise ModelError(
            "chain",
            Words(f"ขั้นถัดไปเอา {key} ที่สร้างไว้แล้วออก", f"A step takes {key} away, which was built before."),
            Words("ให้ทุกขั้นมีของเดิมครบ แล้วเพิ่มเท่านั้น", "Let each step hold all of the one before."),
        )
    return tuple(sorted(new - old))


def _together(model: Model, measures: Sequence[int]) -> Name:
    names = [model.measures[each].name for each in measures]
    return Name(*(listed([named(each, language) for each in names], language) for language in ("th", "en")))

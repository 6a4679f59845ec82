"""Stage A against the direct evaluator: the sum of the coefficients inside a package is its burden."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khlong.engines.futures import direct, stagea
from khlong.engines.futures import packages as numbers
from khlong.engines.futures.compile import compiled
from khlong.engines.futures.model import ActKind
from khlong.engines.futures.sampling import base, draw
from khlong.engines.futures.tests.models import ALL_ACTS, models, random_model

if TYPE_CHECKING:
    from khlong.engines.futures.compile import Compiled
    from khlong.engines.futures.model import Floats, Model
    from khlong.engines.futures.sampling import Futures

CLOSE = 1e-11


def levels_of(program: Compiled, package: int) -> list[int]:
    levels = []
    for radix in program.radices:
        package, level = divmod(package, radix)
        levels.append(level)
    return levels


def summed(program: Compiled, coefficients: Floats, package: int) -> Floats:
    """(channels, N): the coefficients whose set is inside the package, added up."""
    levels = levels_of(program, package)
    found = np.zeros((len(program.model.channels), coefficients.shape[1]))
    for (channel, inside), row in zip(program.sets, coefficients, strict=True):
        if all(levels[lever] == level for lever, level in inside):
            found[channel] += row
    return found


def disagreement(model: Model, futures: Futures, pairs: list[tuple[int, int]]) -> float:
    """The largest difference from the direct evaluator, relative to the channel's burden with nothing done."""
    program = compiled(model)
    coefficients = stagea.coefficients(program, futures)
    worst = 0.0
    for package, w in pairs:
        fast = summed(program, coefficients, package)[:, w]
        slow = np.array(list(direct.burden(model, futures, w, package).values()))
        nothing = np.array(list(direct.burden(model, futures, w, 0).values()))
        scale = np.maximum(np.maximum(np.abs(slow), np.abs(nothing)), 1e-6)
        worst = max(worst, float(np.max(np.abs(fast - slow) / scale, initial=0.0)))
    return worst


def every_pair(model: Model, futures: Futures) -> list[tuple[int, int]]:
    return [(package, w) for package in range(numbers.count(model)) for w in range(futures.count)]


@pytest.mark.parametrize("kind", ALL_ACTS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_one_act_of_each_kind_is_as_the_direct_evaluator_has_it(kind: ActKind, seed: int) -> None:
    model = random_model(seed, acts=((kind,), (kind,)))
    futures = draw(model, 5, 7)
    assert disagreement(model, futures, every_pair(model, futures)) < CLOSE


@settings(deadline=None, max_examples=40)
@given(models(), st.integers(0, 99))
def test_all_packages_of_any_model_are_as_the_direct_evaluator_has_them(model: Model, seed: int) -> None:
    futures = draw(model, 3, seed)
    pairs = every_pair(model, futures)
    assert disagreement(model, futures, pairs[:: max(1, len(pairs) // 40)]) < CLOSE


@settings(deadline=None, max_examples=25)
@given(models())
def test_the_best_estimate_has_its_ties_exactly(model: Model) -> None:
    futures = base(model)
    assert disagreement(model, futures, every_pair(model, futures)[:40]) < CLOSE

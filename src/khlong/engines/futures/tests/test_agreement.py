"""Random pairs of package and future, by channel, against the direct evaluator: 1e-9 asked for, 1e-12 expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from benches.futures_case import city

from khlong.engines.futures import direct, stagea
from khlong.engines.futures.compile import compiled
from khlong.engines.futures.model import ActKind
from khlong.engines.futures.sampling import draw
from khlong.engines.futures.shortlist import add_inside, fits
from khlong.engines.futures.tests.models import random_model

if TYPE_CHECKING:
    from khlong.engines.futures.model import Floats, Model

ASKED, EXPECTED = 1e-9, 1e-12
MIXED = (
    (ActKind.SHIFT, ActKind.VULNERABILITY),
    (ActKind.PROTECT,),
    (ActKind.ECOSYSTEM, ActKind.EXPOSURE),
    (ActKind.SCALE,),
    (ActKind.TRANSFER,),
    (ActKind.VULNERABILITY,),
    (ActKind.SHIFT,),
)


def differences(model: Model, pairs: int, seed: int) -> Floats:
    """Relative to the channel's burden with nothing done, or to the burden itself where that is larger."""
    rng, futures = np.random.default_rng(seed), draw(model, 256, seed)
    program = compiled(model)
    coefficients = stagea.coefficients(program, futures)
    found = []
    for _ in range(pairs):
        package, w = int(rng.integers(program.packages)), int(rng.integers(futures.count))
        slow = np.array(list(direct.burden(program.model, futures, w, package).values()))
        for channel, value in enumerate(slow):
            start, stop = program.set_start[channel : channel + 2]
            column = np.ascontiguousarray(coefficients[start:stop, w : w + 1])
            inside = fits([each for _, each in program.sets[start:stop]], [package], program.radices)
            nothing = fits([each for _, each in program.sets[start:stop]], [0], program.radices)
            fast, undone = np.zeros((1, 1)), np.zeros((1, 1))
            add_inside(column, inside, fast)
            add_inside(column, nothing, undone)
            found.append(abs(fast[0, 0] - value) / max(abs(value), abs(undone[0, 0]), 1e-9))
    return np.array(found)


@pytest.mark.parametrize("seed", range(10))
def test_a_hundred_pairs_of_a_random_model(seed: int) -> None:
    model = random_model(seed, places=6, events=8, acts=MIXED, excluding=2 * (seed % 2))
    off = differences(model, 100, seed)
    assert np.max(off) < ASKED
    assert np.median(off) < EXPECTED


@pytest.mark.slow
def test_a_thousand_pairs_of_a_middle_sized_city() -> None:
    """The city of the bench with 200 events over 1,000 points: 40,000 wet cells."""
    off = differences(city(12, events=200, points=1_000), 1_000, 3)
    assert np.max(off) < EXPECTED

"""The same as CLIMADA, by numbers it gave once: they are stored, with how they were made, and CLIMADA is not needed.

Aznar-Siguan, G., Bresch, D. N., 2019. CLIMADA v1: a global weather and climate risk assessment platform.
Geoscientific Model Development 12:3085-3097. doi:10.5194/gmd-12-3085-2019
"""

from __future__ import annotations

import json

import numpy as np
import pytest

from khlong.engines.futures import direct
from khlong.engines.futures.appraise import Engine
from khlong.engines.futures.inquiry import burdens, paths
from khlong.engines.futures.model import Model
from khlong.engines.futures.sampling import Futures, base
from khlong.engines.futures.tests.climada_case import PACKAGES, SEED, STORED, package, town

Stored = dict[str, dict[str, list[float]]]


@pytest.fixture(scope="module")
def model() -> Model:
    return town()


@pytest.fixture(scope="module")
def future(model: Model) -> Futures:
    return base(model)


@pytest.fixture(scope="module")
def stored() -> Stored:
    told = json.loads(STORED.read_text(encoding="utf-8"))
    assert told["versions"]["climada"] == "6.1.0"
    assert told["seed"] == SEED
    assert {name: tuple(keys) for name, keys in told["packages"].items()} == PACKAGES
    return dict(told["expected"])


@pytest.mark.parametrize("name", PACKAGES)
def test_the_direct_evaluator_finds_what_climada_found(
    name: str, model: Model, future: Futures, stored: Stored
) -> None:
    found = direct.expected(model, future, 0, package(model, PACKAGES[name]))
    for (group, kind), path in found.items():
        np.testing.assert_allclose(path, stored[name][f"{group}/{kind}"], rtol=1e-9)


@pytest.mark.parametrize("name", PACKAGES)
def test_the_engine_finds_what_climada_found(
    name: str, model: Model, future: Futures, stored: Stored
) -> None:
    found = paths(Engine(model), future, (package(model, PACKAGES[name]),))[0, :, 0, :]
    for (group, kind), path in zip(model.channels, found, strict=True):
        np.testing.assert_allclose(path, stored[name][f"{group}/{kind}"], rtol=1e-9)


def test_the_table_folds_climadas_years_into_burdens(model: Model, future: Futures, stored: Stored) -> None:
    engine = Engine(model)
    table, weights = engine.appraise(future), future.knot_weights[0]
    numbers = [package(model, keys) for keys in PACKAGES.values()]
    few = burdens(engine, future, numbers)[:, :, 0]
    for row, (name, number) in enumerate(zip(PACKAGES, numbers, strict=True)):
        for channel, (group, kind) in enumerate(model.channels):
            folded = weights @ np.array(stored[name][f"{group}/{kind}"])
            np.testing.assert_allclose(few[row, channel], folded, rtol=1e-9)
            np.testing.assert_allclose(table.mean[channel, number], folded, rtol=1e-9)


def test_every_measure_of_the_town_changes_something(stored: Stored) -> None:
    """Else the comparison would prove little."""
    for name in list(PACKAGES)[1:]:
        assert stored[name] != stored["nothing"], name

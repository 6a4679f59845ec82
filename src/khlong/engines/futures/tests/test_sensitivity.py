"""Sobol indices: functions with known answers, and SALib as oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from khlong.engines.futures import sensitivity as se
from khlong.engines.futures.errors import ModelError
from khlong.engines.futures.model import Dimension, Model, Name, Spread
from khlong.engines.futures.sampling import sobol

if TYPE_CHECKING:
    from khlong.engines.futures.model import Floats

NOBODY = Name("", "")


def ishigami(u: Floats, a: float = 7.0, b: float = 0.1) -> Floats:
    """T. Ishigami, T. Homma, 1990, doi:10.1109/ISUMA.1990.151285, on the unit cube."""
    x = np.pi * (2 * u - 1)
    return np.asarray(np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0]))


def ishigami_answer(a: float = 7.0, b: float = 0.1) -> tuple[list[float], list[float]]:
    variance = a**2 / 8 + b * np.pi**4 / 5 + b**2 * np.pi**8 / 18 + 0.5
    one, two = 0.5 * (1 + b * np.pi**4 / 5) ** 2, a**2 / 8
    both = b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    return [one / variance, two / variance, 0.0], [
        (one + both) / variance,
        two / variance,
        both / variance,
    ]


def g_function(u: Floats, a: Floats) -> Floats:
    """Sobol's g: `prod (|4 x_i - 2| + a_i) / (1 + a_i)`; doi:10.1016/S0378-4754(00)00270-6."""
    return np.asarray(np.prod((np.abs(4 * u - 2) + a) / (1 + a), axis=1))


def test_the_function_of_ishigami_and_homma() -> None:
    """First 0.3139, 0.4424, 0 and total 0.5576, 0.4424, 0.2437 for a = 7, b = 0.1."""
    first, total = ishigami_answer()
    assert first == pytest.approx([0.3139, 0.4424, 0], abs=5e-5)
    found = se.sobol_indices(ishigami(se.saltelli(3, 8192, 1)), 3)
    assert found.first == pytest.approx(first, abs=0.02)
    assert found.total == pytest.approx(total, abs=0.02)
    assert (found.first_error < 0.05).all()


def test_the_g_function_of_sobol() -> None:
    a = np.array([0.0, 1, 4.5, 9])
    parts = 1 / (3 * (1 + a) ** 2)
    whole = np.prod(1 + parts) - 1
    found = se.sobol_indices(g_function(se.saltelli(4, 8192, 2), a), 4)
    assert found.first == pytest.approx(parts / whole, abs=0.02)
    assert found.total == pytest.approx(parts * (whole + 1) / (1 + parts) / whole, abs=0.02)


def test_salib_finds_the_same_indices() -> None:
    """SALib 1.5 (MIT), `analyze.sobol` without second order, on the same outcomes: to rounding."""
    analyze = pytest.importorskip("SALib.analyze.sobol")
    outcomes = ishigami(se.saltelli(3, 512, 5))
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}
    theirs = analyze.analyze(problem, outcomes.copy(), calc_second_order=False, seed=1)
    ours = se.sobol_indices(outcomes, 3)
    assert ours.first == pytest.approx(theirs["S1"], abs=1e-12)
    assert ours.total == pytest.approx(theirs["ST"], abs=1e-12)
    assert ours.total_error == pytest.approx(theirs["ST_conf"], rel=0.5)


def test_groups_of_dimensions_are_one_question() -> None:
    points = se.saltelli(4, 2048, 3, groups=((0, 1), (2,), (3,)))
    assert points.shape == (2048 * 5, 4)
    found = se.sobol_indices(points[:, 0] + points[:, 1] + points[:, 2], 3)
    assert found.first == pytest.approx([2 / 3, 1 / 3, 0], abs=0.02)


def test_neighbours_differ_in_one_dimension_only() -> None:
    points = se.saltelli(3, 8, 4).reshape(8, 5, 3)
    for number in range(3):
        differs = points[:, 0] != points[:, number + 1]
        assert differs[:, number].all()
        assert differs.sum() == 8
    assert (points[:, 0] != points[:, -1]).all()


def test_an_outcome_that_never_changes_depends_on_nothing() -> None:
    found = se.sobol_indices(np.full(5 * 16, 3.0), 3)
    assert found.first.tolist() == found.total.tolist() == [0, 0, 0]
    assert se.first_order(np.random.default_rng(0).random((50, 2)), np.ones(50))[0].tolist() == [0, 0]


def test_first_order_comes_from_any_futures() -> None:
    points = sobol(3, 8192, 9)
    found, chance = se.first_order(points, ishigami(points))
    assert found == pytest.approx(ishigami_answer()[0], abs=0.03)
    assert chance < 0.01


def test_pure_chance_shows_nothing() -> None:
    random = np.random.default_rng(8)
    found, chance = se.first_order(random.random((2000, 20)), random.random(2000))
    assert found.mean() < chance


def test_stretching_the_outcome_changes_no_index() -> None:
    outcomes = ishigami(se.saltelli(3, 256, 6))
    plain, moved = (se.sobol_indices(each, 3) for each in (outcomes, 1e6 + 50 * outcomes))
    assert moved.first == pytest.approx(plain.first, abs=1e-6)
    assert moved.total == pytest.approx(plain.total, abs=1e-9)


def test_futures_are_drawn_for_the_dimensions_of_a_model() -> None:
    dimensions = tuple(
        Dimension(key, NOBODY, "1", Spread.UNIFORM, low, high, low)
        for key, low, high in (("a", 0.0, 2.0), ("b", 5.0, 6.0))
    )
    model = Model("m", NOBODY, (2025, 2030), ("p",), (), (), (), (), (), (), dimensions=dimensions)
    futures = se.saltelli_futures(model, 64, 1)
    assert futures.count == 64 * 4
    found = se.sobol_indices(futures.values["a"] + futures.values["b"], 2)
    assert found.first == pytest.approx([0.8, 0.2], abs=0.05)


@pytest.mark.parametrize("outcomes", [np.ones(7), np.ones(0), np.array([1.0, np.nan, 1, 1])])
def test_outcomes_that_do_not_fit_are_refused(outcomes: Floats) -> None:
    with pytest.raises(ModelError) as refused:
        se.sobol_indices(outcomes, 2)
    assert refused.value.field == "outcomes"
    assert refused.value.wrong.th

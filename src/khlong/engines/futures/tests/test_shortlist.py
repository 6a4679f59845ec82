"""A few packages exactly, and quantiles of all of them within the error that is printed."""

from __future__ import annotations

import numpy as np
import pytest

from khlong.engines.futures import direct, robustness, shortlist
from khlong.engines.futures.appraise import Engine
from khlong.engines.futures.errors import ModelError
from khlong.engines.futures.model import ActKind
from khlong.engines.futures.sampling import draw
from khlong.engines.futures.sketch import BINS, Sketch, sketch
from khlong.engines.futures.tests.models import random_model

FEW = ((ActKind.SHIFT,), (ActKind.PROTECT, ActKind.EXPOSURE), (ActKind.ECOSYSTEM,), (ActKind.VULNERABILITY,))


def engine_of(seed: int) -> Engine:
    return Engine(random_model(seed, acts=FEW, excluding=2 * (seed % 2)), 2)


@pytest.mark.parametrize("seed", [1, 2])
def test_values_by_knot_are_those_of_the_direct_evaluator(seed: int) -> None:
    engine = engine_of(seed)
    futures, packages = draw(engine.model, 4, seed), (0, 5, 11)
    found = shortlist.by_knot(engine, futures, packages)
    for column, package in enumerate(packages):
        for w in range(futures.count):
            slow = np.stack(list(direct.expected(engine.model, futures, w, package).values()))
            assert np.allclose(found[:, column, w], slow, rtol=1e-10, atol=1e-6)


@pytest.mark.parametrize("keep", [True, False])
def test_totals_are_those_of_the_direct_evaluator(keep: bool) -> None:
    engine = engine_of(3)
    futures = draw(engine.model, 6, 2)
    if keep:
        engine.appraise(futures)
    found = shortlist.totals(engine, futures, (0, 3, 7))
    for row, package in enumerate((0, 3, 7)):
        slow = [direct.total(engine.model, futures, w, package) for w in range(6)]
        assert np.allclose(found[row], slow, rtol=1e-11)


def test_the_mean_of_the_values_is_the_mean_of_the_table() -> None:
    engine = engine_of(4)
    futures = draw(engine.model, 700, 2)
    table = engine.appraise(futures)
    packages = range(min(table.packages, 12))
    found = shortlist.values(engine, futures, packages).mean(axis=2)
    assert np.allclose(found, table.mean[:-1, : len(packages)], rtol=1e-11, atol=1e-9)


def test_more_than_64_packages_or_unknown_ones_are_refused() -> None:
    engine = engine_of(4)
    futures = draw(engine.model, 2, 2)
    with pytest.raises(ModelError, match="64 or fewer"):
        shortlist.values(engine, futures, [0] * 65)
    with pytest.raises(ModelError, match="There is no package 99"):
        shortlist.values(engine, futures, [99])


@pytest.mark.parametrize("regret", [False, True])
@pytest.mark.parametrize("seed", [1, 4])
def test_a_sketched_quantile_is_within_its_error(seed: int, regret: bool) -> None:
    engine = engine_of(seed)
    futures = draw(engine.model, 900, 2)
    table = engine.appraise(futures)
    packages = range(table.packages)
    for objective in (0, len(table.objectives) - 1):
        exact = (
            shortlist.totals(engine, futures, packages)
            if objective
            else shortlist.values(engine, futures, packages)[0]
        )
        exact = exact - exact.min(axis=0) if regret else exact
        found = sketch(engine, futures, table, objective, regret=regret)
        assert (found.counts.sum(axis=1) == 900).all()
        for share in (0.1, 0.25, 0.5, 0.75, 0.9):
            off = np.abs(found.quantile(share) - np.quantile(exact, share, axis=1))
            assert (off <= found.error + 1e-9 * table.highest[objective]).all()
        worse = robustness.undesirable_deviations(exact)
        assert (np.abs(found.undesirable_deviations - worse) <= 2 * found.error + 1e-9 * worse + 1e-9).all()
        assert (np.abs(found.skew - robustness.skew(exact)) <= found.skew_error + 1e-9).all()
        with np.errstate(
            invalid="ignore"
        ):  # infinite where half of the futures are alike, with an infinite error
            off = np.abs(found.peakedness - robustness.peakedness(exact))
        assert (np.nan_to_num(off, nan=0.0) <= found.peakedness_error + 1e-9).all()


def test_a_package_that_never_changes_has_no_spread() -> None:
    counts = np.zeros((1, BINS), np.int32)
    counts[0, 0] = 10
    flat = Sketch(np.array([5.0]), np.array([0.0]), counts)
    assert flat.quantile(0.9) == 5.0
    assert flat.skew == 0.0
    assert flat.peakedness == 1.0
    assert flat.skew_error == flat.peakedness_error == 0.0


def test_threads_change_no_count() -> None:
    engine = engine_of(2)
    futures = draw(engine.model, 600, 2)
    table = engine.appraise(futures)
    two = sketch(engine, futures, table, 0).counts
    engine.threads = 1
    assert np.array_equal(two, sketch(engine, futures, table, 0).counts)

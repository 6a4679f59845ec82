"""Quantile metrics of every package: within the error that stands beside them, and the best known for sure."""

from __future__ import annotations

import numpy as np
import pytest

from khlong.engines.futures import robustness, shortlist
from khlong.engines.futures.appraise import Engine
from khlong.engines.futures.model import Name
from khlong.engines.futures.packages import count
from khlong.engines.futures.quantiles import ERROR_OF, METRICS, Quantiles, quantiles, sentence
from khlong.engines.futures.sampling import draw
from khlong.engines.futures.tests.test_zones import TWO, split_model


def all_values(engine: Engine, futures: object, objective: int) -> np.ndarray:
    """Every package of a model of more than 64, exactly, 64 at a time."""
    found = []
    for start in range(0, engine.program.packages, shortlist.MOST):
        some = range(start, min(start + shortlist.MOST, engine.program.packages))
        read = shortlist.totals(engine, futures, some) if objective == -1 else None  # type: ignore[arg-type]
        found.append(shortlist.values(engine, futures, some)[objective] if read is None else read)  # type: ignore[arg-type]
    return np.concatenate(found)


@pytest.mark.parametrize("kept", [True, False])
def test_every_metric_of_every_package_is_within_its_error_and_the_shortlist_exact(kept: bool) -> None:
    engine = Engine(split_model(4, TWO, 4), 2)
    assert count(engine.model) == 256
    futures = draw(engine.model, 500, 3)
    table = engine.appraise(futures)
    if not kept:
        engine.seen, engine.coefficients = None, None
    found = quantiles(engine, futures, table, (0, 255))
    assert {0, 255} <= set(found.exact)
    assert len(found.exact) == 64
    for objective in (0, -1):
        f = all_values(engine, futures, objective)
        regret = f - f.min(axis=0)
        slow = dict(zip(METRICS[:5], np.quantile(f, (0.1, 0.25, 0.5, 0.75, 0.9), axis=1), strict=True))
        slow |= {
            "regret_p90": np.quantile(regret, 0.9, axis=1),
            "undesirable_deviations": robustness.undesirable_deviations(f),
            "skew": robustness.skew(f),
            "peakedness": robustness.peakedness(f),
        }
        assert set(slow) == set(METRICS) == set(ERROR_OF)
        for metric, exact in slow.items():
            value, error = found.value(metric, objective), found.error(metric, objective)
            small = 1e-9 * np.abs(f).max() if metric not in {"skew", "peakedness"} else 1e-6
            assert (np.abs(value - exact) <= error + small).all(), metric
            assert (error[list(found.exact)] == 0).all()
            assert np.allclose(value[list(found.exact)], exact[list(found.exact)], rtol=1e-6, atol=small)
    sketched = np.setdiff1d(np.arange(256), found.exact)
    assert (found.error("p90")[sketched] > 0).all()
    best = found.best("regret_p90")
    f = all_values(engine, futures, -1)
    slow_best = np.quantile(f - f.min(axis=0), 0.9, axis=1)
    assert slow_best[best] <= slow_best.min() + found.error("regret_p90")[best] + 1e-9 * f.max()
    if found.sure("regret_p90", best):
        assert slow_best[best] == pytest.approx(slow_best.min(), abs=1e-9 * f.max())


def made(regrets: list[float], errors: list[float]) -> Quantiles:
    values, off = np.zeros((1, len(METRICS), len(regrets))), np.zeros((1, 5, len(regrets)))
    values[0, METRICS.index("regret_p90")], off[0, 1] = regrets, errors
    return Quantiles(values, off, tuple(number for number, error in enumerate(errors) if error == 0))


def test_a_best_package_that_another_may_beat_within_its_error_is_not_called_sure() -> None:
    close, apart = made([10.0, 11.0], [0.0, 3.0]), made([10.0, 20.0], [0.0, 3.0])
    assert close.best("regret_p90") == apart.best("regret_p90") == 0
    assert not close.sure("regret_p90", 0)
    assert apart.sure("regret_p90", 0)
    wall = [Name("คันกันน้ำ", "wall")]
    assert "a little better" in sentence(close, wall).en
    assert "a little better" not in sentence(apart, wall).en
    assert "off by at most 3 baht" in sentence(apart, wall).en
    assert "คลาดเคลื่อนไม่เกิน 3 บาท" in sentence(apart, wall).th


def test_of_equal_packages_the_exact_one_is_named() -> None:
    assert made([10.0, 10.0], [1.0, 0.0]).best("regret_p90") == 1

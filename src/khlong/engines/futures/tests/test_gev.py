"""Extremes by L-moments, against a stored fit, scipy and the fit's own samples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import brentq
from scipy.special import gamma

from khlong.engines.futures.errors import ModelError
from khlong.engines.futures.gev import SHARE_OF_GUMBEL, Gev, change, fit, l_moments, level_error, skewness

FORTY = stats.genextreme(-0.1, 100, 25).rvs(40, random_state=np.random.default_rng(0))
shapes = st.integers(-450, 600).map(lambda thousandths: thousandths / 1000)


def test_forty_years_of_seed_zero() -> None:
    """Case 9 of the appraisal notes: c -0.0781, location 102.0647, scale 30.4895, where lmoments3 gave the same.

    The sample is genextreme(c=-0.1, loc=100, scale=25), 40 values of numpy's default_rng(0).
    """
    fitted = fit(FORTY)
    assert fitted.shape == pytest.approx(-0.0781, abs=5e-5)
    assert fitted.location == pytest.approx(102.0647, abs=5e-5)
    assert fitted.scale == pytest.approx(30.4895, abs=5e-5)
    assert fitted.years == 40


def test_l_moments_are_those_of_scipy() -> None:
    first, width, ratio = l_moments(FORTY)
    assert (first, width, ratio) == pytest.approx(
        tuple(stats.lmoment(FORTY, order=[1, 2, 3], standardize=True))
    )


@given(shapes, st.floats(-50, 200), st.floats(0.1, 80))
def test_a_fit_has_the_l_moments_of_its_data(shape: float, location: float, scale: float) -> None:
    sample = stats.genextreme(shape, location, scale).ppf((np.arange(200) + 0.65) / 200)
    fitted = fit(sample)
    first, width, ratio = l_moments(sample)
    assert skewness(fitted.shape) == pytest.approx(ratio, abs=1e-9)
    c = fitted.shape
    if abs(c) < 1e-6:
        return
    assert fitted.location + fitted.scale * (1 - gamma(1 + c)) / c == pytest.approx(
        first, rel=1e-7, abs=1e-7 * scale
    )
    assert fitted.scale * (1 - 2**-c) * gamma(1 + c) / c == pytest.approx(width, rel=1e-9)


@given(shapes, st.floats(1.01, 1000))
def test_levels_are_those_of_scipy_and_periods_lead_back(shape: float, period: float) -> None:
    fitted = Gev(shape, 100.0, 25.0)
    level = fitted.level(period)
    assert level == pytest.approx(stats.genextreme(shape, 100, 25).isf(1 / period), rel=1e-9)
    assert fitted.period(level) == pytest.approx(period, rel=1e-6)


def test_a_shape_near_zero_is_gumbel() -> None:
    assert Gev(1e-9, 100, 25).level(50) == pytest.approx(Gev(0, 100, 25).level(50), rel=1e-7)
    assert skewness(1e-10) == pytest.approx(SHARE_OF_GUMBEL)
    assert pytest.approx(0.1699, abs=5e-5) == SHARE_OF_GUMBEL


def test_a_gumbel_sample_is_fitted_as_gumbel() -> None:
    sample = stats.gumbel_r(100, 25).ppf((np.arange(4000) + 0.5) / 4000)
    fitted = fit(sample)
    assert fitted.shape == pytest.approx(0, abs=2e-3)
    assert (fitted.location, fitted.scale) == pytest.approx((100, 25), rel=2e-3)


def test_a_sample_with_the_skewness_of_gumbel_has_the_shape_zero() -> None:
    power = brentq(lambda p: l_moments(np.arange(1.0, 21) ** p)[2] - SHARE_OF_GUMBEL, 1, 4, xtol=1e-15)
    sample = np.arange(1.0, 21) ** power
    fitted = fit(sample)
    assert fitted.shape == 0
    assert fitted.location + 0.5772156649 * fitted.scale == pytest.approx(sample.mean())
    low, high = level_error(sample, 50, draws=50)
    assert low < fitted.level(50) < high


def test_beyond_the_ends_of_a_tail() -> None:
    assert Gev(0.2, 100, 25).period(100 + 25 / 0.2 + 1) == float("inf")
    assert Gev(-0.2, 100, 25).period(100 - 25 / 0.2 - 1) == 1.0
    assert Gev(0.0, 0, 1).period(-1000) == 1.0


def test_the_same_climate_changes_nothing_and_a_scaled_one_scales() -> None:
    today = Gev(-0.1, 100, 25)
    assert change(today, today, [2, 10, 100]) == pytest.approx([1, 1, 1])
    assert change(today, Gev(-0.1, 120, 30), [2, 10, 100]) == pytest.approx([1.2, 1.2, 1.2])


def test_a_wider_climate_changes_rare_events_more() -> None:
    ratios = change(Gev(-0.1, 100, 25), Gev(-0.1, 100, 35), [2, 10, 100])
    assert (np.diff(ratios) > 0).all()


def test_the_error_of_a_level_holds_the_level_and_the_truth() -> None:
    low, high = level_error(FORTY, 100, draws=200)
    assert low < fit(FORTY).level(100) < high
    assert low < Gev(-0.1, 100, 25).level(100) < high
    assert 0.2 < (high - low) / fit(FORTY).level(100) < 1


@pytest.mark.parametrize("values", [[1.0] * 5, [1.0] * 40, [*range(20), float("nan")]])
def test_data_that_say_nothing_are_refused(values: list[float]) -> None:
    with pytest.raises(ModelError):
        fit(values)


def test_a_period_of_no_years_is_refused() -> None:
    with pytest.raises(ModelError, match="period"):
        Gev(0, 100, 25).level(1)

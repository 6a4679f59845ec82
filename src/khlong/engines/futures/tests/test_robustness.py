"""Robustness: the published tables, and what must hold of every metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from khlong.engines.futures import robustness as rb

if TYPE_CHECKING:
    from collections.abc import Callable

    from khlong.engines.futures.model import Floats

# Stocks, bonds and money in the bank in three states of the economy: what each earns.
PAYOFFS = np.array([[-4.0, 4, 12], [-2, 3, 8], [3, 2, 1]])
RAPID = np.array([[0.99, 1, 0.5], [0.69, 0.6, 0.6]])
TABLES = arrays(
    np.float64,
    st.tuples(st.integers(1, 6), st.integers(2, 12)),
    elements=st.floats(-1e6, 1e6, allow_nan=False, width=32),
)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (lambda f: rb.maximin(f, more=True), [-4, -2, 1]),
        (lambda f: rb.maximax(f, more=True), [12, 8, 3]),
        (lambda f: rb.hurwicz(f, 0.5, more=True), [4, 3, 2]),
        (rb.laplace, [4, 3, 2]),
        (lambda f: rb.minimax_regret(f, more=True), [-7, -5, -11]),
        (lambda f: rb.mean_variance(f, more=True), [5 / 9, 2 / 3, 1.5]),
        (lambda f: rb.undesirable_deviations(f, more=True), [-4, -2.5, -0.5]),
    ],
)
def test_the_textbook_table_of_stocks_bonds_and_money(
    metric: Callable[[Floats], Floats], expected: list[float]
) -> None:
    """The payoff table by which minimax regret is usually taught; appraisal notes, case 6 (.5556 .6667 1.5)."""
    assert metric(PAYOFFS) == pytest.approx(expected, abs=1e-12)


def test_bonds_have_the_least_regret_though_they_never_win() -> None:
    """The same table: -7 for stocks, -5 for bonds, -11 for money, though no state favours bonds."""
    assert np.argmax(rb.minimax_regret(PAYOFFS, more=True)) == 1
    assert not (PAYOFFS.argmax(axis=0) == 1).any()


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (lambda f: rb.hurwicz(f, 0.75, more=True), [0.625, 0.6225]),
        (lambda f: rb.minimax_regret(f, more=True), [-0.1, -0.4]),
        (lambda f: rb.mean_variance(f, more=True), [1.42320289996384, 1.54948632859709]),
        (lambda f: rb.undesirable_deviations(f, more=True), [-0.245, 0]),
    ],
)
def test_the_unit_case_of_rapid(metric: Callable[[Floats], Floats], expected: list[float]) -> None:
    """C. McPhail, RAPID (MIT), the unit tests of its metrics: f = [.99 1 .5; .69 .6 .6]; case 6 of the notes."""
    assert metric(RAPID) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize(
    "metric", [rb.maximin, rb.maximax, rb.hurwicz, rb.minimax_regret, rb.percentile_regret]
)
def test_a_burden_is_a_payoff_seen_from_below(metric: Callable[..., Floats]) -> None:
    assert metric(-PAYOFFS) == pytest.approx(-metric(PAYOFFS, more=True))


def test_undesirable_deviations_of_a_burden_are_above_the_median() -> None:
    assert rb.undesirable_deviations(np.array([1.0, 2, 3, 10])) == pytest.approx((0.5 + 7.5) / 2)
    assert rb.undesirable_deviations(-PAYOFFS) == pytest.approx([4, 2.5, 0.5])


def test_the_mean_and_spread_of_a_burden_multiply() -> None:
    assert rb.mean_variance(np.array([1.0, 3])) == pytest.approx(3 * (np.sqrt(2) + 1))
    assert rb.mean_variance(np.array([[5.0]])) == pytest.approx([6])


def test_regret_is_taken_against_the_best_package_of_each_future() -> None:
    f = np.array([[1.0, 5], [3, 2]])
    assert rb.regret(f).tolist() == [[0, 3], [2, 0]]
    assert rb.minimax_regret(f).tolist() == [3, 2]


def test_ninetieth_percentile_regret_forgives_the_worst_tenth() -> None:
    f = np.zeros((2, 101))
    f[0, :10] = np.arange(91, 101)
    assert rb.minimax_regret(f)[0] == 100
    assert rb.percentile_regret(f).tolist() == [0, 0]


def test_skew_looks_at_the_tails_and_peakedness_at_the_middle() -> None:
    """Voudouris et al. 2014, doi:10.1016/j.enpol.2013.08.053; by hand on 0..100 and on its square."""
    even = np.arange(101.0)
    assert rb.skew(even) == pytest.approx(0)
    assert rb.peakedness(even) == pytest.approx(80 / 50)
    assert rb.skew(even**2) == pytest.approx(((8100 + 100) / 2 - 2500) / ((8100 - 100) / 2))
    assert rb.skew(-(even**2)) == pytest.approx(-rb.skew(even**2))


def test_a_sure_thing_has_no_skew_and_no_peak() -> None:
    assert rb.skew(np.full(9, 2.0)) == 0
    assert rb.peakedness(np.full(9, 2.0)) == 1
    assert rb.peakedness(np.array([0.0] * 8 + [9.0, 9])) == np.inf


def test_standing_on_the_threshold_is_meeting_it() -> None:
    f = np.array([[1.0, 2, 3, 4], [4, 5, 6, 7]])
    assert rb.domain(f, 2).tolist() == [0.5, 0]
    assert rb.domain(f, 4, more=True).tolist() == [0.25, 1]
    assert rb.domain(f, np.array([[2.0], [6]])).tolist() == [0.5, 0.75]


def test_the_group_domain_counts_futures_in_which_nobody_is_left() -> None:
    poor = np.array([[1.0, 1, 9, 9], [1, 1, 1, 9]])
    rich = np.array([[1.0, 9, 1, 9], [1, 1, 1, 1]])
    both = np.stack([poor, rich])
    assert rb.group_domain(both, np.array([2.0, 2])).tolist() == [0.25, 0.75]
    assert rb.group_domain(both, np.array([2.0, np.nan])).tolist() == [0.5, 0.75]


def test_a_share_has_an_error_even_when_it_is_all() -> None:
    """±0.5 percentage points at 10,000 and ±1.6 at 1,000 futures: appraisal notes, section 3.2."""
    assert rb.share_error(np.array([0.5]), 10_000)[0] == pytest.approx(0.005)
    assert rb.share_error(np.array([0.5]), 1_000)[0] == pytest.approx(0.0158, abs=1e-4)
    assert rb.share_error(np.array([1.0, 0.0]), 1_000).tolist() == [0.001, 0.001]


def test_the_error_of_a_mean_needs_more_than_one_future() -> None:
    assert rb.mean_error(np.array([1.0, 3])) == pytest.approx(1)
    assert np.isnan(rb.mean_error(np.array([1.0])))


def test_all_eleven_metrics_come_together() -> None:
    found = rb.all_metrics(-PAYOFFS, 2.0)
    assert len(found) == 11
    assert {each.shape for each in found.values()} == {(3,)}


def test_metrics_that_rank_the_other_way_disagree_wholly() -> None:
    names, strip = rb.agreement(
        {
            "maximin": np.array([1.0, 2, 3]),
            "maximax": np.array([3.0, 2, 1]),
            "laplace": np.array([5.0, 5, 5]),
            "domain": np.array([0.9, 0.8, 0.1]),
        }
    )
    assert names == ("maximin", "maximax", "laplace", "domain")
    assert strip[0, 1] == pytest.approx(-1)
    assert strip[0, 3] == pytest.approx(1)
    assert np.isnan(strip[2]).all()


def test_the_winner_of_equals_is_the_lower_number() -> None:
    found = rb.winners({"laplace": np.array([2.0, 1, 1]), "domain": np.array([0.1, 0.2, 0.2])}, 2)
    assert found["laplace"].tolist() == [1, 2]
    assert found["domain"].tolist() == [1, 2]


@given(TABLES)
def test_regret_is_never_negative_and_somebody_has_none(f: Floats) -> None:
    found = rb.regret(f)
    assert (found >= 0).all()
    assert (found.min(axis=0) == 0).all()


@given(TABLES, st.floats(0, 1))
def test_every_middle_lies_between_the_best_and_the_worst(f: Floats, pessimism: float) -> None:
    low, high = rb.maximax(f), rb.maximin(f)
    slack = 1e-9 * (1 + np.abs(f).max())
    for middle in (rb.laplace(f), rb.hurwicz(f, pessimism)):
        assert (middle >= low - slack).all()
        assert (middle <= high + slack).all()


@given(TABLES)
def test_the_order_of_futures_does_not_matter(f: Floats) -> None:
    turned = np.ascontiguousarray(f[:, ::-1])
    for name, each in rb.all_metrics(f, 0.0).items():
        assert rb.all_metrics(turned, 0.0)[name] == pytest.approx(each, rel=1e-9, abs=1e-6, nan_ok=True)


@given(TABLES)
def test_skew_stays_between_one_and_minus_one(f: Floats) -> None:
    assert (np.abs(rb.skew(f)) <= 1 + 1e-9).all()


@given(TABLES, st.floats(0.125, 8))
def test_scaling_the_burden_scales_what_is_measured_in_its_unit(f: Floats, by: float) -> None:
    for metric in (
        rb.maximin,
        rb.maximax,
        rb.laplace,
        rb.minimax_regret,
        rb.percentile_regret,
        rb.undesirable_deviations,
    ):
        assert metric(by * f) == pytest.approx(by * metric(f), rel=1e-9, abs=1e-6)

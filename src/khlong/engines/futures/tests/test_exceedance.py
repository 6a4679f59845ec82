"""Exceedance curves and what is cut from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from khlong.engines.futures import exceedance as ex
from khlong.engines.futures.errors import ModelError

if TYPE_CHECKING:
    from khlong.engines.futures.model import Floats

LOSSES = np.array([5.0, 20, 0, 10])
OFTEN = np.array([0.1, 0.01, 1, 0.05])
EVENTS = st.integers(0, 12).flatmap(
    lambda count: st.tuples(
        arrays(np.float64, count, elements=st.integers(0, 50).map(float)),
        arrays(np.float64, count, elements=st.floats(0, 2, width=32)),
    )
)


def test_frequencies_add_up_from_the_largest_loss() -> None:
    found = ex.curve(LOSSES, OFTEN)
    assert found.loss.tolist() == [20, 10, 5]
    assert found.frequency == pytest.approx([0.01, 0.06, 0.16])
    assert found.period == pytest.approx([100, 1 / 0.06, 6.25])


def test_the_area_under_the_curve_is_the_expected_annual_impact() -> None:
    assert ex.curve(LOSSES, OFTEN).expected == pytest.approx(LOSSES @ OFTEN)


def test_losses_between_events_are_linear_in_the_return_period() -> None:
    """As in CLIMADA's `calc_freq_curve`: sorted at_event, cumulated frequency, linear in the return period."""
    found = ex.curve(LOSSES, OFTEN)
    middle = (100 + 1 / 0.06) / 2
    assert found.at(np.array([100, middle, 1 / 0.06])) == pytest.approx([20, 15, 10])


def test_nothing_is_made_up_beyond_what_is_known() -> None:
    found = ex.curve(LOSSES, OFTEN)
    assert found.at(np.array([1.0, 6.2, 1000])).tolist() == [0, 0, 20]
    assert ex.curve(np.zeros(2), np.ones(2)).at(np.array([10.0])).tolist() == [0]


def test_how_often_a_loss_is_reached() -> None:
    found = ex.curve(LOSSES, OFTEN)
    assert found.chance(10) == pytest.approx(0.06)
    assert found.chance(10.1) == pytest.approx(0.01)
    assert found.chance(21) == 0


def test_an_event_across_an_edge_is_split_by_frequency() -> None:
    found = ex.curve(np.array([8.0]), np.array([0.3]))
    assert ex.layers(found, (5.0, 50.0)) == pytest.approx([8 * 0.1, 8 * 0.18, 8 * 0.02])


def test_a_cover_pays_what_lies_between_its_ends() -> None:
    found = ex.curve(LOSSES, OFTEN)
    assert ex.band(found, 6, 15) == pytest.approx(0.01 * 9 + 0.05 * 4)
    assert ex.band(found, 0, np.inf) == pytest.approx(found.expected)


def test_a_rare_large_loss_weighs_more_than_frequent_small_ones_of_one_mean() -> None:
    rare = ex.certainty_equivalent(np.array([50_000.0]), np.array([0.01]), 100_000)
    often = ex.certainty_equivalent(np.array([1_000.0]), np.array([0.5]), 100_000)
    assert rare > often > 500
    assert ex.certainty_equivalent(np.array([50_000.0]), np.array([0.01]), 1e9) == pytest.approx(
        500, rel=1e-4
    )


def test_the_same_loss_weighs_more_on_the_poor() -> None:
    losses, often = np.array([20_000.0]), np.array([0.02])
    assert ex.certainty_equivalent(losses, often, 40_000) > ex.certainty_equivalent(losses, often, 400_000)


def test_without_an_income_there_is_no_certainty_equivalent() -> None:
    for income in (0.0, float("nan")):
        with pytest.raises(ModelError, match="income of the group is not known"):
            ex.certainty_equivalent(LOSSES, OFTEN, income)


def test_every_event_has_one_frequency() -> None:
    with pytest.raises(ModelError, match="not as many frequencies"):
        ex.curve(LOSSES, OFTEN[:2])


@given(EVENTS)
def test_layers_add_up_to_the_expected_annual_impact(events: tuple[Floats, Floats]) -> None:
    losses, often = events
    found = ex.curve(losses, often)
    assert found.expected == pytest.approx(float(losses @ often), abs=1e-9)
    assert ex.layers(found).sum() == pytest.approx(found.expected, abs=1e-9)


@given(EVENTS)
def test_rarer_is_never_smaller(events: tuple[Floats, Floats]) -> None:
    found = ex.curve(*events)
    losses = found.at(np.geomspace(0.1, 10_000, 40))
    assert (np.diff(losses) >= -1e-9).all()


@given(EVENTS, st.floats(0, 30), st.floats(0, 30))
def test_covers_on_top_of_each_other_pay_what_one_pays(
    events: tuple[Floats, Floats], low: float, width: float
) -> None:
    found = ex.curve(*events)
    both = ex.band(found, 0, low) + ex.band(found, low, low + width)
    assert both == pytest.approx(ex.band(found, 0, low + width), abs=1e-9)

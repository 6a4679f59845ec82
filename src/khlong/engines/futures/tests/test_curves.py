"""Damage curves: the published figures, and what a future makes of them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khlong.engines.futures.check import check_curve
from khlong.engines.futures.curves import (
    JRC_SHARES,
    JRC_SPREADS,
    above,
    at_position,
    jrc_asia,
    own,
    position,
    product,
)
from khlong.engines.futures.direct import damage
from khlong.engines.futures.errors import ModelError
from khlong.engines.futures.tests.beside import beside


@pytest.mark.parametrize("sector", JRC_SHARES)
def test_a_published_curve_stands(sector: str) -> None:
    curve = jrc_asia(sector)
    check_curve(sector, curve)
    assert curve.intensity[-1] == 6000
    assert curve.share[-1] == 1
    assert "10.2760/16510" in curve.source


def test_the_residential_curve_and_its_doubt_at_a_metre() -> None:
    """Huizinga et al. 2017, Asia: 0.494 with a standard deviation of 0.215 at one metre."""
    curve = jrc_asia("residential")
    assert float(damage(curve, 0.0, np.array([1000.0]))[0]) == pytest.approx(0.494)
    assert float(damage(curve, 1.0, np.array([1000.0]))[0]) == pytest.approx(0.709)


def test_the_figures_are_those_of_the_file_beside_the_project() -> None:
    there = beside("hazard/jrc_depth_damage_asia.json")
    known = json.loads(there.read_text())["damage_fraction"]
    assert known.keys() == JRC_SHARES.keys()
    for sector, shares in JRC_SHARES.items():
        assert list(shares) == pytest.approx(known[sector])


def test_doubt_is_borrowed_only_when_asked_and_said() -> None:
    assert not jrc_asia("transport").spread.any()
    assert "no spread was found" in jrc_asia("transport").source
    borrowed = jrc_asia("transport", spread_of="residential")
    assert borrowed.spread[1] == JRC_SPREADS["residential"][1]
    assert borrowed.spread[5] == 0
    assert "borrowed from residential" in borrowed.source


@pytest.mark.parametrize(("sector", "spread_of"), [("palaces", ""), ("transport", "agriculture")])
def test_a_sector_that_is_not_there_is_refused(sector: str, spread_of: str) -> None:
    with pytest.raises(ModelError, match="Choose from"):
        jrc_asia(sector, spread_of=spread_of)


@given(st.sampled_from(sorted(JRC_SHARES)), st.floats(-2, 2), st.floats(0, 7000))
def test_a_curve_at_a_position_is_the_curve_of_that_future(sector: str, q: float, y: float) -> None:
    curve = jrc_asia(sector)
    there = damage(at_position(curve, q), 0.0, np.array([y]))
    assert there == pytest.approx(damage(curve, q, np.array([y])), abs=1e-15)
    assert 0 <= float(there[0]) <= 1


def test_above_is_a_step() -> None:
    cut_off = above("cut off", 300.0)
    assert damage(cut_off, 0.0, np.array([299.0, 300.0, 301.0])).tolist() == [0, 0, 1]
    assert damage(above("wet", 0.0, 0.5), 0.0, np.array([-1.0, 0.0, 1.0])).tolist() == [0, 0, 0.5]


def test_ones_own_curve_is_checked() -> None:
    assert own("c", [0, 100], [0, 0.5]).spread.tolist() == [0, 0]
    with pytest.raises(ModelError, match="damage at its beginning") as caught:
        own("c", [0, 100], [0.1, 0.5])
    assert caught.value.field == "c.share[0]"


def test_a_constant_affected_share_multiplies() -> None:
    half = own("half", [0, 0, 6000], [0, 0.5, 0.5])
    both = product("both", jrc_asia("residential"), half)
    assert both.share == pytest.approx(jrc_asia("residential").share / 2)
    assert both.spread == pytest.approx(jrc_asia("residential").spread / 2)


def test_a_varying_affected_share_is_refused() -> None:
    with pytest.raises(ModelError, match="not constant"):
        product("both", jrc_asia("residential"), jrc_asia("commercial"))


def test_the_position_has_the_published_curve_as_its_base() -> None:
    assert position().base == 0
    assert (position(reach=2).low, position(reach=2).high) == (-2, 2)

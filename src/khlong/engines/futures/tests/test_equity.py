"""Views of who bears what: by hand, at their ends, and side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from khlong.engines.futures import equity
from khlong.engines.futures.errors import ModelError
from khlong.engines.futures.model import Name

if TYPE_CHECKING:
    from khlong.engines.futures.model import Floats

POOR, MIDDLE, RICH = 0, 1, 2
PEOPLE = np.array([100.0, 200, 100])
INCOME = np.array([50_000.0, 100_000, 400_000])
BURDENS = arrays(np.float64, (3,), elements=st.floats(0, 1e6, width=32))
TENANTS, FISHERS = Name("ผู้เช่า", "tenants"), Name("ชาวประมง", "fishers")


def test_weights_are_the_ratio_of_incomes_to_the_power_of_eta() -> None:
    """Kind, Botzen & Aerts 2017, doi:10.1002/wcc.446, with elasticity 1.2; HM Treasury's Green Book, 1.3."""
    mean = (50 * 100 + 100 * 200 + 400 * 100) / 400 * 1000
    for eta in equity.ETAS:
        assert equity.weights(INCOME, eta, PEOPLE) == pytest.approx((mean / INCOME) ** eta)
    assert equity.weights(INCOME, 0.0, PEOPLE).tolist() == [1, 1, 1]


def test_an_unknown_income_weighs_one() -> None:
    assert equity.weights(np.array([50_000.0, np.nan, 50_000]), 1.3).tolist() == [1, 1, 1]
    assert equity.weights(np.array([np.nan, np.nan]), 1.3).tolist() == [1, 1]


def test_an_income_of_zero_is_refused_in_both_languages() -> None:
    with pytest.raises(ModelError, match="income of a group is zero") as refused:
        equity.weights(np.array([0.0, 1.0]), 1.2)
    assert "รายได้" in refused.value.in_words("th")


def test_the_weighted_sum_sees_the_poor() -> None:
    on_poor, on_rich = np.array([10.0, 0, 0]), np.array([0.0, 0, 10])
    assert equity.utilitarian(on_poor) == equity.utilitarian(on_rich)
    assert equity.prioritarian(on_poor, INCOME, 1.2, PEOPLE) > equity.prioritarian(
        on_rich, INCOME, 1.2, PEOPLE
    )
    assert equity.prioritarian(on_poor, INCOME, 0.0, PEOPLE) == pytest.approx(10)


def test_the_worst_group_is_counted_by_head() -> None:
    value, which = equity.worst_group(np.array([[1000.0, 1500, 900], [100, 400, 1000]]), PEOPLE)
    assert value.tolist() == [10, 10]
    assert which.tolist() == [POOR, RICH]


def test_a_group_of_unknown_size_is_no_worst_group() -> None:
    value, which = equity.worst_group(np.array([1e9, 10.0]), np.array([np.nan, 5]))
    assert (float(value), int(which)) == (2, 1)
    assert np.isnan(equity.worst_group(np.array([1.0]), np.array([np.nan]))[0])


def test_sufficiency_counts_people_above_what_they_can_bear() -> None:
    burden = np.array([[5.0, 5, 5], [9, 9, 1]])
    assert equity.insufficient(burden, PEOPLE, np.array([4.0, 8, np.nan])).tolist() == [100, 300]
    assert equity.insufficient(np.array([4.0]), np.array([7.0]), np.array([4.0])) == 0


def test_gini_of_a_few_people_written_out() -> None:
    """Every pair of people: burdens 1, 1, 4 have mean 2 and mean gap 12/9, so Gini (12/9)/4 = 1/3."""
    assert equity.gini(np.array([2.0, 4]), np.array([2.0, 1])) == pytest.approx(1 / 3)


def test_gini_of_no_burden_is_zero() -> None:
    assert equity.gini(np.zeros((2, 3)), PEOPLE).tolist() == [0, 0]
    assert equity.gini(np.ones(2), np.array([np.nan, np.nan])) == 0


def test_concentration_is_negative_where_the_poor_bear_more() -> None:
    assert equity.concentration(np.array([30.0, 10, 0]), PEOPLE, INCOME) < 0
    assert equity.concentration(np.array([0.0, 10, 30]), PEOPLE, INCOME) > 0
    assert equity.concentration(PEOPLE, PEOPLE, INCOME) == pytest.approx(0)


def test_concentration_needs_two_groups_of_known_income() -> None:
    assert np.isnan(equity.concentration(np.ones(2), np.ones(2), np.array([1.0, np.nan])))


def test_concentration_does_not_split_groups_of_one_income() -> None:
    """Two halves of one group, of one income, give what the group gives, whichever stands first."""
    halves = equity.concentration(np.array([9.0, 1, 4]), np.ones(3), np.array([1.0, 1, 3]))
    swapped = equity.concentration(np.array([1.0, 9, 4]), np.ones(3), np.array([1.0, 1, 3]))
    whole = equity.concentration(np.array([10.0, 4]), np.array([2.0, 1]), np.array([1.0, 3]))
    assert halves == pytest.approx(float(swapped))
    assert halves == pytest.approx(float(whole))


def test_rounding_makes_nobody_worse_off() -> None:
    without = np.array([[1.0, 2, 0]])
    assert not equity.worse_off(without * (1 + 1e-12), without).any()
    assert equity.worse_off_share(np.array([[1.1, 2, 0.1]]), without).tolist() == [2 / 3]


def test_principles_disagree_about_the_same_packages() -> None:
    """Jafino et al. 2022, doi:10.1007/s10584-022-03395-y: rankings differ by principle. Here one package has the least
    sum, another spares the poor, a third treats all alike."""
    burden = np.array([[700.0, 100, 100], [100, 800, 600], [250, 500, 250]])
    found = equity.views(burden, PEOPLE, INCOME, np.array([300.0, 1e9, 1e9]))
    assert np.argmin(found.utilitarian) == 0
    assert np.argmin(found.prioritarian[1.3]) == 1
    assert np.argmin(found.worst) == np.argmin(found.gini) == 2
    assert found.insufficient.tolist() == [100, 0, 0]
    assert found.worst_group.tolist() == [POOR, RICH, POOR]
    assert found.concentration[0] < 0 < found.concentration[1]


@pytest.mark.parametrize("gamma", [0.5, 1.0, 1.2, 2.0])
def test_the_risk_premium_is_the_formula_of_kind(gamma: float) -> None:
    """Kind et al. 2017 as in fiat_toolbox (MIT): R = (1-(1+P((1-z)^(1-g)-1))^(1/(1-g)))/(P z); g = 1 is its limit."""
    chance, z = 0.02, 0.4
    power = 1 + 1e-9 - gamma if gamma == 1 else 1 - gamma
    expected = (1 - (1 + chance * ((1 - z) ** power - 1)) ** (1 / power)) / (chance * z)
    assert equity.certainty_multiplier(np.array(z), np.array(chance), gamma) == pytest.approx(
        expected, rel=1e-5
    )


def test_the_risk_premium_at_its_ends() -> None:
    assert equity.certainty_multiplier(np.array(0.0), np.array(0.1)) == 1
    assert equity.certainty_multiplier(np.array(0.5), np.array(1.0)) == pytest.approx(1)
    assert equity.certainty_multiplier(np.array(0.5), np.array(0.1), 0.0) == pytest.approx(1)
    assert equity.certainty_multiplier(np.array(1.0), np.array(0.1)) == pytest.approx(10)
    assert equity.certainty_multiplier(np.array(1.0), np.array(0.5), 0.5) == pytest.approx(1.5)
    assert equity.certainty_multiplier(np.array(0.5), np.array(0.0)) == 1
    assert equity.certainty_multiplier(np.array(5e-324), np.array(0.6), 3.0) == 1


def test_the_sentence_names_who_is_worse_off_the_most_often_first() -> None:
    said = equity.sentence([TENANTS, FISHERS, Name("อื่น ๆ", "others")], [30, 1200, 0], 10_000)
    assert (
        said.en
        == "Worse off than without it are fishers in 1,200 of 10,000 futures and tenants in 30; nobody else in any."
    )
    assert said.th == (
        "กลุ่มที่แย่ลงกว่าไม่ทำชุดมาตรการนี้ ได้แก่ ชาวประมงใน 1,200 อนาคต และผู้เช่าใน 30 อนาคต "
        "จากทั้งหมด 10,000 อนาคตที่เป็นไปได้ กลุ่มอื่นไม่แย่ลงในอนาคตใดเลย"
    )


def test_the_sentence_when_nobody_or_everybody_is_worse_off() -> None:
    assert (
        equity.sentence([TENANTS], [0], 500).en
        == "No group is worse off than without it, in all 500 futures."
    )
    assert equity.sentence([TENANTS], [500], 500).en.endswith("tenants in 500 of 500 futures.")
    assert equity.sentence([TENANTS], [0], 500).th.startswith("ไม่มีกลุ่มใดแย่ลง")


@given(BURDENS, st.floats(0.125, 8))
def test_shares_of_the_burden_do_not_depend_on_its_unit(burden: Floats, by: float) -> None:
    assert equity.gini(by * burden, PEOPLE) == pytest.approx(float(equity.gini(burden, PEOPLE)), abs=1e-9)
    assert equity.concentration(by * burden, PEOPLE, INCOME) == pytest.approx(
        float(equity.concentration(burden, PEOPLE, INCOME)), abs=1e-9
    )


@given(BURDENS)
def test_gini_and_concentration_stay_in_their_bounds(burden: Floats) -> None:
    spread = float(equity.gini(burden, PEOPLE))
    assert -1e-12 <= spread < 1
    assert abs(float(equity.concentration(burden, PEOPLE, INCOME))) <= spread + 1e-9


@given(st.floats(0, 0.99), st.floats(0.001, 1), st.floats(0, 4))
def test_an_uncertain_loss_never_weighs_less_than_its_mean(z: float, chance: float, gamma: float) -> None:
    assert equity.certainty_multiplier(np.array(z), np.array(chance), gamma) >= 1 - 1e-6

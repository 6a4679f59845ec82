"""Tipping years: linear between knots, percentiles that keep "never" apart, sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from khlong.engines.futures import tipping
from khlong.engines.futures.model import Name

if TYPE_CHECKING:
    from khlong.engines.futures.model import Floats

YEARS = (2025, 2030, 2040, 2060)
PATHS = arrays(np.float64, st.tuples(st.integers(1, 5), st.just(4)), elements=st.integers(0, 20).map(float))
OLDER = Name("ผู้สูงอายุ", "older people")


def test_the_year_lies_between_the_knots_where_the_line_crosses() -> None:
    assert tipping.tipping_years(YEARS, np.array([0.0, 10, 20, 20]), 15.0) == pytest.approx(2035)


def test_standing_on_the_threshold_is_still_holding_it() -> None:
    assert tipping.tipping_years(YEARS, np.array([5.0, 5, 5, 5]), 5.0) == np.inf
    assert tipping.tipping_years(YEARS, np.array([5.0, 5, 6, 6]), 5.0) == 2030


def test_a_package_that_fails_today_has_tipped_already() -> None:
    assert tipping.tipping_years(YEARS, np.array([9.0, 1, 1, 1]), 5.0) == -np.inf


def test_the_first_crossing_counts_though_it_may_come_back() -> None:
    assert tipping.tipping_years(YEARS, np.array([0.0, 10, 0, 10]), 5.0) == pytest.approx(2027.5)


def test_a_single_year_is_enough_or_not() -> None:
    assert tipping.tipping_years((2025,), np.array([[5.0], [1.0]]), 2.0).tolist() == [-np.inf, np.inf]


def test_no_threshold_never_tips() -> None:
    assert tipping.tipping_years(YEARS, np.array([9.0, 9, 9, 9]), float("nan")) == np.inf


def test_every_group_has_its_own_threshold() -> None:
    eai = np.array([[[0.0, 10, 10, 10]] * 2, [[0.0, 10, 10, 10]] * 2])
    found = tipping.tipping_years(YEARS, eai, np.array([[5.0], [20]]))
    assert found[0] == pytest.approx([2027.5, 2027.5])
    assert (found[1] == np.inf).all()


def test_percentiles_are_never_mixed_with_never() -> None:
    found = np.array([-np.inf, 2030, 2040, np.inf, np.inf])
    assert tipping.percentiles(found, (0.1, 0.5, 0.6, 0.61)).tolist() == [-np.inf, 2040, 2040, np.inf]


def test_counts_of_blocks_add_up_to_those_of_the_whole() -> None:
    found = np.array([[-np.inf, 2026.5, 2030.0, 2059.9, np.inf], [np.inf] * 5])
    whole = tipping.counts_by_year(2025, 2060, found)
    parts = tipping.counts_by_year(2025, 2060, found[:, :2]) + tipping.counts_by_year(
        2025, 2060, found[:, 2:]
    )
    assert (whole == parts).all()
    assert whole.shape == (2, 38)
    assert whole[0, [0, 1, 2, 6, 35, 36, 37]].tolist() == [1, 0, 1, 1, 1, 0, 1]
    assert whole[1, 37] == 5


def test_the_share_that_still_holds_in_a_year() -> None:
    assert tipping.held(np.array([-np.inf, 2030, 2040, np.inf]), 2035) == 0.5


def test_the_sentence_names_the_middle_and_the_early_tenth() -> None:
    said = tipping.sentence(OLDER, np.array([2031.2, 2040.9, 2047.0, np.inf]), 2055)
    assert said.th == (
        "สำหรับผู้สูงอายุ ชุดมาตรการนี้เพียงพอถึง พ.ศ. 2583 ในอนาคตกลาง ๆ แต่ในหนึ่งในสิบของอนาคตที่เร็วที่สุดพอถึงเพียง พ.ศ. 2574 "
        "ส่วนใน 1 จาก 4 อนาคต เพียงพอตลอดจนถึง พ.ศ. 2598"
    )


@pytest.mark.parametrize(
    ("found", "english", "thai"),
    [
        (
            [np.inf] * 3,
            "is enough in all years up to 2055, in all 3 futures.",
            "ตลอดจนถึง พ.ศ. 2598 ในทั้ง 3 อนาคต",
        ),
        ([-np.inf] * 3, "is not enough from the first year on, in all 3 futures.", "ไม่พอตั้งแต่ปีแรก ในทั้ง 3"),
        (
            [2030.0, np.inf, np.inf],
            "is enough in all years up to 2055 in 2 of 3 futures, in the earliest tenth of futures only until 2030.",
            "เพียงพอตลอดจนถึง พ.ศ. 2598 ใน 2 จาก 3 อนาคตที่เป็นไปได้ แต่ในหนึ่งในสิบของอนาคตที่เร็วที่สุดพอถึงเพียง พ.ศ. 2573",
        ),
        (
            [-np.inf, -np.inf, 2050.0],
            "is not enough from the first year on in 2 of 3 futures; in none is it enough in all years up to 2055.",
            "ไม่พอตั้งแต่ปีแรกใน 2 จาก 3 อนาคตที่เป็นไปได้ และไม่มีอนาคตใดที่เพียงพอตลอด",
        ),
        (
            [-np.inf, -np.inf, np.inf],
            "in 2 of 3 futures; in 1 it is enough in all years up to 2055.",
            "เพียงพอตลอดจนถึง พ.ศ. 2598 ใน 1 อนาคต",
        ),
        (
            [-np.inf, 2040.0, 2050.0],
            "is enough until 2040 in the middle future, in 1 future not even in the first year; in none is it enough",
            "แต่ใน 1 อนาคตไม่พอตั้งแต่ปีแรก และไม่มีอนาคตใดที่เพียงพอตลอด",
        ),
    ],
)
def test_the_ends_are_said_plainly(found: list[float], english: str, thai: str) -> None:
    said = tipping.sentence(OLDER, np.array(found), 2055)
    assert english in said.en
    assert thai in said.th


@given(PATHS, st.integers(0, 20))
def test_at_the_tipping_year_the_path_stands_at_the_threshold(paths: Floats, most: int) -> None:
    found = tipping.tipping_years(YEARS, paths, float(most))
    for path, year in zip(paths, found, strict=True):
        if np.isfinite(year):
            assert np.interp(year, YEARS, path) == pytest.approx(most, abs=1e-9)
        before = np.linspace(YEARS[0], min(year, YEARS[-1]), 50) if year > -np.inf else np.array([])
        assert (np.interp(before, YEARS, path) <= most + 1e-9).all()


@given(PATHS, st.integers(0, 20), st.integers(0, 10))
def test_a_higher_threshold_never_tips_earlier(paths: Floats, most: int, more: int) -> None:
    low, high = (tipping.tipping_years(YEARS, paths, float(each)) for each in (most, most + more))
    assert (high >= low).all()


@settings(max_examples=50)
@given(st.lists(st.sampled_from([-np.inf, 2025.0, 2031.4, 2044.0, 2059.99, np.inf]), min_size=1, max_size=40))
def test_percentiles_of_counts_are_whole_years_of_the_percentiles(found: list[float]) -> None:
    values = np.array(found)
    exact = tipping.percentiles(values)
    counted = tipping.percentiles_of_counts(2025, tipping.counts_by_year(2025, 2060, values))
    assert counted.tolist() == np.floor(exact).tolist()

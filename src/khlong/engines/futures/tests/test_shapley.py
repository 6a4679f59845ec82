"""Shapley values: textbook games, and what must hold of every table."""

from __future__ import annotations

from itertools import permutations
from math import prod
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khlong.engines.futures import shapley as sh

if TYPE_CHECKING:
    from khlong.engines.futures.model import Floats

RADICES = st.lists(st.integers(2, 4), min_size=1, max_size=5).map(tuple)


def table(radices: tuple[int, ...], seed: int, *shape: int) -> Floats:
    return np.random.default_rng(seed).normal(size=(*shape, prod(radices)))


def by_orders(values: Floats, radices: tuple[int, ...], package: int) -> Floats:
    """The definition: the mean over all orders of what each lever adds when its turn comes."""
    there = sh.present(package, radices)
    given_levels, steps = sh.levels(package, radices), sh.strides(radices)
    found = np.zeros(len(radices))
    orders = list(permutations(there))
    for order in orders:
        now = 0
        for lever in order:
            after = now + given_levels[lever] * steps[lever]
            found[lever] += (values[after] - values[now]) / len(orders)
            now = after
    return found


def test_the_glove_game() -> None:
    """L. S. Shapley, M. Shubik, 1969, doi:10.1016/0022-0531(69)90008-5: two left gloves and one right one; a pair is
    worth 1. The right glove gets 2/3, each left one 1/6."""
    worth = np.array([0, 0, 0, 0, 0, 1, 1, 1.0])  # players: left, left, right
    assert sh.shapley(worth, (2, 2, 2)) == pytest.approx([1 / 6, 1 / 6, 2 / 3])


def test_the_airport_game() -> None:
    """S. C. Littlechild, G. Owen, 1973, doi:10.1287/mnsc.20.3.370: a runway for planes that need 1, 2 and 4 units is
    paid 1/3, 1/3 + 1/2 and 1/3 + 1/2 + 2."""
    needs = (1.0, 2.0, 4.0)
    worth = np.array([max((need for p, need in enumerate(needs) if s >> p & 1), default=0) for s in range(8)])
    assert sh.shapley(worth, (2, 2, 2)) == pytest.approx([1 / 3, 5 / 6, 17 / 6])


def test_two_works_that_do_the_same_share_it_and_are_seen_to() -> None:
    burden = np.array([10.0, 6, 6, 6])
    assert sh.shapley(burden, (2, 2)).tolist() == [-2, -2]
    assert sh.interactions(burden, (2, 2))[0, 1] == 4
    assert [each.tolist() for each in sh.first_and_last(burden, (2, 2))] == [[-4, -4], [0, 0]]


def test_a_lever_plays_with_the_level_it_has_in_the_package() -> None:
    values = np.array([9.0, 5, 7, 4, 1, 0])  # a toggle, and a drain of three levels: none, small, large
    assert sh.shapley(values, (2, 3), 5) == pytest.approx(by_orders(values, (2, 3), 5))
    assert sh.shapley(values, (2, 3), 3) == pytest.approx(by_orders(values, (2, 3), 3))
    assert sh.shapley(values, (2, 3), 1).tolist() == [-4, 0]
    assert sh.shapley(values, (2, 3), 0).tolist() == [0, 0]
    assert sh.interactions(values, (2, 3), 1).tolist() == [[0, 0], [0, 0]]


def test_groups_and_futures_go_through_together() -> None:
    values = table((2, 2, 2), 1, 4, 3)
    whole = sh.shapley(values, (2, 2, 2))
    assert whole.shape == (4, 3, 3)
    assert whole[2, 1] == pytest.approx(sh.shapley(values[2, 1], (2, 2, 2)))
    assert sh.interactions(values, (2, 2, 2)).shape == (4, 3, 3, 3)


@settings(max_examples=40, deadline=None)
@given(RADICES, st.integers(0, 2**32 - 1), st.data())
def test_shapley_is_the_mean_over_all_orders(
    radices: tuple[int, ...], seed: int, data: st.DataObject
) -> None:
    values = table(radices, seed)
    package = data.draw(st.integers(0, prod(radices) - 1))
    assert sh.shapley(values, radices, package) == pytest.approx(
        by_orders(values, radices, package), abs=1e-12
    )


@settings(max_examples=60, deadline=None)
@given(RADICES, st.integers(0, 2**32 - 1), st.data())
def test_shapley_sums_to_the_whole(radices: tuple[int, ...], seed: int, data: st.DataObject) -> None:
    values = table(radices, seed, 2)
    package = data.draw(st.integers(0, prod(radices) - 1))
    assert sh.shapley(values, radices, package).sum(axis=-1) == pytest.approx(
        values[:, package] - values[:, 0], abs=1e-12
    )


@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_a_measure_that_does_nothing_is_worth_nothing(count: int, seed: int) -> None:
    without = table((2,) * count, seed)
    values = np.concatenate([without, without])  # the last toggle changes nothing
    found = sh.shapley(values, (2,) * (count + 1))
    assert found[-1] == 0
    assert found[:-1] == pytest.approx(sh.shapley(without, (2,) * count), abs=1e-12)


@given(RADICES, st.integers(0, 2**32 - 1))
def test_dividends_add_up_to_the_table_again(radices: tuple[int, ...], seed: int) -> None:
    values = table(radices, seed, 2)
    assert sh.from_dividends(sh.dividends(values, radices), radices) == pytest.approx(values, abs=1e-10)


@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_each_shares_every_dividend_it_takes_part_in(count: int, seed: int) -> None:
    """J. C. Harsanyi, 1963: the Shapley value is the sum of d(S) / |S| over the packages S with the measure."""
    values = table((2,) * count, seed)
    shared = sh.dividends(values, (2,) * count)
    expected = [
        sum(shared[s] / s.bit_count() for s in range(1, 1 << count) if s >> m & 1) for m in range(count)
    ]
    assert sh.shapley(values, (2,) * count) == pytest.approx(expected, abs=1e-10)


@given(st.integers(2, 5), st.integers(0, 2**32 - 1))
def test_interactions_share_every_dividend_of_the_pair(count: int, seed: int) -> None:
    """Grabisch & Roubens 1999, doi:10.1007/s001820050125: `I_ij = sum over S with both of d(S) / (|S| - 1)`."""
    values = table((2,) * count, seed)
    shared = sh.dividends(values, (2,) * count)
    found = sh.interactions(values, (2,) * count)
    for i in range(count):
        for j in range(count):
            both = [s for s in range(1 << count) if s >> i & 1 and s >> j & 1]
            expected = sum(shared[s] / (s.bit_count() - 1) for s in both) if i != j else 0
            assert found[i, j] == pytest.approx(expected, abs=1e-10)


@given(st.integers(2, 5), st.integers(0, 2**32 - 1), st.randoms())
def test_renaming_measures_renames_their_shares(count: int, seed: int, random: object) -> None:
    order = list(range(count))
    random.shuffle(order)  # type: ignore[attr-defined]
    values = table((2,) * count, seed)
    moved = np.array([values[sum((s >> k & 1) << order[k] for k in range(count))] for s in range(1 << count)])
    assert sh.shapley(moved, (2,) * count) == pytest.approx(
        sh.shapley(values, (2,) * count)[order], abs=1e-12
    )


@given(RADICES)
def test_levels_and_numbers_belong_together(radices: tuple[int, ...]) -> None:
    steps = sh.strides(radices)
    for package in range(prod(radices)):
        assert sum(a * b for a, b in zip(sh.levels(package, radices), steps, strict=True)) == package

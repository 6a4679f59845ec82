"""Pathways: against all chains tried one by one, and what must hold of them."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khlong.engines.futures import pathways as pw
from khlong.engines.futures.errors import ModelError
from khlong.engines.futures.model import Name
from khlong.engines.futures.shapley import levels

if TYPE_CHECKING:
    from khlong.engines.futures.model import Floats

CANAL = Name("คลองผันน้ำ", "the diversion canal")
RADICES = st.sampled_from([(2,), (3,), (2, 2), (2, 3), (2, 2, 2)])
SEEDS = st.integers(0, 2**32 - 1)


def case(radices: tuple[int, ...], seed: int, knots: int = 3, futures: int = 2) -> tuple[Floats, Floats]:
    random = np.random.default_rng(seed)
    measures = sum(radix - 1 for radix in radices)
    values = random.random((knots, prod(radices), futures)) * 10
    return values, random.random((knots, measures, futures)) * 8


def step_cost(costs: Floats, radices: tuple[int, ...], before: int, after: int, future: int) -> float:
    found = 0.0
    pairs = zip(levels(before, radices), levels(after, radices), pw.offsets(radices), strict=True)
    for old, new, begin in pairs:
        if new < old:
            return float("inf")
        if new > old:
            found += costs[begin + new - 1, future]
    return found


def chain_cost(
    values: Floats,
    costs: Floats,
    radices: tuple[int, ...],
    start: int,
    chain: tuple[int, ...],
    future: int,
) -> float:
    found, before = 0.0, start
    for knot, package in enumerate(chain):
        found += step_cost(costs[knot], radices, before, package, future) + values[knot, package, future]
        before = package
    return found


@settings(max_examples=30, deadline=None)
@given(RADICES, SEEDS, st.data())
def test_the_best_chain_is_the_best_of_all_chains(
    radices: tuple[int, ...], seed: int, data: st.DataObject
) -> None:
    values, costs = case(radices, seed)
    start = data.draw(st.integers(0, prod(radices) - 1))
    found, chains = pw.ways(values, costs, radices, start), pw.chains(values, costs, radices, start)
    every = list(product(range(prod(radices)), repeat=3))
    for future in range(2):
        tried = {each: chain_cost(values, costs, radices, start, each, future) for each in every}
        assert found.best[future] == pytest.approx(min(tried.values()))
        assert tried[tuple(chains[:, future].tolist())] == pytest.approx(min(tried.values()))
        for first in range(prod(radices)):
            expected = min(cost for each, cost in tried.items() if each[0] == first)
            assert found.adaptive[first, future] == pytest.approx(expected)
            assert found.static[first, future] == pytest.approx(tried[first, first, first])


@settings(max_examples=30, deadline=None)
@given(RADICES, SEEDS)
def test_being_able_to_add_later_never_costs(radices: tuple[int, ...], seed: int) -> None:
    values, costs = case(radices, seed, futures=6)
    found = pw.ways(values, costs, radices)
    assert (found.adaptive <= found.static + 1e-9).all()
    worth = pw.flexibility(pw.Tally.of(found))
    assert worth.regret_saved >= -1e-9
    assert worth.mean_saved >= -1e-9
    assert worth.adaptive_regret >= -1e-9


@settings(max_examples=20, deadline=None)
@given(RADICES, SEEDS)
def test_blocks_of_futures_join_to_the_whole(radices: tuple[int, ...], seed: int) -> None:
    values, costs = case(radices, seed, futures=7)
    whole = pw.flexibility(pw.Tally.of(pw.ways(values, costs, radices)))
    tally, later = (
        pw.Tally.of(pw.ways(values[..., part], costs[..., part], radices))
        for part in (slice(0, 3), slice(3, None))
    )
    tally.join(later)
    joined = pw.flexibility(tally)
    assert (joined.static, joined.adaptive) == (whole.static, whole.adaptive)
    assert joined.regret_saved == pytest.approx(whole.regret_saved)
    assert joined.mean_saved == pytest.approx(whole.mean_saved)


@given(RADICES, SEEDS)
def test_what_is_built_stays(radices: tuple[int, ...], seed: int) -> None:
    values, costs = case(radices, seed, knots=4, futures=3)
    for chain in pw.chains(values, costs, radices).T:
        for before, after in zip(chain[:-1], chain[1:], strict=True):
            pairs = zip(levels(int(before), radices), levels(int(after), radices), strict=True)
            assert all(new >= old for old, new in pairs)


def test_free_measures_are_built_at_once() -> None:
    values = np.stack([np.array([[4.0], [3], [2], [1]])] * 3)
    chain = pw.chains(values, np.zeros((3, 2, 1)), (2, 2))
    assert chain[:, 0].tolist() == [3, 3, 3]


def test_a_measure_that_cannot_be_built_yet_waits() -> None:
    values = np.stack([np.array([[9.0], [0]])] * 3)
    costs = np.array([[[np.inf]], [[1.0]], [[1.0]]])
    assert pw.chains(values, costs, (2,))[:, 0].tolist() == [0, 1, 1]
    assert np.isinf(pw.ways(values, costs, (2,)).static[1, 0])


def test_a_first_step_can_be_fixed() -> None:
    values = np.stack([np.array([[9.0], [0]])] * 2)
    costs = np.ones((2, 1, 1))
    assert pw.chains(values, costs, (2,), first=0)[:, 0].tolist() == [0, 1]


def test_existing_works_are_never_torn_down() -> None:
    values, costs = case((2, 2), 1)
    found = pw.ways(values, costs, (2, 2), start=1)
    assert np.isinf(found.static[[0, 2]]).all()
    assert np.isfinite(found.static[[1, 3]]).all()


def test_a_choice_between_two_futures_is_worth_waiting_for() -> None:
    """A dike for 6 is needed only where the sea comes and costs 10 in the second period. Never: regret 4; now: regret 6
    where it stays away; built later, and only where it comes: none."""
    calm, storm = [[0.0, 0], [0, 0]], [[0.0, 10], [0, 0]]
    values = np.stack([np.array(calm), np.array(storm)])
    found = pw.flexibility(pw.Tally.of(pw.ways(values, np.full((2, 1, 2), 6.0), (2,))))
    assert found.static_regret == 4
    assert (found.adaptive, found.adaptive_regret, found.regret_saved) == (0, 0, 4)
    assert found.mean_saved == pytest.approx(5 - 3)


def test_the_common_path_says_how_long_futures_agree() -> None:
    chains = np.array([[1, 1, 1, 1, 2], [3, 3, 3, 1, 2], [3, 7, 7, 7, 7]])
    assert pw.common(chains) == [(1, 4), (3, 3), (7, 2)]


def test_decisions_fall_their_lead_time_earlier() -> None:
    found = pw.decisions(np.array([2040.0, -np.inf, np.inf]), 15)
    assert found.tolist() == [2025, -np.inf, np.inf]


def test_a_late_step_stands_late() -> None:
    """A chain that is too small from the first year on: its next step takes ten years in any case."""
    decided, stands = pw.follow(np.array([[-np.inf, 2050, np.inf], [2060, 2045, 2030]]), (10,), 2025)
    assert decided.tolist() == [[2025, 2040, np.inf]]
    assert stands.tolist() == [[2035, 2050, np.inf]]


def test_the_sentence_says_by_when_to_decide() -> None:
    said = pw.sentence(CANAL, np.array([2031.0, 2040, 2050, np.inf]), 2055)
    assert said.th == (
        "เพื่อให้คลองผันน้ำเสร็จทัน ต้องตัดสินใจภายใน พ.ศ. 2574 ในหนึ่งในสิบของอนาคตที่เร็วที่สุด และภายใน พ.ศ. 2583 ในอนาคตกลาง ๆ "
        "ส่วนใน 1 จาก 4 อนาคตยังไม่ต้องใช้จนถึง พ.ศ. 2598"
    )
    assert "no future needs the diversion canal" in pw.sentence(CANAL, np.full(3, np.inf), 2055).en
    soon = pw.sentence(CANAL, np.full(3, 2026.0), 2055)
    assert soon.en.endswith("is decided by 2026 in at least half of the futures; every future needs it.")
    assert "ทุกอนาคตต้องใช้" in soon.th
    rare = pw.sentence(CANAL, np.array([2031.0] + [np.inf] * 19), 2055)
    assert "decided in some futures; in 19 of 20" in rare.en
    assert "ในบางอนาคต" in rare.th


@pytest.mark.parametrize(
    ("values", "costs", "start"),
    [
        (np.zeros((2, 3, 1)), np.zeros((2, 1, 1)), 0),
        (np.zeros((2, 2, 1)), np.zeros((2, 2, 1)), 0),
        (np.zeros((2, 2, 1)), np.zeros((2, 1, 1)), 2),
        (np.full((2, 2, 1), np.nan), np.zeros((2, 1, 1)), 0),
    ],
)
def test_what_does_not_fit_is_refused(values: Floats, costs: Floats, start: int) -> None:
    with pytest.raises(ModelError, match="pathways"):
        pw.ways(values, costs, (2,), start)

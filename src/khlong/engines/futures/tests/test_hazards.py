"""Hazards from events, ladders and memory; the integration rule is named and moves the answer."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from khlong.engines.futures.errors import ModelError
from khlong.engines.futures.hazards import (
    About,
    Ladder,
    Memory,
    Plotting,
    from_cells,
    from_ladder,
    from_maps,
    from_memory,
    integrated,
    ladder_frequencies,
    worst_period,
)
from khlong.engines.futures.model import Name

FLOOD = About("flood", Name("น้ำท่วม", "flood"), "mm", 1000.0, "invented")
ladders = st.lists(st.floats(0.5, 500), min_size=1, max_size=8, unique=True).map(sorted)


class TestPublishedLadder:
    """People affected by return period, GFDRR CCDR-tools issue 2 (M. Amadio, 9 November 2022).

    The table of that issue gives 6.79 by the lower rule; the others are the same losses by the other rules (case 7 of
    the appraisal notes).
    """

    periods = (5, 10, 20, 50, 75, 100, 200, 250, 500, 1000)
    losses = (0.87, 65.575, 67.475, 68.881, 69.497, 70.07, 70.727, 71.058, 72.037, 72.869)

    @pytest.mark.parametrize(
        ("rule", "impact"),
        [
            (Ladder.LOWER, 6.789),
            (Ladder.LOG_LINEAR, 9.7191),
            (Ladder.TRAPEZOID, 10.099),
            (Ladder.UPPER, 13.4091),
        ],
    )
    def test_the_same_losses_by_four_rules(self, rule: Ladder, impact: float) -> None:
        assert integrated(self.periods, self.losses, rule) == pytest.approx(impact, abs=5e-5)

    def test_each_rung_of_the_lower_rule_is_as_published(self) -> None:
        parts = ladder_frequencies(self.periods, Ladder.LOWER) * self.losses
        published = [0.09, 3.28, 2.02, 0.46, 0.23, 0.35, 0.07, 0.14, 0.07, 0.07]
        assert parts == pytest.approx(published, abs=0.0051)

    def test_the_log_linear_rule_is_the_integral_that_delft_fiat_describes(self) -> None:
        """Delft-FIAT: nothing above the first frequency, the last damage below the last, log-linear between."""
        logs, losses = np.log([1 / each for each in self.periods][::-1]), self.losses[::-1]
        breaks = [1 / each for each in self.periods]
        area = sum(
            quad(lambda p: float(np.interp(math.log(p), logs, losses)), low, high, epsrel=1e-12)[0]
            for high, low in zip(breaks[:-1], breaks[1:], strict=True)
        )
        assert integrated(self.periods, self.losses, Ladder.LOG_LINEAR) == pytest.approx(
            area + losses[0] * breaks[-1], rel=1e-10
        )


class TestLadders:
    @given(ladders, st.sampled_from(list(Ladder)))
    def test_weights_are_never_negative_and_sum_to_the_first_frequency(
        self, periods: list[float], rule: Ladder
    ) -> None:
        weights = ladder_frequencies(periods, rule)
        assert (weights >= 0).all()
        assert weights.sum() == pytest.approx(1 / periods[0])

    @given(ladders, st.data())
    def test_rules_keep_their_order_where_rarer_is_worse(
        self, periods: list[float], data: st.DataObject
    ) -> None:
        size = {"min_size": len(periods), "max_size": len(periods)}
        losses = sorted(data.draw(st.lists(st.floats(0, 1e6), **size)))  # type: ignore[arg-type]
        by_rule = [integrated(periods, losses, rule) for rule in Ladder]
        lower, upper, trapezoid, log_linear = by_rule
        tiny = 1e-9 * (1 + upper)
        assert lower <= log_linear + tiny
        assert log_linear <= trapezoid + tiny
        assert trapezoid <= upper + tiny
        assert trapezoid == pytest.approx((lower + upper) / 2)

    def test_saying_where_loss_begins_adds_what_comes_before_the_first_map(self) -> None:
        without = integrated([10, 100], [100.0, 200.0], Ladder.TRAPEZOID)
        with_it = integrated([10, 100], [100.0, 200.0], Ladder.TRAPEZOID, begins=2)
        assert with_it - without == pytest.approx(0.5 * 100 * (1 / 2 - 1 / 10))

    @pytest.mark.parametrize(
        ("periods", "field"),
        [([], "periods"), ([10, 5], "periods[1]"), ([0, 5], "periods[0]"), ([float("nan")], "periods[0]")],
    )
    def test_periods_that_cannot_be_are_refused(self, periods: list[float], field: str) -> None:
        with pytest.raises(ModelError) as caught:
            ladder_frequencies(periods, Ladder.LOWER)
        assert caught.value.field == field

    def test_loss_that_begins_after_the_first_map_is_refused(self) -> None:
        with pytest.raises(ModelError, match="not before the first map"):
            ladder_frequencies([5, 10], Ladder.LOWER, begins=7)

    def test_a_hazard_from_a_ladder_names_its_rule(self) -> None:
        maps = np.array([[0.0, 0.25, np.nan], [0.1, 0.5, np.nan]])
        hazard = from_ladder(FLOOD, [10, 100], maps, begins=2)
        assert hazard.rule == "ladder-log-linear/begins-2"
        assert hazard.intensity.tolist() == [250, 100, 500]
        assert list(zip(hazard.event.tolist(), hazard.place.tolist(), strict=True)) == [
            (0, 1),
            (1, 0),
            (1, 1),
        ]

    def test_a_rarer_map_that_is_lower_is_refused(self) -> None:
        with pytest.raises(ModelError) as caught:
            from_ladder(FLOOD, [10, 100], np.array([[0.1, 0.5], [0.2, 0.4]]))
        assert caught.value.field == "flood.intensity[1][1]"

    def test_freeboard_in_a_ladder_is_kept(self) -> None:
        hazard = from_ladder(FLOOD, [10, 100], np.array([[-0.5, np.nan], [-0.1, 0.3]]))
        assert hazard.intensity.tolist() == [-500, -100, 300]


class TestMemory:
    depths = np.array([[0.0, 0.1], [0.3, 0.4], [1.2, 0.9]])

    def test_three_memories_become_three_events(self) -> None:
        hazard = from_memory(FLOOD, Memory(2, 10, 40), self.depths)
        assert hazard.rule == "memory-weibull/ladder-log-linear"
        assert hazard.frequency == pytest.approx(ladder_frequencies([2, 10, 41], Ladder.LOG_LINEAR))
        assert len(hazard.intensity) == 5

    def test_the_worst_of_m_years_by_three_rules(self) -> None:
        """Weibull's is the mean of the largest of M uniform numbers, the median that of its distribution."""
        largest = np.random.default_rng(1).random((200_000, 10)).max(axis=1)
        assert (1 - largest).mean() == pytest.approx(1 / worst_period(10, Plotting.WEIBULL), rel=0.01)
        assert np.median(1 - largest) == pytest.approx(1 / worst_period(10, Plotting.MEDIAN), rel=0.01)
        assert worst_period(10, Plotting.GRINGORTEN) == pytest.approx(18.07, abs=0.01)

    @pytest.mark.parametrize("memory", [Memory(10, 2, 40), Memory(2, 50, 40)])
    def test_memories_out_of_order_are_refused(self, memory: Memory) -> None:
        with pytest.raises(ModelError, match="from common to rare") as caught:
            from_memory(FLOOD, memory, self.depths)
        assert "ปีแย่" in caught.value.in_words("th")

    def test_a_bad_year_drier_than_an_ordinary_one_is_refused(self) -> None:
        with pytest.raises(ModelError, match="rarer map is lower"):
            from_memory(FLOOD, Memory(2, 10, 40), self.depths[[1, 0, 2]])

    def test_two_memories_are_too_few(self) -> None:
        with pytest.raises(ModelError, match="2 values where 3"):
            from_memory(FLOOD, Memory(2, 10, 40), self.depths[:2])


class TestCells:
    def test_cells_are_sorted_and_rounded_to_whole_steps(self) -> None:
        hazard = from_cells(FLOOD, [1, 0, 0], [0, 1, 0], [0.2504, 0.1, -0.3], [0.1, 0.2], places=2)
        assert hazard.event.tolist() == [0, 0, 1]
        assert hazard.place.tolist() == [0, 1, 0]
        assert hazard.intensity.tolist() == [-300, 100, 250]
        assert hazard.intensity.dtype == np.int32

    def test_dry_ground_of_unknown_height_is_not_stored(self) -> None:
        maps = np.array([[0.0, 0.5]])
        assert len(from_maps(FLOOD, maps, [0.1]).intensity) == 1
        assert len(from_maps(FLOOD, maps, [0.1], dry=True).intensity) == 2

    @pytest.mark.parametrize(
        ("event", "place", "intensity", "frequency", "field"),
        [
            ([0, 0], [0, 0], [0.1, 0.2], [0.1], "flood.place[1]"),
            ([0, 1], [0, 0], [0.1, 0.2], [0.1], "flood.event[1]"),
            ([0, 0], [0, 2], [0.1, 0.2], [0.1], "flood.place[1]"),
            ([0, 0], [0, 1], [0.1, float("nan")], [0.1], "flood.intensity[1]"),
            ([0, 0], [0, 1], [0.1, 9999.0], [0.1], "flood.intensity[1]"),
            ([0, 0], [0, 1], [0.1, 9e9], [0.1], "flood.intensity"),
            ([0, 0], [0, 1], [0.1, 0.2], [-0.1], "flood.frequency[0]"),
            ([0, 0], [0, 1], [0.1, 0.2], [1000.0], "flood.frequency[0]"),
            ([0, 0], [0], [0.1, 0.2], [0.1], "flood.place"),
        ],
    )
    def test_cells_that_cannot_be_are_refused(
        self, event: list[int], place: list[int], intensity: list[float], frequency: list[float], field: str
    ) -> None:
        with pytest.raises(ModelError) as caught:
            from_cells(FLOOD, event, place, intensity, frequency, places=2)
        assert caught.value.field == field

"""Futures: evenly spread, the same for the same seed, a preview is the beginning of the whole."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from khlong.engines.futures.errors import ModelError
from khlong.engines.futures.model import (
    Climate,
    Dimension,
    Layer,
    Measure,
    Model,
    Name,
    Rise,
    Series,
    Spread,
)
from khlong.engines.futures.sampling import base, discounted_years, draw, sobol, spread

NOBODY = Name("", "")


def dimension(key: str, low: float, high: float, kind: Spread = Spread.UNIFORM, **more: float) -> Dimension:
    return Dimension(key, NOBODY, "1", kind, low, high, more.pop("base", low), **more)  # type: ignore[arg-type]


def small() -> Model:
    return Model(
        key="small",
        name=NOBODY,
        years=(2025, 2030, 2050),
        places=("a",),
        groups=(),
        kinds=(),
        hazards=(),
        curves=(),
        layers=(
            Layer("grows", "g", "k", "flood", "c", np.ones(1), driver="growth"),
            Layer("stays", "g", "k", "flood", "c", np.ones(1)),
        ),
        measures=(
            Measure("wall", NOBODY, (), np.array([0.0, 1.0, 0.5]), effectiveness="works", cost_factor="dear"),
            Measure("drain", NOBODY, (), np.array([1.0, 1.0, 1.0])),
        ),
        dimensions=(
            dimension("degrees", 1.0, 3.0, base=1.5),
            dimension("rain", 0.04, 0.10, base=0.07),
            dimension("often", -0.1, 0.5, base=0.0),
            dimension("sea", 100.0, 400.0, base=200.0),
            dimension("more", 0.0, 1.0, base=0.2),
            dimension("works", 0.5, 1.0, base=0.8),
            dimension("dear", 0.9, 2.0, base=1.0),
            dimension("q", -1.0, 1.0, base=0.0),
            dimension("rate", 0.0, 0.06, base=0.03),
        ),
        series=(
            Series("warming", "degrees", np.array([0.0, 0.2, 1.0])),
            Series("often", "often", np.array([0.0, 0.5, 1.0])),
            Series("sea", "sea", np.array([0.0, 0.1, 1.0])),
            Series("growth", "more", np.array([0.0, 0.3, 1.0]), grows=True),
        ),
        climates=(Climate("flood", "warming", "rain", "often"),),
        rises=(Rise("sea", "flood", 2.0, "sea", np.ones(1, bool)),),
        curve_position="q",
        discount="rate",
    )


class TestPoints:
    @given(st.integers(1, 300), st.integers(0, 2**32), st.integers(1, 12))
    def test_a_preview_is_the_beginning_of_the_whole(self, count: int, seed: int, dimensions: int) -> None:
        assert np.array_equal(sobol(dimensions, count, seed), sobol(dimensions, 1000, seed)[:count])

    def test_a_thousand_of_ten_thousand_are_the_preview_of_a_thousand(self) -> None:
        few, many = draw(small(), 1_000, 7), draw(small(), 10_000, 7)
        for key, each in few.values.items():
            assert np.array_equal(each, many.values[key][:1_000])

    def test_points_lie_strictly_inside_the_box(self) -> None:
        points = sobol(30, 4096, 1)
        assert 0 < np.min(points) < 1e-3
        assert 1 - 1e-3 < np.max(points) < 1

    def test_points_are_more_even_than_chance(self) -> None:
        assert np.max(np.abs(sobol(5, 4096, 3).mean(axis=0) - 0.5)) < 1e-4

    def test_another_seed_gives_other_futures(self) -> None:
        assert not np.array_equal(sobol(2, 100, 1), sobol(2, 100, 2))

    def test_a_model_without_dimensions_has_futures_all_alike(self) -> None:
        assert sobol(0, 5, 1).shape == (5, 0)

    @pytest.mark.parametrize(
        ("count", "seed", "field"), [(0, 1, "futures"), (-5, 1, "futures"), (5, -1, "seed")]
    )
    def test_a_count_or_seed_that_cannot_be_is_refused(self, count: int, seed: int, field: str) -> None:
        with pytest.raises(ModelError) as caught:
            draw(small(), count, seed)
        assert caught.value.field == field
        assert caught.value.in_words("th") != caught.value.in_words("en")


class TestSpreads:
    u = np.linspace(0.001, 0.999, 999)

    def test_uniform_is_even(self) -> None:
        values = spread(dimension("x", -2.0, 6.0), self.u)
        assert values == pytest.approx(stats.uniform(-2, 8).ppf(self.u))

    @pytest.mark.parametrize("mode", [1.0, 1.5, 4.0])
    def test_triangular_is_the_one_of_the_books(self, mode: float) -> None:
        values = spread(dimension("x", 1.0, 4.0, Spread.TRIANGULAR, middle=mode), self.u)
        assert values == pytest.approx(stats.triang((mode - 1) / 3, 1, 3).ppf(self.u))

    def test_a_triangle_without_width_is_a_point(self) -> None:
        assert set(spread(dimension("x", 2.0, 2.0, Spread.TRIANGULAR, middle=2.0), self.u)) == {2.0}

    def test_a_normal_with_equal_sides_is_a_normal(self) -> None:
        values = spread(dimension("x", -1.6448536269514722, 1.6448536269514722, Spread.NORMAL), self.u)
        assert values == pytest.approx(stats.norm.ppf(self.u))

    def test_a_split_normal_keeps_its_percentiles(self) -> None:
        values = spread(
            dimension("x", 1.3, 2.4, Spread.NORMAL, middle=1.8), np.array([0.05, 0.25, 0.5, 0.75, 0.95])
        )
        assert values[[0, 2, 4]] == pytest.approx([1.3, 1.8, 2.4])
        assert 1.8 - values[1] < values[3] - 1.8

    def test_floor_and_ceiling_cut(self) -> None:
        values = spread(dimension("x", 0.0, 1.0, Spread.NORMAL, middle=0.5, floor=0.1, ceiling=0.8), self.u)
        assert np.min(values) == 0.1
        assert np.max(values) == 0.8

    def test_a_table_is_linear_between_its_quantiles_and_flat_beyond(self) -> None:
        table = Dimension(
            "x", NOBODY, "1", Spread.TABLE, 1, 5, 2, at=(0.05, 0.5, 0.95), values=(1.0, 2.0, 5.0)
        )
        assert spread(table, np.array([0.0, 0.05, 0.275, 0.5, 0.725, 0.99])).tolist() == pytest.approx(
            [1, 1, 1.5, 2, 3.5, 5]
        )

    @given(
        st.sampled_from([Spread.UNIFORM, Spread.TRIANGULAR, Spread.NORMAL]), st.floats(0, 1), st.floats(0, 10)
    )
    def test_a_quantile_function_never_falls(self, kind: Spread, middle: float, width: float) -> None:
        one = dimension("x", 0.0, width, kind, middle=middle * width)
        assert (np.diff(spread(one, self.u)) >= -1e-12 * (1 + width)).all()


class TestWhatFollows:
    def test_climate_moves_intensity_and_frequency(self) -> None:
        futures = draw(small(), 8, 1)
        v = futures.values
        assert futures.alpha("flood")[:, 2] == pytest.approx(1 + v["rain"] * v["degrees"])
        assert futures.alpha("flood")[:, 1] == pytest.approx(1 + v["rain"] * v["degrees"] * 0.2)
        assert futures.phi("flood")[:, 1] == pytest.approx(1 + v["often"] * 0.5)
        assert (futures.alpha("flood")[:, 0] == 1).all()

    def test_a_hazard_without_climate_stays(self) -> None:
        futures = draw(small(), 8, 1)
        assert (futures.alpha("heat") == 1).all()
        assert (futures.phi("heat") == 1).all()
        assert futures.phi("heat").shape == (8, 3)

    def test_a_rise_is_its_size_times_its_series(self) -> None:
        futures = draw(small(), 8, 1)
        assert futures.rise("sea")[:, 1] == pytest.approx(2.0 * futures.values["sea"] * 0.1)

    def test_growth_starts_from_one_and_a_layer_without_driver_stays(self) -> None:
        futures = draw(small(), 8, 1)
        assert futures.driver("grows")[:, 2] == pytest.approx(1 + futures.values["more"])
        assert (futures.driver("stays") == 1).all()

    def test_a_measure_is_as_strong_as_its_effectiveness_and_its_ramp(self) -> None:
        futures = draw(small(), 8, 1)
        assert futures.strength(0)[:, 2] == pytest.approx(0.5 * futures.values["works"])
        assert (futures.strength(1) == 1).all()
        assert np.array_equal(futures.cost_factor(0), futures.values["dear"])
        assert (futures.cost_factor(1) == 1).all()

    def test_without_names_the_curve_is_as_published_and_nothing_is_discounted(self) -> None:
        from dataclasses import replace

        futures = draw(replace(small(), curve_position="", discount=""), 4, 1)
        assert (futures.curve_position == 0).all()
        assert (futures.rate == 0).all()
        assert (futures.annuity == 26).all()

    def test_the_best_estimate_is_one_future_at_the_bases(self) -> None:
        best = base(small())
        assert best.count == 1
        assert best.alpha("flood")[0].tolist() == pytest.approx([1, 1 + 0.07 * 0.3, 1 + 0.07 * 1.5])

    @pytest.mark.parametrize(("start", "stop"), [(0, 5), (3, 8), (7, 8), (8, 8)])
    def test_a_part_has_the_bits_of_the_whole(self, start: int, stop: int) -> None:
        whole = draw(small(), 8, 1)
        part = whole.part(start, stop)
        assert part.count == stop - start
        assert part.start == start
        for of in ("alpha", "phi"):
            assert np.array_equal(getattr(part, of)("flood"), getattr(whole, of)("flood")[start:stop])
        assert np.array_equal(part.knot_weights, whole.knot_weights[start:stop])
        assert np.array_equal(part.annuity, whole.annuity[start:stop])
        assert np.array_equal(part.strength(0), whole.strength(0)[start:stop])

    def test_arrays_are_kept_and_cannot_be_written(self) -> None:
        futures = draw(small(), 8, 1)
        assert futures.alpha("flood") is futures.alpha("flood")
        with pytest.raises(ValueError, match="read-only"):
            futures.alpha("flood")[0, 0] = 2

    def test_futures_travel(self) -> None:
        futures = draw(small(), 8, 1).part(2, 6)
        assert futures.alpha("flood").shape == (4, 3)
        there = pickle.loads(pickle.dumps(futures))
        assert not there.kept
        assert np.array_equal(there.rise("sea"), futures.rise("sea"))
        assert there.start == 2


class TestYears:
    @given(
        st.floats(-0.02, 0.2),
        st.lists(st.integers(1, 30), min_size=0, max_size=5),
        st.lists(st.floats(-100, 100), min_size=6, max_size=6),
    )
    def test_weights_by_knot_give_the_discounted_mean_of_every_year(
        self, rate: float, steps: list[int], levels: list[float]
    ) -> None:
        years = tuple(np.cumsum([2025, *steps]).tolist())
        weights, annuity = discounted_years(np.array([rate]), years)
        every = np.arange(years[0], years[-1] + 1)
        factors = (1 + rate) ** -(every - years[0]).astype(float)
        path = np.interp(every, years, levels[: len(years)])
        assert weights.sum() == pytest.approx(1)
        assert annuity[0] == pytest.approx(factors.sum())
        assert weights[0] @ levels[: len(years)] == pytest.approx(
            (factors * path).sum() / factors.sum(), abs=1e-9
        )

    def test_a_single_knot_is_a_single_year(self) -> None:
        weights, annuity = discounted_years(np.array([0.05]), (2030,))
        assert weights.tolist() == [[1.0]]
        assert annuity.tolist() == [1.0]

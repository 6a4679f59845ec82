"""The direct evaluator does what the order of composition says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khlong.engines.futures import packages, sampling
from khlong.engines.futures.direct import (
    bent,
    burden,
    cost,
    damage,
    event_frequencies,
    event_losses,
    expected,
    shaped,
    total,
)
from khlong.engines.futures.model import (
    Act,
    ActKind,
    Curve,
    Dimension,
    Group,
    Hazard,
    Kind,
    Layer,
    Measure,
    Model,
    Name,
    Rise,
    Series,
    Spread,
)
from khlong.engines.futures.tests.models import models, random_model

HERE = np.ones(2, bool)
NOBODY = Name("", "")
ONE = ("all", "baht")


def act(kind: ActKind, places: Any = HERE, **more: Any) -> Act:
    return Act(kind, places, hazard="flood", **more)


def city(*acts: Act, intensity: tuple[int, ...] = (400, 800), strength: float = 1.0, **more: Any) -> Model:
    """Two places, one event a place, each once in ten years; damage is a share of depth up to a metre."""
    measures = (Measure("m", NOBODY, acts, np.array([strength]), cost=50.0, upkeep=2.0),) if acts else ()
    model = Model(
        key="city",
        name=NOBODY,
        years=(2025,),
        places=("a", "b"),
        groups=(Group("all", NOBODY),),
        kinds=(Kind("baht", NOBODY, "THB", 1.0),),
        hazards=(
            Hazard(
                "flood",
                NOBODY,
                "mm",
                np.array([0, 1], np.int32),
                np.array([0, 1], np.int32),
                np.array(intensity, np.int32),
                np.array([0.1, 0.1]),
                "events",
            ),
        ),
        curves=(Curve("line", np.array([0.0, 1000.0]), np.array([0.0, 1.0]), np.zeros(2)),),
        layers=(Layer("homes", "all", "baht", "flood", "line", np.array([100.0, 1000.0])),),
        measures=measures,
    )
    return replace(model, **more)


def impact(model: Model, package: int | None = None) -> float:
    futures = sampling.base(model)
    chosen = packages.count(model) - 1 if package is None else package
    return float(expected(model, futures, 0, chosen)[ONE][0])


class TestByHand:
    """Cases small enough to reckon on paper: 0.1 * 100 * 0.4 + 0.1 * 1000 * 0.8 = 84."""

    def test_without_measures(self) -> None:
        assert impact(city()) == pytest.approx(4 + 80)

    def test_a_shift_lowers_the_water(self) -> None:
        assert impact(city(act(ActKind.SHIFT, by=500.0))) == pytest.approx(30)

    def test_a_scale_shrinks_it(self) -> None:
        assert impact(city(act(ActKind.SCALE, to=0.5))) == pytest.approx(42)

    def test_half_the_strength_is_half_the_scale(self) -> None:
        assert impact(city(act(ActKind.SCALE, to=0.5), strength=0.5)) == pytest.approx(63)

    def test_a_wall_holds_to_its_level_and_not_above(self) -> None:
        assert impact(city(act(ActKind.PROTECT, level=400.0))) == pytest.approx(80)
        assert impact(city(act(ActKind.PROTECT, level=399.0))) == pytest.approx(84)

    def test_an_ecosystem_helps_most_in_small_floods(self) -> None:
        one = act(ActKind.ECOSYSTEM, share=0.5, most=300.0, fades_from=600.0, gone_at=1000.0)
        assert impact(city(one)) == pytest.approx(0.1 * 100 * 0.2 + 0.1 * 1000 * (0.8 - 0.3 * 0.5))

    def test_an_ecosystem_that_never_fades(self) -> None:
        one = act(ActKind.ECOSYSTEM, share=0.5, most=300.0)
        assert impact(city(one)) == pytest.approx(0.1 * 100 * 0.2 + 0.1 * 1000 * 0.5)

    def test_exposure_and_vulnerability_multiply(self) -> None:
        both = (act(ActKind.EXPOSURE, by=0.5), act(ActKind.VULNERABILITY, by=0.2))
        assert impact(city(*both)) == pytest.approx(84 * 0.5 * 0.8)

    def test_transfer_pays_the_layer_above_what_one_bears(self) -> None:
        one = act(ActKind.TRANSFER, attach=0.5, cover=0.2)
        assert impact(city(one)) == pytest.approx(4 + 0.1 * 1000 * (0.8 - 0.2))

    def test_transfer_comes_after_vulnerability_whatever_its_order(self) -> None:
        pair = (act(ActKind.TRANSFER, attach=0.3, cover=1.0, order=-5), act(ActKind.VULNERABILITY, by=0.5))
        assert impact(city(*pair)) == pytest.approx(0.1 * 100 * 0.2 + 0.1 * 1000 * 0.3)

    def test_acts_go_from_upstream_to_downstream(self) -> None:
        wall_then_drain = (act(ActKind.SHIFT, by=500.0, order=2), act(ActKind.PROTECT, level=700.0, order=1))
        drain_then_wall = (act(ActKind.SHIFT, by=500.0, order=1), act(ActKind.PROTECT, level=700.0, order=2))
        assert impact(city(*wall_then_drain)) == pytest.approx(30)
        assert impact(city(*drain_then_wall)) == 0

    def test_an_act_stays_in_its_places(self) -> None:
        assert impact(city(act(ActKind.SCALE, np.array([True, False]), to=0.0))) == pytest.approx(80)

    def test_an_act_for_others_leaves_this_group_alone(self) -> None:
        assert impact(city(act(ActKind.SCALE, groups=("others",), to=0.0))) == pytest.approx(84)
        assert impact(city(act(ActKind.SCALE, kinds=("people",), to=0.0))) == pytest.approx(84)

    def test_an_act_without_a_hazard_is_for_every_hazard(self) -> None:
        assert impact(city(replace(act(ActKind.EXPOSURE, by=0.5), hazard=""))) == pytest.approx(42)

    def test_cost_counts_upkeep_over_the_years(self) -> None:
        model = city(act(ActKind.SHIFT, by=500.0), years=(2025, 2034))
        model = replace(model, measures=(replace(model.measures[0], strength=np.ones(2)),))
        futures = sampling.base(model)
        assert cost(model, futures, 0, 1) == pytest.approx(50 + 2 * 10)
        assert total(model, futures, 0, 1) == pytest.approx(70 + 10 * 30)
        assert burden(model, futures, 0, 0)[ONE] == pytest.approx(84)


class TestFreeboard:
    def sea(self, *acts: Act) -> Model:
        return city(
            *acts,
            intensity=(-200, -600),
            dimensions=(Dimension("size", NOBODY, "mm", Spread.UNIFORM, 0, 500, 300),),
            series=(Series("sea", "size", np.array([1.0])),),
            rises=(Rise("sea", "flood", 1.0, "sea", HERE),),
        )

    def test_what_is_dry_becomes_wet_when_the_sea_rises_above_it(self) -> None:
        assert impact(self.sea()) == pytest.approx(0.1 * 100 * 0.1)

    def test_what_stays_below_zero_is_not_shrunk_into_reach(self) -> None:
        """A scale, a wall or an ecosystem does not take freeboard away, so harm after it meets the whole of it."""
        harm = act(ActKind.SHIFT, by=-200.0, order=9)
        for kind, figures in (
            (ActKind.SCALE, {"to": 0.0}),
            (ActKind.PROTECT, {"level": 50.0}),
            (ActKind.ECOSYSTEM, {"share": 0.9, "most": 900.0}),
        ):
            only = np.array([False, True])
            model = self.sea(act(kind, only, **figures), harm)
            assert impact(model) == pytest.approx(0.1 * 100 * 0.3)


class TestShapes:
    kinds = st.sampled_from(
        [
            {"kind": ActKind.SHIFT, "by": 130.0},
            {"kind": ActKind.SCALE, "to": 0.4},
            {"kind": ActKind.PROTECT, "level": 510.0},
            {"kind": ActKind.ECOSYSTEM, "share": 0.8, "most": 200.0, "fades_from": 700.0, "gone_at": 800.0},
            {"kind": ActKind.ECOSYSTEM, "share": 0.9, "most": 900.0, "fades_from": 300.0, "gone_at": 301.0},
            {"kind": ActKind.ECOSYSTEM, "share": 0.8, "most": 200.0},
        ]
    )
    y = np.arange(-400.0, 2000.0, 0.5)

    @given(kinds, st.floats(0, 1.5))
    def test_more_water_before_is_never_less_after(self, figures: dict[str, Any], strength: float) -> None:
        after = shaped(act(**figures), strength, self.y)
        assert (np.diff(after) >= -1e-9).all()

    @given(kinds, st.floats(0, 1.5))
    def test_a_shape_that_helps_never_adds_water(self, figures: dict[str, Any], strength: float) -> None:
        assert (shaped(act(**figures), strength, self.y) <= self.y + 1e-9).all()

    @given(kinds)
    def test_without_strength_nothing_happens(self, figures: dict[str, Any]) -> None:
        assert np.array_equal(shaped(act(**figures), 0.0, self.y), self.y)

    @given(kinds, st.floats(0, 1.5))
    def test_only_a_shift_moves_what_is_dry(self, figures: dict[str, Any], strength: float) -> None:
        dry = self.y[self.y <= 0]
        moved = shaped(act(**figures), strength, dry)
        assert figures["kind"] is ActKind.SHIFT or np.array_equal(moved, dry)


class TestCurves:
    def test_without_steps_it_is_the_interpolation_of_numpy(self) -> None:
        curve = Curve("c", np.array([0.0, 300.0, 700.0, 2000.0]), np.array([0.0, 0.2, 0.7, 0.9]), np.zeros(4))
        y = np.linspace(-500, 3000, 3501)
        assert damage(curve, 0.0, y) == pytest.approx(np.interp(y, curve.intensity, curve.share), abs=1e-15)

    def test_a_step_is_taken_just_above_it(self) -> None:
        curve = Curve("c", np.array([0.0, 0.0, 100.0, 100.0]), np.array([0.0, 0.1, 0.1, 1.0]), np.zeros(4))
        assert damage(curve, 0.0, np.array([0.0, 1e-9, 100.0, 100.0 + 1e-9])) == pytest.approx(
            [0, 0.1, 0.1, 1]
        )

    def test_a_curve_that_begins_above_zero_is_zero_below_its_beginning(self) -> None:
        curve = Curve("c", np.array([50.0, 100.0]), np.array([0.0, 1.0]), np.zeros(2))
        assert damage(curve, 0.0, np.array([-10.0, 10.0, 50.0, 75.0])).tolist() == [0, 0, 0, 0.5]

    @given(st.floats(-3, 3))
    def test_in_every_future_a_curve_rises_from_zero_and_keeps_below_its_most(self, q: float) -> None:
        curve = Curve("c", np.arange(4.0), np.array([0.0, 0.3, 0.5, 0.9]), np.array([0.0, 0.3, 0.1, 0.0]))
        shares = bent(curve, q)
        assert shares[0] == 0
        assert (np.diff(shares) >= 0).all()
        assert shares[-1] == 0.9


class TestAnyModel:
    @given(models(), st.integers(0, 9), st.data())
    @settings(max_examples=50)
    def test_impact_is_the_sum_of_what_events_do_as_often_as_they_come(
        self, model: Model, w: int, data: st.DataObject
    ) -> None:
        futures = sampling.draw(model, 10, 3)
        package = data.draw(st.integers(0, packages.count(model) - 1))
        found = expected(model, futures, w, package)
        assert tuple(found) == model.channels
        losses, often = event_losses(model, futures, w, package), event_frequencies(model, futures, w)
        for channel, path in found.items():
            sums = [(often[h] * by[channel]).sum(axis=1) for h, by in losses.items() if channel in by]
            assert path == pytest.approx(np.sum(sums, axis=0))
            assert np.isfinite(path).all()
            assert (path >= 0).all()

    @given(models(), st.floats(0.1, 9))
    @settings(max_examples=25)
    def test_scaling_exposure_scales_impact(self, model: Model, by: float) -> None:
        more = replace(model, layers=tuple(replace(each, value=each.value * by) for each in model.layers))
        last = packages.count(model) - 1
        futures = sampling.draw(model, 2, 5)
        before, after = expected(model, futures, 1, last), expected(more, futures, 1, last)
        for channel in model.channels:
            assert after[channel] == pytest.approx(by * before[channel])

    @given(st.integers(0, 10**6), st.sampled_from(list(ActKind)))
    @settings(max_examples=50)
    def test_a_measure_without_strength_changes_nothing(self, seed: int, kind: ActKind) -> None:
        model = random_model(seed, acts=((kind, kind),))
        model = replace(model, measures=(replace(model.measures[0], strength=np.zeros(3)),))
        futures = sampling.draw(model, 2, 5)
        without, with_it = expected(model, futures, 1, 0), expected(model, futures, 1, 1)
        for channel in model.channels:
            assert np.array_equal(without[channel], with_it[channel])

    @given(st.integers(0, 10**6), st.lists(st.sampled_from(list(ActKind)), min_size=1, max_size=3))
    @settings(max_examples=50)
    def test_a_harmless_measure_never_raises_impact(self, seed: int, kinds: list[ActKind]) -> None:
        model = random_model(seed, acts=tuple((kind,) for kind in kinds))
        model = replace(model, measures=tuple(harmless(each) for each in model.measures))
        futures = sampling.draw(model, 2, 5)
        last = packages.count(model) - 1
        for measure in range(len(kinds)):
            less = expected(model, futures, 1, last - 2**measure)
            more = expected(model, futures, 1, last)
            for channel in model.channels:
                assert (more[channel] <= less[channel] * (1 + 1e-12) + 1e-9).all()


def harmless(measure: Measure) -> Measure:
    acts = (replace(each, by=abs(each.by), to=min(each.to, 1.0)) for each in measure.acts)
    return replace(measure, acts=tuple(acts))

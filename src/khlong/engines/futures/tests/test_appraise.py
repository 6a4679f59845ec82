"""The table against plain numpy on the direct evaluator, and the laws that hold for any model."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khlong.engines.futures import compile as compiling
from khlong.engines.futures import direct, robustness, tables
from khlong.engines.futures import packages as numbers
from khlong.engines.futures.appraise import Engine, appraise
from khlong.engines.futures.errors import CancelledError, TooLargeError
from khlong.engines.futures.model import ActKind, Measure, Model, Threshold
from khlong.engines.futures.sampling import draw
from khlong.engines.futures.tests.models import models, named, random_model

if TYPE_CHECKING:
    from khlong.engines.futures.model import Floats
    from khlong.engines.futures.sampling import Futures
    from khlong.engines.futures.table import Table

ARRAYS = (
    "mean",
    "sd",
    "lowest",
    "highest",
    "regret",
    "kept",
    "group_kept",
    "worse_than_nothing",
    "worse_than_base",
    "domain",
    "starr",
    "cost",
)
FEW = ((ActKind.SHIFT,), (ActKind.PROTECT, ActKind.EXPOSURE), (ActKind.ECOSYSTEM,), (ActKind.TRANSFER,))


def slow_values(model: Model, futures: Futures) -> Floats:
    """(objectives, packages, futures) by the direct evaluator: channels, then the total."""
    found = np.empty((len(model.channels) + 1, numbers.count(model), futures.count))
    for package in range(numbers.count(model)):
        for w in range(futures.count):
            found[:-1, package, w] = list(direct.burden(model, futures, w, package).values())
            found[-1, package, w] = direct.total(model, futures, w, package)
    return found


def slow_costs(model: Model, futures: Futures) -> Floats:
    return np.array(
        [
            [direct.cost(model, futures, w, package) for w in range(futures.count)]
            for package in range(numbers.count(model))
        ]
    )


def same(one: Table, other: Table) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ARRAYS)


def near(fast: Floats, slow: Floats, scale: Floats) -> bool:
    return bool(np.all(np.abs(fast - slow) <= 1e-9 * np.maximum(np.abs(slow), scale)))


def middling_thresholds(model: Model, values: Floats) -> tuple[Threshold, ...]:
    """Thresholds that some packages keep in some futures."""
    return tuple(
        Threshold(group, kind, float(np.median(values[number])) * 1.0001)
        for number, (group, kind) in enumerate(model.channels)
        if number % 3 != 2
    )


@pytest.mark.parametrize("seed", range(4))
def test_every_metric_is_what_numpy_makes_of_the_direct_evaluator(seed: int) -> None:
    model = random_model(seed, acts=FEW, excluding=2 * (seed % 2))
    futures = draw(model, 21, seed)
    values = slow_values(model, futures)
    model = replace(model, thresholds=middling_thresholds(model, values))
    table = appraise(model, futures)
    scale = np.abs(values[:, 0]).mean(axis=1)[:, None]
    assert near(table.mean, values.mean(axis=2), scale)
    assert near(table.sd, values.std(axis=2, ddof=1), scale)
    assert near(table.lowest, values.min(axis=2), scale)
    assert near(table.highest, values.max(axis=2), scale)
    regret = np.stack([robustness.minimax_regret(each) for each in values])
    assert near(table.regret, regret, scale)
    assert near(table.hurwicz(0.3), robustness.hurwicz(values, 0.3), scale)
    assert near(table.cost, slow_costs(model, futures).mean(axis=1), np.array([1.0]))


@pytest.mark.parametrize("seed", range(2))
def test_every_share_is_what_numpy_counts_in_the_direct_evaluator(seed: int) -> None:
    model = random_model(seed, acts=FEW[:3], groups=3, kinds=2, places=2, events=3)
    futures = draw(model, 66, seed)
    values = slow_values(model, futures)
    costs = slow_costs(model, futures)
    thresholds = middling_thresholds(model, values)
    model = replace(model, thresholds=thresholds, most_cost=float(np.median(costs)) * 1.0001)
    table = appraise(model, futures)
    most = {(each.group, each.kind): each.most for each in thresholds}
    kept = np.stack([values[number] <= most.get(each, np.inf) for number, each in enumerate(model.channels)])
    assert np.array_equal(table.kept, 1 - (~kept).sum(axis=2) / 66)
    assert np.array_equal(table.domain, 1 - (~kept.all(axis=0)).sum(axis=1) / 66)
    affordable = costs <= model.most_cost
    assert np.array_equal(table.starr, 1 - (~(kept.all(axis=0) & affordable)).sum(axis=1) / 66)
    for row, group in enumerate(table.groups):
        mine = [number for number, (each, _) in enumerate(model.channels) if each == group]
        assert np.array_equal(table.group_kept[row], 1 - (~kept[mine].all(axis=0)).sum(axis=1) / 66)
        for reference, shares in ((0, table.worse_than_nothing), (table.base, table.worse_than_base)):
            than = values[mine][:, reference : reference + 1]
            scale = np.maximum(than, values[mine][:, :1])
            worse = (values[mine] > than + 1e-9 * scale).any(axis=0)
            assert np.array_equal(shares[row], worse.sum(axis=1) / 66)


@pytest.mark.parametrize("count", [1, 3, 255, 257, 1000])
def test_threads_change_no_bit(count: int) -> None:
    model = random_model(5, acts=FEW)
    futures = draw(model, count, 3)
    assert same(appraise(model, futures, threads=1), appraise(model, futures, threads=2))


def test_a_model_without_measures_is_its_base() -> None:
    model = random_model(2, acts=())
    futures = draw(model, 9, 1)
    table, values = appraise(model, futures), slow_values(model, futures)
    assert table.packages == 1
    assert table.base == 0
    assert near(table.mean, values.mean(axis=2), np.array([1e-6]))
    assert not table.regret.any()
    assert not table.worse_than_nothing.any()


def with_one_more(model: Model, measure: Measure) -> Model:
    return replace(model, measures=(*model.measures, measure))


@settings(deadline=None, max_examples=15)
@given(models(most_measures=3))
def test_a_measure_without_effect_changes_nothing(model: Model) -> None:
    idle = Measure("idle", named("idle"), (), np.ones(len(model.years)))
    before = appraise(model, draw(model, 5, 1))
    larger = with_one_more(model, idle)
    after = appraise(larger, draw(larger, 5, 1))
    half = before.packages
    assert np.array_equal(after.mean[:, :half], after.mean[:, half:])
    assert np.allclose(after.mean[:, :half], before.mean, rtol=1e-11, atol=1e-11)


@settings(deadline=None, max_examples=15)
@given(models(most_measures=3), st.sampled_from(list(ActKind)), st.integers(0, 1000))
def test_a_harmless_measure_never_raises_impact(model: Model, kind: ActKind, seed: int) -> None:
    helper = random_model(
        seed, places=len(model.places), knots=len(model.years), hazards=len(model.hazards), acts=((kind,),)
    ).measures[0]
    acts = tuple(
        replace(act, by=abs(act.by), to=min(act.to, 1.0), groups=(), kinds=()) for act in helper.acts
    )
    larger = with_one_more(model, replace(helper, acts=acts, key="helper"))
    table = appraise(larger, draw(larger, 5, 1))
    half = table.packages // 2
    without, together = table.mean[:-1, :half], table.mean[:-1, half:]
    assert (together <= without + 1e-10 * np.maximum(without, table.mean[:-1, :1])).all()


@settings(deadline=None, max_examples=15)
@given(models(most_measures=4), st.randoms(use_true_random=False))
def test_measures_in_another_order_give_the_table_in_another_order(model: Model, random: object) -> None:
    measures = [
        replace(each, acts=tuple(replace(act, order=number) for act in each.acts))
        for number, each in enumerate(model.measures)
    ]
    shuffled = list(range(len(measures)))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one = replace(model, measures=tuple(measures))
    other = replace(model, measures=tuple(measures[number] for number in shuffled))
    first, second = appraise(one, draw(one, 4, 1)), appraise(other, draw(other, 4, 1))
    for package in range(first.packages):
        there = numbers.package_of(other, [shuffled.index(m) for m in numbers.measures_in(one, package)])
        assert np.allclose(first.mean[:, package], second.mean[:, there], rtol=1e-10, atol=1e-9)
        assert np.allclose(first.regret[:, package], second.regret[:, there], rtol=1e-10, atol=1e-6)


@settings(deadline=None, max_examples=15)
@given(models(most_measures=3), st.floats(0.01, 100))
def test_scaling_exposure_scales_impact(model: Model, much: float) -> None:
    larger = replace(model, layers=tuple(replace(each, value=each.value * much) for each in model.layers))
    one, other = appraise(model, draw(model, 4, 1)), appraise(larger, draw(larger, 4, 1))
    scale = one.mean[:-1, :1] * much
    assert (np.abs(other.mean[:-1] - much * one.mean[:-1]) <= 1e-10 * scale + 1e-12).all()


def test_a_changed_weight_or_threshold_needs_no_new_stage_a() -> None:
    model = random_model(3, acts=FEW)
    futures = draw(model, 300, 3)
    engine = Engine(model)
    first = engine.appraise(futures)
    heavier = engine.appraise(futures, weights={"old": 3.0})
    stricter = engine.appraise(futures, thresholds=[Threshold(*model.channels[0], 0.0)], most_cost=0.0)
    assert engine.stages == 1
    assert np.array_equal(first.mean[:-1], heavier.mean[:-1])
    assert not np.array_equal(first.mean[-1], heavier.mean[-1])
    assert same(heavier, appraise(model, futures, weights={"old": 3.0}))
    assert stricter.starr[-1] == 0


def test_coefficients_that_are_not_kept_give_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    model = random_model(3, acts=FEW)
    futures = draw(model, 600, 3)
    kept = appraise(model, futures)
    monkeypatch.setattr("khlong.engines.futures.memory.KEPT", 0)
    engine = Engine(model)
    assert same(kept, engine.appraise(futures))
    assert engine.stages == 0


def test_sub_lattices_give_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    model = random_model(4, acts=(*FEW, (ActKind.SHIFT,), (ActKind.SCALE,)), excluding=2)
    futures = draw(model, 66, 3)
    whole = appraise(model, futures)
    monkeypatch.setattr("khlong.engines.futures.objectives.MOST_BLOCK", 12)
    cut = appraise(model, futures)
    for name in ARRAYS:
        assert np.allclose(getattr(whole, name), getattr(cut, name), rtol=1e-10, atol=1e-7), name


def test_the_error_of_a_share_is_never_nought() -> None:
    table = appraise(random_model(1), draw(random_model(1), 100, 1))
    assert table.error(0.0) == 0.01
    assert table.error(0.5) == pytest.approx(0.05)


def test_a_stopped_run_gives_no_table() -> None:
    model = random_model(3, acts=FEW)
    seen: list[int] = []
    with pytest.raises(CancelledError) as stopped:
        appraise(
            model,
            draw(model, 3000, 1),
            progress=lambda done, _: seen.append(done),
            cancelled=lambda: bool(seen),
        )
    assert "หยุด" in stopped.value.in_words("th")
    assert 0 < seen[-1] < 3000


def test_progress_ends_at_the_whole() -> None:
    model = random_model(3, acts=FEW)
    seen: list[tuple[int, int]] = []
    appraise(model, draw(model, 1000, 1), progress=lambda done, whole: seen.append((done, whole)))
    assert seen[-1] == (1000, 1000)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_what_does_not_fit_is_refused_with_its_size() -> None:
    model = random_model(1, acts=((ActKind.VULNERABILITY,),) * 24)
    with pytest.raises(TooLargeError, match=r"16,777,216 packages need .* GB") as refused:
        appraise(model, draw(model, 10, 1))
    assert "หน่วยความจำ" in refused.value.in_words("th")


def test_rows_over_too_many_steps_of_intensity_are_refused_before_they_are_filled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = random_model(1, acts=FEW)
    hazard = model.hazards[0]
    far = replace(
        hazard, intensity=np.where(np.arange(hazard.intensity.size) == 0, 999_999, hazard.intensity)
    )
    wide = replace(model, hazards=(far, *model.hazards[1:]))
    monkeypatch.setattr(tables, "fill", lambda *_given: pytest.fail("the rows were filled"))
    with pytest.raises(TooLargeError, match=r"steps of intensity of .* GB") as refused:
        Engine(wide, 1, room=100_000_000)
    assert refused.value.field == "hazards[0]"
    assert "หน่วยผิด" in refused.value.in_words("th")


def test_classes_that_run_together_stay_few_where_levers_have_several_levels() -> None:
    model = random_model(2, acts=((ActKind.SHIFT,),) * 6, excluding=6)
    assert len(model.levers) == 1
    program = compiling.compiled(model)
    chains = program.classes[:, compiling.CHAIN_COUNT]
    most = int(np.argmax(chains))
    assert chains[most] > 2  # nothing, or one of several sizes of the same work
    hit = [(program.parts[most], np.zeros(2), 0)] * 200
    together = compiling.MOST_TOGETHER // (len(model.years) * int(chains[most]))
    assert max(len(each) for each in compiling.bundles(hit, len(model.years))) == together


def test_a_table_has_all_its_arrays() -> None:
    model = random_model(1, acts=FEW)
    table = appraise(model, draw(model, 10, 1))
    assert {each.name for each in fields(table)} >= set(ARRAYS)
    assert table.mean.shape == (len(model.channels) + 1, 16)
    assert table.number() == len(model.channels)
    assert table.number(*model.channels[1]) == 1

"""Pathways of a model: their burdens are those of the engine, their costs add up, their triggers come in time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khlong.engines.futures import direct, inquiry, pathways, stagea, waiting
from khlong.engines.futures import packages as numbers
from khlong.engines.futures.appraise import Engine
from khlong.engines.futures.errors import CancelledError, ModelError
from khlong.engines.futures.model import ActKind, Model, Threshold
from khlong.engines.futures.objectives import prices
from khlong.engines.futures.sampling import draw
from khlong.engines.futures.tests.models import models, random_model

if TYPE_CHECKING:
    from khlong.engines.futures.sampling import Futures

FEW = ((ActKind.SHIFT,), (ActKind.PROTECT, ActKind.EXPOSURE), (ActKind.ECOSYSTEM,))


def chain_case(seed: int) -> tuple[Engine, Futures]:
    engine = Engine(random_model(seed, acts=FEW), threads=1)
    return engine, draw(engine.model, 60, 1)


@settings(max_examples=20)
@given(models(), st.data())
def test_a_package_that_never_changes_costs_the_total_of_the_engine(
    model: Model, data: st.DataObject
) -> None:
    """From nothing standing: static burden and building cost are `direct.total`."""
    engine, futures = Engine(model, threads=1), draw(model, 2, 1)
    package = data.draw(st.integers(0, numbers.count(model) - 1))
    radices = engine.program.radices
    by_knot = [stagea.coefficients(engine.program, futures, t) for t in range(len(model.years))]
    priced = prices(model, model.weights)
    places = waiting.package_of_sets(engine.program, priced)
    values = waiting.in_money(engine.program, by_knot, places, priced, futures)
    found = pathways.ways(values, waiting.building_costs(model, futures), radices)
    for w in range(2):
        slow = direct.total(model, futures, w, package)
        scale = 1 + abs(direct.total(model, futures, w, 0))
        assert found.static[package, w] == pytest.approx(slow, rel=1e-9, abs=1e-9 * scale)


@settings(max_examples=15)
@given(models())
def test_the_best_chain_is_never_dearer_than_the_best_package(model: Model) -> None:
    engine, futures = Engine(model, threads=2), draw(model, 5, 1)
    found = waiting.waiting(engine, futures)
    assert found.chains.shape == (len(model.years), 5)
    assert found.flexibility.regret_saved >= -1e-6
    assert found.flexibility.mean_saved >= -1e-6
    counts = [count for _, count in found.common]
    assert counts == sorted(counts, reverse=True)


def test_threads_and_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, futures = chain_case(41)
    one = waiting.waiting(engine, futures)
    monkeypatch.setattr(waiting, "BLOCK", 7)
    monkeypatch.setattr(waiting, "CHUNK", 32)
    two = waiting.waiting(Engine(engine.model, threads=2), futures)
    assert (one.chains == two.chains).all()
    assert one.flexibility.regret_saved == pytest.approx(two.flexibility.regret_saved)


def test_free_measures_that_help_are_built_at_once() -> None:
    engine, futures = chain_case(42)
    free = tuple(replace(each, cost=0.0, upkeep=0.0, existing=False) for each in engine.model.measures)
    engine = Engine(replace(engine.model, measures=free), threads=1)
    found = waiting.waiting(engine, futures)
    assert found.flexibility.mean_saved >= 0
    assert (found.chains[0] > 0).any()


def test_measures_too_dear_are_never_built() -> None:
    engine, futures = chain_case(43)
    dear = tuple(replace(each, cost=1e15, existing=False) for each in engine.model.measures)
    found = waiting.waiting(Engine(replace(engine.model, measures=dear), threads=1), futures)
    assert not found.chains.any()
    assert found.flexibility.static == 0


def test_a_step_is_decided_its_lead_time_before_the_threshold_is_passed() -> None:
    engine, futures = chain_case(44)
    model = engine.model
    path = inquiry.paths(engine, futures, (0,))[0]
    thresholds = [
        Threshold(g, k, float(np.quantile(each, 0.5)))
        for (g, k), each in zip(model.channels, path, strict=True)
    ]
    leads = {model.measures[0].key: 4.0, model.measures[1].key: 9.0}
    first, second = waiting.triggers(engine, futures, (0, 1, 7), leads, thresholds=thresholds)
    assert (first.before, first.after, second.after) == (0, 1, 7)
    assert second.name.en == f"{model.measures[1].name.en} and {model.measures[2].name.en}"
    assert (first.stands >= model.years[0] + 4).all()
    needed = np.isfinite(second.stands)
    assert (second.stands[needed] >= second.decided[needed] + 9).all()
    assert first.name.th in first.words.th
    group = model.channels[0][0]
    alone = waiting.triggers(engine, futures, (0, 1), leads, group=group, thresholds=thresholds)
    assert (alone[0].decided >= first.decided - 1e-9).all()


def test_a_chain_that_takes_something_away_is_refused() -> None:
    engine, futures = chain_case(45)
    most = [Threshold(g, k, 1.0) for g, k in engine.model.channels]
    with pytest.raises(ModelError, match=r"takes .* away"):
        waiting.triggers(engine, futures, (1, 2), {}, thresholds=most)


def test_a_trigger_needs_a_threshold() -> None:
    engine, futures = chain_case(46)
    with pytest.raises(ModelError, match="Nobody said"):
        waiting.triggers(engine, futures, (0, 1), {}, thresholds=[])


def test_the_sentence_says_what_waiting_is_worth() -> None:
    worth = pathways.Flexibility(3, 1, 2.5e6, 5e5, 3, 1, 1.25e5)
    said = waiting.sentence(worth)
    assert said.en == (
        "Chosen once and for all, the worst regret is at least 2,500,000 baht; when measures can be added as that "
        "future needs them, 500,000 baht. On average at most 125,000 baht are saved."
    )
    assert "2,500,000 บาท" in said.th
    assert "USD" in waiting.sentence(worth, "USD").en


def test_what_is_below_the_resolution_of_the_arithmetic_is_said_as_nothing() -> None:
    sums = np.array([[4e8, 5e8], [4e8 - 6e-8, 5e8]])
    found = pathways.flexibility(pathways.Tally(4, np.array([[3e-8, 2e7], [1.5e-8, 2e7]]), sums))
    assert (found.static_regret, found.adaptive_regret, found.regret_saved, found.mean_saved) == (0, 0, 0, 0)
    said = waiting.sentence(found)
    assert said.en.startswith("Waiting is worth nothing here")
    assert "ไม่ได้ประโยชน์" in said.th
    assert "0.00" not in said.en + said.th
    same = pathways.Flexibility(3, 3, 2.5e6, 2.5e6 * (1 - 1e-15), 3, 1, 0.0)
    assert same.regret_saved == 0
    assert "2,500,000 baht either way" in waiting.sentence(same).en
    only_regret = pathways.Flexibility(3, 1, 2.5e6, 5e5, 3, 1, 0.0)
    assert waiting.sentence(only_regret).en.endswith("On average nothing is saved.")


def test_a_stop_leaves_nothing() -> None:
    engine, futures = chain_case(47)
    with pytest.raises(CancelledError):
        waiting.waiting(engine, futures, cancelled=lambda: True)

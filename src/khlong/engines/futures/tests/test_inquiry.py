"""Questions about a few packages: against the direct evaluator and the full table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khlong.engines.futures import direct, inquiry, shapley
from khlong.engines.futures import packages as numbers
from khlong.engines.futures.appraise import Engine
from khlong.engines.futures.model import ActKind, Dimension, Model, Name, Spread, Threshold
from khlong.engines.futures.sampling import draw
from khlong.engines.futures.tests.models import models, random_model

if TYPE_CHECKING:
    from khlong.engines.futures.model import Floats
    from khlong.engines.futures.sampling import Futures

FEW = ((ActKind.SHIFT,), (ActKind.PROTECT, ActKind.EXPOSURE), (ActKind.ECOSYSTEM,))


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(random_model(11, acts=FEW), threads=1)


@pytest.fixture(scope="module")
def futures(engine: Engine) -> Futures:
    return draw(engine.model, 300, 5)


def every_burden(engine: Engine, futures: Futures) -> Floats:
    """(C, N, P)"""
    return np.moveaxis(inquiry.burdens(engine, futures, range(engine.program.packages)), 0, -1)


@settings(max_examples=25)
@given(models(), st.data())
def test_burdens_of_a_few_packages_are_those_of_the_direct_evaluator(
    model: Model, data: st.DataObject
) -> None:
    engine, futures = Engine(model, threads=1), draw(model, 3, 1)
    package = data.draw(st.integers(0, numbers.count(model) - 1))
    found, path = (
        inquiry.burdens(engine, futures, (package,))[0],
        inquiry.paths(engine, futures, (package,))[0],
    )
    for w in range(3):
        slow, slow_path = (
            direct.burden(model, futures, w, package),
            direct.expected(model, futures, w, package),
        )
        nothing = max([1e-9, *map(abs, direct.burden(model, futures, w, 0).values())])
        for number, channel in enumerate(model.channels):
            assert found[number, w] == pytest.approx(slow[channel], rel=1e-9, abs=1e-9 * nothing)
            assert path[number, w] == pytest.approx(slow_path[channel], rel=1e-9, abs=1e-9 * nothing)


@settings(max_examples=25)
@given(models(), st.data())
def test_shares_from_coefficients_are_those_of_the_full_table(model: Model, data: st.DataObject) -> None:
    engine, futures = Engine(model, threads=1), draw(model, 4, 2)
    package = data.draw(st.integers(0, numbers.count(model) - 1))
    table, radices = every_burden(engine, futures), engine.program.radices
    found = inquiry.shares(engine, futures, package)
    scale = 1e-9 * (1 + np.abs(table).max(initial=0))
    by_future = np.moveaxis(shapley.shapley(table, radices, package), 1, -1)
    assert found.by_future == pytest.approx(by_future, abs=scale)
    assert found.mean == pytest.approx(shapley.shapley(table.mean(axis=1), radices, package), abs=scale)
    assert found.pairs == pytest.approx(shapley.interactions(table.mean(axis=1), radices, package), abs=scale)


def test_shares_add_up_to_what_the_package_does(engine: Engine, futures: Futures) -> None:
    found = inquiry.shares(engine, futures)
    whole = inquiry.burdens(engine, futures, (engine.program.packages - 1, 0))
    assert found.by_future.sum(axis=1) == pytest.approx(whole[0] - whole[1], rel=1e-9, abs=1e-6)


def test_what_the_engine_keeps_gives_the_same_answers(engine: Engine, futures: Futures) -> None:
    before = inquiry.burdens(engine, futures, (1, 5))
    kept = Engine(engine.model, threads=1)
    kept.appraise(futures)
    assert kept.seen is futures
    assert (inquiry.burdens(kept, futures, (1, 5)) == before).all()


def test_failures_are_those_that_the_table_counts(engine: Engine, futures: Futures) -> None:
    middling = inquiry.burdens(engine, futures, (3,))[0]
    thresholds = [
        Threshold(g, k, float(np.quantile(row, 0.7)))
        for (g, k), row in zip(engine.model.channels, middling, strict=True)
    ]
    table = engine.appraise(futures, thresholds=thresholds)
    for package in range(engine.program.packages):
        failed = inquiry.failures(engine, futures, package, thresholds)
        assert 1 - failed.any(axis=0).mean() == pytest.approx(table.domain[package])
        assert 1 - failed.mean(axis=1) == pytest.approx(table.group_kept[:, package])


def test_a_scenario_names_the_dimension_that_drives_the_failure() -> None:
    """One dimension multiplies everything, one does nothing: the sentence speaks of the first."""
    model = random_model(3, acts=())
    grows = Dimension("grow", Name("การเติบโต", "growth"), "share", Spread.UNIFORM, 0.0, 4.0, 0.0)
    idle = Dimension("idle", Name("อื่น ๆ", "something idle"), "share", Spread.UNIFORM, 0.0, 1.0, 0.0)
    series = tuple(
        replace(each, dimension="grow", grows=True, ramp=np.ones(len(model.years))) for each in model.series
    )
    model = replace(
        model,
        dimensions=(grows, idle),
        series=series,
        layers=tuple(replace(each, driver="growth") for each in model.layers),
        climates=(),
        rises=(),
        curve_position="",
        discount="",
    )
    engine, futures = Engine(model, threads=1), draw(model, 2000, 1)
    channel = next(c for c, row in enumerate(inquiry.burdens(engine, futures, (0,))[0]) if row.any())
    group, kind = model.channels[channel]
    most = float(np.quantile(inquiry.burdens(engine, futures, (0,))[0, channel], 0.75))
    found = inquiry.scenario(engine, futures, 0, group=group, thresholds=[Threshold(group, kind, most)])
    assert found.box.dimensions.tolist() == [0]
    assert found.box.low[0] == pytest.approx(3, abs=0.2)
    assert "growth above" in found.words.en
    assert "การเติบโตเกิน" in found.words.th
    assert np.isfinite(found.quasi_p[0, 0])
    joined = inquiry.scenario(engine, futures, 0, thresholds=[Threshold(group, kind, most)])
    assert (joined.failed == found.failed).all()


def test_indices_see_only_what_moves_the_burden(engine: Engine) -> None:
    found = inquiry.indices(engine, 0, count=64)
    assert len(found.total) == len(engine.model.dimensions)
    assert (found.total >= 0).all()
    idle = inquiry.indices(engine, 0, count=32, outcome=lambda burden: np.ones(burden.shape[1]))
    assert not idle.total.any()
    two = (range(2), range(2, len(engine.model.dimensions)))
    assert len(inquiry.indices(engine, 0, count=16, groups=two).total) == 2


def test_who_is_worse_off_is_counted_from_the_table(engine: Engine, futures: Futures) -> None:
    table = engine.appraise(futures)
    assert inquiry.worse_off(table, 0).en == "No group is worse off than without it, in all 300 futures."
    for package in range(engine.program.packages):
        said = inquiry.worse_off(table, package, than_base=True).en
        assert ("No group" in said) == (not table.worse_than_base[:, package].any())


def test_every_principle_stands_beside_the_plain_sum(engine: Engine, futures: Futures) -> None:
    table = engine.appraise(futures)
    found = inquiry.equity_views(table)
    assert found.prioritarian[0.0] == pytest.approx(found.utilitarian)
    assert found.utilitarian.shape == found.gini.shape == (8,)
    baht = inquiry.equity_views(table, "baht")
    row = [number for number, (_, kind) in enumerate(engine.model.channels) if kind == "baht"]
    assert baht.utilitarian == pytest.approx(table.mean[row].sum(axis=0))


def test_a_group_bears_in_money_what_its_kinds_cost_together(engine: Engine) -> None:
    model = engine.model
    ones = np.ones((len(model.channels), 2))
    assert inquiry.by_group(model, ones, "people").shape == (2, len(model.groups))
    summed = inquiry.by_group(model, ones)[0]
    price = {kind.key: kind.price for kind in model.kinds}
    for number, group in enumerate(model.groups):
        assert summed[number] == sum(price[k] for g, k in model.channels if g == group.key)


def test_a_threshold_nobody_gave_is_none(engine: Engine) -> None:
    bare = replace(engine.model, thresholds=())
    assert np.isnan(inquiry.thresholds_by_group(bare)).all()
    one = replace(bare, thresholds=(Threshold("poor", "baht", 5.0),))
    assert inquiry.thresholds_by_group(one, "baht")[0] == 5

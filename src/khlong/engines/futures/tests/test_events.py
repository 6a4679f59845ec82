"""Events of a shortlist against the expected annual impact of the same package."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khlong.engines.futures import direct, events
from khlong.engines.futures import packages as numbers
from khlong.engines.futures.model import ActKind, Model
from khlong.engines.futures.sampling import draw
from khlong.engines.futures.tests.models import models, random_model

FEW = ((ActKind.SHIFT,), (ActKind.PROTECT, ActKind.EXPOSURE), (ActKind.TRANSFER,))


@settings(max_examples=25)
@given(models(), st.data())
def test_the_area_under_each_curve_is_the_expected_annual_impact(model: Model, data: st.DataObject) -> None:
    futures = draw(model, 2, 1)
    package = data.draw(st.integers(0, numbers.count(model) - 1))
    knot = data.draw(st.integers(0, len(model.years) - 1))
    (found,) = events.losses(model, futures, 1, (package,), knot)
    expected = direct.expected(model, futures, 1, package)
    assert found.year == model.years[knot]
    for number, channel in enumerate(model.channels):
        assert found.curve(*channel).expected == pytest.approx(expected[channel][knot], rel=1e-9, abs=1e-9)
        assert found.layers()[number].sum() == pytest.approx(expected[channel][knot], rel=1e-9, abs=1e-9)


def test_money_of_all_groups_is_not_the_sum_of_their_curves_but_of_their_events() -> None:
    model = random_model(31, acts=FEW)
    (found,) = events.losses(model, draw(model, 1, 1), 0, (3,))
    whole = found.money()
    each = [found.money(group.key) for group in model.groups]
    assert whole.expected == pytest.approx(sum(one.expected for one in each))
    assert whole.loss[0] <= sum(one.loss[0] for one in each if len(one.loss)) + 1e-6


def test_a_certainty_equivalent_is_never_below_the_mean() -> None:
    model = random_model(32, acts=FEW)
    (found,) = events.losses(model, draw(model, 1, 1), 0, (0,))
    for key, value in found.certainty_equivalents().items():
        assert value >= found.money(key).expected * (1 - 1e-9)
    flat = found.certainty_equivalents(0.0)
    assert flat == pytest.approx({key: found.money(key).expected for key in flat})


def test_a_group_of_unknown_size_has_no_certainty_equivalent() -> None:
    model = random_model(33, acts=FEW)
    unknown = replace(model.groups[0], people=float("nan"))
    model = replace(model, groups=(unknown, *model.groups[1:]))
    (found,) = events.losses(model, draw(model, 1, 1), 0, (0,))
    assert np.isnan(found.certainty_equivalents()[unknown.key])


def test_a_shortlist_keeps_its_order() -> None:
    model = random_model(34, acts=FEW)
    assert [each.package for each in events.losses(model, draw(model, 1, 1), 0, (5, 0, 2))] == [5, 0, 2]

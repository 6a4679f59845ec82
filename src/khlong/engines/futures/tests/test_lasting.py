"""Tipping years of the whole lattice, against those of each package by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings

from khlong.engines.futures import direct, inquiry, lasting, tipping
from khlong.engines.futures.appraise import Engine
from khlong.engines.futures.errors import CancelledError
from khlong.engines.futures.model import ActKind, Model, Threshold
from khlong.engines.futures.sampling import draw
from khlong.engines.futures.tests.models import models, random_model

if TYPE_CHECKING:
    from khlong.engines.futures.sampling import Futures

FEW = ((ActKind.SHIFT,), (ActKind.PROTECT, ActKind.EXPOSURE), (ActKind.ECOSYSTEM,), (ActKind.SHIFT,))


def middling(engine: Engine, futures: Futures) -> tuple[Threshold, ...]:
    """Thresholds that some futures tip over on the way."""
    path = inquiry.paths(engine, futures, (0,))[0]
    values = (float(np.quantile(each, 0.6)) for each in path)
    pairs = zip(engine.model.channels, values, strict=True)
    return tuple(Threshold(g, k, most) for (g, k), most in pairs)


@settings(max_examples=20)
@given(models())
def test_the_counts_are_those_of_each_package_by_itself(model: Model) -> None:
    engine, futures = Engine(model, threads=2), draw(model, 70, 3)
    thresholds = middling(engine, futures)
    found = lasting.lasting(engine, futures, thresholds)
    packages = range(engine.program.packages)
    keys, years = lasting.exact(engine, futures, packages, thresholds)
    assert keys == found.groups
    if keys:
        counted = tipping.counts_by_year(model.years[0], model.years[-1], np.moveaxis(years, 0, 1))
        assert np.abs(found.years - counted).sum() <= 2  # a year's end met to the last digit


def test_an_exact_year_is_that_of_the_direct_evaluator() -> None:
    model = random_model(21, acts=FEW)
    engine, futures = Engine(model, threads=1), draw(model, 20, 3)
    thresholds = middling(engine, futures)
    keys, found = lasting.exact(engine, futures, (5,), thresholds)
    most = {(each.group, each.kind): each.most for each in thresholds}
    for w in range(20):
        paths = direct.expected(model, futures, w, 5)
        for number, key in enumerate(keys):
            slow = min(
                float(tipping.tipping_years(model.years, path, most[channel]))
                for channel, path in paths.items()
                if channel[0] == key
            )
            assert found[0, number, w] == pytest.approx(slow, abs=1e-6)


def test_threads_and_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    model = random_model(22, acts=FEW, excluding=2)
    futures = draw(model, 150, 1)
    thresholds = middling(Engine(model, threads=1), futures)
    one = lasting.lasting(Engine(model, threads=1), futures, thresholds)
    monkeypatch.setattr(lasting, "BLOCK", 37)
    two = lasting.lasting(Engine(model, threads=2), futures, thresholds)
    assert (one.years == two.years).all()
    assert (one.years.sum(axis=-1) == 150).all()


def test_percentiles_and_what_is_still_enough() -> None:
    years = np.zeros((1, 2, 5), np.int32)
    years[0, 0] = [1, 4, 3, 1, 1]
    years[0, 1] = [0, 0, 0, 0, 10]
    found = lasting.Lasting(("poor",), 2030, 2032, 10, years)
    assert found.percentiles()[0].tolist() == [[-np.inf, 2030, 2032], [np.inf] * 3]
    assert found.enough(2031)[0] == pytest.approx([0.2, 1])


def test_without_thresholds_there_is_nothing_to_tip() -> None:
    model = replace(random_model(23, acts=FEW[:1]), thresholds=())
    engine, futures = Engine(model, threads=1), draw(model, 10, 1)
    assert lasting.lasting(engine, futures).groups == ()
    assert lasting.exact(engine, futures, (0,))[1].shape == (1, 0, 10)
    assert lasting.sentences(engine, futures, 0) == {}


def test_every_group_gets_its_sentence_in_both_languages() -> None:
    model = random_model(24, acts=FEW[:1])
    engine, futures = Engine(model, threads=1), draw(model, 40, 1)
    found = lasting.sentences(engine, futures, 0, middling(engine, futures))
    assert set(found) == {group for group, _ in model.channels}
    for key, words in found.items():
        assert words.en.startswith(f"For {key} it is")
        assert words.th.startswith(f"สำหรับชื่อ {key}")


def test_progress_is_told_and_a_stop_leaves_nothing() -> None:
    model = random_model(25, acts=FEW[:2])
    engine, futures = Engine(model, threads=1), draw(model, 30, 1)
    told: list[tuple[int, int]] = []
    lasting.lasting(engine, futures, progress=lambda done, of: told.append((done, of)))
    assert told == [(30, 30)]
    with pytest.raises(CancelledError):
        lasting.lasting(engine, futures, cancelled=lambda: True)

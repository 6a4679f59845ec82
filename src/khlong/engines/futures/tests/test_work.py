"""How long a run takes: said beforehand, refused when very long, done when asked for expressly."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from khlong.engines.futures import outputs, process, work, zoned
from khlong.engines.futures.errors import TooLongError
from khlong.engines.futures.memory import refuse_lattice
from khlong.engines.futures.modelfile import load
from khlong.engines.futures.packages import count
from khlong.engines.futures.tests.test_zones import TWO, split_model
from khlong.engines.futures.work import MOST, SAID, Patience, Work

if TYPE_CHECKING:
    from pathlib import Path

    from khlong.engines.futures.errors import Words
    from khlong.engines.futures.model import Model

SMALL = outputs.TRAINING.with_name("who-pays.yaml")


def large() -> Model:
    """Eighteen measures for one group and kind: memory holds it, time is another matter."""
    model = split_model(9, TWO, 9)
    layer = model.layers[0]
    return replace(model, layers=(layer,), thresholds=())


def planned(model: Model, futures: int, *, metrics: bool = True, tables: bool = False) -> Work:
    return work.work([model], futures, metrics=metrics, tables=tables, threads=2)


def test_eighteen_measures_with_one_channel_pass_the_memory_and_are_told_or_refused_by_their_time() -> None:
    model = large()
    assert count(model) == 2**18
    assert len(model.channels) == 1
    refuse_lattice(model)
    told: list[Words] = []
    usual, many = planned(model, 20_000, tables=True), planned(model, 200_000, tables=True)
    assert SAID < usual.seconds < MOST < many.seconds
    Patience(tell=told.append).ask(usual)
    assert "262,144 packages in 20,000 futures" in told[0].en
    assert "262,144 ชุดมาตรการ 20,000 อนาคต" in told[0].th
    with pytest.raises(TooLongError) as refused:
        Patience(tell=told.append).ask(many)
    for language in ("th", "en"):
        words = refused.value.in_words(language)
        for mend in ("--zones", "lever", "--long", f"{many.fitting():,}"):
            assert mend in words
    assert len(told) == 1
    Patience(long=True, tell=told.append).ask(many)
    assert "200,000 futures" in told[1].en


def test_what_is_short_is_neither_told_nor_refused() -> None:
    told: list[Words] = []
    Patience(tell=told.append).ask(planned(load(SMALL), 10_000, tables=True))
    assert told == []


def test_as_many_futures_as_are_offered_are_within_the_limit_and_not_far_below() -> None:
    model = large()
    fitting = planned(model, 200_000).fitting()
    assert 0.8 * MOST < planned(model, fitting).seconds <= MOST
    assert Work(1, 1, 10, 2 * MOST, 1.0).fitting() == 0
    assert "fewer futures" in Work(1, 1, 10, 2 * MOST, 1.0).mend().en


def test_work_grows_with_packages_futures_and_channels_and_is_shared_by_processors() -> None:
    model = large()
    one = planned(model, 1000)
    assert planned(model, 2000).each == one.each
    assert planned(split_model(9, TWO, 8), 1000).channels > 1
    halved = replace(model, measures=model.measures[:-1])
    assert planned(halved, 1000).each == pytest.approx(one.each / 2, rel=0.1)
    assert work.work([model], 1000, metrics=True, tables=False, threads=4).each == pytest.approx(one.each / 2)
    assert planned(model, 1000, tables=True).seconds > one.seconds
    assert planned(model, 1000, metrics=False).seconds < one.seconds
    spread = work.work([model], 1000, metrics=True, tables=False, elsewhere=True, threads=2)
    assert spread.each < one.each


def test_coefficients_count_too_and_again_for_each_objective_where_memory_does_not_hold_them() -> None:
    model = large()
    assert work.local_packages(model) == 2 * 2**9, "nine measures meet in each of two zones"
    assert planned(model, 200_000).each > planned(model, 20_000).each
    apart = [replace(model, measures=model.measures[:9]), replace(model, measures=model.measures[9:])]
    many = work.work(apart, 2_000_000, metrics=False, tables=True, zoned=True, threads=2)
    assert many.seconds > MOST, "few packages, but very many futures"


def test_zones_are_the_mend_and_no_longer_offered_to_those_who_have_them() -> None:
    model = large()
    apart = [replace(model, measures=model.measures[:9]), replace(model, measures=model.measures[9:])]
    by_zone = work.work(apart, 20_000, metrics=False, tables=True, zoned=True, threads=2)
    assert by_zone.packages == 1024
    assert by_zone.seconds < SAID
    assert "--zones" not in by_zone.mend().en
    assert "--zones" not in by_zone.mend().th


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "SAID", 0.0)
    monkeypatch.setattr(work, "MOST", 0.0)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("appraise_file", [outputs.appraise_file, zoned.appraise_zones_file])
def test_a_long_run_is_refused_before_anything_is_drawn_and_leaves_no_folder(
    appraise_file: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drawn(*_given: Any) -> None:
        raise AssertionError("it began")

    monkeypatch.setattr(outputs, "draw", drawn)
    monkeypatch.setattr(zoned, "draw", drawn)
    with pytest.raises(TooLongError):
        appraise_file(SMALL, futures=100, seed=1, out=tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("zones", [False, True])
def test_the_process_refuses_in_words_what_takes_long_and_does_it_when_asked_expressly(zones: bool) -> None:
    appraise = process.handlers()["appraise"]
    asked = {"do": "appraise", "model": str(SMALL), "futures": 64, "seed": 7, "zones": zones}
    one, other = socket.socketpair()
    with one, other:
        caller = process.Caller(one)
        refused = process.answered(appraise, asked, caller)["error"]
        assert refused["field"] == "futures"
        assert "--long" in refused["th"]
        assert "นาที" in refused["th"]
        assert "The limit is" in refused["en"]
        assert process.answered(appraise, asked | {"long": True}, caller)["result"]["futures"] == 64
        assert "error" in process.answered(appraise, asked | {"long": "yes"}, caller)

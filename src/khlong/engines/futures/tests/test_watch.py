"""One bar and one stop from the table to the last file: every part tells how far it is and ends when it is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from khlong.engines.futures import outputs, quantiles, zoned
from khlong.engines.futures.appraise import Engine, Report
from khlong.engines.futures.errors import CancelledError
from khlong.engines.futures.modelfile import load
from khlong.engines.futures.sampling import draw
from khlong.engines.futures.sketch import least, sketches
from khlong.engines.futures.tests.test_zones import TWO, split_model
from khlong.engines.futures.watch import ROWS, Watch

if TYPE_CHECKING:
    from pathlib import Path

SMALL = outputs.TRAINING.with_name("who-pays.yaml")
FUTURES = 600
CHANNELS = 2
PARTS = 1 + (CHANNELS + 1) + 1 + 1  # table, sketches, tipping years, chains
BY_ZONE = 1 + (CHANNELS + 1) + 1


def stopping_at(part: int) -> dict[str, Any]:
    """Progress, and a caller who goes away as soon as the part has begun to tell."""
    seen: list[int] = []
    return {
        "progress": lambda done, _of: seen.append(done),
        "cancelled": lambda: bool(seen) and seen[-1] > part * FUTURES,
    }


def test_the_bar_goes_over_the_sketches_and_every_other_part_to_its_end(tmp_path: Path) -> None:
    assert len(load(SMALL).channels) == CHANNELS
    seen: list[tuple[int, int]] = []
    outputs.appraise_file(
        SMALL,
        futures=FUTURES,
        seed=7,
        out=tmp_path / "out",
        progress=lambda done, of: seen.append((done, of)),
    )
    assert seen == sorted(seen)
    assert seen[-1] == (PARTS * FUTURES, PARTS * FUTURES)
    assert {done // FUTURES for done, _of in seen} >= set(range(1, PARTS + 1))


@pytest.mark.parametrize("part", range(PARTS - 1))
def test_a_run_stops_in_every_part_and_leaves_no_folder(part: int, tmp_path: Path) -> None:
    with pytest.raises(CancelledError):
        outputs.appraise_file(SMALL, futures=FUTURES, seed=7, out=tmp_path / "out", **stopping_at(part))
    assert list(tmp_path.iterdir()) == []


def test_without_files_the_tipping_years_of_all_packages_are_no_part_of_the_bar() -> None:
    seen: list[tuple[int, int]] = []
    outputs.appraise_file(SMALL, futures=FUTURES, seed=7, progress=lambda done, of: seen.append((done, of)))
    assert seen[-1] == ((PARTS - 1) * FUTURES, (PARTS - 1) * FUTURES)


def test_zones_have_one_bar_with_the_sketches_of_each_and_stop_in_any(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    zoned.appraise_zones_file(
        SMALL,
        futures=FUTURES,
        seed=7,
        out=tmp_path / "out",
        progress=lambda done, of: seen.append((done, of)),
    )
    whole = seen[-1][1]
    assert whole % (BY_ZONE * FUTURES) == 0
    assert seen[-1] == (whole, whole)
    assert seen == sorted(seen)
    for part in range(whole // FUTURES - 1):
        with pytest.raises(CancelledError):
            zoned.appraise_zones_file(
                SMALL, futures=FUTURES, seed=7, out=tmp_path / f"out-{part}", **stopping_at(part)
            )
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_reading_the_bins_some_packages_at_a_time_changes_no_bit_and_can_be_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = Engine(split_model(4, TWO, 4), 2)
    futures = draw(engine.model, 300, 3)
    table = engine.appraise(futures)
    whole = quantiles.quantiles(engine, futures, table, (0, 255))
    monkeypatch.setattr(quantiles, "READ", 7)
    some = quantiles.quantiles(engine, futures, table, (0, 255))
    assert np.array_equal(whole.values, some.values)
    assert np.array_equal(whole.errors, some.errors)
    assert whole.exact == some.exact
    asked: list[int] = []

    def third() -> bool:
        asked.append(1)
        return len(asked) == 3

    pair = sketches(engine, futures, table, 0)
    with pytest.raises(CancelledError):
        quantiles.sketched(*pair, Report(None, third, 300))
    with pytest.raises(CancelledError):
        least(engine, futures, 0, Report(None, lambda: True, 300))
    with pytest.raises(CancelledError):
        sketches(engine, futures, table, 0, report=Report(None, lambda: True, 300))


def test_long_tables_stop_between_their_rows() -> None:
    gone: list[int] = []
    watch = Watch(cancelled=lambda: bool(gone))
    rows = watch.rows(iter(range(3 * ROWS)))
    assert [next(rows) for _ in range(ROWS)] == list(range(ROWS))
    gone.append(1)
    with pytest.raises(CancelledError):
        next(rows)


def test_a_question_that_is_asked_twice_does_not_go_beyond_the_bar() -> None:
    seen: list[tuple[int, int]] = []
    watch = Watch(lambda done, of: seen.append((done, of)), None, 10, 1)
    for _twice in range(2):
        watch.report().done(10)
        watch.next()
    assert seen == [(10, 10), (10, 10)]

"""A cluster gives the same bits as this machine, also when a worker is killed on the way."""

from __future__ import annotations

import dataclasses
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from khlong.engines.futures import scale
from khlong.engines.futures.appraise import appraise
from khlong.engines.futures.errors import CancelledError, FuturesError
from khlong.engines.futures.lattice import BLOCK
from khlong.engines.futures.modelfile import load
from khlong.engines.futures.sampling import draw
from khlong.engines.futures.table import Joiner, Table

distributed = pytest.importorskip("distributed")
FOLDER = Path(__file__).resolve().parent.parent / "models"
COUNT = 5000  # ten blocks and a broken one, in several tasks


def same_bits(one: Table, other: Table) -> bool:
    arrays = [
        part.name for part in dataclasses.fields(Table) if isinstance(getattr(one, part.name), np.ndarray)
    ]
    assert len(arrays) >= 10
    return all(getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in arrays)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as made:
        yield made


@pytest.fixture
def client(cluster: Any) -> Iterator[Any]:
    with distributed.Client(cluster, set_as_default=False) as made:
        made.wait_for_workers(2)
        yield made


@pytest.mark.slow
def test_several_models_on_two_workers_of_which_one_is_killed_give_the_same_bits(client: Any) -> None:
    models = [load(FOLDER / f"{name}.yaml") for name in ("training", "wall-and-estate")]
    drawn = [draw(model, COUNT, seed=7) for model in models]
    killed: list[int] = []

    def kill_one(_done: int, _of: int) -> None:
        if not killed:
            killed.append(next(iter(client.run(os.getpid).values())))
            os.kill(killed[0], signal.SIGKILL)

    found = scale.appraise_all(client, models, drawn, progress=kill_one)
    assert killed
    for model, futures, table in zip(models, drawn, found, strict=True):
        assert same_bits(table, appraise(model, futures))


@pytest.mark.slow
def test_a_run_on_a_cluster_can_be_stopped(client: Any) -> None:
    model = load(FOLDER / "training.yaml")
    with pytest.raises(CancelledError):
        scale.appraise_all(client, [model], [draw(model, COUNT, seed=7)], cancelled=lambda: True)


def test_a_scheduler_that_is_not_there_is_refused_in_words() -> None:
    with pytest.raises(FuturesError, match=r"cannot be reached") as refused:
        scale.connected("tcp://127.0.0.1:9")
    assert "ติดต่อ" in refused.value.in_words("th")


@pytest.mark.parametrize("count", [100, 256, 2048, COUNT])
def test_runs_of_blocks_joined_elsewhere_give_the_same_bits(count: int) -> None:
    model = load(FOLDER / "who-pays.yaml")
    futures, joiner = draw(model, count, seed=3), Joiner()
    packed = scale.Packed.of(model)
    starts = list(range(0, count, scale.RUN * BLOCK))
    for start in reversed(starts):
        part = futures.part(start, min(start + scale.RUN * BLOCK, count))
        for level, each in scale.run_of_blocks(packed, part, start // BLOCK):
            joiner.add(each, level)
    assert same_bits(scale.table(model, futures, joiner), appraise(model, futures))


def test_a_worker_keeps_only_the_last_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale, "KEPT_MODELS", 1)
    scale._ready.clear()
    packed = [scale.Packed.of(load(FOLDER / f"{name}.yaml")) for name in ("one-house", "who-pays")]
    first = scale.ready(packed[0])
    assert scale.ready(packed[0]) is first
    scale.ready(packed[1])
    assert list(scale._ready) == [packed[1].token]

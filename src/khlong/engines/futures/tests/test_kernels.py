"""The compiled loops by themselves: look-ups, the transform, bits, and where compiled code is kept."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khlong.engines.futures import kernels, lattice, stagea
from khlong.engines.futures.compile import compiled
from khlong.engines.futures.sampling import draw
from khlong.engines.futures.table import Joiner, Partial
from khlong.engines.futures.tables import Rows, fill, reach, stop_loss_at
from khlong.engines.futures.tests.models import random_model


def test_a_stop_loss_row_is_the_sum_over_events_and_places() -> None:
    hazard = random_model(1, places=5, events=9).hazards[0]
    value = np.array([3.0, 0.5, 0.0, 7.0, 1.25])
    row_of = np.array([0, 1, -1, 0, 1], np.int32)
    table = fill([Rows(hazard, row_of, value, 2)])[0]
    low, _ = reach(hazard)
    weight = hazard.frequency[hazard.event] * value[hazard.place]
    for t in (-900.0, -3.5, 0.0, 0.25, 777.75, 2_000.0, 9_999.0):
        for row in (0, 1):
            mine = row_of[hazard.place] == row
            slow = (weight * np.maximum(hazard.intensity - t, 0))[mine].sum()
            assert stop_loss_at(table[row], low, t) == pytest.approx(slow, rel=1e-12, abs=1e-12)


@given(
    st.lists(st.integers(2, 4), min_size=1, max_size=5), st.integers(0, 99), st.sampled_from([1, 4, 16, 4096])
)
def test_the_transform_sums_the_sets_inside_each_package(radices: list[int], seed: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    packages = int(np.prod(radices))
    sets = []
    for package in rng.permutation(packages)[: max(1, packages // 2)]:
        levels = lattice.levels_of(int(package), radices)
        sets.append(tuple((lever, level) for lever, level in enumerate(levels) if level))
    values = rng.standard_normal(len(sets))
    layout = lattice.Layout.of(radices, most)
    scatter, masks = (
        lattice.scattered(layout, radices, sets),
        lattice.lane_masks(radices[: layout.lane_levers]),
    )
    row, found = np.empty(layout.block), []
    for top in range(layout.tops):
        first, stop = scatter.start[top], scatter.start[top + 1]
        upper = np.array(layout.radices, np.int64)
        lattice.fill(row, values, scatter.source, scatter.at, scatter.mask, first, stop, masks, upper)
        found.extend(row.tolist())
        assert lattice.least(row) == np.min(row)
    for package in range(packages):
        levels = lattice.levels_of(package, radices)
        inside = [all(levels[lever] == level for lever, level in each) for each in sets]
        assert found[package] == pytest.approx(values[inside].sum(), abs=1e-12)


@pytest.mark.parametrize("toggles", range(1, 13))
def test_toggles_take_the_wide_way_to_the_same_sums(toggles: int) -> None:
    rng = np.random.default_rng(toggles)
    radices = [2] * toggles
    sets = [tuple((lever, 1) for lever in range(toggles) if mask >> lever & 1) for mask in range(2**toggles)]
    values, layout = rng.standard_normal(len(sets)), lattice.Layout.of(radices)
    scatter, masks = (
        lattice.scattered(layout, radices, sets),
        lattice.lane_masks(radices[: layout.lane_levers]),
    )
    row, slow = np.empty(layout.block), values.copy()
    upper = np.array(layout.radices, np.int64)
    lattice.fill(row, values, scatter.source, scatter.at, scatter.mask, 0, len(sets), masks, upper)
    for lever in range(toggles):
        for package in range(len(slow)):
            if package >> lever & 1:
                slow[package] += slow[package ^ (1 << lever)]
    assert np.allclose(row, slow, rtol=1e-12, atol=1e-12)
    assert lattice.least(row) == np.min(row)


def test_bits_are_counted() -> None:
    bits = np.array([[0, 1, -1, 5], [0, 0, -(2**63), 2**62]], np.int64)
    out = np.zeros(4, np.int32)
    lattice.count_words(bits, out)
    assert out.tolist() == [0, 1, 65, 3]


@given(st.integers(1, 40), st.randoms(use_true_random=False))
def test_partials_join_to_the_same_bits_in_whatever_order_they_come(blocks: int, random: object) -> None:
    rng = np.random.default_rng(blocks)
    values = rng.random((blocks, 3)) * 1e6

    def joined(order: list[int]) -> Partial:
        joiner = Joiner()
        for block in order:
            part = Partial.empty(block, 1, 1, 1, 3)
            part.statistics[:, lattice.SUM] = values[block]
            part.statistics[:, lattice.LEAST] = part.statistics[:, lattice.MOST] = values[block]
            joiner.add(part)
        assert len(joiner.waiting) == len(Joiner.spans(blocks))
        return joiner.done()

    order = list(range(blocks))
    straight = joined(order)
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = joined(order)
    assert np.array_equal(straight.statistics[:, : lattice.REGRET], shuffled.statistics[:, : lattice.REGRET])
    assert straight.count == blocks
    mean, sd = straight.statistics[0, lattice.SUM] / blocks, straight.statistics[0, lattice.SQUARES]
    assert np.allclose(mean, values.mean(axis=0))
    assert np.allclose(sd, ((values - values.mean(axis=0)) ** 2).sum(axis=0), rtol=1e-9, atol=1e-3)


def test_a_part_of_the_futures_gives_the_bits_of_the_whole() -> None:
    model = random_model(4)
    program, futures = compiled(model), draw(model, 700, 1)
    whole = stagea.coefficients(program, futures)
    for start, stop in pairwise((0, 1, 130, 513, 700)):
        part = stagea.coefficients(program, futures.part(start, stop))
        assert np.array_equal(part, whole[:, start:stop])


def test_compiled_code_is_kept_only_where_nobody_else_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = kernels.cache_folder()
    assert folder == tmp_path / "khlong" / "kernels"
    assert folder.stat().st_mode & 0o077 == 0
    folder.chmod(0o777)
    assert kernels.cache_folder() is None


def test_without_a_folder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert kernels.cache_folder() is None
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert kernels.cache_folder() == Path(os.environ["NUMBA_CACHE_DIR"])

"""A run as files and as words: whole or not at all, the same bytes again, every share with its error."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from khlong.engines.futures import commands, direct, inquiry, outputs, packages, quantiles
from khlong.engines.futures.client import Engine as Asked
from khlong.engines.futures.errors import CancelledError, FuturesError, ModelError, TooLargeError
from khlong.engines.futures.modelfile import load
from khlong.engines.futures.outputs import TRAINING, Run, appraise_file, run, summary, write

FOLDER = TRAINING.parent
SMALL = FOLDER / "who-pays.yaml"


@pytest.fixture(scope="module")
def done() -> Run:
    return run(load(SMALL), 700, 7)


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def test_a_folder_holds_every_table_and_a_manifest_that_names_each_file(done: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(done, SMALL, out)
    told = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert {path.name for path in out.iterdir()} == {*told["files"], "manifest.json"}
    for name, digest in told["files"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest
    assert told["inputs"] == {SMALL.name: hashlib.sha256(SMALL.read_bytes()).hexdigest()}
    assert told["example"] is True
    assert told["rules"]["frequency of flood"].startswith("memory")
    assert {"numpy", "numba", "scipy", "python", "engine"} <= set(told["versions"])
    assert len(rows(out, "packages")) == done.table.packages == 6
    assert len(rows(out, "burdens")) == 6 * len(done.model.channels)
    assert len(rows(out, "groups")) == 6 * len(done.table.groups)
    assert len(rows(out, "futures")) == 700
    assert len(rows(out, "tipping")) == 6 * 2


def test_the_manifest_says_what_every_column_holds(done: Run, tmp_path: Path) -> None:
    write(done, SMALL, tmp_path / "out")
    told = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))["columns"]
    assert set(told) == {*outputs.TABLES, "choices"}
    for name, columns in ((name, told[name]) for name in outputs.TABLES):
        found = list(rows(tmp_path / "out", name)[0])
        dimensions = [each.key for each in done.model.dimensions] if name == "futures" else []
        assert found == [*columns, *dimensions], name
        assert all(words["th"] and words["en"] for words in columns.values())


def test_quantile_metrics_of_every_package_and_objective_are_written_with_their_error(
    done: Run, tmp_path: Path
) -> None:
    write(done, SMALL, tmp_path / "out")
    found = rows(tmp_path / "out", "quantiles")
    assert len(found) == 6 * (len(done.model.channels) + 1)
    totals = [
        [direct.total(done.model, done.futures, w, package) for package in range(6)] for w in range(700)
    ]
    regret = np.array(totals) - np.min(totals, axis=1, keepdims=True)
    for row in (each for each in found if not each["group"]):
        package = int(row["package"])
        assert row["by"] == "exact"
        assert float(row["regret_p90"]) == pytest.approx(
            np.quantile(regret[:, package], 0.9), rel=1e-6, abs=1e-2
        )
        assert float(row["p90"]) == pytest.approx(np.quantile(np.array(totals)[:, package], 0.9), rel=1e-9)
        assert {float(row[each]) for each in quantiles.ERRORS} == {0.0}


def test_the_summary_holds_the_quantile_metrics_and_says_them(done: Run) -> None:
    told = summary(done)
    for package in told["shortlist"].values():
        assert set(package["quantiles"]) == set(quantiles.METRICS)
        assert package["quantiles"]["regret_p90"] <= package["regret"]
    best = told["quantiles"]["best"]["regret_p90"]
    assert best["sure"] is best["exact"] is True
    assert "exact for all 6 packages" in told["quantiles"]["sentence"]["en"]
    printed = "\n".join(commands.lines(told, "th"))
    assert told["quantiles"]["sentence"]["th"] in printed
    assert "ในเก้าในสิบของอนาคต" in printed


def test_the_years_of_all_packages_are_those_of_the_shortlist(done: Run) -> None:
    table = {(row["package"], row["group"]): row for row in outputs.tipping_rows(done)}
    for number in dict.fromkeys(done.shortlist.values()):
        for group, told in outputs.tipping_words(done, number).items():
            assert {name: str(told[name]) for name in ("p10", "p50", "p90")}.items() <= table[
                number, group
            ].items()


def test_the_shortlist_reads_the_knots_once_and_each_package_as_if_it_were_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done = run(load(SMALL), 300, 7)
    asked: list[tuple[int, ...]] = []
    slow = inquiry.paths

    def paths(engine: Any, futures: Any, numbers: tuple[int, ...]) -> Any:
        asked.append(numbers)
        return slow(engine, futures, numbers)

    monkeypatch.setattr(inquiry, "paths", paths)
    summary(done)
    numbers = tuple(dict.fromkeys(done.shortlist.values()))
    assert asked == [numbers]
    for number in numbers:
        alone = outputs.tipped_of(done.model, slow(done.engine, done.futures, (number,))[0])
        for group, years in outputs.tipped(done, number).items():
            assert np.array_equal(years, alone[group])


def test_building_in_steps_never_costs_more_and_its_worth_is_told(done: Run) -> None:
    told = summary(done)["flexibility"]
    assert told["mean_saved"] >= 0
    assert told["sentence"]["th"] != told["sentence"]["en"]


def test_the_numbers_in_the_files_are_those_of_the_direct_evaluator(done: Run, tmp_path: Path) -> None:
    write(done, SMALL, tmp_path / "out")
    for row in rows(tmp_path / "out", "burdens"):
        package, channel = int(row["package"]), (row["group"], row["kind"])
        slow = [direct.burden(done.model, done.futures, w, package)[channel] for w in range(0, 700, 100)]
        number = done.model.channels.index(channel)
        fast = inquiry.burdens(done.engine, done.futures, (package,))[0, number, ::100]
        assert fast == pytest.approx(slow, rel=1e-9)
        assert float(row["lowest"]) <= min(slow) * (1 + 1e-9)
        assert float(row["highest"]) >= max(slow) * (1 - 1e-9)


def test_shapley_values_add_up_to_what_the_whole_package_does(done: Run) -> None:
    last = done.table.packages - 1
    for number, (group, kind) in enumerate(done.model.channels):
        summed = sum(
            row["shapley"]
            for row in outputs.measure_rows(done)
            if (row["group"], row["kind"]) == (group, kind)
        )
        assert summed == pytest.approx(done.table.mean[number][last] - done.table.mean[number][0], rel=1e-9)


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        appraise_file(SMALL, futures=300, seed=seed, out=tmp_path / name)
    a, b, c = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in "abc")
    assert a == b
    assert a["packages.csv"] != c["packages.csv"]


def test_parquet_holds_the_same_numbers(done: Run, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    write(done, SMALL, tmp_path / "csv")
    write(done, SMALL, tmp_path / "parquet", "parquet")
    table = parquet.read_table(tmp_path / "parquet" / "packages.parquet").to_pylist()
    for one, other in zip(table, rows(tmp_path / "csv", "packages"), strict=True):
        assert float(other["total_mean"]) == one["total_mean"]
        assert other["measures"] == one["measures"]


def test_a_folder_that_holds_something_is_left_alone(done: Run, tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("ของเดิม", encoding="utf-8")
    with pytest.raises(FuturesError, match="holds something already"):
        write(done, SMALL, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_what_breaks_off_leaves_no_half_folder(
    done: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_given: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(outputs, "write_json", full)
    with pytest.raises(FuturesError, match="No space left") as refused:
        write(done, SMALL, tmp_path / "out")
    assert "พื้นที่ดิสก์เต็ม" in refused.value.in_words("th")
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_stopped_gives_nothing(tmp_path: Path) -> None:
    with pytest.raises(CancelledError):
        appraise_file(SMALL, futures=300, seed=1, out=tmp_path / "out", cancelled=lambda: True)
    assert list(tmp_path.iterdir()) == []


def test_every_share_in_the_summary_has_its_error(done: Run) -> None:
    told = summary(done)
    for package in told["shortlist"].values():
        for name in ("group_domain", "starr_domain"):
            p = package[name]["share"]
            assert package[name]["error"] == pytest.approx(max((p * (1 - p) / 700) ** 0.5, 1 / 700))
    assert set(told["shortlist"]) == {"nothing", "base", "widest_domain", "least_regret", "least_mean"}
    json.dumps(told, allow_nan=False)


def test_the_wider_canal_leaves_the_fishers_worse_off_and_it_is_said(done: Run) -> None:
    large = packages.package_of(done.model, [1])
    told = outputs.package_words(done, large)["worse_off"]
    assert "fishers" in told["en"]
    assert "ชาวประมง" in told["th"]
    both = packages.package_of(done.model, [1, 2])
    fishers = done.table.groups.index("fishers")
    assert done.table.worse_than_nothing[fishers, large] == 1.0
    assert done.table.worse_than_nothing[fishers, both] < 0.01


def test_the_wall_that_looked_best_fails_when_the_plain_is_filled_and_the_sentence_says_so() -> None:
    done = run(load(FOLDER / "wall-and-estate.yaml"), 2000, 7)
    wall, both = packages.package_of(done.model, [0]), packages.package_of(done.model, [0, 1])
    assert done.table.domain[both] > done.table.domain[wall]
    told = outputs.fails(done, wall)
    assert "share of the plain that is filled above" in told["sentence"]["en"]
    assert "ทุ่งที่ถูกถมเกิน" in told["sentence"]["th"]
    assert told["coverage"] > 0.5


def test_an_unknown_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        appraise_file(SMALL, futures=10, seed=1, out=tmp_path / "o", form="xlsx")


# --- the process ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_process_computes_the_same_as_here_and_stops_when_its_caller_does(tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    process = subprocess.Popen([sys.executable, "-m", "khlong.engines.futures.process", str(path)])
    try:
        asked = Asked(path)
        for _try in range(600):
            if asked.ready():
                break
            threading.Event().wait(0.2)
        request = {"do": "appraise", "model": str(SMALL), "futures": 300, "seed": 7}
        assert asked.call(request) == json.loads(json.dumps(appraise_file(SMALL, futures=300, seed=7)))
        seen: list[int] = []
        with pytest.raises(CancelledError):
            asked.call(
                request | {"model": str(TRAINING), "futures": 200_000, "long": True},
                lambda done, _of: seen.append(done),
                cancelled=lambda: bool(seen),
                patience=0.05,
            )
        assert asked.ready()
        with pytest.raises(FuturesError, match="cannot be opened"):
            asked.call(request | {"model": "/nowhere.yaml"})
    finally:
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(60) == 0


def test_infinite_numbers_become_json() -> None:
    assert outputs.plain(np.inf) == 1e308
    assert outputs.plain(-np.inf) == -1e308
    assert outputs.plain(np.nan) == 0.0


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_model_in_which_nobody_has_a_threshold_is_written_too(form: str, tmp_path: Path) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow.parquet")
    nobody = run(replace(load(SMALL), thresholds=()), 64, 7, tables=True)
    write(nobody, SMALL, tmp_path / "out", form)
    assert list(outputs.tipping_rows(nobody)) == []
    assert (tmp_path / "out" / f"tipping.{form}").exists()
    assert (tmp_path / "out" / "manifest.json").exists()


@pytest.mark.parametrize("name", ["one-house", "wall-and-estate", "who-pays"])
@pytest.mark.parametrize("count", [1, 3, 64])
def test_every_example_is_appraised_from_its_file_with_however_few_futures(name: str, count: int) -> None:
    found = outputs.appraise_file(FOLDER / f"{name}.yaml", futures=count, seed=1)
    assert found["futures"] == count
    assert all(found["fails"]["sentence"].values())


def test_more_futures_than_memory_holds_are_refused_before_they_are_drawn() -> None:
    with pytest.raises(TooLargeError) as refused:
        outputs.appraise_file(SMALL, futures=10**9, seed=1)
    assert refused.value.field == "futures"
    assert "10,000" in refused.value.in_words("th")


@pytest.mark.parametrize("every", ["-2", "900"])
def test_a_memory_that_cannot_be_is_refused_at_its_place_in_the_file(tmp_path: Path, every: str) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(
        SMALL.read_text(encoding="utf-8").replace("{every: 2,", f"{{every: {every},"), encoding="utf-8"
    )
    with pytest.raises(ModelError) as refused:
        load(wrong)
    assert refused.value.field.startswith("hazards[0].memory")

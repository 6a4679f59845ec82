"""A run zone by zone: the numbers of the direct evaluator for measures that no one lattice would hold."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from khlong.engines.futures import commands, direct, outputs, sketch, zoned
from khlong.engines.futures.errors import FuturesError, TooLargeError
from khlong.engines.futures.modelfile import load
from khlong.engines.futures.objectives import limits
from khlong.engines.futures.outputs import TRAINING, Run
from khlong.engines.futures.packages import count, package_of
from khlong.engines.futures.sampling import draw
from khlong.engines.futures.zoned import ZonedRun, appraise_zones_file
from khlong.engines.futures.zones import appraise_zones, zones

FILE = TRAINING.with_name("two-canals.yaml")
SMALL = TRAINING.with_name("who-pays.yaml")
N = 24


@pytest.fixture(scope="module")
def done() -> ZonedRun:
    model = load(FILE)
    return ZonedRun(appraise_zones(model, draw(model, N, 7)), outputs.rules(model))


def test_the_example_has_more_measures_than_one_lattice_and_falls_into_two_zones(done: ZonedRun) -> None:
    assert zones(done.model) == (tuple(range(11)), tuple(range(11, 22)))
    assert count(done.model) == done.packages == 2**22
    with pytest.raises(TooLargeError) as refused:
        outputs.appraise_file(FILE, futures=10_000, seed=7)
    assert "--zones" in refused.value.in_words("th")
    assert "--zones" in refused.value.in_words("en")


def test_every_number_of_a_choice_is_that_of_the_direct_evaluator(done: ZonedRun) -> None:
    model, futures = done.model, done.zoned.futures
    most = limits(model, model.thresholds)
    for choice in dict.fromkeys(done.choices.values()):
        package = package_of(model, done.zoned.measures(choice))
        burdens = np.array([list(direct.burden(model, futures, w, package).values()) for w in range(N)]).T
        totals = np.array([direct.total(model, futures, w, package) for w in range(N)])
        told = zoned.choice_words(done, choice)
        assert told["mean"] == pytest.approx(totals.mean(), rel=1e-9)
        for row, (group, kind) in enumerate(model.channels):
            assert told["burdens"][f"{group}.{kind}"] == pytest.approx(burdens[row].mean(), rel=1e-9)
        kept = (burdens <= most[:, None]).all(axis=0)
        assert told["group_domain"]["share"] == kept.mean()
        costs = totals - futures.annuity * burdens.sum(axis=0)
        assert told["cost"] == pytest.approx(costs.mean(), rel=1e-9, abs=1e-3)
        assert told["starr_domain"]["share"] == (kept & (costs <= model.most_cost)).mean()
        assert told["quantiles"]["p90"] == pytest.approx(np.quantile(totals, 0.9), rel=1e-9)


def test_the_regret_is_against_every_package_of_the_whole(done: ZonedRun) -> None:
    """By the direct evaluator: no package drawn at random is below the least, and the least is that of a package."""
    model, futures, rng = done.model, done.zoned.futures, np.random.default_rng(1)
    for w in range(0, N, 8):
        some = [direct.total(model, futures, w, int(each)) for each in rng.integers(0, 2**22, 60)]
        assert min(some) >= done.least[w] * (1 - 1e-9)
    by_zone = [sketch.least(part.engine, part.futures, 2) for part in done.zoned.parts]
    nothing = done.zoned.totals((0, 0))
    np.testing.assert_allclose(done.least, sum(by_zone) - nothing, rtol=1e-12)


def test_the_choice_of_least_mean_is_the_best_of_all_and_what_exists_is_the_base(done: ZonedRun) -> None:
    told = zoned.summary(done)
    means = {why: each["mean"] for why, each in told["shortlist"].items()}
    assert min(means, key=lambda why: means[why]) == "least_mean"
    assert told["shortlist"]["base"]["measures"] == ["warn-north"]
    assert told["shortlist"]["nothing"]["measures"] == []
    assert [len(each["measures"]) for each in told["zones"]] == [11, 11]
    json.dumps(told, allow_nan=False)


def test_the_widest_domain_of_a_zone_is_that_of_its_own_groups(done: ZonedRun) -> None:
    widest = done.choices["widest_by_zone"]
    for row, (part, package) in enumerate(zip(done.zoned.parts, widest, strict=True)):
        kept = part.table.group_kept[row]
        assert np.ptp(part.table.group_kept[1 - row]) == 0
        assert kept[package] == kept.max() > 0


def test_zones_of_a_small_model_say_what_one_lattice_says() -> None:
    whole = outputs.appraise_file(SMALL, futures=200, seed=7)
    apart = appraise_zones_file(SMALL, futures=200, seed=7)
    for why in ("nothing", "base", "least_mean"):
        one, other = whole["shortlist"][why], apart["shortlist"][why]
        assert one["measures"] == other["measures"]
        assert one["tipping"] == other["tipping"]
        assert one["worse_off"] == other["worse_off"]
        assert one["group_domain"] == other["group_domain"]
        assert one["regret"] == pytest.approx(other["regret"], rel=1e-6, abs=1e-3)
        for metric, value in one["quantiles"].items():
            assert value == pytest.approx(other["quantiles"][metric], rel=1e-6, abs=1e-3)


def test_the_folder_holds_the_choices_and_the_tables_of_every_zone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = appraise_zones_file(SMALL, futures=100, seed=7, out=out)
    assert any(line.startswith("เขต 1: 6 ชุด") for line in commands.lines(told, "th"))
    assert any(line.startswith("Zone 1: 6 packages") for line in commands.lines(told, "en"))
    told = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert told["rules"]["zones"] == zoned.RULE
    assert {f"zone-1/{name}.csv" for name in outputs.TABLES} | {"choices.csv", "summary.json"} == set(
        told["files"]
    )
    for name, digest in told["files"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest
    with (out / "choices.csv").open(encoding="utf-8") as handle:
        read = list(csv.DictReader(handle))
    assert {row["why"] for row in read} == {
        "nothing",
        "base",
        "widest_by_zone",
        "regret_by_zone",
        "least_mean",
    }
    assert set(told["columns"]["choices"]) == set(read[0])


def test_zones_on_a_cluster_and_a_form_that_is_not_known_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FuturesError, match="not both"):
        appraise_zones_file(SMALL, futures=10, seed=1, scheduler="tcp://nowhere:1")
    with pytest.raises(FuturesError):
        appraise_zones_file(SMALL, futures=10, seed=1, out=tmp_path / "o", form="xlsx")


def test_a_run_of_a_zone_is_a_run_like_any_other(done: ZonedRun) -> None:
    assert all(isinstance(each, Run) for each in done.runs)
    assert [each.table.packages for each in done.runs] == [2048, 2048]

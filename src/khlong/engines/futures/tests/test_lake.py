"""The lake as arrays gives what the workbench gives run by run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from khlong.engines.futures.tests import lake

REFERENCE: dict[str, Any] = json.loads(
    (Path(__file__).parent / "data" / "lake_reference.json").read_text(encoding="utf-8")
)


def test_all_runs_at_once_equal_the_workbench_run_by_run() -> None:
    """Case 8: ema_workbench 2.5.3, example_lake_model.py, twenty of the 4,000 runs; the bar is
    1.2e-12. (200,000 runs compared once agreed to 1.3e-14.)"""
    runs = [int(each) for each in REFERENCE["runs"]]
    x = np.tile(lake.futures(1000, 2017), (4, 1))[runs]
    releases = lake.policies(4, 2018)[np.array(runs) // 1000]
    natural = np.stack([lake.inflows(each[2], each[3], 5, run) for run, each in zip(runs, x, strict=True)])
    assert lake.lake(x, releases, natural) == pytest.approx(
        np.array(list(REFERENCE["runs"].values())), rel=1.2e-12
    )


def test_many_runs_equal_the_equation_written_out() -> None:
    """X(t+1) = X + a + X^q / (1 + X^q) - b X + inflow, one year and one run at a time."""
    x, outcomes = lake.demo(5, 3, 11)
    releases = np.repeat(lake.policies(4, 12), 5, axis=0)
    for run, (b, q, mean, stdev, delta) in enumerate(x):
        natural = lake.inflows(mean, stdev, 3, run)
        levels = np.zeros((3, lake.YEARS))
        for sample in range(3):
            for year in range(lake.YEARS - 1):
                level = levels[sample, year]
                levels[sample, year + 1] = (
                    level
                    + releases[run, year]
                    + level**q / (1 + level**q)
                    - b * level
                    + natural[sample, year]
                )
        utility = sum(0.4 * releases[run, year] * delta**year for year in range(lake.YEARS))
        assert outcomes[run, 0] == pytest.approx(np.max(levels.mean(axis=0)), rel=1e-12)
        assert outcomes[run, 1] == pytest.approx(utility, rel=1e-12)
        assert outcomes[run, 3] == pytest.approx((levels < lake.critical(b, q)).mean(), abs=1e-12)


def test_the_critical_level_balances_recycling_and_removal() -> None:
    level = lake.critical(0.42, 2.0)
    assert level**2 / (1 + level**2) == pytest.approx(0.42 * level)

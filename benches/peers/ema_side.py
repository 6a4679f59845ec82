"""Runs under ema_workbench's own Python, as a program of its own: python ema_side.py FOLDER ROUNDS

How long ema_workbench takes for one experiment whose model does nothing: what it spends before any model runs. As many
uncertainties as the case has dimensions, one outcome per group. Writes `ema.json`.
"""

import json
import logging
import statistics
import sys
import time
from importlib.metadata import version
from pathlib import Path

from ema_workbench import Model, RealParameter, ScalarOutcome, SequentialEvaluator

SCENARIOS, DIMENSIONS, GROUPS = 1000, 10, 5


def nothing(**_values: float) -> dict[str, float]:
    return {f"group_{number}": 1.0 for number in range(GROUPS)}


def main() -> None:
    logging.getLogger("EMA").setLevel(logging.CRITICAL)
    logging.getLogger().setLevel(logging.WARNING)
    model = Model("case", function=nothing)
    model.uncertainties = [RealParameter(f"x{number}", 0.0, 1.0) for number in range(DIMENSIONS)]
    model.outcomes = [ScalarOutcome(f"group_{number}") for number in range(GROUPS)]
    found = []
    with SequentialEvaluator(model) as evaluator:
        for _ in range(int(sys.argv[2])):
            begun = time.perf_counter()
            evaluator.perform_experiments(scenarios=SCENARIOS)
            found.append((time.perf_counter() - begun) / SCENARIOS)
    told = {
        "versions": {"ema_workbench": version("ema_workbench")},
        "python": sys.version.split()[0],
        "seconds_per_experiment": statistics.median(found),
    }
    Path(sys.argv[1], "ema.json").write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()

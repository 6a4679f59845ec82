"""How fast the futures engine is: python -m benches.futures [--json] [--rounds 9] [--peers]

The unit is one direct numpy evaluation of the same city: `np.interp` in float64 over the stored wet cells of 1,000
events x 10,000 points, a fifth of them wet, then one sum of products for each of five groups. It is the least work
that gives one package in one future; its transforms and its years are left out of the unit.

`ratio_n12`, `ratio_n14`, `ratio_n16`: the whole table of all packages of 12, 14 and 16 measures under 10,000 futures,
in units: stage A and the lattice, with the model made ready. `ratio_ready`: making the model ready, once per model.
`ratio_question`: a changed weight and threshold at n = 12, without stage A. `preview_ms`: 1,000 futures at n = 12 in a
warm process. Medians of interleaved rounds. `cpu_n12`: the same ratio in processor time over the number of threads,
which tells what a busy machine hides. `peak_mb` is the memory of a process of its own that does the n = 12 table.
`prim_s` is one scenario discovery on 10,000 futures x 30 dimensions. `--peers` adds what CLIMADA and ema_workbench need
for the same city, and how far CLIMADA's numbers are from ours (`benches.peers`).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benches.futures_case import city
from khlong.engines.futures.appraise import Engine
from khlong.engines.futures.sampling import draw

if TYPE_CHECKING:
    from collections.abc import Callable

    from khlong.engines.futures.model import Model
    from khlong.engines.futures.sampling import Futures

FUTURES, PREVIEW, SEED, THREADS, ROUNDS = 10_000, 1_000, 7, 2, 9
BARS = {
    "ratio_n12": 15.0,
    "ratio_n14": 60.0,
    "ratio_n16": 450.0,
    "peak_mb": 1_000.0,
    "preview_ms": 120.0,
    "prim_s": 0.1,
}
PEAK = "--peak"


@dataclass
class Clock:
    """Times by name, in seconds."""

    spent: dict[str, list[float]] = field(default_factory=dict)

    def time(self, name: str, work: Callable[[], object]) -> None:
        start, busy = time.perf_counter(), time.process_time()
        work()
        self.spent.setdefault(name, []).append(time.perf_counter() - start)
        self.spent.setdefault(f"cpu {name}", []).append(time.process_time() - busy)

    def median(self, name: str) -> float:
        return statistics.median(self.spent[name])


class Unit:
    """One direct evaluation of all groups, with everything laid out beforehand."""

    def __init__(self, model: Model) -> None:
        hazard, curve = model.hazards[0], model.curves[0]
        self.intensity = hazard.intensity.astype(np.float64)
        self.nodes, self.share = curve.intensity, curve.share
        yearly = hazard.frequency[hazard.event]
        self.value = [yearly * layer.value[hazard.place] for layer in model.layers]

    def __call__(self) -> list[float]:
        damage = np.interp(self.intensity, self.nodes, self.share)
        return [float(damage @ each) for each in self.value]


def anew(engine: Engine, futures: Futures) -> Callable[[], object]:
    """The whole table, stage A and all."""

    def work() -> object:
        engine.seen, engine.coefficients = None, None
        return engine.appraise(futures)

    return work


def measure(rounds: int, sizes: tuple[int, ...] = (12, 14)) -> dict[str, Any]:
    """All figures; n = 16 in a third of the rounds, because it is a job."""
    clock, model = Clock(), city(12)
    unit, small = Unit(model), Engine(model, THREADS)
    futures, preview = draw(model, FUTURES, SEED), draw(model, PREVIEW, SEED)
    for name, work in works(model, small, futures, preview).items():
        for turn in range(rounds + 1):
            unit_clock = Clock() if turn == 0 else clock
            unit_clock.time("unit", unit)
            unit_clock.time(name, work)
    small.seen = small.coefficients = None
    for n in (*(each for each in sizes if each != 12), 16):
        engine = Engine(city(n), THREADS)
        job = anew(engine, draw(engine.model, FUTURES, SEED))
        job()
        for _ in range(rounds if n < 16 else max(1, rounds // 3)):
            clock.time("unit", unit)
            clock.time(f"n{n}", job)
    unit_s = clock.median("unit")
    found = {f"ratio_{name}": round(clock.median(name) / unit_s, 2) for name in ("n12", "n14", "n16")}
    found |= {f"ratio_{name}": round(clock.median(name) / unit_s, 2) for name in ("ready", "question")}
    found["cpu_n12"] = round(clock.median("cpu n12") / THREADS / clock.median("cpu unit"), 2)
    found["preview_ms"] = round(clock.median("preview") * 1e3, 1)
    found["unit_ms"] = round(unit_s * 1e3, 1)
    found["n12_s"] = round(clock.median("n12"), 3)
    return found


def works(
    model: Model, engine: Engine, futures: Futures, preview: Futures
) -> dict[str, Callable[[], object]]:
    """What is measured at n = 12, by name, in the order in which it is run."""
    return {
        "preview": anew(engine, preview),
        "n12": anew(engine, futures),
        "question": lambda: engine.appraise(futures, weights={"poor": 2.0}, thresholds=model.thresholds[:3]),
        "ready": lambda: Engine(model, THREADS),
    }


def peak() -> float:
    """Megabytes at the height of a process that draws the city, makes it ready and appraises it, n = 12."""
    done = subprocess.run(
        [sys.executable, "-m", "benches.futures", PEAK], check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def highest_megabytes() -> float:
    """The most memory this process had. `ru_maxrss` would count what the process that started it had then."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(each for each in status.read_text().splitlines() if each.startswith("VmHWM"))
        return float(line.split()[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def prim_seconds() -> float | None:
    """One scenario discovery on 10,000 x 30, the median of nine; None while there is none."""
    try:
        from khlong.engines.futures import prim
    except ImportError:
        return None
    rng = np.random.default_rng(1)
    points = rng.random((10_000, 30))
    fails = (points[:, 3] > 0.7) & (points[:, 11] > 0.6) | (rng.random(10_000) < 0.02)
    clock = Clock()
    for _ in range(ROUNDS):
        clock.time("prim", lambda: prim.peel(points, fails))
    return round(clock.median("prim"), 4)


def main() -> int:
    described = argparse.ArgumentParser(prog="python -m benches.futures")
    described.add_argument("--json", action="store_true")
    described.add_argument("--rounds", type=int, default=ROUNDS)
    described.add_argument("--peers", action="store_true", help="CLIMADA and ema_workbench on the same case")
    described.add_argument(PEAK, action="store_true", help=argparse.SUPPRESS)
    options = described.parse_args()
    if options.peak:
        model = city(12)
        Engine(model, THREADS).appraise(draw(model, FUTURES, SEED))
        print(highest_megabytes())
        return 0
    found = measure(options.rounds or ROUNDS)
    found |= {"peak_mb": round(peak(), 1), "prim_s": prim_seconds(), "load": round(os.getloadavg()[0], 2)}
    if options.peers:
        from benches.peers.__main__ import BAR, figures

        found |= figures()
        BARS["peers_largest_difference"] = BAR
    over = {name: bar for name, bar in BARS.items() if (found[name] or 0) > bar}
    print(json.dumps(found | {"over": over}, indent=1) if options.json else "\n".join(lines(found, over)))
    return 1 if over else 0


def lines(found: dict[str, Any], over: dict[str, float]) -> list[str]:
    return [
        f"{name:15} {value}{f'   over {over[name]}' if name in over else ''}" for name, value in found.items()
    ]


if __name__ == "__main__":
    sys.exit(main())

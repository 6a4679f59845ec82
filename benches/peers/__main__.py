"""python -m benches.peers [--json] [--setup] [--write] [--quick]

Sets the peers up when they are not there, asks them about the same case, and prints one JSON object: seconds of one
impact in CLIMADA, of one experiment of ema_workbench, of one package in one future here, the ratios, and the largest
relative difference of the expected annual impact. Exits with 1 when a difference is above 1e-9.

--quick takes the small stored town only; --write stores CLIMADA's answers for it as the reference of our tests.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benches.peers.environments import WANTED, PeerError, python_of, run
from benches.peers.exchange import Case, largest_difference, ours, write
from khlong.engines.futures.appraise import Engine
from khlong.engines.futures.sampling import draw
from khlong.engines.futures.tests import climada_case

if TYPE_CHECKING:
    from khlong.engines.futures.model import Model

BAR = 1e-9
ROUNDS = 9
FUTURES = 10_000
HERE = Path(__file__).parent
HOW = (
    "python -m benches.peers --write: the town of tests/climada_case.py in its best-estimate future, by benches/peers/"
    "climada_side.py; shift, scale and vulnerability as Measure in a region, other acts and packages composed by hand"
)


def main() -> int:
    described = argparse.ArgumentParser(prog="python -m benches.peers", description=__doc__)
    described.add_argument("--setup", action="store_true", help="only make the environments")
    described.add_argument("--write", action="store_true", help="store CLIMADA's answers for the small town")
    described.add_argument("--quick", action="store_true", help="the small town only, no times")
    described.add_argument("--json", action="store_true", help="one line of JSON")
    asked = described.parse_args()
    try:
        if asked.setup:
            print(json.dumps({peer: str(python_of(peer)) for peer in WANTED}))
            return 0
        found = compared(store=asked.write) if asked.quick or asked.write else figures()
    except PeerError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(found, indent=None if asked.json else 1))
    return int(found["peers_largest_difference"] > BAR)


def figures(futures: int = FUTURES) -> dict[str, Any]:
    """Everything that `--peers` of the futures bench prints."""
    from benches.futures_case import city

    small, model = compared(), city()
    differences, seconds = against_climada(city_case(model), ROUNDS)
    ours_now, packages = table_seconds(model, futures)
    experiment = ema_seconds(3)
    here = ours_now / packages / futures
    return {
        "load": round(os.getloadavg()[0], 1),
        "climada_impact_s": seconds,
        "ema_experiment_s": experiment,
        "table_s": ours_now,
        "package_future_s": here,
        "climada_impacts_per_table": packages * futures * len(model.groups),
        "ratio_climada": seconds * len(model.groups) / here,
        "ratio_ema": experiment / here,
        "peers_largest_difference": max(small["peers_largest_difference"], *differences.values()),
        "peers_differences": {"city": differences, "town": small["peers_differences"]},
    }


def compared(*, store: bool = False) -> dict[str, Any]:
    """The small town: its differences, and its reference numbers if they are to be stored."""
    case = Case(climada_case.town(), climada_case.PACKAGES)
    with tempfile.TemporaryDirectory(prefix="khlong-peers-") as name:
        told = climada(case, Path(name), 0)
    differences = differences_of(case, told)
    if store:
        kept = {"how": HOW, "made": time.strftime("%Y-%m-%d", time.gmtime()), "seed": climada_case.SEED}
        kept |= {name: told[name] for name in ("versions", "python")}
        kept |= {"packages": {k: list(v) for k, v in case.packages.items()}, "expected": told["expected"]}
        climada_case.STORED.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return {"peers_largest_difference": max(differences.values()), "peers_differences": differences}


def city_case(model: Model) -> Case:
    """Each measure alone, and two packages composed by hand."""
    keys = tuple(measure.key for measure in model.measures)
    singles = {key: (key,) for key in keys}
    return Case(model, {"nothing": (), **singles, "half": keys[::2], "everything": keys})


def against_climada(case: Case, rounds: int) -> tuple[dict[str, float], float]:
    with tempfile.TemporaryDirectory(prefix="khlong-peers-") as name:
        told = climada(case, Path(name), rounds)
    return differences_of(case, told), float(told["seconds_per_impact"])


def climada(case: Case, folder: Path, rounds: int) -> Any:
    write(case, folder)
    run(str(python_of("climada")), str(HERE / "climada_side.py"), str(folder), str(rounds))
    return json.loads((folder / "climada.json").read_text(encoding="utf-8"))


def differences_of(case: Case, told: Any) -> dict[str, float]:
    direct, table, folded = ours(case)
    return {
        "climada to direct": largest_difference(told["expected"], direct),
        "climada to table": largest_difference(told["expected"], table),
        "knots to burdens": folded,
    }


def ema_seconds(rounds: int) -> float:
    with tempfile.TemporaryDirectory(prefix="khlong-peers-") as name:
        run(str(python_of("ema")), str(HERE / "ema_side.py"), name, str(rounds))
        told = json.loads(Path(name, "ema.json").read_text(encoding="utf-8"))
    return float(told["seconds_per_experiment"])


def table_seconds(model: Model, futures: int) -> tuple[float, int]:
    """The whole table in a warm engine: seconds, packages."""
    Engine(model).appraise(draw(model, 256, 1))
    engine, drawn = Engine(model), draw(model, futures, 7)
    begun = time.perf_counter()
    table = engine.appraise(drawn)
    return time.perf_counter() - begun, table.packages


if __name__ == "__main__":
    sys.exit(main())

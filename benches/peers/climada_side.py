"""Runs under CLIMADA's own Python, as a program of its own: python climada_side.py FOLDER ROUNDS

Reads `case.npz` and `case.json`, asks CLIMADA for the expected annual impact of every layer, package and knot, and
writes `climada.json`. A single shift, scale or vulnerability act is given as CLIMADA's own `Measure` (a change of the
curve's axis or of its mdd, in a region). Other acts and whole packages are composed by hand, as CLIMADA's own way of
joining measures adds their benefits: water changed cell by cell, values changed place by place, and one impact
function for each degree of vulnerability. A shift that adds water is composed too: CLIMADA holds the changed axis at
zero, max(a x - b, 0), which bends the first segment of the curve (1.2 % of the impact in the small town). paa is 1
everywhere and D(0) = 0.
"""

import json
import statistics
import sys
import time
import types
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

osgeo = types.ModuleType("osgeo")
osgeo.gdal = types.ModuleType("gdal")  # type: ignore[attr-defined]
sys.modules["osgeo"], sys.modules["osgeo.gdal"] = osgeo, osgeo.gdal  # night lights alone would need it

from climada.engine import ImpactCalc  # noqa: E402
from climada.entity import Exposures, ImpactFunc, ImpactFuncSet, Measure  # noqa: E402
from climada.hazard import Centroids, Hazard  # noqa: E402
from scipy import sparse  # noqa: E402

OWN = ("shift", "scale", "vulnerability")
KIND = "FL"


class Side:
    """One case, as CLIMADA's objects."""

    def __init__(self, folder: Path) -> None:
        self.arrays = dict(np.load(folder / "case.npz"))
        self.told = json.loads((folder / "case.json").read_text(encoding="utf-8"))
        self.places = len(self.arrays["value_0_0"])
        self.centroids = Centroids(lat=np.zeros(self.places), lon=np.arange(self.places) * 0.001)

    def hazard(self, water: Any, t: int) -> Any:
        shape = (self.told["events"], self.places)
        cells = sparse.csr_matrix((water, (self.arrays["event"], self.arrays["place"])), shape=shape)
        return Hazard(
            KIND,
            units="mm",
            intensity=cells,
            fraction=sparse.csr_matrix(shape),
            frequency=self.arrays[f"frequency_{t}"],
            event_id=np.arange(1, shape[0] + 1),
            event_name=[str(number) for number in range(1, shape[0] + 1)],
            date=np.arange(1, shape[0] + 1),
            orig=np.ones(shape[0], bool),
            centroids=self.centroids,
        )

    def exposures(self, value: Any, functions: Any, regions: Any) -> Any:
        return Exposures(
            {
                "value": value,
                f"impf_{KIND}": functions,
                f"centr_{KIND}": np.arange(self.places),
                "region_id": regions,
            },
            lat=np.zeros(self.places),
            lon=np.arange(self.places) * 0.001,
        )

    def function(self, curve: str, number: int, factor: float = 1.0) -> Any:
        x, y = self.arrays[f"curve_{curve}_x"], self.arrays[f"curve_{curve}_y"]
        return ImpactFunc(KIND, number, x, y * factor, np.ones(len(x)))

    def acts(self, package: list[str], t: int) -> list[Any]:
        found = [
            {**act, "s": act["strength"][t], "here": self.arrays[act["mask"]]}
            for key in self.told["measures"]
            if key in package
            for act in self.told["measures"][key]
        ]
        return sorted(found, key=lambda act: act["order"])

    def by_measure(self, act: Any, layer: int, t: int) -> float:
        """A single act as a `Measure` of CLIMADA in a region."""
        s, kind = act["s"], act["kind"]
        numbers = {
            "shift": {"hazard_inten_imp": (1, -act["by"] * s)},
            "scale": {"hazard_inten_imp": (1 / max(0.0, 1 - s * (1 - act["to"])), 0)},
            "vulnerability": {"mdd_impact": (max(0.0, 1 - act["by"] * s), 0)},
        }[kind]
        measure = Measure(name=kind, haz_type=KIND, exp_region_id=[1], **numbers)
        curve = self.told["layers"][layer][2]
        value = self.arrays[f"value_{layer}_{t}"]
        exposures = self.exposures(value, np.ones(self.places, int), act["here"].astype(int))
        hazard = self.hazard(self.arrays[f"water_{t}"], t)
        changed = measure.apply(exposures, ImpactFuncSet([self.function(curve, 1)]), hazard)
        return float(impact(*changed).aai_agg)

    def by_hand(self, acts: list[Any], layer: int, t: int) -> float:
        water, place = self.arrays[f"water_{t}"], self.arrays["place"]
        value, factor = self.arrays[f"value_{layer}_{t}"], np.ones(self.places)
        for act in acts:
            if act["kind"] == "exposure":
                value = np.where(act["here"], value * max(0.0, 1 - act["by"] * act["s"]), value)
            elif act["kind"] == "vulnerability":
                factor = np.where(act["here"], factor * max(0.0, 1 - act["by"] * act["s"]), factor)
            else:
                water = np.where(act["here"][place], changed_water(act, water), water)
        degrees, which = np.unique(factor, return_inverse=True)
        curve = self.told["layers"][layer][2]
        functions = ImpactFuncSet([self.function(curve, n + 1, each) for n, each in enumerate(degrees)])
        exposures = self.exposures(value, which.ravel() + 1, np.zeros(self.places, int))
        return float(impact(exposures, functions, self.hazard(water, t)).aai_agg)

    def answer(self, package: list[str], layer: int, t: int) -> float:
        acts = self.acts(package, t)
        if len(acts) == 1 and acts[0]["kind"] in OWN and acts[0]["by"] >= 0:
            return self.by_measure(acts[0], layer, t)
        return self.by_hand(acts, layer, t)

    def answers(self) -> Any:
        found: dict[str, dict[str, list[float]]] = {}
        for name, package in self.told["packages"].items():
            by_channel = found[name] = {}
            for layer, (group, kind, _) in enumerate(self.told["layers"]):
                row = by_channel.setdefault(f"{group}/{kind}", [0.0] * self.told["knots"])
                for t in range(self.told["knots"]):
                    row[t] += self.answer(package, layer, t)
        return found

    def seconds(self, rounds: int) -> float:
        """How long one impact of one layer takes, everything made ready."""
        curve = self.told["layers"][0][2]
        hazard = self.hazard(self.arrays["water_0"], 0)
        ready = self.exposures(
            self.arrays["value_0_0"], np.ones(self.places, int), np.zeros(self.places, int)
        )
        found = []
        for _ in range(rounds):
            begun = time.perf_counter()
            impact(ready, ImpactFuncSet([self.function(curve, 1)]), hazard)
            found.append(time.perf_counter() - begun)
        return statistics.median(found)


def changed_water(act: Any, y: Any) -> Any:
    """The formulas that stand in the docstring of our `model`, once more and on their own."""
    s, wet = act["s"], y > 0
    if act["kind"] == "shift":
        return y - act["by"] * s
    if act["kind"] == "scale":
        return np.where(wet, y * max(0.0, 1 - s * (1 - act["to"])), y)
    if act["kind"] == "protect":
        return np.where(y > act["level"] * s, y, np.minimum(y, 0))
    start, end = act["fades_from"], act["gone_at"]
    help_ = np.minimum(min(1.0, act["share"] * s) * (np.minimum(y, start) if end else y), act["most"] * s)
    if end:
        help_ = help_ * np.interp(y, [start, end], [1, 0])
    return np.where(wet, y - help_, y)


def impact(exposures: Any, functions: Any, hazard: Any) -> Any:
    return ImpactCalc(exposures, functions, hazard).impact(save_mat=False, assign_centroids=False)


def main() -> None:
    folder, rounds = Path(sys.argv[1]), int(sys.argv[2])
    side = Side(folder)
    told = {
        "versions": {name: version(name) for name in ("climada", "numpy", "scipy")},
        "python": sys.version.split()[0],
        "seconds_per_impact": side.seconds(rounds) if rounds else None,
        "expected": side.answers(),
    }
    (folder / "climada.json").write_text(json.dumps(told, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()

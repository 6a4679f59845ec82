"""A small town from one seed, for which CLIMADA's numbers are kept in `data/climada.json`.

It is made with `random.Random(seed).random()` alone, whose stream Python promises never to change, so that the stored
numbers belong to the same town under every release of numpy. `benches.peers` asks CLIMADA about it and writes them.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from khlong.engines.futures.model import (
    Act,
    ActKind,
    Climate,
    Curve,
    Dimension,
    Group,
    Hazard,
    Kind,
    Layer,
    Measure,
    Model,
    Name,
    Rise,
    Series,
    Spread,
)

if TYPE_CHECKING:
    from khlong.engines.futures.model import Floats, Mask

SEED, EVENTS, PLACES, ZONES = 20_26, 60, 80, 6
STORED = Path(__file__).parent / "data" / "climada.json"
PACKAGES: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "drain": ("drain",),
    "pumps": ("pumps",),
    "houses": ("houses",),
    "estate": ("estate",),
    "moving": ("moving",),
    "wall": ("wall",),
    "wetland": ("wetland",),
    "drain, pumps, houses": ("drain", "pumps", "houses"),
    "water": ("drain", "wall", "wetland", "pumps"),
    "everything": ("drain", "wall", "wetland", "pumps", "moving", "houses", "estate"),
}
"""Single measures, and packages that CLIMADA is handed composed, since it would add their benefits."""


def town(seed: int = SEED) -> Model:
    rng = random.Random(seed)

    def floats(count: int, low: float, high: float) -> Floats:
        return np.array([low + (high - low) * rng.random() for _ in range(count)])

    zone = np.sort((ZONES * floats(PLACES, 0, 1)).astype(int))
    wet = [number for number in range(EVENTS * PLACES) if rng.random() < 0.3]
    cells = np.array(wet)
    hazard = Hazard(
        "flood",
        Name("น้ำท่วม", "flood"),
        "mm",
        (cells // PLACES).astype(np.int32),
        (cells % PLACES).astype(np.int32),
        np.floor(floats(len(cells), 0, 1) ** 2 * 4200 - 150).astype(np.int32),
        floats(EVENTS, 0.0005, 0.05),
        "events",
    )
    curves = (
        Curve(
            "house",
            np.array([0.0, 500, 1000, 1500, 2000, 3000, 4000, 5000, 6000]),
            np.array([0.0, 0.327, 0.494, 0.617, 0.721, 0.870, 0.931, 0.984, 1.0]),
            np.array([0.0, 0.252, 0.215, 0.214, 0.207, 0.168, 0.125, 0.048, 0.0]),
            "EUR 28552",
        ),
        Curve("knee", np.array([0.0, 300, 301, 1200]), np.array([0.0, 0.0, 0.6, 1.0]), np.zeros(4)),
    )
    groups = ("poor", "renters", "newcomers")
    layers = tuple(
        Layer(
            f"{group}-{kind}",
            group,
            kind,
            "flood",
            curve,
            floats(PLACES, 0.0, top),
            "settling" if group == "newcomers" else "growth",
        )
        for group in groups
        for kind, curve, top in (("baht", "house", 9e5), ("people", "knee", 40.0))
    )
    return Model(
        key="climada-town",
        name=Name("เมืองจำลองสำหรับเทียบผล", "A town to compare by"),
        years=(2025, 2060),
        places=tuple(str(number) for number in range(PLACES)),
        groups=tuple(Group(key, Name(key, key), newcomers=key == "newcomers") for key in groups),
        kinds=(Kind("baht", Name("บาท", "baht"), "THB", 1.0), Kind("people", Name("คน", "people"), "people")),
        hazards=(hazard,),
        curves=curves,
        layers=layers,
        measures=measures(zone),
        dimensions=(
            *(one("degrees", 1.4), one("rain", 0.07), one("often", 0.25), one("sealevel", 180.0)),
            *(one("more", 0.4), one("come", 0.7), one("q", 0.5), one("works", 0.85), one("rate", 0.03)),
        ),
        series=(
            *(
                Series("warming", "degrees", np.array([0.0, 1.0])),
                Series("often", "often", np.array([0.0, 1.0])),
            ),
            Series("sea", "sealevel", np.array([0.0, 1.0])),
            Series("growth", "more", np.array([0.0, 1.0]), grows=True),
            Series("settling", "come", np.array([0.2, 1.0])),
        ),
        climates=(Climate("flood", "warming", "rain", "often"),),
        rises=(Rise("sea", "flood", 1.0, "sea", zone >= 3),),
        curve_position="q",
        discount="rate",
        is_example=True,
    )


def one(key: str, base: float) -> Dimension:
    return Dimension(key, Name(key, key), "1", Spread.UNIFORM, base / 2, 2 * base, base)


def measures(zone: Any) -> tuple[Measure, ...]:
    def does(key: str, act: Act) -> Measure:
        return Measure(key, Name(key, key), (act,), np.array([0.7, 1.0]), effectiveness="works")

    def there(*zones: int) -> Mask:
        mask: Mask = np.isin(zone, zones)
        return mask

    water: dict[str, Any] = {"hazard": "flood"}
    fade: dict[str, Any] = {"share": 0.35, "most": 260.0, "fades_from": 1500.0, "gone_at": 3000.0}
    return (
        does("drain", Act(ActKind.SHIFT, there(0, 1, 3), by=220.0, order=1, **water)),
        does("wall", Act(ActKind.PROTECT, there(1, 2, 4), level=900.0, order=2, **water)),
        does("wetland", Act(ActKind.ECOSYSTEM, there(0, 2, 4, 5), order=0, **fade, **water)),
        does("pumps", Act(ActKind.SCALE, there(1, 3, 5), to=0.7, order=3, **water)),
        does("moving", Act(ActKind.EXPOSURE, there(2, 3), by=0.25)),
        does("houses", Act(ActKind.VULNERABILITY, there(0, 1, 2), by=0.4)),
        does("estate", Act(ActKind.SHIFT, there(4, 5), by=-130.0, order=4, **water)),
    )


def package(model: Model, keys: tuple[str, ...]) -> int:
    """The number of a package of toggles."""
    return sum(1 << number for number, measure in enumerate(model.measures) if measure.key in keys)

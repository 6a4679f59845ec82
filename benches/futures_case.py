"""The city that the futures engine is measured on: 1,000 events over 10,000 points of 36 zones, a fifth of them wet.

Of twelve measures five change the water (two drains, a wall, a wetland, pumps) and seven change who and what is exposed
or vulnerable. Each zone is reached by three to six measures, one to three of them works that change the water, as works
of a city are: 180 classes with 21 local packages and 3.2 chains of works each in the mean, 64 at most. Five groups, one
kind of impact, two knots, ten dimensions. Everything is invented and comes from one seed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    Threshold,
)

if TYPE_CHECKING:
    from khlong.engines.futures.model import Mask

EVENTS, POINTS, ZONES, WET = 1_000, 10_000, 36, 0.2
GROUPS = ("poor", "renters", "elderly", "fishers", "newcomers")
COUNTS = (3, 4, 5, 4, 3, 6, 4, 5, 3, 4)
WORKS = (1, 2, 1, 2, 1, 2, 1, 3, 1, 2, 2)
"""Measures that reach a zone, and those of them that change the water, zone by zone."""
SHAPES = ("shift", "protect", "ecosystem", "scale", "shift")
# The Asian residential curve of Huizinga, de Moel, Szewczyk 2017, EUR 28552, doi:10.2760/16510, with its sd.
NODES = (0.0, 500.0, 1000.0, 1500.0, 2000.0, 3000.0, 4000.0, 5000.0, 6000.0)
SHARES = (0.0, 0.327, 0.494, 0.617, 0.721, 0.870, 0.931, 0.984, 1.0)
SPREADS = (0.0, 0.252, 0.215, 0.214, 0.207, 0.168, 0.125, 0.048, 0.0)


def city(measures: int = 12, seed: int = 5, events: int = EVENTS, points: int = POINTS) -> Model:
    """The case with so many measures."""
    rng = np.random.default_rng(seed)
    reached = reach(rng, measures)
    zone = np.sort(rng.integers(0, ZONES, points)).astype(np.int32)
    hazard = flood(rng, events, points)
    layers = tuple(
        Layer(
            group,
            group,
            "baht",
            "flood",
            "house",
            rng.gamma(2.0, 2e4, points),
            "settling" if group == "newcomers" else "growth",
        )
        for group in GROUPS
    )
    acts = [measure(rng, number, reached[number][zone]) for number in range(measures)]
    return Model(
        key=f"bench-{measures}",
        name=Name("เมืองสำหรับวัดความเร็ว", "A city to measure speed"),
        years=(2025, 2055),
        places=tuple(str(number) for number in range(points)),
        groups=tuple(Group(key, Name(key, key), newcomers=key == "newcomers") for key in GROUPS),
        kinds=(Kind("baht", Name("บาท", "baht"), "THB", 1.0),),
        hazards=(hazard,),
        curves=(Curve("house", np.array(NODES), np.array(SHARES), np.array(SPREADS), "EUR 28552"),),
        layers=layers,
        measures=tuple(acts),
        dimensions=dimensions(),
        series=(
            Series("warming", "degrees", np.array([0.0, 1.0])),
            Series("frequency", "often", np.array([0.0, 1.0])),
            Series("sea", "sealevel", np.array([0.0, 1.0])),
            Series("growth", "more", np.array([0.0, 1.0]), grows=True),
            Series("settling", "come", np.array([0.3, 1.0])),
        ),
        climates=(Climate("flood", "warming", "rain", "frequency"),),
        rises=(Rise("sea", "flood", 1.0, "sea", np.ones(points, bool)),),
        thresholds=tuple(Threshold(group, "baht", 2.5e8) for group in GROUPS),
        most_cost=9e8,
        curve_position="q",
        discount="rate",
        is_example=True,
        weights={"poor": 1.3},
    )


def flood(rng: np.random.Generator, events: int, points: int) -> Hazard:
    """A fifth of all cells, in whole millimetres up to 12 m."""
    cells = np.concatenate(
        [event * points + np.flatnonzero(rng.random(points) < WET) for event in range(events)]
    )
    depth = np.clip(rng.gamma(1.6, 700.0, cells.size), 1, 12_000).astype(np.int32)
    return Hazard(
        "flood",
        Name("น้ำท่วม", "flood"),
        "mm",
        (cells // points).astype(np.int32),
        (cells % points).astype(np.int32),
        depth,
        rng.uniform(0.0005, 0.02, events),
        "events",
        "invented",
    )


def reach(rng: np.random.Generator, measures: int) -> Mask:
    """Which measure reaches which zone. (measures, zones)"""
    found = np.zeros((measures, ZONES), bool)
    shapes = [number for number in range(measures) if is_shape(number)]
    others = [number for number in range(measures) if not is_shape(number)]
    for zone in range(ZONES):
        count, works = COUNTS[zone % len(COUNTS)], WORKS[zone % len(WORKS)]
        found[rng.choice(shapes, works, replace=False), zone] = True
        found[rng.choice(others, count - works, replace=False), zone] = True
    return found


def is_shape(number: int) -> bool:
    return number % 12 < len(SHAPES)


def measure(rng: np.random.Generator, number: int, places: Mask) -> Measure:
    """Five shape acts and seven factors in each twelve."""
    if is_shape(number):
        kind = ActKind(SHAPES[number % 12])
        act = Act(
            kind,
            places,
            hazard="flood",
            by=rng.uniform(100, 400),
            level=rng.uniform(500, 1500),
            to=rng.uniform(0.6, 0.9),
            share=0.3,
            most=250.0,
            fades_from=1500.0,
            gone_at=3000.0,
            order=number % 12,
        )
    else:
        kind = ActKind.VULNERABILITY if number % 2 else ActKind.EXPOSURE
        act = Act(kind, places, by=rng.uniform(0.05, 0.4))
    key = f"m{number}"
    return Measure(
        key,
        Name(key, key),
        (act,),
        np.array([0.6, 1.0]),
        cost=rng.uniform(1e7, 2e8),
        upkeep=rng.uniform(1e5, 2e6),
        effectiveness="works",
        cost_factor="dear",
        existing=number in (0, 7),
    )


def dimensions() -> tuple[Dimension, ...]:
    def one(key: str, low: float, high: float) -> Dimension:
        return Dimension(key, Name(key, key), "1", Spread.UNIFORM, low, high, (low + high) / 2)

    return (
        one("degrees", 0.5, 2.4),
        one("rain", 0.03, 0.11),
        one("often", -0.2, 0.6),
        one("sealevel", 100.0, 450.0),
        one("more", -0.1, 1.0),
        one("come", 0.0, 1.0),
        one("q", -1.0, 1.0),
        one("works", 0.6, 1.0),
        one("dear", 0.8, 2.0),
        one("rate", 0.01, 0.07),
    )

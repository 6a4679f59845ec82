"""Small random models that are valid and leave nothing out, for everybody's tests.

`models()` is the hypothesis strategy; `random_model(seed, ...)` the same without hypothesis, for benches and fixed
cases. Sizes are chosen by hypothesis and shrink; the figures come from a seed. Every act kind, rises, levers, growth,
newcomers, a curve position, curves with steps, freeboards, discounting, several layers a channel and existing works
occur. Figures have many digits, so that no threshold falls on an intensity by accident, except at the first knot of
the best estimate, where nothing is moved and ties are exact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from khlong.engines.futures.direct import concerns
from khlong.engines.futures.model import (
    SHAPE_ACTS,
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
    from khlong.engines.futures.model import Floats, Mask

HAZARDS = (("flood", "mm"), ("tide", "mm"), ("heat", "0.01 degC"))
GROUPS = ("poor", "old", "newcomers", "fishers")
KINDS = (("baht", "THB", 1.0), ("people", "people", 0.0), ("days", "working days", 350.0))
ALL_ACTS = tuple(ActKind)
ONE_EACH: tuple[tuple[ActKind, ...], ...] = tuple((kind,) for kind in ALL_ACTS)


def named(key: str) -> Name:
    return Name(f"ชื่อ {key}", key)


@dataclass
class Maker:
    """Makes the parts of one random model; `random_model` says in which order."""

    rng: np.random.Generator
    knots: int
    places: int

    def some(self, share: float = 0.6) -> Mask:
        """A mask that is never empty."""
        mask: Mask = self.rng.random(self.places) < share
        mask[self.rng.integers(self.places)] = True
        return mask

    def between(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def ramp(self) -> Floats:
        """0 at the first knot, 1 at the last, rising; 1 where there is one knot."""
        ramp = np.sort(self.rng.random(self.knots))
        ramp[0], ramp[-1] = 0.0, 1.0
        return ramp

    def strength(self) -> Floats:
        """Constant, or a ramp, or something that decays."""
        choice = self.rng.integers(3)
        if choice == 0:
            return np.ones(self.knots)
        return self.ramp() if choice == 1 else 1 - 0.7 * self.ramp()

    def hazard(self, key: str, unit: str, events: int) -> Hazard:
        pairs = np.argwhere(self.rng.random((events, self.places)) < 0.7).astype(np.int32)
        if len(pairs) == 0:
            pairs = np.zeros((1, 2), np.int32)
        intensity = self.rng.integers(-400, 3000, len(pairs)).astype(np.int32)
        intensity[0] = abs(intensity[0]) + 100
        frequency = self.rng.uniform(0.001, 0.2, events)
        return Hazard(
            key, named(key), unit, pairs[:, 0], pairs[:, 1], intensity, frequency, "events", "invented"
        )

    def curve(self, key: str) -> Curve:
        """Three to six nodes from zero; every other curve has a step, at zero or further up."""
        count = int(self.rng.integers(2, 6))
        nodes = np.sort(self.rng.choice(np.arange(1, 25), count, replace=False)).astype(np.float64) * 100.0
        nodes = np.concatenate([np.zeros(1), nodes])
        share: Floats = np.concatenate([[0.0], np.sort(self.rng.random(count))])
        if self.rng.random() < 0.5:
            at = int(self.rng.integers(count))
            nodes = np.insert(nodes, at + 1, nodes[at])
            share = np.insert(share, at + 1, (share[at] + share[at + 1]) / 2)
        spread = self.rng.uniform(0, 0.25, len(nodes)) * (self.rng.random() < 0.7)
        spread[0] = 0.0
        return Curve(key, nodes, share, spread, "invented")

    def act(self, kind: ActKind, model: Model) -> Act:
        groups = tuple(g.key for g in model.groups if self.rng.random() < 0.5)
        kinds = tuple(k.key for k in model.kinds if self.rng.random() < 0.5)
        hazards = [each.key for each in model.hazards]
        hazard = str(self.rng.choice(hazards))
        if kind not in SHAPE_ACTS and self.rng.random() < 0.6:
            hazard = ""
        numbers = {
            ActKind.SHIFT: {"by": self.between(-150, 600)},
            ActKind.SCALE: {"to": self.between(0.2, 1.0)},
            ActKind.PROTECT: {"level": self.between(100, 1500)},
            ActKind.ECOSYSTEM: self.ecosystem(),
            ActKind.EXPOSURE: {"by": self.between(-0.2, 0.9)},
            ActKind.VULNERABILITY: {"by": self.between(-0.2, 0.9)},
            ActKind.TRANSFER: {"attach": self.between(0, 0.4), "cover": self.between(0.05, 0.5)},
        }[kind]
        act = Act(kind, self.some(), groups, kinds, hazard, order=int(self.rng.integers(3)))
        act = replace(act, **numbers)  # type: ignore[arg-type]
        return (
            act
            if touches(act, model)
            else replace(act, places=np.ones(self.places, bool), groups=(), kinds=())
        )

    def ecosystem(self) -> dict[str, float]:
        start = self.between(300, 1500)
        fades = (
            {"fades_from": start, "gone_at": start + self.between(50, 1500)}
            if self.rng.random() < 0.7
            else {}
        )
        return {"share": self.between(0.1, 0.9), "most": self.between(50, 700)} | fades

    def measure(self, number: int, acts: list[ActKind], model: Model) -> Measure:
        return Measure(
            key=f"m{number}",
            name=named(f"m{number}"),
            acts=tuple(self.act(kind, model) for kind in acts),
            strength=self.strength(),
            cost=self.between(0, 1e6),
            upkeep=self.between(0, 2e4),
            effectiveness="works" if self.rng.random() < 0.6 else "",
            cost_factor="dear" if self.rng.random() < 0.6 else "",
            existing=bool(self.rng.random() < 0.3),
        )

    def layers(self, model: Model) -> tuple[Layer, ...]:
        """One layer at least for each hazard; some channels have several, some have none."""
        found: list[Layer] = []
        for hazard in model.hazards:
            wet = hazard.place[hazard.intensity > 0]
            for group in model.groups:
                for kind in model.kinds:
                    if found and self.rng.random() < 0.3 and found[-1].hazard == hazard.key:
                        continue
                    value = self.rng.uniform(0, 1e5, self.places) * (self.rng.random(self.places) < 0.8)
                    value[wet[0]] += 10.0
                    driver = "settling" if group.newcomers else str(self.rng.choice(["", "growth"]))
                    curve = str(self.rng.choice([each.key for each in model.curves]))
                    key = f"{hazard.key}-{group.key}-{kind.key}"
                    found.append(Layer(key, group.key, kind.key, hazard.key, curve, value, driver))
        return tuple(found)

    def rises(self, model: Model) -> tuple[Rise, ...]:
        everywhere = np.ones(self.places, bool)
        first = model.hazards[0].key
        sea = Rise("sea", first, 1.0, "sea", everywhere, named("sea"))
        where = str(self.rng.choice([each.key for each in model.hazards]))
        road = Rise("road", where, self.between(50, 400), "roads", self.some(), named("road"))
        road.places[next(each for each in model.hazards if each.key == where).place[0]] = True
        return tuple(each for each in (sea, road) if self.rng.random() < 0.7)


def touches(act: Act, model: Model) -> bool:
    """Whether an act concerns anything of value in a place that an event reaches."""
    for layer in model.layers:
        hazard = next(each for each in model.hazards if each.key == layer.hazard)
        if concerns(act, layer) and (act.places & (layer.value > 0))[hazard.place].any():
            return True
    return False


def dimensions() -> tuple[Dimension, ...]:
    def one(key: str, kind: Spread, low: float, high: float, base: float, middle: float = 0.0) -> Dimension:
        return Dimension(key, named(key), "1", kind, low, high, base, middle, source="invented")

    frequency = Dimension(
        "often",
        named("often"),
        "1",
        Spread.TABLE,
        -0.2,
        0.6,
        0.0,
        at=(0.0, 0.5, 1.0),
        values=(-0.2, 0.1, 0.6),
    )
    return (
        replace(one("degrees", Spread.NORMAL, 0.7, 2.4, 1.3, 1.3), floor=0.0, ceiling=4.0),
        one("rain", Spread.TRIANGULAR, 0.03, 0.11, 0.07, 0.07),
        frequency,
        one("sealevel", Spread.UNIFORM, 90.3, 410.7, 200.1),
        one("more", Spread.UNIFORM, -0.3, 1.2, 0.2),
        one("come", Spread.UNIFORM, 0.0, 2.0, 0.5),
        one("built", Spread.UNIFORM, 0.0, 1.0, 0.5),
        one("q", Spread.UNIFORM, -1.0, 1.0, 0.0),
        one("works", Spread.UNIFORM, 0.4, 1.2, 0.9),
        one("dear", Spread.TRIANGULAR, 0.8, 2.5, 1.0, 1.0),
        one("rate", Spread.UNIFORM, 0.0, 0.08, 0.03),
    )


def series(maker: Maker) -> tuple[Series, ...]:
    return (
        Series("warming", "degrees", maker.ramp()),
        Series("frequency", "often", maker.ramp()),
        Series("sea", "sealevel", maker.ramp()),
        Series("growth", "more", maker.ramp(), grows=True),
        Series("settling", "come", maker.ramp()),
        Series("roads", "built", maker.ramp()),
    )


def random_model(
    seed: int,
    *,
    places: int = 4,
    events: int = 6,
    hazards: int = 2,
    groups: int = 3,
    kinds: int = 2,
    knots: int = 3,
    acts: tuple[tuple[ActKind, ...], ...] = ONE_EACH,
    excluding: int = 0,
) -> Model:
    """A valid model; `acts`: the kinds of acts of each measure; `excluding`: how many first measures share a lever."""
    maker = Maker(np.random.default_rng(seed), knots, places)
    years = (2025, *(2025 + np.cumsum(maker.rng.integers(3, 20, knots - 1))).tolist())
    model = Model(
        key=f"random-{seed}",
        name=named(f"random {seed}"),
        years=years,
        places=tuple(f"z{number}" for number in range(places)),
        groups=tuple(
            Group(key, named(key), maker.between(100, 1e5), maker.between(5e4, 4e5), key == "newcomers")
            for key in GROUPS[:groups]
        ),
        kinds=tuple(Kind(key, named(key), unit, price) for key, unit, price in KINDS[:kinds]),
        hazards=tuple(maker.hazard(key, unit, events) for key, unit in HAZARDS[:hazards]),
        curves=tuple(maker.curve(f"curve{number}") for number in range(3)),
        layers=(),
        measures=(),
        dimensions=dimensions(),
        series=series(maker),
        curve_position="q" if maker.rng.random() < 0.7 else "",
        discount="rate" if maker.rng.random() < 0.7 else "",
        weights={GROUPS[0]: 1.3},
        is_example=True,
    )
    model = replace(model, layers=maker.layers(model), rises=maker.rises(model), climates=climates(model))
    measures = tuple(maker.measure(number, list(each), model) for number, each in enumerate(acts))
    model = replace(model, measures=exclude(measures, excluding))
    return replace(model, thresholds=thresholds(maker, model), most_cost=maker.between(1e5, 1e7))


def climates(model: Model) -> tuple[Climate, ...]:
    """The first hazard with everything, the second with frequency only, a third unmoved."""
    both = (("warming", "rain", "frequency"), ("", "", "frequency"))
    return tuple(Climate(hazard.key, *names) for hazard, names in zip(model.hazards, both, strict=False))


def exclude(measures: tuple[Measure, ...], first: int) -> tuple[Measure, ...]:
    """The first measures share a lever; at most one of them exists."""
    return tuple(
        replace(each, lever="sizes", existing=each.existing and number == 0) if number < first else each
        for number, each in enumerate(measures)
    )


def thresholds(maker: Maker, model: Model) -> tuple[Threshold, ...]:
    return tuple(
        Threshold(g, k, maker.between(10, 1e4)) for g, k in model.channels if maker.rng.random() < 0.7
    )


@st.composite
def models(
    draw: st.DrawFn,
    *,
    most_measures: int = 4,
    most_knots: int = 3,
    kinds_of_acts: tuple[ActKind, ...] = ALL_ACTS,
) -> Model:
    """Small valid models of every sort: 0 to `most_measures` measures with one to three acts each."""
    one = st.lists(st.sampled_from(kinds_of_acts), min_size=1, max_size=3).map(tuple)
    acts = tuple(draw(st.lists(one, min_size=0, max_size=most_measures)))
    return random_model(
        draw(st.integers(0, 2**20)),
        places=draw(st.integers(1, 5)),
        events=draw(st.integers(1, 6)),
        hazards=draw(st.integers(1, 3)),
        groups=draw(st.integers(1, 4)),
        kinds=draw(st.integers(1, 3)),
        knots=draw(st.integers(1, most_knots)),
        acts=acts,
        excluding=draw(st.sampled_from([0, min(2, len(acts)), min(3, len(acts))])),
    )

"""The model of a city's risk: what may happen, what stands in its way, what may be done, what will come.

Everything is plain and frozen. Arrays are read only by agreement. Axes are named as in the appraisal notes:
place z, group g, kind of impact k, event e, measure m, knot (year) t, future w.

Order of composition, fixed and published. For one layer of exposure in one place, event, future and year::

    y  = alpha(w,t) * I + delta(w,t) + sum_d raise_d(w,t)         hazard, as the climate and what is built make it
    y  = T_m(...T_2(T_1(y)))       hazard acts of the package, by `Act.order`, then by the measures' order
    X  = value * driver(w,t) * prod_m (1 - rho_m s_m)             exposure acts
    D  = curve_w(y) * prod_m (1 - eps_m s_m)                      vulnerability acts
    D  = D - min(max(D - attach_m, 0), cover_m s_m)               transfer acts, by order: finance comes last
    EAI = sum_e phi(w,t) lam_e X D

`s_m = effectiveness_m(w) * strength_m(t)` scales what an act does: a shift by `by*s`, a factor `1 - s(1-to)`, a
protection up to `level*s`, an ecosystem's `share*s` and `most*s`.
Each hazard act never falls in y (F = max(0, 1 - s(1-to)), h = level*s, q = min(1, share*s))::

    shift      y - by*s                                            everywhere, above zero and below
    scale      y*F where y > 0, else y                             what is dry has nothing to be scaled
    protect    y where y > h, else min(y, 0)                       at the level itself the wall still holds
    ecosystem  y - min(q * min(y, fades_from), most*s) * clip((gone_at - y)/(gone_at - fades_from), 0, 1)
               where y > 0, else y; with `gone_at` 0 it never fades: y - min(q*y, most*s)

so the ecosystem's help is linear from its value at `fades_from` to nothing at `gone_at`. Factors of exposure and
vulnerability acts are held at or above zero: max(0, 1 - rho s), max(0, 1 - eps s). `attach` and `cover` are shares
of the value, as D is. Acts of one order follow the measures' order, then their order in the measure.
Only stored cells of an event are wet or may become wet: a cell stored with a negative intensity (its freeboard)
is reached when the sea level or a new road raises the water above zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int32]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Name:
    """What people call a thing."""

    th: str
    en: str


@dataclass(frozen=True)
class Hazard:
    """Events over places, with whole intensities.

    Parameters
    ----------
    unit : str
        The unit of one step of intensity: "mm" for depths, "0.01 degC" for heat.
    event, place : int arrays of one length, the stored cells; each pair at most once.
    intensity : int array of that length, in whole `unit`; negative is freeboard.
    frequency : float array by event, per year.
    rule : str
        The integration rule that made the frequencies: "events" for a set of events as such, else the rule of
        the ladder they were made from.
    """

    key: str
    name: Name
    unit: str
    event: Integers
    place: Integers
    intensity: Integers
    frequency: Floats
    rule: str
    source: str = ""


@dataclass(frozen=True)
class Curve:
    """Damage as a share of value by intensity: piecewise linear, zero at and below zero, flat beyond its end.

    Two nodes at one intensity are a step, taken just above it. `spread` is the standard deviation at each node:
    in a future with curve position q the node stands at `clip(share + q * spread, 0, most)`, made monotone by a
    running maximum; `most` is the largest share of the curve as published. The first node has no share and no spread.
    """

    key: str
    intensity: Floats
    share: Floats
    spread: Floats
    source: str = ""


@dataclass(frozen=True)
class Series:
    """A number by future and knot: `1 + size(w) * ramp(t)` when `grows`, else `size(w) * ramp(t)`.

    `dimension` names the dimension that gives the size; `ramp` is by knot, usually 0 at the first and 1 at the
    last. Used for growth (grows), newcomers (does not), climate signals, roads and estates.
    """

    key: str
    dimension: str
    ramp: Floats
    grows: bool = False


@dataclass(frozen=True)
class Layer:
    """What is exposed: a value in each place of one group, counted in one kind of impact.

    `driver` names the `Series` that multiplies it (growth, newcomers); without one it stays.
    """

    key: str
    group: str
    kind: str
    hazard: str
    curve: str
    value: Floats
    driver: str = ""


@dataclass(frozen=True)
class Rise:
    """Water added where something is built, or everywhere by the sea: `by * series(w,t)` in the hazard's unit."""

    key: str
    hazard: str
    by: float
    series: str
    places: Mask
    name: Name = Name("", "")


class ActKind(StrEnum):
    SHIFT = "shift"  # y - by
    SCALE = "scale"  # y * to
    PROTECT = "protect"  # nothing up to level, all of it above (a wall that is overtopped)
    ECOSYSTEM = (
        "ecosystem"  # y - min(share*y, most), which fades to nothing between `fades_from` and `gone_at`
    )
    EXPOSURE = "exposure"  # value * (1 - by)
    VULNERABILITY = "vulnerability"  # damage * (1 - by); by < 0 is harm
    TRANSFER = "transfer"  # the layer of damage above attach, up to cover, is paid by others


SHAPE_ACTS = (ActKind.SHIFT, ActKind.SCALE, ActKind.PROTECT, ActKind.ECOSYSTEM)


@dataclass(frozen=True)
class Act:
    """One thing that a measure does, where and for whom.

    `by`, `to`, `level`, `share`, `most`, `fades_from`, `gone_at`, `attach`, `cover` are read as the kind says.
    `hazard` is set for shape acts; for other acts it may be empty, which means layers of every hazard, as empty
    `groups` or `kinds` mean all. `order` runs from upstream to downstream.
    A negative `by` of shift, exposure or vulnerability is harm elsewhere.
    """

    kind: ActKind
    places: Mask
    groups: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    hazard: str = ""
    by: float = 0.0
    to: float = 1.0
    level: float = 0.0
    share: float = 0.0
    most: float = 0.0
    fades_from: float = 0.0
    gone_at: float = 0.0
    attach: float = 0.0
    cover: float = 0.0
    order: int = 0


@dataclass(frozen=True)
class Measure:
    """Something that can be done, or was done and can be taken away in thought (`existing`).

    `strength` is by knot (ramp of an ecosystem, decay of a wall); `effectiveness` and `cost_factor` name
    dimensions whose value multiplies strength and cost; `lever` groups measures that exclude each other.
    `cost` is in the money of the model, paid in the first year; `upkeep` per year.
    """

    key: str
    name: Name
    acts: tuple[Act, ...]
    strength: Floats
    cost: float = 0.0
    upkeep: float = 0.0
    effectiveness: str = ""
    cost_factor: str = ""
    lever: str = ""
    kind: str = ""
    existing: bool = False


class Spread(StrEnum):
    UNIFORM = "uniform"  # low..high
    TRIANGULAR = "triangular"  # low, middle, high
    NORMAL = "normal"  # p05 = low, p50 = middle, p95 = high, split normal, cut at `floor`..`ceiling`
    TABLE = "table"  # quantiles at `at`


@dataclass(frozen=True)
class Dimension:
    """One thing nobody knows. Futures spread over it evenly; they are no probabilities.

    `base` is its value in the present best estimate, for the checks against other programs.
    """

    key: str
    name: Name
    unit: str
    spread: Spread
    low: float
    high: float
    base: float
    middle: float = 0.0
    at: tuple[float, ...] = ()
    values: tuple[float, ...] = ()
    floor: float = float("-inf")
    ceiling: float = float("inf")
    source: str = ""


@dataclass(frozen=True)
class Climate:
    """How the climate moves one hazard: `alpha = 1 + rate * warming(w,t)`, `phi = 1 + share(w) * ramp(t)`.

    `rain` names the dimension of scaling per degree, `warming` the series of degrees above today, `frequency` the
    series of the change in how often. Empty: unchanged. Sea level is a `Rise` over all places.
    """

    hazard: str
    warming: str = ""
    rain: str = ""
    frequency: str = ""


@dataclass(frozen=True)
class Group:
    """A social group, called what it calls itself. `people` may be unknown (nan); income in money a year."""

    key: str
    name: Name
    people: float = float("nan")
    income: float = float("nan")
    newcomers: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of impact: baht, people, working days, hot days. `price` in money per unit for sums; 0: no sum."""

    key: str
    name: Name
    unit: str
    price: float = 0.0


@dataclass(frozen=True)
class Threshold:
    """What a group can bear of one kind in an average year; above it the group's threshold is missed."""

    group: str
    kind: str
    most: float


@dataclass(frozen=True)
class Model:
    """Everything that `appraise` needs.

    `years` are the knots, strictly rising; a year's impact between knots is linear. `curve_position` names the
    dimension q of the curves, `discount` the dimension of the yearly rate; empty means 0.
    """

    key: str
    name: Name
    years: tuple[int, ...]
    places: tuple[str, ...]
    groups: tuple[Group, ...]
    kinds: tuple[Kind, ...]
    hazards: tuple[Hazard, ...]
    curves: tuple[Curve, ...]
    layers: tuple[Layer, ...]
    measures: tuple[Measure, ...]
    dimensions: tuple[Dimension, ...] = ()
    series: tuple[Series, ...] = ()
    climates: tuple[Climate, ...] = ()
    rises: tuple[Rise, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    most_cost: float = float("inf")
    curve_position: str = ""
    discount: str = ""
    money: str = "THB"
    is_example: bool = False
    weights: dict[str, float] = field(default_factory=dict)

    @property
    def levers(self) -> tuple[tuple[int, ...], ...]:
        """Measures by lever, in order: a lever of one measure is a toggle, one of several an exclusive choice.

        A package is a number in mixed radix, lever 0 fastest: level 0 does nothing, level j is the j-th measure.
        """
        found: dict[str, list[int]] = {}
        for number, measure in enumerate(self.measures):
            found.setdefault(measure.lever or f"\0{number}", []).append(number)
        return tuple(tuple(each) for each in found.values())

    @property
    def channels(self) -> tuple[tuple[str, str], ...]:
        """(group, kind) of the layers, in the order of groups, then kinds."""
        there = {(layer.group, layer.kind) for layer in self.layers}
        return tuple((g.key, k.key) for g in self.groups for k in self.kinds if (g.key, k.key) in there)

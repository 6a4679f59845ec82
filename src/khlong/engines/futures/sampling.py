"""Futures: what nobody knows, spread out evenly, and what it makes of hazards, exposure, measures and money.

A future w is one point in the box of all dimensions. Points come from a scrambled Sobol sequence [1]_ [2]_: they fill
the box more evenly than chance does, and the first 1,000 of 10,000 are the same points as a preview of 1,000. Futures
are no probabilities; every share of them is said as "in 7,300 of 10,000 futures".

Every array here has the future first and the knot second. All of it is elementwise arithmetic, so a part of the
futures gives the same bits as the whole.

References
----------
.. [1] I. M. Sobol', 1967. Distribution of points in a cube and approximate evaluation of integrals. USSR
   Computational Mathematics and Mathematical Physics 7(4):86-112. doi:10.1016/0041-5553(67)90144-9
.. [2] A. B. Owen, 1998. Scrambling Sobol' and Niederreiter-Xing points. Journal of Complexity 14(4):466-489.
   doi:10.1006/jcom.1998.0487
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from khlong.engines.futures.check import check_futures
from khlong.engines.futures.errors import ModelError, Words
from khlong.engines.futures.model import Spread

if TYPE_CHECKING:
    from collections.abc import Callable

    from khlong.engines.futures.model import Climate, Dimension, Floats, Measure, Model, Series

PATH_RULE = "knots-linear/discounted-mean"
SAMPLER = "sobol-scrambled"
Z95 = 1.6448536269514722  # the 95th percentile of the standard normal
HALF_STEP = (
    2.0**-31
)  # scipy's points are whole multiples of 2^-30: the middle of a step is never 0 and never 1


@dataclass(frozen=True)
class Pace:
    """How strong a measure is by knot, and which dimensions move it and its cost."""

    strength: Floats
    effectiveness: str
    cost_factor: str

    @classmethod
    def of(cls, measure: Measure) -> Pace:
        return cls(measure.strength, measure.effectiveness, measure.cost_factor)


@dataclass(frozen=True)
class Outline:
    """What futures need to know of a model: no events, no places, no values, so it is cheap to send elsewhere."""

    years: tuple[int, ...]
    series: dict[str, Series]
    climates: dict[str, Climate]
    rises: dict[str, tuple[float, str]]
    drivers: dict[str, str]
    paces: tuple[Pace, ...]
    curve_position: str
    discount: str

    @classmethod
    def of(cls, model: Model) -> Outline:
        return cls(
            years=model.years,
            series={each.key: each for each in model.series},
            climates={each.hazard: each for each in model.climates},
            rises={each.key: (each.by, each.series) for each in model.rises},
            drivers={each.key: each.driver for each in model.layers},
            paces=tuple(Pace.of(each) for each in model.measures),
            curve_position=model.curve_position,
            discount=model.discount,
        )


@dataclass(frozen=True)
class Futures:
    """`count` futures: the value of each dimension in each, and what follows from it by knot.

    Arrays are made when first asked for and kept; they are read-only. N futures, K knots.

    Attributes
    ----------
    values : dict of (N,) arrays
        By the key of the dimension, in its unit.
    seed : int
        -1 for the best estimate.
    start : int
        The number of the first of these futures in the whole draw.
    """

    count: int
    seed: int
    values: dict[str, Floats]
    outline: Outline
    start: int = 0
    kept: dict[str, Floats] = field(default_factory=dict, repr=False, compare=False)

    def part(self, start: int, stop: int) -> Futures:
        """Futures `start` to `stop` of these, as slices of Python are."""
        values = {key: each[start:stop] for key, each in self.values.items()}
        count = len(range(self.count)[start:stop])
        return Futures(count, self.seed, values, self.outline, self.start + start)

    def __reduce__(self) -> tuple[type[Futures], tuple[int, int, dict[str, Floats], Outline, int]]:
        """Only what the rest follows from is sent to another process."""
        return Futures, (self.count, self.seed, self.values, self.outline, self.start)

    @property
    def knots(self) -> int:
        return len(self.outline.years)

    def series(self, key: str) -> Floats:
        """`1 + size(w) * ramp(t)` where the series grows, else `size(w) * ramp(t)`. (N, K)"""
        return self._keep(f"series:{key}", lambda: self._series(self.outline.series[key]))

    def alpha(self, hazard: str) -> Floats:
        """What multiplies intensity: `1 + rate(w) * warming(w,t)`. (N, K)"""
        return self._keep(f"alpha:{hazard}", lambda: self._alpha(hazard))

    def phi(self, hazard: str) -> Floats:
        """What multiplies frequency: `1 + share(w) * ramp(t)`. (N, K)"""
        return self._keep(f"phi:{hazard}", lambda: self._phi(hazard))

    def rise(self, key: str) -> Floats:
        """Water added by one rise, `by * series(w,t)`, in the unit of its hazard. (N, K)"""
        by, series = self.outline.rises[key]
        return self._keep(f"rise:{key}", lambda: by * self.series(series))

    def driver(self, layer: str) -> Floats:
        """What multiplies the values of a layer; 1 without a driver. (N, K)"""
        series = self.outline.drivers[layer]
        return self.series(series) if series else self._ones

    def strength(self, measure: int) -> Floats:
        """`s_m = effectiveness_m(w) * strength_m(t)` of the measure with this number. (N, K)"""
        pace = self.outline.paces[measure]
        return self._keep(
            f"strength:{measure}",
            lambda: self._value(pace.effectiveness, 1.0)[:, None] * pace.strength[None, :],
        )

    def cost_factor(self, measure: int) -> Floats:
        """What multiplies the cost and upkeep of the measure with this number. (N,)"""
        return self._value(self.outline.paces[measure].cost_factor, 1.0)

    @property
    def curve_position(self) -> Floats:
        """q of the damage curves: 0 is the curve as published. (N,)"""
        return self._value(self.outline.curve_position, 0.0)

    @property
    def rate(self) -> Floats:
        """The yearly discount rate. (N,)"""
        return self._value(self.outline.discount, 0.0)

    @cached_property
    def annuity(self) -> Floats:
        """`A(w) = sum_y d_y` over all years from the first knot to the last, both counted. (N,)"""
        return shut(discounted_years(self.rate, self.outline.years)[1])

    @cached_property
    def knot_weights(self) -> Floats:
        """`a_t(w)`, summing to 1: the discounted mean of a path that is linear between knots. (N, K)"""
        return shut(discounted_years(self.rate, self.outline.years)[0])

    @cached_property
    def _ones(self) -> Floats:
        return shut(np.ones((self.count, self.knots)))

    def _value(self, dimension: str, otherwise: float) -> Floats:
        if dimension:
            return self.values[dimension]
        return self._keep(f"constant:{otherwise}", lambda: np.full(self.count, otherwise))

    def _series(self, series: Series) -> Floats:
        moved = self._value(series.dimension, 1.0)[:, None] * series.ramp[None, :]
        return 1.0 + moved if series.grows else moved

    def _alpha(self, hazard: str) -> Floats:
        climate = self.outline.climates.get(hazard)
        if climate is None or not climate.warming or not climate.rain:
            return self._ones
        return 1.0 + self.values[climate.rain][:, None] * self.series(climate.warming)

    def _phi(self, hazard: str) -> Floats:
        climate = self.outline.climates.get(hazard)
        if climate is None or not climate.frequency:
            return self._ones
        change = self.series(climate.frequency)
        return change if self.outline.series[climate.frequency].grows else 1.0 + change

    def _keep(self, key: str, make: Callable[[], Floats]) -> Floats:
        found = self.kept.get(key)
        if found is None:
            found = self.kept[key] = shut(np.ascontiguousarray(make()))
        return found


def shut(array: Floats) -> Floats:
    """The array, read-only from now on."""
    array.flags.writeable = False
    return array


def draw(model: Model, count: int, seed: int) -> Futures:
    """`count` futures of a model by scrambled Sobol.

    The same seed gives the same futures, and a smaller count the first of them.

    Raises
    ------
    ModelError
        The count is not positive, the seed is negative, or a future cannot be (`check.check_futures`).
    """
    refuse_count(count, seed)
    points = sobol(len(model.dimensions), count, seed)
    values = {each.key: shut(spread(each, points[:, number])) for number, each in enumerate(model.dimensions)}
    return stand(model, Futures(count, seed, values, Outline.of(model)))


def base(model: Model) -> Futures:
    """The single best-estimate future: every dimension at its `base`."""
    values = {each.key: shut(np.array([each.base])) for each in model.dimensions}
    return stand(model, Futures(1, -1, values, Outline.of(model)))


def stand(model: Model, futures: Futures) -> Futures:
    """The futures, if each of them can be."""
    check_futures(model, futures)
    return futures


def refuse_count(count: int, seed: int) -> None:
    if not 0 < count <= 2**30:
        raise ModelError(
            "futures",
            Words(f"จำนวนอนาคต {count} ใช้ไม่ได้", f"{count} futures cannot be drawn."),
            Words("ให้ระบุจำนวนตั้งแต่ 1 ขึ้นไป", "Ask for one or more."),
        )
    if seed < 0:
        raise ModelError(
            "seed",
            Words(f"เลขตั้งต้น {seed} เป็นค่าลบ", f"The seed {seed} is negative."),
            Words("ให้ใช้จำนวนเต็มตั้งแต่ 0 ขึ้นไป", "Use a whole number of 0 or more."),
        )


def sobol(dimensions: int, count: int, seed: int) -> Floats:
    """The first `count` points of a scrambled Sobol sequence, strictly between 0 and 1. (count, dimensions)

    Examples
    --------
    >>> few, many = sobol(3, 100, seed=7), sobol(3, 1000, seed=7)
    >>> bool((few == many[:100]).all())
    True
    """
    if dimensions == 0:
        return np.empty((count, 0))
    power = max(count - 1, 0).bit_length()
    points: Floats = qmc.Sobol(dimensions, scramble=True, rng=seed).random_base2(power)
    return np.ascontiguousarray(points[:count]) + HALF_STEP


def spread(dimension: Dimension, u: Floats) -> Floats:
    """The values of a dimension at shares `u` of its spread: the quantile function, cut at floor and ceiling.

    Uniform and triangular have their textbook inverses. The split normal takes `low`, `middle`, `high` as its 5th,
    50th and 95th percentiles, as assessed ranges of the IPCC are given, with a half-width of its own on each side.
    A table is linear between its quantiles and flat beyond them.

    Examples
    --------
    >>> from khlong.engines.futures.model import Dimension, Name, Spread
    >>> degrees = Dimension("warming", Name("", ""), "degC", Spread.NORMAL, low=1.3, high=2.4, base=1.8, middle=1.8)
    >>> spread(degrees, np.array([0.05, 0.5, 0.95])).round(12).tolist()
    [1.3, 1.8, 2.4]
    """
    by_kind: dict[Spread, Callable[[Dimension, Floats], Floats]] = {
        Spread.UNIFORM: uniform,
        Spread.TRIANGULAR: triangular,
        Spread.NORMAL: split_normal,
        Spread.TABLE: tabled,
    }
    return np.clip(by_kind[dimension.spread](dimension, u), dimension.floor, dimension.ceiling)


def uniform(dimension: Dimension, u: Floats) -> Floats:
    return dimension.low + u * (dimension.high - dimension.low)


def triangular(dimension: Dimension, u: Floats) -> Floats:
    low, mode, high = dimension.low, dimension.middle, dimension.high
    width = high - low
    if width <= 0:
        return np.full_like(u, low)
    rising = low + np.sqrt(u * width * (mode - low))
    falling = high - np.sqrt((1 - u) * width * (high - mode))
    return np.where(u * width < mode - low, rising, falling)


def split_normal(dimension: Dimension, u: Floats) -> Floats:
    z = ndtri(u) / Z95
    half = np.where(z < 0, dimension.middle - dimension.low, dimension.high - dimension.middle)
    moved: Floats = dimension.middle + z * half
    return moved


def tabled(dimension: Dimension, u: Floats) -> Floats:
    return np.interp(u, dimension.at, dimension.values)


def discounted_years(rate: Floats, years: tuple[int, ...]) -> tuple[Floats, Floats]:
    r"""Weights by knot and the annuity of a path that is linear between knots.

    .. math:: d_y = (1+r)^{-(y-y_0)}, \quad A = \sum_{y=y_0}^{y_T} d_y, \quad a_t = \frac{1}{A} \sum_y d_y h_t(y)

    with the hat function :math:`h_t`, which is 1 at knot t, 0 at all others, and linear between: the first year is not
    discounted. The discounted mean over all years of what goes linearly from knot to knot is then
    :math:`\sum_t a_t f_t`.

    Parameters
    ----------
    rate : (N,) array, as a share per year.
    years : the K knots, strictly rising.

    Returns
    -------
    (N, K) weights that sum to 1, and (N,) annuities in years.

    Examples
    --------
    >>> weights, annuity = discounted_years(np.array([0.0]), (2025, 2027))
    >>> weights.tolist(), annuity.tolist()
    ([[0.5, 0.5]], [3.0])
    """
    weights = np.zeros((len(rate), len(years)))
    annuity, factor, by_year = np.zeros(len(rate)), np.ones(len(rate)), 1.0 / (1.0 + rate)
    for year in range(years[0], years[-1] + 1):
        before = bisect_right(years, year) - 1
        along = (
            (year - years[before]) / (years[before + 1] - years[before]) if before + 1 < len(years) else 0.0
        )
        weights[:, before] += factor * (1 - along)
        if along:
            weights[:, before + 1] += factor * along
        annuity += factor
        factor = factor * by_year
    return weights / annuity[:, None], annuity

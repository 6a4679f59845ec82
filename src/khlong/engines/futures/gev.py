r"""Extremes by year: the generalised extreme value distribution fitted by L-moments, and what a change of climate makes
of its return levels.

The distribution function is, in Hosking's sign of the shape (as in `scipy.stats.genextreme`),

.. math:: F(x) = \exp\{-[1 - c (x - \xi)/\alpha]^{1/c}\}, \qquad F(x) = \exp\{-e^{-(x-\xi)/\alpha}\} \text{ for } c = 0

with location :math:`\xi`, scale :math:`\alpha`; c < 0 has the heavy tail. L-moments are linear in the data, so one wild
year moves them less than it moves a variance [1]_ [2]_.

References
----------
.. [1] J. R. M. Hosking, 1990. L-moments: analysis and estimation of distributions using linear combinations of order
   statistics. Journal of the Royal Statistical Society B 52(1):105-124. doi:10.1111/j.2517-6161.1990.tb01775.x
.. [2] J. R. M. Hosking, J. R. Wallis, E. F. Wood, 1985. Estimation of the generalized extreme-value distribution by the
   method of probability-weighted moments. Technometrics 27(3):251-261. doi:10.1080/00401706.1985.10488049
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from scipy.special import gamma

from khlong.engines.futures import refusals as ask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khlong.engines.futures.model import Floats

FEWEST = 10  # years; with fewer the shape is noise
EULER = 0.5772156649015329
SHARE_OF_GUMBEL = log(9 / 8) / log(2)  # the third L-moment ratio of c = 0


@dataclass(frozen=True)
class Gev:
    """A fitted distribution of annual maxima: shape c, location, scale, and the number of years behind it."""

    shape: float
    location: float
    scale: float
    years: int = 0

    def level(self, period: float) -> float:
        """What is exceeded once in `period` years on average.

        Examples
        --------
        >>> round(Gev(0.0, 100.0, 25.0).level(100), 2)
        215.0
        """
        ask.at_least("period", period, 1 + 1e-9)
        reduced = -log(-np.log1p(-1 / period))
        if abs(self.shape) < 1e-12:
            return float(self.location + self.scale * reduced)
        return float(self.location - self.scale * np.expm1(-self.shape * reduced) / self.shape)

    def period(self, level: float) -> float:
        """The return period of a level: infinite above the end of a bounded tail, 1 below its beginning."""
        along = (level - self.location) / self.scale
        if abs(self.shape) < 1e-12:
            reduced = along
        else:
            inside = 1 - self.shape * along
            if inside <= 0:
                return float("inf") if self.shape > 0 else 1.0
            reduced = -log(inside) / self.shape
        exceeded = -np.expm1(-exp(-reduced)) if reduced > -700 else 1.0
        return float(1 / exceeded) if exceeded > 0 else float("inf")


def l_moments(values: Sequence[float] | Floats) -> tuple[float, float, float]:
    r"""The first two L-moments and the third L-moment ratio, unbiased.

    .. math:: \lambda_1 = b_0, \quad \lambda_2 = 2 b_1 - b_0, \quad \tau_3 = (6 b_2 - 6 b_1 + b_0)/\lambda_2, \quad
        b_r = \frac1n \sum_{j} \binom{j-1}{r} \binom{n-1}{r}^{-1} x_{j:n}

    Examples
    --------
    >>> [round(each, 9) for each in l_moments([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])]
    [5.5, 1.833333333, 0.0]
    """
    data = np.sort(np.asarray(values, np.float64))
    ask.finite("values", data)
    count = len(data)
    if count < FEWEST:
        raise ask.refused(
            "values",
            (f"มีข้อมูลเพียง {count} ปี", f"There are only {count} years."),
            (f"ต้องมีอย่างน้อย {FEWEST} ปี", f"Give {FEWEST} or more, or use a ladder of remembered years."),
        )
    rank = np.arange(count)
    first = float(np.mean(data))
    second = float(np.sum(rank * data)) / count / (count - 1)
    third = float(np.sum(rank * (rank - 1) * data)) / count / (count - 1) / (count - 2)
    width = 2 * second - first
    if width <= 0:
        raise ask.refused(
            "values",
            ("ทุกปีมีค่าเท่ากัน", "All years are equal."),
            ("ให้ตรวจข้อมูล", "Check the data."),
        )
    return first, width, (6 * third - 6 * second + first) / width


def fit(values: Sequence[float] | Floats) -> Gev:
    r"""The distribution with the L-moments of the data.

    The shape solves :math:`\tau_3 = 2 (1 - 3^{-c})/(1 - 2^{-c}) - 3` to machine precision (not by Hosking's rational
    approximation, which is off by up to 9e-4); then

    .. math:: \alpha = \frac{\lambda_2 c}{(1 - 2^{-c}) \Gamma(1 + c)}, \qquad
        \xi = \lambda_1 - \alpha \{1 - \Gamma(1 + c)\}/c

    Raises
    ------
    ModelError
        Fewer than ten years, missing numbers, or all years equal.
    """
    first, width, ratio = l_moments(values)
    if abs(ratio - SHARE_OF_GUMBEL) < 1e-9:
        scale = width / log(2)
        return Gev(0.0, first - EULER * scale, scale, len(values))
    shape = float(brentq(lambda c: skewness(c) - ratio, -1 + 1e-9, 60.0, xtol=1e-14, rtol=1e-14))
    reach = float(gamma(1 + shape))
    scale = width * shape / ((1 - 2.0**-shape) * reach)
    return Gev(shape, first - scale * (1 - reach) / shape, scale, len(values))


def skewness(shape: float) -> float:
    """The third L-moment ratio of a shape, `2 (1 - 3^-c)/(1 - 2^-c) - 3`."""
    if abs(shape) < 1e-9:
        return SHARE_OF_GUMBEL
    return float(2 * np.expm1(-shape * log(3)) / np.expm1(-shape * log(2)) - 3)


def change(today: Gev, later: Gev, periods: Sequence[float]) -> Floats:
    """The delta change by return period: what today's level of each period is to be multiplied by.

    Two fits to the same model's past and future, whose ratio is put on what was observed here. It is larger or smaller
    for rare events than for frequent ones if the shape or the ratio of scale to location changes.
    """
    levels = np.array([today.level(each) for each in periods])
    ask.at_least("today", levels, 1e-12)
    ratios: Floats = np.array([later.level(each) for each in periods]) / levels
    return ratios


def level_error(
    values: Sequence[float] | Floats, period: float, *, draws: int = 500, seed: int = 0
) -> tuple[float, float]:
    """The 5th and 95th percentile of a return level, by fitting to samples drawn from the fit as long as the record.

    Printed beside every return level: with forty years the hundred-year level is known to about a quarter.
    """
    fitted, rng = fit(values), np.random.default_rng(seed)
    reduced = -np.log(-np.log(rng.random((draws, len(values)))))
    if abs(fitted.shape) < 1e-12:
        samples = fitted.location + fitted.scale * reduced
    else:
        samples = fitted.location - fitted.scale * np.expm1(-fitted.shape * reduced) / fitted.shape
    levels = np.array([fit(each).level(period) for each in samples])
    low, high = np.quantile(levels, [0.05, 0.95])
    return float(low), float(high)

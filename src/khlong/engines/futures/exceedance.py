r"""Exceedance curves, layers of risk, and certainty equivalents: for the shortlist, from the losses of its events.

An expected annual impact hides whether it comes a little every year or all at once. With losses :math:`L_e` of
events of annual frequency :math:`\lambda_e`, sorted from the largest,

.. math:: \Lambda(x) = \sum_{e: L_e \ge x} \lambda_e, \qquad T(x) = 1 / \Lambda(x)

is how often a loss of x or more comes, and its return period. The area under the curve is the expected annual impact;
cut at return periods it gives the layers of risk: what comes often (for ditches, houses and habits), what comes
sometimes (for canals and funds), what comes seldom (for insurance and help from outside) [1]_ [2]_.

Loss by return period is taken linear in the return period between events, as CLIMADA does (rule `linear-in-period`);
layers are not interpolated: each event belongs to its frequency band, and an event that stands across an edge is split
by frequency (rule `events`), so layers add up to the expected annual impact exactly.

References
----------
.. [1] G. Aznar-Siguan, D. N. Bresch, 2019. CLIMADA v1: a global weather and climate risk assessment platform.
   Geoscientific Model Development 12:3085-3097. doi:10.5194/gmd-12-3085-2019
.. [2] R. Mechler, L. M. Bouwer, J. Linnerooth-Bayer, S. Hochrainer-Stigler, J. C. J. H. Aerts, S. Surminski,
   K. Williges, 2014. Managing unnatural disaster risk from climate extremes. Nature Climate Change 4:235-237.
   doi:10.1038/nclimate2137
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures.equity import certainty_multiplier
from khlong.engines.futures.errors import ModelError, Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khlong.engines.futures.model import Floats

RULE = "linear-in-period"
LAYER_RULE = "events"
LAYER_EDGES = (5.0, 50.0, 200.0)
"""Return periods, in years, between what is often, what is sometimes, what is seldom and what is hardly ever."""


@dataclass(frozen=True)
class Curve:
    """Losses from the largest on, how often each or more comes, and its return period. (E,) arrays each.

    Events without loss or without frequency are left out.
    """

    loss: Floats
    frequency: Floats

    @property
    def period(self) -> Floats:
        """Return period in years of each loss."""
        return np.asarray(1 / self.frequency)

    @property
    def expected(self) -> float:
        """The area under the curve: the expected annual impact."""
        return float(self.loss @ np.diff(self.frequency, prepend=0.0))

    def at(self, periods: Floats) -> Floats:
        """The loss of a return period, linear between events.

        0 below the return period of the smallest loss; the largest loss beyond its own period, for nothing larger is
        known.
        """
        if not len(self.loss):
            return np.zeros(np.shape(periods))
        found = np.interp(periods, self.period[::-1], self.loss[::-1])
        return np.asarray(np.where(np.asarray(periods) < self.period[-1], 0.0, found))

    def chance(self, loss: float) -> float:
        """How often a year a loss of so much or more comes."""
        reached = self.loss >= loss
        return float(self.frequency[reached][-1]) if reached.any() else 0.0


def curve(losses: Floats, frequency: Floats) -> Curve:
    """The exceedance curve of events. (E,), (E,)

    Raises
    ------
    ModelError
        There are not as many losses as frequencies.

    Examples
    --------
    >>> found = curve(np.array([5.0, 20, 0, 10]), np.array([0.1, 0.01, 1, 0.05]))
    >>> found.loss.tolist(), found.period.round(2).tolist(), round(found.expected, 6)
    ([20.0, 10.0, 5.0], [100.0, 16.67, 6.25], 1.2)
    """
    if np.shape(losses) != np.shape(frequency):
        raise ModelError(
            "frequency",
            Words("จำนวนเหตุการณ์กับจำนวนความถี่ไม่เท่ากัน", "There are not as many frequencies as events."),
            Words("ให้ความถี่หนึ่งค่าต่อหนึ่งเหตุการณ์", "Give one frequency for each event."),
        )
    order = np.argsort(-losses, kind="stable")
    order = order[(losses[order] > 0) & (frequency[order] > 0)]
    return Curve(np.asarray(losses[order], float), np.cumsum(frequency[order]))


def layers(found: Curve, edges: Sequence[float] = LAYER_EDGES) -> Floats:
    """The expected annual impact that comes from each band of return periods, the frequent first. (B + 1,)

    Band 0 is more often than every `edges[0]` years, the last seldomer than every `edges[-1]`. The bands add up to
    `found.expected`.

    Examples
    --------
    >>> found = curve(np.array([5.0, 20, 10]), np.array([0.1, 0.01, 0.05]))
    >>> layers(found, (10.0, 50.0)).round(6).tolist()
    [0.3, 0.6, 0.3]
    """
    bounds = np.array([np.inf, *(1 / each for each in edges), 0.0])
    upper = found.frequency
    lower = np.concatenate([[0.0], upper[:-1]]) if len(upper) else upper
    shares = [
        np.clip(np.minimum(upper, high) - np.maximum(lower, low), 0, None)
        for high, low in pairwise(bounds.tolist())
    ]
    return np.array([float(each @ found.loss) for each in shares])


def band(found: Curve, low: float, high: float) -> float:
    """Expected annual part of losses between two amounts: what a cover from `low` to `high` would pay a year.

    .. math:: \\sum_e \\lambda_e \\min(\\max(L_e - a, 0), b - a)
    """
    paid = np.clip(found.loss - low, 0, high - low)
    return float(paid @ np.diff(found.frequency, prepend=0.0))


def certainty_equivalent(losses: Floats, frequency: Floats, income: float, gamma: float = 1.2) -> float:
    r"""What a sure yearly payment would be as heavy as these losses, for people of one yearly income.

    .. math:: \sum_e R(\lambda_e, L_e / y)\, \lambda_e L_e

    with the risk premium multiplier R of each event (`equity.certainty_multiplier`). Summed event by event, as
    fiat_toolbox does by return period: right for seldom events, which do not meet in one year.

    Parameters
    ----------
    losses : (E,) array
        Money a head, or of one household, in each event.
    frequency : (E,) array
        A year; more than once a year counts as certain.
    income : float
        A head, or of the household, a year.
    gamma : float
        Relative risk aversion.

    Returns
    -------
    float
        At least the expected annual loss. A loss of the whole income or more counts as the whole income for the
        multiplier, not for the mean.

    Examples
    --------
    >>> round(certainty_equivalent(np.array([50_000.0]), np.array([0.01]), 100_000.0), 2)
    740.19
    """
    if not income > 0:
        raise ModelError(
            "groups.income",
            Words("ไม่ทราบรายได้ของกลุ่มนี้ จึงคิดความหนักของความเสี่ยงไม่ได้", "The income of the group is not known."),
            Words("ใส่รายได้ต่อคนต่อปีที่มากกว่าศูนย์", "Give a yearly income a head above zero."),
        )
    multiplier = certainty_multiplier(losses / income, np.clip(frequency, 0, 1), gamma)
    return float((multiplier * frequency * losses).sum())

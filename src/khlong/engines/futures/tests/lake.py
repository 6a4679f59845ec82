r"""The lake of the exploratory modelling books, as arrays: a town decides how much to let into its lake each year.

.. math:: X_{t+1} = X_t + a_t + \frac{X_t^q}{1+X_t^q} - b X_t + \epsilon_t, \qquad X_0 = 0

with the release a_t, natural inflows :math:`\epsilon_t` (lognormal), removal b and recycling q. Above a critical
level the lake tips and does not come back.

S. R. Carpenter, D. Ludwig, W. A. Brock, 1999. Management of eutrophication for lakes subject to potentially
irreversible change. Ecological Applications 9:751-771. doi:10.1890/1051-0761(1999)009[0751:MOEFLS]2.0.CO;2
R. Singh, P. M. Reed, K. Keller, 2015. Many-objective robust decision making for managing an ecosystem with a deeply
uncertain threshold response. Ecology and Society 20(3):12. doi:10.5751/ES-07687-200312
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

if TYPE_CHECKING:
    from khlong.engines.futures.model import Floats

YEARS = 100
RANGES = {
    "b": (0.1, 0.45),
    "q": (2.0, 4.5),
    "mean": (0.01, 0.05),
    "stdev": (0.001, 0.005),
    "delta": (0.93, 0.99),
}
SHARE_OF_UTILITY = 0.4


def futures(count: int, seed: int) -> Floats:
    """b, q, mean, stdev, delta by future. (count, 5); numpy's legacy generator never changes its numbers."""
    low, high = np.array(list(RANGES.values())).T
    return np.asarray(low + np.random.RandomState(seed).random_sample((count, 5)) * (high - low))


def policies(count: int, seed: int) -> Floats:
    """What is let in by year, from 0 to 0.1. (count, YEARS)"""
    return np.random.RandomState(seed).random_sample((count, YEARS)) * 0.1


def inflows(mean: float, stdev: float, samples: int, seed: int) -> Floats:
    """Natural inflows of one run. (samples, YEARS)"""
    middle = np.log(mean**2 / np.sqrt(stdev**2 + mean**2))
    width = np.sqrt(np.log(1 + stdev**2 / mean**2))
    return np.random.RandomState(seed).lognormal(middle, width, (samples, YEARS))


def critical(b: float, q: float) -> float:
    """The level above which recycling outruns removal."""
    return float(brentq(lambda x: x**q / (1 + x**q) - b * x, 0.01, 1.5))


def lake(x: Floats, releases: Floats, natural: Floats) -> Floats:
    """All runs at once: the largest mean level, utility, inertia, reliability. (R, 5), (R, Y), (R, S, Y) -> (R, 4)"""
    b, q = x[:, 0, None], x[:, 1, None]
    level = np.zeros(natural.shape[:2])
    limits = np.array([critical(*each) for each in x[:, :2]])[:, None]
    largest, below = np.zeros(len(x)), np.full(len(x), float(natural.shape[1]))
    for year in range(YEARS - 1):
        risen = level**q
        level = (1 - b) * level + risen / (1 + risen) + releases[:, year, None] + natural[:, :, year]
        largest = np.maximum(largest, level.mean(axis=1))
        below += (level < limits).sum(axis=1)
    utility = (SHARE_OF_UTILITY * releases * x[:, 4, None] ** np.arange(YEARS)).sum(axis=1)
    inertia = (np.abs(np.diff(releases)) > 0.02).sum(axis=1) / (YEARS - 1)
    return np.column_stack([largest, utility, inertia, below / natural[0].size])


def demo(count: int, samples: int, seed: int) -> tuple[Floats, Floats]:
    """`count` futures under each of four policies: the futures and the outcomes. (4 count, 5), (4 count, 4)"""
    x = np.tile(futures(count, seed), (4, 1))
    releases = np.repeat(policies(4, seed + 1), count, axis=0)
    natural = np.stack([inflows(each[2], each[3], samples, run) for run, each in enumerate(x)])
    return x, lake(x, releases, natural)

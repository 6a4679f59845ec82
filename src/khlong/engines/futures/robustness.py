r"""How a package stands over all futures: the eleven metrics of McPhail et al. [1]_, and ours by group.

No metric is the right one: a city that fears the worst ranks packages otherwise than one that hopes for the
mean. So several stand side by side, with how far they agree (`agreement`).

Everything takes plain arrays. The last axis is the future w, the one before it the package S, so `f` has the shape
`(..., S, N)`. Values are burdens, lower is better; `more=True` says that more is better (money earned, payoffs of
the textbooks). Each function returns what it names in the unit of `f`, unless said otherwise:

===================== ============================================================ ================
metric                for a burden f                                               better
===================== ============================================================ ================
maximin               :math:`\max_w f`, the worst future [2]_                      lower
maximax               :math:`\min_w f`, the best future                            lower
Hurwicz               :math:`a \max_w f + (1-a)\min_w f` [3]_                      lower
Laplace               :math:`\frac1N\sum_w f`                                      lower
minimax regret        :math:`\max_w (f - \min_S f)` [4]_                           lower
90th-percentile regret  the 90th percentile of the same over w [5]_                lower
mean-variance         :math:`(\mu+1)(\sigma+1)` [6]_                               lower
undesirable deviations  mean over the worse half of :math:`f - \mathrm{med} f` [7]_  lower
skew                  :math:`\frac{(q_{90}+q_{10})/2-q_{50}}{(q_{90}-q_{10})/2}` [8]_  lower
peakedness            :math:`(q_{90}-q_{10})/(q_{75}-q_{25})` [8]_                 higher
Starr domain          share of futures that meet the threshold [9]_                higher
===================== ============================================================ ================

With `more=True` the same functions give the mirrored form: the maximin is the smallest value, a regret is
:math:`f - \max_S f` and at most 0, the mean-variance is :math:`(\mu+1)/(\sigma+1)`.

A share of futures has a sampling error, printed beside it (`share_error`).

References
----------
.. [1] C. McPhail, H. R. Maier, J. H. Kwakkel, M. Giuliani, A. Castelletti, S. Westra, 2018. Robustness metrics: How
   are they calculated, when should they be used and why do they give different results? Earth's Future 6:169-191.
   doi:10.1002/2017EF000649
.. [2] A. Wald, 1950. Statistical Decision Functions. Wiley, New York.
.. [3] L. Hurwicz, 1953. Optimality criterion for decision making under ignorance. In: Uncertainty and Expectations
   in Economics, Blackwell.
.. [4] L. J. Savage, 1951. The theory of statistical decision. Journal of the American Statistical Association
   46(253):55-67. doi:10.1080/01621459.1951.10500768
.. [5] J. D. Herman, P. M. Reed, H. B. Zeff, G. W. Characklis, 2015. How should robustness be defined for water systems
   planning under change? Journal of Water Resources Planning and Management 141(10):04015012.
   doi:10.1061/(ASCE)WR.1943-5452.0000509
.. [6] J. H. Kwakkel, S. Eker, E. Pruyt, 2016. How robust is a robust policy? Comparing alternative robustness metrics
   for robust decision-making. In: Robustness Analysis in Decision Aiding, Springer. doi:10.1007/978-3-319-33121-8_10
.. [7] S. Takriti, S. Ahmed, 2004. On robust optimization of two-stage systems. Mathematical Programming 99:109-126.
   doi:10.1007/s10107-003-0373-y
.. [8] V. Voudouris, K. Matsumoto, J. Sedgwick, R. Rigby, D. Stasinopoulos, M. Jefferson, 2014. Exploring the
   production of natural gas through the lenses of the ACEGES model. Energy Policy 64:124-133.
   doi:10.1016/j.enpol.2013.08.053
.. [9] M. K. Starr, 1963. Product Design and Decision Theory. Prentice-Hall, Englewood Cliffs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from khlong.engines.futures.model import Floats

HIGHER_IS_BETTER = frozenset({"peakedness", "domain", "group_domain"})
"""Metrics of a burden that are better when they are higher; all others are better when lower."""


def maximin(f: Floats, *, more: bool = False) -> Floats:
    """The value in the worst future. (..., N) -> (...)

    Examples
    --------
    >>> maximin(np.array([[-4.0, 4, 12], [-2, 3, 8], [3, 2, 1]]), more=True).tolist()
    [-4.0, -2.0, 1.0]
    """
    return _floats(f.min(axis=-1) if more else f.max(axis=-1))


def maximax(f: Floats, *, more: bool = False) -> Floats:
    """The value in the best future. (..., N) -> (...)"""
    return _floats(f.max(axis=-1) if more else f.min(axis=-1))


def hurwicz(f: Floats, pessimism: float = 0.5, *, more: bool = False) -> Floats:
    """Between the worst and the best future: `pessimism` 1 is the maximin, 0 the maximax. (..., N) -> (...)

    Notes
    -----
    Texts differ in which end the number weighs. Here it weighs the worst future.
    """
    return _floats(pessimism * maximin(f, more=more) + (1 - pessimism) * maximax(f, more=more))


def laplace(f: Floats) -> Floats:
    """The plain mean over futures, each of the same weight. (..., N) -> (...)"""
    return _floats(f.mean(axis=-1))


def regret(f: Floats, *, more: bool = False) -> Floats:
    """By package and future: how much worse than the best package in that future. (..., S, N) -> (..., S, N)

    At least 0 for a burden, at most 0 when more is better.
    """
    best = f.max(axis=-2, keepdims=True) if more else f.min(axis=-2, keepdims=True)
    return _floats(f - best)


def minimax_regret(f: Floats, *, more: bool = False) -> Floats:
    """The regret in the future where it is largest. (..., S, N) -> (..., S)

    Examples
    --------
    >>> minimax_regret(np.array([[-4.0, 4, 12], [-2, 3, 8], [3, 2, 1]]), more=True).tolist()
    [-7.0, -5.0, -11.0]
    """
    return maximin(regret(f, more=more), more=more)


def percentile_regret(f: Floats, share: float = 0.9, *, more: bool = False) -> Floats:
    """The regret that is not passed in a `share` of the futures; linear between them. (..., S, N) -> (..., S)"""
    return _quantile(regret(f, more=more), 1 - share if more else share)


def mean_variance(f: Floats, *, more: bool = False) -> Floats:
    """`(mean + 1) (sd + 1)` of a burden, `(mean + 1) / (sd + 1)` where more is better. (..., N) -> (...)

    The standard deviation is that of a sample (divided by N - 1), 0 for a single future. The ones keep either
    factor from vanishing; they make the metric depend on the unit, which is why ranks are shown, not values.
    """
    spread = f.std(axis=-1, ddof=1) if f.shape[-1] > 1 else np.zeros(f.shape[:-1])
    mean = f.mean(axis=-1) + 1
    return _floats(mean / (spread + 1) if more else mean * (spread + 1))


def undesirable_deviations(f: Floats, *, more: bool = False) -> Floats:
    """The mean distance from the median over the worse half of the futures. (..., N) -> (...)

    Of an odd number of futures the median itself counts to the worse half.

    Examples
    --------
    >>> undesirable_deviations(np.array([[-4.0, 4, 12], [-2, 3, 8], [3, 2, 1]]), more=True).tolist()
    [-4.0, -2.5, -0.5]
    """
    half = (f.shape[-1] + 1) // 2
    ordered = np.sort(f, axis=-1)
    worse = ordered[..., :half] if more else ordered[..., -half:]
    return _floats((worse - np.median(f, axis=-1, keepdims=True)).mean(axis=-1))


def skew(f: Floats) -> Floats:
    """How far the middle of the 10th and 90th percentile stands above the median, from -1 to 1. (..., N) -> (...)

    0 where both percentiles are one.
    """
    low, middle, high = (_quantile(f, share) for share in (0.1, 0.5, 0.9))
    return _ratio((high + low) / 2 - middle, (high - low) / 2, 0.0)


def peakedness(f: Floats) -> Floats:
    """The 10th-to-90th distance over the 25th-to-75th. (..., N) -> (...); 1 where both vanish.

    Infinite where half of the futures give one value and the tails do not.
    """
    low, lower, upper, high = (_quantile(f, share) for share in (0.1, 0.25, 0.75, 0.9))
    wide, narrow = high - low, upper - lower
    return _ratio(wide, narrow, np.where(wide > 0, np.inf, 1.0))


def domain(f: Floats, threshold: float | Floats, *, more: bool = False) -> Floats:
    """Starr's domain: the share of futures in which the threshold is met; standing on it is meeting it.

    Parameters
    ----------
    f : (..., N) array
    threshold : number, or an array that broadcasts against `f`
    """
    met = f >= threshold if more else f <= threshold
    return _floats(met.mean(axis=-1))


def group_domain(f: Floats, thresholds: Floats, *, more: bool = False) -> Floats:
    """The share of futures in which *every* group meets its own threshold. (G, ..., N), (G,) -> (...)

    Starr's domain joined with Rawls' question: a future counts only when nobody is left above what they can bear.
    A threshold that is not a number (nan) is no threshold.
    """
    most = np.asarray(thresholds, float).reshape(-1, *[1] * (f.ndim - 1))
    met = f >= most if more else f <= most
    return _floats((met | np.isnan(most)).all(axis=0).mean(axis=-1))


def share_error(share: Floats, futures: int) -> Floats:
    r"""The standard error of a share of N futures: :math:`\max(\sqrt{p(1-p)/N}, 1/N)`.

    The floor keeps "in all of 10,000 futures" from claiming to be certain: one future more or less could not have
    been seen. Sobol points do better than this error of independent draws; it is an upper measure, not a bound.

    Examples
    --------
    >>> share_error(np.array([0.5, 0.0, 1.0]), 10_000).round(4).tolist()
    [0.005, 0.0001, 0.0001]
    """
    share = np.asarray(share, float)
    return _floats(np.maximum(np.sqrt(np.clip(share * (1 - share), 0, None) / futures), 1 / futures))


def mean_error(f: Floats) -> Floats:
    """The standard error of the mean over futures, as if they were independent draws. (..., N) -> (...)"""
    count = f.shape[-1]
    return _floats(f.std(axis=-1, ddof=1) / np.sqrt(count)) if count > 1 else np.full(f.shape[:-1], np.nan)


def all_metrics(f: Floats, threshold: float | Floats, pessimism: float = 0.5) -> dict[str, Floats]:
    """All eleven for burdens `f` (S, N), by name, each (S,). `threshold`: number or (S, 1) or (N,) array."""
    return {
        "maximin": maximin(f),
        "maximax": maximax(f),
        "hurwicz": hurwicz(f, pessimism),
        "laplace": laplace(f),
        "minimax_regret": minimax_regret(f),
        "regret_90": percentile_regret(f),
        "mean_variance": mean_variance(f),
        "undesirable_deviations": undesirable_deviations(f),
        "skew": skew(f),
        "peakedness": peakedness(f),
        "domain": domain(f, threshold),
    }


def ranks(metric: Floats, *, higher_is_better: bool = False) -> Floats:
    """Rank of each package, the best 1; equals share the mean of their ranks. (S,) -> (S,)

    Examples
    --------
    >>> ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist()
    [3.5, 1.0, 3.5, 2.0]
    """
    return _floats(rankdata(-metric if higher_is_better else metric))


def agreement(metrics: Mapping[str, Floats]) -> tuple[tuple[str, ...], Floats]:
    """How far metrics rank the packages alike: Spearman's rank correlation of each pair.

    Parameters
    ----------
    metrics : mapping of (S,) arrays
        By name; `HIGHER_IS_BETTER` says which way each runs.

    Returns
    -------
    names, (M, M) array
        1 the same order, 0 no relation, -1 the reverse. nan beside a metric that holds all packages equal: it ranks
        nothing, so it agrees with nothing.

    Examples
    --------
    >>> names, strip = agreement({"laplace": np.array([1.0, 2, 3]), "domain": np.array([0.9, 0.5, 0.1])})
    >>> names, strip.round(12).tolist()
    (('laplace', 'domain'), [[1.0, 1.0], [1.0, 1.0]])
    """
    names = tuple(metrics)
    table = np.array([ranks(metrics[name], higher_is_better=name in HIGHER_IS_BETTER) for name in names])
    centred = table - table.mean(axis=-1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=-1))
    return names, _ratio(centred @ centred.T, np.outer(length, length), np.nan)


def winners(metrics: Mapping[str, Floats], count: int = 1) -> dict[str, NDArray[np.int64]]:
    """The best `count` packages by each metric, the best first; of equals the lower number."""
    signed = {name: -each if name in HIGHER_IS_BETTER else each for name, each in metrics.items()}
    return {name: np.argsort(each, kind="stable")[:count] for name, each in signed.items()}


def _quantile(f: Floats, share: float) -> Floats:
    return _floats(np.quantile(f, share, axis=-1))


def _ratio(above: Floats, below: Floats, otherwise: float | Floats) -> Floats:
    """`above / below`, and `otherwise` where there is nothing to divide by."""
    fallback = np.broadcast_to(np.asarray(otherwise, float), np.shape(above)).copy()
    return _floats(np.divide(above, below, out=fallback, where=np.asarray(below) != 0))


def _floats(values: object) -> Floats:
    return np.asarray(values, dtype=np.float64)

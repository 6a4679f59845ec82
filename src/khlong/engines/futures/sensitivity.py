r"""Which unknown matters: Sobol indices of what comes out, by dimension or by question.

For an outcome :math:`y(x)` of independent dimensions, the first-order and the total index of dimension i are

.. math::

    S_i = \frac{\mathrm{Var}_{x_i}(E[y \mid x_i])}{\mathrm{Var}(y)}, \qquad
    S_{Ti} = \frac{E[\mathrm{Var}(y \mid x_{\sim i})]}{\mathrm{Var}(y)}

the part of the variance that goes when i becomes known, and the part that stays when all but i are known [1]_ [2]_.
Where the totals are well above the first-order indices, dimensions act together.

Two ways to them:

* `saltelli` and `sobol_indices`: N (D + 2) futures of their own, laid out so that each dimension changes alone [2]_
  [3]_. Exact in the limit, with a bootstrap error. Dimensions can be joined to groups ("the climate", "who comes").
* `first_order`: from futures that are there already, by the variance of the means of equally full bins [4]_. It costs
  nothing more, gives first-order indices only, and says how much pure chance would show.

References
----------
.. [1] I. M. Sobol', 2001. Global sensitivity indices for nonlinear mathematical models and their Monte Carlo estimates.
   Mathematics and Computers in Simulation 55:271-280. doi:10.1016/S0378-4754(00)00270-6
.. [2] A. Saltelli, P. Annoni, I. Azzini, F. Campolongo, M. Ratto, S. Tarantola, 2010. Variance based sensitivity
   analysis of model output. Computer Physics Communications 181:259-270. doi:10.1016/j.cpc.2009.09.018
.. [3] M. J. W. Jansen, 1999. Analysis of variance designs for model output. Computer Physics Communications
   117:35-43. doi:10.1016/S0010-4655(98)00154-4
.. [4] E. Plischke, E. Borgonovo, C. L. Smith, 2013. Global sensitivity measures from given data. European Journal of
   Operational Research 226:536-550. doi:10.1016/j.ejor.2012.11.047
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures.errors import ModelError, Words
from khlong.engines.futures.sampling import Futures, Outline, shut, sobol, spread, stand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khlong.engines.futures.model import Floats, Model

RESAMPLES = 100
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Indices:
    """Indices by group of dimensions, (D,) each, with the half-width of their 95 % interval by bootstrap."""

    first: Floats
    total: Floats
    first_error: Floats
    total_error: Floats


def alone(dimensions: int) -> tuple[tuple[int, ...], ...]:
    """Each dimension a group of its own."""
    return tuple((number,) for number in range(dimensions))


def saltelli(dimensions: int, count: int, seed: int, groups: Sequence[Sequence[int]] | None = None) -> Floats:
    """Points in the unit cube of which neighbours differ in one group only. (count (D + 2), dimensions)

    Row by row for each of `count` base points: A, then for each group A with that group taken from B, then B. `count`
    is best a power of two.
    """
    groups = alone(dimensions) if groups is None else groups
    base = sobol(2 * dimensions, count, seed)
    a, b = base[:, :dimensions], base[:, dimensions:]
    points = np.repeat(a[:, None, :], len(groups) + 2, axis=1)
    for number, group in enumerate(groups, start=1):
        points[:, number, list(group)] = b[:, list(group)]
    points[:, -1] = b
    return points.reshape(-1, dimensions)


def saltelli_futures(
    model: Model, count: int, seed: int, groups: Sequence[Sequence[int]] | None = None
) -> Futures:
    """The futures at these points, over all dimensions of a model in their order."""
    points = saltelli(len(model.dimensions), count, seed, groups)
    values = {each.key: shut(spread(each, points[:, number])) for number, each in enumerate(model.dimensions)}
    return stand(model, Futures(len(points), seed, values, Outline.of(model)))


def sobol_indices(outcomes: Floats, groups: int, seed: int = 0, resamples: int = RESAMPLES) -> Indices:
    """Indices from outcomes at the points of `saltelli`.

    Parameters
    ----------
    outcomes : (count (groups + 2),) array
    groups : how many groups, or dimensions, the points were made for
    seed, resamples : of the bootstrap over base points

    Notes
    -----
    First order by Saltelli et al. 2010, total by Jansen 1999, as SALib does; outcomes are centred first. An outcome
    that never changes has indices 0.

    Raises
    ------
    ModelError
        The number of outcomes does not fit, or one of them is no number.

    Examples
    --------
    >>> points = saltelli(2, 1024, seed=1)
    >>> found = sobol_indices(points[:, 0] + 2 * points[:, 1], 2)
    >>> found.first.round(2).tolist(), found.total.round(2).tolist()
    ([0.2, 0.8], [0.2, 0.8])
    """
    width = groups + 2
    if groups < 1 or len(outcomes) % width or not len(outcomes):
        raise ModelError(
            "outcomes",
            Words(
                f"จำนวนผลลัพธ์ {len(outcomes)} ไม่ลงตัวกับ {width} ค่าต่อจุด",
                f"{len(outcomes)} outcomes are no multiple of {width}.",
            ),
            Words("ใช้อนาคตชุดที่สร้างไว้สำหรับการวิเคราะห์นี้", "Use the futures that were drawn for this."),
        )
    _refuse_nan(outcomes)
    laid = np.asarray(outcomes, float).reshape(-1, width)
    laid = laid - laid.mean()
    first, total = _estimates(laid)
    random = np.random.default_rng(seed)
    again = [_estimates(laid[random.integers(0, len(laid), len(laid))]) for _ in range(resamples)]
    errors = Z95 * np.array(again).std(axis=0, ddof=1) if resamples > 1 else np.full((2, groups), np.nan)
    return Indices(first, total, errors[0], errors[1])


def first_order(x: Floats, outcome: Floats, bins: int | None = None) -> tuple[Floats, float]:
    """First-order indices from futures that are there already, and what pure chance would show.

    Parameters
    ----------
    x : (N, D) array
        The value of each dimension in each future.
    outcome : (N,) array
    bins : int, optional
        How many equally full bins each dimension is cut into; about the cube root of N if not given, at most 48.

    Returns
    -------
    (D,) indices, and the level that a dimension without any effect reaches on average: (bins - 1) / N before it is
    taken off. Indices are corrected for it and cut at 0.

    Examples
    --------
    >>> x = sobol(3, 4096, seed=1)
    >>> found, chance = first_order(x, x[:, 0] + 2 * x[:, 1])
    >>> found.round(1).tolist(), chance < 0.01
    ([0.2, 0.8, 0.0], True)
    """
    _refuse_nan(outcome)
    count = len(outcome)
    bins = min(max(round(count ** (1 / 3)), 2), 48) if bins is None else bins
    centred = outcome - outcome.mean()
    variance = float(centred @ centred) / count
    chance = (bins - 1) / count
    if not variance > 0:
        return np.zeros(x.shape[1]), chance
    edges = np.linspace(0, count, bins + 1).astype(int)
    found = np.empty(x.shape[1])
    for number, column in enumerate(x.T):
        sums = np.add.reduceat(centred[np.argsort(column, kind="stable")], edges[:-1])
        share = float((sums**2 / np.diff(edges)).sum()) / count / variance
        found[number] = max((share - chance) / (1 - chance), 0.0)
    return found, chance


def _estimates(laid: Floats) -> tuple[Floats, Floats]:
    """First and total indices of (base points, groups + 2) outcomes."""
    a, mixed, b = laid[:, :1], laid[:, 1:-1], laid[:, -1:]
    variance = float(np.concatenate([a, b]).var())
    if not variance > 0:
        return np.zeros(mixed.shape[1]), np.zeros(mixed.shape[1])
    first = (b * (mixed - a)).mean(axis=0) / variance
    total = 0.5 * ((a - mixed) ** 2).mean(axis=0) / variance
    return first, total


def _refuse_nan(outcomes: Floats) -> None:
    if not np.isfinite(outcomes).all():
        raise ModelError(
            "outcomes",
            Words("ผลลัพธ์บางค่าไม่ใช่ตัวเลข", "An outcome is no number."),
            Words("ตรวจแบบจำลองในอนาคตที่ให้ค่านั้น", "Look at the model in the future that gives it."),
        )

r"""What each measure does in the company of the others: Shapley values and interactions, exact from the full table.

Taking one existing canal away in thought tells what it does *last*, after all others; alone it tells what it does
*first*. Both are one order of many. The Shapley value [1]_ is the mean over all orders: of n measures present,

.. math:: \phi_m = \sum_{S \not\ni m} \frac{|S|!\,(n-|S|-1)!}{n!} \bigl(v(S+m) - v(S)\bigr).

The values add up to what the whole package does. With the full table every v(S) is known, so nothing is sampled.

What measures do only together are the Harsanyi dividends [2]_, the Moebius transform of v,

.. math:: d(S) = \sum_{T \subseteq S} (-1)^{|S|-|T|} v(T), \qquad v(S) = \sum_{T \subseteq S} d(T).

For two measures and a burden, `d > 0` says that together they relieve less than the sum of both: they do the same
work twice (the silo). `d < 0` says that each makes the other better. The Shapley interaction index [3]_ is the mean of
that difference over all companies of the others.

Everything here keeps the sign of the table: for burdens a negative value is relief.

Levers with levels (small, middle, large) are players with the level they have in the package that is explained; other
levels play no part.

References
----------
.. [1] L. S. Shapley, 1953. A value for n-person games. Contributions to the Theory of Games II:307-317, Princeton.
   doi:10.1515/9781400881970-018
.. [2] J. C. Harsanyi, 1963. A simplified bargaining model for the n-person cooperative game. International Economic
   Review 4(2):194-220. doi:10.2307/2525487; G.-C. Rota, 1964. doi:10.1007/BF00531932
.. [3] M. Grabisch, M. Roubens, 1999. An axiomatic approach to the concept of interaction among players in cooperative
   games. International Journal of Game Theory 28:547-565. doi:10.1007/s001820050125
"""

from __future__ import annotations

from math import factorial, prod
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from khlong.engines.futures.model import Floats


def levels(package: int, radices: Sequence[int]) -> tuple[int, ...]:
    """The level of each lever in a package; lever 0 is the fastest.

    Examples
    --------
    >>> levels(5, (2, 3))
    (1, 2)
    """
    found = []
    for radix in radices:
        package, level = divmod(package, radix)
        found.append(level)
    return tuple(found)


def strides(radices: Sequence[int]) -> tuple[int, ...]:
    """What one level of each lever adds to the number of a package.

    Examples
    --------
    >>> strides((2, 3, 2))
    (1, 2, 6)
    """
    return tuple(prod(radices[:lever]) for lever in range(len(radices)))


def present(package: int, radices: Sequence[int]) -> tuple[int, ...]:
    """The levers that do something in a package."""
    return tuple(lever for lever, level in enumerate(levels(package, radices)) if level)


def subpackages(package: int, radices: Sequence[int]) -> NDArray[np.int64]:
    """The numbers of all packages that do a part of what `package` does, each present lever in or out.

    The position counts in binary over `present(package, radices)`, the first fastest; position 0 is package 0.

    Examples
    --------
    >>> subpackages(5, (2, 3)).tolist()
    [0, 1, 4, 5]
    """
    found = np.zeros(1, np.int64)
    for level, stride in zip(levels(package, radices), strides(radices), strict=True):
        if level:
            found = np.concatenate([found, found + level * stride])
    return found


def full(radices: Sequence[int]) -> int:
    """The package with every lever at its last level."""
    return prod(radices) - 1


def shapley(values: Floats, radices: Sequence[int], package: int | None = None) -> Floats:
    """Shapley values of the levers of a package, against package 0.

    Parameters
    ----------
    values : (..., P) array
        By package, in mixed radix; the axes before may be groups, futures or both.
    radices : levels of each lever, level 0 counted; 2 for toggles
    package : the package to explain; the last one if not given

    Returns
    -------
    (..., L) array
        In the unit of the values; 0 for levers that are not in the package. The sum over levers is
        `values[package] - values[0]`.

    Notes
    -----
    Exact up to rounding: with n levers present `n 2^(n-1)` differences are summed.

    Examples
    --------
    Two walls of which each alone spares 4 and both spare 5: each is worth 2.5.

    >>> shapley(np.array([10.0, 6, 6, 5]), (2, 2)).tolist()
    [-2.5, -2.5]
    """
    package = full(radices) if package is None else package
    cube, there = _cube(values, radices, package)
    found = np.zeros((*values.shape[:-1], len(radices)))
    if not there:
        return found
    weights = _weights(len(there), 1)
    for position, lever in enumerate(there):
        found[..., lever] = _steps(cube, position, len(there)) @ weights
    return found


def dividends(values: Floats, radices: Sequence[int]) -> Floats:
    """Harsanyi dividends of every package: what its levers, at their levels, do only together. (..., P) -> (..., P)

    Entry 0 is what is there without any lever.

    Examples
    --------
    >>> dividends(np.array([10.0, 6, 6, 5]), (2, 2)).tolist()
    [10.0, -4.0, -4.0, 3.0]
    """
    found = np.array(values, float)
    for radix, stride in zip(radices, strides(radices), strict=True):
        folded = found.reshape(*values.shape[:-1], -1, radix, stride)
        folded[..., 1:, :] -= folded[..., :1, :]
    return found


def from_dividends(found: Floats, radices: Sequence[int]) -> Floats:
    """The table from its dividends: the reverse of `dividends`. (..., P) -> (..., P)"""
    values = np.array(found, float)
    for radix, stride in zip(radices, strides(radices), strict=True):
        folded = values.reshape(*found.shape[:-1], -1, radix, stride)
        folded[..., 1:, :] += folded[..., :1, :]
    return values


def interactions(values: Floats, radices: Sequence[int], package: int | None = None) -> Floats:
    """Shapley interaction of each pair of levers of a package. (..., P) -> (..., L, L), symmetric, 0 on the diagonal.

    For burdens: above 0 the two do the same work (redundant), below 0 each makes the other better (synergy).

    Examples
    --------
    >>> interactions(np.array([10.0, 6, 6, 5]), (2, 2)).tolist()
    [[0.0, 3.0], [3.0, 0.0]]
    """
    package = full(radices) if package is None else package
    cube, there = _cube(values, radices, package)
    found = np.zeros((*values.shape[:-1], len(radices), len(radices)))
    if len(there) < 2:
        return found
    weights = _weights(len(there), 2)
    for first, one in enumerate(there):
        steps = _steps(cube, first, len(there))
        rest = steps.reshape((*values.shape[:-1], *[2] * (len(there) - 1)))
        for second in range(first + 1, len(there)):
            other = there[second]
            found[..., one, other] = found[..., other, one] = (
                _steps(rest, second - 1, len(there) - 1) @ weights
            )
    return found


def first_and_last(
    values: Floats, radices: Sequence[int], package: int | None = None
) -> tuple[Floats, Floats]:
    """What each lever does alone, and what it does after all others: the ends between which orders lie.

    (..., P) -> two (..., L) arrays, 0 for levers that are not in the package.
    """
    package = full(radices) if package is None else package
    alone, last = np.zeros((*values.shape[:-1], len(radices))), np.zeros((*values.shape[:-1], len(radices)))
    for lever, (level, stride) in enumerate(zip(levels(package, radices), strides(radices), strict=True)):
        if level:
            alone[..., lever] = values[..., level * stride] - values[..., 0]
            last[..., lever] = values[..., package] - values[..., package - level * stride]
    return alone, last


def _cube(values: Floats, radices: Sequence[int], package: int) -> tuple[Floats, tuple[int, ...]]:
    """The table of the sub-packages, one axis of two for each present lever, the first lever last."""
    there = present(package, radices)
    kept = values[..., subpackages(package, radices)]
    return kept.reshape((*values.shape[:-1], *[2] * len(there))), there


def _steps(cube: Floats, position: int, count: int) -> Floats:
    """What adding the player at `position` changes, for every company of the other `count - 1`. (..., 2^(count-1))"""
    axis = cube.ndim - 1 - position
    before, after = (np.take(cube, side, axis) for side in (0, 1))
    return np.asarray((after - before).reshape(*cube.shape[: cube.ndim - count], -1))


def _weights(count: int, players: int) -> Floats:
    """How often the company S stands before `players` newcomers in all orders: `|S|! (n-|S|-p)! / (n-p+1)!`."""
    rest = count - players
    sizes = np.array([bin(number).count("1") for number in range(1 << rest)])
    by_size = [factorial(size) * factorial(rest - size) / factorial(rest + 1) for size in range(rest + 1)]
    found: Floats = np.array(by_size)[sizes]
    return found

r"""Pathways: what to build now, what to keep for later, and what it is worth to be able to wait.

A pathway is a chain of packages that only grows, :math:`S_0 \subseteq S_1 \subseteq \dots`, one for each knot of time:
what is built stays, and a level of a lever may only rise. With the burden :math:`v_t(S,w)` that a package leaves
from one knot on (in money, discounted), and the cost :math:`c_{tm}(w)` of building measure m at knot t (discounted,
with the upkeep from then on), the cheapest way on from knot t with S already standing is [1]_

.. math::

    V_t(S,w) = \min_{S' \supseteq S} \Bigl( \sum_{m \in S' \setminus S} c_{tm}(w) + v_t(S',w) + V_{t+1}(S',w) \Bigr)

Costs add up, so the minimum over all larger packages goes lever by lever along the edges of the lattice:
n 2^n steps for each knot and future instead of 3^n.

Three costs are compared for each first package S, in each future:

* **static** F: S is built now, and nothing else ever;
* **adaptive** G: S is built now, and from the second knot on the best is added;
* **best** B: the smallest G, the best that could be done in that future.

Regrets are taken against B. The **value of flexibility** is the smallest worst regret of a static package less that of
an adaptive one, and the same with means in place of the worst. Futures weigh alike and are no probabilities, so this is
no real-options value. It is an upper one: the adaptive plan adds what that future will have needed, and in life one
learns of the future only bit by bit. What can be followed without foresight is a chain with triggers (`follow`): the
next step must stand when the present one tips, so the decision falls its lead time earlier [2]_ [3]_.

A measure built later keeps the strength by calendar year that the model gives it: a mangrove that ramps up from the
first knot is taken as grown. Where that is too kind, give it a later cost or a longer lead time.

References
----------
.. [1] R. Bellman, 1957. Dynamic Programming. Princeton University Press.
.. [2] M. Haasnoot, J. H. Kwakkel, W. E. Walker, J. ter Maat, 2013. Dynamic adaptive policy pathways. Global
   Environmental Change 23:485-498. doi:10.1016/j.gloenvcha.2012.12.006
.. [3] L. Raso, J. Kwakkel, J. Timmermans, 2019. Assessing the capacity of adaptive policy pathways to adapt on time by
   mapping trigger values to their outcomes. Sustainability 11:1716. doi:10.3390/su11061716
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from khlong.engines.futures.errors import ModelError, Words
from khlong.engines.futures.kernels import jit
from khlong.engines.futures.shapley import levels, strides
from khlong.engines.futures.tipping import year_words
from khlong.engines.futures.words import named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from khlong.engines.futures.model import Floats, Name

RULE = "monotone-chains/perfect-foresight-after-first-knot"


@dataclass(frozen=True)
class Ways:
    """Costs of all first packages in some futures. (P, N) arrays; infinite where what stands would be torn down.

    Attributes
    ----------
    static : F, nothing is added later
    adaptive : G, the best is added later
    """

    static: Floats
    adaptive: Floats

    @property
    def best(self) -> Floats:
        """B: the least that could be had in each future. (N,)"""
        return np.asarray(self.adaptive.min(axis=0))


RESOLUTION, SAME = 1e-12, 1e-9
"""Of the largest mean cost: what is smaller is rounding. Of a regret: so much apart is the same."""


@dataclass(frozen=True)
class Flexibility:
    """What it is worth to be able to add later. Money of the model, over the years of the model, discounted.

    `static` and `adaptive` are the first packages with the smallest worst regret; `static_mean`, `adaptive_mean` those
    with the smallest mean cost.
    """

    static: int
    adaptive: int
    static_regret: float
    adaptive_regret: float
    static_mean: int
    adaptive_mean: int
    mean_saved: float

    @property
    def regret_saved(self) -> float:
        """The value of flexibility by regret, nought where the two are one but for rounding."""
        saved = self.static_regret - self.adaptive_regret
        return saved if saved > SAME * self.static_regret else 0.0


def offsets(radices: Sequence[int]) -> tuple[int, ...]:
    """Where the levels of each lever begin in an axis of measures: lever l, level j is `offsets[l] + j - 1`.

    Examples
    --------
    >>> offsets((2, 3, 2))
    (0, 1, 3)
    """
    return tuple(sum(radix - 1 for radix in radices[:lever]) for lever in range(len(radices)))


def ways(values: Floats, costs: Floats, radices: Sequence[int], start: int = 0) -> Ways:
    """Static and adaptive costs of every first package.

    Parameters
    ----------
    values : (K, P, N) array
        What each package leaves to be borne from each knot to the next, discounted.
    costs : (K, M, N) array
        Building each measure at each knot, discounted, upkeep from then on included; measures by lever and level
        (`offsets`). A higher level is paid in full, for what it replaces is lost. Infinite: cannot be built then.
    radices : levels of each lever, level 0 counted
    start : the package that stands already

    Returns
    -------
    Ways

    Examples
    --------
    One wall for 5, two knots, floods that cost 1 now and 9 later: waiting saves nothing here, for the wall costs the
    same later, but the static choice must decide now.

    >>> values = np.array([[[1.0], [0.0]], [[9.0], [0.0]]])
    >>> found = ways(values, np.array([[[5.0]], [[3.0]]]), (2,))
    >>> found.static[:, 0].tolist(), found.adaptive[:, 0].tolist()
    ([10.0, 5.0], [4.0, 5.0])
    """
    return solved(values, costs, radices, start)[0]


def chains(
    values: Floats, costs: Floats, radices: Sequence[int], start: int = 0, first: int | None = None
) -> NDArray[np.int64]:
    """The best chain in each future: the package that stands from each knot on. (K, N)

    Arguments as in `ways`. `first` fixes what stands from the first knot on; without it the best is taken there too. Of
    equally cheap ways the one that builds nothing, else that of the lower number first.
    """
    return solved(values, costs, radices, start, first)[1]


def solved(
    values: Floats, costs: Floats, radices: Sequence[int], start: int = 0, first: int | None = None
) -> tuple[Ways, NDArray[np.int64]]:
    """`ways` and `chains` at once: from the last knot to the first for the costs, and back for the chains."""
    _refuse(values, costs, radices, start)
    later, choices = np.zeros(values.shape[1:]), []
    for knot in range(len(values) - 1, 0, -1):
        later, choice = _along_edges(values[knot] + later, costs[knot], radices)
        choices.append(choice)
    built = building(costs[0], radices, start)
    found = Ways(static=built + values.sum(axis=0), adaptive=built + values[0] + later)
    futures = np.arange(values.shape[2])
    now = found.adaptive.argmin(axis=0) if first is None else np.full(len(futures), first)
    chain = [now]
    for choice in reversed(choices):
        now = choice[now, futures]
        chain.append(now)
    return found, np.array(chain, np.int64)


def building(costs: Floats, radices: Sequence[int], start: int = 0) -> Floats:
    """What it costs to go from `start` to every package. (M, N) -> (P, N); infinite where a level would fall.

    Examples
    --------
    >>> building(np.array([[5.0], [2.0], [3.0]]), (2, 3))[:, 0].tolist()
    [0.0, 5.0, 2.0, 7.0, 3.0, 8.0]
    >>> building(np.array([[5.0], [2.0], [3.0]]), (2, 3), start=2)[:, 0].tolist()
    [inf, inf, 0.0, 5.0, 3.0, 8.0]
    """
    found = np.zeros((1, costs.shape[1]))
    for now, radix, begin in zip(levels(start, radices), radices, offsets(radices), strict=True):
        steps = np.zeros((radix, 1, costs.shape[1]))
        steps[:now] = np.inf
        steps[now + 1 :, 0] = costs[begin + now : begin + radix - 1]
        found = (steps + found[None]).reshape(-1, costs.shape[1])
    return found


@dataclass
class Tally:
    """What `flexibility` needs of some futures; blocks are joined in their order.

    `worst` largest regrets and `sums` of costs, static and adaptive: (2, P).
    """

    count: int
    worst: Floats
    sums: Floats

    @classmethod
    def of(cls, found: Ways) -> Tally:
        both = (found.static, found.adaptive)
        return cls(
            found.static.shape[1],
            np.array([np.max(each - found.best, axis=1) for each in both]),
            np.array([each.sum(axis=1) for each in both]),
        )

    def join(self, later: Tally) -> None:
        self.count += later.count
        np.maximum(self.worst, later.worst, out=self.worst)
        self.sums += later.sums


def flexibility(found: Tally) -> Flexibility:
    """The value of being able to add later; what is below the resolution of the arithmetic is nought."""
    mean = found.sums / found.count
    least = RESOLUTION * float(np.max(np.abs(mean)))
    static, adaptive = (int(np.argmin(each)) for each in found.worst)
    static_mean, adaptive_mean = (int(np.argmin(each)) for each in mean)
    return Flexibility(
        static=static,
        adaptive=adaptive,
        static_regret=_above(float(found.worst[0, static]), least),
        adaptive_regret=_above(float(found.worst[1, adaptive]), least),
        static_mean=static_mean,
        adaptive_mean=adaptive_mean,
        mean_saved=_above(float(mean[0, static_mean] - mean[1, adaptive_mean]), least),
    )


def _above(value: float, least: float) -> float:
    return value if value > least else 0.0


def common(found: NDArray[np.int64]) -> list[tuple[int, int]]:
    """The most common package at each knot, among the futures that went along with the ones before. (K, N)

    Returns (package, in how many futures) by knot; of equals the lower number. The counts fall: they say how long
    futures agree on what to do.

    Examples
    --------
    >>> common(np.array([[1, 1, 1, 0], [3, 3, 1, 0]]))
    [(1, 3), (3, 2)]
    """
    along = np.ones(found.shape[1], bool)
    path = []
    for packages in found:
        which, counts = np.unique(packages[along], return_counts=True)
        top = int(np.argmax(counts))
        path.append((int(which[top]), int(counts[top])))
        along &= packages == which[top]
    return path


def decisions(tipping: Floats, lead: float | Floats) -> Floats:
    """When the next step must be decided so that it stands in time: tipping year less lead time. Same shape.

    Before the first year of the model it is late already; infinite where it never has to be.
    """
    return np.asarray(tipping - lead)


def follow(tipping: Floats, leads: Sequence[float], first_year: float) -> tuple[Floats, Floats]:
    """A chain with triggers, without foresight: when each step is decided, and when it stands.

    Parameters
    ----------
    tipping : (J, N) array
        Tipping year of each package of the chain J by itself; -inf from the first year on, inf never.
    leads : J - 1 years from the decision on a step to the day it stands
    first_year : when the chain begins; nothing is decided before

    Returns
    -------
    decided, stands : (J - 1, N) arrays
        Step j stands when all before it have tipped, and no earlier than its lead time after the first year. Infinite
        where it is not needed. Where it stands after the tipping, the time between is borne.

    Examples
    --------
    >>> decided, stands = follow(np.array([[2040.0], [2035.0], [np.inf]]), (5.0, 20.0), 2025.0)
    >>> decided[:, 0].tolist(), stands[:, 0].tolist()
    ([2035.0, 2025.0], [2040.0, 2045.0])
    """
    needed = np.maximum.accumulate(tipping[:-1], axis=0)
    lead = np.asarray(leads, float)[:, None]
    decided = np.maximum(needed - lead, first_year)
    stands = np.maximum.accumulate(np.where(np.isinf(needed) & (needed > 0), np.inf, decided + lead), axis=0)
    return np.asarray(decided), np.asarray(stands)


def sentence(step: Name, decided: Floats, last_year: int) -> Words:
    """When a step must be decided, over futures: the early tenth, because waiting for the middle is too late for it.

    Examples
    --------
    >>> from khlong.engines.futures.model import Name
    >>> sentence(Name("คลองผันน้ำ", "the diversion canal"), np.array([2031.0, 2040, 2050, np.inf]), 2055).en
    'To stand in time, the diversion canal is decided by 2031 in the earliest tenth of futures, by 2040 in the middle one; in 1 of 4 futures it is not needed up to 2055.'
    """  # noqa: E501
    ordered = np.sort(decided)
    early, middle = ordered[max(-(-len(ordered) // 10) - 1, 0)], ordered[max(-(-len(ordered) // 2) - 1, 0)]
    never, count = int(np.isinf(decided).sum()), len(decided)
    th, en = named(step, "th"), named(step, "en")
    if never == count:
        return Words(
            th=f"ยังไม่ต้องใช้{th}ในอนาคตใดเลยจนถึง {year_words(last_year, 'th')}",
            en=f"Up to {last_year} no future needs {en}.",
        )
    if early == middle:
        needs = [(middle, "ในอนาคตอย่างน้อยครึ่งหนึ่ง", "in at least half of the futures")]
    else:
        needs = [
            (early, "ในหนึ่งในสิบของอนาคตที่เร็วที่สุด", "in the earliest tenth of futures"),
            (middle, "ในอนาคตกลาง ๆ", "in the middle one"),
        ]
    needed = [each for each in needs if np.isfinite(each[0])]
    by_th = " และ".join(f"ภายใน {year_words(year, 'th')} {when}" for year, when, _ in needed)
    by_en = ", ".join(f"by {int(year)} {when}" for year, _, when in needed)
    rest_th = f"ส่วนใน {never:,} จาก {count:,} อนาคตยังไม่ต้องใช้จนถึง {year_words(last_year, 'th')}"
    rest_en = f"in {never:,} of {count:,} futures it is not needed up to {last_year}"
    return Words(
        th=f"เพื่อให้{th}เสร็จทัน ต้องตัดสินใจ{by_th or 'ในบางอนาคต'} {rest_th if never else 'ทุกอนาคตต้องใช้'}",
        en=f"To stand in time, {en} is decided {by_en or 'in some futures'}; "
        f"{rest_en if never else 'every future needs it'}.",
    )


def _along_edges(ahead: Floats, costs: Floats, radices: Sequence[int]) -> tuple[Floats, NDArray[np.int32]]:
    """The least over all larger packages, lever by lever, and the package that gives it.

    `W(l) = min(U(l), min over l' > l of c(l') + U(l'))`; of equals what changes nothing.
    """
    found = np.array(ahead, order="C")
    packages = np.arange(len(ahead), dtype=np.int32)
    choice = np.repeat(packages[:, None], ahead.shape[1], axis=1)
    for radix, stride, begin in zip(radices, strides(radices), offsets(radices), strict=True):
        climb(found, choice, np.ascontiguousarray(costs[begin : begin + radix - 1]), stride)
    return found, choice


@jit
def climb(found: Any, choice: Any, costs: Any, stride: int) -> None:
    """One lever: each level takes what a higher one offers. Levels rise, so that higher ones are still untouched."""
    radix = costs.shape[0] + 1
    for block in range(0, found.shape[0], stride * radix):
        for level in range(radix - 1):
            for higher in range(level + 1, radix):
                for i in range(stride):
                    here, there = block + level * stride + i, block + higher * stride + i
                    for n in range(found.shape[1]):
                        offer = found[there, n] + costs[higher - 1, n]
                        if offer < found[here, n]:
                            found[here, n] = offer
                            choice[here, n] = choice[there, n]


def _refuse(values: Floats, costs: Floats, radices: Sequence[int], start: int) -> None:
    """Shapes fit, and nothing is no number."""
    packages, measures = int(np.prod(radices)), sum(radix - 1 for radix in radices)
    fits = (
        values.ndim == costs.ndim == 3
        and values.shape[1] == packages
        and costs.shape == (len(values), measures, values.shape[2])
        and 0 <= start < packages
    )
    if not fits or np.isnan(values).any() or np.isnan(costs).any():
        raise ModelError(
            "pathways",
            Words(
                "ภาระหรือค่าใช้จ่ายของเส้นทางไม่ครบ หรือบางค่าไม่ใช่ตัวเลข",
                "Burdens or costs of the pathways do not fit each other, or one is no number.",
            ),
            Words(
                "ให้ภาระของทุกชุดมาตรการ และค่าก่อสร้างของทุกมาตรการ ในทุกช่วงปี",
                "Give the burden of every package and the cost of every measure at every knot.",
            ),
        )

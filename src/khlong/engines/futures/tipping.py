r"""Tipping years: the first year in which a package no longer holds what a group can bear.

.. math:: ATP_g(S,w) = \min\{t : EAI_g(S,w,t) > \tau_g\}

with the expected annual impact linear between the knots, as everywhere in the engine (rule `knots-linear`). The idea is
the adaptation tipping point [1]_ [2]_: not "what happens in 2050" but "how long is it enough". Elsewhere tipping points
are typed in; here they are computed from the risk model, for every group, package and future.

Two ends are kept apart from all years: `-inf`, above the threshold already in the first year; `inf`, never within the
years of the model. Percentiles over futures are taken of whole futures, never interpolated between "2041" and "never":
the q-th percentile is the earliest year by which at least a share q of the futures has tipped.

References
----------
.. [1] J. C. J. Kwadijk et al., 2010. Using adaptation tipping points to prepare for climate change and sea level rise:
   a case study in the Netherlands. WIREs Climate Change 1:729-740. doi:10.1002/wcc.64
.. [2] M. Haasnoot, J. H. Kwakkel, W. E. Walker, J. ter Maat, 2013. Dynamic adaptive policy pathways. Global
   Environmental Change 23:485-498. doi:10.1016/j.gloenvcha.2012.12.006
"""

from __future__ import annotations

from math import ceil, isfinite
from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures.errors import Words
from khlong.engines.futures.words import named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khlong.engines.futures.model import Floats, Name

RULE = "knots-linear/first-above"
PERCENTILES = (0.1, 0.5, 0.9)
BUDDHIST_ERA = 543


def tipping_years(years: Sequence[int], eai: Floats, threshold: float | Floats) -> Floats:
    """The first time at which a path that is linear between knots rises above its threshold.

    Parameters
    ----------
    years : K knots, strictly rising
    eai : (..., K) array
        Expected annual impact by knot.
    threshold : number, or an array that broadcasts against `eai[..., 0]`
        Standing on it is still holding it. nan is no threshold: never tipped.

    Returns
    -------
    (...) array
        In years and parts of a year; -inf when the first knot is above already, inf when none is.

    Examples
    --------
    >>> tipping_years((2025, 2035, 2045), np.array([[1.0, 2, 5], [3, 1, 1], [1, 1, 1]]), 2.0).tolist()
    [2035.0, -inf, inf]
    >>> float(tipping_years((2025, 2035), np.array([1.0, 3]), 2.5))
    2032.5
    """
    knots = np.asarray(years, float)
    most = np.asarray(threshold, float)[..., None]
    above = eai > most
    first = above.argmax(axis=-1)
    tipped = above.any(axis=-1)
    after = np.minimum(np.maximum(first, 1), len(knots) - 1)
    before = np.maximum(after - 1, 0)
    end = np.take_along_axis(eai, after[..., None], -1)[..., 0]
    start = np.take_along_axis(eai, before[..., None], -1)[..., 0]
    rise = np.where(tipped & (first > 0), end - start, 1.0)
    share = np.clip((most[..., 0] - start) / rise, 0.0, 1.0)
    when = knots[before] + share * (knots[after] - knots[before])
    return np.asarray(np.where(tipped, np.where(first == 0, -np.inf, when), np.inf))


def percentiles(found: Floats, shares: Sequence[float] = PERCENTILES) -> Floats:
    """The year by which at least a share of the futures has tipped. (..., N) -> (..., Q)

    An order statistic (the ceil(q N)-th smallest), so that "already" and "never" stay what they are.

    Examples
    --------
    >>> percentiles(np.array([2030.0, 2040, np.inf, np.inf])).tolist()
    [2030.0, 2040.0, inf]
    """
    count = found.shape[-1]
    ranks = [max(ceil(share * count - 1e-9) - 1, 0) for share in shares]
    return np.asarray(np.partition(found, sorted(set(ranks)), axis=-1)[..., ranks])


def counts_by_year(first: int, last: int, found: Floats) -> Floats:
    """In how many futures it tips already, in each calendar year, and never. (..., N) -> (..., last - first + 3)

    Counts of blocks of futures can be added up, which percentiles cannot: see `percentiles_of_counts`.

    Examples
    --------
    >>> counts_by_year(2030, 2032, np.array([-np.inf, 2030.5, 2032.0, np.inf])).tolist()
    [1, 1, 0, 1, 1]
    """
    width = last - first + 3
    inside = np.clip(np.floor(np.where(np.isfinite(found), found, first)), first, last) - first + 1
    index = np.where(found == np.inf, width - 1, np.where(found == -np.inf, 0, inside)).astype(np.int64)
    flat = index.reshape(-1, found.shape[-1])
    offsets = np.arange(len(flat))[:, None] * width
    counted = np.bincount((flat + offsets).ravel(), minlength=len(flat) * width)
    return np.asarray(counted.reshape((*found.shape[:-1], width)))


def percentiles_of_counts(first: int, counts: Floats, shares: Sequence[float] = PERCENTILES) -> Floats:
    """The calendar year in which a share of the futures has tipped, from counts. (..., Y + 2) -> (..., Q)

    The whole year of the exact percentile; -inf and inf as there.

    Examples
    --------
    >>> percentiles_of_counts(2030, counts_by_year(2030, 2032, np.array([2030.5, 2032.0, np.inf]))).tolist()
    [2030.0, 2032.0, inf]
    """
    futures = counts.sum(axis=-1)
    reached = np.cumsum(counts, axis=-1)
    years = np.concatenate([[-np.inf], first + np.arange(counts.shape[-1] - 2.0), [np.inf]])
    ranks = [np.maximum(np.ceil(share * futures - 1e-9), 1) for share in shares]
    return np.stack([years[(reached >= rank[..., None]).argmax(axis=-1)] for rank in ranks], axis=-1)


def held(found: Floats, until: float) -> Floats:
    """The share of futures in which it is still enough in a year. (..., N) -> (...)"""
    return np.asarray((found > until).mean(axis=-1))


def year_words(year: float, language: str) -> str:
    """A tipping year as people say it; Thai years are of the Buddhist era.

    Examples
    --------
    >>> year_words(2041.7, "en"), year_words(2041.7, "th"), year_words(float("inf"), "en")
    ('2041', 'พ.ศ. 2584', 'not within the years looked at')
    """
    if year == np.inf:
        return "ไม่เกิดขึ้นในช่วงปีที่พิจารณา" if language == "th" else "not within the years looked at"
    if year == -np.inf:
        return "ตั้งแต่ปีแรก" if language == "th" else "from the first year on"
    return f"พ.ศ. {int(year) + BUDDHIST_ERA}" if language == "th" else str(int(year))


def sentence(group: Name, found: Floats, last_year: int) -> Words:
    """How long a package is enough for one group, over futures, in one sentence. `found`: (N,) tipping years.

    Examples
    --------
    >>> from khlong.engines.futures.model import Name
    >>> sentence(Name("ผู้สูงอายุ", "older people"), np.array([2031.2, 2040.9, 2047.0, np.inf]), 2055).en
    'For older people it is enough until 2040 in the middle future, in the earliest tenth of futures only until 2031; in 1 of 4 futures it is enough in all years up to 2055.'
    """  # noqa: E501
    count, never = len(found), int((found == np.inf).sum())
    already = int((found == -np.inf).sum())
    early, middle, _ = percentiles(found)
    th, en = f"สำหรับ{named(group, 'th')} ชุดมาตรการนี้", f"For {named(group, 'en')} it is "
    always_th, always_en = (
        f"เพียงพอตลอดจนถึง พ.ศ. {last_year + BUDDHIST_ERA}",
        f"enough in all years up to {last_year}",
    )
    if never == count:
        return Words(
            th=f"{th}{always_th} ในทั้ง {count:,} อนาคตที่เป็นไปได้",
            en=f"{en}{always_en}, in all {count:,} futures.",
        )
    if already == count:
        return Words(
            th=f"{th}ไม่พอตั้งแต่ปีแรก ในทั้ง {count:,} อนาคตที่เป็นไปได้",
            en=f"{en}not enough from the first year on, in all {count:,} futures.",
        )
    if middle == -np.inf:
        return Words(
            th=f"{th}ไม่พอตั้งแต่ปีแรกใน {already:,} จาก {count:,} อนาคตที่เป็นไปได้ "
            + (f"{always_th} ใน {never:,} อนาคต" if never else f"และไม่มีอนาคตใดที่{always_th}"),
            en=f"{en}not enough from the first year on in {already:,} of {count:,} futures; "
            + (f"in {never:,} it is {always_en}." if never else f"in none is it {always_en}."),
        )
    soon_th, soon_en = _soon(early, middle, already)
    if middle == np.inf:
        return Words(
            th=f"{th}{always_th} ใน {never:,} จาก {count:,} อนาคตที่เป็นไปได้{soon_th}",
            en=f"{en}{always_en} in {never:,} of {count:,} futures{soon_en}.",
        )
    return Words(
        th=f"{th}เพียงพอถึง {year_words(middle, 'th')} ในอนาคตกลาง ๆ{soon_th} "
        + (f"ส่วนใน {never:,} จาก {count:,} อนาคต {always_th}" if never else f"และไม่มีอนาคตใดที่{always_th}"),
        en=f"{en}enough until {int(middle)} in the middle future{soon_en}; "
        + (
            f"in {never:,} of {count:,} futures it is {always_en}."
            if never
            else f"in none is it {always_en}."
        ),
    )


def _soon(early: float, middle: float, already: int) -> tuple[str, str]:
    """What is said of the futures in which it is not enough soonest."""
    if isfinite(early) and year_words(early, "en") != year_words(middle, "en"):
        return (
            f" แต่ในหนึ่งในสิบของอนาคตที่เร็วที่สุดพอถึงเพียง {year_words(early, 'th')}",
            f", in the earliest tenth of futures only until {year_words(early, 'en')}",
        )
    if already:
        futures = "future" if already == 1 else "futures"
        return (
            f" แต่ใน {already:,} อนาคตไม่พอตั้งแต่ปีแรก",
            f", in {already:,} {futures} not even in the first year",
        )
    return "", ""

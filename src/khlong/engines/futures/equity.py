r"""Who bears what: views of one distribution of burdens over groups, side by side.

No principle is chosen for the reader. Six policies for the Mekong delta ranked by seven principles gave orders whose
median rank correlation was as low as 0.07 [1]_: the choice of the principle is the choice. So every view stands beside
the unweighted one.

Burdens have the shape `(..., G)`: groups last, anything before (packages, futures). `people` and `income` (a head and
year) have one number for each group.

================ ==================================================================================== ======
view             definition                                                                           better
================ ==================================================================================== ======
utilitarian      :math:`\sum_g f_g`                                                                    lower
prioritarian     :math:`\sum_g \omega_g f_g, \; \omega_g = (\bar y / y_g)^\eta` [2]_ [3]_              lower
worst group      :math:`\max_g f_g / p_g`, the burden a head where it is heaviest (Rawls [4]_)          lower
sufficiency      people in groups whose burden a head is above what can be borne                       lower
Gini             mean difference of burdens a head between any two people, over twice the mean          lower
concentration    covariance of the burden with the rank by income: below 0 the poor bear more [5]_      near 0
================ ==================================================================================== ======

and the check of Pareto: who is worse off than without the package, in how many futures.

References
----------
.. [1] B. A. Jafino, J. H. Kwakkel, F. Klijn, 2022. Evaluating the distributional fairness of alternative adaptation
   policies: a case study in Vietnam's upper Mekong Delta. Climatic Change 173:17. doi:10.1007/s10584-022-03395-y
.. [2] J. Kind, W. J. W. Botzen, J. C. J. H. Aerts, 2017. Accounting for risk aversion, income distribution and social
   welfare in cost-benefit analysis for flood risk management. WIREs Climate Change 8:e446. doi:10.1002/wcc.446
   (elasticity 1.2)
.. [3] HM Treasury, 2022. The Green Book, annex 3 (elasticity 1.3, after R. Layard, S. Nickell, G. Mayraz, 2008, The
   marginal utility of income, Journal of Public Economics 92:1846-1857, doi:10.1016/j.jpubeco.2008.01.007); it asks
   to show weighted beside unweighted figures.
.. [4] J. Rawls, 1971. A Theory of Justice. Harvard University Press.
.. [5] N. Kakwani, A. Wagstaff, E. van Doorslaer, 1997. Socioeconomic inequalities in health: measurement, computation,
   and statistical inference. Journal of Econometrics 77:87-103. doi:10.1016/S0304-4076(96)01807-6
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures.errors import ModelError, Words
from khlong.engines.futures.words import listed, named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khlong.engines.futures.model import Floats, Mask, Name

ETAS = (0.0, 1.2, 1.3)
"""No weights, Kind et al. and FloodAdapt, the Green Book: always shown together."""
TINY = 1e-200
"""Below this a loss is no loss: its multiplier would be lost in underflow."""
TOLERANCE = 1e-9
"""A burden counts as higher only when it is more than this part higher: rounding makes nobody worse off."""


@dataclass(frozen=True)
class Views:
    """All views of the burdens of some packages or futures; each array has the shape of the burdens without groups."""

    utilitarian: Floats
    prioritarian: dict[float, Floats]
    worst_group: Floats
    worst: Floats
    insufficient: Floats
    gini: Floats
    concentration: Floats


def weights(income: Floats, eta: float, people: Floats | None = None) -> Floats:
    r"""Weights :math:`\omega_g = (\bar y / y_g)^\eta`: a baht counts for more where there are fewer of them. (G,)

    Parameters
    ----------
    income : (G,) array
        A head and year, above 0; nan (unknown) gets the weight 1.
    eta : float
        Elasticity of the marginal utility of income; 0 is no weights.
    people : (G,) array, optional
        For the mean income; without it every group counts the same.

    Raises
    ------
    ModelError
        An income is 0 or less: its weight would have no end.

    Examples
    --------
    >>> weights(np.array([50_000.0, 200_000]), 1.2, np.array([1.0, 1])).round(4).tolist()
    [3.0028, 0.5689]
    """
    known = np.isfinite(income)
    if (income[known] <= 0).any():
        raise ModelError(
            "groups.income",
            Words("รายได้ของกลุ่มหนึ่งเป็นศูนย์หรือติดลบ", "The income of a group is zero or less."),
            Words(
                "ใส่รายได้ต่อคนต่อปีที่มากกว่าศูนย์ หรือเว้นว่างไว้",
                "Give a yearly income a head above zero, or leave it out.",
            ),
        )
    if not known.any():
        return np.ones(len(income))
    heads = np.ones(len(income)) if people is None else np.nan_to_num(people)
    heads = heads if heads[known].sum() > 0 else np.ones(len(income))
    mean = np.average(income[known], weights=heads[known])
    return np.where(known, (mean / np.where(known, income, mean)) ** eta, 1.0)


def utilitarian(burden: Floats) -> Floats:
    """The plain sum over groups. (..., G) -> (...)"""
    return np.asarray(burden.sum(axis=-1))


def prioritarian(burden: Floats, income: Floats, eta: float, people: Floats | None = None) -> Floats:
    """The sum with weights by income. (..., G) -> (...); with `eta` 0 the plain sum."""
    return np.asarray(burden @ weights(income, eta, people))


def per_head(burden: Floats, people: Floats) -> Floats:
    """Burden a head; nan where nobody knows how many they are, or nobody is there. (..., G) -> (..., G)"""
    heads = np.where(people > 0, people, np.nan)
    return np.asarray(burden / heads)


def worst_group(burden: Floats, people: Floats) -> tuple[Floats, Floats]:
    """The heaviest burden a head, and the number of the group that bears it. (..., G) -> (...), (...)

    Groups of unknown size are left out; nan and -1 where none is known.
    """
    heads = per_head(burden, people)
    known = np.isfinite(heads)
    filled = np.where(known, heads, -np.inf)
    which = np.where(known.any(axis=-1), filled.argmax(axis=-1), -1).astype(float)
    value = np.where(known.any(axis=-1), np.max(filled, axis=-1), np.nan)
    return value, which


def insufficient(burden: Floats, people: Floats, most: Floats) -> Floats:
    """How many people live in groups whose burden is above what they can bear. (..., G), (G,), (G,) -> (...)

    `most` is the threshold of the whole group, in the unit of the burden, as in `model.Threshold`; nan is none.
    """
    return np.asarray(((burden > most) * np.nan_to_num(people)).sum(axis=-1))


def gini(burden: Floats, people: Floats) -> Floats:
    r"""Gini of the burden a head between groups, each person of a group bearing the same. (..., G) -> (...)

    .. math:: \frac{\sum_i \sum_j p_i p_j |h_i - h_j|}{2 \bar h (\sum_i p_i)^2}

    0 all bear the same; towards 1 a few bear all. 0 also where nobody bears anything. What differs within a group is
    not seen.

    Examples
    --------
    >>> gini(np.array([0.0, 10.0]), np.array([1.0, 1.0])), gini(np.array([5.0, 10.0]), np.array([1.0, 2.0]))
    (array(0.5), array(0.))
    """
    there = people > 0
    shares = people[there] / people[there].sum() if there.any() else people[there]
    heads = per_head(burden, people)[..., there]
    mean = heads @ shares
    gaps = np.abs(heads[..., :, None] - heads[..., None, :])
    spread = np.einsum("...ij,i,j->...", gaps, shares, shares)
    return np.asarray(np.divide(spread, 2 * mean, out=np.zeros(np.shape(mean)), where=mean > 0))


def concentration(burden: Floats, people: Floats, income: Floats) -> Floats:
    r"""Concentration index of the burden a head over the rank by income. (..., G) -> (...)

    .. math:: C = \frac{2}{\bar h} \sum_g p_g h_g r_g - 1

    with the shares p of people and the middle ranks r of groups from the poorest (0) to the richest (1). Below 0 the
    poor bear more than their share, above 0 the rich. Groups without people or income are left out; nan where fewer
    than two remain.

    Examples
    --------
    >>> people, income = np.array([1.0, 1.0]), np.array([1.0, 4.0])
    >>> concentration(np.array([10.0, 0.0]), people, income), concentration(np.array([5.0, 5.0]), people, income)
    (array(-0.5), array(0.))
    """
    there = (people > 0) & np.isfinite(income)
    if there.sum() < 2:
        return np.full(burden.shape[:-1], np.nan)
    order = np.flatnonzero(there)[np.argsort(income[there], kind="stable")]
    shares = people[order] / people[order].sum()
    ranks = _middle_ranks(income[order], shares)
    heads = per_head(burden, people)[..., order]
    mean = heads @ shares
    weighed = heads @ (shares * ranks)
    return np.asarray(np.divide(2 * weighed, mean, out=np.ones(np.shape(mean)), where=mean > 0) - 1)


def worse_off(burden: Floats, without: Floats) -> Mask:
    """Where a group bears more than without the package, rounding apart. Same shapes -> mask

    For the check of Pareto: a package that makes one group worse off in a future is not better for all there.
    """
    return np.asarray(burden > without + TOLERANCE * np.abs(without))


def worse_off_share(burden: Floats, without: Floats) -> Floats:
    """Share of futures in which each group is worse off. (..., N) -> (...)"""
    return np.asarray(worse_off(burden, without).mean(axis=-1))


def views(
    burden: Floats, people: Floats, income: Floats, most: Floats, etas: Sequence[float] = ETAS
) -> Views:
    """All views side by side. (..., G), and (G,) each of people, income and the most they can bear."""
    value, which = worst_group(burden, people)
    return Views(
        utilitarian=utilitarian(burden),
        prioritarian={eta: prioritarian(burden, income, eta, people) for eta in etas},
        worst_group=which,
        worst=value,
        insufficient=insufficient(burden, people, most),
        gini=gini(burden, people),
        concentration=concentration(burden, people, income),
    )


def certainty_multiplier(loss_share: Floats, chance: Floats, gamma: float = 1.2) -> Floats:
    r"""How much heavier an uncertain loss weighs than its mean: the risk premium multiplier [2]_.

    .. math:: R = \frac{1 - \bigl(1 + P((1-z)^{1-\gamma} - 1)\bigr)^{1/(1-\gamma)}}{P z}

    with the chance P a year of losing the share z of the income, for people of constant relative risk aversion
    :math:`\gamma`; :math:`\gamma = 1` is its limit :math:`(1 - (1-z)^P)/(P z)`.

    Parameters
    ----------
    loss_share : array, 0 to below 1
    chance : array, above 0 to 1
    gamma : float
        1.2 in FloodAdapt; 0 makes every multiplier 1.

    Returns
    -------
    array
        1 for a loss of nothing or a sure loss; above 1 otherwise when gamma is above 0. For a loss of all that there
        is and gamma of 1 or more: 1/P, as heavy as if it were sure.

    Examples
    --------
    >>> certainty_multiplier(np.array([0.0, 0.2, 0.5]), np.array([0.01, 0.01, 0.01])).round(4).tolist()
    [1.0, 1.1394, 1.4804]
    """
    z, p = np.broadcast_arrays(np.asarray(loss_share, float), np.asarray(chance, float))
    lost = np.clip(z, 0, 1)
    inner = np.where(lost < 1, lost, 0.0)
    if gamma == 1:
        equivalent = -np.expm1(p * np.log1p(-inner))
    else:
        growth = np.expm1((1 - gamma) * np.log1p(-inner))
        equivalent = -np.expm1(np.log1p(p * growth) / (1 - gamma))
    mean = p * inner
    found = np.divide(equivalent, mean, out=np.ones(z.shape), where=mean > TINY)
    return np.asarray(np.where(lost < 1, found, _ruin(p, gamma)))


def sentence(groups: Sequence[Name], counts: Sequence[int], futures: int) -> Words:
    """Who is worse off than without the package, and in how many futures.

    Examples
    --------
    >>> from khlong.engines.futures.model import Name
    >>> sentence([Name("ผู้เช่า", "tenants"), Name("ชาวประมง", "fishers")], [0, 1200], 10_000).en
    'Worse off than without it are fishers in 1,200 of 10,000 futures; nobody else in any.'
    """
    harmed = [
        (group, count)
        for group, count in sorted(zip(groups, counts, strict=True), key=lambda e: -e[1])
        if count
    ]
    if not harmed:
        return Words(
            th=f"ไม่มีกลุ่มใดแย่ลงกว่าไม่ทำชุดมาตรการนี้ ในทั้ง {futures:,} อนาคตที่เป็นไปได้",
            en=f"No group is worse off than without it, in all {futures:,} futures.",
        )
    th = listed([f"{named(group, 'th')}ใน {count:,} อนาคต" for group, count in harmed], "th")
    (first, most), *others = harmed
    en = listed(
        [
            f"{named(first, 'en')} in {most:,} of {futures:,} futures",
            *(f"{named(group, 'en')} in {count:,}" for group, count in others),
        ],
        "en",
    )
    rest = len(harmed) < len(groups)
    return Words(
        th=f"กลุ่มที่แย่ลงกว่าไม่ทำชุดมาตรการนี้ ได้แก่ {th} จากทั้งหมด {futures:,} อนาคตที่เป็นไปได้"
        + (" กลุ่มอื่นไม่แย่ลงในอนาคตใดเลย" if rest else ""),
        en=f"Worse off than without it are {en}" + ("; nobody else in any." if rest else "."),
    )


def _middle_ranks(income: Floats, shares: Floats) -> Floats:
    """Middle of each group's stretch from the poorest to the richest; groups of one income share theirs."""
    _, which = np.unique(income, return_inverse=True)
    together = np.bincount(which, weights=shares)
    middles: Floats = np.cumsum(together) - together / 2
    return np.asarray(middles[which])


def _ruin(chance: Floats, gamma: float) -> Floats:
    """The multiplier of a loss of everything: utility falls without end from gamma 1 on."""
    if gamma >= 1:
        return np.asarray(np.divide(1.0, chance, out=np.ones(chance.shape), where=chance > 0))
    left = (1 - chance) ** (1 / (1 - gamma))
    return np.asarray(np.divide(1 - left, chance, out=np.ones(chance.shape), where=chance > 0))

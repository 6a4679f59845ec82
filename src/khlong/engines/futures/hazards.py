"""Hazards from what a city has: sets of events, maps by return period, or what people remember.

Whatever it comes from, a hazard becomes events with a frequency, and the expected annual impact becomes
`sum_e lam_e L_e`. For a ladder of return periods the frequencies are the weights of a named integration rule, so that
the sum is the integral of loss over exceedance frequency by that rule, before and after every measure. The rule moves
the answer: in a published example the same ten losses give 6.8, 9.7, 10.1 or 13.4 [1]_. It is therefore kept in
`Hazard.rule` and printed beside every number.

Intensities are stored in whole steps of a unit (millimetres, hundredths of a degree); rounding moves a depth by half a
step at most.

References
----------
.. [1] M. Amadio, 2022. Plot exceedance frequency curve. GFDRR CCDR-tools, issue 2.
.. [2] P. J. Ward, H. de Moel, J. C. J. H. Aerts, 2011. How are flood risk estimates affected by the choice of
   return-periods? NHESS 11:3181-3195. doi:10.5194/nhess-11-3181-2011
.. [3] E. J. Gumbel, 1958. Statistics of Extremes. Columbia University Press.
.. [4] I. I. Gringorten, 1963. A plotting rule for extreme probability paper. Journal of Geophysical Research
   68(3):813-814. doi:10.1029/JZ068i003p00813
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures import refusals as ask
from khlong.engines.futures.check import MOST_A_YEAR, check_frequency, check_hazard
from khlong.engines.futures.model import Hazard, Name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khlong.engines.futures.model import Floats, Integers


class Ladder(StrEnum):
    """How the loss between two rungs is read; above the last rung it stays as there, below the first it is nothing.

    LOWER: the loss of the more frequent rung; UPPER: that of the rarer; TRAPEZOID: linear in frequency, which is the
    mean of the two; LOG_LINEAR: linear in the logarithm of frequency, as Delft-FIAT and HAZUS do.
    """

    LOWER = "lower"
    UPPER = "upper"
    TRAPEZOID = "trapezoid"
    LOG_LINEAR = "log-linear"


class Plotting(StrEnum):
    """How rare the worst of M remembered years is: its exceedance frequency per year.

    WEIBULL: 1/(M+1), the mean over all that could have been, whatever the distribution [3]_. GRINGORTEN: 0.56/(M+0.12),
    nearly unbiased for Gumbel's [4]_. MEDIAN: 1 - 0.5^(1/M), as likely too high as too low.
    """

    WEIBULL = "weibull"
    GRINGORTEN = "gringorten"
    MEDIAN = "median"


@dataclass(frozen=True)
class About:
    """What a hazard is called and where it is from; `unit` is one step, `steps` how many of them a given number has.

    Depths given in metres and kept in millimetres have the unit "mm" and 1000 steps.
    """

    key: str
    name: Name
    unit: str
    steps: float = 1.0
    source: str = ""


def from_cells(
    about: About,
    event: Sequence[int] | Integers,
    place: Sequence[int] | Integers,
    intensity: Sequence[float] | Floats,
    frequency: Sequence[float] | Floats,
    *,
    places: int,
    rule: str = "events",
) -> Hazard:
    """A set of events from its stored cells, sorted by event and place.

    Parameters
    ----------
    event, place : the indices of each cell, from 0; each pair once.
    intensity : by cell, in the unit of the data; negative is freeboard.
    frequency : by event, per year.

    Raises
    ------
    ModelError
        A cell does not exist or occurs twice, or a number is missing or not possible.
    """
    events, there = np.asarray(event, np.int32), np.asarray(place, np.int32)
    ask.length(f"{about.key}.place", there, len(events))
    ask.length(f"{about.key}.intensity", np.asarray(intensity), len(events))
    steps = whole(about, intensity)
    order = np.lexsort((there, events))
    often = np.asarray(frequency, np.float64)
    hazard = Hazard(
        about.key,
        about.name,
        about.unit,
        events[order],
        there[order],
        steps[order],
        often,
        rule,
        about.source,
    )
    check_hazard(about.key, hazard, places)
    return hazard


def whole(about: About, intensity: Sequence[float] | Floats) -> Integers:
    """Intensities in whole steps, halves to the even one.

    Examples
    --------
    >>> whole(About("flood", Name("", ""), "mm", 1000), [0.25, 1.2344]).tolist()
    [250, 1234]
    """
    values = np.asarray(intensity, np.float64)
    ask.finite(f"{about.key}.intensity", values.ravel())
    steps = np.rint(values * about.steps)
    if steps.size:
        ask.at_most(f"{about.key}.intensity", float(np.max(np.abs(steps))), 2.0**31 - 1)
    return steps.astype(np.int32)


def from_maps(
    about: About,
    intensity: Floats,
    frequency: Sequence[float] | Floats,
    *,
    rule: str = "events",
    dry: bool = False,
) -> Hazard:
    """A set of events from one map each.

    Parameters
    ----------
    intensity : (events, places) array; NaN where nothing is known.
    dry : whether a zero is kept as a cell that a rising sea makes wet at once. Maps of depth write zero for dry ground
        of whatever height, so it is not kept unless it is asked for; freeboard is written as a negative number.
    """
    maps = np.atleast_2d(np.asarray(intensity, np.float64))
    stored = ~np.isnan(maps)
    if not dry:
        stored &= maps != 0
    event, place = np.nonzero(stored)
    return from_cells(
        about,
        event.astype(np.int32),
        place.astype(np.int32),
        maps[stored],
        frequency,
        places=maps.shape[1],
        rule=rule,
    )


def from_ladder(
    about: About,
    periods: Sequence[float],
    intensity: Floats,
    rule: Ladder = Ladder.LOG_LINEAR,
    *,
    begins: float | None = None,
    dry: bool = False,
) -> Hazard:
    """A hazard from maps by return period.

    Parameters
    ----------
    periods : the return periods in years, rising.
    intensity : (rungs, places) array, never falling from rung to rung.
    begins : the return period at which loss begins, if known; without it, losses more frequent than the first rung are
        left out, which can halve the answer where the first rung is rare.
    """
    frequency = ladder_frequencies(periods, rule, begins=begins)
    maps = np.atleast_2d(np.asarray(intensity, np.float64))
    refuse_falling(about, maps)
    name = f"ladder-{rule}" + (f"/begins-{begins:g}" if begins is not None else "")
    return from_maps(about, maps, frequency, rule=name, dry=dry)


def refuse_falling(about: About, maps: Floats) -> None:
    """A rarer map is nowhere lower than one that is more frequent; NaN counts as dry."""
    unknown = -np.inf if (maps < 0).any() else 0.0
    filled = np.where(np.isnan(maps), unknown, maps)
    falls = np.argwhere(filled[1:] < filled[:-1])
    if len(falls):
        rung, place = (int(each) for each in falls[0])
        raise ask.refused(
            f"{about.key}.intensity[{rung + 1}][{place}]",
            (
                "แผนที่ของรอบปีที่ยาวกว่าต่ำกว่าแผนที่ของรอบปีที่สั้นกว่า",
                "The rarer map is lower than the more frequent one.",
            ),
            ("ให้ตรวจแผนที่และลำดับรอบปี", "Check the maps and the order of the periods."),
        )


def ladder_frequencies(periods: Sequence[float], rule: Ladder, *, begins: float | None = None) -> Floats:
    r"""What each rung of a ladder weighs in the expected annual impact by a rule.

    With exceedance frequencies :math:`p_i = 1/T_i` and :math:`\Delta_i = p_i - p_{i+1}` the part between two rungs is

    .. math::

        \text{lower: } L_i \Delta_i, \quad \text{upper: } L_{i+1} \Delta_i, \quad
        \text{trapezoid: } \tfrac12 (L_i + L_{i+1}) \Delta_i,

        \text{log-linear: } L_i (\Delta_i - v_i) + L_{i+1} v_i, \quad
        v_i = \frac{\Delta_i}{\ln(p_i/p_{i+1})} - p_{i+1}

    and beyond the last rung :math:`L_n p_n`. `begins` is one more rung before the first, without any loss.

    Returns
    -------
    (rungs,) array, per year.

    Raises
    ------
    ModelError
        Periods are not rising, not positive, or shorter than a day.

    Examples
    --------
    >>> ladder_frequencies([5, 10, 100], Ladder.TRAPEZOID).round(12).tolist()
    [0.05, 0.095, 0.055]
    >>> float(ladder_frequencies([5, 10, 100], Ladder.TRAPEZOID, begins=2)[0].round(12))
    0.2
    """
    rungs = refuse_periods(periods, begins)
    weights = np.zeros(len(rungs))
    weights[-1] = 1 / rungs[-1]
    for i, (common, rare) in enumerate(pairwise(rungs)):
        width = 1 / common - 1 / rare
        later = {
            Ladder.LOWER: 0.0,
            Ladder.UPPER: width,
            Ladder.TRAPEZOID: width / 2,
            # between nothing and a half, whatever two periods that nearly agree leave of it
            Ladder.LOG_LINEAR: float(
                np.clip(width / np.log1p((rare - common) / common) - 1 / rare, 0, width / 2)
            ),
        }[rule]
        weights[i] += width - later
        weights[i + 1] += later
    return weights if begins is None else weights[1:]


def refuse_periods(periods: Sequence[float], begins: float | None) -> Floats:
    """The return periods, with the one at which loss begins, if they can be."""
    if not len(periods):
        raise ask.refused(
            "periods",
            ("ไม่มีรอบปีเกิดซ้ำ", "There are no return periods."),
            ("ให้ใส่อย่างน้อยหนึ่งรอบปี", "Give at least one."),
        )
    ask.at_least("periods", np.asarray(periods, np.float64), 1 / MOST_A_YEAR)
    ask.rising("periods", np.asarray(periods, np.float64), strictly=True)
    if begins is None:
        return np.asarray(periods, np.float64)
    ask.at_least("begins", begins, 1 / MOST_A_YEAR)
    if begins >= periods[0]:
        raise ask.refused(
            "begins",
            (
                f"ความเสียหายเริ่มที่รอบ {begins:g} ปี ซึ่งไม่ก่อนรอบแรก {periods[0]:g} ปี",
                f"Loss begins at {begins:g} years, which is not before the first map, {periods[0]:g}.",
            ),
            ("ให้ใส่รอบปีที่สั้นกว่าแผนที่แรก", "Give a period shorter than that of the first map."),
        )
    return np.asarray([begins, *periods], np.float64)


@dataclass(frozen=True)
class Memory:
    """How often a community's ordinary and bad years come, and how far its memory reaches.

    ordinary_every : 2 says that every other year is at least as wet as an ordinary one, its median.
    bad_every : the years between bad years, as people tell them.
    remembered : the years that the oldest memory reaches back; the worst flood is the worst of so many years.
    """

    ordinary_every: float
    bad_every: float
    remembered: float


def worst_period(remembered: float, plotting: Plotting) -> float:
    """The return period of the worst of M remembered years.

    Examples
    --------
    >>> worst_period(40, Plotting.WEIBULL), round(worst_period(40, Plotting.GRINGORTEN), 1)
    (41.0, 71.6)
    """
    ask.at_least("remembered", remembered, 1)
    if plotting is Plotting.WEIBULL:
        return float(remembered + 1)
    if plotting is Plotting.GRINGORTEN:
        return (remembered + 0.12) / 0.56
    return float(1 / (1 - 0.5 ** (1 / remembered)))


def from_memory(
    about: About,
    memory: Memory,
    depths: Floats,
    rule: Ladder = Ladder.LOG_LINEAR,
    plotting: Plotting = Plotting.WEIBULL,
    *,
    dry: bool = False,
) -> Hazard:
    """A hazard from what people remember: an ordinary year, a bad year, the worst they know.

    Parameters
    ----------
    depths : (3, places) array of how high the water stood in each; 0 where it stayed dry, NaN where nobody knows.

    Notes
    -----
    Three rungs are few: between rules the answer moves by a factor of two, and a memory of M years knows the return
    period of its worst flood only to a factor of about three. Let both be seen.
    """
    ask.length(f"{about.key}.intensity", np.zeros(len(depths)), 3)
    periods = (memory.ordinary_every, memory.bad_every, worst_period(memory.remembered, plotting))
    if not periods[0] < periods[1] < periods[2]:
        raise ask.refused(
            f"{about.key}.memory",
            (
                f"รอบปี {periods[0]:g}, {periods[1]:g} และ {periods[2]:g} ไม่เรียงจากบ่อยไปหายาก",
                f"The periods {periods[0]:g}, {periods[1]:g} and {periods[2]:g} do not go from common to rare.",
            ),
            (
                "ปีแย่ต้องห่างกว่าปีปกติ และความทรงจำต้องยาวกว่าช่วงระหว่างปีแย่",
                "Bad years are rarer than ordinary ones, and memory reaches further back than one bad year.",
            ),
        )
    maps = np.asarray(depths, np.float64)
    refuse_falling(about, maps)
    frequency = ladder_frequencies(periods, rule)
    return from_maps(about, maps, frequency, rule=f"memory-{plotting}/ladder-{rule}", dry=dry)


def integrated(
    periods: Sequence[float], losses: Sequence[float], rule: Ladder, *, begins: float | None = None
) -> float:
    """Expected annual impact of losses by return period by a rule, for the checks against other programs.

    Examples
    --------
    >>> integrated([10, 100], [0.0, 100.0], Ladder.LOWER), integrated([10, 100], [0.0, 100.0], Ladder.UPPER)
    (1.0, 10.0)
    """
    frequency = ladder_frequencies(periods, rule, begins=begins)
    check_frequency("frequency", frequency)
    ask.length("losses", np.asarray(losses, np.float64), len(frequency))
    return float(frequency @ np.asarray(losses, np.float64))

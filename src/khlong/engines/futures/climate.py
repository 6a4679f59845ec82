"""What the climate brings, as dimensions and series: warming, rain, the sea, hot days. Every figure has its source.

A signal is a dimension (how much, at the knot where its middle path is largest) and a series (how it gets there). All
signals are changes from the first knot of the model, since hazards and values are those of today. The ranges of one
emission scenario are spread as a split normal with their own percentiles; `ANY` spreads evenly from the low end of the
lowest scenario to the high end of the highest, because nobody knows which world it will be, and its base is SSP2-4.5.

A range of warming from one scenario is read coherently: its low end is the low path now and later, not the high path
now and the low one later, which would count what is already known as doubt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures import climate_tables as tables
from khlong.engines.futures import refusals as ask
from khlong.engines.futures.model import Climate, Dimension, Name, Rise, Series, Spread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from khlong.engines.futures.model import Floats, Mask

ANY = "any"
MIDDLE = "SSP2-4.5"
LAST_OF_WARMING = 2100
LIKELY = 1.6448536269514722 / 0.9541652531461944  # from 17 and 83 % to 5 and 95 % of a normal
TENTHS = 1.6448536269514722 / 1.2815515655446004  # from 10 and 90 % to 5 and 95 %


@dataclass(frozen=True)
class Signal:
    """A dimension of the futures and the series that it drives, for a model's lists of both."""

    dimension: Dimension
    series: Series


def warming(years: Sequence[int], scenario: str = ANY, *, key: str = "warming") -> Signal:
    """Degrees of global warming above the first knot.

    Raises
    ------
    ModelError
        There is no such scenario, or a year lies outside 2015 to 2100.

    Examples
    --------
    >>> signal = warming((2025, 2050, 2090), "SSP2-4.5")
    >>> round(signal.dimension.middle, 2), signal.series.ramp.round(2).tolist()
    (1.29, [0.0, 0.46, 1.0])
    """
    inside(years, tables.WARMING_YEARS[0], LAST_OF_WARMING)
    about = Dimension(
        key,
        Name("อุณหภูมิโลกที่สูงขึ้นจากวันนี้", "global warming from today"),
        "degC",
        Spread.NORMAL,
        0.0,
        0.0,
        0.0,
        source=tables.WARMING_SOURCE,
    )
    return by_scenario(about, scenario, tables.WARMING, lambda one: changes(years, tables.WARMING_YEARS, one))


def sea_level(
    years: Sequence[int], scenario: str = ANY, *, key: str = "sea", steps: float = 1000.0
) -> Signal:
    """Global mean sea level above the first knot, in steps of a metre (1000: millimetres).

    The likely range (17 to 83 %) is widened to 5 and 95 % as a normal has it. Land that sinks is not in it: on many
    coasts of the region it is as fast as the sea and is a `Rise` of its own with its own source.
    """
    inside(years, tables.SEA_YEARS[0], tables.SEA_YEARS[-1])
    about = Dimension(
        key,
        Name("ระดับทะเลที่สูงขึ้นจากวันนี้", "sea level from today"),
        "mm" if steps == 1000 else f"1/{steps:g} m",
        Spread.NORMAL,
        0.0,
        0.0,
        0.0,
        source=tables.SEA_SOURCE,
    )
    return by_scenario(
        about,
        scenario,
        tables.SEA_LEVEL,
        lambda one: steps * widened(changes(years, tables.SEA_YEARS, one), LIKELY),
    )


def sea_rise(signal: Signal, hazard: str, places: Mask) -> Rise:
    """The sea in a hazard whose unit is the signal's, over the places that it reaches."""
    name = Name("ระดับทะเล", "sea level")
    return Rise(signal.series.key, hazard, 1.0, signal.series.key, places, name)


def rain_per_degree(key: str = "rain") -> Dimension:
    """How much more a heavy rain brings per degree of warming: 7 %, from half to twice of it."""
    low, middle, high = tables.RAIN_PER_DEGREE
    name = Name("ฝนหนักต่อองศาที่ร้อนขึ้น", "heavy rain per degree")
    return Dimension(
        key, name, "1/degC", Spread.TRIANGULAR, low, high, middle, middle, source=tables.RAIN_SOURCE
    )


def indicator(
    years: Sequence[int], what: str, scenario: str = MIDDLE, *, ensemble: str = "CMIP6", key: str = ""
) -> Signal:
    """How much more often something happens in Southeast Asia than at the first knot, as a share: 0.5 is half as often
    again. For the frequency of a climate.

    The indicator is read at the middle warming of the scenario, linear between levels of warming and held beyond the
    last of 4 degrees, which understates the end of the highest scenarios. Its range is that of the models at that
    level, so the doubt about warming itself comes on top, in the warming of the same futures.

    Parameters
    ----------
    what : days_tmax_gt_35C, days_heat_index_gt_41C or drought_events_SPI6.
    ensemble : CMIP6 or CORDEX; where they differ, let both be seen.
    """
    inside(years, tables.WARMING_YEARS[0], LAST_OF_WARMING)
    ask.known("scenario", scenario, tables.WARMING)
    ask.known("what", what, {each for each, _ in tables.INDICATORS})
    ask.known("ensemble", ensemble, {each for one, each in tables.INDICATORS if one == what})
    degrees = np.interp(years, tables.WARMING_YEARS, tables.WARMING[scenario][1])
    levels, *rows = tables.INDICATORS[what, ensemble]
    there = np.array([np.interp(degrees, levels, row) for row in rows])
    share = widened(np.sort(there / there[:, :1] - 1, axis=0), TENTHS)
    about = Dimension(
        key or what,
        Name(f"ความถี่ของ {what} เทียบกับวันนี้", f"{what} compared with today"),
        "1",
        Spread.NORMAL,
        0.0,
        0.0,
        0.0,
        floor=-0.95,
        source=f"{tables.INDICATOR_SOURCE}; {ensemble} at the mean warming of {scenario}",
    )
    return signal(about, share)


def climate(
    hazard: str, *, warms: Signal | None = None, rain: Dimension | None = None, often: Signal | None = None
) -> Climate:
    """The climate of a hazard from its parts; intensity needs both warming and rain."""
    return Climate(
        hazard,
        warming=warms.series.key if warms else "",
        rain=rain.key if rain else "",
        frequency=often.series.key if often else "",
    )


def extreme_water(case: str = "present") -> tuple[float, float, float]:
    """The 100-year extreme total water level in Southeast Asia in metres: 5 %, median, 95 %.

    Examples
    --------
    >>> extreme_water()
    (1.26, 1.542, 1.804)
    """
    ask.known("case", case, tables.EXTREME_WATER)
    return tables.EXTREME_WATER[case]


def inside(years: Sequence[int], first: int, last: int) -> None:
    """Years in order, and all of them in a table."""
    ask.rising("years", np.asarray(years, np.float64), strictly=True)
    for number, year in enumerate(years):
        if not first <= year <= last:
            raise ask.refused(
                f"years[{number}]",
                (f"ปี {year} อยู่นอกตาราง", f"The year {year} lies outside the table."),
                (f"ให้ใช้ปี ค.ศ. {first} ถึง {last}", f"Use years of the common era from {first} to {last}."),
            )


def changes(years: Sequence[int], known: Sequence[int], rows: Sequence[Sequence[float]]) -> Floats:
    """Low, middle and high paths as changes from the first year. (3, K)"""
    paths = np.array([np.interp(years, known, row) for row in rows])
    found: Floats = paths - paths[:, :1]
    return found


def widened(paths: Floats, factor: float) -> Floats:
    """Low and high moved away from the middle by a factor."""
    found: Floats = paths[1] + factor * (paths - paths[1])
    return found


def by_scenario(
    about: Dimension,
    scenario: str,
    table: tables.Rows,
    paths_of: Callable[[tuple[tuple[float, ...], ...]], Floats],
) -> Signal:
    """The signal of one scenario, or of any of them."""
    if scenario != ANY:
        ask.known("scenario", scenario, {ANY, *table})
        return signal(replace(about, source=f"{about.source}; {scenario}"), paths_of(table[scenario]))
    every = np.array([paths_of(each) for each in table.values()])
    middle = paths_of(table[MIDDLE])
    paths = np.array([np.min(every[:, 0], axis=0), middle[1], np.max(every[:, 2], axis=0)])
    source = f"{about.source}; evenly over {', '.join(table)}, base {MIDDLE}"
    return signal(replace(about, spread=Spread.UNIFORM, source=source), paths)


def signal(about: Dimension, paths: Floats) -> Signal:
    """A dimension and its series from low, middle and high paths that begin at zero. (3, K)

    The size is that of the knot where the middle path is furthest from zero; the ramp is the middle path over it.
    """
    peak = int(np.argmax(np.abs(paths[1])))
    low, size, high = (float(each) for each in np.sort(paths[:, peak]))
    middle = float(paths[1, peak])
    ramp = paths[1] / middle if middle else np.zeros(paths.shape[1])
    sized = replace(about, low=low, high=high, base=middle, middle=size)
    return Signal(sized, Series(about.key, about.key, ramp))

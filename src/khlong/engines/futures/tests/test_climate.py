"""The climate's tables are those of their sources, and become dimensions and series that a model can hold."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khlong.engines.futures import climate_tables as tables
from khlong.engines.futures import sampling
from khlong.engines.futures.check import check
from khlong.engines.futures.climate import (
    ANY,
    climate,
    extreme_water,
    indicator,
    rain_per_degree,
    sea_level,
    sea_rise,
    signal,
    warming,
)
from khlong.engines.futures.errors import ModelError
from khlong.engines.futures.model import Model, Spread
from khlong.engines.futures.tests.beside import beside
from khlong.engines.futures.tests.models import random_model

KNOTS = (2025, 2050, 2075, 2099)
scenarios = st.sampled_from(sorted(tables.WARMING))


def rows(name: str) -> list[dict[str, str]]:
    with beside(name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


class TestTables:
    def test_warming_is_that_of_the_file_beside_the_project(self) -> None:
        for row in rows("climate/ar6_gsat_assessed_ssp.csv"):
            if row["scenario"] in tables.WARMING and int(row["year"]) in tables.WARMING_YEARS:
                at = tables.WARMING_YEARS.index(int(row["year"]))
                typed = [part[at] for part in tables.WARMING[row["scenario"]]]
                assert typed == pytest.approx(
                    [float(row[each]) for each in ("p05", "mean", "p95")], abs=0.006
                )

    def test_sea_level_is_that_of_the_file_beside_the_project(self) -> None:
        for row in rows("sealevel/ar6_gmsl_table9_9.csv"):
            at = tables.SEA_YEARS.index(int(row["year"]))
            typed = [part[at] for part in tables.SEA_LEVEL[row["scenario"]]]
            assert typed == [float(row[each]) for each in ("likely_low_m", "median_m", "likely_high_m")]

    def test_extreme_water_is_that_of_the_file_beside_the_project(self) -> None:
        for row in rows("sealevel/SEA_regional_etwl.csv"):
            assert extreme_water(row["case"]) == tuple(float(row[each]) for each in ("p05", "median", "p95"))

    def test_indicators_are_those_of_the_file_beside_the_project(self) -> None:
        known = {
            (row["indicator"], row["ensemble"], float(row["p10"]), float(row["p50"]), float(row["p90"]))
            for row in rows("climate/ar6_ch12_SEA_impact_drivers.csv")
        }
        for (what, ensemble), (levels, *parts) in tables.INDICATORS.items():
            for at in range(len(levels)):
                assert (what, ensemble, *(part[at] for part in parts)) in known

    @pytest.mark.parametrize(
        ("scenario", "low", "best", "high"),
        [("SSP1-2.6", 1.3, 1.8, 2.4), ("SSP2-4.5", 2.1, 2.7, 3.5), ("SSP5-8.5", 3.3, 4.4, 5.7)],
    )
    def test_the_end_of_the_century_agrees_with_table_spm_1(
        self, scenario: str, low: float, best: float, high: float
    ) -> None:
        """IPCC AR6 WGI, Table SPM.1, 2081-2100 over 1850-1900: best estimate and very likely range."""
        years = np.arange(2081, 2100)
        found = [np.interp(years, tables.WARMING_YEARS, part).mean() for part in tables.WARMING[scenario]]
        assert found == pytest.approx([low, best, high], abs=0.15)

    @pytest.mark.parametrize("table", [tables.WARMING, tables.SEA_LEVEL])
    def test_ranges_are_in_order(self, table: dict[str, tuple[tuple[float, ...], ...]]) -> None:
        for low, middle, high in table.values():
            assert all(a <= b <= c for a, b, c in zip(low, middle, high, strict=True))


class TestSignals:
    @given(scenarios, st.sampled_from([warming, sea_level]))
    def test_a_scenario_begins_at_nothing_and_keeps_its_percentiles(self, scenario: str, of: object) -> None:
        made = of(KNOTS, scenario)  # type: ignore[operator]
        assert made.series.ramp[0] == 0
        assert np.max(made.series.ramp) == 1
        assert made.dimension.low <= made.dimension.middle <= made.dimension.high
        assert made.dimension.base == made.dimension.middle
        assert scenario in made.dimension.source

    def test_the_middle_path_is_the_table_again(self) -> None:
        made = warming(KNOTS, "SSP3-7.0")
        path = made.dimension.base * made.series.ramp
        known = np.interp(KNOTS, tables.WARMING_YEARS, tables.WARMING["SSP3-7.0"][1])
        assert path == pytest.approx(known - known[0])

    def test_a_world_that_cools_again_has_its_size_at_the_peak(self) -> None:
        made = warming(KNOTS, "SSP1-1.9")
        assert made.series.ramp[1] == 1
        assert 0 < made.series.ramp[3] < 1

    def test_any_scenario_reaches_from_the_lowest_to_the_highest(self) -> None:
        every = warming(KNOTS, ANY).dimension
        assert every.spread is Spread.UNIFORM
        assert every.low <= min(warming(KNOTS, each).dimension.low for each in tables.WARMING)
        assert every.high == max(warming(KNOTS, each).dimension.high for each in tables.WARMING)
        assert every.base == warming(KNOTS, "SSP2-4.5").dimension.base

    def test_the_sea_at_the_end_of_the_century_in_millimetres(self) -> None:
        """Table 9.9, SSP2-4.5, 2100: 0.56 m over 1995-2014; from 2005, its middle, that is all of it."""
        made = sea_level((2005, 2100), "SSP2-4.5")
        assert made.dimension.middle == pytest.approx(560)
        assert made.dimension.low == pytest.approx(560 - 120 * 1.7239, abs=0.1)
        assert made.dimension.unit == "mm"

    def test_days_above_35_degrees_by_warming(self) -> None:
        """Chapter 12 of AR6, Southeast Asia: 34 days at 1.5 degrees and 49 at 2."""
        made = indicator((2030, 2050), "days_tmax_gt_35C")
        degrees = [
            np.interp(year, tables.WARMING_YEARS, tables.WARMING["SSP2-4.5"][1]) for year in (2030, 2050)
        ]
        days = [np.interp(each, (0.85, 1.5, 2.0), (21.066, 34.278, 48.934)) for each in degrees]
        assert made.dimension.base == pytest.approx(days[1] / days[0] - 1)
        assert made.dimension.floor == -0.95

    @given(
        st.sampled_from(sorted(tables.INDICATORS)),
        scenarios,
        st.sampled_from([KNOTS, (2020, 2100), (2030,), (2020, 2030)]),
    )
    def test_every_indicator_makes_a_signal(
        self, one: tuple[str, str], scenario: str, years: tuple[int, ...]
    ) -> None:
        made = indicator(years, one[0], scenario, ensemble=one[1])
        assert made.dimension.low <= made.dimension.middle <= made.dimension.high
        assert np.isfinite(made.series.ramp).all()
        assert made.series.ramp[0] == 0

    def test_a_single_knot_has_no_change(self) -> None:
        made = warming((2030,), "SSP2-4.5")
        assert made.series.ramp.tolist() == [0]
        assert made.dimension.base == 0

    def test_a_falling_path_keeps_its_sign(self) -> None:
        about = warming(KNOTS, "SSP2-4.5").dimension
        made = signal(about, np.array([[0, -3.0], [0, -2.0], [0, -1.0]]))
        assert (made.dimension.low, made.dimension.base, made.dimension.high) == (-3, -2, -1)
        assert made.series.ramp.tolist() == [0, 1]

    def test_rain_is_seven_per_cent_per_degree(self) -> None:
        """IPCC AR6 WGI SPM B.2.4."""
        assert rain_per_degree().base == 0.07
        assert "B.2.4" in rain_per_degree().source

    @pytest.mark.parametrize("years", [(2000, 2050), (2025, 2150), (2568, 2590)])
    def test_years_outside_the_table_are_refused(self, years: tuple[int, ...]) -> None:
        with pytest.raises(ModelError, match="outside the table") as caught:
            warming(years)
        assert "ค.ศ." in caught.value.in_words("th")

    def test_a_scenario_that_is_not_there_is_refused(self) -> None:
        with pytest.raises(ModelError, match=r"SSP2-4\.5"):
            warming(KNOTS, "RCP4.5")


def test_a_model_with_the_whole_climate_stands() -> None:
    model = warmed(random_model(5, knots=4))
    check(model)
    futures = sampling.draw(model, 256, 1)
    hazard = model.hazards[0].key
    assert (futures.alpha(hazard)[:, 0] == 1).all()
    assert 1 < float(np.median(futures.alpha(hazard)[:, 3])) < 1.5
    assert float(np.median(futures.phi(hazard)[:, 3])) > 1
    assert 200 < float(np.median(futures.rise("sea")[:, 3])) < 800


def warmed(model: Model) -> Model:
    warm, sea = warming(KNOTS, key="heat"), sea_level(KNOTS)
    rain, often = rain_per_degree("wetter"), indicator(KNOTS, "days_tmax_gt_35C")
    first = model.hazards[0].key
    return replace(
        model,
        years=KNOTS,
        dimensions=(*model.dimensions, warm.dimension, sea.dimension, rain, often.dimension),
        series=(*(each for each in model.series if each.key != "sea"), warm.series, sea.series, often.series),
        climates=(climate(first, warms=warm, rain=rain, often=often),),
        rises=(sea_rise(sea, first, np.ones(len(model.places), bool)),),
    )

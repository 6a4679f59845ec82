"""Every bad input is refused with its field and its mend, in Thai and in English."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from khlong.engines.futures import sampling
from khlong.engines.futures.check import check
from khlong.engines.futures.errors import ModelError
from khlong.engines.futures.model import (
    Act,
    ActKind,
    Climate,
    Dimension,
    Model,
    Name,
    Rise,
    Spread,
    Threshold,
)
from khlong.engines.futures.tests.models import models, random_model

Change = Callable[[Model], Model]
NAN = float("nan")
MODEL = random_model(3, knots=3, acts=tuple((kind,) for kind in ActKind), excluding=2)
EMPTY = np.zeros(len(MODEL.places), bool)
WHOLE = np.ones(len(MODEL.places), bool)
FIRST = np.arange(len(MODEL.places)) == 0


def part(name: str, number: int, **changes: Any) -> Change:
    """Change one item of a list of the model; a callable gets the item."""

    def change(model: Model) -> Model:
        items = list(getattr(model, name))
        made = {key: each(items[number]) if callable(each) else each for key, each in changes.items()}
        items[number] = replace(items[number], **made)
        changed: dict[str, Any] = {name: tuple(items)}
        return replace(model, **changed)

    return change


def whole(**changes: Any) -> Change:
    return lambda model: replace(model, **changes)


def act(number: int, **changes: Any) -> Change:
    def change(model: Model) -> Model:
        measure = model.measures[number]
        acts = (replace(measure.acts[0], **changes), *measure.acts[1:])
        return part("measures", number, acts=acts)(model)

    return change


def put(name: str, at: int, value: float) -> Callable[[Any], Any]:
    """One value of an array changed."""

    def change(item: Any) -> Any:
        array = np.array(getattr(item, name), copy=True)
        array[at] = value
        return array

    return change


def longer(name: str) -> Callable[[Any], Any]:
    return lambda item: np.append(getattr(item, name), getattr(item, name)[-1])


def twice_the_first_cell(model: Model) -> Model:
    hazard = model.hazards[0]
    cells = {
        key: np.append(getattr(hazard, key), getattr(hazard, key)[0])
        for key in ("event", "place", "intensity")
    }
    return part("hazards", 0, **cells)(model)


def table(**changes: Any) -> Change:
    plain: dict[str, Any] = {"at": (0.1, 0.9), "values": (1.0, 2.0), "base": 1.0, "spread": Spread.TABLE}
    return part("dimensions", 0, **plain | changes)


SHIFT, SCALE, PROTECT, ECOSYSTEM, EXPOSURE, VULNERABILITY, TRANSFER = range(7)

BAD: dict[str, tuple[Change, str, str]] = {
    "no years": (whole(years=()), "years", "no years"),
    "years out of order": (whole(years=(2025, 2040, 2030)), "years[2]", "out of order"),
    "two calendars": (whole(years=(2025, 2030, 2593)), "years", "span"),
    "no places": (whole(places=()), "places", "no places"),
    "a place twice": (whole(places=("a", "b", "a", "c")), "places[2].key", "twice"),
    "a key missing": (part("groups", 1, key=""), "groups[1].key", "missing"),
    "a key twice": (part("groups", 1, key="poor"), "groups[1].key", "twice"),
    "people below zero": (part("groups", 0, people=-3.0), "groups[0].people", "below 0"),
    "endless income": (part("groups", 0, income=float("inf")), "groups[0].income", "finite"),
    "a kind without unit": (part("kinds", 0, unit=" "), "kinds[0].unit", "unit is missing"),
    "a negative price": (part("kinds", 1, price=-1.0), "kinds[1].price", "below 0"),
    "no money": (whole(money=""), "money", "unit is missing"),
    "a position that is no dimension": (whole(curve_position="?"), "curve_position", "no ?"),
    "a discount that is no dimension": (whole(discount="?"), "discount", "no ?"),
    "a hazard without unit": (part("hazards", 0, unit=""), "hazards[0].unit", "unit is missing"),
    "a hazard without rule": (part("hazards", 0, rule=""), "hazards[0].rule", "not named"),
    "a negative frequency": (
        part("hazards", 0, frequency=put("frequency", 2, -0.1)),
        "hazards[0].frequency[2]",
        "below",
    ),
    "a missing frequency": (
        part("hazards", 0, frequency=put("frequency", 1, NAN)),
        "hazards[0].frequency[1]",
        "missing",
    ),
    "a return period for a frequency": (
        part("hazards", 1, frequency=put("frequency", 5, 500.0)),
        "hazards[1].frequency[5]",
        "not possible",
    ),
    "more places than cells": (part("hazards", 0, place=longer("place")), "hazards[0].place", "values where"),
    "an event that is not there": (
        part("hazards", 0, event=put("event", 0, 6)),
        "hazards[0].event[0]",
        "not exist",
    ),
    "a place that is not there": (
        part("hazards", 0, place=put("place", 1, -1)),
        "hazards[0].place[1]",
        "not exist",
    ),
    "metres in fractions": (
        part("hazards", 0, intensity=lambda each: each.intensity / 1000),
        "hazards[0].intensity",
        "not whole",
    ),
    "water to the sky": (
        part("hazards", 0, intensity=put("intensity", 1, 2_000_000)),
        "hazards[0].intensity[1]",
        "above 1e+06",
    ),
    "a cell twice": (twice_the_first_cell, "hazards[0].place[17]", "twice"),
    "a curve of one point": (
        part("curves", 0, intensity=np.zeros(1), share=np.zeros(1), spread=np.zeros(1)),
        "curves[0].intensity",
        "fewer than two",
    ),
    "a curve below zero depth": (
        part("curves", 0, intensity=put("intensity", 0, -10.0)),
        "curves[0].intensity[0]",
        "below 0",
    ),
    "a curve out of order": (
        part("curves", 0, intensity=put("intensity", 1, 9999.0)),
        "curves[0].intensity[2]",
        "order",
    ),
    "three points at one depth": (
        part("curves", 0, intensity=np.zeros(3), share=np.array([0, 0.1, 0.2]), spread=np.zeros(3)),
        "curves[0].intensity",
        "More than two points",
    ),
    "a negative curve": (part("curves", 1, share=put("share", 0, -0.1)), "curves[1].share[0]", "below 0"),
    "a curve that falls": (
        part("curves", 1, share=put("share", 1, 0.999)),
        "curves[1].share[2]",
        "out of order",
    ),
    "a curve with a hole": (part("curves", 1, share=put("share", 1, NAN)), "curves[1].share[1]", "missing"),
    "damage at zero depth": (
        part("curves", 1, share=lambda each: np.maximum(each.share, 0.01)),
        "curves[1].share[0]",
        "damage at its beginning",
    ),
    "doubt at zero depth": (
        part("curves", 1, spread=put("spread", 0, 0.1)),
        "curves[1].spread[0]",
        "damage at its",
    ),
    "per cent": (
        part("curves", 1, share=lambda each: each.share * 100),
        "curves[1].share[4]",
        "more than the whole",
    ),
    "a curve and its spread of two lengths": (
        part("curves", 1, spread=longer("spread")),
        "curves[1].spread",
        "values",
    ),
    "a dimension without unit": (part("dimensions", 0, unit=""), "dimensions[0].unit", "unit is missing"),
    "a dimension with a hole": (part("dimensions", 1, low=NAN), "dimensions[1].low", "missing"),
    "a dimension upside down": (part("dimensions", 3, high=1.0), "dimensions[3].high", "below 90.3"),
    "a middle outside": (part("dimensions", 1, middle=0.2), "dimensions[1].middle", "above 0.11"),
    "a base outside": (part("dimensions", 3, base=9.0), "dimensions[3].base", "below 90.3"),
    "a base above the ceiling": (part("dimensions", 0, base=4.5), "dimensions[0].base", "above 4"),
    "a floor above the ceiling": (part("dimensions", 0, floor=5.0), "dimensions[0].floor", "not below"),
    "a table that falls": (table(values=(2.0, 1.0)), "dimensions[0].values[1]", "out of order"),
    "a table beyond one": (table(at=(0.1, 1.9)), "dimensions[0].at[1]", "above 1"),
    "a table of two lengths": (table(at=(0.1, 0.5, 0.9)), "dimensions[0].values", "values where 3"),
    "an empty table": (table(at=(), values=()), "dimensions[0].at", "empty"),
    "a series without its dimension": (part("series", 0, dimension="?"), "series[0].dimension", "no ?"),
    "a ramp too long": (part("series", 0, ramp=longer("ramp")), "series[0].ramp", "4 values where 3"),
    "a ramp with a hole": (part("series", 0, ramp=put("ramp", 1, NAN)), "series[0].ramp[1]", "missing"),
    "a climate of no hazard": (part("climates", 0, hazard="?"), "climates[0].hazard", "no ?"),
    "two climates of a hazard": (
        whole(climates=(*MODEL.climates, Climate("flood"))),
        "climates[2].hazard",
        "two climates",
    ),
    "warming without rain": (part("climates", 0, rain=""), "climates[0].rain", "belong together"),
    "rain without warming": (part("climates", 0, warming=""), "climates[0].warming", "belong together"),
    "warming that grows": (part("series", 0, grows=True), "climates[0].warming", "degrees"),
    "no layers": (whole(layers=()), "layers", "nothing that can be lost"),
    "a layer of nobody": (
        part("layers", 0, group="?"),
        "layers[0].group",
        "Choose from newcomers, old, poor",
    ),
    "a layer without curve": (part("layers", 0, curve=""), "layers[0].curve", "no (empty)"),
    "a layer driven by nothing": (part("layers", 0, driver="?"), "layers[0].driver", "no ?"),
    "a layer of other places": (
        part("layers", 0, value=longer("value")),
        "layers[0].value",
        "5 values where 4",
    ),
    "a negative value": (part("layers", 0, value=put("value", 2, -5.0)), "layers[0].value[2]", "below 0"),
    "a value with a hole": (part("layers", 0, value=put("value", 2, NAN)), "layers[0].value[2]", "missing"),
    "a rise of nothing": (
        whole(rises=(Rise("sea", "flood", 1.0, "sea", EMPTY),)),
        "rises[0].places",
        "touches nothing",
    ),
    "a rise where nothing of value stands": (
        lambda model: replace(
            model,
            layers=tuple(replace(each, value=np.where(FIRST, 0.0, each.value)) for each in model.layers),
            rises=(Rise("sea", "flood", 1.0, "sea", FIRST),),
        ),
        "rises[0].places",
        "touches nothing",
    ),
    "a rise without series": (
        whole(rises=(Rise("sea", "flood", 1.0, "?", WHOLE),)),
        "rises[0].series",
        "no ?",
    ),
    "a strength below zero": (
        part("measures", 0, strength=np.array([0, -1.0, 1])),
        "measures[0].strength[1]",
        "below 0",
    ),
    "a strength for other years": (
        part("measures", 0, strength=np.ones(2)),
        "measures[0].strength",
        "2 values where 3",
    ),
    "an endless cost": (part("measures", 0, cost=float("inf")), "measures[0].cost", "finite"),
    "a negative cost": (part("measures", 0, cost=-5.0), "measures[0].cost", "below 0"),
    "a negative upkeep": (part("measures", 1, upkeep=-5.0), "measures[1].upkeep", "below 0"),
    "a scale above one": (act(SCALE, to=1.2), "measures[1].acts[0].to", "above 1"),
    "a layer attached above the value": (act(TRANSFER, attach=1.5), "measures[6].acts[0].attach", "above 1"),
    "a cover above the value": (act(TRANSFER, cover=1.5), "measures[6].acts[0].cover", "above 1"),
    "less than no money": (whole(most_cost=-1.0), "most_cost", "below 0"),
    "an effectiveness that is not there": (
        part("measures", 0, effectiveness="?"),
        "measures[0].effectiveness",
        "no ?",
    ),
    "two sizes at once": (
        lambda model: part("measures", 0, existing=True)(part("measures", 1, existing=True)(model)),
        "measures[1]",
        "exclude",
    ),
    "a mask that touches no place": (
        act(SHIFT, places=EMPTY),
        "measures[0].acts[0].places",
        "touches nothing",
    ),
    "a mask of other places": (
        act(SHIFT, places=np.ones(9, bool)),
        "measures[0].acts[0].places",
        "9 values where 4",
    ),
    "a mask of numbers": (act(SHIFT, places=np.ones(4)), "measures[0].acts[0].places", "yes and no"),
    "an act for nobody": (act(SHIFT, groups=("?",)), "measures[0].acts[0].groups[0]", "no ?"),
    "an act for no kind": (act(SHIFT, kinds=("?",)), "measures[0].acts[0].kinds[0]", "no ?"),
    "a shape without hazard": (act(SHIFT, hazard=""), "measures[0].acts[0].hazard", "no (empty)"),
    "a shift by nothing known": (act(SHIFT, by=NAN), "measures[0].acts[0].by", "missing"),
    "a scale below zero": (act(SCALE, to=-0.1), "measures[1].acts[0].to", "below 0"),
    "a wall below ground": (act(PROTECT, level=-1.0), "measures[2].acts[0].level", "below 0"),
    "an ecosystem that drinks all": (act(ECOSYSTEM, share=1.2), "measures[3].acts[0].share", "above 1"),
    "an ecosystem gone before it fades": (
        act(ECOSYSTEM, fades_from=900.0, gone_at=500.0),
        "measures[3].acts[0].gone_at",
        "gone before",
    ),
    "more than all exposure": (act(EXPOSURE, by=1.1), "measures[4].acts[0].by", "above 1"),
    "more than all vulnerability": (act(VULNERABILITY, by=1.1), "measures[5].acts[0].by", "above 1"),
    "a negative cover": (act(TRANSFER, cover=-0.1), "measures[6].acts[0].cover", "below 0"),
    "a threshold of nobody": (
        whole(thresholds=(Threshold("?", "baht", 1.0),)),
        "thresholds[0].group",
        "no ?",
    ),
    "a threshold of no kind": (
        whole(thresholds=(Threshold("poor", "?", 1.0),)),
        "thresholds[0].kind",
        "no ?",
    ),
    "a threshold twice": (
        whole(thresholds=(Threshold("poor", "baht", 1.0),) * 2),
        "thresholds[1]",
        "already",
    ),
    "a threshold below zero": (
        whole(thresholds=(Threshold("poor", "baht", -1.0),)),
        "thresholds[0].most",
        "below 0",
    ),
    "a weight of nobody": (whole(weights={"?": 1.0}), "weights.?", "no ?"),
    "a negative weight": (whole(weights={"poor": -1.0}), "weights.poor", "below 0"),
    "no number for the most cost": (whole(most_cost=NAN), "most_cost", "missing"),
}


@pytest.mark.parametrize("name", BAD)
def test_it_is_refused_with_field_and_mend(name: str) -> None:
    change, field, words = BAD[name]
    with pytest.raises(ModelError) as caught:
        check(change(MODEL))
    error = caught.value
    assert error.field == field
    assert words in str(error)
    assert str(error).startswith(f"{field}: ")
    assert error.mend.en.endswith(".")
    thai = error.in_words("th")
    assert thai.startswith(f"{field}: ")
    assert re.search("[ก-๙]", error.wrong.th)
    assert re.search("[ก-๙]", error.mend.th)


def test_the_random_model_as_it_is_stands() -> None:
    check(MODEL)


@given(models())
@settings(max_examples=100)
def test_random_models_are_valid(model: Model) -> None:
    check(model)
    sampling.draw(model, 16, 1)
    sampling.base(model)


def test_a_mask_touches_nothing_where_there_is_no_value() -> None:
    poor = [each for each in MODEL.layers if each.group == "poor"]
    only = np.arange(len(MODEL.places)) == 0
    layers = tuple(
        replace(each, value=np.where(only, 0.0, each.value)) if each in poor else each for each in poor
    )
    changed = act(SHIFT, places=only, groups=("poor",), kinds=())(replace(MODEL, layers=layers))
    with pytest.raises(ModelError, match="touches nothing"):
        check(changed)


def test_a_hazard_without_cells_and_a_measure_for_one_hazard_stand() -> None:
    nothing = {key: np.zeros(0, np.int32) for key in ("event", "place", "intensity")}
    lonely = replace(MODEL, measures=(), rises=())
    check(part("hazards", 1, **nothing)(lonely))
    check(act(EXPOSURE, hazard="flood", groups=(), kinds=(), places=WHOLE)(MODEL))


def test_cells_may_come_in_any_order() -> None:
    hazard = MODEL.hazards[0]
    turned = {key: getattr(hazard, key)[::-1] for key in ("event", "place", "intensity")}
    check(part("hazards", 0, **turned)(MODEL))


class TestFutures:
    def test_a_climate_that_turns_rain_around_is_refused(self) -> None:
        model = part("dimensions", 1, low=-9.0, high=-8.0, base=-8.5, middle=-8.5)(MODEL)
        check(model)
        with pytest.raises(ModelError, match="which cannot be") as caught:
            sampling.draw(model, 16, 1)
        assert caught.value.field == "climates[0].rain"

    def test_people_below_nobody_are_refused(self) -> None:
        model = part("dimensions", 4, low=-3.0, base=-3.0)(MODEL)
        driven = next(number for number, each in enumerate(model.layers) if each.driver == "growth")
        with pytest.raises(ModelError) as caught:
            sampling.draw(model, 64, 1)
        assert caught.value.field == f"layers[{driven}].driver"

    def test_a_rate_below_minus_one_is_refused(self) -> None:
        rate = Dimension("rate", Name("", ""), "1", Spread.UNIFORM, -2.0, 0.0, -1.0)
        model = replace(MODEL, dimensions=(*MODEL.dimensions[:-1], rate), discount="rate")
        with pytest.raises(ModelError) as caught:
            sampling.base(model)
        assert caught.value.field == "discount"

    def test_an_act_is_refused_on_its_own_too(self) -> None:
        lonely = Act(ActKind.SHIFT, EMPTY, hazard="flood")
        with pytest.raises(ModelError, match=r"acts\[0\]"):
            check(part("measures", 0, acts=(lonely,))(MODEL))

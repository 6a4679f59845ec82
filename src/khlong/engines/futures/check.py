"""Whether a model can stand: every bad input of it is refused before anything is reckoned.

`check(model)` asks everything that can be asked without drawing futures; `check_futures(futures)` asks what only the
values of the dimensions can tell, such as whether the climate of a future would turn rain around.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures import packages
from khlong.engines.futures import refusals as ask
from khlong.engines.futures.model import SHAPE_ACTS, Act, ActKind, Spread

if TYPE_CHECKING:
    from khlong.engines.futures.model import (
        Curve,
        Dimension,
        Floats,
        Hazard,
        Integers,
        Layer,
        Mask,
        Measure,
        Model,
        Series,
    )
    from khlong.engines.futures.sampling import Futures

MOST_A_YEAR = 366.0  # what comes more than once a day is no event
MOST_UNITS = 1_000_000  # a kilometre of water in millimetres
MOST_YEARS = 500


def check(model: Model) -> None:
    """Refuse a model that cannot stand.

    Raises
    ------
    ModelError
        With the field and the mend, at the first thing that is wrong.
    """
    check_frame(model)
    for number, hazard in enumerate(model.hazards):
        check_hazard(f"hazards[{number}]", hazard, len(model.places))
    for number, curve in enumerate(model.curves):
        check_curve(f"curves[{number}]", curve)
    for number, dimension in enumerate(model.dimensions):
        check_dimension(f"dimensions[{number}]", dimension)
    check_series(model)
    check_climates(model)
    check_layers(model)
    check_rises(model)
    check_measures(model)
    check_aims(model)


def check_frame(model: Model) -> None:
    """Years, places, keys, groups and kinds."""
    check_years(model.years)
    if not model.places:
        raise ask.refused(
            "places",
            ("แบบจำลองไม่มีพื้นที่", "The model has no places."),
            ("ให้ใส่พื้นที่อย่างน้อยหนึ่งแห่ง", "Give at least one place."),
        )
    ask.unique("places", model.places)
    for field in (
        "groups",
        "kinds",
        "hazards",
        "curves",
        "layers",
        "measures",
        "dimensions",
        "series",
        "rises",
    ):
        ask.unique(field, (each.key for each in getattr(model, field)))
    for number, group in enumerate(model.groups):
        ask.number_or_unknown(f"groups[{number}].people", group.people, 0)
        ask.number_or_unknown(f"groups[{number}].income", group.income, 0)
    for number, kind in enumerate(model.kinds):
        ask.unit(f"kinds[{number}].unit", kind.unit)
        ask.at_least(f"kinds[{number}].price", kind.price, 0)
    ask.unit("money", model.money)
    dimensions = {each.key for each in model.dimensions}
    ask.named("curve_position", model.curve_position, dimensions)
    ask.named("discount", model.discount, dimensions)


def check_years(years: tuple[int, ...]) -> None:
    if not years:
        raise ask.refused(
            "years",
            ("แบบจำลองไม่มีปี", "The model has no years."),
            ("ให้ใส่ปีอย่างน้อยหนึ่งปี", "Give at least one year."),
        )
    ask.rising("years", years, strictly=True)
    if years[-1] - years[0] > MOST_YEARS:
        raise ask.refused(
            "years",
            (f"ช่วงเวลายาวกว่า {MOST_YEARS} ปี", f"The years span more than {MOST_YEARS}."),
            ("ให้ใช้ปีแบบเดียวกันทั้งหมด เช่น ค.ศ.", "Use one calendar throughout, for example CE."),
        )


def check_hazard(field: str, hazard: Hazard, places: int) -> None:
    """Cells that exist, once each, in whole units, of events that are possible."""
    ask.unit(f"{field}.unit", hazard.unit)
    if not hazard.rule:
        raise ask.refused(
            f"{field}.rule",
            ("ไม่ได้ระบุว่าความถี่มาจากกฎใด", "The rule that made the frequencies is not named."),
            ("ถ้าเป็นชุดเหตุการณ์ให้เขียน events", "Write events for a set of events, else the rule of the ladder."),
        )
    check_frequency(f"{field}.frequency", hazard.frequency)
    for part in ("place", "intensity"):
        ask.length(f"{field}.{part}", getattr(hazard, part), len(hazard.event))
    for part, count in (("event", len(hazard.frequency)), ("place", places)):
        check_index(f"{field}.{part}", getattr(hazard, part), count)
    check_whole(f"{field}.intensity", hazard.intensity)
    if len(hazard.intensity):
        largest = int(np.argmax(np.abs(hazard.intensity)))
        ask.at_most(f"{field}.intensity[{largest}]", abs(float(hazard.intensity[largest])), MOST_UNITS)
    check_pairs(field, hazard, places)


def check_frequency(field: str, frequency: Floats) -> None:
    """By event and year: not negative, and no oftener than once a day."""
    ask.at_least(field, frequency, 0)
    often = frequency > MOST_A_YEAR
    if often.any():
        at = int(np.argmax(often))
        raise ask.refused(
            f"{field}[{at}]",
            (
                f"ความถี่ {frequency[at]:g} ครั้งต่อปีเป็นไปไม่ได้",
                f"A frequency of {frequency[at]:g} times a year is not possible.",
            ),
            ("ให้ใส่จำนวนครั้งต่อปี ไม่ใช่รอบปี", "Give times per year, not years between events."),
        )


def check_whole(field: str, numbers: Integers) -> None:
    if not np.issubdtype(numbers.dtype, np.integer):
        raise ask.refused(
            field,
            ("ต้องเป็นจำนวนเต็ม", "The numbers are not whole."),
            ("ให้ปัดเป็นจำนวนเต็มในหน่วยที่ระบุ เช่น มิลลิเมตร", "Round to whole steps of the unit, for example mm."),
        )


def check_index(field: str, numbers: Integers, count: int) -> None:
    check_whole(field, numbers)
    wrong = (numbers < 0) | (numbers >= count)
    if wrong.any():
        at = int(np.argmax(wrong))
        raise ask.refused(
            f"{field}[{at}]",
            (f"หมายเลข {numbers[at]} ไม่มีอยู่", f"The number {numbers[at]} does not exist."),
            (f"ให้ใช้ 0 ถึง {count - 1}", f"Use 0 to {count - 1}."),
        )


def check_pairs(field: str, hazard: Hazard, places: int) -> None:
    """Each event reaches each place once; sorted cells, the usual case, need no sorting."""
    cells = hazard.event.astype(np.int64) * places + hazard.place
    steps = np.diff(cells)
    if (steps > 0).all():
        return
    order = np.argsort(cells, kind="stable")
    twice = np.flatnonzero(np.diff(cells[order]) == 0)
    if len(twice):
        at = int(order[twice[0] + 1])
        raise ask.refused(
            f"{field}.place[{at}]",
            (
                f"เหตุการณ์ {hazard.event[at]} มีพื้นที่ {hazard.place[at]} ซ้ำกัน",
                f"Event {hazard.event[at]} has place {hazard.place[at]} twice.",
            ),
            ("ให้เหลือค่าเดียวต่อเหตุการณ์และพื้นที่", "Keep one intensity for each event and place."),
        )


def check_curve(field: str, curve: Curve) -> None:
    """Zero at its beginning, never falling, a share of value, with at most one step at one intensity."""
    check_nodes(f"{field}.intensity", curve.intensity)
    for part in ("share", "spread"):
        ask.length(f"{field}.{part}", getattr(curve, part), len(curve.intensity))
        ask.at_least(f"{field}.{part}", getattr(curve, part), 0)
    ask.rising(f"{field}.share", curve.share, strictly=False)
    if curve.share[0] > 0 or curve.spread[0] > 0:
        part = "share" if curve.share[0] > 0 else "spread"
        raise ask.refused(
            f"{field}.{part}[0]",
            (
                "เส้นความเสียหายไม่เป็นศูนย์ที่จุดเริ่มต้น",
                "The curve has damage at its beginning, where nothing has come.",
            ),
            ("ให้เริ่มด้วยศูนย์ แล้วเพิ่มขั้นถ้าเสียหายทันที", "Begin with zero, and add a step where damage is sudden."),
        )
    if curve.share[-1] > 1:
        raise ask.refused(
            f"{field}.share[{len(curve.share) - 1}]",
            (
                f"ส่วนที่เสียหาย {curve.share[-1]:g} เกิน 1",
                f"A share of {curve.share[-1]:g} is more than the whole.",
            ),
            ("ให้ใช้ส่วนของ 1 ไม่ใช่ร้อยละ", "Give shares of 1, not per cent, and put the size into the value."),
        )


def check_nodes(field: str, nodes: Floats) -> None:
    ask.at_least(field, nodes, 0)
    if len(nodes) < 2:
        raise ask.refused(
            field,
            ("เส้นความเสียหายมีน้อยกว่าสองจุด", "The curve has fewer than two points."),
            ("ให้ใส่อย่างน้อยสองจุด", "Give two points or more."),
        )
    ask.rising(field, nodes, strictly=False)
    if (nodes[2:] == nodes[:-2]).any():
        raise ask.refused(
            field,
            ("มีมากกว่าสองจุดที่ความรุนแรงเดียวกัน", "More than two points stand at one intensity."),
            ("ขั้นหนึ่งใช้สองจุด", "A step is made of two points."),
        )


def check_dimension(field: str, dimension: Dimension) -> None:
    """A spread with its unit, its ends in order, and a base that lies inside."""
    ask.unit(f"{field}.unit", dimension.unit)
    for part in ("low", "high", "base", "middle"):
        ask.finite(f"{field}.{part}", getattr(dimension, part))
    if np.isnan(dimension.floor) or np.isnan(dimension.ceiling) or dimension.floor > dimension.ceiling:
        raise ask.refused(
            f"{field}.floor",
            ("ค่าต่ำสุดสูงกว่าค่าสูงสุด", "The floor is not below the ceiling."),
            ("ให้สลับหรือแก้ค่า", "Swap or mend the two."),
        )
    if dimension.spread is Spread.TABLE:
        check_table(field, dimension)
    else:
        ask.at_least(f"{field}.high", dimension.high, dimension.low)
    if dimension.spread in {Spread.TRIANGULAR, Spread.NORMAL}:
        ask.at_least(f"{field}.middle", dimension.middle, dimension.low)
        ask.at_most(f"{field}.middle", dimension.middle, dimension.high)
    low, high = reach(dimension)
    ask.at_least(f"{field}.base", dimension.base, low)
    ask.at_most(f"{field}.base", dimension.base, high)


def reach(dimension: Dimension) -> tuple[float, float]:
    """The least and the most that a dimension can be."""
    low, high = dimension.low, dimension.high
    if dimension.spread is Spread.NORMAL:
        low, high = float("-inf"), float("inf")
    elif dimension.spread is Spread.TABLE:
        low, high = dimension.values[0], dimension.values[-1]
    return max(low, dimension.floor), min(high, dimension.ceiling)


def check_table(field: str, dimension: Dimension) -> None:
    ask.length(f"{field}.values", dimension.values, len(dimension.at))
    if not dimension.at:
        raise ask.refused(
            f"{field}.at",
            ("ตารางว่าง", "The table is empty."),
            ("ให้ใส่อย่างน้อยหนึ่งค่า", "Give one quantile or more."),
        )
    ask.at_least(f"{field}.at", dimension.at, 0)
    ask.at_most(f"{field}.at", dimension.at, 1)
    ask.finite(f"{field}.values", dimension.values)
    ask.rising(f"{field}.at", dimension.at, strictly=True)
    ask.rising(f"{field}.values", dimension.values, strictly=False)


def check_series(model: Model) -> None:
    dimensions = {each.key for each in model.dimensions}
    for number, each in enumerate(model.series):
        ask.named(f"series[{number}].dimension", each.dimension, dimensions)
        ask.length(f"series[{number}].ramp", each.ramp, len(model.years))
        ask.finite(f"series[{number}].ramp", each.ramp)


def check_climates(model: Model) -> None:
    """One climate a hazard; warming needs a rain scaling and the other way round."""
    series = {each.key: each for each in model.series}
    seen: set[str] = set()
    for number, each in enumerate(model.climates):
        field = f"climates[{number}]"
        ask.known(f"{field}.hazard", each.hazard, {hazard.key for hazard in model.hazards})
        if each.hazard in seen:
            raise ask.refused(
                f"{field}.hazard",
                (f"ภัย {each.hazard} มีภูมิอากาศสองชุด", f"The hazard {each.hazard} has two climates."),
                ("ให้รวมเป็นชุดเดียว", "Put them into one."),
            )
        seen.add(each.hazard)
        ask.named(f"{field}.warming", each.warming, series)
        ask.named(f"{field}.frequency", each.frequency, series)
        ask.named(f"{field}.rain", each.rain, {dimension.key for dimension in model.dimensions})
        if bool(each.warming) != bool(each.rain):
            missing = "rain" if each.warming else "warming"
            raise ask.refused(
                f"{field}.{missing}",
                ("ต้องมีทั้งอุณหภูมิที่เพิ่มและฝนต่อองศา", "Warming and the scaling per degree belong together."),
                ("ให้ใส่ทั้งสองหรือไม่ใส่เลย", "Give both or neither."),
            )
        check_degrees(field, series.get(each.warming))


def check_degrees(field: str, warming: Series | None) -> None:
    if warming is not None and warming.grows:
        raise ask.refused(
            f"{field}.warming",
            ("อุณหภูมิที่เพิ่มเป็นองศา ไม่ใช่ตัวคูณ", "Warming is in degrees and cannot be a factor of growth."),
            ("ให้ตั้ง grows เป็นเท็จ", "Set grows to false."),
        )


def check_layers(model: Model) -> None:
    keys = {
        part: {each.key for each in getattr(model, part)} for part in ("groups", "kinds", "hazards", "curves")
    }
    series = {each.key for each in model.series}
    for number, each in enumerate(model.layers):
        field = f"layers[{number}]"
        for part in ("group", "kind", "hazard", "curve"):
            ask.known(f"{field}.{part}", getattr(each, part), keys[f"{part}s"])
        ask.named(f"{field}.driver", each.driver, series)
        ask.length(f"{field}.value", each.value, len(model.places))
        ask.at_least(f"{field}.value", each.value, 0)
    if not model.layers:
        raise ask.refused(
            "layers",
            ("แบบจำลองไม่มีสิ่งที่อาจเสียหาย", "The model has nothing that can be lost."),
            ("ให้ใส่สิ่งที่อาจเสียหายอย่างน้อยหนึ่งชั้น", "Give at least one layer."),
        )


def reached(model: Model) -> dict[str, Mask]:
    """The places that each hazard has cells in."""
    found: dict[str, Mask] = {}
    for hazard in model.hazards:
        places = found[hazard.key] = np.zeros(len(model.places), bool)
        places[hazard.place] = True
    return found


def check_rises(model: Model) -> None:
    places = reached(model)
    for number, each in enumerate(model.rises):
        field = f"rises[{number}]"
        ask.known(f"{field}.hazard", each.hazard, places)
        ask.known(f"{field}.series", each.series, {one.key for one in model.series})
        ask.finite(f"{field}.by", each.by)
        ask.mask(f"{field}.places", each.places, len(model.places))
        here = each.places & places[each.hazard]
        exposed = (layer for layer in model.layers if layer.hazard == each.hazard)
        if not any((here & (layer.value > 0)).any() for layer in exposed):
            raise ask.refused(f"{field}.places", *ask.NOTHING)


def check_measures(model: Model) -> None:
    places = reached(model)
    dimensions = {each.key for each in model.dimensions}
    for number, measure in enumerate(model.measures):
        field = f"measures[{number}]"
        ask.length(f"{field}.strength", measure.strength, len(model.years))
        ask.at_least(f"{field}.strength", measure.strength, 0)
        ask.at_least(f"{field}.cost", measure.cost, 0)
        ask.at_least(f"{field}.upkeep", measure.upkeep, 0)
        ask.named(f"{field}.effectiveness", measure.effectiveness, dimensions)
        ask.named(f"{field}.cost_factor", measure.cost_factor, dimensions)
        check_acts(field, measure, model, places)
    packages.base(model)


def check_acts(field: str, measure: Measure, model: Model, places: dict[str, Mask]) -> None:
    groups, kinds = {each.key for each in model.groups}, {each.key for each in model.kinds}
    for number, act in enumerate(measure.acts):
        inside = f"{field}.acts[{number}]"
        for position, key in enumerate(act.groups):
            ask.known(f"{inside}.groups[{position}]", key, groups)
        for position, key in enumerate(act.kinds):
            ask.known(f"{inside}.kinds[{position}]", key, kinds)
        if act.kind in SHAPE_ACTS:
            ask.known(f"{inside}.hazard", act.hazard, places)
        else:
            ask.named(f"{inside}.hazard", act.hazard, places)
        check_figures(inside, act)
        ask.mask(f"{inside}.places", act.places, len(model.places))
        if not any(touches(act, layer, places) for layer in model.layers):
            raise ask.refused(f"{inside}.places", *ask.NOTHING)


def touches(act: Act, layer: Layer, places: dict[str, Mask]) -> bool:
    """Whether an act concerns anything of value in a place that the hazard of a layer reaches."""
    return bool(
        (not act.groups or layer.group in act.groups)
        and (not act.kinds or layer.kind in act.kinds)
        and (not act.hazard or layer.hazard == act.hazard)
        and (act.places & places[layer.hazard] & (layer.value > 0)).any()
    )


READ_BY_KIND: dict[ActKind, tuple[str, ...]] = {
    ActKind.SHIFT: ("by",),
    ActKind.SCALE: ("to",),
    ActKind.PROTECT: ("level",),
    ActKind.ECOSYSTEM: ("share", "most", "fades_from", "gone_at"),
    ActKind.EXPOSURE: ("by",),
    ActKind.VULNERABILITY: ("by",),
    ActKind.TRANSFER: ("attach", "cover"),
}
MAY_BE_NEGATIVE = {"by"}
AT_MOST_ONE = {
    (ActKind.SCALE, "to"),
    (ActKind.ECOSYSTEM, "share"),
    (ActKind.EXPOSURE, "by"),
    (ActKind.VULNERABILITY, "by"),
    (ActKind.TRANSFER, "attach"),
    (ActKind.TRANSFER, "cover"),
}


def check_figures(field: str, act: Act) -> None:
    """The figures that the kind of an act reads."""
    for part in READ_BY_KIND[act.kind]:
        value = getattr(act, part)
        ask.finite(f"{field}.{part}", value)
        if part not in MAY_BE_NEGATIVE:
            ask.at_least(f"{field}.{part}", value, 0)
        if (act.kind, part) in AT_MOST_ONE:
            ask.at_most(f"{field}.{part}", value, 1)
    if (
        act.kind is ActKind.ECOSYSTEM
        and (act.gone_at or act.fades_from)
        and not act.gone_at > act.fades_from > 0
    ):
        raise ask.refused(
            f"{field}.gone_at",
            ("ระบบนิเวศหมดผลก่อนเริ่มอ่อนกำลัง", "The ecosystem's help is gone before it begins to fade."),
            (
                "ให้ fades_from มากกว่า 0 และน้อยกว่า gone_at หรือไม่ใส่ทั้งสองค่า",
                "Let fades_from be above 0 and below gone_at, or leave both out.",
            ),
        )


def check_aims(model: Model) -> None:
    """Thresholds and weights."""
    seen: set[tuple[str, str]] = set()
    for number, each in enumerate(model.thresholds):
        field = f"thresholds[{number}]"
        ask.known(f"{field}.group", each.group, {channel[0] for channel in model.channels})
        ask.known(f"{field}.kind", each.kind, {kind for group, kind in model.channels if group == each.group})
        ask.at_least(f"{field}.most", each.most, 0)
        if (each.group, each.kind) in seen:
            raise ask.refused(
                field,
                ("มีเกณฑ์ของกลุ่มและประเภทนี้แล้ว", "The group has a threshold of this kind already."),
                ("ให้เหลือเกณฑ์เดียว", "Keep one of the two."),
            )
        seen.add((each.group, each.kind))
    for key, weight in model.weights.items():
        ask.known(f"weights.{key}", key, {each.key for each in model.groups})
        ask.at_least(f"weights.{key}", weight, 0)
    if model.most_cost != float("inf"):
        ask.at_least("most_cost", model.most_cost, 0)


def check_futures(model: Model, futures: Futures) -> None:
    """Refuse futures that cannot be: what multiplies water, people or strength would turn them around.

    Raises
    ------
    ModelError
        With the dimension or series that leads there.
    """
    for number, climate in enumerate(model.climates):
        field = f"climates[{number}]"
        stays_above(f"{field}.rain", futures.alpha(climate.hazard), least_is_fine=False)
        stays_above(f"{field}.frequency", futures.phi(climate.hazard))
    for number, layer in enumerate(model.layers):
        stays_above(f"layers[{number}].driver", futures.driver(layer.key))
    for number in range(len(model.measures)):
        stays_above(f"measures[{number}].effectiveness", futures.strength(number))
        stays_above(f"measures[{number}].cost_factor", futures.cost_factor(number))
    stays_above("discount", 1 + futures.rate, least_is_fine=False)
    for rise in model.rises:
        ask.finite(f"rises.{rise.key}", futures.rise(rise.key).ravel())


def stays_above(field: str, factors: Floats, *, least_is_fine: bool = True) -> None:
    wrong = ~(factors >= 0) if least_is_fine else ~(factors > 0)
    if wrong.any():
        w = int(np.argwhere(wrong)[0][0])
        value = float(factors[wrong][0])
        raise ask.refused(
            field,
            (
                f"ในอนาคตที่ {w} ตัวคูณเป็น {value:g} ซึ่งเป็นไปไม่ได้",
                f"In future {w} it makes a factor of {value:g}, which cannot be.",
            ),
            ("ให้แก้ช่วงของมิตินั้น หรือใส่ floor", "Mend the range of its dimension, or give it a floor."),
        )

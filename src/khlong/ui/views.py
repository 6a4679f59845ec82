"""The living page of components."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khlong.thai.dates import Span
from khlong.ui import specimens


@require_http_methods(["GET", "HEAD", "POST"])
def components(request: HttpRequest) -> HttpResponse:
    """Every component with what it is for. Its forms are checked for real; nothing is kept."""
    if request.method != "POST":
        return _page(request, specimens.SpecimenForm(), status=200)
    if "try" in request.POST:
        return _thanks(request)
    form = specimens.SpecimenForm(request.POST)
    return _thanks(request) if form.is_valid() else _page(request, form, status=422)


def _thanks(request: HttpRequest) -> HttpResponse:
    messages.success(request, _("Received. This page only shows the components, so nothing was kept."))
    return redirect("ui:components")


def _page(request: HttpRequest, form: specimens.SpecimenForm, status: int) -> HttpResponse:
    return render(request, "ui/components.html", _specimens(request) | {"form": form}, status=status)


def _specimens(request: HttpRequest) -> dict[str, Any]:
    return {
        "is_example": True,
        "span": Span.from_iso("2022-09-03/2022-09-04"),
        "month": Span.from_iso("2022-06"),
        "long_span": Span.from_iso("2025-12-30/2026-01-28"),
        "day_one": date(2026, 11, 20),
        "vision": specimens.VISION,
        "figures": specimens.FIGURES,
        "moments": specimens.MOMENTS,
        "groups": specimens.GROUPS,
        "cities": specimens.CITIES,
        "passages": specimens.PASSAGES,
        "mix_counts": specimens.MIX,
        "city_canal": specimens.CITY_CANAL,
        "hatched_canal": specimens.HATCHED_CANAL,
        "great_canal": specimens.GREAT_CANAL,
        "thing_course": specimens.COURSE,
        "page_obj": Paginator(range(1, 232), 10).get_page(request.GET.get("page")),
    }

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.utils.translation import gettext as _


class NoNulMiddleware:
    """Refuses an address with a NUL in it: nothing has one, and PostgreSQL cannot even look for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return self._refused(request)
        return self.get_response(request)

    def _refused(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/v"):
            return render(request, "404.html", status=404)
        fault = {"place": ["address"], "message": _("There is a character in it that no text has (NUL).")}
        return JsonResponse({"detail": [fault]}, status=422)


class WordsGZipMiddleware(GZipMiddleware):
    """Compresses words only: pictures and documents are compressed already, and keep their length and ETag."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if response.streaming or kind.startswith(("image/", "audio/")):
            return response
        return super().process_response(request, response)

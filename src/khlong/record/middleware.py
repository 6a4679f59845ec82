from __future__ import annotations

import math
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from khlong.people.middleware import actor_of
from khlong.record import limits
from khlong.record.errors import Refused, TooMany


class RefusalMiddleware:
    """Turns a refused action into a page that says why, or into the sign-in page for somebody not signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        if isinstance(exception, TooMany):
            return _too_many(request, exception)
        if not actor_of(request).signed_in and request.method == "GET":
            return redirect(f"{reverse('people:signin')}?{urlencode({'next': request.get_full_path()})}")
        return render(request, "403.html", {"reason": exception.reason}, status=403)


def _too_many(request: HttpRequest, refusal: TooMany) -> HttpResponse:
    page = render(request, "429.html", {"reason": refusal.reason}, status=429)
    wait = (refusal.again_at - timezone.now()).total_seconds()
    page["Retry-After"] = str(max(1, math.ceil(wait)))
    return page


class AddressMiddleware:
    """Tells the limits where a request comes from."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = limits.address.set(request.META.get("REMOTE_ADDR", ""))
        try:
            return self.get_response(request)
        finally:
            limits.address.reset(token)

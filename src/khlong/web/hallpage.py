"""The page that a hall projects and prints, and what differs in requests while a machine is open to a hall."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import segno.helpers
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache

from khlong.chain.hall.models import Hall
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can
from khlong.places.models import City
from khlong.ui.qr import qr_svg
from khlong.web.hall import HERE

RECENT = 10 * 60
"""Seconds after its last page for which a phone counts as here."""
RENEW = 60
NOT_HERE = frozenset(
    {
        *("second", "second_begin", "second_on", "second_codes", "second_off"),
        *("passkeys", "passkey_begin_add", "passkey_add", "passkey_remove"),
    }
)
"""Pages of `people` that show or change a secret, which would cross the hall's Wi-Fi in the open."""
REFUSED = _(
    "Pages are not encrypted on the hall's Wi-Fi, so no secret of a second factor is shown here. Do this on the "
    "city's own server."
)


OPEN = _("Open Khlong on your phone")
JOIN = _("Join the Wi-Fi")
POINT = _("Point the camera at the code, or type")
GOES_HOME = _("What you write stays on this laptop until the city's owners bring it home to its server.")
STAYS_HERE = _("What you write stays on this machine.")
IN_HISTORY = _("Your user name stands in the history. Your real name does not.")
NOT_ENCRYPTED = _(
    "Pages are not encrypted on this Wi-Fi: somebody on it could read along. Come in with the link or code of an "
    "owner, and use no password that you use elsewhere."
)


class HallMiddleware:
    """While a machine is open to a hall: who is here is counted, and no secret of a second factor is shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.HALL["address"]:
            note_here(settings.VAR_DIR, request.META.get("REMOTE_ADDR", ""))
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if settings.HALL["address"] and match and match.app_name == "people" and match.url_name in NOT_HERE:
            return render(request, "403.html", {"reason": REFUSED}, status=403)
        return None


def hall_of_page(request: HttpRequest) -> dict[str, Any]:
    """`hall` in every template: the address of the hall, or nothing."""
    return {"hall": settings.HALL["address"]}


def note_here(var: Path, address: str) -> None:
    """Note that a machine of the hall opened a page; of its address only a keyed hash, until the next start."""
    name = hashlib.sha256(f"{settings.SECRET_KEY}:{address}".encode()).hexdigest()[:20]
    path, now = var / HERE / name, time.time()
    try:
        if now - path.stat().st_mtime < RENEW:
            return
        os.utime(path)
    except FileNotFoundError:
        if path.parent.is_dir():
            path.touch(mode=0o600)


def here(var: Path) -> int:
    """How many machines opened a page lately."""
    since = time.time() - RECENT
    folder = var / HERE
    return sum(path.stat().st_mtime >= since for path in folder.iterdir()) if folder.is_dir() else 0


def _both(words: Any) -> dict[str, str]:
    """Words in both languages: a poster is read by all who come."""
    with override("th"):
        thai = str(words)
    with override("en"):
        return {"th": thai, "en": str(words)}


def wifi_svg(name: str, password: str) -> SafeString | None:
    """The QR that joins the Wi-Fi, where its password is known."""
    if not name or not password:
        return None
    code = segno.helpers.make_wifi(ssid=name, password=password, security="WPA")
    drawn = code.svg_inline(border=4, omitsize=True, svgclass=None, lineclass=None, light="#fff")
    return mark_safe(drawn)  # noqa: S308 (digits and commands of a path)


@never_cache
def hall(request: HttpRequest) -> HttpResponse:
    """The page to project: how to come in, and what happens with what one writes."""
    if not settings.HALL["address"]:
        raise Http404
    opened = Hall.objects.select_related("space").filter(here=True).first()
    name, password = settings.HALL["wifi"], settings.HALL["wifi_password"]
    stays = GOES_HOME if opened else STAYS_HERE
    context = {
        "address": settings.HALL["address"],
        "qr": qr_svg(settings.HALL["address"]),
        "wifi": name,
        "wifi_qr": wifi_svg(name, password),
        "city": opened.space if opened else None,
        "heading": _both(OPEN),
        "join": _both(JOIN),
        "point": _both(POINT),
        "promises": [_both(words) for words in (stays, IN_HISTORY, NOT_ENCRYPTED)],
        "here": here(settings.VAR_DIR),
        "invites": _invites(request, opened),
    }
    return render(request, "web/hall.html", context)


@never_cache
def hall_here(request: HttpRequest) -> HttpResponse:
    """How many are here, for the projected page to ask again."""
    if not settings.HALL["address"]:
        raise Http404
    return render(request, "web/hall_here.html", {"here": here(settings.VAR_DIR)})


def _invites(request: HttpRequest, opened: Hall | None) -> City | None:
    """The city to which this reader may invite people."""
    actor = actor_of(request)
    if opened is None or not actor.signed_in or not can(actor, Verb.MANAGE, opened):
        return None
    return City.objects.filter(pk=opened.space_id).first()

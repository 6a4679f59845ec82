"""From a request to somebody who speaks: the link of a circle in the session, the person behind it, her receipt."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from khlong.deliberation import circles, receipts
from khlong.deliberation.models import Circle, Round, Suggestion
from khlong.network import acting
from khlong.people import throttle
from khlong.people.actor import ANONYMOUS, Actor, ActorKind, link_actor
from khlong.people.middleware import actor_of
from khlong.people.pseudonyms import contributing
from khlong.record import limits
from khlong.record.errors import Refused
from khlong.record.limits import Limit

HELD, BROWSER = "circle", "circle_browser"
COOKIE, COOKIE_SECONDS = "khlong_receipt", 1800
FROM_ONE_ADDRESS = Limit(300, per=timedelta(hours=1))
"""A hall on its own Wi-Fi may share one address."""


def hold_circle(request: HttpRequest, circle: Circle) -> None:
    """Let this session speak for a circle from now on."""
    request.session[HELD] = circle.digest


def held_circle(request: HttpRequest, found: Round) -> Circle | None:
    """The circle by whose link this session came, when it is one of this round."""
    circle = circles.by_digest(str(request.session.get(HELD, "")))
    return circle if circle is not None and circle.round_id == found.pk else None


def browser_of(request: HttpRequest) -> str:
    """What this browser holds, by which a link for one person knows it again."""
    return str(request.session.setdefault(BROWSER, secrets.token_urlsafe(18)))


def known_browser(request: HttpRequest) -> str:
    """The same for reading: a browser that has none yet gets none."""
    return str(request.session.get(BROWSER, ""))


def speaker(request: HttpRequest, found: Round, circle: Circle | None, *, nameless: bool = False) -> Actor:
    """Who speaks, known by her pseudonym in the city only, or without one; a scribe for whom she writes."""
    actor = actor_of(request)
    if actor.on_behalf_of:
        return actor
    if circle is not None:
        actor = link_actor(actor, str(circle.digest), f"circle {circle.pk}")
    elif actor.kind is ActorKind.LINK:
        actor = ANONYMOUS
    if nameless:
        return actor.but(label="", contributes=True)
    person = None if actor.signed_in else acting.person_of(request)
    assert found.space_id is not None
    return contributing(actor, found.space_id, person)


def check_address() -> None:
    """Raises TooMany when very much was said from one address."""
    limits.check("deliberation.address", FROM_ONE_ADDRESS, ANONYMOUS)


def count_address() -> None:
    limits.take("deliberation.address", FROM_ONE_ADDRESS, ANONYMOUS)


def remember_receipt(response: HttpResponse, code: str) -> None:
    """Keep a receipt in the browser for half an hour, signed, and in no row of the database."""
    response.set_signed_cookie(
        COOKIE,
        code,
        max_age=COOKIE_SECONDS,
        httponly=True,
        samesite="Strict" if settings.SESSION_COOKIE_SECURE else "Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def remembered_receipt(request: HttpRequest) -> tuple[str, Suggestion] | None:
    """The receipt that this browser showed, and its suggestion; one that is none counts as a try."""
    code = request.get_signed_cookie(COOKIE, "", max_age=COOKIE_SECONDS) or ""
    suggestion = receipt_of(request, code) if code else None
    return (code, suggestion) if suggestion else None


def receipt_of(request: HttpRequest, code: str) -> Suggestion | None:
    """The suggestion of a receipt, for whoever tries it: each wrong one counts, whatever page it is tried on, and
    after many nothing is looked up. Raises Refused then.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if throttle.too_many_links(address):
        raise Refused(_("Too many wrong receipts came from here. Try again in a quarter of an hour."))
    found = receipts.find(code)
    if found is None:
        throttle.note_dead_link(address)
    return found

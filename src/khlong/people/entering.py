"""How somebody comes in: who she is has been proved once, a second factor is asked for where there is one.

In the session: PENDING is somebody whose password was right and whose code is awaited; CONFIRMED the time of the
last proof, after which factors and addresses may be changed for a quarter of an hour; STRONG that more than a
password has been shown.
"""

from __future__ import annotations

import hmac
import time
from functools import wraps
from typing import Any, Protocol
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from khlong.people import second, sessions
from khlong.people.actor import Actor, Role, account_actor
from khlong.people.models import User

PENDING, CONFIRMED, STRONG = "pending_second", "confirmed_at", "strong"
PENDING_SECONDS, FRESH_SECONDS = 600, 900


class Page(Protocol):
    def __call__(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse: ...


def safe_target(request: HttpRequest, target: str | None, otherwise: str = "/") -> str:
    """The page of this house that an address leads to; anything else leads to `otherwise`."""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if target and safe else otherwise


def asked_for_more(actor: Actor) -> bool:
    """Whether this account can do so much that it is asked to have a second factor: a steward's, an owner's."""
    return actor.is_steward or any(grant.role is Role.OWNER for grant in actor.grants)


def required(user: User) -> bool:
    """Whether this account must have a second factor here."""
    return bool(settings.REQUIRE_SECOND_FACTOR) and asked_for_more(account_actor(user))


def needs_second(user: User) -> bool:
    """Whether a password alone does not let this account in.

    A passkey without an app makes a second step only where the account must have one.
    """
    return second.is_on(user) or (required(user) and user.passkeys.exists())


def enter(request: HttpRequest, user: User, *, strong: bool = False) -> None:
    """Sign somebody in who has proved who she is."""
    login(request, user, backend="khlong.people.backends.NameOrEmailBackend")
    request.session.pop(PENDING, None)
    request.session[STRONG] = strong
    confirm(request)
    sessions.begin(request, user)


def proceed(request: HttpRequest, user: User, then: str) -> HttpResponse:
    """After the first proof: in, or on to the page that asks for the second."""
    if not needs_second(user):
        enter(request, user)
        return redirect(then)
    request.session.cycle_key()
    request.session[PENDING] = {
        "user": str(user.pk),
        "at": int(time.time()),
        "then": then,
        "hash": user.get_session_auth_hash(),
    }
    return redirect("people:code")


def pending(request: HttpRequest) -> tuple[User, str] | None:
    """Whose code is awaited, and where she wants to go; nobody after ten minutes or another password."""
    held = request.session.get(PENDING) or {}
    if time.time() - held.get("at", 0) > PENDING_SECONDS:
        return None
    user = User.objects.filter(pk=held["user"], is_active=True).first()
    if user is None or not hmac.compare_digest(held["hash"], user.get_session_auth_hash()):
        return None
    return user, safe_target(request, held["then"])


def confirm(request: HttpRequest) -> None:
    """Note that whoever sits there has just proved who she is."""
    request.session[CONFIRMED] = int(time.time())


def is_fresh(request: HttpRequest) -> bool:
    return time.time() - int(request.session.get(CONFIRMED, 0)) <= FRESH_SECONDS


def own(view: Page) -> Any:
    """A page for whoever is signed in; anybody else is led to the sign-in page and back."""

    @wraps(view)
    def run(request: HttpRequest, **more: Any) -> HttpResponse:
        if not isinstance(request.user, User):
            return redirect(f"{reverse('people:signin')}?next={reverse('people:account')}")
        return view(request, request.user, **more)

    return never_cache(run)


def own_confirmed(view: Page) -> Any:
    """The same for what can take an account over: it asks for a proof that is at most a quarter of an hour old."""

    @wraps(view)
    def run(request: HttpRequest, user: User, **more: Any) -> HttpResponse:
        if is_fresh(request):
            return view(request, user, **more)
        back = request.path if request.method == "GET" else reverse("people:account")
        return redirect(f"{reverse('people:confirm')}?{urlencode({'next': back})}")

    return own(run)

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from khlong.people.actor import ANONYMOUS, Actor, account_actor
from khlong.people.entering import STRONG, required
from khlong.people.models import User
from khlong.people.sessions import renew
from khlong.people.tokens import actor_from_bearer

ActorSource = Callable[[HttpRequest, Actor], Actor | None]
_sources: list[ActorSource] = []


def provide_actor(source: ActorSource) -> ActorSource:
    """Register who else somebody may be: a later room looks into the session and gives another actor, or None."""
    _sources.append(source)
    return source


def _actor_of(request: HttpRequest) -> Actor:
    """Who comes with a token is its actor and nothing else, whatever the session says."""
    if (by_token := actor_from_bearer(request)) is not None:
        return by_token
    user = request.user
    actor = account_actor(user) if user.is_authenticated else ANONYMOUS
    found = (source(request, actor) for source in _sources)
    return next((other for other in found if other is not None), actor)


class ActorMiddleware:
    """Gives each request its `actor`, looked up only when somebody asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: _actor_of(request))  # type: ignore[attr-defined]
        return self.get_response(request)


class SessionMiddleware(sessions.SessionMiddleware):
    """Sessions, where what a script sent off earlier does not take away who signed in meanwhile.

    Such a request carries the cookie of a session that ended when the new one began. Django would answer with a
    deleted cookie, or with that of a further session, and either signs the person out. Browsers name a request
    of a script by `Sec-Fetch-Dest: empty` (https://www.w3.org/TR/fetch-metadata/); the next page settles the rest.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        by_script = request.headers.get("Sec-Fetch-Dest") == "empty"
        if by_script and request.session.lost and SESSION_KEY not in request.session:  # type: ignore[attr-defined]
            patch_vary_headers(response, ("Cookie",))
            return response
        return super().process_response(request, response)


class SessionInUseMiddleware:
    """Notes once an hour that the session of somebody who is signed in is still in use."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and "_auth_user_id" in request.session:
            renew(request)
        return self.get_response(request)


OPEN_WITHOUT_SECOND = (
    "/account/second/",
    "/account/passkeys/",
    "/account/confirm/",
    "/signout/",
    "/language/",
    "/health/",
)


class SecondFactorMiddleware:
    """Leads whoever must have a second factor and has shown none to the page that gives one; before that, nowhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return redirect("people:second") if self._lacks(request) else self.get_response(request)

    def _lacks(self, request: HttpRequest) -> bool:
        if not settings.REQUIRE_SECOND_FACTOR or request.path.startswith(OPEN_WITHOUT_SECOND):
            return False
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or request.session.get(STRONG):
            return False
        return isinstance(request.user, User) and required(request.user)


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a request, typed."""
    return cast(Actor, getattr(request, "actor", ANONYMOUS))

"""Tokens of links that work once, and how a browser holds one between opening it and using it."""

from __future__ import annotations

import hashlib
import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

BYTES = 18
"""144 bits: 24 letters, so that the QR code stays coarse enough for an old phone."""
HELD = "held_link"


def new_token() -> tuple[str, str]:
    """A token and its digest; the token is shown once and kept nowhere."""
    token = secrets.token_urlsafe(BYTES)
    return token, digest_of(token)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def take_over(request: HttpRequest, token: str, kind: str, where: str) -> HttpResponse:
    """Hand a token from the address over to the session, and lead to the same address for every token.

    Nothing is looked up here, so that all tokens take the same time and get the same answer, and neither the
    address bar nor what the browser tells other pages holds the token.
    """
    request.session[HELD] = f"{kind}:{digest_of(token)}"
    response = redirect(where)
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store, private"
    return response


def held(request: HttpRequest, kind: str) -> str:
    """The digest of the token of this kind that the browser holds, or nothing."""
    found, _colon, digest = str(request.session.get(HELD, "")).partition(":")
    return digest if found == kind else ""


def let_go(request: HttpRequest) -> None:
    request.session.pop(HELD, None)

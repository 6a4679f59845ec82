"""Talking to LINE: where the reader is sent, and what is asked with the code that she comes back with."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import jwt
import requests
from django.conf import settings
from django.utils.translation import gettext_lazy as _

ISSUER = "https://access.line.me"
"""Who signs every ID token of LINE, wherever it was fetched."""
SCOPE = "openid profile"
SECONDS = (5, 10)
"""How long LINE may take to be reached, and to answer."""
LEEWAY = 60
log = logging.getLogger(__name__)


class LineRefused(Exception):  # noqa: N818 (it is an answer)
    """LINE did not say who it is. `words` are shown to the reader."""

    def __init__(self, words: Any, why: str = "") -> None:
        self.words = words
        super().__init__(why or str(words))


DOWN = _("LINE does not answer at the moment. Try again later, or sign in with your name and password.")
TOO_LATE = _("LINE's answer is no longer valid: it holds for ten minutes and once. Begin again.")
CANCELLED = _("You stopped it in LINE. Nothing was changed.")
FORGED = _("LINE's answer does not fit to what was asked, so it is not believed. Begin again from here.")
NOT_SET_UP = _(
    "LINE refuses this Khlong. Tell whoever runs it; until then sign in with your name and password."
)


@dataclass(frozen=True)
class Person:
    """Somebody who signed in at LINE: the id that LINE gives her for this provider, and the name she shows there."""

    subject: str
    name: str


def configured() -> bool:
    return bool(settings.KHLONG["line.channel_id"])


def challenge_of(verifier: str) -> str:
    """What is sent of a code verifier (RFC 7636, S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def address(redirect_uri: str, state: str, nonce: str, verifier: str, lang: str) -> str:
    """The page of LINE to which the reader is sent."""
    asked = {
        "response_type": "code",
        "client_id": settings.KHLONG["line.channel_id"],
        "redirect_uri": redirect_uri,
        "state": state,
        "scope": SCOPE,
        "nonce": nonce,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
        "ui_locales": lang,
    }
    if settings.KHLONG["line.bot_prompt"] != "none":
        asked["bot_prompt"] = settings.KHLONG["line.bot_prompt"]
    return f"{settings.KHLONG['line.site']}/oauth2/v2.1/authorize?{urlencode(asked)}"


def words_for(error: str) -> Any:
    """What LINE's error in the address means for the reader."""
    code = error.lower()
    if code == "access_denied":
        return CANCELLED
    return DOWN if code in {"server_error", "temporarily_unavailable"} else NOT_SET_UP


def person_of(code: str, redirect_uri: str, verifier: str, nonce: str) -> Person:
    """Whom the code stands for. Raises LineRefused."""
    answer = _token(
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": settings.KHLONG["line.channel_id"],
            "client_secret": settings.KHLONG["line.channel_secret"],
            "code_verifier": verifier,
        }
    )
    claims = verified(str(answer.get("id_token", "")), nonce)
    return Person(str(claims["sub"]), str(claims.get("name", "")))


def _token(asked: dict[str, str]) -> dict[str, Any]:
    url = f"{settings.KHLONG['line.api']}/oauth2/v2.1/token"
    try:
        reply = requests.post(url, data=asked, timeout=SECONDS, allow_redirects=False)
        found = reply.json()
    except (requests.RequestException, ValueError) as error:
        raise LineRefused(DOWN, type(error).__name__) from error
    if not isinstance(found, dict) or reply.status_code >= 500 or reply.status_code == 429:
        raise LineRefused(DOWN, f"status {reply.status_code}")
    if reply.status_code != 200:
        why = str(found.get("error", ""))
        log.warning("LINE refused a code: %s", why[:80])
        raise LineRefused(TOO_LATE if why == "invalid_grant" else NOT_SET_UP, why)
    return found


def verified(token: str, nonce: str) -> dict[str, Any]:
    """The claims of an ID token for our channel and this very question. Raises LineRefused."""
    channel = settings.KHLONG["line.channel_id"]
    try:
        key, algorithm = _key_for(token)
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=channel,
            issuer=ISSUER,
            leeway=LEEWAY,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise LineRefused(TOO_LATE, str(error)) from error
    except jwt.PyJWTError as error:
        raise LineRefused(FORGED, str(error)) from error
    if not claims["sub"] or not hmac.compare_digest(str(claims.get("nonce", "")), nonce):
        raise LineRefused(FORGED, "nonce or subject")
    return claims


def _key_for(token: str) -> tuple[Any, str]:
    """HS256 with the channel secret for web apps, ES256 with a key that LINE publishes for others."""
    header = jwt.get_unverified_header(token)
    if header.get("alg") == "HS256":
        return settings.KHLONG["line.channel_secret"], "HS256"
    if header.get("alg") == "ES256":
        return _published_key(str(header.get("kid", ""))), "ES256"
    raise jwt.InvalidAlgorithmError(str(header.get("alg")))


def _published_key(kid: str) -> Any:
    try:
        reply = requests.get(
            f"{settings.KHLONG['line.api']}/oauth2/v2.1/certs", timeout=SECONDS, allow_redirects=False
        )
        keys = jwt.PyJWKSet.from_dict(reply.json())
    except (requests.RequestException, ValueError, AttributeError) as error:
        raise LineRefused(DOWN, type(error).__name__) from error
    for key in keys.keys:
        if key.key_id == kid:
            return key.key
    raise jwt.InvalidKeyError("LINE publishes no such key")

"""A LINE on loopback that refuses what the real one refuses. It knows nothing of Khlong's code.

Written after LINE's published contract (developers.line.biz, read in 2026): "Integrating LINE Login with your web app",
"PKCE support for LINE Login" and the "LINE Login v2.1 API reference". The reader of
its page signs in or cancels with a link.
"""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import re
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

ISSUER = "https://access.line.me"
CODE_SECONDS = 600
KNOWN = {
    *("response_type", "client_id", "redirect_uri", "state", "scope", "nonce", "prompt", "max_age"),
    *("ui_locales", "bot_prompt", "initial_amr_display", "switch_amr", "disable_auto_login"),
    *("disable_ios_auto_login", "code_challenge", "code_challenge_method"),
}
SCOPES = {"profile", "openid", "email"}
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass
class Given:
    """What a code was given for."""

    asked: dict[str, str]
    at: float
    used: bool = False


@dataclass
class Line:
    """One channel at LINE, and how LINE behaves just now."""

    channel_id: str = "1656789012"
    channel_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    callbacks: set[str] = field(default_factory=set)
    subject: str = "U" + "4af4980629" * 3 + "ab"
    name: str = "สมหญิง"
    algorithm: str = "HS256"
    clock: Any = time.time
    down: bool = False
    spoil: dict[str, Any] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    codes: dict[str, Given] = field(default_factory=dict)
    private: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    # --- the page -----------------------------------------------------------------------------

    def authorize(self, query: str) -> tuple[int, dict[str, str] | str]:
        """What the page of LINE answers: 400 with a reason, or the checked parameters."""
        pairs = parse_qsl(query, keep_blank_values=True)
        asked = dict(pairs)
        faults = self._faults(pairs, asked)
        if faults:
            self.refused += faults
            return 400, "; ".join(faults)
        return 200, asked

    def _faults(self, pairs: list[tuple[str, str]], asked: dict[str, str]) -> list[str]:
        faults = [f"{name} is missing" for name in ("state", "scope") if not asked.get(name)]
        if len(asked) != len(pairs):
            faults.append("a parameter stands twice")
        faults += [f"{name} is not known" for name in sorted(set(asked) - KNOWN)]
        if asked.get("response_type") != "code":
            faults.append("response_type must be code")
        if asked.get("client_id") != self.channel_id:
            faults.append("client_id is not this channel")
        if asked.get("redirect_uri") not in self.callbacks:
            faults.append(f"redirect_uri is not registered: {asked.get('redirect_uri')}")
        scopes = set(asked.get("scope", "").split(" "))
        if not scopes <= SCOPES or not scopes & {"profile", "openid"}:
            faults.append("scope is wrong")
        if asked.get("bot_prompt", "normal") not in {"normal", "aggressive"}:
            faults.append("bot_prompt is wrong")
        challenge, method = asked.get("code_challenge", ""), asked.get("code_challenge_method", "")
        if (challenge or method) and (method != "S256" or not re.fullmatch(r"[A-Za-z0-9_-]{43}", challenge)):
            faults.append("code_challenge must be S256")
        return faults

    def approve(self, asked: dict[str, str]) -> str:
        """The reader agrees: the address to which LINE sends her back."""
        code = secrets.token_urlsafe(15)
        self.codes[code] = Given(asked, self.clock())
        more = {"code": code, "state": asked["state"]}
        if "bot_prompt" in asked:
            more["friendship_status_changed"] = "false"
        return _with(asked["redirect_uri"], more)

    def cancel(self, asked: dict[str, str]) -> str:
        more = {
            "error": "access_denied",
            "error_description": "The resource owner denied the request.",
            "state": asked["state"],
        }
        return _with(asked["redirect_uri"], more)

    # --- the API ------------------------------------------------------------------------------

    def token(self, content_type: str, body: str) -> tuple[int, dict[str, Any]]:
        """POST /oauth2/v2.1/token"""
        if content_type.partition(";")[0].strip() != "application/x-www-form-urlencoded":
            return self._error("invalid_request", "the body must be a form")
        form = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
        for name in ("grant_type", "code", "redirect_uri", "client_id", "client_secret"):
            if not form.get(name):
                return self._error("invalid_request", f"{name} is required")
        if form["grant_type"] != "authorization_code":
            return self._error("unsupported_grant_type", "unsupported grant_type")
        if (form["client_id"], form["client_secret"]) != (self.channel_id, self.channel_secret):
            return self._error("invalid_client", "client authentication failed")
        given = self.codes.get(form["code"])
        if given is None or given.used or self.clock() - given.at > CODE_SECONDS:
            return self._error("invalid_grant", "invalid authorization code")
        if form["redirect_uri"] != given.asked["redirect_uri"]:
            return self._error("invalid_grant", "redirect_uri does not match")
        if fault := _verifier_fault(given.asked.get("code_challenge", ""), form.get("code_verifier", "")):
            return self._error("invalid_grant", fault)
        given.used = True
        return 200, self._tokens(given.asked)

    def _tokens(self, asked: dict[str, str]) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "access_token": secrets.token_urlsafe(40),
            "expires_in": 2592000,
            "refresh_token": secrets.token_urlsafe(15),
            "scope": asked["scope"],
            "token_type": "Bearer",
            "something_new": {"that": "clients must bear"},
        }
        if "openid" in asked["scope"].split(" "):
            answer["id_token"] = self.id_token(asked)
        return answer

    def id_token(self, asked: dict[str, str]) -> str:
        now = int(self.clock())
        claims = {
            "iss": ISSUER,
            "sub": self.subject,
            "aud": self.channel_id,
            "exp": now + 3600,
            "iat": now,
            "amr": ["linesso"],
        }
        if "nonce" in asked:
            claims["nonce"] = asked["nonce"]
        if "profile" in asked["scope"].split(" "):
            claims |= {
                "name": self.name,
                "picture": "https://profile.line-scdn.net/0h8pWWElvzZ19qLk3ywQYYCFZraTIdAGEXEhx9",
            }
        claims |= self.spoil
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.algorithm == "ES256":
            return jwt.encode(claims, self.private, "ES256", headers={"kid": "key-1"})
        return jwt.encode(claims, self.channel_secret, self.algorithm)

    def certs(self) -> dict[str, Any]:
        """GET /oauth2/v2.1/certs"""
        key = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.private.public_key()))
        return {"keys": [key | {"kid": "key-1", "use": "sig", "alg": "ES256"}]}

    def verify(self, body: str) -> tuple[int, dict[str, Any]]:
        """POST /oauth2/v2.1/verify: the claims of an ID token, or what is wrong with it."""
        form = {name: values[0] for name, values in parse_qs(body).items()}
        key = self.private.public_key() if self.algorithm == "ES256" else self.channel_secret
        no_checks: Any = {"verify_aud": False, "verify_exp": False, "verify_iat": False}
        try:
            claims = jwt.decode(form.get("id_token", ""), key, algorithms=[self.algorithm], options=no_checks)
        except jwt.PyJWTError:
            return self._error("invalid_request", "Invalid IdToken.")
        wrongs = (
            (claims.get("iss") != ISSUER, "Invalid IdToken Issuer."),
            (claims.get("exp", 0) < self.clock(), "IdToken expired."),
            (claims.get("aud") != form.get("client_id"), "Invalid IdToken Audience."),
            ("nonce" in form and claims.get("nonce") != form["nonce"], "Invalid IdToken Nonce."),
            (
                "user_id" in form and claims.get("sub") != form["user_id"],
                "Invalid IdToken Subject Identifier.",
            ),
        )
        for wrong, words in wrongs:
            if wrong:
                return self._error("invalid_request", words)
        return 200, claims

    def _error(self, error: str, description: str) -> tuple[int, dict[str, Any]]:
        self.refused.append(description)
        return 400, {"error": error, "error_description": description}


def _verifier_fault(challenge: str, verifier: str) -> str:
    if not challenge:
        return "code_verifier without code_challenge" if verifier else ""
    if not VERIFIER.fullmatch(verifier):
        return "code_verifier is missing or malformed"
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return "" if digest == challenge else "code_verifier does not match"


def _with(address: str, more: dict[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(more)}"


class Served:
    """The double behind a port of this machine, until the block ends."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(line))
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> Served:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_what: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def _handler(line: Line) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, query = urlsplit(self.path).path, urlsplit(self.path).query
            if path == "/oauth2/v2.1/certs":
                self._send(200, line.certs())
            elif path in {"/oauth2/v2.1/authorize", "/agree", "/cancel"} and not line.down:
                self._page(path, query)
            else:
                self._send(503 if line.down else 404, {"error": "server_error"})

        def _page(self, path: str, query: str) -> None:
            status, found = line.authorize(query)
            if isinstance(found, str):
                self._html(status, f"<p>400 Bad Request: {found}</p>")
            elif path == "/oauth2/v2.1/authorize":
                links = (
                    f'<p><a id="{name}" href="/{name}?{query}">{name}</a></p>' for name in ("agree", "cancel")
                )
                self._html(200, "".join(links).replace("&", "&amp;"))
            else:
                there = line.approve(found) if path == "/agree" else line.cancel(found)
                self.send_response(302)
                self.send_header("Location", there)
                self.end_headers()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            path = urlsplit(self.path).path
            if line.down:
                self._send(503, {"error": "server_error"})
            elif path == "/oauth2/v2.1/token":
                self._send(*line.token(self.headers.get("Content-Type", ""), body))
            elif path == "/oauth2/v2.1/verify":
                self._send(*line.verify(body))
            else:
                self._send(404, {"message": "Not found"})

        def _send(self, status: int, answer: dict[str, Any]) -> None:
            self._write(status, "application/json", json.dumps(answer).encode())

        def _html(self, status: int, text: str) -> None:
            page = (
                f'<!doctype html><html lang="en"><title>LINE</title><main><h1>LINE</h1>{text}</main></html>'
            )
            self._write(status, "text/html; charset=utf-8", page.encode())

        def _write(self, status: int, kind: str, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_what: object) -> None:
            """Nothing: the tests look at `line.refused`."""

    return Handler

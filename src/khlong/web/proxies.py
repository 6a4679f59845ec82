"""Whose address a request really comes from, when servers stand between the reader and Khlong.

Only a server that the settings name (`trusted_proxies`) is believed when it says for whom it asks; from anybody else
those words are taken away before anything reads them.
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
from collections.abc import Callable, Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse

log = logging.getLogger(__name__)
LOOPBACK = ("127.0.0.0/8", "::1")
UNIX = "unix"
TELLING = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address_of(text: str) -> Address | None:
    """An address as it is written in a header, with or without a port; None when it is none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


class Trusted:
    """The addresses of the servers before Khlong; an empty peer is a Unix socket."""

    def __init__(self, names: Sequence[str]) -> None:
        self.unix = UNIX in names
        self.networks = [ipaddress.ip_network(name, strict=False) for name in names if name != UNIX]

    def __contains__(self, peer: str) -> bool:
        if not peer:
            return self.unix
        address = address_of(peer)
        return address is not None and any(address in network for network in self.networks)

    def client(self, peer: str, chain: str) -> str:
        """Who asked the outermost of our servers: from the right, the first address that is none of ours."""
        found = peer
        for name in reversed(chain.split(",")):
            address = address_of(name)
            if address is None:
                break
            found = str(address)
            if found not in self:
                break
        return found


def trusted_names() -> list[str]:
    """The setting; behind HTTPS without one, this machine and its sockets."""
    return settings.KHLONG["trusted_proxies"] or ([*LOOPBACK, UNIX] if settings.BEHIND_HTTPS else [])


class ProxyMiddleware:
    """Puts the reader's address into REMOTE_ADDR and takes away what nobody may say of another."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.trusted = Trusted(trusted_names())
        self.told = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meta = request.META
        peer = str(meta.get("REMOTE_ADDR", ""))
        request.is_local = self._is_local(request, peer)  # type: ignore[attr-defined]
        if peer in self.trusted:
            if chain := meta.get("HTTP_X_FORWARDED_FOR", ""):
                meta["REMOTE_ADDR"] = self.trusted.client(peer, chain)
        else:
            self._warn(request, peer)
            for name in TELLING:
                meta.pop(name, None)
        return self.get_response(request)

    def _is_local(self, request: HttpRequest, peer: str) -> bool:
        """Whether a program on this machine asks for itself, and not a server for somebody else."""
        address = address_of(peer)
        near = not peer or (address is not None and address.is_loopback)
        return near and not any(name in request.META for name in (*TELLING, "HTTP_VIA"))

    def _warn(self, request: HttpRequest, peer: str) -> None:
        if settings.BEHIND_HTTPS and not self.told and "HTTP_X_FORWARDED_PROTO" in request.META:
            self.told = True
            log.error(
                "%s speaks for others and is no trusted proxy: set KHLONG_TRUSTED_PROXIES", peer or UNIX
            )


def may_look_inside(request: HttpRequest) -> bool:
    """Whether somebody may read figures of the house: this machine, or who has the token."""
    if getattr(request, "is_local", False):
        return True
    token = str(settings.KHLONG["metrics_token"])
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(token) and hmac.compare_digest(given.encode(), token.encode())

"""Addresses that leave the house: in a letter, on paper, in a QR code, in a feed.

Who asks for a page says in its Host header by which name she reached us. What others will follow is therefore built
from the address that the settings give, where there is one, and else only from a name that ALLOWED_HOSTS admits.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def public_address() -> str:
    """Where others find this Khlong, without a slash at its end: in a hall that of the hall, else the setting
    `address`; empty where nobody said it.
    """
    return str(settings.HALL["address"] or settings.KHLONG["address"]).rstrip("/")


def absolute(request: HttpRequest, path: str = "/") -> str:
    """The whole address of a path of ours (it begins with a slash), for others to follow.

    Raises DisallowedHost (an answer of 400) where no address is set and the asked-for name is not one of ours.
    """
    home = public_address()
    return f"{home}{path}" if home else request.build_absolute_uri(path)


def only_here(request: HttpRequest) -> bool:
    """Whether such addresses mean something on this machine alone, so that no phone can follow them."""
    return urlsplit(absolute(request)).hostname in LOOPBACK

"""Sending e-mail: off until the settings name a server (email.host) and where readers find us (address).

The rest of Khlong knows only what stands here; another way to send is another module of this folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings


@dataclass(frozen=True)
class Letter:
    """A letter in plain text and HTML. `stop` is the address that ends letters of this sort (RFC 8058)."""

    to: str
    subject: str
    text: str
    html: str
    language: str
    stop: str = ""


class Carrier(Protocol):
    def send(self, letter: Letter) -> None: ...


class NotReached(Exception):  # noqa: N818 (it is an answer, not a fault)
    """The server did not answer; nothing was sent."""


def is_on() -> bool:
    """Whether this Khlong sends e-mail at all."""
    return bool(settings.KHLONG["email.host"] and settings.KHLONG["address"])


@contextmanager
def carrier() -> Iterator[Carrier]:
    """A carrier with its connection open; NotReached when the server does not answer."""
    from khlong.record.mail.smtp import SmtpCarrier

    made = SmtpCarrier()
    made.open()
    try:
        yield made
    finally:
        made.close()

"""Counts wrong passwords per account and per address, in the database so that all workers see them."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.utils import timezone

from khlong.people.models import Attempt, User

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 5
PER_ADDRESS = 30
LINKS_PER_ADDRESS = 20


def _key(kind: str, text: str) -> str:
    return hashlib.sha256(f"{kind}:{User.normalize_username(text.strip()).casefold()}".encode()).hexdigest()


def _keys(username: str, address: str) -> list[tuple[str, int]]:
    return [(_key("account", f"{username}@{address}"), PER_ACCOUNT), (_key("address", address), PER_ADDRESS)]


def too_many(username: str, address: str) -> bool:
    """Whether this address must wait before it tries again."""
    since = timezone.now() - WINDOW
    return any(
        Attempt.objects.filter(key=key, at__gte=since).count() >= most
        for key, most in _keys(username, address)
    )


def note_failure(username: str, address: str) -> None:
    """Remember a wrong password and forget those older than the window."""
    Attempt.objects.filter(at__lt=timezone.now() - WINDOW).delete()
    Attempt.objects.bulk_create(Attempt(key=key) for key, _ in _keys(username, address))


def forget(username: str, address: str) -> None:
    """After the right password the account starts anew."""
    Attempt.objects.filter(key=_keys(username, address)[0][0]).delete()


def too_many_links(address: str) -> bool:
    """Whether this address has opened so many links that lead nowhere that it must wait."""
    since = timezone.now() - WINDOW
    return Attempt.objects.filter(key=_key("link", address), at__gte=since).count() >= LINKS_PER_ADDRESS


def note_dead_link(address: str) -> None:
    """Remember that somebody there opened a link that is none."""
    Attempt.objects.filter(at__lt=timezone.now() - WINDOW).delete()
    Attempt.objects.create(key=_key("link", address))


CODES = 5
"""Wrong codes for an account in a quarter of an hour, from wherever they come."""
MAILS = 3


def too_many_of(kind: str, what: str, most: int) -> bool:
    """Whether something of this kind was tried so often that it must wait."""
    since = timezone.now() - WINDOW
    return Attempt.objects.filter(key=_key(kind, what), at__gte=since).count() >= most


def note(kind: str, what: str) -> None:
    """Remember one try of this kind."""
    Attempt.objects.filter(at__lt=timezone.now() - WINDOW).delete()
    Attempt.objects.create(key=_key(kind, what))

"""Where somebody is signed in: noted at sign-in, renewed once an hour, ended by its owner."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from khlong.people.models import SessionRecord, User

SEEN = "seen"
HOUR = 3600
SYSTEMS = (
    ("iPhone", "iphone"),
    ("iPad", "ipad"),
    ("Android", "android"),
    ("Windows", "windows"),
    ("CrOS", "chromeos"),
    ("Mac OS", "mac"),
    ("Linux", "linux"),
)
BROWSERS = (
    ("Line/", "line"),
    ("FBAN", "facebook"),
    ("FBAV", "facebook"),
    ("SamsungBrowser", "samsung"),
    ("Edg", "edge"),
    ("OPR/", "opera"),
    ("Firefox", "firefox"),
    ("FxiOS", "firefox"),
    ("CriOS", "chrome"),
    ("Chrome", "chrome"),
    ("Safari", "safari"),
)


def digest_of(key: str | None) -> str:
    """The SHA-256 of a session's key; nothing for no session."""
    return hashlib.sha256(key.encode()).hexdigest() if key else ""


def device_of(agent: str) -> str:
    """What a browser says it is, as two words of our own such as "android chrome"; "" for neither."""
    found = [next((word for mark, word in marks if mark in agent), "-") for marks in (SYSTEMS, BROWSERS)]
    return " ".join(found) if found != ["-", "-"] else ""


def begin(request: HttpRequest, user: User) -> None:
    """Note the session that has just begun, and forget those that have run out."""
    old = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    SessionRecord.objects.filter(seen_at__lt=old).delete()
    request.session[SEEN] = int(time.time())
    SessionRecord.objects.create(
        user=user,
        key_hash=digest_of(request.session.session_key),
        device=device_of(request.headers.get("User-Agent", "")),
    )


def renew(request: HttpRequest) -> None:
    """Note that the session is still in use, at most once an hour."""
    seen = request.session.get(SEEN)
    if seen is None or time.time() - seen < HOUR:
        return
    request.session[SEEN] = int(time.time())
    mine = SessionRecord.objects.filter(key_hash=digest_of(request.session.session_key))
    mine.update(seen_at=timezone.now())


def forget(request: HttpRequest) -> None:
    """The session ends by signing out."""
    SessionRecord.objects.filter(key_hash=digest_of(request.session.session_key)).delete()


def move(request: HttpRequest, before: str | None) -> None:
    """The session got another key."""
    mine = SessionRecord.objects.filter(key_hash=digest_of(before))
    mine.update(key_hash=digest_of(request.session.session_key))


def end_one(record: SessionRecord) -> None:
    """End a session: whoever has it is signed out at the next page."""
    _end(lambda session: digest_of(session.session_key) == record.key_hash)
    record.delete()


def end_all(user: User, *, but: str | None = None) -> None:
    """End all sessions of an account, also those that were never noted, except the one with the key `but`."""
    _end(
        lambda session: (
            session.session_key != but and session.get_decoded().get("_auth_user_id") == str(user.pk)
        )
    )
    SessionRecord.objects.filter(user=user).exclude(key_hash=digest_of(but)).delete()


def _end(chosen: Callable[[Session], bool]) -> None:
    """Only hashes of keys are kept beside the sessions, so the sessions are walked through."""
    live = Session.objects.filter(expire_date__gt=timezone.now())
    keys = [session.session_key for session in live.iterator() if chosen(session)]
    Session.objects.filter(session_key__in=keys).delete()

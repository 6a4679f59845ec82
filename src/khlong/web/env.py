"""Reading the environment: every helper refuses what it does not understand, in words."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
    "PRAGMA mmap_size=134217728;PRAGMA journal_size_limit=27103364;PRAGMA cache_size=-20000;"
)


def flag(name: str, *, default: bool) -> bool:
    """A yes-or-no setting, written 1/0, true/false, yes/no or on/off."""
    raw = os.environ.get(name, "").strip().lower()
    if not raw:
        return default
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name}={raw!r} is neither yes nor no: write 1 or 0")


def names(name: str, *, default: list[str]) -> list[str]:
    """A list separated by commas."""
    raw = os.environ.get(name)
    if raw is None:
        return default
    return [part.strip() for part in raw.split(",") if part.strip()]


def secret(name: str, path: Path) -> str:
    """A secret from the environment or from a file that only its owner can read.

    Raises ImproperlyConfigured when neither is there; `./run` creates the file.
    """
    if value := os.environ.get(name):
        return value
    if not path.exists():
        raise ImproperlyConfigured(
            f"no secret key: set {name}, or start once with ./run, which makes {path.name}"
        )
    if path.stat().st_mode & 0o077:
        raise ImproperlyConfigured(f"{path.name} can be read by others: run  chmod 600 '{path}'")
    value = path.read_text().strip()
    if len(value) < 40:
        raise ImproperlyConfigured(f"{path.name} is too short to be a key: remove it and start ./run again")
    return value


EMAIL_LIKE = (
    "KHLONG_EMAIL_URL must look like smtp+tls://user:password@host:587/?from=khlong@example.org "
    "(smtp, smtp+tls or smtps), or be empty to send nothing"
)


def email_from_url(url: str, address: str) -> dict[str, Any]:
    """Django's settings for sending e-mail by one address; with an empty one nothing is sent.

    smtp:// is without encryption, smtp+tls:// begins it after the greeting, smtps:// from the start; `from` is
    who letters come from. Links in letters begin with `address` (KHLONG_ADDRESS), which is then needed.
    """
    if not url:
        return {"FROM": "", "BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    parts = urlsplit(url)
    sender = parse_qs(parts.query).get("from", [""])[0]
    if parts.scheme not in {"smtp", "smtp+tls", "smtps"} or not parts.hostname or "@" not in sender:
        raise ImproperlyConfigured(EMAIL_LIKE)
    if not address:
        raise ImproperlyConfigured(
            "KHLONG_EMAIL_URL is set, so KHLONG_ADDRESS must say where readers find this Khlong, "
            "such as https://khlong.example.org"
        )
    return {
        "FROM": sender,
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "HOST": parts.hostname,
        "PORT": parts.port or {"smtp": 25, "smtp+tls": 587, "smtps": 465}[parts.scheme],
        "HOST_USER": unquote(parts.username or ""),
        "HOST_PASSWORD": unquote(parts.password or ""),
        "USE_TLS": parts.scheme == "smtp+tls",
        "USE_SSL": parts.scheme == "smtps",
    }


def public_address(name: str) -> str:
    """The address under which readers find this Khlong, without a slash at its end; empty where none is set."""
    raw = os.environ.get(name, "").strip().rstrip("/")
    parts = urlsplit(raw)
    if raw and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query):
        raise ImproperlyConfigured(f"{name} must look like https://khlong.example.org, with nothing after it")
    return raw


def database_from_url(url: str, sqlite_path: Path) -> dict[str, Any]:
    """Django's database setting: SQLite at `sqlite_path`, or PostgreSQL by one address.

    The address is postgresql://user:password@host:port/name; a host that begins with a percent-encoded
    slash is a Unix socket folder.
    """
    if not url:
        return _sqlite(sqlite_path)
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            "KHLONG_DATABASE_URL must look like postgresql://user:password@host:5432/name, or be empty for SQLite"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 8, "timeout": 10}},
    }


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": SQLITE_PRAGMAS,
        },
    }

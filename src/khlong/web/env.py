"""Reading the environment: every helper refuses what it does not understand, in words."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

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


def number(name: str, *, default: int, least: int = 1) -> int:
    """A whole number, not below `least`."""
    raw = os.environ.get(name, "").strip()
    if not raw:
        return default
    if raw.isdecimal() and int(raw) >= least:
        return int(raw)
    raise ImproperlyConfigured(f"{name}={raw!r} must be a whole number from {least} up")


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

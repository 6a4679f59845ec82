"""The database's address and the key of sessions, made of the settings; what is not understood is refused in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from khlong.web.options import BY_KEY, Values

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;PRAGMA secure_delete=ON;"
    "PRAGMA mmap_size=134217728;PRAGMA journal_size_limit=27103364;PRAGMA cache_size=-20000;"
)


def secret(options: Values, key: str, path: Path) -> str:
    """A secret from the settings or from a file that only its owner can read.

    Raises ImproperlyConfigured when neither is there; `./run` creates the file.
    """
    if value := str(options[key]):
        return value
    if not path.exists():
        raise ImproperlyConfigured(
            f"no secret key: set {BY_KEY[key].variable}, or start once with ./run, which makes {path.name}"
        )
    if path.stat().st_mode & 0o077:
        raise ImproperlyConfigured(f"{path.name} can be read by others: run  chmod 600 '{path}'")
    value = path.read_text().strip()
    if len(value) < 40:
        raise ImproperlyConfigured(f"{path.name} is too short to be a key: remove it and start ./run again")
    return value


def database_from_url(url: str, sqlite_path: Path) -> dict[str, Any]:
    """Django's database setting: SQLite at `sqlite_path`, where `url` is empty or "sqlite", or PostgreSQL.

    The address is postgresql://user:password@host:port/name; a host that begins with a percent-encoded
    slash is a Unix socket folder.
    """
    if url in {"", "sqlite"}:
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

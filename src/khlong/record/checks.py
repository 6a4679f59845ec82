"""What the database must be able to do, checked before anything is migrated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections


@register(Tags.database)
def sorts_by_code_point(
    app_configs: Any, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """PostgreSQL must sort plainly: sort keys hold the dictionary's order already, and a locale would undo it."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        if connections[alias].vendor == "postgresql":
            found += _plain_order(alias)
    return found


def _plain_order(alias: str) -> list[CheckMessage]:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT datcollate FROM pg_database WHERE datname = current_database()")
        (collation,) = cursor.fetchone()
    if collation.split(".")[0] in {"C", "POSIX"}:
        return []
    return [
        Error(
            f"the database sorts by {collation}, which would put Thai names out of order",
            hint="Make it with  CREATE DATABASE khlong TEMPLATE template0 LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'",
            id="record.E001",
        )
    ]

"""What the database must be able to do, checked before anything is migrated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

MAKE = "Make it with  CREATE DATABASE khlong TEMPLATE template0 LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
Ask = Callable[[str], tuple[Any, ...]]


def _on_postgresql(
    databases: Sequence[str] | None, find: Callable[[Ask], list[CheckMessage]]
) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for alias in databases or ():
        if connections[alias].vendor == "postgresql":
            with connections[alias].cursor() as cursor:

                def ask(sql: str, cursor: Any = cursor) -> tuple[Any, ...]:
                    cursor.execute(sql)
                    return tuple(cursor.fetchone() or ())

                found += find(ask)
    return found


@register(Tags.database)
def sorts_by_code_point(
    app_configs: Any, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """PostgreSQL must sort plainly: sort keys hold the dictionary's order already, and a locale would undo it."""
    return _on_postgresql(databases, _plain_order)


def _plain_order(ask: Ask) -> list[CheckMessage]:
    (collation,) = ask("SELECT datcollate FROM pg_database WHERE datname = current_database()")
    if collation.split(".")[0] in {"C", "POSIX"}:
        return []
    words = f"the database sorts by {collation}, which would put Thai names out of order"
    return [Error(words, hint=MAKE, id="record.E001")]


@register(Tags.database)
def knows_thai_letters(
    app_configs: Any, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """PostgreSQL must count letters and not bytes: the search is made of runs of letters."""
    return _on_postgresql(databases, _thai_letters)


def _thai_letters(ask: Ask) -> list[CheckMessage]:
    (encoding,) = ask("SHOW server_encoding")
    if encoding == "UTF8":
        return []
    words = f"the database has the encoding {encoding}, in which Thai letters are not letters"
    return [Error(words, hint=f"{MAKE} ENCODING 'UTF8'", id="record.E002")]

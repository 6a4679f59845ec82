"""The database as it is at one moment, read without keeping anybody from writing."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from django.apps import apps
from django.db import connection, models
from django.utils.translation import gettext as _

from khlong.record.backup import LEFT_OUT, plain
from khlong.record.backup.errors import BackupRefused
from khlong.record.backup.plain import Column, Table

FETCHED = 500


class Snapshot(Protocol):
    """Tables, counts and rows of one moment."""

    vendor: str

    def tables(self) -> list[Table]: ...
    def count(self, table: Table) -> int: ...
    def rows(self, table: Table) -> Iterable[list[Any]]: ...


@contextlib.contextmanager
def snapshot() -> Iterator[Snapshot]:
    """The moment of the configured database, on a connection of its own."""
    with _sqlite() if connection.vendor == "sqlite" else _postgresql() as found:
        yield found


def migrations_of(found: Snapshot) -> list[list[str]]:
    """The migrations that this database has had, as [app, name]."""
    for table in found.tables():
        if table.name == "django_migrations":
            app, name = table.names.index("app"), table.names.index("name")
            return sorted([row[app], row[name]] for row in found.rows(table))
    return []


def _durations() -> set[tuple[str, str]]:
    """Columns that hold spans of time, which SQLite keeps as whole numbers."""
    return {
        (model._meta.db_table, str(field.column))
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if isinstance(field, models.DurationField)
    }


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _columns(table: Table) -> str:
    return ", ".join(map(quoted, table.names))


# --- SQLite ------------------------------------------------------------------------------------------

SQLITE_KINDS = {
    "integer": "int",
    "bigint": "int",
    "smallint": "int",
    "real": "float",
    "bool": "bool",
    "char(32)": "uuid",
    "date": "date",
    "time": "time",
    "datetime": "datetime",
    "decimal": "decimal",
    "blob": "bytes",
    "text": "text",
    "char(39)": "text",
}


@contextlib.contextmanager
def _sqlite() -> Iterator[Snapshot]:
    path = str(connection.settings_dict["NAME"])
    with contextlib.closing(
        sqlite3.connect(path, timeout=20, isolation_level=None, uri=path.startswith("file:"))
    ) as opened:
        opened.execute("PRAGMA query_only=ON")
        opened.execute("BEGIN")
        opened.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield OfSqlite(opened)
        opened.execute("ROLLBACK")


class OfSqlite:
    vendor = "sqlite"

    def __init__(self, opened: sqlite3.Connection) -> None:
        self.opened = opened

    def tables(self) -> list[Table]:
        found = self.opened.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name")
        every = [(name, sql or "") for name, sql in found]
        virtual = [name for name, sql in every if sql.upper().startswith("CREATE VIRTUAL TABLE")]
        return [
            Table(name, tuple(self._columns(name, sql)))
            for name, sql in every
            if name not in LEFT_OUT and not _made_by_sqlite(name, virtual)
        ]

    def _columns(self, table: str, sql: str) -> Iterator[Column]:
        durations = _durations()
        for _cid, name, declared, _null, _default, _key, hidden in self.opened.execute(
            f"PRAGMA table_xinfo({quoted(table)})"
        ):
            if hidden:
                continue
            kind = _sqlite_kind(declared.lower().removesuffix(" unsigned"))
            if re.search(rf'JSON_VALID\("{re.escape(name)}"\)', sql):
                kind = "json"
            elif (table, name) in durations:
                kind = "duration"
            if not kind:
                raise _strange(table, name, declared)
            yield Column(name, kind)

    def count(self, table: Table) -> int:
        return int(self.opened.execute(f"SELECT count(*) FROM {quoted(table.name)}").fetchone()[0])  # noqa: S608

    def rows(self, table: Table) -> Iterable[list[Any]]:
        ways = [plain.from_sqlite(column.kind) for column in table.columns]
        cursor = self.opened.execute(f"SELECT {_columns(table)} FROM {quoted(table.name)}")  # noqa: S608
        cursor.arraysize = FETCHED
        return plain.converted(cursor, ways)


def _made_by_sqlite(name: str, virtual: Sequence[str]) -> bool:
    """Tables of SQLite itself and of the search index, which is made anew from what it indexes."""
    return name.startswith("sqlite_") or any(name == one or name.startswith(f"{one}_") for one in virtual)


def _sqlite_kind(declared: str) -> str:
    return "text" if declared.startswith("varchar") else SQLITE_KINDS.get(declared, "")


# --- PostgreSQL --------------------------------------------------------------------------------------

POSTGRESQL_KINDS = {
    **dict.fromkeys(("int2", "int4", "int8"), "int"),
    **dict.fromkeys(("float4", "float8"), "float"),
    **dict.fromkeys(("text", "varchar", "bpchar", "inet"), "text"),
    **dict.fromkeys(("json", "jsonb"), "json"),
    **{name: name for name in ("bool", "uuid", "date", "time")},
    "timestamptz": "datetime",
    "numeric": "decimal",
    "bytea": "bytes",
    "interval": "duration",
}
ASK_COLUMNS = """
SELECT c.table_name, c.column_name, c.udt_name FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER'
ORDER BY c.table_name, c.ordinal_position
"""


def connect() -> Any:
    """A connection of its own to the configured PostgreSQL, in universal time."""
    import psycopg

    known = connection.settings_dict
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    words = {name: known[key] for name, key in names.items() if known.get(key)}
    options = known.get("OPTIONS", {}).get("options", "")
    return psycopg.connect(**words, options=f"{options} -c timezone=UTC".strip(), autocommit=True)


@contextlib.contextmanager
def _postgresql() -> Iterator[Snapshot]:
    with connect() as opened:
        opened.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield OfPostgresql(opened)
        opened.execute("ROLLBACK")


class OfPostgresql:
    vendor = "postgresql"

    def __init__(self, opened: Any) -> None:
        self.opened = opened

    def tables(self) -> list[Table]:
        found: dict[str, list[Column]] = {}
        for table, name, declared in self.opened.execute(ASK_COLUMNS).fetchall():
            if table not in LEFT_OUT:
                if declared not in POSTGRESQL_KINDS:
                    raise _strange(table, name, declared)
                found.setdefault(table, []).append(Column(name, POSTGRESQL_KINDS[declared]))
        return [Table(name, tuple(columns)) for name, columns in sorted(found.items())]

    def count(self, table: Table) -> int:
        return int(self.opened.execute(f"SELECT count(*) FROM {quoted(table.name)}").fetchone()[0])  # noqa: S608

    def rows(self, table: Table) -> Iterator[list[Any]]:
        asked = ", ".join(_asked(column) for column in table.columns)
        ways = [plain.from_postgresql(column.kind) for column in table.columns]
        with self.opened.cursor().copy(f"COPY (SELECT {asked} FROM {quoted(table.name)}) TO STDOUT") as copy:  # noqa: S608
            yield from plain.converted(copy.rows(), ways)


def _asked(column: Column) -> str:
    if column.kind == "duration":
        return f"(extract(epoch FROM {quoted(column.name)}) * 1000000)::bigint"
    return quoted(column.name)


def _strange(table: str, column: str, declared: str) -> BackupRefused:
    words = _("The column %(column)s of %(table)s is of a kind that backups do not know (%(kind)s).")
    return BackupRefused(words % {"column": column, "table": table, "kind": declared})

"""Where a backup is taken back to: a database built aside, and put in its place only when all of it holds."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from khlong.record.backup import plain
from khlong.record.backup.errors import BackupRefused
from khlong.record.backup.plain import Table
from khlong.record.backup.sealed import sync_folder
from khlong.record.backup.snapshot import connect, quoted

SCHEMA = "khlong_restoring"


class Place(Protocol):
    """One database: `aside()` builds it where nobody looks, `swap` puts it in place and gives the old one's name."""

    def require_free(self, *, replace: bool) -> None: ...
    def aside(self) -> contextlib.AbstractContextManager[None]: ...
    def load(self) -> contextlib.AbstractContextManager[Loader]: ...
    def swap(self, now: datetime) -> str: ...


class Loader(Protocol):
    """Takes rows into empty tables."""

    def empty(self, tables: list[Table]) -> None: ...
    def rows(self, table: Table, rows: list[list[Any]]) -> None: ...


def place() -> Place:
    return OnSqlite() if connection.vendor == "sqlite" else OnPostgresql()


def _not_empty(name: str) -> BackupRefused:
    words = _(
        "There is a database already: %(name)s. Restore elsewhere (--into), or set the old one aside (--replace)."
    )
    return BackupRefused(words % {"name": name})


def _in_use(name: str) -> BackupRefused:
    words = _("Khlong is running on %(name)s. Stop it first, then restore.")
    return BackupRefused(words % {"name": name})


KIND_OF_COLUMN = {
    "int": "bigint",
    "datetime": "timestamp",
    "json": "text",
    "bytes": "text",
    "duration": "bigint",
}


def _made(table: Table) -> str:
    """A table that no migration makes, such as the stamps of the start."""
    columns = ", ".join(f"{quoted(c.name)} {KIND_OF_COLUMN.get(c.kind, 'text')}" for c in table.columns)
    return f"CREATE TABLE IF NOT EXISTS {quoted(table.name)} ({columns})"


OUTSIDE_MIGRATIONS = frozenset({"khlong_start_stamp"})


# --- SQLite ------------------------------------------------------------------------------------------


class OnSqlite:
    """A file, built beside its place and renamed."""

    def __init__(self) -> None:
        self.path = Path(str(connection.settings_dict["NAME"]))
        self.building = self.path.with_name(f"{self.path.name}.restoring")

    def require_free(self, *, replace: bool) -> None:
        if not self.path.exists() or self.path.stat().st_size == 0:
            return
        if not replace:
            raise _not_empty(str(self.path))
        self._require_alone()

    def _require_alone(self) -> None:
        """Nobody else has the file open: only then can it leave its journal of writes."""
        try:
            with contextlib.closing(sqlite3.connect(self.path, timeout=1, isolation_level=None)) as opened:
                opened.execute("PRAGMA journal_mode=DELETE").fetchone()
        except sqlite3.OperationalError as error:
            raise _in_use(str(self.path)) from error
        except sqlite3.DatabaseError:
            return

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        self._clear()
        connection.close()
        connection.settings_dict["NAME"] = str(self.building)
        try:
            yield
            connection.close()
        finally:
            connection.close()
            connection.settings_dict["NAME"] = str(self.path)

    def _clear(self) -> None:
        for name in self._family(self.building):
            name.unlink(missing_ok=True)

    def _family(self, path: Path) -> list[Path]:
        return [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))]

    @contextlib.contextmanager
    def load(self) -> Iterator[Loader]:
        connection.close()
        with contextlib.closing(sqlite3.connect(self.building, isolation_level=None)) as opened:
            for pragma in ("journal_mode=DELETE", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-64000"):
                opened.execute(f"PRAGMA {pragma}")
            opened.execute("BEGIN")
            yield _SqliteLoader(opened)
            opened.execute("COMMIT")
            if broken := opened.execute("PRAGMA foreign_key_check").fetchone():
                words = _("Rows of %(table)s point to something that the backup does not hold.")
                raise BackupRefused(words % {"table": broken[0]})

    def swap(self, now: datetime) -> str:
        connection.close()
        with contextlib.closing(sqlite3.connect(self.building, isolation_level=None)) as opened:
            opened.execute("PRAGMA journal_mode=DELETE").fetchone()
        with self.building.open("rb+") as file:
            os.fsync(file.fileno())
        old = ""
        if self.path.exists():
            aside = self.path.with_name(f"{self.path.name}.before-{now:%Y-%m-%dT%H%M%S}")
            self._require_alone()
            self.path.replace(aside)
            old = str(aside)
        for name in self._family(self.path):
            name.unlink(missing_ok=True)
        self.building.replace(self.path)
        self.path.chmod(0o600)
        sync_folder(self.path.parent)
        return old


class _SqliteLoader:
    def __init__(self, opened: sqlite3.Connection) -> None:
        self.opened = opened

    def empty(self, tables: list[Table]) -> None:
        known = {row[0] for row in self.opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in tables:
            if table.name in OUTSIDE_MIGRATIONS:
                self.opened.execute(_made(table))
            elif table.name not in known:
                raise unknown_table(table.name)
            self.opened.execute(f"DELETE FROM {quoted(table.name)}")  # noqa: S608

    def rows(self, table: Table, rows: list[list[Any]]) -> None:
        ways = [plain.to_sqlite(column.kind) for column in table.columns]
        marks = ", ".join("?" * len(table.columns))
        names = ", ".join(map(quoted, table.names))
        into = f"INSERT INTO {quoted(table.name)} ({names}) VALUES ({marks})"  # noqa: S608
        self.opened.executemany(into, plain.converted(rows, ways))


def unknown_table(name: str) -> BackupRefused:
    words = _(
        "The backup holds a table %(name)s that this Khlong does not know. Restore with the version that made it."
    )
    return BackupRefused(words % {"name": name})


# --- PostgreSQL --------------------------------------------------------------------------------------

ASK_OBJECTS = """
SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END,
       format('%%I.%%I', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %(schema)s AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT c.relispartition
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass
                  AND d.deptype IN ('a', 'e', 'i'))
UNION ALL
SELECT 'FUNCTION', p.oid::regprocedure::text
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = %(schema)s AND NOT EXISTS (
  SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')
"""
ASK_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
ASK_SEQUENCES = """
SELECT c.table_name, c.column_name, pg_get_serial_sequence(format('%I.%I', c.table_schema, c.table_name), c.column_name)
FROM information_schema.columns c
WHERE c.table_schema = current_schema()
  AND pg_get_serial_sequence(format('%I.%I', c.table_schema, c.table_name), c.column_name) IS NOT NULL
"""


class OnPostgresql:
    """A schema of its own, whose tables are moved into the one that is used, in one transaction."""

    def __init__(self) -> None:
        self.name = str(connection.settings_dict["NAME"])
        with connect() as opened:
            (self.schema,) = opened.execute("SELECT current_schema()").fetchone()

    def require_free(self, *, replace: bool) -> None:
        with connect() as opened:
            if not opened.execute(ASK_OBJECTS, {"schema": self.schema}).fetchone():
                return
            if not replace:
                raise _not_empty(self.name)
            _leave()
            if opened.execute(ASK_OTHERS).fetchone()[0]:
                raise _in_use(self.name)

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        self._clear()
        with connect() as opened:
            opened.execute(f"CREATE SCHEMA {SCHEMA}")
        options = connection.settings_dict.setdefault("OPTIONS", {})
        before = dict(options)
        _leave()
        options.pop("pool", None)
        options["options"] = f"-c search_path={SCHEMA}"
        try:
            yield
        except BaseException:
            _leave()
            self._clear()
            raise
        finally:
            _leave()
            connection.settings_dict["OPTIONS"] = before

    def _clear(self) -> None:
        with connect() as opened:
            opened.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")

    @contextlib.contextmanager
    def load(self) -> Iterator[Loader]:
        with connect() as opened, opened.transaction():
            loader = _PostgresqlLoader(opened)
            yield loader
            loader.close()

    def swap(self, now: datetime) -> str:
        aside = f"khlong_before_{now:%Y%m%d%H%M%S}"
        with connect() as opened, opened.transaction():
            old = opened.execute(ASK_OBJECTS, {"schema": self.schema}).fetchall()
            if old:
                opened.execute(f"CREATE SCHEMA {aside}")
                _move(opened, old, aside)
            _move(opened, opened.execute(ASK_OBJECTS, {"schema": SCHEMA}).fetchall(), self.schema)
            opened.execute(f"DROP SCHEMA {SCHEMA}")
        return f"schema {aside}" if old else ""


def _leave() -> None:
    """Close the connection of Django, and its pool, so that the next one has other settings."""
    connection.close()
    if hasattr(connection, "close_pool"):
        connection.close_pool()


def _move(opened: Any, objects: list[tuple[str, str]], schema: str) -> None:
    for kind, name in objects:
        opened.execute(f"ALTER {kind} {name} SET SCHEMA {quoted(schema)}")


class _PostgresqlLoader:
    def __init__(self, opened: Any) -> None:
        self.opened = opened

    def empty(self, tables: list[Table]) -> None:
        asked = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        known = {name for (name,) in self.opened.execute(asked)}
        self.opened.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in tables:
            if table.name in OUTSIDE_MIGRATIONS:
                self.opened.execute(_made(table))
            elif table.name not in known:
                raise unknown_table(table.name)
            self.opened.execute(f"DELETE FROM {quoted(table.name)}")  # noqa: S608

    def rows(self, table: Table, rows: list[list[Any]]) -> None:
        ways = [plain.to_postgresql(column.kind) for column in table.columns]
        names = ", ".join(map(quoted, table.names))
        try:
            with self.opened.cursor().copy(f"COPY {quoted(table.name)} ({names}) FROM STDIN") as copy:
                for row in plain.converted(rows, ways):
                    copy.write_row(row)
        except (DatabaseError, ValueError) as error:
            raise BackupRefused(
                _("Rows of %(table)s cannot be taken: %(why)s") % {"table": table.name, "why": error}
            ) from error

    def close(self) -> None:
        """The next number of every table is above those that came."""
        for table, column, sequence in self.opened.execute(ASK_SEQUENCES).fetchall():
            highest = f"SELECT max({quoted(column)}) FROM {quoted(table)}"  # noqa: S608
            self.opened.execute(
                f"SELECT setval(%s, coalesce(({highest}), 1), ({highest}) IS NOT NULL)", [sequence]
            )

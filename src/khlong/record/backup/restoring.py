"""Taking a backup back: into a database built aside, compared with the backup, and only then put in place."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from khlong.record.backup import LEFT_OUT, plain
from khlong.record.backup.errors import BackupRefused, unwritable
from khlong.record.backup.places import Loader, Place, place
from khlong.record.backup.plain import Table
from khlong.record.backup.reading import Checker, Head, Told, Whole, read
from khlong.record.backup.snapshot import snapshot
from khlong.record.backup.writing import file_path


@dataclass(frozen=True)
class Restored:
    """What was taken back; `aside` names where the old database went, if there was one."""

    head: Head
    rows: int
    files: int
    aside: str


def check(path: Path, identity: Any, told: Told | None = None) -> Whole:
    """Read a backup to its end and change nothing. Raises BackupRefused when it is not whole."""
    whole = read(path, identity, Checker(), told)
    require_known(whole.head, path)
    return whole


def restore(path: Path, identity: Any, *, replace: bool = False, told: Told | None = None) -> Restored:
    """Take a backup back into the configured database and folder of files. Raises BackupRefused in words.

    The database that stands is touched only at the end, when counts and sums of what was restored are those of
    the backup; then it is set aside, never removed.
    """
    where = place()
    where.require_free(replace=replace)
    with where.aside():
        whole = _filled(where, path, identity, told)
        _compare(whole)
        _migrate(None)
    aside = where.swap(timezone.now())
    return Restored(whole.head, whole.head.rows, whole.files, aside)


def _filled(where: Place, path: Path, identity: Any, told: Told | None) -> Whole:
    """The backup in the database aside, at the migrations that it was made at."""
    taker = _Into(where, path)
    try:
        whole = read(path, identity, taker, told)
        taker.close()
    except BaseException as fault:
        taker.break_off(fault)
        raise
    return whole


class _Into:
    """Takes rows into the database aside and files into their folder."""

    def __init__(self, where: Place, path: Path) -> None:
        self.where, self.path = where, path
        self.loading: Any = None
        self.loader: Loader | None = None

    def begin(self, head: Head) -> None:
        require_known(head, self.path)
        _migrate(head)
        self.loading = self.where.load()
        self.loader = self.loading.__enter__()
        assert self.loader is not None
        self.loader.empty([table for table, _count in head.tables.values()])

    def rows(self, table: Table, rows: list[list[Any]]) -> None:
        if self.loader is not None and table.name not in LEFT_OUT:
            self.loader.rows(table, rows)

    def file(self, digest: str, pieces: Iterable[bytes]) -> None:
        """Write a file under its digest; one that stands already stays."""
        path = file_path(digest)
        found = hashlib.sha256()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            unfinished = path.with_name(f".new-{digest}")
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                for piece in pieces:
                    found.update(piece)
                    out.write(piece)
                out.flush()
                os.fsync(out.fileno())
            if found.hexdigest() == digest and not path.exists():
                unfinished.replace(path)
            unfinished.unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(path.parent, error) from error

    def close(self) -> None:
        if self.loading is not None:
            self.loading.__exit__(None, None, None)

    def break_off(self, fault: BaseException) -> None:
        if self.loading is not None and self.loader is not None:
            loading, self.loading = self.loading, None
            try:
                loading.__exit__(type(fault), fault, fault.__traceback__)
            except BaseException as same:
                if same is not fault:
                    raise


def require_known(head: Head, path: Path) -> None:
    """Raise BackupRefused unless this Khlong knows every migration of the backup."""
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None)
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    strange = sorted(head.migrations - set(loader.disk_migrations) - replaced)
    if strange:
        words = _("%(path)s was made by a newer Khlong (%(version)s). Update this one, then restore.")
        named = f"{head.khlong}: {'.'.join(strange[0])}"
        raise BackupRefused(words % {"path": path, "version": named})


def _migrate(head: Head | None) -> None:
    """Bring the database aside to the migrations of the backup, or without one to those of this Khlong."""
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    targets = graph.leaf_nodes() if head is None else _leaves(executor.loader, head.migrations)
    if executor.migration_plan(targets):
        executor.migrate(targets)


def _leaves(loader: Any, had: frozenset[tuple[str, str]]) -> list[tuple[str, str]]:
    """The last migration of each room that the backup had."""
    nodes = [key for key in sorted(had) if key in loader.graph.nodes]
    return [
        key
        for key in nodes
        if not any(child[0] == key[0] and child in had for child in loader.graph.node_map[key].children)
    ]


def _compare(whole: Whole) -> None:
    """Read back what was restored: counts and sums over the rows must be those of the backup."""
    with snapshot() as found:
        tables = {table.name: table for table in found.tables()}
        for name, expected in whole.sums.items():
            if name in LEFT_OUT:
                continue
            rows, total = 0, 0
            kinds = {column.name: column for column in tables[name].columns}
            wanted = whole.head.tables[name][0]
            asked = Table(name, tuple(kinds[column] for column in wanted.names))
            for row in found.rows(asked):
                rows, total = rows + 1, (total + plain.weigh(plain.line(row))) % plain.SUM
            if rows != expected["rows"] or f"{total:032x}" != expected["sum"]:
                words = _(
                    "What was restored into %(table)s is not what the backup holds (%(rows)s rows of %(expected)s)."
                )
                raise BackupRefused(words % {"table": name, "rows": rows, "expected": expected["rows"]})

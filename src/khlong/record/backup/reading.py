"""Reading a backup: what it says it is, whether all of it is there, and who gets the rows and files."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from django.utils.translation import gettext as _

from khlong.record.backup import FORM, HEAD, MANIFEST, plain
from khlong.record.backup.errors import BackupRefused
from khlong.record.backup.plain import Column, Table
from khlong.record.backup.sealed import PIECE, unlock

Told = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Head:
    """What a backup says of itself: `files` gives for each digest its size and the earlier backup that holds it."""

    khlong: str
    made_at: str
    vendor: str
    migrations: frozenset[tuple[str, str]]
    tables: dict[str, tuple[Table, int]]
    files: dict[str, tuple[int, str]]

    @property
    def rows(self) -> int:
        return sum(count for _table, count in self.tables.values())

    @property
    def earlier(self) -> dict[str, set[str]]:
        """The earlier backups that are needed, and the digests that lie in each."""
        found: dict[str, set[str]] = {}
        for digest, (_size, held) in self.files.items():
            if held:
                found.setdefault(held, set()).add(digest)
        return found


class Taker(Protocol):
    """Who takes what a backup holds."""

    def begin(self, head: Head) -> None: ...
    def rows(self, table: Table, rows: list[list[Any]]) -> None: ...
    def file(self, digest: str, pieces: Iterable[bytes]) -> None: ...


class Checker:
    """Takes nothing."""

    def begin(self, head: Head) -> None:
        return None

    def rows(self, table: Table, rows: list[list[Any]]) -> None:
        return None

    def file(self, digest: str, pieces: Iterable[bytes]) -> None:
        for _piece in pieces:
            pass


@dataclass(frozen=True)
class Whole:
    """A backup that was read to its end and is whole: `sums` are the counts and sums over the rows of its tables."""

    head: Head
    sums: dict[str, dict[str, Any]]
    files: int


def read(path: Path, identity: Any, taker: Taker, told: Told | None = None) -> Whole:
    """Read a backup and the earlier ones that hold its files. Raises BackupRefused when anything is not whole."""
    reading = _Reading(path, taker, told)
    unlock(path, identity, reading.visit)
    reading.finish()
    head = reading.head
    assert head is not None
    found = reading.files
    for name, digests in sorted(head.earlier.items()):
        earlier = path.with_name(name)
        if not earlier.is_file():
            words = _(
                "Files of this backup lie in an earlier one, %(name)s. Put it into the same folder: %(folder)s"
            )
            raise BackupRefused(words % {"name": name, "folder": path.parent})
        picking = _Picking(earlier, taker, digests)
        unlock(earlier, identity, picking.visit)
        if digests - picking.found:
            raise _broken(earlier)
        found += len(digests)
    return Whole(head, reading.sums, found)


def _broken(path: Path) -> BackupRefused:
    words = _(
        "%(path)s is damaged or was cut off. Nothing was changed. Take another copy of it, or an older backup."
    )
    return BackupRefused(words % {"path": path})


@dataclass
class _Reading:
    path: Path
    taker: Taker
    told: Told | None
    head: Head | None = None
    manifest: dict[str, Any] | None = None
    found: dict[str, str] = field(default_factory=dict)
    sums: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: int = 0
    done: int = 0

    def visit(self, name: str, content: IO[bytes]) -> None:
        folder, _slash, rest = name.partition("/")
        if name == HEAD:
            self.head = head_of(self._all(name, content), self.path)
            self.sums = {table: {"rows": 0, "sum": 0} for table in self.head.tables}
            self.taker.begin(self.head)
        elif self.head is None or self.manifest is not None:
            raise _broken(self.path)
        elif name == MANIFEST:
            self.manifest = json.loads(content.read())
        elif folder == "tables":
            self._rows(rest.partition("/")[0], self._all(name, content))
        elif folder == "files":
            self.files += 1
            self.taker.file(rest, self._hashed(name, content))

    def _all(self, name: str, content: IO[bytes]) -> bytes:
        data = content.read()
        self.found[name] = hashlib.sha256(data).hexdigest()
        return data

    def _hashed(self, name: str, content: IO[bytes]) -> Iterator[bytes]:
        found = hashlib.sha256()
        while piece := content.read(PIECE):
            found.update(piece)
            yield piece
        self.found[name] = found.hexdigest()

    def _rows(self, name: str, data: bytes) -> None:
        assert self.head is not None
        table, _count = self.head.tables[name]
        lines = zlib.decompress(data).splitlines(keepends=True)
        sums = self.sums[name]
        sums["rows"] += len(lines)
        sums["sum"] = (sums["sum"] + sum(map(plain.weigh, lines))) % plain.SUM
        self.taker.rows(table, [json.loads(line) for line in lines])
        self.done += len(lines)
        if self.told:
            self.told(self.done, self.head.rows, name)

    def finish(self) -> None:
        """Everything that the manifest names is there, the same, and nothing else."""
        if self.head is None or self.manifest is None:
            raise _broken(self.path)
        for sums in self.sums.values():
            sums["sum"] = f"{sums['sum']:032x}"
        told = {**self.manifest["parts"]}
        if {**self.found, MANIFEST: ""} != {**told, MANIFEST: ""} or self.sums != self.manifest["tables"]:
            raise _broken(self.path)
        if any(self.sums[name]["rows"] != count for name, (_table, count) in self.head.tables.items()):
            raise _broken(self.path)


@dataclass
class _Picking:
    """Takes only some files, out of an earlier backup."""

    path: Path
    taker: Taker
    wanted: set[str]
    found: set[str] = field(default_factory=set)

    def visit(self, name: str, content: IO[bytes]) -> None:
        digest = name.removeprefix("files/")
        if name.startswith("files/") and digest in self.wanted:
            self.taker.file(digest, iter(lambda: content.read(PIECE), b""))
            self.found.add(digest)


def head_of(data: bytes, path: Path) -> Head:
    """The head of a backup. Raises BackupRefused for a form that this Khlong does not know."""
    told = json.loads(data)
    if told.get("form") != FORM:
        words = _("%(path)s was made by a newer Khlong (%(version)s). Update this one, then restore.")
        raise BackupRefused(words % {"path": path, "version": told.get("khlong", "?")})
    tables = {
        name: (Table(name, tuple(Column(*column) for column in about["columns"])), int(about["rows"]))
        for name, about in told["tables"].items()
    }
    return Head(
        khlong=told["khlong"],
        made_at=told["made_at"],
        vendor=told["vendor"],
        migrations=frozenset((app, name) for app, name in told["migrations"]),
        tables=tables,
        files={digest: (int(size), held) for digest, (size, held) in told["files"].items()},
    )

"""Making a backup."""

from __future__ import annotations

import hashlib
import json
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from khlong.record.backup import FORM, HEAD, LEFT_OUT, MANIFEST, generations, locks, plain
from khlong.record.backup.errors import BackupRefused
from khlong.record.backup.generations import Generation
from khlong.record.backup.plain import Table
from khlong.record.backup.sealed import PIECE, Part, lock
from khlong.record.backup.snapshot import Snapshot, migrations_of, snapshot

PART = 1 << 20
Told = Callable[[int, int, str], None]
BYTES_A_ROW = 300


@dataclass(frozen=True)
class Made:
    """A backup that was made: where, how large, how many rows and files, what was removed, which files are damaged."""

    path: Path
    size: int
    rows: int
    files: int
    new_files: int
    removed: list[str]
    damaged: list[str]
    seconds: float


@dataclass
class _Work:
    """A backup under way. `pace` is how long to rest for each second of work."""

    moment: Snapshot
    told: Told | None
    pace: float
    tables: list[tuple[Table, int]]
    files: dict[str, tuple[int, str]]
    done: int = 0
    note: str = ""
    parts: dict[str, str] = field(default_factory=dict)
    sums: dict[str, dict[str, Any]] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)
    since: float = field(default_factory=time.monotonic)

    @property
    def total(self) -> int:
        rows = sum(count for _table, count in self.tables)
        return rows * BYTES_A_ROW + sum(size for size, where in self.files.values() if not where)

    def step(self, amount: int) -> None:
        """Tell how far it is, and rest so that pages go before."""
        self.done += amount
        if self.told:
            self.told(min(self.done, self.total), self.total, self.note)
        if self.pace:
            time.sleep(min(2.0, (time.monotonic() - self.since) * self.pace))
            self.since = time.monotonic()


def files_folder() -> Path:
    """Where the files are, by their SHA-256."""
    return Path(getattr(settings, "FILES_DIR", settings.VAR_DIR / "files"))


def file_path(digest: str) -> Path:
    return files_folder() / digest[:2] / digest[2:4] / digest


def _files(held: dict[str, str]) -> dict[str, tuple[int, str]]:
    """All files that are there: digest, size, and the earlier backup that holds the bytes, or nothing."""
    found = sorted(path for path in files_folder().glob("??/??/*") if len(path.name) == 64)
    return {path.name: (path.stat().st_size, held.get(path.name, "")) for path in found}


def make(
    out: Path | None = None,
    *,
    full: bool = False,
    told: Told | None = None,
    pace: float = 0.0,
    recipient: Any = None,
    listed: bool = True,
) -> Made:
    """Write one backup of the configured database and files; older ones that need not be kept go.

    `out` is a folder; without it the configured one. One that is not `listed` counts for nothing later.
    `told(done, total, note)` hears how far it is and may raise.
    Raises BackupRefused in words; then nothing is left under the backup's name.
    """
    began = time.monotonic()
    where = (out or generations.folder()).absolute()
    recipient = recipient or locks.recipient()
    now = timezone.now()
    path = where / generations.new_name(now, where)
    with snapshot() as moment:
        tables = [(table, moment.count(table)) for table in moment.tables()]
        work = _Work(moment, told, pace, tables, _files({} if full else generations.holders(where)))
        lock(path, _parts(work, _head(work, now)), recipient)
    made = Generation(
        name=path.name,
        folder=str(where),
        made_at=now.isoformat(),
        size=path.stat().st_size,
        rows=sum(count for _table, count in tables),
        files=[digest for digest, (_size, held) in work.files.items() if not held],
        needs=sorted({held for _size, held in work.files.values() if held}),
    )
    removed = generations.enter(made, int(settings.KHLONG["backup.keep"])) if listed else []
    return Made(
        path=path,
        size=made.size,
        rows=made.rows,
        files=len(work.files),
        new_files=len(made.files),
        removed=removed,
        damaged=work.damaged,
        seconds=time.monotonic() - began,
    )


def _head(work: _Work, now: datetime) -> dict[str, Any]:
    return {
        "form": FORM,
        "khlong": version(),
        "made_at": now.isoformat(),
        "vendor": work.moment.vendor,
        "migrations": migrations_of(work.moment),
        "tables": {
            table.name: {"columns": [[column.name, column.kind] for column in table.columns], "rows": count}
            for table, count in work.tables
        },
        "files": work.files,
        "left_out": LEFT_OUT,
    }


def version() -> str:
    """The version of this Khlong."""
    import tomllib

    told = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text(encoding="utf-8"))
    return str(told["project"]["version"])


def _parts(work: _Work, head: dict[str, Any]) -> Iterator[Part]:
    yield _part(work, HEAD, json.dumps(head).encode())
    for table, _count in work.tables:
        work.note = table.name
        yield from _table(work, table)
    for digest, (size, held) in work.files.items():
        if not held and (file := _opened(digest)):
            work.note = digest[:12]
            yield Part(f"files/{digest}", size, _file(work, digest, file))
    told = {"parts": work.parts, "tables": work.sums, "damaged": work.damaged}
    yield _part(work, MANIFEST, json.dumps(told).encode())


def _part(work: _Work, name: str, data: bytes) -> Part:
    work.parts[name] = hashlib.sha256(data).hexdigest()
    return Part(name, len(data), [data])


def _table(work: _Work, table: Table) -> Iterator[Part]:
    """The rows of a table in parts of about a mebibyte, and the sum over them."""
    rows = total = 0
    for number, (count, weight, data) in enumerate(_batches(work.moment.rows(table)), start=1):
        rows, total = rows + count, (total + weight) % plain.SUM
        yield _part(work, f"tables/{table.name}/{number:06}", zlib.compress(data, 1))
        work.step(count * BYTES_A_ROW)
    work.sums[table.name] = {"rows": rows, "sum": f"{total:032x}"}


def _batches(rows: Iterable[list[Any]]) -> Iterator[tuple[int, int, bytes]]:
    count = weight = size = 0
    lines: list[bytes] = []
    for row in rows:
        line = plain.line(row)
        lines.append(line)
        count, weight, size = count + 1, weight + plain.weigh(line), size + len(line)
        if size >= PART:
            yield count, weight, b"".join(lines)
            count = weight = size = 0
            lines = []
    if lines:
        yield count, weight, b"".join(lines)


def _opened(digest: str) -> IO[bytes] | None:
    """The file, or None when it was erased since the backup began."""
    try:
        return file_path(digest).open("rb")
    except FileNotFoundError:
        return None


def _file(work: _Work, digest: str, file: IO[bytes]) -> Iterator[bytes]:
    found = hashlib.sha256()
    with file:
        while piece := _read(file, digest):
            found.update(piece)
            yield piece
            work.step(len(piece))
    work.parts[f"files/{digest}"] = found.hexdigest()
    if found.hexdigest() != digest:
        work.damaged.append(digest)


def _read(file: IO[bytes], digest: str) -> bytes:
    try:
        return file.read(PIECE)
    except OSError as error:
        words = _("The file %(file)s cannot be read from the disk (%(why)s): see ./khlong files check.")
        raise BackupRefused(words % {"file": digest, "why": error.strerror}) from error

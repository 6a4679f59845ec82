"""A rehearsal: a backup is taken back into a throw-away place, and what came back is compared with it."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from khlong.record.backup import locks
from khlong.record.backup.commands import command, environment
from khlong.record.backup.errors import BackupRefused
from khlong.record.backup.reading import Told
from khlong.record.backup.restoring import check
from khlong.record.backup.writing import make


@dataclass(frozen=True)
class Drilled:
    """What came back the same."""

    rows: int
    tables: int
    files: int
    seconds: float


def drill(
    path: Path | None = None,
    key: Path | None = None,
    *,
    into: str = "",
    told: Told | None = None,
    ask: Callable[[], str] | None = None,
) -> Drilled:
    """Restore a backup into a throw-away place, where counts and sums of every table and file are compared.

    Without `path` a new backup is made for the drill, under a key of its own. `into` is a folder or the address
    of an empty PostgreSQL; without it an SQLite file that is removed. Raises BackupRefused with what differs.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="khlong-drill-") as name:
        folder = Path(name)
        if path is None or key is None:
            path, key = _new(folder, told)
        whole = check(path, locks.identity_from(key, ask))
        _back(path, key, into or str(folder / "var"))
    head = whole.head
    return Drilled(head.rows, len(head.tables), whole.files, time.monotonic() - began)


def _new(folder: Path, told: Told | None) -> tuple[Path, Path]:
    pair = locks.new_pair()
    key = folder / "drill.key"
    key.touch(mode=0o600)
    key.write_text(pair.secret, encoding="utf-8")
    made = make(folder, full=True, recipient=locks.recipient_of(pair.public), listed=False, told=told)
    return made.path, key


def _back(path: Path, key: Path, into: str) -> None:
    """In a process of its own: the restore itself compares counts and sums before it puts anything in place."""
    words = ["restore", str(path), "--identity", str(key)]
    done = subprocess.run(  # noqa: S603
        command(*words), env=environment(into), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        words_ = _("The drill failed: %(why)s")
        raise BackupRefused(words_ % {"why": (done.stderr or done.stdout).strip()[-600:]})

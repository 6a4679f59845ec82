"""The backups in a folder: what each holds, which files need not be copied again, and which are kept.

What is inside a locked file cannot be read here, so a list of this machine's own (`var/backups.json`) tells it. When
the list is lost, or a backup was moved away, the next one simply holds everything again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from khlong.record.backup import SUFFIX
from khlong.record.backup.sealed import sync_folder

CHAIN = 7
"""After so many backups that leave out files of earlier ones, the next holds all files again."""


@dataclass
class Generation:
    """One backup: `files` are the digests of the files inside, `needs` the earlier backups that hold the others."""

    name: str
    folder: str
    made_at: str
    size: int
    rows: int
    files: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)

    @property
    def path(self) -> Path:
        return Path(self.folder) / self.name

    @property
    def stands(self) -> bool:
        """Whether the file is there as it was written."""
        try:
            return self.path.stat().st_size == self.size
        except OSError:
            return False

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.made_at)


def folder() -> Path:
    """Where backups are written."""
    return Path(settings.VAR_DIR) / Path(settings.KHLONG["backup.folder"]).expanduser()


def new_name(now: datetime, where: Path) -> str:
    """khlong-2026-11-22T1600.khb, in universal time; with seconds or a number where that is taken."""
    taken = {one.name for one in listed()}
    for form in ("%Y-%m-%dT%H%M", "%Y-%m-%dT%H%M%S", "%Y-%m-%dT%H%M%S.%f"):
        name = f"khlong-{now.astimezone(UTC).strftime(form)}{SUFFIX}"
        if name not in taken and not (where / name).exists():
            break
    return name


def _path() -> Path:
    return Path(settings.VAR_DIR) / "backups.json"


def listed() -> list[Generation]:
    """All backups of the list, oldest first, also those that are gone."""
    try:
        return [Generation(**row) for row in json.loads(_path().read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def standing(where: Path | None = None) -> list[Generation]:
    """The backups that are there, oldest first."""
    return [one for one in listed() if one.stands and (where is None or one.path.parent == where)]


def newest() -> Generation | None:
    found = standing()
    return found[-1] if found else None


def write(generations: Iterable[Generation]) -> None:
    """Write the list, whole or not at all."""
    unfinished = _path().with_suffix(".new")
    with unfinished.open("w", encoding="utf-8") as file:
        unfinished.chmod(0o600)
        json.dump([asdict(one) for one in generations], file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(_path())
    sync_folder(_path().parent)


def holders(where: Path) -> dict[str, str]:
    """Where the bytes of each file are already: digest and name of the backup. Empty when a full one is due."""
    usable = standing(where)
    chain = 0
    for one in reversed(usable):
        if not one.needs:
            break
        chain += 1
    if chain >= CHAIN:
        return {}
    return {digest: one.name for one in usable for digest in one.files}


def to_remove(generations: Sequence[Generation], keep: int) -> list[Generation]:
    """What need not be kept: all but the newest `keep` and the backups whose files those still need."""
    kept = {one.name for one in generations[-keep:]}
    needed = {name for one in generations[-keep:] for name in one.needs}
    return [one for one in generations if one.name not in kept | needed]


def enter(made: Generation, keep: int) -> list[str]:
    """Put a backup into the list and remove those of its folder that need not be kept; gives their names."""
    every = [*(one for one in listed() if one.stands), made]
    going = {one.path for one in to_remove([one for one in every if one.folder == made.folder], keep)}
    for path in going:
        path.unlink(missing_ok=True)
    write(one for one in every if one.path not in going)
    return sorted(path.name for path in going)

"""The copies of the keys beside the backups, made anew as soon as somebody has withdrawn.

What was taken back is noise in an old backup only when no copy of its key is left anywhere. So a withdrawal leaves a
job in its own transaction, and once an hour the worker looks whether the keys have changed in some other way. Where
copies lie is noted in `var/keys.copied`, a line of JSON for each that was made: the folder, and the number of the
keys it holds.
A folder that is away for now (a disk that is not plugged in) holds keys of the withdrawn: the job tries again, and
says so until it is back, or until its lines are taken out of that file because the copy was destroyed.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from khlong.people import keys, keystore
from khlong.people.actor import system_actor
from khlong.people.models import Subject
from khlong.record.errors import CommandRefused
from khlong.record.jobs import Step, TryLater, enqueue, every, job, stewards

NAME = "record.keys.copy"


def noted() -> Path:
    """The file of which copies there are."""
    return Path(settings.VAR_DIR) / "keys.copied"


def note(folder: Path, serial: int) -> None:
    """Remember that the copy in a folder holds the keys as they stood at this number of `keystore.serial`."""
    line = json.dumps({"folder": str(folder.absolute()), "serial": serial}, ensure_ascii=False)
    with noted().open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")  # a line that a power cut broke off stays by itself
        file.flush()
        os.fsync(file.fileno())


def copies() -> dict[Path, int]:
    """Every folder with a copy, and the number of the keys in it; a line cut off by a power cut says nothing."""
    found: dict[Path, int] = {}
    try:
        lines = noted().read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return found
    for line in lines:
        try:
            told = json.loads(line)
            found[Path(told["folder"])] = int(told["serial"])
        except (ValueError, KeyError, TypeError):
            continue
    return found


def out_of_date() -> list[Path]:
    """Folders whose copy holds other keys than those that stand."""
    now = keystore.serial()
    return [folder for folder, serial in copies().items() if serial != now]


@job(NAME, title=_("Copy the keys beside the backups"), retries=8, may=stewards)
def copy_again(step: Step) -> dict[str, Any]:
    """Make each copy anew that the keys have outrun; the keys of the withdrawn go first."""
    step.check()
    keys.sweep()
    lines, left = [], []
    for folder in out_of_date():
        try:
            _copy(folder)
            lines.append(gettext("The copy of the keys in %(folder)s is new.") % {"folder": folder})
        except (OSError, CommandRefused) as error:
            words = gettext(
                "The copy of the keys in %(folder)s is out of date and could not be made anew: %(why)s"
            )
            left.append(words % {"folder": folder, "why": error})
    if left:
        raise TryLater(" ".join(left))
    return {"lines": lines or [gettext("Every copy of the keys is up to date.")]}


def _copy(folder: Path) -> None:
    from khlong.record.backup.errors import BackupRefused
    from khlong.record.backup.keycopies import NAME as COPY
    from khlong.record.backup.keycopies import copy_keys
    from khlong.record.backup.locks import recipient

    # A new copy in an empty place would leave the old one, on a disk that is away, unnoticed.
    if not (folder / COPY).is_file():
        words = gettext(
            "it is not there. Bring it back, or make a backup into that folder. If the copy was destroyed, take its "
            "lines out of %(file)s."
        )
        raise BackupRefused(words % {"file": noted()})
    copy_keys(folder, recipient())


@keys.on_destroyed
def copy_soon(subject: Subject) -> None:
    """Called in the transaction of a withdrawal."""
    if copies():
        enqueue(system_actor("keys"), NAME, key=uuid4().hex)


@keys.on_ended
def copy_soon_after_one(subject: Subject, _purpose: str) -> None:
    """The same when one purpose is taken back."""
    copy_soon(subject)


every(NAME, timedelta(hours=1))

"""The backup as a job: by itself as often as the settings say, and by hand for whoever keeps the installation."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import Any

from django.conf import settings
from django.utils import formats
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _

from khlong.record.errors import CommandRefused
from khlong.record.jobs import JobFailed, Step, every, job, stewards

NAME = "record.backup.make"
MEGABYTE = 1_000_000
PACE = 0.5
NICE = 10
LOOK = 0.3


class Stopped(Exception):  # noqa: N818
    """The job that the backup is made for is over."""


class _Making(threading.Thread):
    """Makes the backup in a thread of its own that steps back behind the pages."""

    def __init__(self) -> None:
        super().__init__(name="backup", daemon=True)
        self.done, self.total, self.note = 0, 0, ""
        self.over = threading.Event()
        self.language = get_language() or "th"
        self.made: Any = None
        self.fault: BaseException | None = None

    def run(self) -> None:
        from khlong.record.backup.keycopies import copy_keys
        from khlong.record.backup.locks import recipient
        from khlong.record.backup.writing import make

        with contextlib.suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        try:
            with override(self.language):
                made = make(told=self._told, pace=PACE)
                copy_keys(made.path.parent, recipient())
            self.made = made
        except BaseException as fault:
            self.fault = fault

    def _told(self, done: int, total: int, note: str) -> None:
        if self.over.is_set():
            raise Stopped
        self.done, self.total, self.note = done, total, note


@job(
    NAME,
    title=_("Make a backup"),
    retries=2,
    may=stewards,
    offer=_("Everything in one locked file, and no page waits for it."),
)
def make_backup(step: Step) -> dict[str, Any]:
    """Progress is told in megabytes. A backup that is cancelled leaves nothing."""
    step.check()
    making = _Making()
    making.start()
    told = False
    try:
        while making.is_alive():
            making.join(LOOK)
            if making.total and not told:
                told = True
                step.total(max(1, making.total // MEGABYTE))
            step.advance(max(0, making.done // MEGABYTE - step.done), making.note)
            step.check()
    finally:
        making.over.set()
        making.join()
    if isinstance(making.fault, CommandRefused):
        raise JobFailed(str(making.fault))
    if making.fault:
        raise making.fault
    return _told(making.made)


def _told(made: Any) -> dict[str, Any]:
    lines = [
        gettext("%(name)s: %(rows)s rows, %(files)s files, %(size)s MB.")
        % {
            "name": made.path.name,
            "rows": made.rows,
            "files": made.files,
            "size": formats.number_format(made.size / MEGABYTE, 1),
        }
    ]
    if made.damaged:
        lines.append(gettext("Damaged on the disk: %(files)s.") % {"files": ", ".join(made.damaged)})
    return {"lines": lines}


if settings.KHLONG["backup.every"]:
    every(NAME, settings.KHLONG["backup.every"])

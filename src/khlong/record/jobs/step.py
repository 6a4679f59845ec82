"""What a job holds while it runs: its progress, its lease, and a way to act once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from khlong.people.actor import Actor, account_actor, system_actor
from khlong.record.queue_models import Job, JobEffect, JobState

PAUSE = 0.4
MOST_REST = 0.25


class Cancelled(Exception):  # noqa: N818
    """Somebody asked for the job to be cancelled. What chunks before this one did stays."""


class Stopping(Exception):  # noqa: N818
    """The worker is to stop: the job goes back to the queue."""


class LostLease(Exception):  # noqa: N818
    """Another worker holds the job now: this one must write nothing more."""


class JobFailed(Exception):  # noqa: N818
    """The job cannot be done, and trying again would not help; the text is shown to people."""


class TryLater(Exception):  # noqa: N818
    """The job cannot be done now and is tried again by itself; the text is shown to people meanwhile."""


def never() -> bool:
    return False


class Step:
    """One run of a job by one worker.

    `advance` tells how far it is. Work that writes is done in chunks of at most a second or two::

        for part in parts:
            with step.chunk(len(part)):
                write(part)

    A chunk is one transaction. It begins only while the worker still holds the job and nobody has cancelled
    it, and its progress is written with it.
    """

    def __init__(self, job: Job, stop: Callable[[], bool] = never) -> None:
        self.job, self.stop = job, stop
        self.done, self._total, self.note = 0, 0, ""
        self._told = time.monotonic()

    @property
    def actor(self) -> Actor:
        """Who asked for the job: an account, or the programme itself."""
        user = self.job.user
        return account_actor(user) if user is not None else system_actor("job")

    def total(self, number: int) -> None:
        """Say how many parts there are."""
        self._total = number
        self.tell()

    def advance(self, k: int = 1, note: str = "") -> None:
        """Say that k more parts are done. Raises Cancelled, Stopping, LostLease."""
        self.done += k
        changed, self.note = bool(note) and note != self.note, note or self.note
        if changed or time.monotonic() - self._told >= PAUSE:
            self.tell()

    def tell(self) -> None:
        """Write the progress and ask whether to go on. Raises Cancelled, Stopping, LostLease."""
        self._told = time.monotonic()
        self._write(self.done)
        self.check()

    def check(self) -> None:
        """Raises Cancelled, Stopping or LostLease when the job must not go on."""
        self._go_on(
            Job.objects.filter(pk=self.job.pk).values_list("lease", "state", "cancel_asked_at").first()
        )

    @contextmanager
    def chunk(self, k: int = 1, note: str = "") -> Iterator[None]:
        """One part of the work in a transaction of its own, with its progress.

        After it the job rests for a moment, so that others get at the database. Raises Cancelled, Stopping,
        LostLease; then nothing of this chunk is written.
        """
        began = time.monotonic()
        with transaction.atomic():
            self._hold()
            yield
            self.note = note or self.note
            self._write(self.done + k)
        self.done += k
        self._told = time.monotonic()
        time.sleep(min(MOST_REST, (self._told - began) / 5))

    @contextmanager
    def once(self, name: str) -> Iterator[bool]:
        """Do something exactly once for this job, however often it is tried::

            with step.once("letter 17") as first:
                if first:
                    send(...)

        What is written to the database within the block and the note that it was done are one transaction.
        """
        with transaction.atomic():
            self._hold()
            _row, first = JobEffect.objects.get_or_create(job_id=self.job.pk, name=name)
            yield first

    def _hold(self) -> None:
        """Keep the job's row until the transaction ends, so that no other worker can take it meanwhile."""
        rows = Job.objects.select_for_update().filter(pk=self.job.pk)
        self._go_on(rows.values_list("lease", "state", "cancel_asked_at").first())

    def _go_on(self, row: Any) -> None:
        if row is None or row[0] != self.job.lease or row[1] != JobState.RUNNING:
            raise LostLease
        if row[2] is not None:
            raise Cancelled
        if self.stop():
            raise Stopping

    def _write(self, done: int) -> None:
        mine = Job.objects.filter(pk=self.job.pk, lease=self.job.lease, state=JobState.RUNNING)
        if not mine.update(done=done, total=self._total, note=self.note[:200]):
            raise LostLease

    def cancelled_words(self) -> str:
        """What stays of a job that was cancelled on its way."""
        if not self.done:
            return _("Cancelled before anything was done.")
        if not self._total:
            return _("Cancelled on the way. What was done before stays.")
        return _("Cancelled after %(done)s of %(total)s. What was done before stays.") % {
            "done": self.done,
            "total": self._total,
        }

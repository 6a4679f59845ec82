"""Working jobs off: one worker, one job at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from khlong.record.errors import Refused
from khlong.record.jobs import queue, registry
from khlong.record.jobs.step import Cancelled, JobFailed, LostLease, Step, Stopping, TryLater, never
from khlong.record.queue_models import Job, JobState

log = logging.getLogger(__name__)


def run(row: Job, stop: Callable[[], bool] = never) -> JobState | None:
    """Run a job that was claimed, and write what came of it; None when it goes on later or elsewhere."""
    step = Step(row, stop)
    with override(row.language):
        try:
            result = _result(row, step)
        except Cancelled:
            return _ended(row, JobState.CANCELLED, error=step.cancelled_words())
        except Stopping:
            queue.give_back(row, counts=False)
            return None
        except LostLease:
            log.warning("another worker took up the job %s (%s)", row.pk, row.name)
            return None
        except (JobFailed, Refused, ValidationError) as refusal:
            return _ended(row, JobState.FAILED, error=_words(refusal))
        except TryLater as reason:
            return _later(row, str(reason), str(reason))
        except Exception as fault:
            log.exception("the job %s (%s) failed", row.pk, row.name)
            return _again(row, fault)
    return _ended(row, JobState.DONE, result=result, error="", **_whole(step))


def _result(row: Job, step: Step) -> object:
    known = _known(row)
    result = dict(known.work(step, **row.arguments) or {})
    if why := registry.not_plain(result):
        raise JobFailed(_("What the job gave is no plain data (JSON): %(why)s.") % {"why": why})
    return result


def _known(row: Job) -> registry.Known:
    known = registry.known(row.name)
    if row.version > known.version:
        words = _("This job was made by a newer Khlong. Update this one, then try again.")
        raise JobFailed(words)
    registry.checked(row.name, row.arguments)
    return known


def _whole(step: Step) -> dict[str, int | str]:
    total = step._total or step.done
    return {"done": total, "total": total, "note": ""}


def _ended(row: Job, state: JobState, **values: object) -> JobState | None:
    return state if queue.end(row, state, **values) else None


def _again(row: Job, fault: Exception) -> JobState | None:
    """Try again later, or fail. What a fault says may name people, so that only its kind is shown."""
    kind = type(fault).__name__
    given_up = ngettext(
        "It failed %(times)s time inside Khlong (%(kind)s). Whoever runs this Khlong finds the reason in its log.",
        "It failed %(times)s times inside Khlong (%(kind)s). Whoever runs this Khlong finds the reason in its log.",
        row.attempts,
    )
    words = _("It failed inside Khlong (%(kind)s) and is tried again by itself.") % {"kind": kind}
    return _later(row, words, given_up % {"times": row.attempts, "kind": kind})


def _later(row: Job, words: str, given_up: str) -> JobState | None:
    """Back into the queue with these words; after the last try it fails with the others."""
    if row.attempts > queue.retries_of(row):
        return _ended(row, JobState.FAILED, error=given_up)
    queue.give_back(row, after=queue.backoff(row.attempts), error=words)
    return None


def _words(refusal: Exception) -> str:
    if isinstance(refusal, ValidationError):
        return " ".join(refusal.messages)
    return str(refusal)


@contextmanager
def beating(row: Job) -> Iterator[None]:
    """Renew the lease from another thread while the block runs."""
    over = threading.Event()
    thread = threading.Thread(target=_beat, args=(row, over), name="beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat(row: Job, over: threading.Event) -> None:
    try:
        while not over.wait(queue.lease_seconds() / 4):
            try:
                if not queue.renew(row):
                    return
            except Exception:
                log.exception("the lease of the job %s was not renewed", row.pk)
                connection.close()
    finally:
        connection.close()


def work_off(lease: str = "here", most: int = 1000) -> list[JobState | None]:
    """Run all jobs that are due, here and now, without a thread beside: for commands and tests."""
    found: list[JobState | None] = []
    while len(found) < most and (row := queue.claim(lease)) is not None:
        found.append(run(row))
    return found

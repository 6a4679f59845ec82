"""A job in words for people."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khlong.people.actor import ActorKind
from khlong.record.jobs.registry import title_of
from khlong.record.queue_models import Job, JobState

TOO_SOON = 3.0


class Shown:
    """What a page shows of a job."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.title = title_of(job.name)
        self.result: dict[str, Any] = job.result if isinstance(job.result, dict) else {}

    @property
    def state(self) -> str:
        """What it does now, as a sentence."""
        if self.job.live and self.job.cancel_asked_at:
            return _("It stops at its next step.")
        if self.job.state == JobState.WAITING and self.job.attempts:
            return _("It is tried again.")
        return {
            JobState.WAITING: _("It waits for its turn."),
            JobState.RUNNING: _("It is being done."),
            JobState.DONE: _("It is done."),
            JobState.FAILED: _("It did not work."),
            JobState.CANCELLED: _("It was cancelled."),
        }[JobState(self.job.state)]

    @property
    def who(self) -> str:
        """Who asked for it: a user name, the programme, or the label of a link."""
        if self.job.user is not None:
            return str(self.job.user)
        if self.job.actor_kind == ActorKind.SYSTEM:
            return _("Khlong by itself")
        return self.job.actor or _("an account that is gone")

    @property
    def counted(self) -> str:
        """How many parts of how many; nothing where nobody knows."""
        if not self.job.total:
            return ""
        values = {"done": f"{self.job.done:,}", "total": f"{self.job.total:,}"}
        return _("%(done)s of %(total)s") % values

    @property
    def left(self) -> str:
        """How long it still takes, guessed from how long it took so far."""
        job = self.job
        if job.state != JobState.RUNNING or not job.done or not job.total or job.started_at is None:
            return ""
        spent = (timezone.now() - job.started_at).total_seconds()
        if spent < TOO_SOON:
            return ""
        return about(spent * (job.total - job.done) / job.done)

    @property
    def told(self) -> str:
        """What has been said aloud when this was: the state, and the quarter of a job that runs."""
        stopping = "-stopping" if self.job.cancel_asked_at else ""
        quarter = self.job.percent // 25 * 25 if self.job.state == JobState.RUNNING else ""
        return f"{self.job.state}{stopping}-{quarter}"

    @property
    def aloud(self) -> str:
        """The sentence for those who listen to the page."""
        if self.job.state == JobState.RUNNING and not self.job.cancel_asked_at and self.job.total:
            return _("%(percent)s percent done.") % {"percent": self.job.percent}
        return self.state

    @property
    def lines(self) -> list[str]:
        """What came of it, a sentence each."""
        found = self.result.get("lines", [])
        return [str(line) for line in found] if isinstance(found, list) else []

    @property
    def url(self) -> str:
        """Where its result is: an address of our own, or nothing."""
        url = str(self.result.get("url", ""))
        return url if url.startswith("/") and not url.startswith("//") else ""


def about(seconds: float) -> str:
    """A time to wait, without false precision."""
    if seconds < 55:
        number = max(5, round(seconds / 5) * 5)
        return ngettext("about %(n)s second left", "about %(n)s seconds left", number) % {"n": number}
    number = max(1, round(seconds / 60))
    return ngettext("about %(n)s minute left", "about %(n)s minutes left", number) % {"n": number}

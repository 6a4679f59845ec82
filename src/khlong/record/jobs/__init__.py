"""Work that takes longer than a page may.

    @job("room.thing.verb", title=_("Make the search index anew"))
    def again(step: Step, *, city: str) -> dict[str, Any]:
        step.total(len(parts))
        for part in parts:
            with step.chunk():
                write(part)
        return {"lines": [_("Done.")], "url": "/"}

    enqueue(actor, "room.thing.verb", {"city": "C-PTG"}, key="C-PTG", space=city.pk)
    every("room.thing.verb", timedelta(hours=6))

A job may be tried again after a fault, a stop or a power cut: what must not happen twice stands in a
`step.once(name)`.
"""

from __future__ import annotations

from khlong.record.jobs.figures import figures
from khlong.record.jobs.queue import cancel, enqueue, retry
from khlong.record.jobs.registry import every, job, signed_in, stewards
from khlong.record.jobs.step import Cancelled, JobFailed, Step, TryLater
from khlong.record.jobs.work import work_off

__all__ = [
    "Cancelled",
    "JobFailed",
    "Step",
    "TryLater",
    "cancel",
    "enqueue",
    "every",
    "figures",
    "job",
    "retry",
    "signed_in",
    "stewards",
    "work_off",
]

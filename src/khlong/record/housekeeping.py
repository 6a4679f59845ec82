"""What the record does by itself: forgetting what has served its time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.record import limits, outbox
from khlong.record.jobs import Step, every, job, queue, stewards


@job("record.queue.clean", title=_("Clear away old jobs, delivered facts and counts"), may=stewards)
def clean(step: Step) -> dict[str, Any]:
    """A part at a time until nothing is left that is old enough."""
    now, counts = timezone.now(), {"jobs": 0, "facts": 0, "uses": 0}
    for name, forget in (("jobs", queue.clean), ("facts", outbox.clean), ("uses", limits.clean)):
        while True:
            with step.chunk():
                gone = forget(now)
            counts[name] += gone
            if not gone:
                break
    return counts


every("record.queue.clean", timedelta(days=1))

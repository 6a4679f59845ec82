"""What the room does by itself, once a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from khlong.people import keys
from khlong.people.actor import system_actor
from khlong.privacy.actions import apply_retention
from khlong.record.jobs import Step, every, job, stewards


@job("privacy.retention.apply", title=_("Remove what is over, and keys of those who withdrew"), may=stewards)
def remove_what_is_over(step: Step) -> dict[str, Any]:
    """Everything whose time is over, and keys that a stop of the machine left behind.

    What was sealed before each purpose had its key is put under it.
    """
    counts = apply_retention(system_actor("retention")).counts
    step.advance()
    return {**counts, "keys": keys.sweep(), "resealed": keys.reseal()}


every("privacy.retention.apply", timedelta(days=1))

"""A machine whose clock stands before its own record must not take in the work of a hall."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.people.hall import refuses_hall, said
from khlong.record.models import AuditEntry

PLAY = timedelta(minutes=2)
CLOCK = _(
    "The clock of this machine is wrong: it says %(now)s, and something was done here at %(last)s. "
    "Set the clock first; otherwise nobody can tell later what came before what."
)


@refuses_hall
def the_clock_goes_forward() -> Iterable[Any]:
    """The last line of the audit lies in the past."""
    last = AuditEntry.objects.order_by("-at").values_list("at", flat=True).first()
    now = timezone.now()
    if last is not None and now < last - PLAY:
        local = (timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") for moment in (now, last))
        yield said(CLOCK, now=next(local), last=next(local))

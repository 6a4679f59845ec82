"""What somebody reads of her jobs on her account page."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from khlong.people.actor import Actor
from khlong.people.panels import Line, Panel, on_account
from khlong.record.jobs.words import Shown
from khlong.record.queue_models import LIVE, Job

MOST = 3


@on_account
def jobs(actor: Actor) -> Iterable[Panel]:
    """Those that wait or run, and the way to all; one query."""
    rows = Job.objects.filter(user=actor.account, state__in=LIVE)[:MOST]
    words = _("%(job)s: %(state)s")
    lines = [
        Line(words % {"job": shown.title, "state": shown.state}, reverse("record:job", args=[shown.job.pk]))
        for shown in map(Shown, rows)
    ]
    yield Panel(_("Jobs"), (*lines, Line(_("All jobs"), reverse("record:jobs"))), after=True)

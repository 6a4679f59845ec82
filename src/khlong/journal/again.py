"""Comparing everything anew: the weight of a word changes with every text that is added, and with every fact."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Node
from khlong.journal.similar import KINDS, count_anew, write_near
from khlong.record.jobs import Step, every, job, stewards


@job("journal.related.compare", title=_("Compare all reports and topics anew"), may=stewards)
def compare_anew(step: Step) -> dict[str, Any]:
    """First the words of all, then what is near each; one text in a transaction."""
    nodes = list(Node.objects.filter(kind__in=KINDS).order_by("ref"))
    step.total(2 * len(nodes))
    for work in (count_anew, write_near):
        for node in nodes:
            with step.chunk():
                work(node)
            step.advance()
    return {"compared": len(nodes)}


every("journal.related.compare", timedelta(days=1))

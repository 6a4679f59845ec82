"""What a hall takes along and brings home of the assessment.

A finding travels with its why, its documents and its photos. Its check stays: a meeting that checked it is entered
here.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from khlong.assessment import actions
from khlong.assessment.models import Cause, Event, Finding, FindingFile
from khlong.chain.hall.documents import Plain, ThingDocument, Work, register, stays_in_the_hall
from khlong.chain.hall.threeway import Rules, Values, combine_files
from khlong.chain.hall.travel import travels
from khlong.chain.models import Visibility
from khlong.people.actor import Actor

CHAIN, PAPERS = "chain", "papers"


class FindingDocument(ThingDocument):
    """A finding and its why, which is one value: of two that differ somebody chooses. Papers of both sides stay."""

    def plain(self, row: Any) -> Plain:
        return super().plain(row) | {CHAIN: row.chain, PAPERS: row.papers}

    def real(self, work: Work, values: Values) -> Plain:
        made = super().real(work, values)
        return made | {name: values[name] for name in (CHAIN, PAPERS) if name in values}

    def label(self, name: str) -> str:
        return str(Finding.also_kept[name]) if name in (CHAIN, PAPERS) else super().label(name)


def show_finding(actor: Actor, finding: Finding, visibility: Visibility) -> None:
    """Publish a finding or take it back, as its buttons do."""
    if visibility == Visibility.PUBLIC:
        actions.publish_finding(actor, finding)
    else:
        actions.withdraw_finding(actor, finding, sure=True)


travels(Cause)
travels(FindingFile)
register(ThingDocument(Event, actions.save_event, order=50))
RULES = Rules(combine={PAPERS: combine_files})
register(FindingDocument(Finding, actions.save_finding, order=72, rules=RULES, show=show_finding))
stays_in_the_hall(
    "assessment.finding.validate",
    _("A finding checked in the hall waits here for its check. Enter the meeting's check here again."),
)

"""Everything that happened to a proposal on one line of time: steps, answers, where it was adopted, money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from khlong.adoption.models import Adoption, BudgetLine, Proposal, Step
from khlong.paper.official import amount
from khlong.ui.text import era


@dataclass(frozen=True)
class Happened:
    """One entry. `informal` words bind nobody yet; `official` ones were written by the organisation itself."""

    on: date | None
    title: str
    note: str = ""
    papers: tuple[tuple[Any, Any], ...] = ()
    informal: bool = False
    official: bool = False
    file: Any = None
    quote: str = ""
    result: str = ""
    community: str = ""
    when_text: str = ""
    row: Any = None
    kind: str = ""


def timeline_of(proposal: Proposal) -> list[Happened]:
    """The newest first; three queries. Years of money stand at the first day of their fiscal year."""
    steps = proposal.steps.select_related("file__blob")
    adoptions = proposal.adoptions.select_related("file__blob")
    found = [*map(_step, steps), *map(_adoption, adoptions), *map(_line, proposal.budget_lines.all())]
    return sorted(found, key=_order, reverse=True)


def _order(one: Happened) -> tuple[date, int]:
    number = one.row.number if isinstance(one.row, Step) else 0
    return one.on or date.min, number


def _step(step: Step) -> Happened:
    papers = (
        (_("letter number"), step.letter_no),
        (_("received as"), step.received_no),
        (_("resolution"), step.resolution),
        (_("which"), step.other),
    )
    title = step.get_state_display() if step.state else _("said without a state")
    return Happened(
        on=step.on,
        title=str(title),
        note=step.note,
        papers=tuple((name, words) for name, words in papers if words),
        informal=step.is_informal,
        official=step.by_official,
        file=step.file,
        row=step,
        kind="step",
    )


def _adoption(adoption: Adoption) -> Happened:
    papers = ((_("number"), adoption.number), (_("signed by"), adoption.signatory))
    return Happened(
        on=adoption.on or adoption.at.date(),
        title=_("Adopted in: %(title)s") % {"title": adoption.title},
        papers=tuple((name, words) for name, words in papers if words),
        file=adoption.file,
        quote=adoption.citation,
        row=adoption,
        kind="adoption",
        when_text="" if adoption.on else pgettext("paper", "no date"),
    )


def _line(line: BudgetLine) -> Happened:
    words = {"year": era(line.year), "money": amount(line.satang)}
    return Happened(
        on=line.work_to or line.work_from or date(line.year - 544, 10, 1),
        title=_("Fiscal year %(year)s: %(money)s baht") % words,
        note=line.document,
        papers=tuple(_money(line)),
        result=line.result,
        community=line.checked_by_community,
        row=line,
        kind="line",
        when_text="" if line.work_to or line.work_from else _("year %(year)s") % {"year": era(line.year)},
    )


def _money(line: BudgetLine) -> Iterable[tuple[Any, Any]]:
    yield pgettext("money", "from"), line.get_source_display()
    if line.spent_satang is not None:
        yield _("spent"), _("%(money)s baht") % {"money": amount(line.spent_satang)}

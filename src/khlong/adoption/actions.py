"""What people do with proposals: write them, follow them step by step, note where they were adopted and the money."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.adoption.models import (
    AdoptedIn,
    Adoption,
    BudgetLine,
    Proposal,
    State,
    Step,
)
from khlong.adoption.states import ORDER, check_step, place
from khlong.chain.actions import link, unlink
from khlong.chain.models import Edge, EdgeKind, Kind, Node, Visibility
from khlong.chain.search import index
from khlong.chain.things import Values, hold, keep_thing, set_visibility
from khlong.people.policy import Verb
from khlong.record.actions import Act, action, changed_fields
from khlong.record.errors import Refused
from khlong.record.limits import EDITS
from khlong.strategy.models import ItemKind


@action("adoption.proposal.save", limit=EDITS)
def save_proposal(
    act: Act,
    proposal: Proposal,
    values: Values,
    *,
    suggestions: Iterable[Node] | None = None,
    base: int | None = None,
    why: str = "",
) -> Proposal:
    """Add or change a proposal. A new one follows from its measure and from the accepted suggestions named.

    Raises Refused, ValidationError by field, EditConflict.
    """
    adding = proposal.node._state.adding
    act.require(Verb.ADD if adding else Verb.CHANGE, proposal)
    _check_measure(proposal, values)
    kept = keep_thing(act, proposal, values, base=base, why=why)
    _follow_from(act, kept, suggestions or ())
    return kept


def _check_measure(proposal: Proposal, values: Values) -> None:
    measure = values.get("measure")
    if measure is None:
        return
    if measure.kind != ItemKind.MEASURE:
        raise ValidationError({"measure": _("This part of the plan is no measure. Choose a measure.")})
    if measure.node.space_id != proposal.node.space_id:
        raise ValidationError(
            {"measure": _("This measure belongs to another city. Choose one of this city.")}
        )


def _follow_from(act: Act, proposal: Proposal, suggestions: Iterable[Node]) -> None:
    """Link the proposal to what it follows from; another measure than before takes the place of the old one."""
    measures = Edge.objects.filter(
        down=proposal.node, kind=EdgeKind.LEADS_TO, up__kind__in=(Kind.MEASURE, Kind.ITEM)
    )
    standing = list(measures.select_related("up", "down"))
    for edge in standing:
        if edge.up_id != proposal.measure_id:
            unlink(act.actor, edge)
    above = [proposal.measure.node] if all(edge.up_id != proposal.measure_id for edge in standing) else []
    for node in (*above, *suggestions):
        link(act.actor, node, proposal.node, EdgeKind.LEADS_TO)


@action("adoption.proposal.publish")
def publish_proposal(act: Act, proposal: Proposal) -> None:
    """Let everybody read a proposal and what came of it; files stay with the working group."""
    set_visibility(act, proposal, Visibility.PUBLIC)


@action("adoption.proposal.withdraw")
def withdraw_proposal(act: Act, proposal: Proposal) -> None:
    """Show a proposal to the working group only."""
    set_visibility(act, proposal, Visibility.MEMBERS)


# --- steps ------------------------------------------------------------------------------------------

PAPERS = frozenset({"letter_no", "letter_on", "received_no", "resolution", "file"})


@action("adoption.step.save", limit=EDITS)
def save_step(act: Act, step: Step, values: Values) -> Step:
    """Note a step that a proposal came to, or put the papers to a step that stands.

    Of a step that stands only its papers change; a letter number or a resolution makes an official's informal words
    formal, and the proposal comes to the state they named. Raises Refused, and ValidationError by field.
    """
    adding = step._state.adding
    act.require(Verb.ADD if adding else Verb.CHANGE, step)
    proposal = held(step.proposal)
    if not adding:
        return _put_papers(act, step, proposal, values)
    check_step(proposal.state, proposal.channel, values)
    changed_fields(step, dict(values))
    step.proposal = proposal
    keep_step(act, step)
    return step


def held(proposal: Proposal) -> Proposal:
    """The proposal as it stands, kept from everybody else until the transaction ends."""
    hold(proposal)
    return Proposal.objects.select_related("node__space").get(pk=proposal.pk)


def keep_step(act: Act, step: Step) -> None:
    """Give a new step its number and write it; unless it is informal the proposal comes to its state."""
    last = Step.objects.filter(proposal=step.proposal).aggregate(last=Max("number"))["last"] or 0
    step.number, step.by = last + 1, act.actor.label
    step.full_clean(exclude=["proposal"])
    step.save(force_insert=True)
    act.note(step, fields=[name for name in ("state", *sorted(PAPERS), "note") if getattr(step, name)])
    if step.state and not step.is_informal:
        come_to(act, step.proposal, step.state)


def come_to(act: Act, proposal: Proposal, state: str) -> None:
    """Bring a proposal to a state; the steps tell how it came there."""
    if proposal.state == state:
        return
    proposal.state = state
    Proposal.objects.filter(pk=proposal.pk).update(state=state)
    index(proposal.pk)
    act.fact("adoption.proposal.came_to", proposal, {"state": str(state)})


def _put_papers(act: Act, step: Step, proposal: Proposal, values: Values) -> Step:
    standing = Step.objects.get(pk=step.pk)
    was_informal = standing.is_informal
    changed = changed_fields(standing, {name: values[name] for name in PAPERS if name in values})
    if not changed:
        act.nothing()
        return standing
    standing.full_clean(exclude=["proposal"])
    standing.save()
    act.note(standing, fields=changed)
    if was_informal and not standing.is_informal and standing.state:
        come_to(act, proposal, standing.state)
    return standing


# --- where it was adopted, and the money ------------------------------------------------------------


@action("adoption.adoption.save", limit=EDITS)
def save_adoption(act: Act, adoption: Adoption, values: Values) -> Adoption:
    """Note in which plan or policy a proposal stands, or change what was noted; it counts as proclaimed then.

    Raises Refused, and ValidationError by field.
    """
    adding = adoption._state.adding
    act.require(Verb.ADD if adding else Verb.CHANGE, adoption)
    proposal = held(adoption.proposal)
    changed = changed_fields(adoption, dict(values))
    if not changed and not adding:
        act.nothing()
        return adoption
    _check_adoption(adoption, proposal)
    adoption.by = act.actor.label if adding else adoption.by
    adoption.full_clean(exclude=["proposal"])
    adoption.save()
    act.note(adoption, fields=changed)
    index(proposal.pk)
    _come_at_least(act, proposal, State.PROCLAIMED, adoption)
    return adoption


def _check_adoption(adoption: Adoption, proposal: Proposal) -> None:
    wrong: dict[str, Any] = {}
    if adoption.kind == AdoptedIn.PLAN:
        if adoption.order and not adoption.page:
            wrong["page"] = _("An order needs its page. Write the page, or leave the order out.")
        if adoption.round and not adoption.edition:
            wrong["edition"] = _("A round needs its edition: supplement, change, correction or review.")
    else:
        if not adoption.number:
            wrong["number"] = _("Write the number of the paper, or “none” where it bears none.")
        if not adoption.on:
            wrong["on"] = _("Write the date of the paper.")
    if wrong:
        raise ValidationError(wrong)


def _come_at_least(act: Act, proposal: Proposal, state: State, why: Adoption | BudgetLine) -> None:
    """Bring a proposal forward to a state that what was noted shows, with a step of its own; never back."""
    if proposal.state in ORDER and place(proposal.state) >= place(state):
        return
    on = why.on if isinstance(why, Adoption) and why.on else None
    note = str(why) if isinstance(why, Adoption) else why.document
    step = Step(proposal=proposal, state=state, on=on or timezone.localdate(), note=note)
    keep_step(act, step)


@action("adoption.adoption.remove")
def remove_adoption(act: Act, adoption: Adoption) -> None:
    """Take away what was noted in error. The steps stay; a step back says why the proposal is not there yet."""
    act.require(Verb.REMOVE, adoption)
    act.note(adoption, fields=["title", "page"], ref=adoption.ref, space=adoption.space_id)
    key = adoption.proposal_id
    adoption.delete()
    index(key)


@action("adoption.budget_line.save", limit=EDITS)
def save_budget_line(act: Act, line: BudgetLine, values: Values) -> BudgetLine:
    """Note money that was set aside, or what came of it. Raises Refused, and ValidationError by field."""
    adding = line._state.adding
    act.require(Verb.ADD if adding else Verb.CHANGE, line)
    proposal = held(line.proposal)
    changed = changed_fields(line, dict(values))
    if not changed and not adding:
        act.nothing()
        return line
    _check_line(line, proposal)
    line.by = act.actor.label if adding else line.by
    line.full_clean(exclude=["proposal"])
    line.save()
    act.note(line, fields=changed)
    _come_at_least(act, proposal, State.BUDGETED, line)
    return line


def _check_line(line: BudgetLine, proposal: Proposal) -> None:
    wrong: dict[str, Any] = {}
    if line.satang is not None and line.satang <= 0:
        wrong["satang"] = _("Write an amount above nought.")
    if line.year is not None and (words := proposal.why_not(line.year, 0)):
        wrong["year"] = words
    if line.spent_satang is not None and line.spent_satang < 0:
        wrong["spent_satang"] = _("What was spent is nought or more.")
    if line.work_from and line.work_to and line.work_to < line.work_from:
        wrong["work_to"] = _("The work ends before it begins. Check the two dates.")
    if wrong:
        raise ValidationError(wrong)


@action("adoption.budget_line.remove")
def remove_budget_line(act: Act, line: BudgetLine) -> None:
    """Take away a line that was noted in error; one with a result or words of the community stays."""
    act.require(Verb.REMOVE, line)
    if line.result_th or line.checked_by_community or line.spent_satang:
        raise Refused(_("This line tells what came of the money, so it stays. Correct it instead."))
    act.note(line, fields=["year", "satang"], ref=line.ref, space=line.space_id)
    line.delete()

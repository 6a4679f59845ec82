"""What happened to a proposal: steps, where it was adopted, money. Each form takes one paper along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from khlong.adoption import actions
from khlong.adoption.forms import (
    PAPERS,
    AdoptionForm,
    BudgetLineForm,
    PaperForm,
    StepForm,
    StepPapersForm,
)
from khlong.adoption.models import LOCAL, NO_PLAN, AdoptedIn, Adoption, BudgetLine, Proposal, State, Step
from khlong.adoption.states import following
from khlong.adoption.views.proposals import proposal_or_404
from khlong.chain.editing import blame
from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.record.errors import FileRefused, Refused
from khlong.record.filed import MEMBERS, File
from khlong.record.files import keep_file
from khlong.record.uploads import let_go


@dataclass(frozen=True)
class Row:
    """A form of one row: the row, the form, the action and the words of the page."""

    proposal: Proposal
    row: Any
    form: Any
    save: Callable[..., Any]
    title: str
    intro: str = ""
    take_away: str = ""


def row_page(request: HttpRequest, page: Row) -> HttpResponse:
    """Show or take the form of a row. 422 when something typed cannot stand; a paper that came in stays."""
    actor = actor_of(request)
    verb = Verb.ADD if page.row._state.adding else Verb.CHANGE
    if not can(actor, verb, page.row):
        raise Refused(_("Only the working group of this city may change this.") if actor.signed_in else None)
    form = page.form(
        request.POST or None, request.FILES or None, instance=page.row, initial=_begun(request, page)
    )
    if request.method == "POST" and form.is_valid():
        file = file_of(request, form, actor, page.proposal) if isinstance(form, PaperForm) else None
        if not form.errors and _saved(actor, page, form, file):
            messages.success(request, _("Saved."))
            return redirect(page.proposal.get_absolute_url())
    context = {
        "page": page,
        "form": form,
        "proposal": page.proposal,
        "kept_file": getattr(form, "kept_file", None),
        "is_example": page.proposal.node.is_example,
    }
    return render(request, "adoption/row_edit.html", context, status=422 if form.is_bound else 200)


def _begun(request: HttpRequest, page: Row) -> dict[str, Any]:
    state = request.GET.get("state", "")
    begun: dict[str, Any] = {"state": state} if state in State.values else {}
    if isinstance(page.row, Step) and page.row._state.adding:
        begun["on"] = timezone.localdate()
    return begun


def _saved(actor: Actor, page: Row, form: Any, file: File | None) -> bool:
    model = type(page.row)
    standing = None if page.row._state.adding else model._default_manager.get(pk=page.row.pk)
    values = form.values() | ({"file": file} if file else {})
    try:
        page.save(actor, standing or model(proposal=page.proposal), values)
    except ValidationError as error:
        blame(form, error)
        return False
    return True


def file_of(request: HttpRequest, form: Any, actor: Actor, proposal: Proposal) -> File | None:
    """The paper that came with a form or with its last try; what is wrong with it is said at its field.

    `form.kept_file` is what stays when the form has to be shown again. Only what the same actor gave counts.
    """
    space = proposal.node.space_id
    kept = _kept(form.cleaned_data.get("kept") or "", actor, space)
    if (refused := let_go(request, "upload")) is not None:
        form.add_error("upload", refused)
    elif upload := form.cleaned_data.get("upload"):
        try:
            kept = keep_file(actor, upload, space=space, visibility=MEMBERS, kinds=PAPERS)
        except FileRefused as error:
            form.add_error("upload", error)
    if kept is not None:
        form.kept_file = kept
        form.data = form.data.copy()
        form.data["kept"] = str(kept.pk)
    return kept


def _kept(key: str, actor: Actor, space: UUID | None) -> File | None:
    try:
        wanted = UUID(key)
    except ValueError:
        return None
    return File.objects.filter(pk=wanted, by=actor.label, space=space).first()


# --- steps ------------------------------------------------------------------------------------------


def add_step(request: HttpRequest, ref: str) -> HttpResponse:
    """Note a step; the states that usually follow stand first."""
    found = proposal_or_404(request, ref)
    usual = ", ".join(str(state.label) for state in following(found.state, found.channel)[:3])
    intro = _("Now: %(now)s. Usually next: %(next)s.") % {"now": found.get_state_display(), "next": usual}
    return row_page(
        request, Row(found, Step(proposal=found), StepForm, actions.save_step, _("Note a step"), intro)
    )


def _row(request: HttpRequest, ref: str, model: type[Any], pk: UUID) -> tuple[Proposal, Any]:
    found = proposal_or_404(request, ref)
    rows = scope(
        actor_of(request), model._default_manager.filter(proposal=found).select_related("proposal__node")
    )
    return found, get_object_or_404(rows, pk=pk)


def put_papers(request: HttpRequest, ref: str, pk: UUID) -> HttpResponse:
    """Put the letter, the number under which it was received, or a resolution to a step that stands."""
    found, step = _row(request, ref, Step, pk)
    intro = _("With a letter number or a resolution it is formal.") if step.is_informal else ""
    title = _("Attach the papers: %(state)s") % {"state": step.get_state_display() or step.note[:60]}
    return row_page(request, Row(found, step, StepPapersForm, actions.save_step, title, intro))


# --- where it was adopted ---------------------------------------------------------------------------


def add_adoption(request: HttpRequest, ref: str) -> HttpResponse:
    """Note where a proposal stands; one that stands in a plan without its page is opened instead."""
    found = proposal_or_404(request, ref)
    pageless = found.adoptions.filter(kind="plan", page="").first()
    if pageless is not None and request.method == "GET" and can(actor_of(request), Verb.CHANGE, found):
        return redirect("adoption:edit_adoption", ref=ref, pk=pageless.pk)
    kind = AdoptedIn.RESOLUTION if found.channel in NO_PLAN else AdoptedIn.PLAN
    begun = Adoption(proposal=found, kind=kind, title=found.plan_name if found.channel in LOCAL else "")
    begun.edition = found.edition
    title = _("Note where it was adopted")
    return row_page(request, Row(found, begun, AdoptionForm, actions.save_adoption, title))


def edit_adoption(request: HttpRequest, ref: str, pk: UUID) -> HttpResponse:
    found, adoption = _row(request, ref, Adoption, pk)
    title = _("Edit where it was adopted")
    away = reverse("adoption:remove_adoption", args=[ref, pk])
    return row_page(request, Row(found, adoption, AdoptionForm, actions.save_adoption, title, take_away=away))


@require_POST
def remove_adoption(request: HttpRequest, ref: str, pk: UUID) -> HttpResponse:
    found, adoption = _row(request, ref, Adoption, pk)
    actions.remove_adoption(actor_of(request), adoption)
    messages.success(request, _("Taken away. Note a step back if the proposal is not there yet."))
    return redirect(found.get_absolute_url())


# --- money ------------------------------------------------------------------------------------------


def add_line(request: HttpRequest, ref: str) -> HttpResponse:
    found = proposal_or_404(request, ref)
    line = BudgetLine(proposal=found)
    return row_page(
        request,
        Row(found, line, BudgetLineForm, actions.save_budget_line, _("Note money that was set aside")),
    )


def edit_line(request: HttpRequest, ref: str, pk: UUID) -> HttpResponse:
    found, line = _row(request, ref, BudgetLine, pk)
    title = _("The work, its result, and what the community says")
    away = reverse("adoption:remove_line", args=[ref, pk])
    return row_page(
        request, Row(found, line, BudgetLineForm, actions.save_budget_line, title, take_away=away)
    )


@require_POST
def remove_line(request: HttpRequest, ref: str, pk: UUID) -> HttpResponse:
    found, line = _row(request, ref, BudgetLine, pk)
    try:
        actions.remove_budget_line(actor_of(request), line)
    except Refused as refused:
        if not can(actor_of(request), Verb.REMOVE, line):
            raise
        messages.error(request, str(refused.reason))
    else:
        messages.success(request, _("Taken away."))
    return redirect(found.get_absolute_url())

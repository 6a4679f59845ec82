"""Proposals: the lists, the page of one, and writing it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from khlong.adoption import actions, prefill
from khlong.adoption.check import check
from khlong.adoption.forms import OldWordsForm, ProposalForm
from khlong.adoption.models import Proposal, State
from khlong.adoption.queries import filtered, seen_proposals
from khlong.adoption.states import following
from khlong.adoption.timeline import timeline_of
from khlong.chain.editing import Edit, edit_page
from khlong.chain.history import history
from khlong.chain.models import Kind, Visibility
from khlong.chain.things import new_thing
from khlong.network.models import Organisation
from khlong.network.queries import seen_organisations
from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.places.models import City
from khlong.places.views.cities import city_or_404
from khlong.strategy.models import Item, MeasureDetail

PER_PAGE = 25
DAYS_TO_ANSWER = 60
"""What the form offers as the time for an answer; no rule says how long an office may take."""


def proposal_or_404(request: HttpRequest, ref: str) -> Proposal:
    return get_object_or_404(seen_proposals(actor_of(request)), node__ref=ref)


def _listed(request: HttpRequest, rows: QuerySet[Proposal], **context: Any) -> HttpResponse:
    page = Paginator(filtered(rows, request.GET), PER_PAGE).get_page(request.GET.get("page"))
    asked = {"state": request.GET.get("state", ""), "overdue": request.GET.get("overdue", "")}
    context |= {"page_obj": page, "states": State.choices, "asked": asked}
    return render(request, "adoption/proposals.html", context)


def every(request: HttpRequest) -> HttpResponse:
    """All proposals that the reader may see, the newest first; paged."""
    return _listed(request, seen_proposals(actor_of(request)))


def of_city(request: HttpRequest, slug: str) -> HttpResponse:
    """What a city asked of whom."""
    city, actor = city_or_404(request, slug), actor_of(request)
    rows = seen_proposals(actor).filter(city=city)
    asked_of = Proposal.objects.filter(city=city).values("organisation")
    bodies: Callable[[], list[Organisation]] = lambda: list(  # noqa: E731
        seen_organisations(actor).filter(pk__in=asked_of).order_by("sort_key")
    )
    return _listed(
        request,
        rows,
        city=city,
        bodies=SimpleLazyObject(bodies),
        to=request.GET.get("to", ""),
        may_change=can(actor, Verb.CHANGE, city),
        is_example=city.node.is_example,
    )


def of_organisation(request: HttpRequest, ref: str) -> HttpResponse:
    """What was asked of an organisation, by all cities."""
    actor = actor_of(request)
    body = get_object_or_404(seen_organisations(actor), node__ref=ref)
    rows = seen_proposals(actor).filter(organisation=body)
    return _listed(request, rows, body=body, is_example=body.node.is_example)


def proposal(request: HttpRequest, ref: str) -> HttpResponse:
    """A proposal in the words of the form, everything that happened to it, and what stands before and after it."""
    actor = actor_of(request)
    rows = seen_proposals(actor).select_related("measure__measure")
    found = get_object_or_404(rows, node__ref=ref)
    may_change = can(actor, Verb.CHANGE, found)
    entries = timeline_of(found)
    context = {
        "proposal": found,
        "entries": entries,
        "adopted": next((one for one in entries if one.kind == "adoption"), None),
        "may_change": may_change,
        "next": following(found.state, found.channel),
        "points": check(found, cost_explained=_cost_explained(found)) if may_change else [],
        "history": SimpleLazyObject(lambda: history(found)),
        "is_draft": found.node.visibility != Visibility.PUBLIC,
        "is_example": found.node.is_example,
    }
    return render(request, "adoption/proposal.html", context)


def _cost_explained(proposal: Proposal) -> bool:
    detail: MeasureDetail | None = getattr(proposal.measure, "measure", None)
    return detail is not None and bool(detail.cost_note or detail.cost_source_id)


def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin a proposal of a city, from the measure that `?measure=` names; only its working group sees it at first."""
    city, actor = city_or_404(request, slug), actor_of(request)
    unsaved = new_thing(
        Proposal,
        Kind.PROPOSAL,
        space=city.node,
        is_example=city.node.is_example,
        visibility=Visibility.MEMBERS,
    )
    unsaved.city = city
    measure = _asked_measure(actor, city, request.GET.get("measure", ""))
    initial: dict[str, Any] = {"reply_due": timezone.localdate() + timedelta(days=DAYS_TO_ANSWER)}
    if measure is not None and can(actor, Verb.ADD, unsaved):
        initial |= prefill.from_measure(actor, measure)
        nodes = prefill.accepted_suggestions(actor, measure)
        if nodes:
            initial["suggestions"] = [node.pk for node in nodes]
        unsaved.plan_from = initial.get("plan_from", unsaved.plan_from)
    edit = Edit(
        unsaved,
        ProposalForm,
        actions.save_proposal,
        _("Make a proposal"),
        reverse("adoption:proposals", args=[slug]),
        intro=city.name,
        template="adoption/proposal_edit.html",
        initial=initial,
        saved=lambda kept: kept.get_absolute_url(),
    )
    return edit_page(request, edit)


def _asked_measure(actor: Actor, city: City, ref: str) -> Item | None:
    """The measure of this city with a reference; nothing for one of another city, which the form then refuses."""
    rows = Item.objects.select_related("node__space", "passage", "plan").filter(node__space=city.node)
    return scope(actor, rows).filter(node__ref=ref).first() if ref else None


def edit(request: HttpRequest, ref: str) -> HttpResponse:
    found = proposal_or_404(request, ref)
    page = Edit(
        found,
        ProposalForm,
        actions.save_proposal,
        _("Edit the proposal"),
        found.get_absolute_url(),
        template="adoption/proposal_edit.html",
    )
    return edit_page(request, page)


def old_words(request: HttpRequest, ref: str) -> HttpResponse:
    """Write how the project stands in the plan now, for a change or a correction of it."""
    found = proposal_or_404(request, ref)
    if not found.amends:
        raise Http404
    begun = {} if found.was_name else prefill.as_it_stands(actor_of(request), found)
    page = Edit(
        found,
        OldWordsForm,
        actions.save_proposal,
        _("How the project stands in the plan now"),
        found.get_absolute_url(),
        intro=_(
            "Copy it letter for letter. The form prints it above what shall stand, and marks what changes."
        ),
        template="adoption/proposal_edit.html",
        initial=begun,
    )
    return edit_page(request, page)


@require_POST
def publish(request: HttpRequest, ref: str) -> HttpResponse:
    found = proposal_or_404(request, ref)
    actions.publish_proposal(actor_of(request), found)
    messages.success(request, _("Published. Everybody can read the proposal and what becomes of it."))
    return redirect(found.get_absolute_url())


@require_POST
def withdraw(request: HttpRequest, ref: str) -> HttpResponse:
    found = proposal_or_404(request, ref)
    actions.withdraw_proposal(actor_of(request), found)
    messages.success(request, _("Taken back. Only the working group sees the proposal now."))
    return redirect(found.get_absolute_url())

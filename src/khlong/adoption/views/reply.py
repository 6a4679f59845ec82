"""Links with which an office answers, made by the working group, and the office's private page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from khlong.adoption import replies
from khlong.adoption.forms import AnswerForm, ReplyLinkForm
from khlong.adoption.models import ReplyLink, Step
from khlong.adoption.official_forms.printing import of_one
from khlong.adoption.official_forms.sheets import Options
from khlong.adoption.views.papers import answer_file
from khlong.adoption.views.proposals import proposal_or_404
from khlong.adoption.views.rows import file_of
from khlong.chain.editing import blame
from khlong.network import links
from khlong.paper.official import CellValue, FormBlock, FormRow
from khlong.people import throttle
from khlong.people.actor import ANONYMOUS, Actor, link_actor, system_actor
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.record.errors import Refused
from khlong.ui.address import absolute, only_here
from khlong.ui.qr import qr_svg

KIND = "reply"
SIGNED_IN = gettext_lazy(
    "You are signed in, and this link is for an office without an account. Sign out, and open it again."
)


# --- the working group's side -----------------------------------------------------------------------


@never_cache
def make(request: HttpRequest, ref: str) -> HttpResponse:
    """The links of a proposal, and the form of a new one; its answer is the page to send, shown once."""
    found, actor = proposal_or_404(request, ref), actor_of(request)
    if not can(actor, Verb.MANAGE, ReplyLink(proposal=found)):
        raise Refused(_("Only the working group of this city may change this.") if actor.signed_in else None)
    form = ReplyLinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made, token = replies.make_reply_link(actor, found, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused.reason))
        else:
            return _printed(request, made, token)
    rows = scope(actor, found.reply_links.select_related("made_by", "proposal__node"))
    context = {
        "proposal": found,
        "form": form,
        "links": rows[:50],
        "is_example": found.node.is_example,
    }
    return render(request, "adoption/reply_links.html", context, status=422 if form.is_bound else 200)


def _printed(request: HttpRequest, made: ReplyLink, token: str) -> HttpResponse:
    address = absolute(request, reverse("adoption:reply", args=[token]))
    context = {
        "proposal": made.proposal,
        "link": made,
        "address": address,
        "qr": qr_svg(address),
        "only_here": only_here(request),
        "is_example": made.proposal.node.is_example,
    }
    return render(request, "adoption/reply_paper.html", context)


@require_POST
def withdraw(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    found, actor = proposal_or_404(request, ref), actor_of(request)
    rows = scope(actor, found.reply_links.select_related("proposal__node"), Verb.MANAGE)
    replies.withdraw_reply_link(actor, get_object_or_404(rows, pk=pk))
    messages.success(request, _("The link is withdrawn. What was answered with it stays."))
    return redirect("adoption:reply_links", ref=ref)


# --- the office's side ------------------------------------------------------------------------------


@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """The address in the letter. Nothing is begun nor bound yet."""
    return links.take_over(request, token, KIND, "adoption:reply_page")


def _held(request: HttpRequest) -> ReplyLink | None:
    """The link that this browser opened last, or the one with which it began to answer."""
    digest = links.held(request, KIND) or request.session.get(replies.HELD, "")
    rows = ReplyLink.objects.select_related(
        "made_by", "space", "proposal__node__space", "proposal__organisation__node", "proposal__city"
    )
    return rows.filter(digest=digest).first() if digest else None


@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Whom the link is for, and once begun the proposal in the form's words with one place to answer."""
    address = request.META.get("REMOTE_ADDR", "")
    if throttle.too_many_links(address):
        return _refused(request, "throttled", 429)
    link = _held(request)
    if link is None:
        if links.held(request, KIND):
            throttle.note_dead_link(address)
        return _refused(request, "unknown", 404)
    why = replies.refusal_of(link, request.session.get(replies.BROWSER, ""))
    if why is None and actor_of(request).signed_in:
        why = SIGNED_IN
    if why is not None:
        return _refused(request, "no", 410, link=link, refusal=why)
    if request.method == "POST" and "begin" in request.POST:
        return _begun(request, link)
    if not replies.has_begun(request, link):
        context = {"link": link, "proposal": link.proposal, "is_example": link.proposal.node.is_example}
        return render(request, "adoption/reply_begin.html", context)
    return (
        _answered(request, link)
        if request.method == "POST"
        else _open(request, link, AnswerForm(instance=Step()))
    )


def _begun(request: HttpRequest, link: ReplyLink) -> HttpResponse:
    try:
        replies.begin(request, link)
    except Refused as refused:
        return _refused(request, "no", 410, link=link, refusal=refused.reason)
    return redirect("adoption:reply_page")


def _refused(request: HttpRequest, why: str, status: int, **more: Any) -> HttpResponse:
    return render(request, "network/link_refused.html", {"why": why} | more, status=status)


def holder(link: ReplyLink) -> Actor:
    """Somebody of the office, known by the link alone."""
    return link_actor(ANONYMOUS, str(link.digest), link.label)


def _answered(request: HttpRequest, link: ReplyLink) -> HttpResponse:
    form = AnswerForm(request.POST, request.FILES, instance=Step())
    replies.check_often(holder(link))
    if form.is_valid():
        file = file_of(request, form, system_actor(link.label), link.proposal)
        if not form.errors:
            values = form.values() | ({"file": file} if file else {})
            try:
                step = replies.answer(holder(link), link, values)
            except ValidationError as error:
                blame(form, error)
            else:
                said = _("Thank you. Your answer has arrived, and the city can read it.")
                messages.success(request, said)
                if step.is_informal:
                    messages.info(
                        request, _("It is informal until a letter number or a resolution is attached.")
                    )
                return redirect("adoption:reply_page")
    return _open(request, link, form, status=422)


def _open(request: HttpRequest, link: ReplyLink, form: AnswerForm, *, status: int = 200) -> HttpResponse:
    proposal = link.proposal
    options = Options(
        plan_format=proposal.plan_format,
        first_year=proposal.plan_from,
        kpi=True,
        edition=proposal.edition,
    )
    (sheet,) = of_one(proposal, options)
    old, row = _old_and_new(sheet.blocks[0], options)
    context = {
        "link": link,
        "proposal": proposal,
        "form": form,
        "sheet": sheet,
        "cells": list(zip(sheet.columns, row, old, strict=True)),
        "bands": sheet.blocks[0].bands,
        "said": proposal.steps.filter(by_official=True).order_by("-number")[:20],
        "kept_file": getattr(form, "kept_file", None),
        "is_example": proposal.node.is_example,
    }
    return render(request, "adoption/reply_page.html", context, status=status)


def _old_and_new(block: FormBlock, options: Options) -> tuple[tuple[CellValue, ...], tuple[CellValue, ...]]:
    """The cells of the first project as it shall stand; before them those that an amendment changes, others None."""
    rows = [row for row in block.rows if isinstance(row, FormRow)]
    if not options.amends:
        return (None,) * len(rows[0].cells), rows[0].cells
    old, new = rows[:2]
    before = tuple(one if at in new.changed else None for at, one in enumerate(old.cells))
    return before, new.cells


@never_cache
@require_safe
def form_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The form as a file, for who holds a link that was begun here."""
    link = _held(request)
    if link is None or not replies.has_begun(request, link):
        raise Http404
    if replies.refusal_of(link, request.session.get(replies.BROWSER, "")) is not None:
        raise Http404
    return answer_file(request, link.proposal, kind, reverse("adoption:reply_page"))

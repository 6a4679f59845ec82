"""Rounds of review: listed, read by everybody, opened and ended by the working group."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from khlong.chain.editing import Edit, edit_page
from khlong.deliberation import rounds as actions
from khlong.deliberation.forms import RoundForm
from khlong.deliberation.models import Level, Round
from khlong.deliberation.promises import promise
from khlong.deliberation.queries import Counts, counts_by_item, rounds_of
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.record.errors import Refused
from khlong.strategy.models import Plan

PER_PAGE = 20


def round_or_404(request: HttpRequest, ref: str) -> Round:
    found: Round = get_object_or_404(rounds_of(actor_of(request)), node__ref=ref)
    return found


def require_writer(request: HttpRequest, found: Round) -> None:
    """Refused for whoever does not write for the city."""
    if not can(actor_of(request), Verb.CHANGE, found):
        words = _("Only the working group of this city may do this.")
        raise Refused(words if actor_of(request).signed_in else None)


def rounds(request: HttpRequest) -> HttpResponse:
    """All rounds that somebody may read, or those of one city; the newest first."""
    rows = rounds_of(actor_of(request)).order_by("-opens_on", "sort_key")
    if slug := request.GET.get("city", ""):
        rows = rows.filter(plan__city__slug=slug)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "today": timezone.localdate(), "one_city": bool(slug)}
    return render(request, "deliberation/rounds.html", context)


class RoundPage:
    """What the page of a round shows."""

    def __init__(self, found: Round) -> None:
        self.round = found

    @cached_property
    def counts(self) -> Counts:
        total = Counts()
        for one in counts_by_item(self.round).values():
            for name in ("suggest", "ask", "object", "support"):
                setattr(total, name, getattr(total, name) + getattr(one, name))
        return total

    @property
    def promise(self) -> object:
        return promise(self.round.level)

    @property
    def level(self) -> str:
        return str(Level(self.round.level).label)

    @property
    def state(self) -> str:
        """Whether it is coming, open or over."""
        today = timezone.localdate()
        if today < self.round.opens_on:
            return "coming"
        return "open" if self.round.is_open(today) else "over"


def round_page(request: HttpRequest, ref: str) -> HttpResponse:
    """A round: from when to when, what it is about, what is promised, and the way to speak."""
    found = round_or_404(request, ref)
    context = {
        "round": found,
        "city": found.plan.city,
        "page": RoundPage(found),
        "circles": found.circles.all()[:60],
        "may_change": can(actor_of(request), Verb.CHANGE, found),
        "is_example": found.node.is_example,
    }
    return render(request, "deliberation/round.html", context)


def _plan_or_404(request: HttpRequest, slug: str) -> Plan:
    rows = scope(actor_of(request), Plan.objects.select_related("node__space", "city__node"))
    plan = rows.filter(city__slug=slug).order_by("node__ref").first()
    if plan is None:
        raise Http404
    return plan


def add_round(request: HttpRequest, slug: str) -> HttpResponse:
    """Send a version of the plan to people."""
    plan = _plan_or_404(request, slug)
    made = actions.new_round(plan)
    require_writer(request, made)
    newest = plan.versions.order_by("-number").first()
    if newest is None:
        raise Refused(_("Make a version of the plan first: people read a version, not the working text."))
    edit = Edit(
        made,
        RoundForm,
        lambda actor, thing, values, **more: actions.save_round(
            actor, thing, values | {"plan": plan}, **more
        ),
        _("Open a round of review"),
        reverse("strategy:plan", args=[slug]),
        _(
            "People read this version on a phone or on paper and say what they think. "
            "Each suggestion is owed an answer."
        ),
        initial={
            "version": newest,
            "name_th": f"รับฟังข้อเสนอแนะต่อร่างฉบับที่ {newest.number}",
            "name_en": f"Suggestions on version {newest.number}",
        },
        saved=lambda kept: reverse("deliberation:circles", args=[kept.ref]),
    )
    return edit_page(request, edit)


def edit_round(request: HttpRequest, ref: str) -> HttpResponse:
    found = round_or_404(request, ref)
    back = reverse("deliberation:round", args=[ref])
    return edit_page(request, Edit(found, RoundForm, actions.save_round, _("Change the round"), back))


@require_POST
def end_round(request: HttpRequest, ref: str) -> HttpResponse:
    actions.end_round(actor_of(request), round_or_404(request, ref))
    messages.success(request, _("Today is the last day of this round."))
    return redirect("deliberation:round", ref=ref)


def context_of(found: Round, **more: Any) -> dict[str, Any]:
    """What every page within a round needs."""
    return {"round": found, "city": found.plan.city, "is_example": found.node.is_example, **more}

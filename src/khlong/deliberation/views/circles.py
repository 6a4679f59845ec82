"""The circles of a round: listed, added, and their links printed for walls and hands."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from khlong.chain.editing import blame
from khlong.deliberation import circles as actions
from khlong.deliberation import speaking
from khlong.deliberation.forms import CircleForm
from khlong.deliberation.models import Circle
from khlong.deliberation.promises import promise
from khlong.deliberation.views.rounds import context_of, require_writer, round_or_404
from khlong.network import links
from khlong.people import throttle
from khlong.people.middleware import actor_of
from khlong.ui.address import absolute, only_here
from khlong.ui.qr import qr_svg

PER_PAGE = 40
KIND = "circle"
SLIPS = 4
"""A6 slips on one sheet of A4."""


def circles(request: HttpRequest, ref: str) -> HttpResponse:
    """Whom a round goes to, with the state of each link; for the working group."""
    found = round_or_404(request, ref)
    require_writer(request, found)
    rows = found.circles.select_related("group", "organisation", "work_group")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "deliberation/circles.html", context_of(found, page_obj=page))


def _circle(request: HttpRequest, ref: str, pk: int) -> Circle:
    found = round_or_404(request, ref)
    require_writer(request, found)
    circle = get_object_or_404(found.circles.all(), pk=pk)
    circle.round = found
    return circle


def add_circle(request: HttpRequest, ref: str) -> HttpResponse:
    found = round_or_404(request, ref)
    require_writer(request, found)
    return _form_page(request, Circle(round=found), _("Add a circle"))


def edit_circle(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    return _form_page(request, _circle(request, ref, pk), _("Change a circle"))


def _form_page(request: HttpRequest, circle: Circle, title: str) -> HttpResponse:
    found = circle.round
    form = CircleForm(request.POST or None, instance=circle)
    if request.method == "POST" and form.is_valid() and _saved(request, circle, form):
        return redirect("deliberation:circles", ref=found.ref)
    context = context_of(found, form=form, title=title)
    return render(request, "deliberation/circle_form.html", context, status=422 if form.is_bound else 200)


def _saved(request: HttpRequest, circle: Circle, form: CircleForm) -> bool:
    fresh = circle if circle._state.adding else Circle.objects.get(pk=circle.pk)
    fresh.round = circle.round
    if fresh._state.adding:
        fresh = Circle(round=circle.round)
    try:
        actions.save_circle(actor_of(request), fresh, form.values())
    except ValidationError as error:
        blame(form, error)
        return False
    messages.success(request, _("Saved."))
    return True


@never_cache
@require_POST
def link_circle(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """A new link, as a sheet of A4 and slips of A6; it cannot be read again."""
    circle = _circle(request, ref, pk)
    token = actions.make_link(actor_of(request), circle)
    address = absolute(request, reverse("deliberation:open_circle", args=[token]))
    context = context_of(
        circle.round,
        circle=circle,
        promise=promise(circle.round.level),
        address=address,
        qr=qr_svg(address),
        slips=range(SLIPS),
        only_here=only_here(request),
    )
    return render(request, "deliberation/circle_paper.html", context)


@require_POST
def withdraw_circle(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    actions.withdraw_link(actor_of(request), _circle(request, ref, pk))
    messages.success(request, _("The link is withdrawn. What was said with it stays."))
    return redirect("deliberation:circles", ref=ref)


@require_safe
def open_circle(request: HttpRequest, token: str) -> HttpResponse:
    """The address on the paper."""
    return links.take_over(request, token, KIND, "deliberation:circle")


@never_cache
def circle(request: HttpRequest) -> HttpResponse:
    """Who opened a circle's link: on to the plan, or words why the link does not speak."""
    address = request.META.get("REMOTE_ADDR", "")
    if throttle.too_many_links(address):
        return render(request, "deliberation/circle_refused.html", {"why": "throttled"}, status=429)
    digest = links.held(request, KIND)
    found = actions.by_digest(digest)
    if found is None:
        if digest:
            throttle.note_dead_link(address)
        return render(request, "deliberation/circle_refused.html", {"why": "unknown"}, status=404)
    refusal = actions.why_not(found, speaking.known_browser(request))
    if refusal is not None:
        links.let_go(request)
        context = context_of(found.round, why="no", refusal=refusal)
        return render(request, "deliberation/circle_refused.html", context, status=410)
    links.let_go(request)
    speaking.hold_circle(request, found)
    return redirect("deliberation:suggest", ref=found.round.ref)

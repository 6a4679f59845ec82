"""Letting somebody in again by a link on paper: making it, the second person's word, and using it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from khlong.network import links, recoveries
from khlong.network.forms import RecoveryForm
from khlong.network.models import LinkState, Membership, Recovery
from khlong.people import second, throttle
from khlong.people.actor import link_actor
from khlong.people.forms import NewPassword
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.places.models import City
from khlong.places.views.cities import city_or_404
from khlong.record.errors import Refused
from khlong.ui.address import absolute, only_here
from khlong.ui.qr import qr_svg

KIND = "recovery"


def _member_or_refused(request: HttpRequest, slug: str, pk: int) -> tuple[City, Membership]:
    city, actor = city_or_404(request, slug), actor_of(request)
    if not can(actor, Verb.MANAGE, Membership(space=city.node)):
        words = _("Only the owners of the city and stewards let somebody in again.")
        raise Refused(words if actor.signed_in else None)
    rows = Membership.objects.filter(space=city.node).select_related("user", "space")
    return city, get_object_or_404(rows, pk=pk)


@never_cache
def make(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The form; its answer is the page to print, which cannot be opened again."""
    city, membership = _member_or_refused(request, slug, pk)
    if membership.user == actor_of(request).user:
        raise Refused(recoveries.NOT_ONESELF)
    form = RecoveryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made, token = recoveries.make_recovery(
                actor_of(request), membership, drop_factors=form.cleaned_data["drop_factors"]
            )
        except Refused as refused:
            form.add_error(None, str(refused.reason))
        else:
            return _printed(request, city, made, token)
    context = {
        "city": city,
        "form": form,
        "person": membership.user,
        "has_factors": second.has_factors(membership.user),
        "is_example": city.node.is_example,
    }
    return render(request, "network/recover.html", context, status=422 if form.errors else 200)


def _printed(request: HttpRequest, city: City, made: Recovery, token: str) -> HttpResponse:
    address = absolute(request, reverse("network:open_recovery", args=[token]))
    context = {
        "city": city,
        "link": made,
        "address": address,
        "qr": qr_svg(address),
        "only_here": only_here(request),
        "refusal": recoveries.why_not(made),
        "is_example": city.node.is_example,
    }
    return render(request, "network/recovery_slip.html", context)


def recovery(request: HttpRequest, pk: int) -> HttpResponse:
    """What one link is about, for those who may approve or stop it and for the person herself."""
    return _page(request, _seen(request, pk))


def _seen(request: HttpRequest, pk: int) -> Recovery:
    if not actor_of(request).signed_in:
        raise Refused
    rows = Recovery.objects.select_related("space", "person", "made_by", "approved_by")
    return get_object_or_404(scope(actor_of(request), rows), pk=pk)


def _page(request: HttpRequest, link: Recovery, refusal: object = "", status: int = 200) -> HttpResponse:
    actor, waits = actor_of(request), link.state is LinkState.WAITING
    context = {
        "link": link,
        "refusal": refusal,
        "mine": link.person == actor.user,
        "why_not": recoveries.why_not(link) if waits else "",
        "may_approve": recoveries.needs_somebody(link) and can(actor, Verb.CHANGE, link),
        "may_stop": waits and can(actor, Verb.REMOVE, link),
        "opens_later": link.opens_at > timezone.now(),
        "is_example": link.space.is_example,
    }
    return render(request, "network/recovery.html", context, status=status)


@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    link = _seen(request, pk)
    try:
        recoveries.approve_recovery(actor_of(request), link)
    except Refused as refused:
        return _page(request, link, refused.reason, 422)
    messages.success(request, _("Approved. The link works now, once, for a day."))
    return redirect("network:recovery", pk=pk)


@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    link = _seen(request, pk)
    try:
        recoveries.stop_recovery(actor_of(request), link)
    except Refused as refused:
        return _page(request, link, refused.reason, 422)
    messages.success(request, _("The link is stopped; it opens nothing any more."))
    return redirect("network:recovery", pk=pk)


@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """The address on the paper. It uses nothing up: only the form behind it does."""
    return links.take_over(request, token, KIND, "network:recovered")


@sensitive_post_parameters("password1", "password2")
@never_cache
def recovered(request: HttpRequest) -> HttpResponse:
    """What somebody who opened the link sees: her user name, and the form for a new password."""
    address, digest = request.META.get("REMOTE_ADDR", ""), links.held(request, KIND)
    if throttle.too_many_links(address):
        return _answer(request, "throttled", 429)
    rows = Recovery.objects.select_related("space", "person", "made_by", "approved_by")
    link = rows.filter(digest=digest).first() if digest else None
    if link is None:
        if digest:
            throttle.note_dead_link(address)
        return _answer(request, "unknown", 404)
    if refusal := recoveries.why_not(link) or _somebody_else(request, link):
        return _answer(request, "no", 410, link=link, refusal=refusal)
    form = NewPassword(request.POST or None)
    if form.is_valid() and _used(request, link, form):
        links.let_go(request)
        logout(request)
        messages.success(request, _("The new password holds. Sign in with it."))
        return redirect("people:signin")
    context = {"link": link, "form": form, "is_example": link.space.is_example}
    return render(request, "network/recovered.html", context, status=422 if form.is_bound else 200)


def _somebody_else(request: HttpRequest, link: Recovery) -> object:
    actor = actor_of(request)
    if not actor.signed_in or actor.user == link.person:
        return None
    return _(
        "This link is for another account than the one that is signed in here. Sign out, and open it again."
    )


def _used(request: HttpRequest, link: Recovery, form: NewPassword) -> bool:
    actor = link_actor(actor_of(request), links.held(request, KIND), f"recovery {link.pk}")
    try:
        recoveries.use_recovery(actor, link, form.cleaned_data["password1"])
    except ValidationError as error:
        form.update_errors(error)
    except Refused as refused:
        form.add_error(None, str(refused.reason))
    return not form.errors


def _answer(request: HttpRequest, why: str, status: int, **more: Any) -> HttpResponse:
    return render(request, "network/link_refused.html", {"why": why} | more, status=status)

"""Inviting somebody to a city by a link on paper, and what the one who opens it sees."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from khlong.network import invitations, links
from khlong.network.forms import ROLE_NAMES, InvitationForm
from khlong.network.models import Invitation, LinkState, Membership
from khlong.people import throttle
from khlong.people.actor import Actor, Role, link_actor
from khlong.people.entering import enter
from khlong.people.forms import NewAccountForm
from khlong.people.line import client
from khlong.people.line.views import PROVEN, proven
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.places.models import City
from khlong.places.views.cities import city_or_404
from khlong.record.errors import Refused
from khlong.ui.address import absolute, only_here
from khlong.ui.qr import qr_svg

KIND = "invitation"


def may_invite(request: HttpRequest, slug: str) -> City:
    """The city, for its owners and stewards; Refused for everybody else."""
    city, actor = city_or_404(request, slug), actor_of(request)
    if not can(actor, Verb.MANAGE, Invitation(space=city.node)):
        words = _("Only the owners of the city and stewards invite people to it.")
        raise Refused(words if actor.signed_in else None)
    return city


@never_cache
def make(request: HttpRequest, slug: str) -> HttpResponse:
    """The form of an invitation; its answer is the page to print, which cannot be opened again."""
    city = may_invite(request, slug)
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        more = {name: form.cleaned_data[name] for name in ("note", "days", "username")}
        try:
            made, token = invitations.make_invitation(
                actor_of(request), city.node, Role(form.cleaned_data["role"]), **more
            )
        except Refused as refused:
            form.add_error(None, str(refused.reason))
        except ValidationError as error:
            form.add_error("username", error.message_dict["username"])
        else:
            return _printed(request, city, made, token)
    context = {"city": city, "form": form, "is_example": city.node.is_example}
    return render(request, "network/invite.html", context, status=422 if form.is_bound else 200)


def _printed(request: HttpRequest, city: City, made: Invitation, token: str) -> HttpResponse:
    address = absolute(request, reverse("network:open_invitation", args=[token]))
    context = {
        "city": city,
        "link": made,
        "address": address,
        "qr": qr_svg(address),
        "only_here": only_here(request),
        "role": ROLE_NAMES[made.role],
        "is_example": city.node.is_example,
    }
    return render(request, "network/invitation.html", context)


@require_POST
def withdraw(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    city = may_invite(request, slug)
    rows = scope(actor_of(request), Invitation.objects.filter(space=city.node), Verb.MANAGE)
    try:
        invitations.withdraw_invitation(actor_of(request), get_object_or_404(rows, pk=pk))
    except Refused as refused:
        messages.error(request, str(refused.reason))
    else:
        messages.success(request, _("The invitation is withdrawn; its link opens nothing any more."))
    return redirect("network:members", slug=slug)


@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """The address on the paper. It uses nothing up: only the form behind it does."""
    return links.take_over(request, token, KIND, "network:invited")


@sensitive_post_parameters("password1", "password2")
@never_cache
def invited(request: HttpRequest) -> HttpResponse:
    """What somebody who opened a link is invited to, and the form that accepts it."""
    address = request.META.get("REMOTE_ADDR", "")
    if throttle.too_many_links(address):
        return _answer(request, "throttled", 429)
    digest = links.held(request, KIND)
    link = Invitation.objects.select_related("space", "made_by").filter(digest=digest).first()
    if link is None:
        if digest:
            throttle.note_dead_link(address)
        return _answer(request, "unknown", 404)
    if refusal := _refusal(request, link):
        return _answer(request, "no", 410, link=link, refusal=refusal)
    return _accepted(request, link) if request.method == "POST" else _offer(request, link)


def _refusal(request: HttpRequest, link: Invitation) -> object:
    if link.state is not LinkState.WAITING:
        return invitations.no_longer(link.state)
    if not invitations.still_invites(link):
        return invitations.INVITER_GONE
    membership = Membership.objects.filter(space=link.space, user=actor_of(request).user).first()
    if membership and invitations.has_already(Role(membership.role), link):
        return invitations.ROLE_HELD
    return invitations.FOR_A_NEW_ACCOUNT if link.username and actor_of(request).signed_in else None


def _answer(request: HttpRequest, why: str, status: int, **more: Any) -> HttpResponse:
    """A page that says why the link does nothing and whom to ask."""
    return render(request, "network/link_refused.html", {"why": why} | more, status=status)


def _form(request: HttpRequest, link: Invitation, typed: Any = None) -> NewAccountForm:
    """The form of a new account: a slip has the user name already, and who is proven at LINE needs no password."""
    known = proven(request)
    form = NewAccountForm(typed, initial={"display_name": known.name} if known else {})
    gone = (["username"] if link.username else []) + (["password1", "password2"] if known else [])
    for name in gone:
        del form.fields[name]
    return form


def _offer(request: HttpRequest, link: Invitation, form: NewAccountForm | None = None) -> HttpResponse:
    context = {
        "link": link,
        "form": form or _form(request, link),
        "proven": proven(request),
        "line_on": client.configured(),
        "role": dict(ROLE_NAMES)[link.role],
        "signin": f"{reverse('people:signin')}?next={reverse('network:invited')}",
        "is_example": link.space.is_example,
    }
    return render(request, "network/invited.html", context, status=422 if form else 200)


def _accepted(request: HttpRequest, link: Invitation) -> HttpResponse:
    actor = link_actor(actor_of(request), links.held(request, KIND), f"invitation {link.pk}")
    form = None if actor.signed_in else _form(request, link, request.POST)
    if form is not None and not form.is_valid():
        return _offer(request, link, form)
    try:
        membership = invitations.accept_invitation(actor, link, _account(request, form))
    except ValidationError as error:
        assert form is not None
        form.update_errors(error)
        return _offer(request, link, form)
    except Refused as refused:
        return _answer(request, "no", 410, link=link, refusal=refused.reason)
    return _welcomed(request, link, membership, actor)


def _account(request: HttpRequest, form: NewAccountForm | None) -> invitations.NewAccount | None:
    if form is None:
        return None
    data = form.cleaned_data
    return invitations.NewAccount(
        data.get("username", ""), data.get("password1"), data["display_name"], proven(request)
    )


def _welcomed(request: HttpRequest, link: Invitation, membership: Membership, actor: Actor) -> HttpResponse:
    links.let_go(request)
    request.session.pop(PROVEN, None)
    if not actor.signed_in:
        enter(request, membership.user)
    words = {"city": link.space.title, "role": ROLE_NAMES[link.role]}
    messages.success(request, _("You work in %(city)s now. Your role: %(role)s.") % words)
    return redirect(link.space.get_absolute_url())

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from khlong.people.entering import enter, safe_target
from khlong.people.models import User
from khlong.record.errors import Refused
from khlong.training.base import NAMES
from khlong.training.drop import COOKIE, STEPS, may_stand_in
from khlong.training.making import is_whole

HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


@never_cache
def drop(request: HttpRequest) -> HttpResponse:
    """Where the walk begins, with what it needs when the training city is not here yet."""
    return render(
        request, "training/drop.html", {"steps": STEPS, "ready": is_whole() and STEPS[0].page() is not None}
    )


@never_cache
def step(request: HttpRequest, number: int) -> HttpResponse:
    """Lead to the page of a step; a bar goes along until the walk is over."""
    if not 1 <= number <= len(STEPS):
        raise Http404
    page = STEPS[number - 1].page()
    if page is None:
        return redirect("training:drop")
    response = redirect(page)
    response.set_cookie(
        COOKIE, str(number), max_age=7200, httponly=True, samesite="Lax", secure=request.is_secure()
    )
    return response


@never_cache
def end(request: HttpRequest) -> HttpResponse:
    response = redirect("home")
    response.delete_cookie(COOKIE)
    return response


@require_POST
def stand(request: HttpRequest, role: str) -> HttpResponse:
    """Stand in the shoes of somebody of the training city, on the machine itself only and without a password."""
    if not may_stand_in(role):
        raise Http404
    if not on_this_machine(request):
        raise Refused(_("One steps into somebody's shoes on the machine itself only, at its own address."))
    back = safe_target(request, request.POST.get("next"), reverse("training:drop"))
    if role == "resident":
        logout(request)
        return redirect(back)
    user = User.objects.filter(
        username=NAMES[role], is_active=True, memberships__space__is_example=True
    ).first()
    if user is None or user.has_usable_password() or _reaches_further(user):
        raise Http404
    enter(request, user)
    return redirect(back)


def _reaches_further(user: User) -> bool:
    """Whether somebody gave this account rights outside of the training city: then nobody steps into it."""
    return user.is_steward or user.memberships.filter(space__is_example=False).exists()


def on_this_machine(request: HttpRequest) -> bool:
    """Whether somebody sits at the machine: asked from its own address, at its own name, by no server for others."""
    if not getattr(request, "is_local", False):
        return False
    try:
        near = ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    return near and urlsplit(f"//{request.get_host()}").hostname in HOSTS

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from khlong.people import sessions
from khlong.people.forms import SignInForm
from khlong.people.models import User


def _next_page(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else "/"


def enter(request: HttpRequest, user: User) -> None:
    """Sign somebody in whom a password or a link has proved."""
    login(request, user, backend="khlong.people.backends.NameOrEmailBackend")
    sessions.begin(request, user)


@sensitive_post_parameters("password")
@never_cache
def signin(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid() and form.user is not None:
        enter(request, form.user)
        return redirect(_next_page(request))
    status = 422 if form.is_bound else 200
    return render(request, "people/signin.html", {"form": form, "next": _next_page(request)}, status=status)


@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    sessions.forget(request)
    logout(request)
    messages.success(request, _("You are signed out."))
    return redirect("/")

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from khlong.people import passkeys, sessions
from khlong.people.entering import proceed, safe_target
from khlong.people.forms import SignInForm
from khlong.people.line import client


def _next_page(request: HttpRequest) -> str:
    return safe_target(request, request.POST.get("next") or request.GET.get("next"))


@sensitive_post_parameters("password")
@never_cache
def signin(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid() and form.user is not None:
        return proceed(request, form.user, _next_page(request))
    status = 422 if form.is_bound else 200
    return render(
        request,
        "people/signin.html",
        {
            "form": form,
            "next": _next_page(request),
            "passkeys_possible": passkeys.possible(request),
            "line_on": client.configured(),
        },
        status=status,
    )


@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    sessions.forget(request)
    logout(request)
    messages.success(request, _("You are signed out."))
    return redirect("/")

"""A forgotten password: by a link to one's own address where letters are sent, and whom to ask where they are not."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from khlong.people import actions, mail, throttle
from khlong.people.forms import ForgottenForm, NewPassword
from khlong.people.models import User
from khlong.ui.address import absolute

HELD = "held_reset"
FROM_ADDRESS = 10


@never_cache
def forgotten(request: HttpRequest) -> HttpResponse:
    """Who asks gets the same answer whether there is such an account or not."""
    form = ForgottenForm(request.POST or None)
    if not mail.configured() or not form.is_valid():
        context = {"form": form, "letters": mail.configured()}
        return render(request, "people/forgotten.html", context, status=422 if form.is_bound else 200)
    _write(request, form.cleaned_data["person"])
    return render(request, "people/forgotten.html", {"sent": True, "letters": True})


def _write(request: HttpRequest, typed: str) -> None:
    user, address = User.objects.by_name_or_email(typed), request.META.get("REMOTE_ADDR", "")
    if throttle.too_many_of("mail", address, FROM_ADDRESS):
        return
    throttle.note("mail", address)
    if user is None or not user.is_active or throttle.too_many_of("mail", str(user.pk), throttle.MAILS):
        return
    throttle.note("mail", str(user.pk))
    path = reverse("people:reset", args=[user.pk, default_token_generator.make_token(user)])
    text = _(
        "Somebody, perhaps you, asked for a new password for the user name %(name)s.\n\n%(link)s\n\n"
        "The link holds for an hour and once. If it was not you, do nothing: your password stays."
    )
    words = {"name": user.username, "link": absolute(request, path)}
    mail.post(user.email, _("Khlong: a new password"), text % words)


@require_safe
def open_link(request: HttpRequest, pk: Any, token: str) -> HttpResponse:
    """The address in the letter: its token goes into the session and stays in no address bar."""
    request.session[HELD] = [str(pk), token]
    response = redirect("people:reset_password")
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store, private"
    return response


@sensitive_post_parameters("password1", "password2")
@never_cache
def reset(request: HttpRequest) -> HttpResponse:
    """The form for the new password."""
    user = _asked(request)
    if user is None:
        return render(request, "people/reset_refused.html", status=410)
    form = NewPassword(request.POST or None)
    if form.is_valid() and _changed(user, form):
        request.session.pop(HELD, None)
        logout(request)
        messages.success(request, _("The new password holds. Sign in with it."))
        return redirect("people:signin")
    context = {"form": form, "name": user.username}
    return render(request, "people/reset.html", context, status=422 if form.is_bound else 200)


def _asked(request: HttpRequest) -> User | None:
    """Whose link the browser holds, if it still counts."""
    pk, token = request.session.get(HELD) or ("", "")
    user = User.objects.filter(pk=pk, is_active=True).first() if pk else None
    return user if user is not None and default_token_generator.check_token(user, token) else None


def _changed(user: User, form: NewPassword) -> bool:
    try:
        actions.reset_password(user, form.cleaned_data["password1"])
    except ValidationError as error:
        form.update_errors(error)
    return not form.errors

"""The pages of one's own second factor and address. All ask for a fresh proof first."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from khlong.people import actions, second, totp
from khlong.people.actor import account_actor
from khlong.people.entering import STRONG, asked_for_more, own_confirmed, required
from khlong.people.forms import CodeForm, EmailForm, OwnPasswordForm
from khlong.people.models import User
from khlong.ui.qr import qr_svg


@own_confirmed
def factor(request: HttpRequest, user: User, **_more: Any) -> HttpResponse:
    """What there is, or the way to one."""
    return _page(request, user)


@require_POST
@own_confirmed
def begin(request: HttpRequest, user: User, **_more: Any) -> HttpResponse:
    """Make the secret that the app shall scan."""
    second.begin(user)
    return redirect("people:second")


@sensitive_post_parameters("code")
@require_POST
@own_confirmed
def turn_on(request: HttpRequest, user: User, **_more: Any) -> HttpResponse:
    """The first code of the app; the answer is the page with the codes for the paper."""
    form = CodeForm(request.POST)
    codes = second.confirm(user, form.cleaned_data["code"]) if form.is_valid() else None
    if codes is None:
        if form.is_valid():
            form.add_error(
                "code",
                _("This code does not hold. Wait for the next one; the phone's clock must be right."),
            )
        return _page(request, user, code=form)
    request.session[STRONG] = True
    return _codes(request, codes)


@require_POST
@own_confirmed
def new_codes(request: HttpRequest, user: User, **_more: Any) -> HttpResponse:
    if not second.is_on(user):
        return redirect("people:second")
    return _codes(request, second.new_codes(user))


@sensitive_post_parameters("password")
@require_POST
@own_confirmed
def turn_off(request: HttpRequest, user: User, **_more: Any) -> HttpResponse:
    form = OwnPasswordForm(request.POST, user=user, address=request.META.get("REMOTE_ADDR", ""))
    if user.has_usable_password() and not form.is_valid():
        return _page(request, user, off=form)
    second.turn_off(user)
    messages.success(request, _("The second factor is off."))
    return redirect("people:account")


def _codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return render(request, "people/recovery_codes.html", {"codes": codes})


def _page(
    request: HttpRequest, user: User, code: CodeForm | None = None, off: OwnPasswordForm | None = None
) -> HttpResponse:
    app = second.authenticator_of(user)
    context: dict[str, Any] = {
        "app": app,
        "on": app is not None and app.confirmed_at is not None,
        "must": required(user) and not request.session.get(STRONG),
        "asked_for_more": asked_for_more(account_actor(user)),
        "code": code or CodeForm(),
        "off": off or OwnPasswordForm(user=user, address=""),
        "has_password": user.has_usable_password(),
        "left": second.codes_left(user),
    }
    if app is not None and app.confirmed_at is None:
        secret = second.secret_of(app)
        context |= {"qr": qr_svg(totp.address(secret, user.username)), "secret": totp.grouped(secret)}
    return render(request, "people/second.html", context, status=422 if code or off else 200)


@own_confirmed
def email(request: HttpRequest, user: User, **_more: Any) -> HttpResponse:
    form = EmailForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        actions.change_email(user, form.cleaned_data["email"])
        messages.success(request, _("Saved."))
        return redirect("people:account")
    return render(request, "people/email.html", {"form": form}, status=422 if form.is_bound else 200)

"""The second step of signing in, and proving again that it is still the same person."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from khlong.people import passkeys, second, throttle
from khlong.people.entering import confirm as note_proof
from khlong.people.entering import enter, own, pending, safe_target
from khlong.people.forms import CodeForm, OwnPasswordForm
from khlong.people.line import client, identities
from khlong.people.models import User

KIND = "code"


@sensitive_post_parameters("code")
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """The page between the password and the house."""
    waiting = pending(request)
    if waiting is None:
        messages.error(request, _("That took too long. Sign in with your password again."))
        return redirect("people:signin")
    user, then = waiting
    form = CodeForm(request.POST or None)
    if form.is_valid() and _right(user, form):
        enter(request, user, strong=True)
        _count_paper(request, user, form)
        return redirect(then)
    context = {
        "form": form,
        "name": user.username,
        "second_on": second.is_on(user),
        "passkeys_possible": passkeys.possible(request) and user.passkeys.exists(),
        "next": then,
    }
    return render(request, "people/code.html", context, status=422 if form.is_bound else 200)


def _right(user: User, form: CodeForm) -> bool:
    """Whether the code holds; says in the form why not."""
    if throttle.too_many_of(KIND, str(user.pk), throttle.CODES):
        form.add_error("code", _("Too many wrong codes. Wait 15 minutes and try again."))
        return False
    if second.accept(user, form.cleaned_data["code"]):
        return True
    throttle.note(KIND, str(user.pk))
    form.add_error(
        "code",
        _(
            "This code does not hold. A code of the app holds for half a minute and once: wait for the next one. "
            "If that one is refused too, set the clock of the phone to automatic."
        ),
    )
    return False


def _count_paper(request: HttpRequest, user: User, form: CodeForm) -> None:
    if len(second.digits_of(form.cleaned_data["code"])) == second.CODE_DIGITS:
        words = _("You used a code from your paper. Codes left: %(number)s. Cross the used one out.")
        messages.success(request, words % {"number": second.codes_left(user)})


@sensitive_post_parameters("password")
@own
def confirm(request: HttpRequest, user: User, **_more: object) -> HttpResponse:
    """The page before a change that could take the account over."""
    then = safe_target(request, request.POST.get("next") or request.GET.get("next"), "/account/")
    address = request.META.get("REMOTE_ADDR", "")
    form = OwnPasswordForm(request.POST or None, user=user, address=address)
    if form.is_valid():
        note_proof(request)
        return redirect(then)
    context = {
        "form": form,
        "next": then,
        "has_password": user.has_usable_password(),
        "line_on": client.configured() and identities.is_linked(user),
        "passkeys_possible": passkeys.possible(request) and user.passkeys.exists(),
    }
    return render(request, "people/confirm.html", context, status=422 if form.is_bound else 200)

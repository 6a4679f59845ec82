"""The page of one's own account. Everything on it is of the person who asks, and of nobody else."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from khlong.people import actions, panels, sessions
from khlong.people.entering import asked_for_more, confirm, is_fresh, own
from khlong.people.forms import DetailsForm, PasswordForm
from khlong.people.line import client, identities
from khlong.people.middleware import actor_of
from khlong.people.models import User
from khlong.people.proofs import Authenticator, Identity


@own
def account(request: HttpRequest, user: User, **_more: Any) -> HttpResponse:
    form = DetailsForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        actions.change_details(user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("people:account")
    return _page(request, user, details=form)


@sensitive_post_parameters("old_password", "password1", "password2")
@require_POST
@own
def password(request: HttpRequest, user: User, **_more: Any) -> HttpResponse:
    if not user.has_usable_password() and not is_fresh(request):
        return redirect(f"{reverse('people:confirm')}?next={reverse('people:account')}")
    form, before = PasswordForm(request.POST, request=request), request.session.session_key
    if not form.is_valid():
        return _page(request, user, password=form)
    try:
        actions.change_password(user, form.cleaned_data["password1"], keep=before)
    except ValidationError as error:
        form.update_errors(error)
        return _page(request, user, password=form)
    update_session_auth_hash(request, user)
    confirm(request)
    sessions.move(request, before)
    messages.success(request, _("The new password holds. You are signed out everywhere else."))
    return redirect("people:account")


@require_POST
@own
def end_session(request: HttpRequest, user: User, **more: Any) -> HttpResponse:
    """End one of one's own sessions; somebody else's is not found."""
    record = get_object_or_404(user.session_records, pk=more["pk"])
    this = record.key_hash == sessions.digest_of(request.session.session_key)
    actions.end_session(user, record)
    if this:
        request.session.flush()
        return redirect("people:signin")
    messages.success(request, _("That device is signed out."))
    return redirect("people:account")


@require_POST
@own
def end_others(request: HttpRequest, user: User, **_more: Any) -> HttpResponse:
    actions.end_other_sessions(user, request.session.session_key)
    messages.success(request, _("You are signed out everywhere else."))
    return redirect("people:account")


def _page(
    request: HttpRequest,
    user: User,
    details: DetailsForm | None = None,
    password: PasswordForm | None = None,
) -> HttpResponse:
    this = sessions.digest_of(request.session.session_key)
    refused = [form for form in (details, password) if form is not None and form.is_bound]
    context = {
        "user": user,
        "details": details or DetailsForm(user=user),
        "password": password or PasswordForm(request=request),
        "sessions": [(row, row.key_hash == this) for row in user.session_records.all()],
        "panels": panels.of(actor_of(request)),
        "line_on": client.configured(),
        **ways_in(user),
        "asked_for_more": asked_for_more(actor_of(request)),
    }
    return render(request, "people/account.html", context, status=422 if refused else 200)


def ways_in(user: User) -> dict[str, Any]:
    """What besides the password lets somebody in; one query."""
    confirmed = Authenticator.objects.filter(user=OuterRef("pk"), confirmed_at__isnull=False)
    linked = Identity.objects.filter(user=OuterRef("pk"), provider=identities.PROVIDER)
    row = User.objects.filter(pk=user.pk).values(
        second_on=Exists(confirmed), line_linked=Exists(linked), keys=Count("passkeys")
    )
    found = row.get()
    return {**found, "passkeys": found["keys"]}

"""Passkeys in the browser: one's own list, registering, and signing in with one. A script asks and sends JSON."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from khlong.people import challenges, passkeys, throttle
from khlong.people.entering import confirm, enter, own, own_confirmed, pending, safe_target
from khlong.people.forms import PasskeyForm
from khlong.people.models import User

ADD, ENTER, SECOND, CONFIRM = "passkey_add", "passkey_in", "passkey_second", "passkey_same"
TRIES = 20
log = logging.getLogger(__name__)


@own_confirmed
def mine(request: HttpRequest, user: User, **_more: Any) -> HttpResponse:
    context = {
        "rows": user.passkeys.all(),
        "form": PasskeyForm(),
        "possible": passkeys.possible(request),
        "host": passkeys.host_of(request),
    }
    return render(request, "people/passkeys.html", context)


@require_POST
@own_confirmed
def begin_add(request: HttpRequest, user: User, **_more: Any) -> HttpResponse:
    options, state = passkeys.begin_registration(request, user)
    challenges.ask(request, ADD, state)
    return JsonResponse(options)


@require_POST
@own_confirmed
def add(request: HttpRequest, user: User, **_more: Any) -> HttpResponse:
    """Keep what the browser made."""
    state, sent = challenges.take(request, ADD), _sent(request)
    name = str(sent.get("name", "")).strip()[:60] or _("Passkey")
    if state is None:
        return _no(_("That took too long. Begin again."))
    try:
        passkeys.finish_registration(request, user, state, _answer(sent), name)
    except passkeys.PasskeyRefused as refused:
        log.info("passkey refused: %s", refused)
        return _no(_("This passkey could not be kept. Begin again, or use another device."))
    messages.success(request, _("The passkey is ready. The next time you can sign in with it."))
    return JsonResponse({"to": reverse("people:passkeys")})


@require_POST
@own_confirmed
def remove(request: HttpRequest, user: User, **more: Any) -> HttpResponse:
    passkeys.remove(user, get_object_or_404(user.passkeys, pk=more["pk"]))
    messages.success(request, _("The passkey signs in no more. Remove it from the device too."))
    return redirect("people:passkeys")


@never_cache
@require_POST
def begin_enter(request: HttpRequest) -> HttpResponse:
    """Ask for any passkey, or after a password for one of that account."""
    waiting = pending(request)
    options, state = passkeys.begin_proof(request, waiting[0] if waiting else None)
    challenges.ask(request, SECOND if waiting else ENTER, state)
    return JsonResponse(options)


@never_cache
@require_POST
def finish_enter(request: HttpRequest) -> HttpResponse:
    """Sign in with the passkey: it is something that one has, opened with a finger or a PIN, so no code is asked."""
    address, waiting, sent = request.META.get("REMOTE_ADDR", ""), pending(request), _sent(request)
    if throttle.too_many_of("passkey", address, TRIES):
        return _no(_("Too many tries from here. Wait 15 minutes and try again."), 429)
    state = challenges.take(request, SECOND if waiting else ENTER)
    if state is None:
        return _no(_("That took too long. Begin again."))
    try:
        user = passkeys.finish_proof(request, state, _answer(sent), waiting[0] if waiting else None)
    except passkeys.PasskeyRefused as refused:
        log.info("passkey refused: %s", refused)
        throttle.note("passkey", address)
        return _no(_("This passkey does not hold here. Sign in with your name and password."))
    then = waiting[1] if waiting else safe_target(request, str(sent.get("next", "")))
    enter(request, user, strong=True)
    return JsonResponse({"to": then})


@require_POST
@own
def begin_confirm(request: HttpRequest, user: User, **_more: Any) -> HttpResponse:
    options, state = passkeys.begin_proof(request, user)
    challenges.ask(request, CONFIRM, state)
    return JsonResponse(options)


@require_POST
@own
def finish_confirm(request: HttpRequest, user: User, **_more: Any) -> HttpResponse:
    state, sent = challenges.take(request, CONFIRM), _sent(request)
    if state is None:
        return _no(_("That took too long. Begin again."))
    try:
        passkeys.finish_proof(request, state, _answer(sent), user)
    except passkeys.PasskeyRefused as refused:
        log.info("passkey refused: %s", refused)
        return _no(_("This passkey does not hold here. Use your password."))
    confirm(request)
    return JsonResponse({"to": safe_target(request, str(sent.get("next", "")), reverse("people:account"))})


def _sent(request: HttpRequest) -> dict[str, Any]:
    try:
        found = json.loads(request.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _answer(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    found = sent.get("answer")
    return found if isinstance(found, dict) else {}


def _no(words: str, status: int = 422) -> HttpResponse:
    return JsonResponse({"error": words}, status=status)

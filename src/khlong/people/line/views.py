"""The way to LINE and back: signing in, linking, proving again who one is, and coming with an invitation."""

from __future__ import annotations

import base64
import hmac
import secrets
import time
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from khlong.people import challenges, throttle, vault
from khlong.people.entering import confirm, is_fresh, own_confirmed, proceed, safe_target
from khlong.people.line import client, identities
from khlong.people.models import User
from khlong.people.sealing import SealBrokenError

SLOT, PROVEN = "line", "line_proven"
ENTER, LINK, CONFIRM, INVITED = "enter", "link", "confirm", "invited"
PROVEN_SECONDS = 900
TRIES = 30


def _back(request: HttpRequest) -> str:
    """The callback that is registered with LINE, to the letter."""
    return request.build_absolute_uri(reverse("people:line_back"))


@never_cache
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Ask LINE who this is. The answer is a page that goes there, so that the policy for forms stays closed."""
    purpose = request.POST.get("purpose", ENTER)
    if not client.configured() or purpose not in {ENTER, LINK, CONFIRM, INVITED}:
        raise Http404
    if purpose in {LINK, CONFIRM} and not isinstance(request.user, User):
        return redirect("people:signin")
    if purpose == LINK and not is_fresh(request):
        return redirect(f"{reverse('people:confirm')}?next={reverse('people:line')}")
    asked = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    who = str(request.user.pk) if isinstance(request.user, User) else ""
    data = asked | {"purpose": purpose, "user": who, "next": safe_target(request, request.POST.get("next"))}
    challenges.ask(request, SLOT, data, key=asked["state"])
    language = "en-US" if get_language() == "en" else "th-TH"
    there = client.address(_back(request), asked["state"], asked["nonce"], asked["verifier"], language)
    return render(request, "people/to_line.html", {"there": there})


@never_cache
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """LINE sends the reader back here, with a code or with an error."""
    if not client.configured():
        raise Http404
    asked = challenges.take(request, SLOT)
    if asked is None or not hmac.compare_digest(
        request.GET.get("state", "").encode(), asked["state"].encode()
    ):
        return _no(request, asked, client.FORGED)
    if request.GET.get("error"):
        return _no(request, asked, client.words_for(request.GET["error"]))
    address = request.META.get("REMOTE_ADDR", "")
    if throttle.too_many_of(SLOT, address, TRIES):
        return _no(request, asked, _("Too many tries from here. Wait 15 minutes and try again."))
    throttle.note(SLOT, address)
    try:
        person = client.person_of(
            request.GET.get("code", ""), _back(request), asked["verifier"], asked["nonce"]
        )
    except client.LineRefused as refused:
        return _no(request, asked, refused.words)
    return DONE[asked["purpose"]](request, asked, person)


def _no(request: HttpRequest, asked: dict[str, Any] | None, words: Any) -> HttpResponse:
    """Back to where it began, with the reason."""
    messages.error(request, str(words))
    purpose = asked["purpose"] if asked else ENTER
    if purpose == INVITED and asked:
        return redirect(asked["next"])
    signed_in = isinstance(request.user, User)
    return redirect(
        "people:line" if purpose == LINK and signed_in else "people:account" if signed_in else "people:signin"
    )


def _enter(request: HttpRequest, asked: dict[str, Any], person: client.Person) -> HttpResponse:
    user = identities.account_of(person.subject)
    if user is None:
        words = _(
            "No account here is linked to this LINE. Sign in with your name and password and link it on your "
            "account page. If you are new, open your invitation first."
        )
        return _no(request, asked, words)
    return proceed(request, user, asked["next"])


def _link(request: HttpRequest, asked: dict[str, Any], person: client.Person) -> HttpResponse:
    user = request.user
    if not isinstance(user, User) or str(user.pk) != asked["user"] or not is_fresh(request):
        return _no(request, asked, client.FORGED)
    try:
        identities.link(user, person.subject)
    except ValidationError as error:
        return _no(request, asked, error.messages[0])
    messages.success(request, _("LINE is linked. You can sign in with it."))
    return redirect("people:line")


def _confirm(request: HttpRequest, asked: dict[str, Any], person: client.Person) -> HttpResponse:
    user = identities.account_of(person.subject)
    if user is None or user != request.user:
        return _no(request, asked, _("This LINE account is not linked to yours."))
    confirm(request)
    return redirect(asked["next"])


def _invited(request: HttpRequest, asked: dict[str, Any], person: client.Person) -> HttpResponse:
    user = identities.account_of(person.subject)
    if user is not None:
        return proceed(request, user, asked["next"])
    sealed = base64.b64encode(vault.seal(person.subject, PROVEN)).decode()
    request.session[PROVEN] = {"subject": sealed, "name": person.name[:120], "at": int(time.time())}
    return redirect(asked["next"])


DONE = {ENTER: _enter, LINK: _link, CONFIRM: _confirm, INVITED: _invited}


def proven(request: HttpRequest) -> client.Person | None:
    """Who has just shown at LINE who she is and has no account here; for a quarter of an hour."""
    held = request.session.get(PROVEN)
    if not held or time.time() - held["at"] > PROVEN_SECONDS or not client.configured():
        return None
    try:
        return client.Person(vault.unseal(base64.b64decode(held["subject"]), PROVEN), held["name"])
    except SealBrokenError:
        return None


@own_confirmed
def mine(request: HttpRequest, user: User, **_more: Any) -> HttpResponse:
    """Whether LINE is linked, and the button for either."""
    if not client.configured() and not identities.is_linked(user):
        raise Http404
    context = {"linked": identities.is_linked(user), "line_on": client.configured()}
    return render(request, "people/line.html", context)


@require_POST
@own_confirmed
def unlink(request: HttpRequest, user: User, **_more: Any) -> HttpResponse:
    try:
        identities.unlink(user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("people:line")
    messages.success(request, _("LINE is unlinked; it signs in no more."))
    return redirect("people:account")

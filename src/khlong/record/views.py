"""What waits for somebody, and the letter about it."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from khlong.people.middleware import actor_of
from khlong.people.models import User
from khlong.record import digest, mail
from khlong.record.forms import DigestForm
from khlong.record.models import Digest
from khlong.record.waits import due_words, grouped, waiting
from khlong.ui.text import language

PER_PAGE = 50


def _to_sign_in(name: str) -> HttpResponse:
    return redirect(f"{reverse('people:signin')}?next={reverse(name)}")


@never_cache
def waits(request: HttpRequest) -> HttpResponse:
    """Everything that waits for whoever is signed in, by city and kind, oldest first, paged."""
    actor, today = actor_of(request), timezone.localdate()
    if actor.user is None:
        return _to_sign_in("record:waits")
    page = Paginator(waiting(actor), PER_PAGE).get_page(request.GET.get("page"))
    places = [
        (place, [(kind, [(wait, due_words(wait.due, today)) for wait in rows]) for kind, rows in kinds])
        for place, kinds in grouped(page.object_list)
    ]
    context = {"page_obj": page, "places": places}
    context |= {"letter": digest.in_words(digest.of(actor.user))}
    return render(request, "record/waits.html", context)


@never_cache
def letter(request: HttpRequest) -> HttpResponse:
    """How often somebody wants the letter, set by herself."""
    actor = actor_of(request)
    if not isinstance(actor.user, User):
        return _to_sign_in("record:letter")
    standing = digest.of(actor.user)
    form = DigestForm(request.POST if request.method == "POST" else None, user=actor.user, instance=standing)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        digest.set_digest(actor, actor.user, data["every"], data["hour"], language())
        messages.success(request, _("Saved."))
        return redirect("people:account")
    context = {"form": form, "user": actor.user, "sends": mail.is_on()}
    return render(request, "record/letter.html", context, status=422 if form.is_bound else 200)


@csrf_exempt
@never_cache
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """The link at the foot of a letter, and the address in its head that mail programmes post to (RFC 8058).

    It works without signing in and without a form's token: it can only end letters, and whoever holds the
    letter may do that. Opening it changes nothing, since mail programmes open links to look at them.
    """
    found = digest.by_token(token)
    if found is None:
        raise Http404
    if request.method == "POST":
        digest.stop(found)
    context = {"stopped": found.every == Digest.Every.NEVER}
    return render(request, "record/stop.html", context)

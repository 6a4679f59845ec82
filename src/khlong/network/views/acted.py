"""What somebody sees who opened a link to act: what it allows, and the button that begins."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from khlong.network import acting, links
from khlong.network.models import ActingLink
from khlong.people import throttle
from khlong.people.middleware import actor_of
from khlong.record.errors import Refused

KIND = "acting"
SIGNED_IN = gettext_lazy(
    "You are signed in, and this link is for people without an account. Sign out, and open it again."
)


@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """The address on the paper. Nothing is begun nor bound yet."""
    return links.take_over(request, token, KIND, "network:acting")


@never_cache
def acting_page(request: HttpRequest) -> HttpResponse:
    """What the link allows, where and until when; begun by pressing."""
    address = request.META.get("REMOTE_ADDR", "")
    if throttle.too_many_links(address):
        return _refused(request, "throttled", 429)
    digest = links.held(request, KIND)
    link = ActingLink.objects.select_related("space", "made_by").filter(digest=digest).first()
    if link is None:
        if digest:
            throttle.note_dead_link(address)
        return _refused(request, "unknown", 404)
    why = acting.refusal_of(link, request.session.get(acting.BROWSER, ""))
    why = why or (SIGNED_IN if actor_of(request).signed_in else None)
    if why is None and request.method == "POST":
        try:
            acting.begin(request, link)
        except Refused as refused:
            why = refused.reason
        else:
            links.let_go(request)
            messages.success(request, _("You can begin now."))
            return redirect(link.space.get_absolute_url())
    if why is not None:
        return _refused(request, "no", 410, link=link, refusal=why)
    context = {"link": link, "may": acting.titles(link), "is_example": link.space.is_example}
    return render(request, "network/acting.html", context)


@never_cache
def held_page(request: HttpRequest) -> HttpResponse:
    """By what link somebody acts, whether it still works, and the button that ends it."""
    link = None if actor_of(request).signed_in else acting.held_link(request)
    if link is None:
        return _refused(request, "unknown", 404)
    context = {
        "link": link,
        "may": acting.titles(link),
        "why": acting.refusal_of(link, request.session.get(acting.BROWSER, "")),
        "left": None if link.most_uses is None else link.most_uses - link.uses,
        "is_example": link.space.is_example,
    }
    return render(request, "network/acting_held.html", context)


@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """Let the link go. Who wants to go on scans the paper again."""
    acting.end(request)
    messages.success(request, _("You act without the link again."))
    return redirect("/")


def _refused(request: HttpRequest, why: str, status: int, **more: Any) -> HttpResponse:
    return render(request, "network/link_refused.html", {"why": why} | more, status=status)

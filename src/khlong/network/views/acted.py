"""What somebody sees who opened a link to act: what it allows, and the button that begins."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from khlong.network import acting, links
from khlong.network.models import ActingLink
from khlong.people import throttle
from khlong.record.errors import Refused

KIND = "acting"


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
    titles = acting.offered()
    may = [titles[name] for name in link.actions if name in titles]
    return render(
        request, "network/acting.html", {"link": link, "may": may, "is_example": link.space.is_example}
    )


def _refused(request: HttpRequest, why: str, status: int, **more: Any) -> HttpResponse:
    return render(request, "network/link_refused.html", {"why": why} | more, status=status)

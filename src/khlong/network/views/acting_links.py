"""The links with which people without an account act in a city: listed, made, printed and withdrawn by its owners."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from khlong.network import acting
from khlong.network.acting_forms import ActingLinkForm
from khlong.network.models import ActingLink
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.places.models import City
from khlong.places.views.cities import city_or_404
from khlong.record.errors import Refused
from khlong.ui.address import absolute, only_here
from khlong.ui.qr import qr_svg

PER_PAGE = 25


def may_make(request: HttpRequest, slug: str) -> City:
    """The city, for its owners and stewards; Refused for everybody else."""
    city, actor = city_or_404(request, slug), actor_of(request)
    if not can(actor, Verb.MANAGE, ActingLink(space=city.node)):
        words = _("Only the owners of the city and stewards make links for it.")
        raise Refused(words if actor.signed_in else None)
    return city


@never_cache
def acting_links(request: HttpRequest, slug: str) -> HttpResponse:
    """The links of a city, newest first, with what they allow and how often they were used."""
    city = may_make(request, slug)
    found = ActingLink.objects.filter(space=city.node).select_related("space", "made_by")
    page = Paginator(scope(actor_of(request), found), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(link, acting.titles(link), acting.dead(link) is None) for link in page.object_list]
    context = {"city": city, "rows": rows, "page_obj": page, "is_example": city.node.is_example}
    return render(request, "network/acting_links.html", context)


@never_cache
def make(request: HttpRequest, slug: str) -> HttpResponse:
    """The form of a link; its answer is the page to print, which cannot be opened again."""
    city = may_make(request, slug)
    form = ActingLinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made, token = acting.make_acting_link(actor_of(request), city.node, **form.values())
        except Refused as refused:
            form.add_error(None, str(refused.reason))
        else:
            return _printed(request, city, made, token)
    context = {"city": city, "form": form, "is_example": city.node.is_example}
    return render(request, "network/make_acting.html", context, status=422 if form.is_bound else 200)


def _printed(request: HttpRequest, city: City, made: ActingLink, token: str) -> HttpResponse:
    address = absolute(request, reverse("network:open_acting", args=[token]))
    context = {
        "city": city,
        "link": made,
        "may": acting.titles(made),
        "address": address,
        "qr": qr_svg(address),
        "only_here": only_here(request),
        "is_example": city.node.is_example,
    }
    return render(request, "network/acting_paper.html", context)


@require_POST
def withdraw(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    city, actor = may_make(request, slug), actor_of(request)
    rows = scope(actor, ActingLink.objects.filter(space=city.node), Verb.MANAGE)
    acting.withdraw_acting_link(actor, get_object_or_404(rows, pk=pk))
    messages.success(
        request, _("The link is withdrawn; it opens nothing any more, nor for those who hold it.")
    )
    return redirect("network:acting_links", slug=slug)

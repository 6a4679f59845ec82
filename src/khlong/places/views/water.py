from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from khlong.chain.editing import Edit, edit_page
from khlong.chain.models import Kind, Node
from khlong.chain.things import new_thing
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.places import actions
from khlong.places.forms import CanalForm, GaugeForm
from khlong.places.models import Canal, Gauge
from khlong.places.page import FactsPage


def programme_space() -> Node | None:
    """The space of what belongs to no single city."""
    return Node.objects.filter(kind=Kind.PROGRAMME).select_related("space").order_by("ref").first()


def canals(request: HttpRequest) -> HttpResponse:
    rows = scope(
        actor_of(request), Canal.objects.select_related("node", "flows_into__node")
    ).prefetch_related("cities")
    page = Paginator(rows.order_by("sort_key"), 40).get_page(request.GET.get("page"))
    space = programme_space()
    may_add = space is not None and can(
        actor_of(request), Verb.ADD, new_thing(Canal, Kind.CANAL, space=space)
    )
    return render(request, "places/canals.html", {"page_obj": page, "may_add": may_add})


def canal(request: HttpRequest, ref: str) -> HttpResponse:
    rows = scope(actor_of(request), Canal.objects.select_related("node__space", "flows_into__node"))
    found = get_object_or_404(rows, node__ref=ref)
    gauges = list(scope(actor_of(request), Gauge.objects.filter(canal=found).select_related("node")))
    return _water(
        request, found, "places/canal.html", gauges=gauges, cities=found.cities.order_by("sort_key")
    )


def gauge(request: HttpRequest, ref: str) -> HttpResponse:
    rows = scope(actor_of(request), Gauge.objects.select_related("node__space", "canal__node"))
    return _water(request, get_object_or_404(rows, node__ref=ref), "places/gauge.html")


def _water(request: HttpRequest, thing: Canal | Gauge, template: str, **more: Any) -> HttpResponse:
    actor = actor_of(request)
    context = {
        "thing": thing,
        "page": FactsPage(actor, [thing.node]),
        "may_change": can(actor, Verb.CHANGE, thing),
        "is_example": thing.node.is_example,
    }
    return render(request, template, context | more)


def add_canal(request: HttpRequest) -> HttpResponse:
    made = new_thing(Canal, Kind.CANAL, space=programme_space())
    edit = Edit(made, CanalForm, actions.save_canal, _("Add a canal"), reverse("places:canals"))
    return edit_page(request, edit)


def edit_canal(request: HttpRequest, ref: str) -> HttpResponse:
    found = get_object_or_404(
        scope(actor_of(request), Canal.objects.select_related("node__space")), node__ref=ref
    )
    return edit_page(
        request, Edit(found, CanalForm, actions.save_canal, _("Edit the canal"), found.get_absolute_url())
    )


def add_gauge(request: HttpRequest) -> HttpResponse:
    made = new_thing(Gauge, Kind.GAUGE, space=programme_space())
    edit = Edit(made, GaugeForm, actions.save_gauge, _("Add a water gauge"), reverse("places:canals"))
    return edit_page(request, edit)


def edit_gauge(request: HttpRequest, ref: str) -> HttpResponse:
    found = get_object_or_404(
        scope(actor_of(request), Gauge.objects.select_related("node__space")), node__ref=ref
    )
    return edit_page(
        request,
        Edit(found, GaugeForm, actions.save_gauge, _("Edit the water gauge"), found.get_absolute_url()),
    )

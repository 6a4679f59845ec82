from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from khlong.chain.editing import Edit, edit_page
from khlong.chain.models import Kind
from khlong.chain.status import helps_along
from khlong.chain.things import new_thing
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.places import actions, panels
from khlong.places.forms import CityForm, CommunityForm, ZoneForm
from khlong.places.models import City, Community, Zone
from khlong.places.page import CityPage
from khlong.places.queries import one_statement, seen_facts, with_areas
from khlong.places.views import facts
from khlong.places.views.parts import edit_part
from khlong.record.models import AuditEntry


def _cities(request: HttpRequest) -> QuerySet[City]:
    return scope(actor_of(request), City.objects.select_related("node", "province", "source"))


def city_or_404(request: HttpRequest, slug: str) -> City:
    return get_object_or_404(_cities(request), slug=slug)


def city_rows(request: HttpRequest, rows: QuerySet[City]) -> list[dict[str, Any]]:
    """Cities with what every room shows of them in a list, the full ones first."""
    found = list(
        rows.prefetch_related("authorities").order_by("node__is_example", "-is_full", "region", "sort_key")
    )
    actor = actor_of(request)
    more, known = panels.of_rows(actor, found), one_statement(actor, found)
    return [{"city": city, "known": known.get(city.pk), **more[city.pk]} for city in found]


def cities(request: HttpRequest) -> HttpResponse:
    """All cities of the programme, paged."""
    page = SimpleLazyObject(
        lambda: Paginator(city_rows(request, _cities(request)), 24).get_page(request.GET.get("page"))
    )
    context = {"page_obj": page, "helps_along": helps_along(actor_of(request))}
    return render(request, "places/cities.html", context)


def city(request: HttpRequest, slug: str) -> HttpResponse:
    """A city: its vision, its people, its dates, its figures, and what is not published."""
    found = get_object_or_404(with_areas(_cities(request)), slug=slug)
    page = CityPage(actor_of(request), found)
    context = {
        "city": found,
        "page": page,
        "may_change": page.may_change,
        "may_add_fact": facts.may_add_facts(actor_of(request), found.node),
        "is_example": found.node.is_example,
    }
    return render(request, "places/city.html", context)


def city_by_ref(request: HttpRequest, ref: str) -> HttpResponse:
    found = get_object_or_404(_cities(request), node__ref=ref)
    return redirect("places:city", slug=found.slug)


def edit_city(request: HttpRequest, slug: str) -> HttpResponse:
    found = city_or_404(request, slug)
    back = reverse("places:city", args=[slug])
    intro = _("A city is a social area. It joins one or several local authorities and is none of them.")
    aside = _authority_links(request, found)
    edit = Edit(found, CityForm, actions.save_city, _("Edit the city"), back, intro, aside=aside)
    return edit_page(request, edit)


def _authority_links(request: HttpRequest, city: City) -> tuple[tuple[str, str], ...]:
    """Where an authority is added, and for a steward where one is corrected."""
    add = (
        _("Add a local authority that is not in the list"),
        reverse("places:add_authority", args=[city.slug]),
    )
    if not actor_of(request).is_steward:
        return (add,)
    mend = [
        (
            _("Correct %(authority)s") % {"authority": row.name},
            reverse("places:edit_authority", args=[city.slug, row.pk]),
        )
        for row in city.authorities.order_by("sort_key")
    ]
    return (add, *mend)


def city_facts(request: HttpRequest, slug: str) -> HttpResponse:
    """All facts of a city, paged."""
    found = city_or_404(request, slug)
    rows = seen_facts(actor_of(request)).filter(node__space=found.node)
    title = _("Facts of %(city)s") % {"city": found.name}
    may_add = facts.may_add_facts(actor_of(request), found.node)
    return facts.facts_page(request, rows, title, {"city": found, "may_add_fact": may_add})


def city_changes(request: HttpRequest, slug: str) -> HttpResponse:
    """Who changed what in a city: field names, never values; for those who work there."""
    found = city_or_404(request, slug)
    rows = scope(actor_of(request), AuditEntry.objects.filter(space=found.pk))
    page = Paginator(rows.order_by("-id"), 40).get_page(request.GET.get("page"))
    return render(request, "places/changes.html", {"city": found, "page_obj": page})


def community(request: HttpRequest, ref: str) -> HttpResponse:
    """A community, its zones by their time, and what is known of it."""
    found = _community(request, ref)
    page = CityPage(actor_of(request), found.city, only=found)
    context = {
        "community": found,
        "zones": found.zones.order_by("valid_from", "sort_key"),
        "page": page,
        "may_change": can(actor_of(request), Verb.CHANGE, found),
        "may_add_fact": facts.may_add_facts(actor_of(request), found.node),
        "is_example": found.node.is_example,
    }
    return render(request, "places/community.html", context)


def _community(request: HttpRequest, ref: str) -> Community:
    rows = Community.objects.select_related("node__space", "city__node", "city__province", "source")
    return get_object_or_404(scope(actor_of(request), rows), node__ref=ref)


def add_community(request: HttpRequest, slug: str) -> HttpResponse:
    found = city_or_404(request, slug)
    made = new_thing(Community, Kind.COMMUNITY, space=found.node, is_example=found.node.is_example)
    made.city = found
    edit = Edit(
        made,
        CommunityForm,
        lambda actor, thing, values, **more: actions.save_community(
            actor, thing, values | {"city": found}, **more
        ),
        _("Add a community"),
        reverse("places:city", args=[slug]),
        saved=lambda kept: kept.get_absolute_url(),
    )
    return edit_page(request, edit)


def edit_community(request: HttpRequest, ref: str) -> HttpResponse:
    found = _community(request, ref)
    return edit_page(
        request,
        Edit(found, CommunityForm, actions.save_community, _("Edit the community"), found.get_absolute_url()),
    )


def add_zone(request: HttpRequest, ref: str) -> HttpResponse:
    found = _community(request, ref)
    title = _("Add a zone of %(community)s") % {"community": found.name}
    return edit_part(
        request, Zone(community=found), ZoneForm, actions.save_zone, title, found.get_absolute_url(), of=found
    )


def edit_zone(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    found = _community(request, ref)
    zone = get_object_or_404(Zone.objects.select_related("community__node", "source"), pk=pk, community=found)
    return edit_part(
        request, zone, ZoneForm, actions.save_zone, _("Edit the zone"), found.get_absolute_url(), of=found
    )

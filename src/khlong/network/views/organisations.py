from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from khlong.chain.editing import Edit, edit_page
from khlong.chain.history import history
from khlong.chain.models import Kind
from khlong.chain.things import new_thing
from khlong.network import actions
from khlong.network.forms import OrganisationForm, PartForm
from khlong.network.models import Organisation, Part
from khlong.network.queries import newest_first, seen_meetings, seen_organisations
from khlong.network.spaces import asked_space, writable_spaces
from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.places.page import FactsPage
from khlong.places.views.parts import edit_part

PER_PAGE = 25


def _parts(actor: Actor) -> Prefetch[str]:
    rows = scope(actor, Part.objects.select_related("organisation__node", "city__node", "source"))
    return Prefetch("parts", rows.order_by("order", "id"))


def organisation_or_404(request: HttpRequest, ref: str) -> Organisation:
    return get_object_or_404(seen_organisations(actor_of(request)), node__ref=ref)


def organisations(request: HttpRequest) -> HttpResponse:
    """All organisations with their parts, paged."""
    actor = actor_of(request)
    rows = seen_organisations(actor).prefetch_related(_parts(actor)).order_by("sort_key")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "spaces": SimpleLazyObject(lambda: writable_spaces(actor))}
    return render(request, "network/organisations.html", context)


def organisation(request: HttpRequest, ref: str) -> HttpResponse:
    """An organisation, its parts, its meetings, and what is known of it."""
    actor, found = actor_of(request), organisation_or_404(request, ref)
    meetings = newest_first(seen_meetings(actor))
    context = {
        "organisation": found,
        "parts": scope(actor, found.parts.select_related("organisation__node", "city__node", "source")),
        "organised": meetings.filter(organisers=found)[:20],
        "took_part": meetings.filter(took_part=found)[:20],
        "page": FactsPage(actor, [found.pk]),
        "entries": SimpleLazyObject(lambda: history(found)),
        "may_change": can(actor, Verb.CHANGE, found),
        "is_example": found.node.is_example,
    }
    return render(request, "network/organisation.html", context)


def add_organisation(request: HttpRequest) -> HttpResponse:
    space = asked_space(request)
    edit = Edit(
        new_thing(Organisation, Kind.ORGANISATION, space=space, is_example=space.is_example),
        OrganisationForm,
        actions.save_organisation,
        _("Add an organisation"),
        reverse("network:organisations"),
        saved=lambda kept: kept.get_absolute_url(),
    )
    return edit_page(request, edit)


def edit_organisation(request: HttpRequest, ref: str) -> HttpResponse:
    found = organisation_or_404(request, ref)
    edit = Edit(
        found,
        OrganisationForm,
        actions.save_organisation,
        _("Edit the organisation"),
        found.get_absolute_url(),
    )
    return edit_page(request, edit)


def add_part(request: HttpRequest, ref: str) -> HttpResponse:
    found = organisation_or_404(request, ref)
    return _part_page(request, found, Part(organisation=found), _("Add a role"))


def edit_part_of(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    found = organisation_or_404(request, ref)
    rows = Part.objects.select_related("organisation__node__space", "city__node", "source")
    part = get_object_or_404(scope(actor_of(request), rows), pk=pk, organisation=found)
    return _part_page(request, found, part, _("Edit the role"))


def _part_page(request: HttpRequest, found: Organisation, part: Part, title: str) -> HttpResponse:
    heading = f"{title} · {found.name}"
    back = found.get_absolute_url()
    return edit_part(request, part, PartForm, actions.save_part, heading, back, of=found)

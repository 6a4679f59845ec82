from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from khlong.assessment import actions
from khlong.assessment.forms import EventForm
from khlong.assessment.models import Event
from khlong.assessment.queries import seen_events
from khlong.chain.editing import Edit, edit_page
from khlong.chain.history import history
from khlong.chain.models import Kind
from khlong.chain.things import new_thing
from khlong.network.queries import seen_cities
from khlong.network.spaces import asked_space, writable_spaces
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can
from khlong.places.page import FactsPage

PER_PAGE = 20


def events(request: HttpRequest) -> HttpResponse:
    """All events, newest first, paged."""
    actor = actor_of(request)
    rows = seen_events(actor).prefetch_related(seen_cities(actor))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "assessment/events.html",
        {"page_obj": page, "spaces": SimpleLazyObject(lambda: writable_spaces(actor))},
    )


def event(request: HttpRequest, ref: str) -> HttpResponse:
    """An event: its figures side by side with who reported them, what is said of it, and its cities."""
    actor = actor_of(request)
    rows = seen_events(actor).prefetch_related(seen_cities(actor))
    found = get_object_or_404(rows, node__ref=ref)
    context = {
        "event": found,
        "page": FactsPage(actor, [found.pk]),
        "entries": SimpleLazyObject(lambda: history(found)),
        "may_change": can(actor, Verb.CHANGE, found),
        "is_example": found.node.is_example,
    }
    return render(request, "assessment/event.html", context)


def add_event(request: HttpRequest) -> HttpResponse:
    """Add an event of the region, or of the city that `?space=` names."""
    space = asked_space(request)
    edit = Edit(
        new_thing(Event, Kind.EVENT, space=space, is_example=space.is_example),
        EventForm,
        actions.save_event,
        _("Add an event"),
        reverse("assessment:events"),
        intro=space.title,
        initial={"cities": [space.pk]} if space.kind == Kind.CITY else {},
        saved=lambda kept: kept.get_absolute_url(),
    )
    return edit_page(request, edit)


def edit_event(request: HttpRequest, ref: str) -> HttpResponse:
    found = get_object_or_404(seen_events(actor_of(request)), node__ref=ref)
    back = found.get_absolute_url()
    return edit_page(request, Edit(found, EventForm, actions.save_event, _("Edit the event"), back))

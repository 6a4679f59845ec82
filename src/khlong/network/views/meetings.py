from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
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
from khlong.network.forms import MeetingForm
from khlong.network.models import Meeting
from khlong.network.queries import MeetingPage, newest_first, seen_cities, seen_meetings
from khlong.network.spaces import asked_space, writable_spaces
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can

PER_PAGE = 20


def meetings(request: HttpRequest) -> HttpResponse:
    """All meetings, newest first, paged."""
    actor = actor_of(request)
    rows = newest_first(seen_meetings(actor)).prefetch_related(seen_cities(actor))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "network/meetings.html",
        {"page_obj": page, "spaces": SimpleLazyObject(lambda: writable_spaces(actor))},
    )


def meeting(request: HttpRequest, ref: str) -> HttpResponse:
    """A meeting: when, where, who, what happened, and the advice that was given there."""
    actor = actor_of(request)
    rows = seen_meetings(actor).select_related("minutes", "work_group__node")
    found = get_object_or_404(rows.prefetch_related(seen_cities(actor)), node__ref=ref)
    context = {
        "meeting": found,
        "page": MeetingPage(actor, found),
        "entries": SimpleLazyObject(lambda: history(found)),
        "may_change": can(actor, Verb.CHANGE, found),
        "is_example": found.node.is_example,
    }
    return render(request, "network/meeting.html", context)


def add_meeting(request: HttpRequest) -> HttpResponse:
    """Add a meeting of the programme, or of the city that `?space=` names."""
    space = asked_space(request)
    initial: dict[str, Any] = {"mark": "A"} | ({"cities": [space.pk]} if space.kind == Kind.CITY else {})
    edit = Edit(
        new_thing(Meeting, Kind.MEETING, space=space, is_example=space.is_example),
        MeetingForm,
        actions.save_meeting,
        _("Add a meeting"),
        reverse("network:meetings"),
        intro=space.title,
        initial=initial,
        saved=lambda kept: kept.get_absolute_url(),
    )
    return edit_page(request, edit)


def edit_meeting(request: HttpRequest, ref: str) -> HttpResponse:
    found = get_object_or_404(seen_meetings(actor_of(request)), node__ref=ref)
    back = found.get_absolute_url()
    return edit_page(request, Edit(found, MeetingForm, actions.save_meeting, _("Edit the meeting"), back))

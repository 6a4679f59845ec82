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
from khlong.chain.status import helps_along
from khlong.chain.things import new_thing
from khlong.network import actions
from khlong.network.forms import NewProgrammeForm, ProgrammeForm
from khlong.network.further import offered
from khlong.network.models import Programme
from khlong.network.queries import ProgrammePage, seen_programmes
from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can

PER_PAGE = 25


def home(request: HttpRequest) -> HttpResponse:
    """The programme, or words that none is entered yet."""
    found = seen_programmes(actor_of(request)).first()
    return _page(request, found) if found else render(request, "network/no_programme.html")


def programmes(request: HttpRequest) -> HttpResponse:
    """All programmes, paged; with the button that begins one, for stewards."""
    actor = actor_of(request)
    page = Paginator(seen_programmes(actor), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "may_add": can(actor, Verb.ADD, _unsaved("XXX"))}
    return render(request, "network/programmes.html", context)


def _unsaved(code: str) -> Programme:
    return new_thing(Programme, Kind.PROGRAMME, space=None, ref=f"R-{code}")


def add_programme(request: HttpRequest) -> HttpResponse:
    """Begin a programme, the space of what belongs to none of its cities alone. Stewards do."""
    edit = Edit(
        _unsaved("XXX"),
        NewProgrammeForm,
        _begin,
        _("Begin a programme"),
        reverse("network:programmes"),
        saved=lambda kept: kept.get_absolute_url(),
    )
    return edit_page(request, edit)


def _begin(actor: Actor, _blank: Programme, values: dict[str, Any], *, code: str, **more: Any) -> Programme:
    return actions.save_programme(actor, _unsaved(code), values, **more)


def programme(request: HttpRequest, ref: str) -> HttpResponse:
    """What the programme is, who carries it, what happened in it, its cities and what is not published."""
    return _page(request, get_object_or_404(seen_programmes(actor_of(request)), node__ref=ref))


def _page(request: HttpRequest, found: Programme) -> HttpResponse:
    context = {
        "programme": found,
        "page": ProgrammePage(actor_of(request), found),
        "further": offered(),
        "helps_along": helps_along(actor_of(request)),
        "entries": SimpleLazyObject(lambda: history(found)),
        "is_example": found.node.is_example,
    }
    return render(request, "network/programme.html", context)


def edit_programme(request: HttpRequest, ref: str) -> HttpResponse:
    found = get_object_or_404(seen_programmes(actor_of(request)), node__ref=ref)
    edit = Edit(
        found, ProgrammeForm, actions.save_programme, _("Edit the programme"), found.get_absolute_url()
    )
    return edit_page(request, edit)

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from khlong.chain.editing import Edit, edit_page
from khlong.chain.history import history
from khlong.network import actions
from khlong.network.forms import ProgrammeForm
from khlong.network.further import offered
from khlong.network.models import Programme
from khlong.network.queries import ProgrammePage, seen_programmes
from khlong.people.middleware import actor_of


def home(request: HttpRequest) -> HttpResponse:
    """The programme, or words that none is entered yet."""
    found = seen_programmes(actor_of(request)).first()
    return _page(request, found) if found else render(request, "network/no_programme.html")


def programme(request: HttpRequest, ref: str) -> HttpResponse:
    """What the programme is, who carries it, what happened in it, its cities and what is not published."""
    return _page(request, get_object_or_404(seen_programmes(actor_of(request)), node__ref=ref))


def _page(request: HttpRequest, found: Programme) -> HttpResponse:
    context = {
        "programme": found,
        "page": ProgrammePage(actor_of(request), found),
        "further": offered(),
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

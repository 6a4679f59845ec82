"""Pilots on pages: lists, one pilot with all that stands in it, writing, publishing."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from khlong.chain.editing import Edit, edit_page
from khlong.chain.history import history
from khlong.chain.models import Kind, Node, Visibility
from khlong.chain.things import new_thing
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.pilots import actions
from khlong.pilots.forms import PilotForm, PilotsFilter
from khlong.pilots.models import Pilot, PilotState
from khlong.pilots.page import PilotPage, with_sums
from khlong.pilots.queries import seen_pilots
from khlong.places.models import City
from khlong.strategy.models import Indicator

PER_PAGE = 20


def city_or_404(request: HttpRequest, slug: str) -> City:
    rows = scope(actor_of(request), City.objects.select_related("node__space"))
    return get_object_or_404(rows, slug=slug)


def pilot_or_404(request: HttpRequest, ref: str) -> Pilot:
    return get_object_or_404(seen_pilots(actor_of(request)), node__ref=ref)


def all_pilots(request: HttpRequest) -> HttpResponse:
    """The pilots of all cities, paged."""
    return _list(request, None)


def pilots(request: HttpRequest, slug: str) -> HttpResponse:
    """The pilots of a city, paged."""
    return _list(request, city_or_404(request, slug))


def _list(request: HttpRequest, city: City | None) -> HttpResponse:
    actor, form = actor_of(request), PilotsFilter(request.GET or None)
    rows = with_sums(seen_pilots(actor))
    if city is not None:
        rows = rows.filter(city=city)
    if form.is_bound and form.is_valid():
        if form.cleaned_data["state"]:
            rows = rows.filter(state=form.cleaned_data["state"])
        if words := form.cleaned_data["q"].strip():
            rows = rows.filter(node__title_th__icontains=words) | rows.filter(node__title_en__icontains=words)
    context = {
        "city": city,
        "form": form,
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "may_add": city is not None and can(actor, Verb.CHANGE, city),
        "is_example": city is not None and city.node.is_example,
    }
    return render(request, "pilots/pilots.html", context)


def pilot(request: HttpRequest, ref: str) -> HttpResponse:
    """A pilot: its aim, what it rests on and what came of it, steps, sums, activities, values, lessons."""
    actor = actor_of(request)
    found = get_object_or_404(with_sums(seen_pilots(actor)), node__ref=ref)
    context = {
        "pilot": found,
        "page": PilotPage(actor, found),
        "is_draft": not found.is_public,
        "is_example": found.node.is_example,
    }
    return render(request, "pilots/pilot.html", context)


def pilot_history(request: HttpRequest, ref: str) -> HttpResponse:
    """All revisions of a pilot."""
    found = pilot_or_404(request, ref)
    context = {
        "pilot": found,
        "entries": SimpleLazyObject(lambda: history(found)),
        "is_example": found.node.is_example,
    }
    return render(request, "pilots/history.html", context)


def add_pilot(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin a pilot of a city, of the measure that `?measure=` names."""
    city = city_or_404(request, slug)
    made = new_thing(
        Pilot, Kind.PILOT, space=city.node, is_example=city.node.is_example, visibility=Visibility.MEMBERS
    )
    made.city = city
    initial = _asked(request, city) if can(actor_of(request), Verb.ADD, made) else {}
    intro = _("Only the working group sees it until you publish it from its page.")
    return _write(
        request, made, _("Begin a pilot project"), reverse("pilots:pilots", args=[slug]), initial, intro
    )


def _asked(request: HttpRequest, city: City) -> dict[str, Any]:
    """What the query string names for the form; a thing of another city is said to be one."""
    found: dict[str, Any] = {"state": PilotState.PLANNED}
    for name, kinds in (("measure", (Kind.MEASURE,)), ("indicator", (Kind.INDICATOR,))):
        ref = request.GET.get(name, "")
        node = scope(actor_of(request), Node.objects.filter(ref=ref, kind__in=kinds)).first() if ref else None
        if node is None:
            continue
        if node.space_id != city.node.pk and name == "measure":
            messages.error(
                request, _("%(ref)s belongs to another city. Choose a measure of this one.") % {"ref": ref}
            )
            continue
        found[f"{name}s"] = [node.pk]
        if name == "measure":
            found["name_th"], found["name_en"] = node.title_th[:300], node.title_en[:300]
            found["indicators"] = list(Indicator.objects.filter(item=node.pk).values_list("pk", flat=True))
    return found


def edit_pilot(request: HttpRequest, ref: str) -> HttpResponse:
    found = pilot_or_404(request, ref)
    return _write(request, found, _("Edit the pilot project"), found.get_absolute_url(), {}, "")


def _write(
    request: HttpRequest, thing: Pilot, title: str, back: str, initial: dict[str, Any], intro: str
) -> HttpResponse:
    edit = Edit(
        thing,
        cast(Any, partial(PilotForm, actor=actor_of(request))),
        actions.save_pilot,
        title,
        back,
        intro=intro,
        initial=initial,
        template="pilots/pilot_edit.html",
        saved=lambda kept: kept.get_absolute_url(),
    )
    return edit_page(request, edit)


@require_POST
def publish_pilot(request: HttpRequest, ref: str) -> HttpResponse:
    found = pilot_or_404(request, ref)
    actions.publish_pilot(actor_of(request), found)
    messages.success(request, _("Published. Receipts and single expenses stay with the working group."))
    return redirect(found.get_absolute_url())


@require_POST
def withdraw_pilot(request: HttpRequest, ref: str) -> HttpResponse:
    found = pilot_or_404(request, ref)
    actions.withdraw_pilot(actor_of(request), found)
    messages.success(request, _("Taken back. Only the working group sees the pilot now."))
    return redirect(found.get_absolute_url())

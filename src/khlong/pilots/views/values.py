"""Values of indicators on pages: entered or computed, computed again, and what each was made of."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from khlong.chain.editing import Edit, edit_page, require_writer
from khlong.chain.history import history
from khlong.chain.models import Kind, Node, Visibility
from khlong.chain.things import new_thing
from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.pilots import uploads, values
from khlong.pilots.forms import COMPUTED, ENTERED, PROOF, ValueForm
from khlong.pilots.made_of import Made
from khlong.pilots.models import Pilot, Value
from khlong.pilots.queries import hides_small, seen_pilots, seen_values
from khlong.pilots.views.pilots import city_or_404, pilot_or_404
from khlong.record.errors import Refused
from khlong.strategy.models import Indicator
from khlong.strategy.values import provider_of

PER_PAGE = 30


def value_or_404(request: HttpRequest, ref: str) -> Value:
    rows = seen_values(actor_of(request)).select_related(
        "indicator__city", "pilot__city", "evidence_node__space", "evidence_file__blob"
    )
    return get_object_or_404(rows, node__ref=ref)


def value(request: HttpRequest, ref: str) -> HttpResponse:
    """A value: the number, how it was found, the records it was made of as far as the reader sees them."""
    actor, found = actor_of(request), value_or_404(request, ref)
    context = {
        "value": found,
        "made": Made(actor, found),
        "hidden": hides_small(actor, found),
        "entries": SimpleLazyObject(lambda: _history(actor, found)),
        "may_change": can(actor, Verb.CHANGE, found),
        "is_example": found.node.is_example,
    }
    return render(request, "pilots/value.html", context)


def _history(actor: Actor, found: Value) -> list[Any]:
    """Older numbers, unless they count people and might be small ones."""
    return [] if hides_small(actor, found) else history(found)


def values_of(request: HttpRequest, slug: str) -> HttpResponse:
    """The values of a city's indicators, the newest period first, paged."""
    actor, city = actor_of(request), city_or_404(request, slug)
    rows = (
        seen_values(actor).filter(node__space=city.node).order_by("-period_to", "-period_from", "node__ref")
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "city": city,
        "page_obj": page,
        "rows": [(row, hides_small(actor, row)) for row in page],
        "may_add": can(actor, Verb.CHANGE, city),
        "is_example": city.node.is_example,
    }
    return render(request, "pilots/values.html", context)


def add_value(request: HttpRequest, slug: str) -> HttpResponse:
    """Enter a value of the indicator that `?indicator=` names, and of the pilot that `?pilot=` names."""
    city = city_or_404(request, slug)
    pilot = seen_pilots(actor_of(request)).filter(city=city, node__ref=request.GET.get("pilot", "")).first()
    return _write(request, city.node, _initial(request, pilot), reverse("pilots:values", args=[slug]))


def add_pilot_value(request: HttpRequest, ref: str) -> HttpResponse:
    """Enter a value of a pilot."""
    pilot = pilot_or_404(request, ref)
    space = cast(Node, pilot.node.space)
    return _write(request, space, _initial(request, pilot), pilot.get_absolute_url())


def _initial(request: HttpRequest, pilot: Pilot | None) -> dict[str, Any]:
    actor, ref = actor_of(request), request.GET.get("indicator", "")
    indicators = scope(actor, Indicator.objects.all())
    indicator = indicators.filter(node__ref=ref).first() if ref else None
    if indicator is None and pilot is not None:
        moved = list(indicators.filter(pilots=pilot)[:2])
        indicator = moved[0] if len(moved) == 1 else None
    ruled = indicator is not None and provider_of(indicator) is not None
    return {
        "indicator": indicator.pk if indicator else None,
        "pilot": pilot.pk if pilot else None,
        "how": COMPUTED if ruled else ENTERED,
    }


def edit_value(request: HttpRequest, ref: str) -> HttpResponse:
    """Change a value that was entered; one that is computed is computed again instead."""
    found = value_or_404(request, ref)
    if found.is_computed:
        return redirect("pilots:recompute", ref=ref)
    return _edit(
        request, found, cast(Node, found.node.space), {}, found.get_absolute_url(), _("Edit the value")
    )


def _write(request: HttpRequest, space: Node, initial: dict[str, Any], back: str) -> HttpResponse:
    made = new_thing(
        Value, Kind.VALUE, space=space, is_example=space.is_example, visibility=Visibility.MEMBERS
    )
    return _edit(request, made, space, initial, back, _("Enter a value"))


def _edit(
    request: HttpRequest, thing: Value, space: Node, initial: dict[str, Any], back: str, title: str
) -> HttpResponse:
    actor = actor_of(request)
    require_writer(actor, thing)
    sent = request.method == "POST"
    taken = (
        uploads.take(request, actor, space.pk, thing, (PROOF,)) if sent else uploads.standing(thing, (PROOF,))
    )
    edit = Edit(
        thing,
        cast(Any, partial(ValueForm, actor=actor, space=space, files_taken=taken)),
        _save,
        title,
        back,
        initial=initial,
        template="pilots/value_edit.html",
        context={"taken": [one for one in taken.values() if one.file is not None]},
        saved=lambda kept: kept.get_absolute_url(),
    )
    return edit_page(request, edit)


def _save(actor: Actor, thing: Value, given: dict[str, Any], *, how: str | None = None, **more: Any) -> Value:
    """Enter the value, or let its rule compute it."""
    if thing.node._state.adding:
        thing = values.new_value(given["indicator"], given["pilot"])
    if how == COMPUTED:
        kept = {name: given[name] for name in ("indicator", "pilot", "period_from", "period_to")}
        return values.compute_value(actor, thing, kept, **more)
    return values.save_value(actor, thing, given, **more)


def recompute(request: HttpRequest, ref: str) -> HttpResponse:
    """What the rule gives now beside what is kept; the button keeps the new number as a revision."""
    actor, found = actor_of(request), value_or_404(request, ref)
    require_writer(actor, found)
    if not found.is_computed:
        return redirect("pilots:edit_value", ref=ref)
    refusal = ""
    if request.method == "POST":
        try:
            values.compute_value(actor, found, seen=_seen(request), why=request.POST.get("why", "")[:300])
        except Refused as refused:
            refusal = str(refused.reason)
        except ValidationError as error:
            refusal = " ".join(error.messages)
        else:
            messages.success(request, _("The new number is kept; the old one stands in the history."))
            return redirect(found.get_absolute_url())
    return _difference(request, found, refusal)


def _seen(request: HttpRequest) -> Decimal | None:
    try:
        return Decimal(request.POST.get("seen", ""))
    except InvalidOperation:
        return None


def _difference(request: HttpRequest, found: Value, refusal: str) -> HttpResponse:
    now, problem = None, refusal
    try:
        now = values.computed(found.indicator, found.period_from, found.period_to)
    except Refused as refused:
        problem = problem or str(refused.reason)
    old, new = (set(inputs.get("refs", [])) for inputs in (found.inputs, now.inputs if now else {}))
    context = {
        "value": found,
        "now": now,
        "seen": str(now.value) if now else "",
        "problem": problem,
        "difference": now.value - found.value if now else None,
        "same": now is not None and now.value == found.value and old == new,
        "came": sorted(new - old),
        "gone": sorted(old - new) if now else [],
        "is_example": found.node.is_example,
    }
    return render(request, "pilots/recompute.html", context, status=422 if refusal else 200)

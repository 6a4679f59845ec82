"""The pages of a goal, a measure and an indicator, and the forms that change them."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from khlong.chain.editing import Edit, edit_page
from khlong.chain.gaps import registered
from khlong.chain.history import history
from khlong.chain.models import Node
from khlong.network.models import Programme
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.places.models import City
from khlong.strategy import actions
from khlong.strategy.indicators import OWNERS, new_indicator, save_indicator
from khlong.strategy.measure_forms import IndicatorForm, LeaveOutForm, MeasureForm
from khlong.strategy.measures import detail_history, detail_of, save_measure
from khlong.strategy.models import Indicator, Item, ItemKind
from khlong.strategy.part_pages import IndicatorPage, PartPage, indicator_rows, seen_indicators


def _item(request: HttpRequest, ref: str) -> Item:
    rows = Item.objects.select_related(
        "node__space__city", "plan__city__node", "plan__node", "parent__node", "measure__responsible__node"
    )
    rows = rows.select_related("measure__cost_source")
    return get_object_or_404(scope(actor_of(request), rows), node__ref=ref)


def item(request: HttpRequest, ref: str) -> HttpResponse:
    """A goal or a measure with all that is said of it, or as `?version=` holds it; another part of a plan stands
    in its book.
    """
    found, actor = _item(request, ref), actor_of(request)
    if found.kind not in OWNERS:
        return redirect(f"{reverse('strategy:plan', args=[found.plan.city.slug])}#{found.ref}")
    context = {
        "item": found,
        "plan": found.plan,
        "city": found.plan.city,
        "page": (page := PartPage(found, actor, _number(request))),
        "may_change": page.held is None and can(actor, Verb.CHANGE, found),
        "is_example": found.node.is_example,
    }
    return render(request, "strategy/item.html", context)


def _number(request: HttpRequest) -> int | None:
    """The version that the address names; None where it names none."""
    asked = request.GET.get("version", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None


def edit_measure(request: HttpRequest, ref: str) -> HttpResponse:
    """What a measure is beyond its words. `?finding=` ticks a finding that it answers."""
    found, actor = _item(request, ref), actor_of(request)
    if found.kind != ItemKind.MEASURE:
        raise Http404
    edit = Edit(
        cast(Any, detail_of(found)),
        cast(Any, partial(MeasureForm, actor=actor)),
        save_measure,
        _("What this measure is"),
        reverse("strategy:item", args=[found.ref]),
        found.node.title,
        initial={"finding": request.GET.get("finding", "")},
        aside=(
            (_("Edit the words of the measure"), reverse("strategy:edit_passage", args=[found.ref, "th"])),
        ),
    )
    return edit_page(request, edit)


def measure_history(request: HttpRequest, ref: str) -> HttpResponse:
    """Who said what of a measure, and when."""
    found = _item(request, ref)
    if found.kind != ItemKind.MEASURE:
        raise Http404
    context = {
        "item": found,
        "city": found.plan.city,
        "entries": SimpleLazyObject(lambda: detail_history(found)),
        "is_example": found.node.is_example,
    }
    return render(request, "strategy/measure_history.html", context)


def mend(request: HttpRequest, ref: str, key: str) -> HttpResponse:
    """To the form that mends a dry stretch at this part, wherever the room that registered it has it."""
    found = _item(request, ref)
    gap = next((one for one in registered() if one.key == key and one.of == found.node.kind), None)
    if gap is None:
        raise Http404
    return redirect(gap.mend(found.node))


@require_POST
def remove_item(request: HttpRequest, ref: str) -> HttpResponse:
    """Leave a part out of coming versions; where something rests on it, only after a reason was given."""
    found, actor = _item(request, ref), actor_of(request)
    back = f"{reverse('strategy:edit', args=[found.plan.city.slug])}#{found.ref}"
    form = LeaveOutForm(request.POST if "why" in request.POST else None)
    why = form.cleaned_data["why"] if form.is_bound and form.is_valid() else ""
    try:
        actions.remove_item(actor, found, why=why, anyway=bool(why))
    except actions.StillNeeded as needed:
        context = {"item": found, "city": found.plan.city, "form": form, "nodes": needed.nodes, "back": back}
        context |= {"is_example": found.node.is_example}
        return render(request, "strategy/leave_out.html", context, status=422 if form.is_bound else 409)
    messages.success(request, _("Left out of the working text. Older versions keep it."))
    return redirect(back)


# --- indicators -----------------------------------------------------------------------------------


def indicators(request: HttpRequest, slug: str) -> HttpResponse:
    """The indicators of a city: from where to where, and how far they are. Paged."""
    city = _city(request, slug)
    actor = actor_of(request)
    rows = seen_indicators(actor).filter(city=city)
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    context = {
        "city": city,
        "page_obj": page,
        "rows": SimpleLazyObject(lambda: indicator_rows(actor, list(page))),
        "may_change": can(actor, Verb.CHANGE, city),
        "is_example": city.node.is_example,
    }
    return render(request, "strategy/indicators.html", context)


def programme_indicators(request: HttpRequest, slug: str) -> HttpResponse:
    """The indicators of a programme, which belong to no single city."""
    programme, actor = _programme(request, slug), actor_of(request)
    rows = seen_indicators(actor).filter(city=None, node__space=programme.node)
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    context = {
        "programme": programme,
        "page_obj": page,
        "rows": SimpleLazyObject(lambda: indicator_rows(actor, list(page))),
        "may_change": can(actor, Verb.CHANGE, programme),
    }
    return render(request, "strategy/indicators.html", context)


def _city(request: HttpRequest, slug: str) -> City:
    rows = City.objects.select_related("node__space", "province")
    return get_object_or_404(scope(actor_of(request), rows), slug=slug)


def _programme(request: HttpRequest, slug: str) -> Programme:
    rows = Programme.objects.select_related("node__space")
    return get_object_or_404(scope(actor_of(request), rows), slug=slug)


def _indicator(request: HttpRequest, ref: str) -> Indicator:
    return get_object_or_404(seen_indicators(actor_of(request)), node__ref=ref)


def indicator(request: HttpRequest, ref: str) -> HttpResponse:
    """An indicator: from where to where, its values with the records that hold them, how one knows."""
    found, actor = _indicator(request, ref), actor_of(request)
    context = {
        "indicator": found,
        "city": found.city,
        "page": IndicatorPage(found, actor),
        "entries": SimpleLazyObject(lambda: history(found)),
        "may_change": can(actor, Verb.CHANGE, found),
        "is_example": found.node.is_example,
    }
    return render(request, "strategy/indicator.html", context)


def add_indicator(request: HttpRequest, slug: str) -> HttpResponse:
    """Add an indicator to a city; `?measure=` or `?goal=` names what it belongs to."""
    city = _city(request, slug)
    asked = request.GET.get("measure") or request.GET.get("goal") or ""
    rows = Item.objects.filter(plan__city=city, kind__in=OWNERS, removed=False).select_related("node")
    part = scope(actor_of(request), rows).filter(node__ref=asked).first() if asked else None
    back = reverse("strategy:item", args=[part.ref]) if part else reverse("strategy:indicators", args=[slug])
    return _add(request, city.node, city, part, back)


def add_programme_indicator(request: HttpRequest, slug: str) -> HttpResponse:
    programme = _programme(request, slug)
    back = reverse("strategy:programme_indicators", args=[slug])
    return _add(request, programme.node, None, None, back)


def _add(request: HttpRequest, space: Node, city: City | None, part: Item | None, back: str) -> HttpResponse:
    made = new_indicator(space, part)
    made.city = city

    def save(actor: Any, indicator: Indicator, values: dict[str, Any], **more: Any) -> Indicator:
        chosen = values.get("item")
        indicator.node.visibility = new_indicator(space, chosen).node.visibility
        return save_indicator(actor, indicator, values | {"city": city}, **more)

    edit = Edit(
        made,
        IndicatorForm,
        save,
        _("Add an indicator"),
        back,
        part.node.title if part else space.title,
        initial={"item": part.pk} if part else {},
        saved=lambda kept: reverse("strategy:indicator", args=[kept.ref]),
    )
    return edit_page(request, edit)


def edit_indicator(request: HttpRequest, ref: str) -> HttpResponse:
    found = _indicator(request, ref)
    back = reverse("strategy:indicator", args=[found.ref])
    return edit_page(request, Edit(found, IndicatorForm, save_indicator, _("Edit the indicator"), back))

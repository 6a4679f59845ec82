"""Pages on which the water is followed: the trace of a thing, the canal of a city, its dry stretches, all cities."""

from __future__ import annotations

from functools import cached_property

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from khlong.chain import canals, gaps, pages, status
from khlong.chain.actions import exact_ref
from khlong.chain.counts import Along, along
from khlong.chain.course import Row, Traced, traced
from khlong.chain.gaps import Gap
from khlong.chain.models import Kind, Node
from khlong.chain.stages import STAGES
from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.record.errors import Refused
from khlong.ui.canal import Canal
from khlong.ui.course import Course

ROWS, PARTS, CITIES = 50, 5, 12


def node_named(request: HttpRequest, word: str) -> Node:
    """The node of a reference or of a city's address, if the reader may see it; Http404 otherwise."""
    try:
        ref: str | None = exact_ref(word)
    except ValueError:
        ref = pages.ref_named(word)
    seen = scope(actor_of(request), Node.objects.select_related("space"))
    node = seen.filter(ref=ref).first() if ref else None
    if node is None:
        raise Http404(word)
    return node


# --- one thing ---------------------------------------------------------------------------------------


def trace_page(request: HttpRequest, ref: str) -> HttpResponse:
    """Everything upstream and downstream of a thing, as a picture of the nearest and as a table of all."""
    node, actor = node_named(request, ref), actor_of(request)
    page = TracePage(request, node)
    context = {"node": node, "page": page, "may_change": can(actor, Verb.CHANGE, node)}
    return render(request, "chain/trace.html", context | {"is_example": node.is_example})


class TracePage:
    """What a trace shows, asked for only when it must be rendered anew."""

    def __init__(self, request: HttpRequest, node: Node) -> None:
        self.request, self.node, self.actor = request, node, actor_of(request)

    @cached_property
    def kind(self) -> str:
        """The kind that is asked for alone; nothing else is believed."""
        asked = self.request.GET.get("kind", "")
        return asked if asked in Kind.values else ""

    @cached_property
    def came_from(self) -> str:
        """The reference of the trace whose picture led here; nothing where none did."""
        try:
            ref = exact_ref(self.request.GET.get("from", ""))
        except ValueError:
            return ""
        return "" if ref == self.node.ref else ref

    @cached_property
    def traced(self) -> Traced:
        return traced(self.node, self.actor)

    @cached_property
    def rows(self) -> Page[Row]:
        """A page of all that was met, upstream first, of one kind where that is asked for."""
        found = Paginator(self.traced.rows(self.kind), ROWS).get_page(self.request.GET.get("page"))
        found.object_list = self.traced.read(list(found.object_list))
        return found

    @cached_property
    def course(self) -> Course:
        return self.traced.course()


# --- a city, a plan ----------------------------------------------------------------------------------


def canal_page(request: HttpRequest, ref: str) -> HttpResponse:
    """The canal of a city or of a plan; a thing without parts has its trace instead."""
    node = node_named(request, ref)
    is_plan = node.kind != Kind.CITY
    page = CanalPage(request, node)
    if is_plan and not page.parts:
        return redirect("chain:trace", ref=node.ref)
    context = {"node": node, "page": page, "is_plan": is_plan, "is_example": node.is_example}
    context |= {"may_change": can(actor_of(request), Verb.CHANGE, node)}
    return render(request, "chain/canal.html", context)


class CanalPage:
    """The picture of a city or of some parts of a plan, asked for only when it must be rendered anew."""

    def __init__(self, request: HttpRequest, node: Node) -> None:
        self.request, self.node, self.actor = request, node, actor_of(request)

    @cached_property
    def space(self) -> Node:
        return self.node if self.node.kind == Kind.CITY or self.node.space is None else self.node.space

    @cached_property
    def parts(self) -> list[canals.Part]:
        return canals.parts(self.actor, self.node)

    @cached_property
    def page_obj(self) -> Page[canals.Part]:
        return Paginator(self.parts, PARTS).get_page(self.request.GET.get("page"))

    @cached_property
    def status(self) -> status.CityStatus:
        return status.statuses(self.actor, [self.space])[0]

    @cached_property
    def picture(self) -> Canal:
        if self.node.kind == Kind.CITY:
            return canals.city_canal(self.node, self.node.title, self.status.along)
        chosen = list(self.page_obj)
        return canals.parts_canal(self.space, self.node.title, chosen, self.counts, self.actor)

    @property
    def counts(self) -> Along:
        return along(self.actor, [self.space.pk])[self.space.pk]

    @property
    def dry(self) -> list[tuple[Gap, int, str]]:
        """Kinds of dry stretches of the city, how many of each, and where they are mended."""
        found = self.status.dry
        return [(gap, n, reverse("chain:dry", args=[self.space.ref, gap.key])) for gap, n in found]


def dry_page(request: HttpRequest, ref: str, key: str) -> HttpResponse:
    """All things of a city at which one link is missing, each with the form that mends it."""
    node, actor = node_named(request, ref), actor_of(request)
    gap = next((one for one in gaps.registered() if one.key == key), None)
    if gap is None or node.kind not in (Kind.CITY, Kind.PROGRAMME):
        raise Http404(key)
    rows = scope(actor, gap.rows().order_by()).filter(space=node.pk).distinct().order_by("ref")
    found = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    for row in found.object_list:
        row.space = node
    mended = [(row, gap.mend(row) if can(actor, Verb.CHANGE, row) else "") for row in found.object_list]
    context = {"node": node, "gap": gap, "page_obj": found, "rows": mended, "is_example": node.is_example}
    return render(request, "chain/dry.html", context)


# --- all cities --------------------------------------------------------------------------------------


def status_page(request: HttpRequest) -> HttpResponse:
    """Cities side by side for those who help them along: people of a programme, of several cities, stewards."""
    actor = actor_of(request)
    cities = _cities_of(actor)
    if not cities:
        raise Refused(_("This page is for those who work in a city or in a programme."))
    page = Paginator(cities, CITIES).get_page(request.GET.get("page"))
    rows = status.statuses(actor, page.object_list)
    context = {
        "page_obj": page,
        "rows": rows,
        "stages": STAGES,
        "figures": status.figures(),
    }
    return render(request, "chain/status.html", context)


def _cities_of(actor: Actor) -> list[Node]:
    """All cities for those who hold a role in a programme; the cities where they work for others."""
    found = status.all_cities(actor)
    if actor.is_steward or actor.is_system:
        return found
    mine = actor.spaces(*status.READERS)
    if Node.objects.filter(pk__in=mine, kind=Kind.PROGRAMME).exists():
        return found
    return [city for city in found if city.pk in mine]

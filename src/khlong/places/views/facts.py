from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from khlong.chain.editing import Edit, edit_page
from khlong.chain.history import history, writer_name
from khlong.chain.models import Node
from khlong.chain.views import node_or_404
from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can
from khlong.places import actions
from khlong.places.forms import FactFilterForm, FactForm, KnownSourceForm, SourceForm
from khlong.places.models import Fact, Source
from khlong.places.queries import seen_facts
from khlong.places.rows import figure_rows
from khlong.places.views.parts import edit_part
from khlong.record.actions import may
from khlong.ui.figures import FigureRow

PER_PAGE = 25
SAVE = "places.fact.save"


def fact_or_404(request: HttpRequest, ref: str) -> Fact:
    return get_object_or_404(seen_facts(actor_of(request)), node__ref=ref)


def fact(request: HttpRequest, ref: str) -> HttpResponse:
    """One fact: what it says, who says so, what others say of the same, and its history."""
    found, actor = fact_or_404(request, ref), actor_of(request)
    context = {
        "fact": found,
        "rows": SimpleLazyObject(lambda: _rows_beside(request, found)),
        "entries": SimpleLazyObject(lambda: history(found)),
        "entered_by": writer_name(found.entered_by),
        "may_change": can(actor, Verb.CHANGE, found),
        "may_correct": may(actor, SAVE, Verb.CHANGE, found),
        "is_example": found.node.is_example,
    }
    return render(request, "places/fact.html", context)


def _rows_beside(request: HttpRequest, found: Fact) -> list[FigureRow]:
    """The rows of the same figure from all sources, when there are several."""
    beside = _beside(request, found)
    return figure_rows(beside) if found.is_figure and len(beside) > 1 else []


def _beside(request: HttpRequest, found: Fact) -> list[Fact]:
    """The values given for the same figure, this one among them."""
    if not found.is_figure:
        return [found]
    rows = seen_facts(actor_of(request)).filter(
        about=found.about_id, topic=found.topic_id, unit=found.unit_id
    )
    return list(rows.order_by("order", "node__ref")[:40])


def facts(request: HttpRequest) -> HttpResponse:
    """All facts, paged."""
    return facts_page(request, seen_facts(actor_of(request)), _("All facts"), {})


def facts_page(
    request: HttpRequest, rows: QuerySet[Fact], title: str, context: dict[str, Any]
) -> HttpResponse:
    """A paged list of facts with its filter."""
    form = FactFilterForm(request.GET)
    if form.is_valid():
        rows = _narrow(rows, form.cleaned_data)
    page = Paginator(rows.order_by("about__ref", "order", "node__ref"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    return render(request, "places/facts.html", {"form": form, "page_obj": page, "title": title, **context})


def _narrow(rows: QuerySet[Fact], data: dict[str, Any]) -> QuerySet[Fact]:
    if data["q"]:
        word = data["q"]
        names = ("statement_th", "statement_en", "scope_th", "topic__label_th", "about__title_th")
        rows = rows.filter(Q(*[(f"{name}__icontains", word) for name in names], _connector=Q.OR))
    if data["kind"]:
        rows = rows.filter(statement_th="") if data["kind"] == "figure" else rows.exclude(statement_th="")
    return rows


def add_fact(request: HttpRequest) -> HttpResponse:
    """Add a fact about a thing; `like` names a fact whose figure is given differently elsewhere."""
    like = fact_or_404(request, request.GET["like"]) if request.GET.get("like") else None
    about = like.about if like else node_or_404(request, request.GET.get("about", ""))
    if about.space is None:
        raise Http404
    made = actions.new_fact(about)
    initial: dict[str, Any] = {"mark": "A"}
    if like:
        initial = {
            "topic": like.topic_id,
            "unit": like.unit_id,
            "scope_th": like.scope_th,
            "scope_en": like.scope_en,
            "mark": "A",
        }
    edit = Edit(
        thing=made,
        action=SAVE,
        form=form_for(request),
        save=actions.save_fact_with_source,
        title=_("Add what another source says") if like else _("Add a fact"),
        intro=_("The value that stands already stays. Both are shown side by side.") if like else about.title,
        back=like.get_absolute_url() if like else about.get_absolute_url(),
        initial=initial,
        aside=vocabulary_links() if actor_of(request).signed_in else (),
        saved=lambda kept: kept.get_absolute_url(),
    )
    return edit_page(request, edit)


def form_for(request: HttpRequest) -> type[FactForm]:
    """The form of a fact; who comes with a link names a source that is known here."""
    return FactForm if actor_of(request).signed_in else KnownSourceForm


def may_add_facts(actor: Actor, about: Node) -> bool:
    """Whether somebody may add a fact about this, by a role or with a link."""
    return about.space_id is not None and may(actor, SAVE, Verb.ADD, actions.new_fact(about))


def vocabulary_links() -> tuple[tuple[str, str], ...]:
    """Where a missing topic or unit is added."""
    return (
        (_("A topic is missing from the list"), reverse("places:words", args=["topics"])),
        (_("A unit is missing from the list"), reverse("places:words", args=["units"])),
    )


def correct_fact(request: HttpRequest, ref: str) -> HttpResponse:
    """Correct a fact that was written down wrongly. Another source's value is another fact."""
    found = fact_or_404(request, ref)
    edit = Edit(
        thing=found,
        action=SAVE,
        form=form_for(request),
        save=actions.save_fact_with_source,
        title=_("Correct a fact"),
        intro=_(
            "Correct what was written down wrongly. What another source says is added beside it, not put in its place."
        ),
        back=found.get_absolute_url(),
    )
    return edit_page(request, edit)


@require_POST
def withdraw_fact(request: HttpRequest, ref: str) -> HttpResponse:
    found = fact_or_404(request, ref)
    actions.withdraw_fact(actor_of(request), found)
    messages.success(request, _("Only the working group sees this fact now."))
    return redirect(found.get_absolute_url())


@require_POST
def publish_fact(request: HttpRequest, ref: str) -> HttpResponse:
    found = fact_or_404(request, ref)
    actions.publish_fact(actor_of(request), found)
    messages.success(request, _("Everybody sees this fact now."))
    return redirect(found.get_absolute_url())


def sources(request: HttpRequest) -> HttpResponse:
    """All sources, paged."""
    page = Paginator(Source.objects.order_by("publisher_th", "key"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    return render(request, "places/sources.html", {"page_obj": page})


def source(request: HttpRequest, key: str) -> HttpResponse:
    """A source and the facts that rest on it."""
    found = get_object_or_404(Source, key=key)
    rows = seen_facts(actor_of(request)).filter(source=found)
    context = {"source": found, "may_change": can(actor_of(request), Verb.CHANGE, found)}
    page = Paginator(rows.order_by("about__ref", "order", "node__ref"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    return render(request, "places/source.html", {"page_obj": page, **context})


def edit_source(request: HttpRequest, key: str) -> HttpResponse:
    """Correct a source; stewards only, since facts of many cities rest on one."""
    found = get_object_or_404(Source, key=key)
    back = reverse("places:source", args=[key])
    return edit_part(request, found, SourceForm, actions.save_source, _("Correct a source"), back)

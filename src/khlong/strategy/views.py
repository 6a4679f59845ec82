from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from khlong.chain.editing import Edit, edit_page
from khlong.chain.models import Kind, Node, Visibility
from khlong.chain.things import new_thing
from khlong.paper.text import MissingGlyphsError
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.places.views.cities import city_or_404
from khlong.record.errors import EditConflict, Refused
from khlong.record.limits import DOCUMENTS, for_the_public
from khlong.strategy import actions
from khlong.strategy.formats import FORMATS
from khlong.strategy.forms import ItemForm, PassageForm, PlanForm, VersionForm
from khlong.strategy.hall_page import HallPage
from khlong.strategy.measures import answer
from khlong.strategy.models import Item, ItemKind, Language, Passage, PassageRevision, Plan, Version
from khlong.strategy.paper import city_file, plan_file
from khlong.strategy.queries import Book, books_of, differences, version_book, working_book
from khlong.strategy.reading import Asked, Reading, version_of
from khlong.ui.papers import no_letters


def _plans(request: HttpRequest) -> QuerySet[Plan]:
    rows = Plan.objects.select_related("node__space", "city__node", "city__province", "source")
    return scope(actor_of(request), rows)


def plan_or_404(request: HttpRequest, slug: str) -> Plan:
    plan = _plans(request).filter(city__slug=slug).order_by("node__ref").first()
    if plan is None:
        raise Http404
    return plan


def plans(request: HttpRequest) -> HttpResponse:
    """The published strategies, paged."""
    page = Paginator(_plans(request).order_by("city__sort_key"), 12).get_page(request.GET.get("page"))

    def rows() -> list[tuple[Plan, Book | None]]:
        books = books_of(actor_of(request), [plan.city for plan in page])
        return [(plan, books.get(plan.city_id)) for plan in page]

    return render(request, "strategy/plans.html", {"page_obj": page, "rows": rows})


def plan(request: HttpRequest, slug: str, number: int | None = None) -> HttpResponse:
    """A plan as a book: its newest version, or the one asked for; `?open=` opens a passage, `?view=hall` shows
    one passage at a time in large type.
    """
    actor = actor_of(request)
    version = version_of(actor, slug, number)
    if version is None and number is not None:
        raise Http404
    found = version.plan if version else _plans(request).filter(city__slug=slug).order_by("node__ref").first()
    if found is None:
        city = city_or_404(request, slug)
        may_change = can(actor, Verb.CHANGE, city)
        return render(request, "strategy/no_plan.html", {"city": city, "may_change": may_change})
    asked = Asked(number, request.GET.get("open", ""), request.GET.get("page", ""))
    context = {
        "plan": found,
        "city": found.city,
        "newest": number is None,
        "formats": FORMATS,
        "is_example": found.node.is_example,
    }
    if request.GET.get("view") == "hall":
        page = HallPage(actor, found, version, request.GET.get("at", ""))
        return render(request, "strategy/hall.html", context | {"page": page})
    return render(request, "strategy/plan.html", context | {"page": Reading(actor, found, version, asked)})


class PlanPage:
    """The working text of a plan and what waits for its next version, asked for only when it is rendered anew."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    @cached_property
    def version(self) -> Version | None:
        return self.plan.versions.order_by("-number").first()

    @cached_property
    def frozen(self) -> Book | None:
        """The newest version's book."""
        return version_book(self.version) if self.version else None

    @cached_property
    def working(self) -> Book:
        return working_book(self.plan)

    @cached_property
    def waiting(self) -> int:
        """How many parts wait for the next version."""
        return differences(self.working, self.frozen)


def plan_by_ref(request: HttpRequest, ref: str) -> HttpResponse:
    found = get_object_or_404(_plans(request), node__ref=ref)
    return redirect("strategy:plan", slug=found.city.slug)


def versions(request: HttpRequest, slug: str) -> HttpResponse:
    """All versions of a plan, newest first, with what changed in each."""
    found = plan_or_404(request, slug)
    rows = found.versions.select_related("adopted_in__node").order_by("-number")
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    context = {
        "plan": found,
        "city": found.city,
        "page_obj": page,
        "newest": SimpleLazyObject(lambda: page.paginator.count and found.versions.latest("number").number),
        "may_change": can(actor_of(request), Verb.CHANGE, found),
        "is_example": found.node.is_example,
    }
    return render(request, "strategy/versions.html", context)


def passage_history(request: HttpRequest, ref: str) -> HttpResponse:
    """All the words that a passage had, as far as the reader may see them."""
    passage = _passage(request, ref)
    rows = scope(actor_of(request), passage.revisions.select_related("made_from"))
    rows = rows.order_by("-at", "-number")
    page = Paginator(rows, 30).get_page(request.GET.get("page"))
    context = {"passage": passage, "item": passage.item, "city": passage.item.plan.city, "page_obj": page}
    return render(request, "strategy/passage_history.html", context)


def edit_plan(request: HttpRequest, slug: str) -> HttpResponse:
    """The working text of a plan, part by part, with what waits for the next version."""
    found = plan_or_404(request, slug)
    _require_writer(request, found)
    context = {
        "plan": found,
        "city": found.city,
        "page": PlanPage(found),
        "form": VersionForm(),
        "is_example": found.node.is_example,
    }
    return render(request, "strategy/edit.html", context)


def _require_writer(request: HttpRequest, plan: Plan) -> None:
    if not can(actor_of(request), Verb.CHANGE, plan):
        raise Refused(
            _("Only the working group of this city may write this plan.")
            if request.user.is_authenticated
            else None
        )


def add_plan(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin the plan of a city that has none; only its working group sees it until it is published.

    With `?finding=` the first measure comes next.
    """
    city = city_or_404(request, slug)
    standing = _plans(request).filter(city=city).order_by("node__ref").first()
    if standing is not None:
        return redirect("strategy:edit", slug=slug)
    made = new_thing(
        Plan, Kind.PLAN, space=city.node, is_example=city.node.is_example, visibility=Visibility.MEMBERS
    )
    finding = request.GET.get("finding", "")
    onward = (
        f"{reverse('strategy:add_item', args=[slug])}?{urlencode({'finding': finding})}" if finding else ""
    )
    edit = Edit(
        made,
        PlanForm,
        lambda actor, plan, values, **more: actions.save_plan(actor, plan, values | {"city": city}, **more),
        _("Begin a strategy plan"),
        reverse("strategy:plan", args=[slug]),
        _("Only the working group sees the plan until you publish it."),
        initial={"name_th": f"ร่างแผนยุทธศาสตร์{city.name_th}", "mark": "A"},
        saved=lambda kept: onward or reverse("strategy:edit", args=[slug]),
    )
    return edit_page(request, edit)


@require_POST
def publish_plan(request: HttpRequest, slug: str) -> HttpResponse:
    actions.publish_plan(actor_of(request), plan_or_404(request, slug))
    messages.success(request, _("Everybody can read the plan now."))
    return redirect("strategy:plan", slug=slug)


@require_POST
def withdraw_plan(request: HttpRequest, slug: str) -> HttpResponse:
    actions.withdraw_plan(actor_of(request), plan_or_404(request, slug))
    messages.success(request, _("Only the working group sees the plan now."))
    return redirect("strategy:edit", slug=slug)


def edit_plan_face(request: HttpRequest, slug: str) -> HttpResponse:
    found = plan_or_404(request, slug)
    back = reverse("strategy:edit", args=[slug])
    return edit_page(
        request, Edit(found, PlanForm, actions.save_plan, _("What the plan says of itself"), back)
    )


def _passage(request: HttpRequest, ref: str) -> Passage:
    rows = Passage.objects.select_related("item__node__space", "item__plan__city", "item__plan__node")
    return get_object_or_404(scope(actor_of(request), rows), item__node__ref=ref)


def edit_passage(request: HttpRequest, ref: str, lang: str) -> HttpResponse:
    """The words of one passage: saved with the revision they started from."""
    if lang not in Language.values:
        raise Http404
    passage = _passage(request, ref)
    _require_writer(request, passage.item.plan)
    newest = _newest(passage)
    words = newest.get(lang)
    form = PassageForm(
        request.POST or None,
        initial={"text": words.text if words else "", "base": words.number if words else 0},
    )
    form.fields["text"].required = lang == Language.THAI
    status, conflict = 200, None
    if request.method == "POST":
        status, conflict = _take_passage(request, passage, Language(lang), form)
        if status == 302:
            return redirect(f"{reverse('strategy:edit', args=[passage.item.plan.city.slug])}#{passage.ref}")
    context = {
        "passage": passage,
        "item": passage.item,
        "city": passage.item.plan.city,
        "lang": lang,
        "form": form,
        "conflict": conflict,
        "thai": newest[Language.THAI],
        "is_example": passage.item.node.is_example,
    }
    return render(request, "strategy/passage.html", context, status=status)


def _newest(passage: Passage) -> dict[str, PassageRevision]:
    return {row.lang: row for row in passage.revisions.order_by("number")}


def _take_passage(
    request: HttpRequest, passage: Passage, lang: Language, form: PassageForm
) -> tuple[int, EditConflict | None]:
    if not form.is_valid():
        return 422, None
    data = form.cleaned_data
    try:
        actions.save_passage(
            actor_of(request), passage, lang, data["text"], base=data["base"] or 0, why=data["why"]
        )
    except ValidationError as error:
        form.add_error("text", error.message_dict.get("text", error.messages))
        return 422, None
    except EditConflict as conflict:
        form.data = {**form.data.dict(), "base": str(conflict.revision)}  # type: ignore[attr-defined]
        return 409, conflict
    messages.success(
        request, _("Saved. The words are in the working text; make a version when you are ready.")
    )
    return 302, None


def add_item(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a part to the plan. `?finding=` names one that it answers; where there is no plan, it is begun first."""
    try:
        found = plan_or_404(request, slug)
    except Http404:
        asked = request.GET.urlencode()
        return redirect(reverse("strategy:add_plan", args=[slug]) + (f"?{asked}" if asked else ""))
    _require_writer(request, found)
    finding = _finding(request, found)
    initial = {"parent": request.GET.get("parent"), "kind": request.GET.get("kind", ItemKind.MEASURE)}
    form = ItemForm(request.POST or None, plan=found, initial=initial)
    if request.method == "POST" and form.is_valid() and (made := _add(request, found, form, finding)):
        if finding is not None and made.kind == ItemKind.MEASURE:
            return redirect("strategy:edit_measure", ref=made.ref)
        return redirect("strategy:edit", slug=slug)
    context = {"plan": found, "city": found.city, "form": form, "finding": finding}
    context |= {"is_example": found.node.is_example}
    return render(request, "strategy/add_item.html", context, status=422 if form.is_bound else 200)


def _finding(request: HttpRequest, plan: Plan) -> Node | None:
    """The finding that a new part answers, if `?finding=` names one of this city that the writer may see."""
    asked = request.GET.get("finding", "")
    if not asked:
        return None
    rows = Node.objects.filter(kind=Kind.FINDING, space=plan.node.space_id).select_related("space")
    return get_object_or_404(scope(actor_of(request), rows), ref=asked)


def _add(request: HttpRequest, plan: Plan, form: ItemForm, finding: Node | None) -> Item | None:
    data, actor = form.cleaned_data, actor_of(request)
    try:
        with transaction.atomic():
            made = actions.add_item(
                actor,
                plan,
                ItemKind(data["kind"]),
                data["text_th"],
                text_en=data["text_en"],
                parent=data["parent"],
            )
            if finding is not None:
                answer(actor, made.node, [finding])
    except ValidationError as error:
        form.add_error(None, error)
        return None
    messages.success(request, _("Added to the working text."))
    return made


def _item(request: HttpRequest, ref: str) -> Item:
    rows = Item.objects.select_related("node__space", "plan__city", "plan__node", "parent")
    return get_object_or_404(scope(actor_of(request), rows), node__ref=ref)


def _back_to_edit(found: Item) -> HttpResponse:
    return redirect(f"{reverse('strategy:edit', args=[found.plan.city.slug])}#{found.ref}")


@require_POST
def move_item(request: HttpRequest, ref: str) -> HttpResponse:
    found = _item(request, ref)
    actions.move_item(actor_of(request), found, up=request.POST.get("to") == "up")
    return _back_to_edit(found)


@require_POST
def make_version(request: HttpRequest, slug: str) -> HttpResponse:
    found = plan_or_404(request, slug)
    form = VersionForm(request.POST)
    note: Any = form.cleaned_data["note"] if form.is_valid() else ""
    made = actions.make_version(actor_of(request), found, note=note)
    messages.success(request, _("Version %(number)s stands.") % {"number": made.number})
    return redirect("strategy:plan", slug=slug)


@for_the_public("strategy.sheet", DOCUMENTS)
def sheet(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """A city on one page, to print or to take along."""
    city = city_or_404(request, slug)
    if kind not in FORMATS:
        raise Http404
    lang = "en" if request.GET.get("lang") == "en" else "th"
    digits = request.GET.get("digits") == "thai"
    try:
        data = city_file(city, kind, lang, actor_of(request), thai_digits=digits)
    except MissingGlyphsError as error:
        messages.warning(request, no_letters(error.characters))
        return redirect("places:city", slug=slug)
    response = HttpResponse(data, content_type=FORMATS[kind])
    response["Content-Disposition"] = f'attachment; filename="khlong-{slug}-sheet-{lang}.{kind}"'
    return response


@for_the_public("strategy.export", DOCUMENTS)
def export(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """The plan as a document to print or to work on."""
    found = plan_or_404(request, slug)
    if kind not in FORMATS:
        raise Http404
    lang = "en" if request.GET.get("lang") == "en" else "th"
    digits = request.GET.get("digits") == "thai"
    try:
        data = plan_file(found, kind, lang, actor_of(request), thai_digits=digits)
    except MissingGlyphsError as error:
        messages.warning(request, no_letters(error.characters))
        return redirect("strategy:plan", slug=slug)
    response = HttpResponse(data, content_type=FORMATS[kind])
    response["Content-Disposition"] = f'attachment; filename="khlong-{slug}-{lang}.{kind}"'
    return response

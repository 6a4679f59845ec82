"""What households said: to read, to write down, and many from paper one after another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from khlong.chain.editing import blame, require_writer
from khlong.people.actor import Actor, ActorKind
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.places.models import City
from khlong.record.errors import EditConflict
from khlong.register import actions
from khlong.register.forms import SheetForm, StatementForm
from khlong.register.models import Household, Statement, Telling
from khlong.register.queries import seen_statements, with_words
from khlong.register.views.households import city_of, household_of

PER_PAGE = 20
KEPT_FOR_THE_NEXT = ("said_on", "site")
SERIES = "register_series"


def statements(request: HttpRequest, slug: str) -> HttpResponse:
    """What households of a city said, as far as a reader may know of it; paged."""
    actor = actor_of(request)
    city = get_object_or_404(scope(actor, City.objects.select_related("node")), slug=slug)
    rows = seen_statements(actor).filter(node__space=city.node, erased_on=None)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "city": city,
        "page_obj": page,
        "said": with_words(actor, list(page)),
        "may_add": can(actor, Verb.ADD, Household(space=city.node)),
        "is_example": city.node.is_example,
    }
    return render(request, "register/statements.html", context)


def statement(request: HttpRequest, ref: str) -> HttpResponse:
    """The words of a household, once. The public reads them with the community, and nothing of the household."""
    actor = actor_of(request)
    found = get_object_or_404(seen_statements(actor), node__ref=ref)
    context = {
        "statement": found,
        "said": with_words(actor, [found])[0],
        "community": found.household.community,
        "city": found.node.space.city if found.node.space else None,
        "may_change": can(actor, Verb.CHANGE, found) and found.erased_on is None,
        "is_example": found.node.is_example,
    }
    return render(request, "register/statement.html", context)


@sensitive_post_parameters("words", "words_en", "site")
@never_cache
def add(request: HttpRequest, pk: UUID) -> HttpResponse:
    household = household_of(request, pk)
    unsaved = actions.new_statement(household)
    how = Telling.SCRIBE if actor_of(request).kind is ActorKind.SCRIBE else Telling.VOLUNTEER
    return _write(request, unsaved, {"how": how}, _("Write down what the household said"))


@sensitive_post_parameters("words", "words_en", "site")
@never_cache
def edit(request: HttpRequest, ref: str) -> HttpResponse:
    actor = actor_of(request)
    found = get_object_or_404(seen_statements(actor).filter(erased_on=None), node__ref=ref)
    require_writer(actor, found)
    said = with_words(actor, [found])[0]
    initial = {name: getattr(found, name) for name in ("said_on", "how", "may_quote", "site", "sheet")}
    initial |= {"words": said.words, "words_en": said.words_en, "base": found.revision}
    return _write(request, found, initial, _("Correct what was written down"))


def _write(request: HttpRequest, unsaved: Statement, initial: dict[str, Any], title: str) -> HttpResponse:
    actor, form = actor_of(request), StatementForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and (kept := _saved(actor, unsaved, form)) is not None:
        messages.success(request, _("Saved."))
        return redirect(kept.get_absolute_url())
    back = (
        unsaved.get_absolute_url()
        if unsaved.ref
        else reverse("register:household", args=[unsaved.household_id])
    )
    context = {"form": form, "title": title, "back": back, "is_example": unsaved.household.is_example}
    return render(request, "register/write.html", context, status=422 if form.is_bound else 200)


def _saved(actor: Actor, unsaved: Statement, form: StatementForm) -> Statement | None:
    data = form.cleaned_data
    adding = unsaved.node._state.adding
    try:
        return actions.save_statement(
            actor,
            unsaved,
            form.values(),
            words=data["words"],
            words_en=data["words_en"],
            base=None if adding else data.get("base"),
            sure=data["sure"],
        )
    except ValidationError as error:
        blame(form, error)
    except EditConflict as conflict:
        told = _("Meanwhile somebody else (%(who)s) changed this. Look at it, then save again.")
        form.add_error(None, told % {"who": conflict.by})
        form.data = {**form.data.dict(), "base": str(conflict.revision)}  # type: ignore[attr-defined]
    return None


# --- a pile of paper sheets -----------------------------------------------------------------


@sensitive_post_parameters("who", "words", "words_en", "site")
@never_cache
def sheets(request: HttpRequest, slug: str) -> HttpResponse:
    """One sheet after another: what is the same on all stays, the rest is empty again after each."""
    city, actor = city_of(request, slug), actor_of(request)
    found, places = _households(actor, city, request.POST.get("who", ""))
    kept = request.session.get(SERIES, {}) if request.method == "GET" else {}
    initial = {"how": Telling.PAPER, **{name: text for name, text in kept.items() if text}}
    form = SheetForm(request.POST or None, initial=initial, found=found, places=places)
    if request.method == "POST" and form.is_valid() and _sheet_saved(request, form):
        return redirect("register:sheets", slug=city.slug)
    context = {"form": form, "city": city, "is_example": city.node.is_example}
    return render(request, "register/sheets.html", context, status=422 if form.is_bound else 200)


def _households(actor: Actor, city: City, who: str) -> tuple[list[Household], dict[UUID, str]]:
    """Those of a name or number, and words by which they are told apart."""
    found = actions.twins(actor, city.node, [who], who) if who.strip() else []
    words = {
        row.pk: _("%(place)s, number %(code)s") % {"place": actions.place_of(row), "code": row.code}
        for row in found
    }
    return found, words


def _sheet_saved(request: HttpRequest, form: SheetForm) -> bool:
    kept = _saved(actor_of(request), actions.new_statement(form.household()), form)
    if kept is None:
        return False
    request.session[SERIES] = {name: form.data.get(name, "") for name in KEPT_FOR_THE_NEXT}
    messages.success(request, _("Sheet saved as %(ref)s. Now the next one.") % {"ref": kept.ref})
    return True

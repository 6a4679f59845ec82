from __future__ import annotations

import hashlib
import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from khlong.chain.editing import ConflictRow, blame
from khlong.chain.history import shown, writer_name
from khlong.chain.load import last_writer
from khlong.chain.things import plain
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.places import actions
from khlong.places.forms import AuthorityForm, FactTopicForm, GroupForm, UnitForm
from khlong.places.models import Authority, City, FactTopic, Group, Unit
from khlong.record.errors import Refused
from khlong.ui.forms import KhlongModelForm

WORDS: dict[str, tuple[Any, type[KhlongModelForm]]] = {
    "topics": (FactTopic, FactTopicForm),
    "units": (Unit, UnitForm),
}


def edit_part(
    request: HttpRequest,
    part: Any,
    form_class: type[KhlongModelForm],
    save: Any,
    title: str,
    back: str,
    of: Any = None,
) -> HttpResponse:
    """Show or take the form of a row that has no node of its own. 422 when something typed cannot stand, 409
    when somebody saved another thing since the form was read.
    """
    actor = actor_of(request)
    verb = Verb.ADD if of is None and part._state.adding else Verb.CHANGE
    if not can(actor, verb, of or part):
        raise Refused
    now = {} if part._state.adding else _plain_values(part, form_class)
    context: dict[str, Any] = {"title": title, "back": back, "base": _stamp(now)}
    form = form_class(request.POST or None, instance=part)
    if not form.is_bound:
        return _part_page(request, form, context)
    read = request.POST.get("base") or context["base"]
    if not form.is_valid():
        return _part_page(request, form, context | {"base": read}, status=422)
    if read != context["base"]:
        found = {"conflict": {"by": writer_name(last_writer(part))}, "conflict_rows": _rows(form, now)}
        return _part_page(request, form, context | found, status=409)
    try:
        values = {name: form.cleaned_data[name] for name in form._meta.fields or ()}
        save(actor, type(part)._default_manager.filter(pk=part.pk).first() or _blank(part, form), values)
    except ValidationError as error:
        blame(form, error)
        return _part_page(request, form, context, status=422)
    messages.success(request, _("Saved."))
    return redirect(back)


def _part_page(
    request: HttpRequest, form: KhlongModelForm, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    return render(request, "places/edit_part.html", context | {"form": form}, status=status)


def _plain_values(part: Any, form_class: type[KhlongModelForm]) -> dict[str, Any]:
    return {name: plain(getattr(part, name)) for name in form_class._meta.fields or ()}


def _stamp(values: dict[str, Any]) -> str:
    """What the form was read with: such rows have no revision that could say so."""
    return (
        hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest() if values else ""
    )


def _rows(form: KhlongModelForm, now: dict[str, Any]) -> list[ConflictRow]:
    """The fields in which the writer's words differ from what stands now."""
    mine = {name: plain(form.cleaned_data[name]) for name in now}
    return [
        ConflictRow(str(form.fields[name].label), shown(value, field), shown(now[name], field), "")
        for name, value in mine.items()
        for field in [form._meta.model._meta.get_field(name)]
        if value != now[name]
    ]


def _blank(part: Any, form: KhlongModelForm) -> Any:
    """An unsaved copy without what the form wrote into it, still pointing to its whole."""
    written = set(form._meta.fields or ())
    whole = {
        f.name: getattr(part, f.name)
        for f in part._meta.concrete_fields
        if f.name not in written and getattr(part, f.attname) is not None
    }
    return type(part)(**whole)


def _city(request: HttpRequest, slug: str) -> City:
    rows = scope(actor_of(request), City.objects.select_related("node__space", "province"))
    return get_object_or_404(rows, slug=slug)


def add_group(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a group that the city names as its members, in the words it uses itself."""
    found = _city(request, slug)
    group = Group(city=found, order=found.groups.count())
    return edit_part(
        request, group, GroupForm, actions.save_group, _("Add a group of people"), _page(found), of=found
    )


def edit_group(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    found = _city(request, slug)
    group = get_object_or_404(Group.objects.select_related("city__node", "source"), pk=pk, city=found)
    return edit_part(
        request, group, GroupForm, actions.save_group, _("Edit the group"), _page(found), of=found
    )


def add_authority(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a local authority of the city's province; the city's own form then says which ones it joins."""
    found = _city(request, slug)
    authority = Authority(province=found.province)
    back = reverse("places:edit_city", args=[slug])
    return edit_part(
        request, authority, AuthorityForm, actions.save_authority, _("Add a local authority"), back
    )


def edit_authority(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Correct a local authority; stewards only, since cities share it."""
    found = _city(request, slug)
    authority = get_object_or_404(found.authorities, pk=pk)
    back = reverse("places:edit_city", args=[slug])
    return edit_part(
        request, authority, AuthorityForm, actions.save_authority, _("Correct an authority"), back
    )


def _page(city: City) -> str:
    return reverse("places:city", args=[city.slug])


def words(request: HttpRequest, kind: str) -> HttpResponse:
    """The topics that facts are about, or the units that figures are counted in, paged."""
    model, _form = _word(kind)
    rows = scope(actor_of(request), model.objects.order_by("label_th"))
    context = {
        "kind": kind,
        "page_obj": Paginator(rows, 50).get_page(request.GET.get("page")),
        "may_add": can(actor_of(request), Verb.ADD, model()),
        "may_change": can(actor_of(request), Verb.CHANGE, model()),
    }
    return render(request, "places/words.html", context)


def _word(kind: str) -> tuple[Any, type[KhlongModelForm]]:
    if kind not in WORDS:
        raise Http404(kind)
    return WORDS[kind]


def add_word(request: HttpRequest, kind: str) -> HttpResponse:
    """Add a word; its key is made from its English."""
    model, form = _word(kind)
    title = _("Add a topic") if kind == "topics" else _("Add a unit")
    made = model(key=_free_key(model, request.POST.get("label_en", "")))
    return edit_part(request, made, form, actions.save_word, title, reverse("places:words", args=[kind]))


def _free_key(model: Any, text: str) -> str:
    """A key that no word has yet."""
    stem = slugify(text).replace("-", "_")[:50] or "word"
    taken = set(model.objects.filter(key__startswith=stem).values_list("key", flat=True))
    return next(key for key in (stem, *(f"{stem}_{n}" for n in range(2, 999))) if key not in taken)


def edit_word(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    model, form = _word(kind)
    found = get_object_or_404(model, key=key)
    title = _("Correct a word")
    return edit_part(request, found, form, actions.save_word, title, reverse("places:words", args=[kind]))

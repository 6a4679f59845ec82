"""Entering what was said aloud or written on paper, one after the other, and the sheets of paper themselves."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from khlong.chain.editing import blame
from khlong.deliberation.forms import ScribeForm, SheetsForm
from khlong.deliberation.models import Round, Suggestion
from khlong.deliberation.suggesting import PassageChanged, SheetStands, note_suggestion
from khlong.deliberation.views.rounds import context_of, require_writer, round_or_404
from khlong.deliberation.views.speak import _entry, _revision_of, given
from khlong.paper.text import MissingGlyphsError
from khlong.people.middleware import actor_of
from khlong.privacy.models import ConsentText, Purpose
from khlong.privacy.queries import in_force
from khlong.record.errors import Refused, TooMany
from khlong.record.limits import DOCUMENTS, for_the_public
from khlong.strategy.models import VersionEntry
from khlong.strategy.queries import version_book
from khlong.ui.address import absolute

KEPT = ("site", "day", "origin")


def words_of_consent(found: Round) -> ConsentText:
    """The words that are read out: the city's own for making the plan, or those of the house."""
    rows = in_force(found.space_id)
    return next(text for text in rows if text.purpose == Purpose.PLAN)


def scribe(request: HttpRequest, ref: str) -> HttpResponse:
    """Where a scribe begins: the passages of the version, and sheets of paper to print for each."""
    found = round_or_404(request, ref)
    require_writer(request, found)
    leaves = version_book(found.version).all()
    return render(request, "deliberation/scribe.html", context_of(found, leaves=leaves, form=SheetsForm()))


@never_cache
def scribe_at(request: HttpRequest, ref: str, item: str) -> HttpResponse:
    """One suggestion at one passage; place and day stay for the next."""
    found = round_or_404(request, ref)
    require_writer(request, found)
    entry = _entry(found, item)
    if request.method == "POST":
        return _take(request, found, entry)
    initial = {name: request.GET[name] for name in (*KEPT, "sheet") if request.GET.get(name)}
    initial.setdefault("day", timezone.localdate())  # type: ignore[arg-type]
    form = ScribeForm(found=found, shown=entry.revision, initial=initial)
    return _page(request, found, entry, form)


def _page(
    request: HttpRequest, found: Round, entry: VersionEntry, form: ScribeForm, **more: Any
) -> HttpResponse:
    text = words_of_consent(found)
    words = text.in_words(text.language_shown(), found.plan.city.name)
    status = more.pop("status", 422 if form.is_bound else 200)
    context = context_of(found, entry=entry, form=form, shown=form.shown, text=text, words=words, **more)
    return render(request, "deliberation/scribe_at.html", context, status=status)


def _take(request: HttpRequest, found: Round, entry: VersionEntry) -> HttpResponse:
    form = ScribeForm(request.POST, found=found, shown=_revision_of(request.POST, entry))
    if not form.is_valid():
        return _page(request, found, entry, form)
    old = "keep_old" in request.POST
    text = words_of_consent(found)
    key = form.cleaned_data["key"]
    try:
        made, code = note_suggestion(
            actor_of(request), found, form.said(old_words=old), form.heard(text), key=key
        )
    except ValidationError as error:
        blame(form, error)
        return _page(request, found, entry, form)
    except SheetStands as stands:
        form.add_error("sheet", str(stands.reason))
        return _page(request, found, entry, form, standing=stands.standing, status=409)
    except PassageChanged as changed:
        form.add_error(None, str(changed.reason))
        return _page(request, found, entry, form, keep_old=True, status=409)
    except TooMany:
        raise
    except Refused as refused:
        form.add_error(None, str(refused.reason))
        return _page(request, found, entry, form)
    return given(request, found, made, code, scribed=True, entry=entry, again=_again(request, made))


def _again(request: HttpRequest, made: Suggestion) -> str:
    """The query of the form for the next sheet of the pile."""
    kept = {name: request.POST.get(name, "") for name in KEPT}
    return urlencode({name: value for name, value in kept.items() if value} | _next_sheet(made.sheet))


def _next_sheet(sheet: str) -> dict[str, str]:
    found = re.fullmatch(r"(.*?)([0-9]{1,6})", sheet)
    return {"sheet": f"{found[1]}{int(found[2]) + 1:0{len(found[2])}d}"} if found else {}


@for_the_public("deliberation.sheets", DOCUMENTS)
def sheets(request: HttpRequest, ref: str, item: str) -> HttpResponse:
    """Sheets of A4 for one passage, numbered, each with its receipt to tear off; for the working group."""
    from khlong.deliberation.sheet_paper import sheets_file

    found = round_or_404(request, ref)
    require_writer(request, found)
    form = SheetsForm(request.GET)
    if not form.is_valid():
        leaves = version_book(found.version).all()
        return render(
            request, "deliberation/scribe.html", context_of(found, leaves=leaves, form=form), status=422
        )
    rows = found.version.entries.select_related("item__node", "revision")
    entry = get_object_or_404(rows, item__node__ref=item)
    data = form.cleaned_data
    address = absolute(request)
    text = words_of_consent(found)
    words = text.in_words("th", found.plan.city.name_th)
    try:
        content = sheets_file(
            found, entry, words, range(data["begin"], data["begin"] + data["number"]), address
        )
    except MissingGlyphsError as error:
        words = _("The font of the paper has no letters for %(letters)s. Write them otherwise.")
        messages.warning(request, words % {"letters": error.characters[:20]})
        return redirect("deliberation:scribe", ref=ref)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{found.ref}-{entry.item.ref}.pdf"'
    response["Cache-Control"] = "no-store, private"
    return response

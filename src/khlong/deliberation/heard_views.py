"""Who was heard, to read and to print."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import SimpleLazyObject

from khlong.deliberation.heard import Line, who_was_heard
from khlong.deliberation.heard_paper import FORMATS, PER_FILE, heard_file_of, number_of_parts, parts_of
from khlong.deliberation.models import Round, Voice
from khlong.paper.text import MissingGlyphsError
from khlong.people.middleware import actor_of
from khlong.people.policy import scope
from khlong.record.limits import DOCUMENTS, for_the_public
from khlong.ui.papers import no_letters

PER_PAGE = 20


def _round(request: HttpRequest, ref: str) -> Round:
    rows = Round.objects.select_related("node__space", "plan__city__node", "plan__node", "version")
    return get_object_or_404(scope(actor_of(request), rows), node__ref=ref)


def heard(request: HttpRequest, ref: str) -> HttpResponse:
    """Who was heard in a round, by group and by passage, and what was promised against what happened."""
    found = _round(request, ref)
    read = SimpleLazyObject(lambda: who_was_heard(found))
    context = {
        "round": found,
        "city": found.plan.city,
        "heard": read,
        "spoken": SimpleLazyObject(lambda: _page(request, "page", read.passages.heard)),
        "unspoken": SimpleLazyObject(lambda: _page(request, "quiet", read.passages.silent)),
        "voices": [label for _value, label in Voice.choices],
        "parts": SimpleLazyObject(lambda: range(1, number_of_parts(read.own) + 1)),
        "per_file": PER_FILE,
        "formats": tuple(FORMATS),
        "is_example": found.node.is_example,
    }
    return render(request, "deliberation/heard.html", context)


def _page(request: HttpRequest, parameter: str, lines: list[Line]) -> Page[Line]:
    return Paginator(lines, PER_PAGE).get_page(request.GET.get(parameter))


@for_the_public("deliberation.heard", DOCUMENTS)
def heard_file(request: HttpRequest, ref: str, kind: str) -> HttpResponse:
    """What came of a round as a document: who was heard, and every suggestion with its answer."""
    found = _round(request, ref)
    part = _part(request, found)
    if kind not in FORMATS or part is None:
        raise Http404
    digits = request.GET.get("digits") == "thai"
    try:
        data = heard_file_of(found, kind, actor_of(request), part=part, thai_digits=digits)
    except MissingGlyphsError as error:
        messages.warning(request, no_letters(error.characters, ["DOCX"]))
        return redirect("deliberation:heard", ref=found.ref)
    response = HttpResponse(data, content_type=FORMATS[kind])
    name = f"khlong-{found.ref}-heard" + (f"-{part}" if part > 1 else "")
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _part(request: HttpRequest, found: Round) -> int | None:
    asked = request.GET.get("part", "1")
    number = int(asked) if asked.isdecimal() and len(asked) < 6 else 0
    return number if 1 <= number <= parts_of(found) else None

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from khlong.chain.editing import Edit, blame, edit_page
from khlong.chain.models import Kind
from khlong.chain.things import new_thing
from khlong.network.models import Programme
from khlong.network.queries import seen_programmes
from khlong.paper.text import MissingGlyphsError
from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.places.views.parts import edit_part
from khlong.record.errors import Refused
from khlong.record.limits import DOCUMENTS, for_the_public
from khlong.reports import actions
from khlong.reports.forms import LineForm, LogframeForm, PeriodForm, ResultForm
from khlong.reports.models import Line, Logframe, Period, Result
from khlong.reports.paper import FORMATS, Lang, document_of, written
from khlong.reports.queries import frame_of, period_of, seen_logframes
from khlong.ui.papers import no_letters


def _programme(request: HttpRequest, slug: str) -> Programme:
    return get_object_or_404(seen_programmes(actor_of(request)), slug=slug)


def _logframe(request: HttpRequest, slug: str) -> Logframe:
    return get_object_or_404(seen_logframes(actor_of(request)), programme__slug=slug)


def logframes(request: HttpRequest) -> HttpResponse:
    """The logframe of the first programme that has one; its page says so where none is published."""
    found = seen_logframes(actor_of(request)).order_by("node__is_example", "pk").first()
    programme = seen_programmes(actor_of(request)).first()
    slug = found.programme.slug if found else programme.slug if programme else ""
    return redirect("reports:logframe", slug=slug) if slug else render(request, "network/no_programme.html")


def by_ref(request: HttpRequest, ref: str) -> HttpResponse:
    found = get_object_or_404(seen_logframes(actor_of(request)), node__ref=ref)
    return redirect("reports:logframe", slug=found.programme.slug)


def logframe(request: HttpRequest, slug: str) -> HttpResponse:
    """A programme's logframe in a period, each value with what it was made of."""
    programme, actor = _programme(request, slug), actor_of(request)
    found = seen_logframes(actor).filter(programme=programme).first()
    context: dict[str, Any] = {"programme": programme, "is_example": programme.node.is_example}
    if found is None:
        may = can(actor, Verb.ADD, _unsaved(programme))
        return render(request, "reports/no_logframe.html", context | {"may_change": may})
    period = _asked(request, found)
    context |= {
        "logframe": found,
        "periods": SimpleLazyObject(lambda: list(found.periods.order_by("begins"))),
        "period": period,
        "frame": SimpleLazyObject(lambda: frame_of(actor, found, period)),
        "may_change": can(actor, Verb.CHANGE, found),
        "formats": FORMATS,
    }
    return render(request, "reports/logframe.html", context)


def _asked(request: HttpRequest, found: Logframe) -> Period | None:
    asked = request.GET.get("period", "")
    period = period_of(found, asked)
    if asked and period is None:
        raise Http404
    return period


def _unsaved(programme: Programme) -> Logframe:
    made = new_thing(Logframe, Kind.LOGFRAME, space=programme.node, is_example=programme.node.is_example)
    made.programme = programme
    return made


def edit_logframe(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin the logframe of a programme, or change its name."""
    programme = _programme(request, slug)
    standing = seen_logframes(actor_of(request)).filter(programme=programme).first()
    back = reverse("reports:logframe", args=[slug])

    def save(actor: Actor, thing: Logframe, values: dict[str, Any], **more: Any) -> Logframe:
        return actions.save_logframe(actor, thing, values | {"programme": programme}, **more)

    title = _("Edit the logframe") if standing else _("Begin the logframe")
    initial = {"name_th": f"กรอบตรรกะ{programme.name_th}", "name_en": f"Logframe of {programme.name_en}"}
    edit = Edit(standing or _unsaved(programme), LogframeForm, save, title, back, initial=initial)
    return edit_page(request, edit)


def _part(request: HttpRequest, part: Any, form: Any, save: Any, title: str, found: Logframe) -> HttpResponse:
    back = reverse("reports:logframe", args=[found.programme.slug])
    return edit_part(request, part, form, save, title, back, of=found)


def add_result(request: HttpRequest, slug: str) -> HttpResponse:
    found = _logframe(request, slug)
    made = Result(logframe=found, level=request.GET.get("level", ""))
    return _part(request, made, ResultForm, actions.save_result, _("Add a result"), found)


def edit_result(request: HttpRequest, pk: int) -> HttpResponse:
    found = _row(request, Result, pk, "logframe")
    return _part(request, found, ResultForm, actions.save_result, _("Edit the result"), found.logframe)


def add_period(request: HttpRequest, slug: str) -> HttpResponse:
    found = _logframe(request, slug)
    title = _("Add a reporting period")
    return _part(request, Period(logframe=found), PeriodForm, actions.save_period, title, found)


def edit_period(request: HttpRequest, pk: int) -> HttpResponse:
    found = _row(request, Period, pk, "logframe")
    title = _("Edit the period")
    return _part(request, found, PeriodForm, actions.save_period, title, found.logframe)


def _row(request: HttpRequest, model: Any, pk: int, path: str) -> Any:
    rows = model.objects.select_related(f"{path}__node__space", f"{path}__programme__node")
    return get_object_or_404(scope(actor_of(request), rows), pk=pk)


def add_line(request: HttpRequest, pk: int) -> HttpResponse:
    result = _row(request, Result, pk, "logframe")
    return _line(request, Line(result=result), _("Add an indicator"))


def edit_line(request: HttpRequest, pk: int) -> HttpResponse:
    return _line(request, _row(request, Line, pk, "result__logframe"), _("Edit the indicator's line"))


def _line(request: HttpRequest, line: Line, title: str) -> HttpResponse:
    found, actor = line.result.logframe, actor_of(request)
    if not can(actor, Verb.CHANGE, found):
        raise Refused
    back = reverse("reports:logframe", args=[found.programme.slug])
    form = LineForm(request.POST or None, instance=line, actor=actor)
    if form.is_bound and form.is_valid():
        values = {name: form.cleaned_data[name] for name in ("indicator", "how", "order")}
        links = {"from_cities": list(form.cleaned_data["from_cities"])}
        standing = Line.objects.filter(pk=line.pk).select_related("result__logframe__node").first()
        try:
            actions.save_line(actor, standing or Line(result=line.result), values, links=links)
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(back)
    context = {"form": form, "title": title, "back": back, "is_example": found.node.is_example}
    return render(request, "places/edit_part.html", context, status=422 if form.is_bound else 200)


@require_POST
def remove(request: HttpRequest, what: str, pk: int) -> HttpResponse:
    """Take away a result, a line or a period on which nothing rests."""
    kinds: dict[str, tuple[Any, str, Any]] = {
        "result": (Result, "logframe", actions.remove_result),
        "line": (Line, "result__logframe", actions.remove_line),
        "period": (Period, "logframe", actions.remove_period),
    }
    if what not in kinds:
        raise Http404
    model, path, act = kinds[what]
    found = _row(request, model, pk, path)
    slug = (found.result if what == "line" else found).logframe.programme.slug
    act(actor_of(request), found)
    messages.success(request, _("Removed."))
    return redirect("reports:logframe", slug=slug)


@require_POST
def freeze(request: HttpRequest, pk: int) -> HttpResponse:
    found = _row(request, Period, pk, "logframe")
    kept = actions.freeze_period(actor_of(request), found)
    messages.success(request, _("Frozen. These values stand in the report as they are now."))
    return redirect(f"{reverse('reports:logframe', args=[found.logframe.programme.slug])}?period={kept.pk}")


@for_the_public("reports.export", DOCUMENTS)
def export(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """The logframe as a document."""
    found = _logframe(request, slug)
    if kind not in FORMATS:
        raise Http404
    lang: Lang = "en" if request.GET.get("lang", get_language()) == "en" else "th"
    frame = frame_of(actor_of(request), found, _asked(request, found))
    try:
        data = written(document_of(frame, lang), kind)
    except MissingGlyphsError as error:
        messages.warning(request, no_letters(error.characters))
        return redirect("reports:logframe", slug=slug)
    response = HttpResponse(data, content_type=FORMATS[kind])
    response["Content-Disposition"] = f'attachment; filename="khlong-logframe-{slug}-{lang}.{kind}"'
    return response

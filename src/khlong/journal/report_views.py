from __future__ import annotations

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
from django.views.decorators.http import require_POST

from khlong.chain.editing import Edit, edit_page, require_writer
from khlong.chain.history import history
from khlong.chain.models import Kind, Visibility
from khlong.chain.things import new_thing
from khlong.journal import actions, photos, similar
from khlong.journal.forms import ReportForm
from khlong.journal.models import Report
from khlong.journal.queries import Page, of_city, related_to, seen_reports, with_all, with_files
from khlong.network.queries import seen_cities
from khlong.network.spaces import asked_space, writable_spaces
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.places.models import City

PER_PAGE = 12


def reports(request: HttpRequest) -> HttpResponse:
    """All reports, the newest activity first, of all cities or of the one that `?city=` names; paged."""
    actor = actor_of(request)
    city = _asked_city(request)
    rows = seen_reports(actor) if city is None else of_city(seen_reports(actor), city)
    listed = Paginator(with_files(rows).prefetch_related(seen_cities(actor)), PER_PAGE)
    page = listed.get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "pages": SimpleLazyObject(lambda: [Page(report) for report in page]),
        "city": city,
        "cities": SimpleLazyObject(lambda: _cities(request)),
        "spaces": SimpleLazyObject(lambda: writable_spaces(actor)),
    }
    return render(request, "journal/reports.html", context)


def _cities(request: HttpRequest) -> list[City]:
    """The cities that some report is about, for choosing one."""
    told = Report.cities.through.objects.values("city")
    rows = scope(actor_of(request), City.objects.select_related("node"))
    return list(rows.filter(pk__in=told).order_by("sort_key"))


def _asked_city(request: HttpRequest) -> City | None:
    slug = request.GET.get("city", "")
    if not slug:
        return None
    return get_object_or_404(scope(actor_of(request), City.objects.select_related("node")), slug=slug)


def report(request: HttpRequest, ref: str) -> HttpResponse:
    """A report as it is read: its words, its photos, and what to read beside it."""
    actor = actor_of(request)
    found = get_object_or_404(with_all(actor, seen_reports(actor)), node__ref=ref)
    context = {
        "report": found,
        "page": Page(found),
        "related": SimpleLazyObject(lambda: related_to(actor, found.node)),
        "entries": SimpleLazyObject(lambda: history(found)),
        "may_change": can(actor, Verb.CHANGE, found),
        "is_draft": found.node.visibility != Visibility.PUBLIC,
        "is_example": found.node.is_example,
    }
    return render(request, "journal/report.html", context)


def add_report(request: HttpRequest) -> HttpResponse:
    """Write a report of the programme, or of the city that `?space=` names. Only its working group sees it at first."""
    space = asked_space(request)
    unsaved = new_thing(
        Report, Kind.REPORT, space=space, is_example=space.is_example, visibility=Visibility.MEMBERS
    )
    initial = {"cities": [space.pk]} if space.kind == Kind.CITY else {}
    return _write(request, unsaved, _("Write a report"), reverse("journal:reports"), initial, space.title)


def edit_report(request: HttpRequest, ref: str) -> HttpResponse:
    found = get_object_or_404(seen_reports(actor_of(request)), node__ref=ref)
    return _write(request, found, _("Edit the report"), found.get_absolute_url(), {}, "")


def _write(
    request: HttpRequest, thing: Report, title: str, back: str, initial: dict[str, Any], intro: str
) -> HttpResponse:
    """The form of a report. Photos that came with it are kept at once, so that a form which is refused keeps them."""
    actor = actor_of(request)
    require_writer(actor, thing)
    sent = request.method == "POST"
    if sent:
        similar.warm()
    taken: Any = SimpleLazyObject(lambda: photos.of_report(thing))
    if sent:
        taken = photos.taken(request, actor, thing.node.space)
    edit = Edit(
        thing,
        cast(Any, partial(ReportForm, photos=taken)),
        actions.save_report,
        title,
        back,
        intro=intro,
        template="journal/report_edit.html",
        initial=initial,
        context={"photos": taken, "is_draft": thing.node.visibility != Visibility.PUBLIC},
        saved=lambda kept: kept.get_absolute_url(),
    )
    if sent and "upload" in request.POST:
        return _only_photos(request, edit, taken)
    return edit_page(request, edit)


def _only_photos(request: HttpRequest, edit: Edit, taken: photos.Photos) -> HttpResponse:
    """Show the form again with the photos that came in and all that was typed, and blame nothing else yet."""
    form = cast(Any, edit.form)(instance=edit.thing)
    typed = request.POST
    for name, field in form.fields.items():
        many = getattr(field.widget, "allow_multiple_selected", False)
        form.initial[name] = typed.getlist(name) if many else typed.get(name, "")
    for words in taken.refused:
        messages.error(request, words)
    context = {"edit": edit, "form": form, "bound": False, "thing": edit.thing, **edit.context, "just": True}
    return render(request, edit.template, context, status=422 if taken.refused else 200)


@require_POST
def publish_report(request: HttpRequest, ref: str) -> HttpResponse:
    found = get_object_or_404(seen_reports(actor_of(request)), node__ref=ref)
    try:
        actions.publish_report(actor_of(request), found)
    except ValidationError as error:
        for words in error.messages:
            messages.error(request, words)
        return redirect("journal:edit_report", ref=ref)
    messages.success(request, _("Published. Everybody can read the report now."))
    return redirect(found.get_absolute_url())


@require_POST
def withdraw_report(request: HttpRequest, ref: str) -> HttpResponse:
    found = get_object_or_404(seen_reports(actor_of(request)), node__ref=ref)
    actions.withdraw_report(actor_of(request), found)
    messages.success(request, _("Taken back. Only the working group sees the report and its photos now."))
    return redirect(found.get_absolute_url())

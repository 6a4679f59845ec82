"""Bringing in official boundaries: pages for stewards. The computing is done by jobs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.places.boundary_jobs import CHECK, TAKE
from khlong.places.forms import BOUNDARIES, BoundariesForm
from khlong.places.models import Boundary, Source
from khlong.record.errors import FileRefused, Refused
from khlong.record.files import File, keep_file
from khlong.record.jobs import enqueue
from khlong.record.models import Job, JobState
from khlong.record.uploads import let_go

PER_PAGE = 25


def steward_of(request: HttpRequest) -> Actor:
    """Who looks, when that is a steward; Refused for everybody else."""
    actor = actor_of(request)
    if not can(actor, Verb.ADD, Boundary()):
        words = _("Only stewards bring in official boundaries.")
        raise Refused(words if actor.signed_in else None)
    return actor


@never_cache
def boundaries(request: HttpRequest) -> HttpResponse:
    """The form that takes a file with its source, and what was checked so far."""
    actor = steward_of(request)
    form = BoundariesForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        checking = _checking(request, actor, form)
        if checking is not None:
            return redirect("record:job", uuid=checking.pk)
    page = Paginator(scope(actor, Job.objects.filter(name=CHECK)), PER_PAGE).get_page(request.GET.get("page"))
    names = {str(row.pk): row.name for row in File.objects.filter(pk__in=_files(page))}
    rows = [{"job": row, "file": names.get(_argument(row, "file"), "")} for row in page]
    context = {"form": form, "page_obj": page, "rows": rows, "standing": Boundary.objects.count()}
    return render(request, "places/boundaries.html", context, status=422 if form.is_bound else 200)


def _argument(row: Job, name: str) -> str:
    return str(row.arguments.get(name, ""))


def _files(rows: Any) -> list[UUID]:
    return [UUID(_argument(row, "file")) for row in rows if _argument(row, "file")]


def _checking(request: HttpRequest, actor: Actor, form: BoundariesForm) -> Job | None:
    """The job that checks the file, or nothing, with what is wrong in the form."""
    refused = let_go(request, "file")
    if not form.is_valid() or refused is not None:
        if refused is not None:
            form.errors.pop("file", None)
            form.add_error("file", refused)
        return None
    data = form.cleaned_data
    try:
        file = keep_file(actor, data["file"], space=None, kinds=BOUNDARIES)
    except FileRefused as error:
        form.add_error("file", error)
        return None
    return enqueue(actor, CHECK, {"file": str(file.pk), "source": data["source"].pk, "code": data["code"]})


@never_cache
def boundary_check(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What a check found, row by row; when nothing is wrong, the button that takes the file in."""
    actor = steward_of(request)
    row = get_object_or_404(scope(actor, Job.objects.filter(name=CHECK)), pk=uuid)
    result: dict[str, Any] = row.result if isinstance(row.result, dict) else {}
    fits = row.state == JobState.DONE and not result.get("problems")
    if request.method == "POST" and fits:
        taken = enqueue(actor, TAKE, row.arguments, key=str(row.pk))
        return redirect("record:job", uuid=taken.pk)
    page = Paginator(result.get("problems", []), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "job": row,
        "lines": result.get("lines", []),
        "file": File.objects.filter(pk__in=_files([row])).first(),
        "source": Source.objects.filter(pk=_argument(row, "source")).first(),
        "counts": result.get("counts"),
        "more": result.get("more", 0),
        "page_obj": page,
        "fits": fits,
        "taken": scope(actor, Job.objects.filter(name=TAKE, key=str(row.pk))).first(),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "places/boundary_check.html", context, status=status)

"""Jobs on pages: the list, one job with its bar, the facts that were given up."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from khlong.people.actor import Actor, Role
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.record import outbox
from khlong.record.errors import Refused
from khlong.record.jobs import queue, registry
from khlong.record.jobs.words import Shown
from khlong.record.policies import mine
from khlong.record.queue_models import LIVE, FactState, Job, OutboxFact

PER_PAGE = 25
View = Callable[..., HttpResponse]


def signed_in(view: View) -> View:
    """Whoever is not signed in is led to the sign-in page and back; a part of a page is refused instead."""

    @wraps(view)
    def run(request: HttpRequest, **more: Any) -> HttpResponse:
        if actor_of(request).signed_in:
            return view(request, **more)
        if part_only(request):
            return HttpResponse(status=403)
        if request.method != "GET":
            raise Refused
        return redirect(f"{reverse('people:signin')}?next={request.path}")

    return never_cache(run)


def part_only(request: HttpRequest) -> bool:
    """Whether the page is there already, and htmx asks for the part that changes."""
    return "HX-Request" in request.headers


@signed_in
def jobs(request: HttpRequest, refusal: object = "") -> HttpResponse:
    """The jobs somebody asked for; those who keep a city or the house may look at all they may see."""
    actor = actor_of(request)
    sees_more = actor.is_steward or bool(actor.spaces(Role.OWNER))
    everybodys = sees_more and request.GET.get("whose") == "all"
    rows = scope(actor, Job.objects.select_related("user"))
    if not everybodys:
        rows = rows.filter(mine(actor))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [Shown(row) for row in page],
        "sees_more": sees_more,
        "everybodys": everybodys,
        "offered": [known for known in registry.offered() if known.may(actor, None)],
        "may_see_facts": actor.is_steward,
        "refusal": refusal,
    }
    return render(request, "record/jobs.html", context, status=422 if refusal else 200)


@signed_in
@vary_on_headers("HX-Request")
def job(request: HttpRequest, uuid: UUID, refusal: object = "") -> HttpResponse:
    """One job: how far it is, and what can be done with it. Of a job that runs htmx asks for the part that changes."""
    row = _job(actor_of(request), uuid)
    context = {
        "job": row,
        "shown": Shown(row),
        "may_change": can(actor_of(request), Verb.CHANGE, row),
        "told": request.GET.get("told", ""),
        "refusal": refusal,
    }
    template = "record/job_now.html" if part_only(request) else "record/job.html"
    return render(request, template, context, status=422 if refusal else 200)


def _job(actor: Actor, uuid: UUID) -> Job:
    return get_object_or_404(scope(actor, Job.objects.select_related("user")), pk=uuid)


@require_POST
@signed_in
def start(request: HttpRequest) -> HttpResponse:
    """Start a job of those that are offered; one that runs already is shown instead."""
    actor, name = actor_of(request), request.POST.get("name", "")
    if name not in {known.name for known in registry.offered()}:
        return jobs(request, refusal=_("There is no such job to start. Choose one of those below."))
    standing = scope(actor, Job.objects.filter(name=name, state__in=LIVE)).first()
    if standing is not None:
        messages.info(request, _("This job waits or runs already."))
    return redirect("record:job", uuid=(standing or queue.enqueue(actor, name)).pk)


@require_POST
@signed_in
def cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    queue.cancel(actor_of(request), _job(actor_of(request), uuid))
    return redirect("record:job", uuid=uuid)


@require_POST
@signed_in
def retry(request: HttpRequest, uuid: UUID) -> HttpResponse:
    actor = actor_of(request)
    row = _job(actor, uuid)
    try:
        queue.retry(actor, row)
    except Refused as refusal:
        return job(request, uuid=uuid, refusal=refusal.reason)
    return redirect("record:job", uuid=uuid)


@signed_in
def facts(request: HttpRequest) -> HttpResponse:
    """Facts that were given up, for stewards."""
    actor = actor_of(request)
    if not actor.is_steward:
        raise Refused(_("Only stewards see the news between the parts of Khlong."))
    rows = scope(actor, OutboxFact.objects.all())
    page = Paginator(rows.filter(state=FactState.DEAD).order_by("-id"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {"page_obj": page, "waiting": rows.filter(state=FactState.WAITING).count()}
    return render(request, "record/facts.html", context)


@require_POST
@signed_in
def retry_fact(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    row = get_object_or_404(scope(actor, OutboxFact.objects.all()), pk=pk)
    outbox.retry_fact(actor, row)
    messages.success(request, _("It is delivered again in a moment."))
    return redirect("record:facts")

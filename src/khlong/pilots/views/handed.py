"""The hand-over file on pages: asked for, made by a job, taken away."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.pilots.hand_over import KEEP_DAYS, ask
from khlong.pilots.models import HandOver
from khlong.pilots.queries import works_here
from khlong.pilots.views.pilots import pilot_or_404
from khlong.record.errors import Refused
from khlong.record.files import open_file


@never_cache
def hand_over(request: HttpRequest, ref: str) -> HttpResponse:
    """The hand-over files that are there, and the button that makes a new one."""
    actor, pilot = actor_of(request), pilot_or_404(request, ref)
    if not actor.signed_in or not works_here(actor, pilot.space_id):
        raise Refused(
            _("The hand-over file is for those who work in this city.") if actor.signed_in else None
        )
    writes = can(actor, Verb.CHANGE, pilot)
    if request.method == "POST":
        job = ask(actor, pilot, with_receipts=writes and bool(request.POST.get("receipts")))
        return redirect("record:job", uuid=job.pk)
    rows = scope(actor, HandOver.objects.filter(pilot=pilot).select_related("file__blob"))
    context = {
        "pilot": pilot,
        "rows": rows[:20],
        "may_receipts": writes,
        "days": KEEP_DAYS,
        "is_example": pilot.node.is_example,
    }
    return render(request, "pilots/hand_over.html", context)


@never_cache
def download(request: HttpRequest, ref: str, pk: UUID) -> HttpResponseBase:
    """The file itself, for who may have it."""
    rows = HandOver.objects.filter(pilot__node__ref=ref).select_related("file__blob", "pilot__node")
    found = get_object_or_404(scope(actor_of(request), rows), pk=pk)
    try:
        opened = open_file(found.file)
    except OSError as error:
        raise Http404 from error
    response = FileResponse(opened, content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, found.file.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response

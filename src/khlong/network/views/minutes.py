"""The minutes of a meeting: read, written item by item, approved, printed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from khlong.network import minutes as actions
from khlong.network.meeting_models import Section
from khlong.network.models import AgendaItem, Decision, Meeting, Minutes, Task
from khlong.network.queries import seen_meetings
from khlong.network.views.attendance import meeting_or_404
from khlong.network.work_forms import AgendaItemForm, ApprovalForm, DecisionForm, MinutesForm
from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.places.views.parts import edit_part
from khlong.record.errors import Refused
from khlong.thai.spans import BE_OFFSET


def minutes_or_404(request: HttpRequest, ref: str, verb: Verb = Verb.VIEW) -> Minutes:
    rows = Minutes.objects.select_related("meeting__node__space", "approved_at__node")
    return get_object_or_404(scope(actor_of(request), rows, verb), meeting__node__ref=ref)


def address(ref: str) -> str:
    return reverse("network:minutes", args=[ref])


def minutes(request: HttpRequest, ref: str) -> HttpResponse:
    """What was said to each item of the agenda, and what was decided."""
    return _page(request, minutes_or_404(request, ref))


def _page(
    request: HttpRequest, found: Minutes, form: ApprovalForm | None = None, *, status: int = 200
) -> HttpResponse:
    actor = actor_of(request)
    may_write = can(actor, Verb.CHANGE, found)
    may_change = may_write and not found.is_approved
    context = {
        "minutes": found,
        "meeting": found.meeting,
        "sections": by_section(found),
        "decisions": decisions_of(actor, found),
        "may_write": may_write,
        "may_change": may_change,
        "form": form or (ApprovalForm(minutes=found) if may_change else None),
        "is_example": found.meeting.node.is_example,
    }
    return render(request, "network/minutes.html", context, status=status)


def by_section(found: Minutes) -> list[tuple[str, list[AgendaItem]]]:
    """The items under the six headings of an agenda; a heading without any is left out. One query."""
    rows = list(found.items.all())
    grouped = [(str(section.label), [row for row in rows if row.section == section]) for section in Section]
    return [(label, items) for label, items in grouped if items]


def decisions_of(actor: Actor, found: Minutes) -> list[tuple[Decision, list[Task]]]:
    """Decisions with the tasks that were made of them, as far as the reader sees tasks; two queries."""
    rows = list(found.decisions.select_related("organisation__node", "work_group__node"))
    tasks = scope(actor, Task.objects.filter(decision__in=rows).select_related("person", "group__node"))
    made: dict[Any, list[Task]] = {}
    for task in tasks if actor.signed_in else ():
        made.setdefault(task.decision_id, []).append(task)
    return [(row, made.get(row.pk, [])) for row in rows]


def edit_minutes(request: HttpRequest, ref: str) -> HttpResponse:
    """Begin the minutes, or change their head."""
    meeting = meeting_or_404(request, ref)
    standing = Minutes.objects.select_related("meeting__node__space").filter(meeting=meeting).first()
    title = _("Edit the head of the minutes") if standing else _("Write the minutes")
    part = standing or Minutes(meeting=meeting, body=_body(meeting), year=_year(meeting))
    return edit_part(
        request, part, MinutesForm, actions.save_minutes, title, _back(meeting, standing), of=meeting
    )


def _body(meeting: Meeting) -> str:
    return (meeting.work_group.name_th if meeting.work_group else meeting.name_th)[:200]


def _year(meeting: Meeting) -> int | None:
    return meeting.date.start.year + BE_OFFSET if meeting.date else None


def _back(meeting: Meeting, standing: Minutes | None) -> str:
    return address(meeting.ref)


@require_POST
def approve(request: HttpRequest, ref: str) -> HttpResponse:
    """Note the later meeting that approved the minutes."""
    found = minutes_or_404(request, ref, Verb.CHANGE)
    form = ApprovalForm(request.POST, minutes=found)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    by = get_object_or_404(seen_meetings(actor_of(request)), pk=form.cleaned_data["meeting"].pk)
    try:
        actions.approve_minutes(actor_of(request), found, by)
    except Refused as refused:
        form.add_error("meeting", str(refused.reason))
        return _page(request, found, form, status=422)
    messages.success(request, _("The minutes are approved. Whoever sees the meeting reads them now."))
    return redirect(address(ref))


def add_item(request: HttpRequest, ref: str) -> HttpResponse:
    found = minutes_or_404(request, ref)
    return _edit(request, AgendaItem(minutes=found), _("Add an item"))


def edit_item(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    return _edit(request, _one(request, AgendaItem, ref, pk), _("Edit the item"))


def add_decision(request: HttpRequest, ref: str) -> HttpResponse:
    found = minutes_or_404(request, ref)
    return _edit(request, Decision(minutes=found), _("Add a decision"))


def edit_decision(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    return _edit(request, _one(request, Decision, ref, pk), _("Edit the decision"))


def _one(request: HttpRequest, model: Any, ref: str, pk: int) -> Any:
    rows = model.objects.select_related("minutes__meeting__node__space").filter(
        minutes__meeting__node__ref=ref
    )
    return get_object_or_404(scope(actor_of(request), rows, Verb.CHANGE), pk=pk)


def _edit(request: HttpRequest, row: AgendaItem | Decision, title: str) -> HttpResponse:
    meeting: Meeting = row.minutes.meeting
    form: Any = AgendaItemForm if isinstance(row, AgendaItem) else DecisionForm
    save: Any = actions.save_item if isinstance(row, AgendaItem) else actions.save_decision
    heading = f"{title} · {row.minutes.body}"
    return edit_part(request, row, form, save, heading, address(meeting.ref), of=meeting)


@require_POST
def remove_item(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    actions.remove_item(actor_of(request), _one(request, AgendaItem, ref, pk))
    messages.success(request, _("The item is taken away."))
    return redirect(address(ref))


@require_POST
def remove_decision(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    actions.remove_decision(actor_of(request), _one(request, Decision, ref, pk))
    messages.success(request, _("The decision is taken away."))
    return redirect(address(ref))


def minutes_file(request: HttpRequest, ref: str, kind: str) -> HttpResponse:
    """The minutes in the official Thai form, to print."""
    from khlong.network.paper import FORMATS, minutes_document, written

    found = minutes_or_404(request, ref)
    if kind not in FORMATS:
        raise Http404
    digits = request.GET.get("digits") == "thai"
    data = written(minutes_document(found, actor_of(request), thai_digits=digits), kind)
    response = HttpResponse(data, content_type=FORMATS[kind])
    response["Content-Disposition"] = f'attachment; filename="khlong-{ref}-minutes.{kind}"'
    return response

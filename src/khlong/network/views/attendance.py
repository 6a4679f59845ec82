"""Who was invited to a meeting and who came, in numbers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from khlong.network import minutes as actions
from khlong.network.models import Attendance, Meeting
from khlong.network.queries import seen_meetings
from khlong.network.work_forms import AttendanceForm
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, scope
from khlong.places.views.parts import edit_part


def meeting_or_404(request: HttpRequest, ref: str) -> Meeting:
    return get_object_or_404(seen_meetings(actor_of(request)), node__ref=ref)


def add_attendance(request: HttpRequest, ref: str) -> HttpResponse:
    meeting = meeting_or_404(request, ref)
    return _page(request, Attendance(meeting=meeting), _("Add who was there"))


def edit_attendance(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    return _page(request, _row(request, ref, pk), _("Edit who was there"))


def _row(request: HttpRequest, ref: str, pk: int) -> Attendance:
    rows = Attendance.objects.filter(meeting=meeting_or_404(request, ref))
    rows = rows.select_related("meeting__node__space", "group", "organisation__node")
    return get_object_or_404(scope(actor_of(request), rows, Verb.CHANGE), pk=pk)


def _page(request: HttpRequest, row: Attendance, title: str) -> HttpResponse:
    back = row.meeting.get_absolute_url()
    return edit_part(request, row, AttendanceForm, actions.save_attendance, title, back, of=row.meeting)


@require_POST
def remove_attendance(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    row = _row(request, ref, pk)
    actions.remove_attendance(actor_of(request), row)
    messages.success(request, _("The line is taken away."))
    return redirect(row.meeting.get_absolute_url())

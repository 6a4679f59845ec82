"""Steps, activities, changes and lessons of a pilot on pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from khlong.chain.editing import blame
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.pilots import actions, uploads
from khlong.pilots.forms import PHOTOS, ActivityForm, ChangeForm, LessonForm, StepForm, WithFiles
from khlong.pilots.models import Change, Lesson, Pilot, PilotActivity, WorkStep
from khlong.pilots.page import Done
from khlong.pilots.queries import activities_of, came, works_here
from khlong.pilots.views.pilots import pilot_or_404
from khlong.places.views.parts import edit_part
from khlong.record.errors import Refused

PER_PAGE = 12


def part_or_404(request: HttpRequest, model: type[Any], ref: str, pk: UUID) -> Any:
    rows = model.objects.filter(pilot__node__ref=ref).select_related("pilot__node__space", "pilot__city")
    return get_object_or_404(scope(actor_of(request), rows, Verb.CHANGE), pk=pk)


def next_place(model: type[Any], pilot: Pilot) -> int:
    last = model.objects.filter(pilot=pilot).order_by("-order").first()
    return (last.order if last else 0) + 1


def add_step(request: HttpRequest, ref: str) -> HttpResponse:
    of = pilot_or_404(request, ref)
    row = WorkStep(pilot=of, order=next_place(WorkStep, of))
    return _edit(request, row, StepForm, actions.save_step, _("Add a step"))


def edit_step(request: HttpRequest, ref: str, pk: UUID) -> HttpResponse:
    row = part_or_404(request, WorkStep, ref, pk)
    return _edit(request, row, StepForm, actions.save_step, _("Edit the step"))


@require_POST
def step_done(request: HttpRequest, ref: str, pk: UUID) -> HttpResponse:
    """Say that a step was done today."""
    row = part_or_404(request, WorkStep, ref, pk)
    actions.save_step(actor_of(request), row, {"done_on": timezone.localdate()})
    messages.success(request, _("Noted as done today."))
    return redirect(f"{row.pilot.get_absolute_url()}#steps")


def add_change(request: HttpRequest, ref: str) -> HttpResponse:
    row = Change(pilot=pilot_or_404(request, ref), on=timezone.localdate())
    return _edit(request, row, ChangeForm, actions.save_change, _("Note a change of the plan"))


def add_lesson(request: HttpRequest, ref: str) -> HttpResponse:
    row = Lesson(pilot=pilot_or_404(request, ref), on=timezone.localdate())
    return _edit(request, row, LessonForm, actions.save_lesson, _("Note a lesson"))


def edit_lesson(request: HttpRequest, ref: str, pk: UUID) -> HttpResponse:
    row = part_or_404(request, Lesson, ref, pk)
    return _edit(request, row, LessonForm, actions.save_lesson, _("Edit the lesson"))


def _edit(request: HttpRequest, row: Any, form: Any, save: Any, title: str) -> HttpResponse:
    return edit_part(request, row, form, save, title, row.pilot.get_absolute_url(), of=row.pilot)


REMOVE: dict[str, tuple[type[Any], Any]] = {
    "step": (WorkStep, actions.remove_step),
    "lesson": (Lesson, actions.remove_lesson),
    "activity": (PilotActivity, actions.remove_activity),
}


@require_POST
def remove_part(request: HttpRequest, ref: str, kind: str, pk: UUID) -> HttpResponse:
    """Take a step, a lesson or an activity away."""
    model, remove = REMOVE[kind]
    row = part_or_404(request, model, ref, pk)
    remove(actor_of(request), row)
    messages.success(request, _("Taken away."))
    return redirect(row.pilot.get_absolute_url())


# --- activities -------------------------------------------------------------------------------------


def activities(request: HttpRequest, ref: str) -> HttpResponse:
    """All activities of a pilot, paged."""
    actor, of = actor_of(request), pilot_or_404(request, ref)
    page = Paginator(activities_of(of), PER_PAGE).get_page(request.GET.get("page"))
    whole = works_here(actor, of.space_id)
    context = {
        "pilot": of,
        "page_obj": page,
        "activities": [Done(row, came(actor, row), whole=whole) for row in page],
        "may_change": can(actor, Verb.CHANGE, of),
        "is_example": of.node.is_example,
    }
    return render(request, "pilots/activities.html", context)


def add_activity(request: HttpRequest, ref: str) -> HttpResponse:
    row = PilotActivity(pilot=pilot_or_404(request, ref), on=timezone.localdate())
    return _activity(request, row, _("Add an activity"))


def edit_activity(request: HttpRequest, ref: str, pk: UUID) -> HttpResponse:
    return _activity(request, part_or_404(request, PilotActivity, ref, pk), _("Edit the activity"))


def _activity(request: HttpRequest, row: PilotActivity, title: str) -> HttpResponse:
    back = row.pilot.get_absolute_url()
    return with_files(request, row, ActivityForm, PHOTOS, actions.save_activity, title, back)


def with_files(
    request: HttpRequest,
    row: Any,
    form_class: type[WithFiles],
    wanted: tuple[uploads.Wanted, ...],
    save: Any,
    title: str,
    back: str,
) -> HttpResponse:
    """Show or take the form of a part with files; what came in stays in a form that is refused."""
    actor = actor_of(request)
    if not can(actor, Verb.CHANGE, row.pilot):
        raise Refused(_("Only the working group of this city may change this.") if actor.signed_in else None)
    sent = request.method == "POST"
    space = row.pilot.space_id
    taken = uploads.take(request, actor, space, row, wanted) if sent else uploads.standing(row, wanted)
    form = form_class(request.POST if sent else None, instance=row, files_taken=taken)
    if sent and form.is_valid():
        try:
            save(actor, _fresh(row), _values(form, taken))
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(back)
    return files_page(
        request, form, taken, {"title": title, "back": back, "is_example": row.pilot.node.is_example}
    )


def _fresh(row: Any) -> Any:
    """The row without what the form wrote into it."""
    model = type(row)
    standing = model.objects.filter(pk=row.pk).select_related("pilot__node__space", "pilot__city").first()
    return standing or model(pilot=row.pilot)


def _values(form: WithFiles, taken: Mapping[str, uploads.Taken]) -> dict[str, Any]:
    names = [*(form._meta.fields or ()), *taken]
    return {name: form.cleaned_data[name] for name in names}


def files_page(
    request: HttpRequest, form: Any, taken: Mapping[str, uploads.Taken], more: dict[str, Any]
) -> HttpResponse:
    context = {"form": form, "taken": [one for one in taken.values() if one.file is not None], **more}
    return render(request, "pilots/form.html", context, status=422 if form.is_bound else 200)

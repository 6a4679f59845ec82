"""Working groups and tasks."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from khlong.chain.editing import Edit, blame, edit_page
from khlong.chain.history import history
from khlong.chain.models import Kind, Node
from khlong.chain.things import new_thing
from khlong.chain.views import node_or_404
from khlong.network import work
from khlong.network.counts import FEWEST
from khlong.network.models import Decision, Seat, Task, WorkGroup
from khlong.network.queries import newest_first, seen_meetings, seen_organisations, seen_work_groups
from khlong.network.spaces import asked_space, writable_spaces
from khlong.network.work_forms import MINE, ReasonForm, SeatForm, TaskFilterForm, TaskForm, WorkGroupForm
from khlong.network.work_models import Chair, TaskState
from khlong.network.work_policies import holding
from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.places.views.parts import edit_part
from khlong.record.errors import Refused

PER_PAGE = 25


# --- working groups ------------------------------------------------------------------------------------


def work_groups(request: HttpRequest) -> HttpResponse:
    """All working groups that the reader may see, paged."""
    actor = actor_of(request)
    rows = seen_work_groups(actor).order_by("node__space__sort_key", "sort_key")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    spaces = SimpleLazyObject(lambda: writable_spaces(actor))
    return render(request, "network/work_groups.html", {"page_obj": page, "spaces": spaces})


def work_group(request: HttpRequest, ref: str) -> HttpResponse:
    return _group_page(request, _group(request, ref))


def _group(request: HttpRequest, ref: str) -> WorkGroup:
    rows = seen_work_groups(actor_of(request)).annotate(seated=Count("seats"))
    return get_object_or_404(rows, node__ref=ref)


def _group_page(
    request: HttpRequest, found: WorkGroup, form: SeatForm | None = None, *, status: int = 200
) -> HttpResponse:
    actor = actor_of(request)
    may_change = can(actor, Verb.CHANGE, found)
    number: int = found.seated  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "group": found,
        "may_change": may_change,
        "number": number,
        "few": 0 < number < FEWEST and not may_change,
        "bodies": seen_organisations(actor).filter(working_groups=found).order_by("sort_key"),
        "meetings": newest_first(seen_meetings(actor).filter(work_group=found))[:20],
        "seats": scope(actor, found.seats.select_related("user", "group__node")) if may_change else [],
        "tasks": _open_tasks(actor, found),
        "form": (form or SeatForm(space=found.node.space)) if may_change else None,
        "entries": SimpleLazyObject(lambda: history(found)),
        "is_example": found.node.is_example,
    }
    return render(request, "network/work_group.html", context, status=status)


def _open_tasks(actor: Actor, group: WorkGroup) -> list[Task]:
    if not actor.signed_in:
        return []
    rows = Task.objects.filter(group=group, state=TaskState.OPEN).select_related("space", "group__node")
    return list(scope(actor, rows).order_by(F("due").asc(nulls_last=True), "pk")[:PER_PAGE])


def add_work_group(request: HttpRequest) -> HttpResponse:
    space = asked_space(request)
    edit = Edit(
        new_thing(WorkGroup, Kind.WORKGROUP, space=space, is_example=space.is_example),
        WorkGroupForm,
        work.save_work_group,
        _("Add a working group"),
        reverse("network:work_groups"),
        intro=space.title,
        saved=lambda kept: kept.get_absolute_url(),
    )
    return edit_page(request, edit)


def edit_work_group(request: HttpRequest, ref: str) -> HttpResponse:
    found = get_object_or_404(seen_work_groups(actor_of(request)), node__ref=ref)
    back = found.get_absolute_url()
    return edit_page(
        request, Edit(found, WorkGroupForm, work.save_work_group, _("Edit the working group"), back)
    )


@require_POST
def give_seat(request: HttpRequest, ref: str) -> HttpResponse:
    found = _group(request, ref)
    if not can(actor_of(request), Verb.CHANGE, found):
        raise Refused
    form = SeatForm(request.POST, space=found.node.space)
    if not form.is_valid():
        return _group_page(request, found, form, status=422)
    data = form.cleaned_data
    try:
        work.give_seat(actor_of(request), found, data["person"], Chair(data["role"]))
    except Refused as refused:
        form.add_error("person", str(refused.reason))
        return _group_page(request, found, form, status=422)
    messages.success(request, _("Saved."))
    return redirect(found.get_absolute_url())


@require_POST
def take_seat(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    found = _group(request, ref)
    rows = scope(actor_of(request), Seat.objects.filter(group=found).select_related("group__node", "user"))
    seat = get_object_or_404(rows, pk=pk)
    work.take_seat(actor_of(request), seat)
    messages.success(request, _("%(person)s sits in the group no more.") % {"person": seat.user})
    return redirect(found.get_absolute_url())


# --- tasks ---------------------------------------------------------------------------------------------


def _seen_tasks(actor: Actor) -> QuerySet[Task]:
    rows = Task.objects.select_related("space", "person", "group__node", "about__space")
    return scope(actor, rows.select_related("decision__minutes__meeting__node"))


def tasks(request: HttpRequest) -> HttpResponse:
    """The tasks of all cities in which the reader has a role, those that are due first; paged and narrowed."""
    actor = actor_of(request)
    _require_account(actor)
    places = list(
        scope(actor, Node.objects.filter(kind__in=[Kind.CITY, Kind.PROGRAMME])).filter(
            pk__in=_seen_tasks(actor).order_by().values("space")
        )
    )
    spaces = writable_spaces(actor)
    form = TaskFilterForm(request.GET or {"state": TaskState.OPEN}, spaces=places)
    rows = _narrowed(_seen_tasks(actor), form, actor)
    page = Paginator(rows.order_by(F("due").asc(nulls_last=True), "pk"), PER_PAGE)
    context = {"page_obj": page.get_page(request.GET.get("page")), "form": form, "spaces": spaces}
    return render(request, "network/tasks.html", context)


def _require_account(actor: Actor) -> None:
    if not actor.signed_in:
        raise Refused


def _narrowed(rows: QuerySet[Task], form: TaskFilterForm, actor: Actor) -> QuerySet[Task]:
    if not form.is_valid():
        return rows.none()
    data = form.cleaned_data
    if data["state"]:
        rows = rows.filter(state=data["state"])
    if data["space"]:
        rows = rows.filter(space__ref=data["space"])
    return rows.filter(holding(actor)) if data["whose"] == MINE else rows


def task(request: HttpRequest, pk: int) -> HttpResponse:
    return _task_page(request, _task(request, pk))


def _task(request: HttpRequest, pk: int) -> Task:
    _require_account(actor_of(request))
    return get_object_or_404(_seen_tasks(actor_of(request)), pk=pk)


def _task_page(
    request: HttpRequest, found: Task, form: ReasonForm | None = None, *, status: int = 200
) -> HttpResponse:
    actor = actor_of(request)
    context = {
        "task": found,
        "form": form or ReasonForm(),
        "may_change": can(actor, Verb.CHANGE, found),
        "may_end": can(actor, Verb.USE, found),
        "about": found.about if found.about and can(actor, Verb.VIEW, found.about) else None,
        "is_example": found.space.is_example,
    }
    return render(request, "network/task.html", context, status=status)


def add_task(request: HttpRequest) -> HttpResponse:
    """A task of the space that `?space=` names, from the decision `?decision=`, or about the thing `?about=`."""
    actor = actor_of(request)
    _require_account(actor)
    made = _from_decision(request) or _about(request) or Task(space=asked_space(request))
    if not can(actor, Verb.CHANGE, made):
        raise Refused(_("Only the working group of this city gives tasks in it."))
    return edit_part(
        request, made, TaskForm, work.save_task, _title(_("Add a task"), made), reverse("network:tasks")
    )


def _title(words: str, task: Task) -> str:
    return f"{words} · {task.space.title}"


def _from_decision(request: HttpRequest) -> Task | None:
    number = request.GET.get("decision", "")
    if not number:
        return None
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Http404
    rows = scope(actor_of(request), Decision.objects.select_related("minutes__meeting__node__space"))
    decision = get_object_or_404(rows, pk=int(number))
    node = decision.minutes.meeting.node
    return Task(
        space=node.space,
        decision=decision,
        about=node,
        what=decision.text[:300],
        due=decision.due,
        group=decision.work_group,
    )


def _about(request: HttpRequest) -> Task | None:
    if "about" not in request.GET:
        return None
    node = node_or_404(request, request.GET["about"])
    return Task(space=node.space, about=node)


def edit_task(request: HttpRequest, pk: int) -> HttpResponse:
    found = _task(request, pk)
    return edit_part(
        request, found, TaskForm, work.save_task, _title(_("Edit the task"), found), found.get_absolute_url()
    )


@require_POST
def end_task(request: HttpRequest, pk: int) -> HttpResponse:
    """Done, dropped or open again, as the button says that was pressed."""
    found, form = _task(request, pk), ReasonForm(request.POST)
    state = request.POST.get("state", "")
    if state not in TaskState.values:
        raise Http404
    if not form.is_valid():
        return _task_page(request, found, form, status=422)
    try:
        work.end_task(actor_of(request), found, TaskState(state), form.cleaned_data["reason"])
    except ValidationError as error:
        blame(form, error)
        return _task_page(request, found, form, status=422)
    messages.success(request, _("Saved."))
    return redirect(found.get_absolute_url())

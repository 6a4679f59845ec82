"""Findings: to read, to write with their why and evidence, and to check together."""

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

from khlong.assessment import actions, ground_form, papers, why_form
from khlong.assessment.forms import CheckForm, FindingFilter, FindingForm, UncheckForm
from khlong.assessment.models import Finding
from khlong.assessment.queries import CAUSES, counted, evidence_of, seen_findings, with_signs
from khlong.assessment.whys import lines
from khlong.chain.editing import Edit, blame, edit_page, require_writer
from khlong.chain.history import history
from khlong.chain.models import Kind, Visibility
from khlong.chain.things import new_thing
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.places.models import City
from khlong.record.errors import Refused

PER_PAGE = 20


def _listed(request: HttpRequest, city: City | None) -> dict[str, Any]:
    actor = actor_of(request)
    form = FindingFilter(request.GET, city=city)
    rows = seen_findings(actor) if city is None else seen_findings(actor).filter(city=city)
    rows = form.narrowed(rows).prefetch_related(CAUSES)
    page = Paginator(counted(actor, rows), PER_PAGE).get_page(request.GET.get("page"))
    return {"form": form, "page_obj": page, "narrowed": any(request.GET.get(name) for name in form.fields)}


def all_findings(request: HttpRequest) -> HttpResponse:
    """Findings of all cities; paged."""
    cities = SimpleLazyObject(lambda: _cities(request))
    return render(request, "assessment/findings.html", _listed(request, None) | {"cities": cities})


def _cities(request: HttpRequest) -> list[City]:
    """The cities that have findings somebody may see."""
    seen = seen_findings(actor_of(request)).order_by().values("city")
    rows = scope(actor_of(request), City.objects.select_related("node"))
    return list(rows.filter(pk__in=seen).order_by("sort_key"))


def findings(request: HttpRequest, slug: str) -> HttpResponse:
    """Findings of a city by hazard, group, community and whether they were checked; paged."""
    city = _city(request, slug)
    context = _listed(request, city) | {
        "city": city,
        "may_add": can(
            actor_of(request), Verb.ADD, Finding(node=new_thing(Finding, Kind.FINDING, space=city.node).node)
        ),
        "is_example": city.node.is_example,
    }
    return render(request, "assessment/findings.html", context)


def _city(request: HttpRequest, slug: str) -> City:
    rows = scope(actor_of(request), City.objects.select_related("node"))
    return get_object_or_404(rows, slug=slug)


def _finding(request: HttpRequest, ref: str) -> Finding:
    return get_object_or_404(seen_findings(actor_of(request)), node__ref=ref)


def finding(request: HttpRequest, ref: str) -> HttpResponse:
    """A finding as it is read: the sentence, why it is so downwards, what it rests on, who checked it."""
    actor = actor_of(request)
    rows = (
        with_signs(seen_findings(actor))
        .select_related("validated_in__node")
        .prefetch_related(CAUSES, "groups")
    )
    found: Any = get_object_or_404(rows, node__ref=ref)
    files = found.files.select_related("file__blob") if found.has_files else ()
    evidence, more = evidence_of(actor, found)
    meeting = found.validated_in
    context = {
        "finding": found,
        "why": lines(found.causes.all()),
        "evidence": evidence,
        "more_evidence": more,
        "files": [row for row in files if can(actor, Verb.VIEW, row.file)],
        "meeting": meeting if meeting is not None and can(actor, Verb.VIEW, meeting) else None,
        "entries": SimpleLazyObject(lambda: history(found)),
        "may_change": can(actor, Verb.CHANGE, found),
        "is_draft": found.node.visibility != Visibility.PUBLIC,
        "is_example": found.node.is_example,
    }
    return render(request, "assessment/finding.html", context)


# --- writing ------------------------------------------------------------------------------


def add_finding(request: HttpRequest, slug: str) -> HttpResponse:
    """Write a finding; `?statement=`, `?fact=`, `?event=` and `?meeting=` bring what it rests on."""
    city = _city(request, slug)
    seen, example = Visibility.MEMBERS, city.node.is_example
    unsaved = new_thing(Finding, Kind.FINDING, space=city.node, is_example=example, visibility=seen)
    back = reverse("assessment:findings", args=[city.slug])
    return _write(request, unsaved, city, _("Write a finding"), back)


def edit_finding(request: HttpRequest, ref: str) -> HttpResponse:
    found = _finding(request, ref)
    return _write(request, found, found.city, _("Edit the finding"), found.get_absolute_url())


MORE = ("more-why", "more-evidence", "find", "put-in")
"""Buttons that show the form again with more in it, and save nothing."""


def _write(request: HttpRequest, thing: Finding, city: City, title: str, back: str) -> HttpResponse:
    actor = actor_of(request)
    require_writer(actor, thing)
    sent = request.method == "POST"
    if sent:
        why = why_form.taken(request.POST)
        ground = ground_form.taken(request, actor, thing)
        kept = papers.taken(request, actor, thing.node.space)
    else:
        why, kept = why_form.of_finding(thing), papers.of_finding(thing)
        ground = ground_form.of_finding(actor, thing, request.GET)
    edit = Edit(
        thing,
        cast(Any, partial(FindingForm, city=city, why=why, ground=ground, papers=kept)),
        actions.save_finding,
        title,
        back,
        intro=str(city.name),
        template="assessment/finding_edit.html",
        context={"why": why, "ground": ground, "papers": kept, "city": city, "most_words": why.longest},
        saved=lambda one: one.get_absolute_url(),
    )
    asked = [name for name in MORE if name in request.POST]
    return _again(request, edit, asked[0]) if asked else edit_page(request, edit)


def _again(request: HttpRequest, edit: Edit, asked: str) -> HttpResponse:
    """The form again with all that was typed and what was asked for; blames nothing yet."""
    form = cast(Any, edit.form)(instance=edit.thing)
    typed = request.POST
    for name, field in form.fields.items():
        many = getattr(field.widget, "allow_multiple_selected", False)
        form.initial[name] = typed.getlist(name) if many else typed.get(name, "")
    rows: Any = edit.context
    if asked == "more-why":
        rows["why"].more()
    elif asked == "more-evidence":
        rows["ground"].more()
    refused = (
        rows["papers"].refused
        if asked == "put-in"
        else rows["ground"].faults
        if asked == "more-evidence"
        else []
    )
    for words in refused:
        messages.error(request, words)
    context = {"edit": edit, "form": form, "bound": False, "thing": edit.thing, "asked": asked, **rows}
    context["is_example"] = edit.thing.node.is_example
    return render(request, edit.template, context, status=422 if refused else 200)


# --- checking and showing -------------------------------------------------------------------


def validate_finding(request: HttpRequest, ref: str) -> HttpResponse:
    """Note which meeting checked the finding, or take the check back with a reason."""
    found, actor = _finding(request, ref), actor_of(request)
    require_writer(actor, found)
    form: Any = (
        UncheckForm(request.POST or None)
        if found.is_checked
        else CheckForm(request.POST or None, finding=found)
    )
    if request.method == "POST" and form.is_valid() and _checked(request, found, form):
        return redirect(found.get_absolute_url())
    context = {"finding": found, "form": form, "is_example": found.node.is_example}
    return render(request, "assessment/check.html", context, status=422 if form.is_bound else 200)


def _checked(request: HttpRequest, found: Finding, form: Any) -> bool:
    data, actor = form.cleaned_data, actor_of(request)
    try:
        if found.is_checked:
            actions.unvalidate_finding(actor, found, data["reason"])
            messages.success(request, _("The check is taken back, with its reason in the history."))
        else:
            actions.validate_finding(actor, found, data["meeting"], data["day"])
            messages.success(request, _("Checked together. The finding says so now."))
    except ValidationError as error:
        blame(form, error)
        return False
    except Refused as refused:
        form.add_error(None, str(refused.reason))
        return False
    return True


@require_POST
def publish_finding(request: HttpRequest, ref: str) -> HttpResponse:
    found = _finding(request, ref)
    actions.publish_finding(actor_of(request), found)
    messages.success(request, _("Published. Everybody can read the finding now."))
    return redirect(found.get_absolute_url())


def withdraw_finding(request: HttpRequest, ref: str) -> HttpResponse:
    """Take a finding back to the working group; asked about when public things rest on it."""
    found, actor = _finding(request, ref), actor_of(request)
    require_writer(actor, found)
    resting = list(actions.public_below(found))
    if request.method == "POST" and (request.POST.get("sure") or not resting):
        actions.withdraw_finding(actor, found, sure=True)
        messages.success(request, _("Taken back. Only the working group sees the finding now."))
        return redirect(found.get_absolute_url())
    context = {"finding": found, "resting": resting, "is_example": found.node.is_example}
    return render(request, "assessment/withdraw.html", context)

"""The pages of a version: what changed since another one, opening it for suggestions, adopting it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from khlong.chain.editing import blame
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.record.errors import Refused
from khlong.strategy.diff import Difference, differences_of
from khlong.strategy.measure_forms import AdoptionForm
from khlong.strategy.models import Version
from khlong.strategy.queries import version_book
from khlong.strategy.versions import Adoption, adopt, close_review, open_review

PER_PAGE = 40


def _version(request: HttpRequest, slug: str, number: int) -> Version:
    rows = Version.objects.select_related("plan__node__space", "plan__city__node", "adopted_in__node")
    return get_object_or_404(scope(actor_of(request), rows), plan__city__slug=slug, number=number)


def compare(request: HttpRequest, slug: str, number: int, other: int) -> HttpResponse:
    """What version `number` says otherwise than version `other`, word by word. Paged."""
    rows = Version.objects.select_related("plan__node__space", "plan__city__node")
    found = scope(actor_of(request), rows).filter(plan__city__slug=slug, number__in=[number, other])
    versions = {row.number: row for row in found.order_by("-plan", "number")}
    if len(versions) != 2:
        raise Http404
    old, new = versions[min(versions)], versions[max(versions)]
    page = SimpleLazyObject(lambda: _differences(request, old, new))
    context = {
        "plan": new.plan,
        "city": new.plan.city,
        "old": old,
        "new": new,
        "page_obj": page,
        "is_example": new.plan.node.is_example,
    }
    return render(request, "strategy/compare.html", context)


def _differences(request: HttpRequest, old: Version, new: Version) -> Any:
    rows: list[Difference] = differences_of(version_book(old), version_book(new))
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))


@require_POST
def open_version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    open_review(actor_of(request), _version(request, slug, number))
    messages.success(request, _("Version %(number)s is open for suggestions.") % {"number": number})
    return redirect("strategy:versions", slug=slug)


@require_POST
def close_version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    close_review(actor_of(request), _version(request, slug, number))
    messages.success(request, _("Version %(number)s is a draft again.") % {"number": number})
    return redirect("strategy:versions", slug=slug)


def adopt_version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Say how a version was adopted. What other rooms hold against it (answers that are owed) is told."""
    found, actor = _version(request, slug, number), actor_of(request)
    if not can(actor, Verb.CHANGE, found):
        raise Refused(
            _("Only the working group of this city may write this plan.") if actor.signed_in else None
        )
    assert found.plan.node.space is not None
    form = AdoptionForm(request.POST or None, actor=actor, space=found.plan.node.space)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        data = form.cleaned_data
        try:
            adopt(actor, found, Adoption(data["day"], data["note"], data["meeting"]))
        except ValidationError as error:
            blame(form, error)
        except Refused as refused:
            form.add_error(None, str(refused.reason))
            status = 409
        else:
            messages.success(request, _("Version %(number)s is adopted.") % {"number": number})
            return redirect("strategy:plan", slug=slug)
    context = {"version": found, "plan": found.plan, "city": found.plan.city, "form": form}
    context |= {"is_example": found.plan.node.is_example}
    return render(request, "strategy/adopt.html", context, status=status)

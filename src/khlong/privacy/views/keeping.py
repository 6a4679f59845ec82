"""For those who keep data: consents counted, requests answered, breaches, periods, the register of processing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from khlong.people import keys, spaces
from khlong.people.actor import Actor, Role
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.people.spaces import Space
from khlong.privacy import actions, registries
from khlong.privacy.forms import FIELD_OF, AnswerForm, BreachForm, ReceiptForm
from khlong.privacy.models import Breach, Consent, PersonRequest, RetentionRun
from khlong.privacy.policies import keeps_all
from khlong.privacy.queries import FEWEST, tallies
from khlong.record.errors import Refused

PER_PAGE = 30


def keeps(actor: Actor, space: UUID) -> bool:
    """Owners of a city and stewards."""
    return keeps_all(actor) or actor.holds(space, Role.OWNER)


def kept_space(request: HttpRequest, space: UUID) -> Space:
    """The city, for who keeps it; Refused for everybody else."""
    actor = actor_of(request)
    found = spaces.seen(actor).get(space)
    if found is None:
        raise Http404
    if not keeps(actor, space):
        raise Refused(_("Only the owners of the city and stewards see this.") if actor.signed_in else None)
    return found


@never_cache
def city(request: HttpRequest, space: UUID) -> HttpResponse:
    """Consents by purpose, what people asked, and taking back by a paper's number."""
    return _city(request, kept_space(request, space), ReceiptForm())


def _city(request: HttpRequest, space: Space, form: ReceiptForm) -> HttpResponse:
    rows = PersonRequest.objects.filter(
        subject__space=space.uuid, subject__destroyed_on=None, answered_on=None
    )
    page = Paginator(scope(actor_of(request), rows.select_related("subject")), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "space": space,
        "tallies": tallies(space.uuid),
        "fewest": FEWEST,
        "page_obj": page,
        "form": form,
        "breaches": scope(
            actor_of(request), Breach.objects.filter(space=space.uuid, office_told_at=None)
        ).count(),
    }
    return render(request, "privacy/city.html", context, status=422 if form.is_bound else 200)


@require_POST
def withdraw_by_receipt(request: HttpRequest, space: UUID) -> HttpResponse:
    """Somebody brings the paper of a sitting and takes everything back."""
    here, form = kept_space(request, space), ReceiptForm(request.POST)
    if form.is_valid():
        begins = UUID(form.cleaned_data["receipt"].lower() + "0" * 24)
        ends = UUID(form.cleaned_data["receipt"].lower() + "f" * 24)
        found = Consent.objects.filter(pk__gte=begins, pk__lte=ends, subject__space=space, withdrawn_on=None)
        consent = found.select_related("subject").first()
        if consent is None:
            form.add_error("receipt", _("No consent of this city that stands has this number."))
        else:
            actions.withdraw_everything(actor_of(request), consent.subject)
            messages.success(
                request, _("Everything is taken back. The key is destroyed, and nobody can read it again.")
            )
            return redirect("privacy:city", space=space)
    return _city(request, here, form)


@never_cache
def request_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One request with its words, and the form that answers it."""
    actor = actor_of(request)
    rows = scope(actor, PersonRequest.objects.select_related("subject"), Verb.VIEW)
    asked = get_object_or_404(rows, pk=pk, subject__destroyed_on=None)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.answer_request(actor, asked, form.cleaned_data["answer"])
        messages.success(request, _("The answer is kept; the person reads it on her page."))
        return redirect("privacy:city", space=asked.subject.space)
    texts = keys.read_all([asked], "words", "answer")[0]
    context = {"asked": asked, "texts": texts, "form": form}
    return render(request, "privacy/request.html", context, status=422 if form.is_bound else 200)


# --- breaches -----------------------------------------------------------------------------


def _logs(actor: Actor) -> list[Space]:
    """The cities for which somebody may log a breach."""
    return [space for space in spaces.seen(actor).values() if keeps(actor, space.uuid)]


def _require_keeper(actor: Actor) -> list[Space]:
    logs = _logs(actor)
    if not logs and not keeps_all(actor):
        raise Refused(_("Only the owners of a city and stewards see this.") if actor.signed_in else None)
    return logs


@never_cache
def breaches(request: HttpRequest) -> HttpResponse:
    """The log, newest first, with the time that is left to tell the office."""
    actor, now = actor_of(request), timezone.now()
    logs = _require_keeper(actor)
    names = {space.uuid: space.name for space in spaces.seen(actor).values()}
    page = Paginator(scope(actor, Breach.objects.all()), PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        (row, names.get(row.space) if row.space else None, row.hours_left(now)) for row in page.object_list
    ]
    context = {"rows": rows, "page_obj": page, "logs": logs, "house": keeps_all(actor)}
    return render(request, "privacy/breaches.html", context)


@never_cache
def add_breach(request: HttpRequest, space: UUID | None = None) -> HttpResponse:
    """Log a breach of one city or, for stewards, of the whole house."""
    actor = actor_of(request)
    _require_keeper(actor)
    breach = Breach(space=space)
    if not can(actor, Verb.ADD, breach) or (space and space not in spaces.seen(actor)):
        raise Refused
    return _breach_form(request, breach)


@never_cache
def breach(request: HttpRequest, pk: UUID) -> HttpResponse:
    """See a breach and add to it."""
    actor = actor_of(request)
    _require_keeper(actor)
    return _breach_form(request, get_object_or_404(scope(actor, Breach.objects.all()), pk=pk))


def _breach_form(request: HttpRequest, standing: Breach) -> HttpResponse:
    form = BreachForm(request.POST or None, breach=standing)
    left = standing.hours_left(timezone.now()) if not standing._state.adding else None
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_breach(actor_of(request), standing, form.values(standing))
        except ValidationError as error:
            for name, told in error.message_dict.items():
                form.add_error(FIELD_OF.get(name, name), told)
        else:
            messages.success(request, _("The breach is logged."))
            return redirect("privacy:breaches")
    context = {"form": form, "breach": standing, "left": left, "new": standing._state.adding}
    return render(request, "privacy/breach.html", context, status=422 if form.is_bound else 200)


# --- periods and the register -------------------------------------------------------------


@never_cache
def retention(request: HttpRequest) -> HttpResponse:
    """How long each kind is kept, what the last removals were, and for stewards the button."""
    actor = actor_of(request)
    _require_keeper(actor)
    if request.method == "POST":
        run = actions.apply_retention(actor)
        told = _("Removed: %(number)s.") % {"number": sum(run.counts.values())}
        messages.success(request, told if run.counts else _("Nothing was over."))
        return redirect("privacy:retention")
    titles = {period.key: period.title for period in registries.periods()}
    runs = [
        (run, [(titles.get(key, key), count) for key, count in run.counts.items()])
        for run in scope(actor, RetentionRun.objects.all())[:10]
    ]
    context: dict[str, Any] = {"periods": registries.periods(), "runs": runs, "may_run": keeps_all(actor)}
    return render(request, "privacy/retention.html", context)


@never_cache
def processing(request: HttpRequest) -> HttpResponse:
    """The register of processing, to print."""
    _require_keeper(actor_of(request))
    return render(request, "privacy/processing.html", {"activities": registries.activities()})

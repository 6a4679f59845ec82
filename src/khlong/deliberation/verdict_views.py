"""Whoever suggested looks at what became of it, and says whether the answer answers."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from khlong.deliberation import receipts, speaking, verdicts
from khlong.deliberation.forms_answers import VerdictForm
from khlong.deliberation.models import Suggestion
from khlong.deliberation.standing import last_answer, with_answers
from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.people.models import Subject
from khlong.people.policy import scope
from khlong.people.pseudonyms import contributing, standing_of
from khlong.record.errors import Refused

PER_PAGE = 20


def mine(request: HttpRequest) -> HttpResponse:
    """What somebody suggested under her pseudonyms, and what became of it; read by nobody else."""
    actor = actor_of(request)
    if not actor.signed_in:
        raise Refused(_("Sign in, or type the digits of your receipt."))
    rows = with_answers(Suggestion.objects.filter(_hers(actor)))
    page = Paginator(rows.order_by("-round__opens_on", "node__ref"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    return render(request, "deliberation/answer_mine.html", {"page_obj": page})


def _hers(actor: Actor) -> Q:
    """Suggestions under the pseudonyms of an account; where it has none, nothing."""
    person = Subject.objects.filter(account=actor.account, space=None).first()
    found = Q(pk__in=[])
    for space, name in standing_of(person) if person else []:
        found |= Q(node__space=space, by=name)
    return found


@require_POST
def judge(request: HttpRequest, ref: str) -> HttpResponse:
    """Say whether the last answer answers, with a receipt or under one's pseudonym."""
    form = VerdictForm(request.POST)
    suggestion, actor = _whose(request, ref, str(request.POST.get("receipt", "")))
    answer = last_answer(suggestion)
    if answer is None:
        raise Refused(_("There is no answer yet that could answer."))
    if not form.is_valid():
        page = {"suggestion": suggestion, "form": form, "answer": answer}
        return render(request, "deliberation/answer_verdict.html", page, status=422)
    said = form.cleaned_data
    verdicts.judge(actor, answer, said["answers"] == "yes", said["words"])
    back = said["answers"] == "no" and said["words"].strip()
    messages.success(
        request,
        _("Your words went back to those who answer.") if back else _("Noted. Thank you for looking."),
    )
    return redirect("deliberation:mine" if actor_of(request).signed_in else suggestion.get_absolute_url())


def _whose(request: HttpRequest, ref: str, code: str) -> tuple[Suggestion, Actor]:
    """The suggestion, and who says something of its answer: by her receipt, or by the account that is signed in."""
    actor = actor_of(request)
    rows = with_answers(Suggestion.objects.all())
    if code:
        held = speaking.receipt_of(request, receipts.read(code))
        suggestion = rows.filter(pk=held.pk, node__ref=ref).first() if held is not None else None
        if suggestion is None:
            raise Refused(receipts.UNKNOWN)
        return suggestion, receipts.holder(actor, suggestion)
    suggestion = get_object_or_404(scope(actor, rows), node__ref=ref)
    if not actor.signed_in or suggestion.space_id is None:
        raise Refused(
            _("Only whoever suggested says whether the answer answers: with her receipt, or signed in.")
        )
    return suggestion, contributing(actor, suggestion.space_id)

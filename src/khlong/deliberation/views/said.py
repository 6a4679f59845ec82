"""What was said: read by everybody at its passage, searched, agreed with, hidden with a reason; and by its receipt."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from khlong.deliberation import afterwards, receipts, speaking
from khlong.deliberation.forms import HideForm, ReceiptForm, SpeakForm
from khlong.deliberation.models import Suggestion, Voice
from khlong.deliberation.queries import hidden_in, newer_words, said, with_threads
from khlong.deliberation.suggesting import Anchor
from khlong.deliberation.views.rounds import context_of, round_or_404
from khlong.deliberation.views.speak import found_again
from khlong.people import throttle
from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.record.errors import Refused
from khlong.strategy.models import Item, PassageRevision

PER_PAGE = 20
MOST_TYPED = 200


def said_page(request: HttpRequest, ref: str) -> HttpResponse:
    """The suggestions of a round: all, at one passage, of one voice, or with some words in them."""
    found = round_or_404(request, ref)
    asked = {name: request.GET.get(name, "").strip()[:MOST_TYPED] for name in ("item", "voice", "q")}
    item = Item.objects.select_related("node").filter(plan=found.plan, node__ref=asked["item"]).first()
    rows = said(actor_of(request), found, item=item, voice=asked["voice"], words=asked["q"])
    page = Paginator(with_threads(rows), PER_PAGE).get_page(request.GET.get("page"))
    context = context_of(
        found, page_obj=page, item=item, asked=asked, voices=Voice.choices, hidden=hidden_in(found, item)
    )
    return render(request, "deliberation/suggestions.html", context)


def _suggestion(request: HttpRequest, ref: str) -> Suggestion:
    rows = scope(actor_of(request), Suggestion.objects.all())
    rows = with_threads(rows).select_related("round__plan__city", "round__version")
    found: Suggestion = get_object_or_404(rows, node__ref=ref)
    return found


def suggestion(request: HttpRequest, ref: str) -> HttpResponse:
    """One suggestion: its words, the passage, the answers, who agrees; upstream and downstream beside it."""
    found, actor = _suggestion(request, ref), actor_of(request)
    may_decide = can(actor, Verb.CHANGE, found)
    newest = newer_words(found)
    context = context_of(
        found.round,
        suggestion=found,
        newest=newest if may_decide else None,
        changed=newest is not None,
        may_hide=can(actor, Verb.MANAGE, found),
        hide_form=HideForm(),
        **(_choice(found, newest) if newest and may_decide else {}),
    )
    return render(request, "deliberation/suggestion.html", context)


def _choice(found: Suggestion, newest: PassageRevision) -> dict[str, Any]:
    """The form in which the words of a passage are chosen anew, with those found again chosen already."""
    old = Anchor(found.revision, found.start, found.end, found.quote)
    again = found_again(old, newest)
    initial = (
        {"place": "chosen", "start": again.start, "end": again.end, "quote": again.quote} if again else {}
    )
    return {"form": SpeakForm(found=found.round, shown=newest, initial=initial), "again": again}


@require_POST
def agree(request: HttpRequest, ref: str) -> HttpResponse:
    """Mean the same; counted once for each person."""
    found = _suggestion(request, ref)
    speaking.check_address()
    circle = speaking.held_circle(request, found.round)
    done = afterwards.agree(speaking.speaker(request, found.round, circle), found)
    speaking.count_address()
    messages.success(request, _("Counted.") if done else _("You agreed before; it is counted once."))
    return redirect("deliberation:suggestion", ref=ref)


@require_POST
def hide(request: HttpRequest, ref: str) -> HttpResponse:
    found = _suggestion(request, ref)
    form = HideForm(request.POST)
    if form.is_valid():
        afterwards.hide(actor_of(request), found, form.cleaned_data["why"])
        messages.success(
            request, _("Hidden. Readers see the reason, and who suggested it sees it with her receipt.")
        )
        return redirect("deliberation:suggestion", ref=ref)
    context = context_of(found.round, suggestion=found, may_hide=True, hide_form=form)
    return render(request, "deliberation/suggestion.html", context, status=422)


@require_POST
def show(request: HttpRequest, ref: str) -> HttpResponse:
    afterwards.show(actor_of(request), _suggestion(request, ref))
    messages.success(request, _("Everybody can read it again."))
    return redirect("deliberation:suggestion", ref=ref)


@require_POST
def decide(request: HttpRequest, ref: str) -> HttpResponse:
    """Whether it means the new words of its passage: said by who holds its receipt, or by the working group."""
    held = speaking.remembered_receipt(request)
    if held is not None and held[1].ref == ref:
        found, actor = held[1], receipts.holder(actor_of(request), held[1])
        back = redirect("deliberation:receipt")
    else:
        found, actor = _suggestion(request, ref), actor_of(request)
        back = redirect("deliberation:suggestion", ref=ref)
    newest = newer_words(found)
    if newest is None or str(newest.pk) != request.POST.get("revision"):
        messages.warning(
            request, _("This was decided meanwhile, or the words changed once more. Look again.")
        )
        return back
    _decide(request, actor, found, newest)
    return back


def _decide(request: HttpRequest, actor: Actor, found: Suggestion, newest: PassageRevision) -> None:
    target = None
    if "stays" not in request.POST:
        data = request.POST.copy()
        data["voice"], data["language"] = found.voice, found.language
        form = SpeakForm(data, found=found.round, shown=newest)
        if not form.is_valid():
            messages.error(
                request, _("Choose the words that it means now, or say that it stays with the old ones.")
            )
            return
        target = form.anchor()
    try:
        afterwards.decide_anchor(actor, found, newest, target)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return
    messages.success(request, _("Noted. Where it stood before is kept."))


@require_safe
def open_receipt(request: HttpRequest, code: str) -> HttpResponse:
    """The address of the QR code on a receipt: nothing of it stays in the address bar."""
    response = redirect("deliberation:receipt")
    try:
        speaking.remember_receipt(response, receipts.read(code))
    except Refused as refused:
        messages.error(request, str(refused.reason))
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store, private"
    return response


@never_cache
def receipt(request: HttpRequest) -> HttpResponse:
    """What became of a suggestion, for whoever has its digits; or the field to type them."""
    address = request.META.get("REMOTE_ADDR", "")
    if throttle.too_many_links(address):
        return render(request, "deliberation/receipt.html", {"throttled": True}, status=429)
    form = ReceiptForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        if speaking.receipt_of(request, code) is not None:
            response = redirect("deliberation:receipt")
            speaking.remember_receipt(response, code)
            return response
        form.add_error("code", str(receipts.UNKNOWN))
    held = None if form.is_bound or "other" in request.GET else speaking.remembered_receipt(request)
    if held is None:
        return _typed(request, form)
    return render(request, "deliberation/receipt.html", _became(*held))


def _typed(request: HttpRequest, form: ReceiptForm) -> HttpResponse:
    stale = bool(request.COOKIES.get(speaking.COOKIE)) and not form.is_bound and "other" not in request.GET
    context = {"form": form, "stale": stale}
    response = render(request, "deliberation/receipt.html", context, status=422 if form.is_bound else 200)
    if stale:
        response.delete_cookie(speaking.COOKIE)
    return response


def _became(code: str, found: Suggestion) -> dict[str, Any]:
    row = (
        with_threads(Suggestion.objects.filter(pk=found.pk))
        .select_related("round__plan__city", "round__version")
        .get()
    )
    newest = newer_words(row)
    more = _choice(row, newest) if newest else {}
    return context_of(
        row.round, suggestion=row, code=code, shown_code=receipts.shown(code), newest=newest, **more
    )

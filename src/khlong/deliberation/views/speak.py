"""Speaking at the words of a plan, on a phone and without an account."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from khlong.chain.editing import blame
from khlong.deliberation import circles, receipts, speaking
from khlong.deliberation.forms import CHOSEN, WHOLE, SpeakForm
from khlong.deliberation.models import Round, Suggestion
from khlong.deliberation.promises import promise
from khlong.deliberation.queries import counts_by_item
from khlong.deliberation.suggesting import Anchor, PassageChanged, Said, make_suggestion
from khlong.deliberation.views.rounds import context_of, round_or_404
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can
from khlong.record.errors import Refused, TooMany
from khlong.strategy.models import PassageRevision, VersionEntry
from khlong.strategy.queries import version_book
from khlong.ui.address import absolute
from khlong.ui.qr import qr_svg


def suggest(request: HttpRequest, ref: str) -> HttpResponse:
    """The version of a round to be read, with a way to speak at every passage."""
    found = round_or_404(request, ref)
    book = version_book(found.version)
    counts = counts_by_item(found)
    rows = [(leaf, counts.get(leaf.item.pk)) for leaf in book.all()]
    context = context_of(found, rows=rows, promise=promise(found.level), **_gate(request, found))
    return render(request, "deliberation/suggest.html", context)


def _gate(request: HttpRequest, found: Round) -> dict[str, Any]:
    """Whether this browser may speak here now, and the words why not."""
    circle = speaking.held_circle(request, found)
    why: object | None = circles.why_not(circle, speaking.known_browser(request)) if circle else None
    today = timezone.localdate()
    if why is None and today < found.opens_on:
        why = _("This round has not begun yet. You can read already.")
    elif (
        why is None
        and circle is None
        and not found.open_to_all
        and not can(actor_of(request), Verb.CHANGE, found)
    ):
        why = _("In this round speaks who has the link of a circle. You can read everything.")
    return {"circle": circle, "shut": why, "late": today > found.ends_on}


@never_cache
def speak(request: HttpRequest, ref: str, item: str) -> HttpResponse:
    """One passage: choose its words, say something, get a receipt."""
    found = round_or_404(request, ref)
    entry = _entry(found, item)
    if request.method == "POST":
        return _take(request, found, entry)
    shown = _shown(entry)
    form = SpeakForm(found=found, shown=shown, initial=_asked(request, shown))
    return _page(request, found, entry, form)


def _entry(found: Round, item: str) -> VersionEntry:
    rows = found.version.entries.select_related("item__node", "revision__passage", "translation__passage")
    entry = rows.filter(item__node__ref=item).first()
    if entry is None:
        raise Http404
    return entry


def _shown(entry: VersionEntry) -> PassageRevision:
    """The words in the reader's language; Thai where they are not translated."""
    return entry.translation if get_language() == "en" and entry.translation else entry.revision


def _asked(request: HttpRequest, shown: PassageRevision) -> dict[str, Any]:
    """What the address says already: code points that were marked on the page of the whole plan, and the voice."""
    initial: dict[str, Any] = {"voice": request.GET.get("voice", ""), "language": _tongue()}
    try:
        start, end = int(request.GET.get("start", "")), int(request.GET.get("end", ""))
    except ValueError:
        return initial
    quote = shown.text[start:end] if 0 <= start < end <= len(shown.text) else ""
    return initial | ({"place": CHOSEN, "start": start, "end": end, "quote": quote} if quote else {})


def _tongue() -> str:
    return "en" if get_language() == "en" else "th"


def _page(
    request: HttpRequest, found: Round, entry: VersionEntry, form: SpeakForm, **more: Any
) -> HttpResponse:
    status = more.pop("status", 422 if form.is_bound else 200)
    context = context_of(found, entry=entry, form=form, shown=form.shown, **_gate(request, found), **more)
    return render(request, "deliberation/suggest_at.html", context, status=status)


def _take(request: HttpRequest, found: Round, entry: VersionEntry) -> HttpResponse:
    shown = _revision_of(request.POST, entry)
    form = SpeakForm(request.POST, found=found, shown=shown)
    if not form.is_valid():
        return _page(request, found, entry, form)
    said = form.said(old_words="keep_old" in request.POST)
    try:
        made, code = _say(request, found, said, form)
    except ValidationError as error:
        blame(form, error)
        return _page(request, found, entry, form)
    except PassageChanged as changed:
        return _ask_again(request, found, entry, form, said, changed)
    except TooMany:
        raise
    except Refused as refused:
        form.add_error(None, str(refused.reason))
        return _page(request, found, entry, form)
    return given(request, found, made, code)


def _say(request: HttpRequest, found: Round, said: Said, form: SpeakForm) -> tuple[Suggestion, str]:
    circle = speaking.held_circle(request, found)
    speaking.check_address()
    actor = speaking.speaker(request, found, circle, nameless=form.cleaned_data["nameless"])
    if circle is not None:
        circles.bind(circle, speaking.browser_of(request))
    key = form.cleaned_data["key"]
    if not key:
        raise Refused(_("The page was not whole. Open the passage once more; what you wrote stays below."))
    made, code = make_suggestion(actor, found, said, key=key, circle=circle)
    speaking.count_address()
    return made, code


def _revision_of(data: QueryDict, entry: VersionEntry) -> PassageRevision:
    """The words that were on the reader's screen, which may be older than those of the version by now."""
    rows = PassageRevision.objects.select_related("passage__item__node").filter(passage__item=entry.item_id)
    try:
        return rows.get(pk=int(data.get("revision", "")))
    except (ValueError, PassageRevision.DoesNotExist):
        return _shown(entry)


def _ask_again(
    request: HttpRequest,
    found: Round,
    entry: VersionEntry,
    form: SpeakForm,
    said: Said,
    changed: PassageChanged,
) -> HttpResponse:
    """All that was typed stands; the passage has new words, and the person says which ones she means."""
    now = changed.entry or entry
    shown = now.translation if said.anchor.revision.lang == "en" and now.translation else now.revision
    data = request.POST.copy()
    again = found_again(said.anchor, shown)
    place = (
        {"place": CHOSEN, "start": again.start, "end": again.end, "quote": again.quote}
        if again
        else {"place": WHOLE}
    )
    for name, value in {**place, "revision": shown.pk}.items():
        data[name] = str(value)
    fresh = SpeakForm(data, found=found, shown=shown)
    old = [
        (name, request.POST.get(name, ""))
        for name in ("place", "first", "last", "start", "end", "quote", "revision")
    ]
    more = {"changed": said.anchor, "old": old, "again": again, "refusal": changed.reason}
    return _page(request, found, now, fresh, status=409, **more)


def found_again(anchor: Anchor, shown: PassageRevision) -> Anchor | None:
    """The quoted words in other words of the passage, where they stand there exactly once."""
    if shown.text.count(anchor.quote) != 1:
        return None
    start = shown.text.index(anchor.quote)
    return Anchor(shown, start, start + len(anchor.quote), anchor.quote)


def given(request: HttpRequest, found: Round, made: Suggestion, code: str, **more: Any) -> HttpResponse:
    """The page with the receipt: shown once, to be written down or photographed."""
    address = absolute(request, reverse("deliberation:open_receipt", args=[code]))
    context = context_of(
        found, suggestion=made, code=receipts.shown(code), address=address, qr=qr_svg(address), **more
    )
    response = render(request, "deliberation/receipt_new.html", context)
    response["Cache-Control"] = "no-store, private"
    return response

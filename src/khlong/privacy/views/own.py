"""What is kept of me: agreeing, seeing, taking back, asking. Only for who is signed in, and only of oneself."""

from __future__ import annotations

from functools import wraps
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from khlong.people import spaces
from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.people.models import Subject
from khlong.people.pseudonyms import of_account, standing_of
from khlong.privacy import actions, contributed, export, registries
from khlong.privacy.forms import AgreeForm, AskForm
from khlong.privacy.models import ANSWER_DAYS, Consent, ConsentText, Identity, PersonRequest, RequestKind
from khlong.privacy.queries import asks, in_force, known_as
from khlong.privacy.registries import activities, kept_of, periods


class Page(Protocol):
    def __call__(self, request: HttpRequest, actor: Actor, **more: Any) -> HttpResponse: ...


def own(view: Page) -> Any:
    """For whoever is signed in; anybody else is led to the sign-in page and back."""

    @wraps(view)
    def run(request: HttpRequest, **more: Any) -> HttpResponse:
        actor = actor_of(request)
        if not actor.signed_in:
            return redirect(f"{reverse('people:signin')}?{urlencode({'next': request.get_full_path()})}")
        return view(request, actor, **more)

    return never_cache(run)


@never_cache
def mine(request: HttpRequest) -> HttpResponse:
    """What is kept of people, for everybody; below it each city that keeps something of me, and what I can do."""
    actor = actor_of(request)
    if not actor.signed_in:
        return render(request, "privacy/mine.html", of_people())
    return _mine(request, actor)


def of_people() -> dict[str, Any]:
    """What is kept of people and for what purpose, as the registries and the words of consent tell it; one query."""
    keeper = _("the city")
    texts = [(text, text.language_shown()) for text in in_force(None)]
    return {
        "texts": [(text, text.in_words(language, keeper), language) for text, language in texts],
        "activities": activities(),
        "periods": periods(),
        "kinds": RequestKind.labels,
        "answer_days": ANSWER_DAYS,
        "contact": settings.KHLONG["contact"],
    }


def _mine(
    request: HttpRequest, actor: Actor, refused: AskForm | None = None, who: Subject | None = None
) -> HttpResponse:
    seen = spaces.seen(actor)
    known = known_as(actor)
    subjects = [subject for subject in known if subject.space is not None]
    consents = Consent.objects.filter(subject__in=subjects, withdrawn_on=None).select_related("text")
    asked = PersonRequest.objects.filter(subject__in=subjects)
    cities = [
        {
            "subject": subject,
            "space": seen.get(subject.space) if subject.space else None,
            "consents": [row for row in consents if row.subject_id == subject.pk],
            "requests": [row for row in asked if row.subject_id == subject.pk],
            "kept": kept_of(subject),
            "form": refused if refused and subject == who else AskForm(prefix=f"ask-{subject.pk.hex[:8]}"),
        }
        for subject in subjects[:10]
    ]
    asking = asks(actor)
    context = {"cities": cities, "others": [space for space in seen.values() if space.uuid in asking]}
    anchors = [subject for subject in known if subject.space is None]
    given = [(space, seen.get(space)) for one in anchors for space, _name in sorted(standing_of(one))]
    context |= {"given": given, "kinds_given": registries.contributed()}
    context |= of_people() | {"signed_in": True}
    return render(request, "privacy/mine.html", context, status=422 if refused else 200)


def _own_subject(actor: Actor, pk: UUID) -> Subject:
    return get_object_or_404(Subject, pk=pk, account=actor.user, destroyed_on=None)


@own
def agree(request: HttpRequest, actor: Actor, **more: Any) -> HttpResponse:
    """The words for each purpose of one city; each is agreed to by itself."""
    space = spaces.seen(actor).get(more["space"])
    if space is None:
        raise Http404
    texts, status = in_force(space.uuid), 200
    chosen = request.POST.get("text", "")
    forms = {text: AgreeForm(request.POST if str(text.pk) == chosen else None, text=text) for text in texts}
    for text, form in forms.items():
        if form.is_bound:
            if form.is_valid() and _agreed(actor, text, space.uuid, form):
                messages.success(request, _("Noted. You can take it back here at any time."))
                return redirect("privacy:mine")
            status = 422
    standing = Consent.objects.filter(
        subject__account=actor.user, subject__space=space.uuid, withdrawn_on=None
    )
    given = set(standing.values_list("text_id", flat=True))
    rows = [
        (text, text.in_words(text.language_shown(), str(space.name)), forms[text], text.pk in given)
        for text in texts
    ]
    return render(request, "privacy/agree.html", {"space": space, "rows": rows}, status=status)


def _agreed(actor: Actor, text: ConsentText, space: UUID, form: AgreeForm) -> bool:
    said = actions.Said(language=text.language_shown(), explicit=form.cleaned_data.get("explicit", False))
    try:
        actions.give_consent(actor, text, space, said)
    except ValidationError as error:
        form.add_error(None if "explicit" not in form.fields else "explicit", error.messages)
        return False
    return True


@require_POST
@own
def withdraw(request: HttpRequest, actor: Actor, **more: Any) -> HttpResponse:
    """Take back one consent of one's own."""
    consent = get_object_or_404(Consent, pk=more["pk"], subject__account=actor.user)
    actions.withdraw_consent(actor, consent)
    messages.success(request, _("Taken back. What was kept for it is erased, and its key is destroyed."))
    return redirect("privacy:mine")


@require_POST
@own
def withdraw_all(request: HttpRequest, actor: Actor, **more: Any) -> HttpResponse:
    """Take back everything that is kept under consents in one city; contributions are another thing (`take_back`)."""
    actions.withdraw_everything(actor, _own_subject(actor, more["pk"]))
    messages.success(
        request, _("All you agreed to is taken back. The key is destroyed, and nobody can read it again.")
    )
    return redirect("privacy:mine")


@require_POST
@own
def download(request: HttpRequest, actor: Actor, **more: Any) -> HttpResponse:
    """Everything that a city keeps of me, with what I contributed there; noted as a request that was answered."""
    subject, kind = _own_subject(actor, more["pk"]), more["kind"]
    if kind not in export.TYPES:
        raise Http404
    kept = actions.hand_over(actor, subject, Identity.ACCOUNT)
    kept += contributed.told_in(actor.account, subject.space)
    space = spaces.seen(actor).get(subject.space) if subject.space else None
    body = (
        export.as_json(kept)
        if kind == "json"
        else export.as_docx(kept, str(space.name if space else "Khlong"))
    )
    return _file(body, kind)


def _file(body: bytes, kind: str) -> HttpResponse:
    response = HttpResponse(body, content_type=export.TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="khlong-my-data.{kind}"'
    return response


@require_POST
@own
def download_all(request: HttpRequest, actor: Actor, **more: Any) -> HttpResponse:
    """Everything that is kept of me in all cities, with my account and what I contributed, as a file."""
    kind = more["kind"]
    if kind not in export.TYPES:
        raise Http404
    kept = contributed.hand_over_all(actor, actor.account)
    return _file(export.as_json(kept) if kind == "json" else export.as_docx(kept, "Khlong"), kind)


@require_POST
@own
def take_back(request: HttpRequest, actor: Actor, **more: Any) -> HttpResponse:
    """Take back what I contributed with my account, in one city or in all."""
    space = more.get("space")
    if space not in {None, *(city for city, _name in of_account(actor.account))}:
        raise Http404
    contributed.take_back(actor.account, space)
    messages.success(
        request, _("Taken back. Your words are erased, and nothing leads from what stays to you any more.")
    )
    return redirect("privacy:mine")


@require_POST
@own
def ask(request: HttpRequest, actor: Actor, **more: Any) -> HttpResponse:
    """Ask for a correction or object."""
    subject = _own_subject(actor, more["pk"])
    form = AskForm(request.POST, prefix=f"ask-{subject.pk.hex[:8]}")
    if not form.is_valid():
        return _mine(request, actor, form, subject)
    data = form.cleaned_data
    made = actions.note_request(actor, subject, data["kind"], Identity.ACCOUNT, data["words"])
    words = _("Noted. The owners of the city answer within %(days)s days.")
    messages.success(request, words % {"days": (made.due_on - made.asked_on).days})
    return redirect("privacy:mine")

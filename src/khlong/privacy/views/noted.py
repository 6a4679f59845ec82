"""A consent that was given on paper or spoken before a witness is written down, and the person gets a paper."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from khlong.people import spaces
from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.people.models import Subject
from khlong.people.policy import Verb, can
from khlong.people.spaces import Space
from khlong.privacy import actions
from khlong.privacy.forms import NotedConsentForm
from khlong.privacy.models import Consent, ConsentText, How
from khlong.privacy.queries import in_force
from khlong.privacy.sittings import receipt_of
from khlong.record.errors import Refused

HELD = "noted_consent"


def may_note(actor: Actor, space: UUID) -> bool:
    """Members and owners of a city, and stewards."""
    return can(actor, Verb.ADD, Consent(subject=Subject(space=space)))


@sensitive_post_parameters("name", "witness")
@never_cache
def note(request: HttpRequest, space: UUID) -> HttpResponse:
    """The form; it leads to the paper that the person takes home."""
    actor = actor_of(request)
    here = spaces.seen(actor).get(space)
    if here is None:
        raise Http404
    if not may_note(actor, space):
        told = _("Only the working group and the owners of the city write consents down.")
        raise Refused(told if actor.signed_in else None)
    form = NotedConsentForm(request.POST or None, texts=in_force(space), keeper=str(here.name))
    if request.method == "POST" and form.is_valid() and _noted(request, here, form):
        return redirect("privacy:noted")
    context = {"space": here, "form": form}
    return render(request, "privacy/note_consent.html", context, status=422 if form.is_bound else 200)


def _noted(request: HttpRequest, space: Space, form: NotedConsentForm) -> bool:
    data = form.cleaned_data
    plain = {name: data[name] for name in ("language", "explicit", "name", "witness", "site")}
    said = actions.Said(how=How(data["how"]), day=data["day"].start, **plain)
    try:
        noted = actions.note_consents(actor_of(request), form.chosen(), space.uuid, said)
    except ValidationError as error:
        for name, told in error.message_dict.items():
            form.add_error(name if name in form.fields else None, told)
        return False
    request.session[HELD] = [
        str(space.uuid),
        receipt_of(noted[0]),
        [row.text_id for row in noted],
        data["language"],
    ]
    messages.success(request, _("The consent is noted."))
    return True


@never_cache
def paper(request: HttpRequest) -> HttpResponse:
    """What the person takes home: the words, and the number with which everything is taken back; no name."""
    actor, held = actor_of(request), request.session.get(HELD)
    here = spaces.seen(actor).get(UUID(held[0])) if held else None
    if held is None or here is None or not may_note(actor, here.uuid):
        return redirect("people:account")
    _space, receipt, chosen, language = held
    texts = ConsentText.objects.filter(pk__in=chosen).order_by("purpose")
    rows = [(text, text.in_words(language, str(here.name))) for text in texts]
    context = {"space": here, "receipt": receipt, "rows": rows, "language": language}
    return render(request, "privacy/noted.html", context)

"""The words that people agree to: what is in force, what stood before, and the form that publishes the next version."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from khlong.people import spaces
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can
from khlong.people.spaces import Space
from khlong.privacy import actions
from khlong.privacy.forms import ConsentTextForm
from khlong.privacy.models import ConsentText, Purpose
from khlong.privacy.queries import in_force
from khlong.record.errors import Refused

SHOWN = 20
"""How many older versions a page shows."""


def _keeper(request: HttpRequest, space: UUID | None) -> Space | None:
    """The city whose words they are, None for the house; Refused for who may not write them."""
    actor = actor_of(request)
    here = spaces.seen(actor).get(space) if space else None
    if space and here is None:
        raise Http404
    if not can(actor, Verb.ADD, ConsentText(space=space)):
        told = _("Only the owners of the city and stewards write these words.")
        raise Refused(told if actor.signed_in else None)
    return here


def _address(space: UUID | None, purpose: str) -> str:
    if space is None:
        return reverse("privacy:house_text", args=[purpose])
    return reverse("privacy:text", args=[space, purpose])


@never_cache
def city_words(request: HttpRequest, space: UUID) -> HttpResponse:
    """What a city asks people to agree to, purpose by purpose."""
    return _list(request, space)


@never_cache
def house_words(request: HttpRequest) -> HttpResponse:
    """The words that hold where a city has none of its own."""
    return _list(request, None)


def _list(request: HttpRequest, space: UUID | None) -> HttpResponse:
    here = _keeper(request, space)
    standing = {text.purpose: text for text in in_force(space)}
    rows = [
        (purpose.label, text, _shown(text, here), _address(space, purpose))
        for purpose in Purpose
        for text in [standing.get(purpose.value)]
    ]
    return render(request, "privacy/words.html", {"space": here, "rows": rows})


def _shown(text: ConsentText | None, here: Space | None) -> dict[str, str]:
    """The words in each language, with the name of the city where there is one."""
    if text is None or here is None:
        return dict(text.words) if text else {}
    return {language: text.in_words(language, str(here.name)) for language in text.words}


@never_cache
def city_text(request: HttpRequest, space: UUID, purpose: str) -> HttpResponse:
    """The words of a city for one purpose, and the form of the next version."""
    return _text(request, space, purpose)


@never_cache
def house_text(request: HttpRequest, purpose: str) -> HttpResponse:
    return _text(request, None, purpose)


def _text(request: HttpRequest, space: UUID | None, purpose: str) -> HttpResponse:
    here = _keeper(request, space)
    if purpose not in Purpose.values:
        raise Http404
    standing = next((text for text in in_force(space) if text.purpose == purpose), None)
    older = list(ConsentText.objects.filter(space=space, purpose=purpose).order_by("-version")[:SHOWN])
    form = ConsentTextForm(request.POST or None, standing=standing, newest=older[0].version if older else 0)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.publish_text(actor_of(request), space, Purpose(purpose), **form.values())
        except ValidationError as error:
            for name, complaints in error.message_dict.items():
                form.add_error({"words": "th"}.get(name, name), complaints)
        else:
            told = _("Version %(number)s is in force. Who agreed before stays with the older words.")
            messages.success(request, told % {"number": made.version})
            return redirect("privacy:words", space=space) if space else redirect("privacy:house_words")
    context: dict[str, Any] = {"space": here, "purpose": Purpose(purpose).label, "standing": standing}
    context |= {"form": form, "older": older, "own": bool(older) or space is None}
    return render(request, "privacy/text.html", context, status=422 if form.is_bound else 200)

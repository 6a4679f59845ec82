"""I write for somebody: the page that begins such a sitting, the one that shows it, and its end."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from khlong.people import spaces
from khlong.people.middleware import actor_of
from khlong.people.spaces import Space
from khlong.privacy import actions, sittings
from khlong.privacy.forms import SittingForm
from khlong.privacy.models import ConsentText, Purpose
from khlong.privacy.queries import in_force
from khlong.record.errors import Refused


@never_cache
def begin(request: HttpRequest, space: UUID) -> HttpResponse:
    """The words to read aloud, and how the person agreed."""
    actor = actor_of(request)
    here = spaces.seen(actor).get(space)
    if here is None:
        raise Http404
    if not sittings.may_sit(actor, space):
        words = _("Only the working group and the owners of the city write there for somebody.")
        raise Refused(words if actor.signed_in else None)
    if sittings.current(request):
        return redirect("privacy:sitting")
    text = next(text for text in in_force(space) if text.purpose == Purpose.PLAN)
    form = SittingForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _began(request, here, text, form):
        return redirect("privacy:sitting")
    shown = text.in_words(text.language_shown(), str(here.name))
    context = {"space": here, "text": text, "words": shown, "form": form, "hours": sittings.SECONDS // 3600}
    return render(request, "privacy/begin_sitting.html", context, status=422 if form.is_bound else 200)


def _began(request: HttpRequest, space: Space, text: ConsentText, form: SittingForm) -> bool:
    data, actor = form.cleaned_data, actor_of(request)
    said = actions.Said(
        how=data["how"],
        language=text.language_shown(),
        witness=data["witness"],
        site=data["site"],
        day=timezone.localdate(),
        explicit=text.sensitive,
        nameless=True,
    )
    try:
        consent = actions.give_consent(actor, text, space.uuid, said)
        pseudonym = sittings.begin_sitting(actor, consent)
    except ValidationError as error:
        for name, told in error.message_dict.items():
            form.add_error(name if name in form.fields else None, told)
        return False
    sittings.hold(request, consent, pseudonym)
    return True


@never_cache
def sitting(request: HttpRequest) -> HttpResponse:
    """For whom I write just now, the paper she takes home, and the button that ends it."""
    actor = actor_of(request)
    found = sittings.current(request)
    if found is None or not actor.signed_in:
        return redirect("people:account")
    context = {"sitting": found, "space": spaces.seen(actor).get(found.space)}
    return render(request, "privacy/sitting.html", context)


@require_POST
def end(request: HttpRequest) -> HttpResponse:
    sittings.end(request)
    messages.success(request, _("The sitting has ended. You act in your own name again."))
    return redirect("people:account")

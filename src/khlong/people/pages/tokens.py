"""One's own tokens: listed, made and revoked. Making one asks for a fresh proof first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from khlong.people import spaces
from khlong.people.actor import Role, account_actor
from khlong.people.entering import own_confirmed
from khlong.people.models import User
from khlong.people.spaces import Space
from khlong.people.tokens import MOST_DAYS, make_token, revoke_token
from khlong.ui.forms import KhlongForm

DAYS = 90


def _own_spaces(user: User) -> list[Space]:
    """The cities in which the account has a role, by name."""
    actor = account_actor(user)
    held = actor.spaces(*Role)
    return [space for space in spaces.seen(actor).values() if space.uuid in held]


class TokenForm(KhlongForm):
    """What a token is called, where it holds, what it may do, until when."""

    name = forms.CharField(
        label=gettext_lazy("What it is for"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    space = forms.ChoiceField(label=gettext_lazy("Where it holds"), required=False)
    writes = forms.BooleanField(label=gettext_lazy("It may also write"), required=False)
    days = forms.IntegerField(
        label=gettext_lazy("Valid for how many days"), min_value=1, max_value=MOST_DAYS, initial=DAYS
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = [(str(space.uuid), str(space.name)) for space in _own_spaces(user)]
        self.fields["space"].choices = [("", _("in all my cities")), *own]  # type: ignore[attr-defined]


@own_confirmed
def mine(request: HttpRequest, user: User, **_more: Any) -> HttpResponse:
    """All that hold or held, and the form of a new one; its answer shows the token, this once."""
    form = TokenForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        chosen = [UUID(data["space"])] if data["space"] else None
        try:
            made, text = make_token(
                user, data["name"], spaces=chosen, writes=data["writes"], days=data["days"]
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return render(request, "people/token.html", {"made": made, "text": text})
    names = {str(space.uuid): space.name for space in spaces.seen(account_actor(user)).values()}
    rows = [(token, [names.get(space, "") for space in token.spaces]) for token in user.api_tokens.all()[:50]]
    return render(
        request, "people/tokens.html", {"form": form, "rows": rows}, status=422 if form.is_bound else 200
    )


@require_POST
@own_confirmed
def revoke(request: HttpRequest, user: User, **more: Any) -> HttpResponse:
    """End one of one's own; somebody else's is not found."""
    revoke_token(user, get_object_or_404(user.api_tokens, pk=more["pk"]))
    messages.success(request, _("The token is revoked; it opens nothing any more."))
    return redirect("people:tokens")

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khlong.people.models import User
from khlong.record.models import Digest
from khlong.ui.forms import KhlongForm

HOURS = [(hour, f"{hour:02d}:00") for hour in range(24)]


class DigestForm(KhlongForm):
    """How often, and at which hour, somebody gets the letter on what waits for her."""

    every = forms.ChoiceField(
        label=_("E-mail on what waits for you"), choices=Digest.Every.choices, widget=forms.RadioSelect
    )
    hour = forms.TypedChoiceField(
        label=_("At what hour"), choices=HOURS, coerce=int, help_text=_("In the time of Thailand.")
    )

    def __init__(self, *args: Any, user: User, instance: Digest, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"every": instance.every, "hour": instance.hour})
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_every(self) -> str:
        every = str(self.cleaned_data["every"])
        if every != Digest.Every.NEVER and not self.user.email:
            raise forms.ValidationError(
                _("Your account has no e-mail address. Enter one on your account page first.")
            )
        return every

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from khlong.people import throttle
from khlong.people.models import User
from khlong.ui.forms import KhlongForm


class SignInForm(KhlongForm):
    username = forms.CharField(
        label=_("User name or e-mail"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    user: User | None = None

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        name, password = data.get("username"), data.get("password")
        if not name or not password:
            return data
        address = self.request.META.get("REMOTE_ADDR", "")
        if throttle.too_many(name, address):
            raise forms.ValidationError(
                _("Too many wrong passwords from here. Wait 15 minutes and try again."), code="throttled"
            )
        user = authenticate(self.request, username=name, password=password)
        if not isinstance(user, User):
            throttle.note_failure(name, address)
            raise forms.ValidationError(
                _(
                    "The user name or the password is not right. Check that the keyboard is in the right language."
                ),
                code="wrong",
            )
        throttle.forget(name, address)
        self.user = user
        return data

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from khlong.people import throttle
from khlong.people.models import User
from khlong.ui.forms import KhlongForm


class NewPassword(KhlongForm):
    """A password chosen and typed twice; what is wrong with it is said at the first field."""

    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=200,
        help_text=_("At least 8 characters. A few words that only you would put together are easy to keep."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("The same password again"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def update_errors(self, error: ValidationError) -> None:
        """Say what an action found wrong at the fields in which it found it."""
        for name, found in error.update_error_dict({}).items():
            self.add_error(name if name in self.fields else None, found)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, second = data.get("password1"), data.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two passwords differ. Type both again."))
        return data


class NewAccountForm(NewPassword):
    """The account of somebody who was invited; it needs no e-mail address."""

    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        help_text=_(
            "With it you sign in. It stands in the public history of what you change: choose it accordingly."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    display_name = forms.CharField(
        label=_("Name to show"),
        max_length=120,
        required=False,
        help_text=_("Seen by those who work in the same city."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ("username", "display_name", "password1", "password2")


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

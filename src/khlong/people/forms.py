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


class PasskeyForm(KhlongForm):
    """What a new passkey is called in one's own list."""

    name = forms.CharField(
        label=_("A name for it"),
        max_length=60,
        required=False,
        help_text=_("Such as: my phone."),
    )


class DetailsForm(KhlongForm):
    """What somebody may change of her own account at any time."""

    display_name = forms.CharField(
        label=_("Name to show"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"display_name": user.display_name})
        super().__init__(*args, **kwargs)


class EmailForm(KhlongForm):
    """The address of an account, or none."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        required=False,
        help_text=_("It is not needed. With it you may sign in too; nobody else sees it."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"email": user.email})
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).strip().lower()
        if email and User.objects.filter(email=email).exclude(pk=self.user.pk).exists():
            raise forms.ValidationError(_("Another account has this address."))
        return email


class OwnPasswordForm(KhlongForm):
    """The password of whoever is signed in, to prove that it is still the same person."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: User, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.address = user, address

    def clean_password(self) -> str:
        typed = str(self.cleaned_data["password"])
        check_own_password(self.user, typed, self.address, _("This is not your password."))
        return typed


def check_own_password(user: User, typed: str, address: str, wrong: Any) -> None:
    """Raises ValidationError with the words `wrong`, or when too many were tried from here."""
    if throttle.too_many(user.username, address):
        raise forms.ValidationError(
            _("Too many wrong passwords from here. Wait 15 minutes and try again."), code="throttled"
        )
    if not user.check_password(typed):
        throttle.note_failure(user.username, address)
        raise forms.ValidationError(wrong, code="wrong")


class ForgottenForm(KhlongForm):
    """Who has forgotten her password."""

    person = forms.CharField(
        label=_("User name or e-mail"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )


class CodeForm(KhlongForm):
    """A code of the app. (What a code of the paper looks like, the page says.)"""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class PasswordForm(NewPassword):
    """A new password for somebody who knows the old one."""

    old_password = forms.CharField(
        label=_("Password until now"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("old_password", "password1", "password2")

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        if isinstance(request.user, User) and not request.user.has_usable_password():
            del self.fields["old_password"]
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("The new password again")

    def clean_old_password(self) -> str:
        user, typed = self.request.user, str(self.cleaned_data["old_password"])
        assert isinstance(user, User)
        address = self.request.META.get("REMOTE_ADDR", "")
        check_own_password(user, typed, address, _("This is not your password until now."))
        return typed


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

"""What must not be so when a machine is opened to everybody in a hall; every room may add to the list.

A check is a function that gives reasons, each with its mend. Rooms register theirs in `AppConfig.ready`::

    @refuses_hall
    def nobody_signs_in_without_a_password() -> Iterable[StrOrPromise]:
        if settings.TRAINING:
            yield _("Everybody may sign in as anybody. Switch the training city off.")
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.hashers import check_password
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from khlong.people.models import User

Check = Callable[[], Iterable[Any]]
_checks: list[Check] = []

KNOWN_PASSWORDS = (
    "khlong",
    "password",
    "training",
    "สาธิต",
    "คลองตงไหลลงทะเลสาบ-2568",
)
"""Passwords that stand in this project's documents and tests."""
MOST_NAMED = 5

TRAINING = _("The account %(name)s is one of the training. Close it or remove it.")
KNOWN = _(
    "The account %(name)s has a password that everybody can look up. Give it another: ./khlong account %(name)s"
)


def refuses_hall(function: Check) -> Check:
    """Register a check."""
    _checks.append(function)
    return function


def refusals() -> list[Any]:
    """All reasons why this machine must not be opened to a hall, of all rooms."""
    return [reason for check in _checks for reason in check()]


def said(words: Any, **values: Any) -> Any:
    """Words with values put in, still in whichever language they are read."""
    return lazy(lambda: str(words) % values, str)()


@refuses_hall
def no_training_accounts() -> Iterable[Any]:
    """Accounts of the training have passwords that everybody knows."""
    rows = User.objects.filter(is_active=True, name_key__startswith="training").order_by("name_key")
    for user in rows[:MOST_NAMED]:
        yield said(TRAINING, name=user.username)


@refuses_hall
def no_known_passwords() -> Iterable[Any]:
    """A password of the documents, or one's own name, opens the account to everybody in the hall."""
    for user in User.objects.filter(is_active=True).order_by("name_key"):
        tries = (*KNOWN_PASSWORDS, user.username)
        if user.has_usable_password() and any(check_password(word, user.password) for word in tries):
            yield said(KNOWN, name=user.username)

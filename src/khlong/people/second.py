"""The second factor: an authenticator app, and codes on paper for the day when the phone is lost."""

from __future__ import annotations

import secrets
import unicodedata

from django.db import transaction
from django.utils import timezone

from khlong.people import totp, vault
from khlong.people.models import User
from khlong.people.proofs import Authenticator, RecoveryCode
from khlong.people.witness import tell

CODES, CODE_DIGITS, GROUP = 10, 12, 4


def _place(user: User) -> str:
    return f"authenticator:{user.pk}"


def digits_of(typed: str) -> str:
    """What was typed as plain digits; Thai digits count, and spaces and dashes do not."""
    plain = (str(unicodedata.decimal(sign, "")) for sign in typed)
    return "".join(plain)


def is_on(user: User) -> bool:
    """Whether a code is asked for after the password."""
    return Authenticator.objects.filter(user=user, confirmed_at__isnull=False).exists()


def has_factors(user: User) -> bool:
    """Whether there is anything but a password: an app, a passkey, another provider."""
    return is_on(user) or user.passkeys.exists() or user.identities.exists()


def authenticator_of(user: User) -> Authenticator | None:
    return Authenticator.objects.filter(user=user).first()


def secret_of(authenticator: Authenticator) -> str:
    """The secret itself. Raises SealBrokenError."""
    return vault.unseal(bytes(authenticator.secret), _place(authenticator.user))


@transaction.atomic
def begin(user: User) -> Authenticator:
    """A fresh secret that does not count yet; one that counts already stays as it is."""
    standing = Authenticator.objects.select_for_update().filter(user=user).first()
    if standing is not None and standing.confirmed_at is not None:
        return standing
    sealed = vault.seal(totp.new_secret(), _place(user))
    made, _new = Authenticator.objects.update_or_create(user=user, defaults={"secret": sealed})
    tell("people.second.begin", user, ["authenticator"])
    return made


@transaction.atomic
def confirm(user: User, typed: str) -> list[str] | None:
    """Make the app count, if this is its code now; gives the codes for the paper, once. None for a wrong code."""
    waiting = Authenticator.objects.select_for_update().filter(user=user, confirmed_at=None).first()
    if waiting is None or not _take_step(waiting, digits_of(typed)):
        return None
    Authenticator.objects.filter(pk=waiting.pk).update(confirmed_at=timezone.now())
    tell("people.second.on", user, ["authenticator"])
    return _new_codes(user)


@transaction.atomic
def new_codes(user: User) -> list[str]:
    """Ten fresh codes for the paper; those until now are worthless."""
    tell("people.second.codes", user, ["recovery_codes"])
    return _new_codes(user)


def _new_codes(user: User) -> list[str]:
    made = ["".join(secrets.choice("0123456789") for _digit in range(CODE_DIGITS)) for _code in range(CODES)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, mark=_mark(user, code)) for code in made)
    return ["-".join(code[at : at + GROUP] for at in range(0, CODE_DIGITS, GROUP)) for code in made]


def _mark(user: User, code: str) -> str:
    return vault.blind(code, f"recovery:{user.pk}")


def codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


@transaction.atomic
def accept(user: User, typed: str) -> bool:
    """Whether this is the app's code, not used before, or one of the codes on paper; either is used up by it."""
    code = digits_of(typed)
    if len(code) == CODE_DIGITS:
        return _use_paper(user, code)
    app = Authenticator.objects.filter(user=user, confirmed_at__isnull=False).first()
    return app is not None and _take_step(app, code)


def _use_paper(user: User, code: str) -> bool:
    unused = RecoveryCode.objects.filter(user=user, mark=_mark(user, code), used_at=None)
    if not unused.update(used_at=timezone.now()):
        return False
    tell("people.second.code_used", user, ["recovery_codes"])
    return True


def _take_step(app: Authenticator, code: str) -> bool:
    step = totp.matching_step(secret_of(app), code, app.last_step)
    later = Authenticator.objects.filter(pk=app.pk, last_step=app.last_step)
    return step is not None and later.update(last_step=step) == 1


@transaction.atomic
def turn_off(user: User) -> None:
    """From now on the password alone is asked for."""
    remove(user)
    tell("people.second.off", user, ["authenticator", "recovery_codes"])


def remove(user: User) -> None:
    """Take the app and the codes on paper away, within somebody else's transaction."""
    Authenticator.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()

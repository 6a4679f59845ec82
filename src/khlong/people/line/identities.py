"""Which account belongs to whom at LINE. The id is kept sealed and found again by a mark."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from khlong.people import vault
from khlong.people.models import User
from khlong.people.proofs import Identity
from khlong.people.witness import tell

PROVIDER = "line"


def mark_of(subject: str) -> str:
    return vault.blind(subject, PROVIDER)


def account_of(subject: str) -> User | None:
    """The account to which this person of LINE is linked, if it is open."""
    row = Identity.objects.select_related("user").filter(mark=mark_of(subject), user__is_active=True).first()
    return row.user if row else None


def is_linked(user: User) -> bool:
    return user.identities.filter(provider=PROVIDER).exists()


@transaction.atomic
def link(user: User, subject: str) -> None:
    """Let this person of LINE sign in as this account; another one until now no more.

    Raises ValidationError when she is linked to another account.
    """
    keep(user, subject)
    tell("people.line.link", user, ["identities"])


def keep(user: User, subject: str) -> None:
    """The same within somebody else's transaction and audit."""
    mark = mark_of(subject)
    if Identity.objects.filter(mark=mark).exclude(user=user).exists():
        raise ValidationError(
            _("This LINE account is linked to another account here. Unlink it there first.")
        )
    sealed = vault.seal(subject, f"{PROVIDER}:{user.pk}")
    values = {"mark": mark, "subject": sealed}
    Identity.objects.update_or_create(user=user, provider=PROVIDER, defaults=values)


@transaction.atomic
def unlink(user: User) -> None:
    """LINE signs in no more. Raises ValidationError for an account that has no other way in."""
    if not user.has_usable_password() and not user.passkeys.exists():
        raise ValidationError(_("LINE is your only way in. Set a password or add a passkey first."))
    if user.identities.filter(provider=PROVIDER).delete()[0]:
        tell("people.line.unlink", user, ["identities"])

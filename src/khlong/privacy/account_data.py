"""What is kept of an account itself, as its owner is told it. Of secrets it says that there is one, never which."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.people.models import User
from khlong.people.proofs import Authenticator, Identity
from khlong.privacy.registries import Kept, kept_of_an_account
from khlong.record.models import AuditEntry, Digest


def lines(*values: tuple[Any, Any]) -> tuple[tuple[Any, str], ...]:
    """Labels with their values in words, without the empty ones."""
    return tuple((label, str(value)) for label, value in values if value)


@kept_of_an_account
def account(user: User) -> Iterable[Kept]:
    values = lines(
        (_("user name"), user.username),
        (_("name to show"), user.display_name),
        (_("e-mail"), user.email),
        (_("right"), _("steward of this Khlong") if user.is_steward else ""),
        (
            _("lines in the audit under this user name"),
            AuditEntry.objects.filter(actor=user.username).count(),
        ),
    )
    yield Kept(_("Your account"), values, timezone.localdate(user.created_at))
    for row in user.session_records.all():
        seen = timezone.localdate(row.seen_at).isoformat()
        values = lines((_("device"), row.device_words), (_("last seen"), seen))
        yield Kept(_("Where you are signed in"), values, timezone.localdate(row.since))
    letter = Digest.objects.filter(user=user).first()
    if letter is not None:
        yield Kept(_("Letter on what waits for you"), lines((_("how often"), letter.get_every_display())))


@kept_of_an_account
def ways_in(user: User) -> Iterable[Kept]:
    factor = Authenticator.objects.filter(user=user).first()
    if factor is not None:
        yield Kept(_("Second factor: codes of an app"), (), timezone.localdate(factor.made_at))
    for key in user.passkeys.all():
        yield Kept(_("Passkey"), lines((_("name"), key.name)), timezone.localdate(key.made_at))
    for linked in Identity.objects.filter(user=user):
        values = lines((_("with"), linked.provider))
        yield Kept(_("Sign-in with another account"), values, timezone.localdate(linked.made_at))
    for token in user.api_tokens.all():
        values = lines((_("name"), token.name), (_("holds until"), token.expires_on.isoformat()))
        yield Kept(_("Token for programmes"), values, token.made_on)

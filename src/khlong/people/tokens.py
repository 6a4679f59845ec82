"""Tokens with which programmes act for somebody: made and revoked on her own account page, sent as a bearer header.

    Authorization: Bearer khlong_3kP…

A token holds for some cities or all, reads or also writes, and always ends. It never has the power of a steward.
Whoever finds one has what it allows and no more; the account page shows the day on which each was used last.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.people import throttle
from khlong.people.actor import ANONYMOUS, Actor, Bounds, token_actor
from khlong.people.models import ApiToken, User
from khlong.people.witness import tell

PREFIX = "khlong_"
BYTES = 24
MOST_DAYS, MOST = 366, 20
SHOWN = len(PREFIX) + 4


@transaction.atomic
def make_token(
    user: User, name: str, *, spaces: list[UUID] | None = None, writes: bool = False, days: int = 90
) -> tuple[ApiToken, str]:
    """Make a token; gives it with its text, which nobody can read again. Raises ValidationError by field."""
    if not 1 <= days <= MOST_DAYS:
        raise ValidationError({"days": _("A token holds from 1 to 366 days.")})
    if sum(token.holds for token in user.api_tokens.filter(revoked_on=None)) >= MOST:
        raise ValidationError(_("You have too many tokens. Revoke those that are no longer needed."))
    text = PREFIX + secrets.token_urlsafe(BYTES)
    made = ApiToken(user=user, name=name.strip(), digest=digest_of(text), begins=text[:SHOWN], writes=writes)
    made.spaces = [str(space) for space in spaces or []]
    made.expires_on = timezone.localdate() + timedelta(days=days)
    made.save()
    tell("people.token.make", user, ["token"])
    return made, text


@transaction.atomic
def revoke_token(user: User, token: ApiToken) -> None:
    """Make one's own token worthless."""
    if user.api_tokens.filter(pk=token.pk, revoked_on=None).update(revoked_on=timezone.localdate()):
        tell("people.token.revoke", user, ["token"])


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def actor_from_bearer(request: HttpRequest) -> Actor | None:
    """Who comes with the token in the header; the anonymous for one that does not hold, None without one."""
    kind, _blank, text = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not text.startswith(PREFIX):
        return None
    address = request.META.get("REMOTE_ADDR", "")
    if throttle.too_many_links(address):
        return ANONYMOUS
    token = ApiToken.objects.select_related("user").filter(digest=digest_of(text.strip())).first()
    if token is None or not token.holds or not token.user.is_active:
        throttle.note_dead_link(address)
        return ANONYMOUS
    _note_use(token)
    spaces = frozenset(map(UUID, token.spaces)) or None
    return token_actor(token.user, Bounds(spaces=spaces, writes=token.writes))


def _note_use(token: ApiToken) -> None:
    today = timezone.localdate()
    if token.last_used_on != today:
        mine = ApiToken.objects.filter(pk=token.pk)
        mine.filter(Q(last_used_on=None) | Q(last_used_on__lt=today)).update(last_used_on=today)

"""What people do with their own accounts, in the audit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import F

from khlong.people.actor import ActorKind, account_actor
from khlong.people.models import User
from khlong.people.witness import witness
from khlong.record import limits
from khlong.record.limits import Limit
from khlong.record.models import AuditEntry, Stamp

OFTEN = Limit(60, per=timedelta(hours=1))
LIMITS = {"people.account.password": Limit(10, per=timedelta(hours=1))}


@witness
def note_change(name: str, user: User, fields: Iterable[str]) -> None:
    """One line: who, what, which fields. It belongs to no city, so that stewards alone read it.

    Raises TooMany, and what was done is undone, when somebody does the same very often.
    """
    limits.take(name, LIMITS.get(name, OFTEN), account_actor(user))
    AuditEntry.objects.create(
        actor_kind=str(ActorKind.ACCOUNT),
        actor=user.username,
        action=name,
        model=user._meta.label,
        object_id=str(user.pk),
        fields=sorted(fields),
    )
    Stamp.objects.filter(pk=1).update(number=F("number") + 1)

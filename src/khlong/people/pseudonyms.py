"""Names under which people contribute: one for each person in each city, and no way back for whoever reads.

A person who suggests, votes or answers in a city does it under a pseudonym such as "หิ่งห้อย-4821". Histories, pages and
the audit hold the pseudonym only. It is drawn at random, so nothing of the person can be computed from it, and it is
another one in every city, so that nobody follows her from one to the next.

**The way from a person to her pseudonym** goes through two keys: the key of pseudonyms (`var/pseudonym.key`, in no
database and no backup of one) and the person's own data key. A row holds the pseudonym and an HMAC-SHA256 made with
both; without both keys a row fits nobody, and when the person's key is destroyed it fits nobody for ever. No page, no
command and no query shows the way. **The way back** does not exist: who has all keys can try every person, one by one
(the machine's administrator; said in THREAT_MODEL.md).

**For rooms that keep contributions:** act as `contributing(actor, space)`, keep `actor.label` and no account, subject,
session or address beside it; give rows random ids and days instead of moments (`auto_now_add` on a DateField), and list
them by something other than the order in which they came: order and moments give people away as names do.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone

from khlong.people import keys, keystore
from khlong.people.actor import Actor
from khlong.people.models import Pseudonym, Subject, User
from khlong.people.sealing import derived

WORDS = tuple(Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").split())
"""What grows, swims and flies along a canal."""
NUMBERS = range(1000, 10000)
TRIES = 50


class NoPseudonymError(Exception):
    """Whoever acts is nobody who could come again under the same name."""


def contributing(actor: Actor, space: UUID, person: Subject | None = None) -> Actor:
    """The same actor, known in this city by her pseudonym only; with the same rights.

    `person` is who holds a link without an account. A scribe keeps her own name and writes for somebody already.
    Raises NoPseudonymError for the anonymous, KeyGoneError when the person has withdrawn.
    """
    if actor.on_behalf_of or actor.is_system:
        return actor
    if actor.user is not None:
        person = identity_of(actor.user)
    if person is None:
        raise NoPseudonymError(str(actor.kind))
    return actor.but(label=pseudonym_of(person, space), contributes=True)


@transaction.atomic
def identity_of(user: User) -> Subject:
    """The account as a person, in no city. It bears the day of the account, so that it tells no first contribution."""
    standing = Subject.objects.filter(account=user, space=None).first()
    if standing is not None:
        return standing
    made = keys.new_subject(account=user)
    made.made_on = timezone.localdate(user.created_at)
    made.save(update_fields=["made_on"])
    return made


@transaction.atomic
def pseudonym_of(person: Subject, space: UUID) -> str:
    """The person's pseudonym in a city; drawn when she has none there yet. Raises KeyGoneError."""
    mark = _mark(person, space)
    standing = Pseudonym.objects.filter(mark=mark).first()
    if standing is not None:
        return standing.name
    taken = set(Pseudonym.objects.filter(space=space).values_list("name", flat=True))
    free = next(name for name in (_drawn() for _ in range(TRIES)) if name not in taken)
    return Pseudonym.objects.create(space=space, name=free, mark=mark).name


def standing_of(person: Subject) -> list[tuple[UUID, str]]:
    """City and pseudonym wherever the person has one: for the eraser of a room, while her key is there.

    Asked for within a withdrawal too, when the person is marked as destroyed and her key is not yet gone.
    """
    ring = keystore.rings_of([person.pk]).get(person.pk)
    spaces = Pseudonym.objects.values_list("space", flat=True).distinct()
    marks = {_mark_with(keys.names_key(ring), space) for space in spaces} if ring else set()
    return [(row.space, row.name) for row in Pseudonym.objects.filter(mark__in=marks)]


def of_account(user: User) -> list[tuple[UUID, str]]:
    """City and pseudonym wherever an account has contributed; nothing is drawn. For herself, never for a page."""
    person = Subject.objects.filter(account=user, space=None).first()
    return sorted(standing_of(person)) if person is not None else []


def let_go(person: Subject, space: UUID) -> None:
    """Cut the way from a person to her pseudonym in a city: the name stays taken and fits nobody for ever."""
    Pseudonym.objects.filter(mark=_mark(person, space)).update(mark=secrets.token_hex(32))


def _drawn() -> str:
    return f"{secrets.choice(WORDS)}-{secrets.choice(NUMBERS)}"


def _mark(person: Subject, space: UUID) -> str:
    return _mark_with(keys.names_key(keys.ring_of(person)), space)


def _mark_with(hers: bytes, space: UUID) -> str:
    return hmac.new(derived(_pseudonym_key(), "pseudonyms"), hers + space.bytes, sha256).hexdigest()


def _pseudonym_key() -> bytes:
    text = settings.KHLONG["pseudonym_key"] or keystore.text_of(Path(settings.PSEUDONYM_KEY_FILE))
    if not text:
        raise ImproperlyConfigured(
            f"ไม่มีกุญแจนามแฝง · the key of pseudonyms is missing: put {settings.PSEUDONYM_KEY_FILE} back from your copy "
            "of the keys, or set KHLONG_PSEUDONYM_KEY"
        )
    return str(text).encode()

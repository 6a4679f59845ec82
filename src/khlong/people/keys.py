"""Keys for each person: what is written about somebody is sealed, and destroying one key takes all of it back.

**Who.** A `Subject` is a person as data: an id, the city that keeps something of her (or none), her account if any.
Everything personal that a room keeps hangs on a subject and is sealed under that subject's data key. ::

    subject = keys.new_subject(space=city.pk)
    person = Person(subject=subject)
    keys.put(person, "name", "สมศรี ดีงาม")          # a column of the kind SealedField
    person.save()
    keys.read(person, "name")                        # "สมศรี ดีงาม"
    keys.read_all(people, "name", "phone")           # a page of people, the keys fetched at once

The table, the column and the subject are authenticated with what is sealed: bytes copied to another person or
column do not open. `seal` and `open_` do the same for bytes that stand in no column, with a context of your own.

**Where the keys are.** In `khlong.people.keystore`, a file that is in no backup of the database; wrapped under the
master key, which is in no database at all.

**Withdrawal.** `destroy` marks the subject, removes its blind indexes, lets every room erase what it kept
(`on_destroyed`), all in one transaction, and removes the key when that transaction has been committed. Should the
machine stop between the two, `sweep` (at every start) removes it. From then on what lies in old copies is noise.

**Searching what is sealed.** A blind index is an HMAC-SHA256 of the normalised name or number under a key made for
that kind of value and that city: equal values of one city are found, values of two cities never meet. Kept are 128
bits: too many for two names to meet by chance, and without the key not a guess can be tried. Whoever holds the
database *and* the keys can try a list of names; that is written in THREAT_MODEL.md.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils import timezone

from khlong.people import keystore
from khlong.people.models import BlindIndex, Subject, User
from khlong.people.sealing import derived, open_bytes, seal_bytes
from khlong.thai.canonical import canonical
from khlong.thai.digits import to_arabic

INDEX_LETTERS = 32
"""128 bits of the HMAC in hexadecimal letters."""
TITLES = re.compile(
    r"^(?:นางสาว|นาง|นาย|น\.?ส\.|ด\.?ช\.|ด\.?ญ\.|เด็กชาย|เด็กหญิง|mrs?\.?\s|ms\.?\s|miss\s)(?![ัิ-ฺ็-๎])"
)
NOT_OF_A_NAME = re.compile(r"[^\wัิ-ฺ็-๎]|_")
Eraser = Callable[[Subject], None]
Sealed = Any
"""A row about somebody: of a model with the foreign key `subject` and columns of the kind SealedField."""
_erasers: list[Eraser] = []


class KeyGoneError(Exception):
    """The person has withdrawn: the key is destroyed and nothing of her can be read or written."""


def new_subject(*, space: UUID | None = None, account: User | None = None) -> Subject:
    """A person as data, with a fresh key of her own. Call it inside an action."""
    subject = Subject(pk=uuid4(), space=space, account=account, made_on=timezone.localdate())
    keystore.make_key(subject.pk)
    subject.save(force_insert=True)
    return subject


def new_subjects(ids: Sequence[UUID], *, space: UUID) -> list[Subject]:
    """Many new people of one city at once, each with a key of her own. Call it inside an action."""
    keystore.make_keys(ids)
    today = timezone.localdate()
    return Subject.objects.bulk_create([Subject(pk=pk, space=space, made_on=today) for pk in ids])


def key_of(subject: Subject) -> bytes:
    """The data key. Raises KeyGoneError."""
    if subject.destroyed_on is None and (key := keystore.keys_of([subject.pk]).get(subject.pk)):
        return key
    raise KeyGoneError(str(subject.pk))


def seal(subject: Subject, data: bytes, context: str) -> bytes:
    """Seal bytes under a person's key for one place, such as "register.answer:voice". Raises KeyGoneError."""
    return seal_bytes(key_of(subject), data, _bound(subject.pk, context))


def open_(subject: Subject, sealed: bytes, context: str) -> bytes:
    """What `seal` sealed for this person and place. Raises KeyGoneError or SealBrokenError."""
    return open_bytes(key_of(subject), bytes(sealed), _bound(subject.pk, context))


def _bound(subject: UUID, context: str) -> str:
    return f"{subject}:{context}"


# --- columns ------------------------------------------------------------------------------


def put(row: Sealed, name: str, text: str) -> None:
    """Set a sealed column to a text, or to nothing; the row is not saved. Raises KeyGoneError."""
    sealed = seal(row.subject, canonical(text).encode(), _column(row, name)) if text else None
    setattr(row, name, sealed)


def put_all(rows: Sequence[Sealed], name: str, texts: Sequence[str]) -> None:
    """Set a sealed column of many rows, the keys fetched at once; the rows are not saved. Raises KeyGoneError."""
    found = keystore.keys_of({row.subject_id for row in rows})
    for row, text in zip(rows, texts, strict=True):
        if row.subject_id not in found:
            raise KeyGoneError(str(row.subject_id))
        context = _bound(row.subject_id, _column(row, name))
        sealed = seal_bytes(found[row.subject_id], canonical(text).encode(), context) if text else None
        setattr(row, name, sealed)


def read(row: Sealed, name: str) -> str:
    """The text of a sealed column, "" for nothing. Raises KeyGoneError or SealBrokenError."""
    return read_all([row], name)[0][name]


def read_all(rows: Sequence[Sealed], *names: str) -> list[dict[str, str]]:
    """The texts of sealed columns, a dictionary for each row, the keys fetched at once.

    A row whose person has withdrawn raises KeyGoneError: such rows are erased with the key, so none should be listed.
    """
    keys = keystore.keys_of({row.subject_id for row in rows})
    return [{name: _text(row, name, keys) for name in names} for row in rows]


def _text(row: Sealed, name: str, keys: dict[UUID, bytes]) -> str:
    sealed = getattr(row, name)
    if sealed is None:
        return ""
    if row.subject_id not in keys:
        raise KeyGoneError(str(row.subject_id))
    return open_bytes(
        keys[row.subject_id], bytes(sealed), _bound(row.subject_id, _column(row, name))
    ).decode()


def _column(row: Sealed, name: str) -> str:
    field = row._meta.get_field(name)
    return f"{row._meta.db_table}.{field.column}"


# --- duplicates ---------------------------------------------------------------------------


def normal(kind: str, text: str) -> str:
    """A value as it is compared: a name without title, spaces and case; of a number only the digits.

    A telephone number from abroad (+66) is the same as the one dialled at home.
    """
    plain = to_arabic(canonical(text)).strip().casefold()
    if kind == "name":
        return NOT_OF_A_NAME.sub("", TITLES.sub("", plain))
    digits = re.sub(r"\D", "", plain)
    return re.sub(r"^(?:00)?66(?=\d{8,9}$)", "0", digits) if kind == "phone" else digits


def blind(kind: str, text: str, space: UUID | None) -> str:
    """The blind index of a value in one city; "" for a value with nothing in it."""
    if not (value := normal(kind, text)):
        return ""
    key = derived(keystore.house_secret(), f"blind index of {kind} in {space}")
    return hmac.new(key, value.encode(), sha256).hexdigest()[:INDEX_LETTERS]


def remember(subject: Subject, kind: str, *texts: str) -> None:
    """Make a person findable by these values of a kind ("name", "phone", "thai_id") and no others of that kind."""
    values = {blind(kind, text, subject.space) for text in texts} - {""}
    BlindIndex.objects.filter(subject=subject, kind=kind).exclude(value__in=values).delete()
    BlindIndex.objects.bulk_create(
        [BlindIndex(subject=subject, kind=kind, value=value) for value in sorted(values)],
        ignore_conflicts=True,
    )


def found(kind: str, text: str, space: UUID | None) -> QuerySet[Subject]:
    """Everybody in this city who has the value."""
    value = blind(kind, text, space)
    return Subject.objects.filter(space=space, blind_indexes__kind=kind, blind_indexes__value=value)


# --- withdrawal ---------------------------------------------------------------------------


def on_destroyed(eraser: Eraser) -> Eraser:
    """Register how a room erases what it keeps of a person; called in the transaction of the withdrawal."""
    _erasers.append(eraser)
    return eraser


@transaction.atomic
def destroy(subject: Subject) -> None:
    """Take back everything that is kept of a person; for ever. Only actions of the room of privacy call it."""
    subject.destroyed_on = timezone.localdate()
    Subject.objects.filter(pk=subject.pk, destroyed_on=None).update(
        destroyed_on=subject.destroyed_on, account=None
    )
    BlindIndex.objects.filter(subject=subject).delete()
    for eraser in _erasers:
        eraser(subject)
    day, pk = subject.destroyed_on, subject.pk
    transaction.on_commit(lambda: keystore.destroy([pk], day))


def sweep() -> int:
    """Bring keys and database together after a stop or a restore; gives how many people it concerned.

    Keys of those who are marked as destroyed go, and those whose key was destroyed after the copy of the database
    was made are destroyed again, with all that the copy brought back.
    """
    gone = keystore.destroyed()
    marked = set(Subject.objects.exclude(destroyed_on=None).values_list("pk", flat=True))
    keystore.destroy(marked - gone.keys(), timezone.localdate())
    returned = list(Subject.objects.filter(destroyed_on=None, pk__in=gone.keys() - marked)) if gone else []
    for subject in returned:
        destroy(subject)
    return len(marked - gone.keys()) + len(returned)


def without_key() -> int:
    """How many people have something sealed that no key opens: the file of keys is older than the database."""
    living = set(Subject.objects.filter(destroyed_on=None).values_list("pk", flat=True))
    return len(living - keystore.holds())


class SealedField(models.BinaryField):  # type: ignore[type-arg]
    """A column of sealed bytes; written by `put`, read by `read`. Never shown by a form."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"null": True, "editable": False, **kwargs})

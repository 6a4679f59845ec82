"""Keys for each person and purpose: what is written about somebody is sealed, and destroying keys takes it back.

**Who.** A `Subject` is a person as data: an id, the city that keeps something of her (or none), her account if any.
Everything personal that a room keeps hangs on a subject and is sealed under a data key of hers: the one of the purpose
that the column names, or the basic one, which lasts as long as any consent. ::

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
(`on_destroyed`), all in one transaction, and removes the keys when that transaction has been committed. `end` does the
same for one purpose (`on_ended`): its key goes, what is kept for others stays readable, also in old copies. Should
the machine stop between the two, `sweep` (at every start) removes it. From then on what lies in old copies is noise.

**Values from before.** A sealed value names the key that sealed it. One that names none was sealed when a person had
a single key, which opens it still; `reseal` puts it under the key of its purpose. That single key opens all that older
copies hold, so it goes with the first purpose that is taken back: of copies from before `reseal` nothing of that person
can be read then, of later ones all that remains.

**Searching what is sealed.** A blind index is an HMAC-SHA256 of the normalised name or number under a key made for
that kind of value and that city: equal values of one city are found, values of two cities never meet. Kept are 128
bits: too many for two names to meet by chance, and without the key not a guess can be tried. Whoever holds the
database *and* the keys can try a list of names; that is written in THREAT_MODEL.md.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Collection, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from khlong.people import keystore
from khlong.people.keystore import BASIC, NAMES, OLD, DataKey, Ended, Ring
from khlong.people.models import BlindIndex, EndedKey, Subject, User
from khlong.people.sealed import (
    SealedField,
    envelope,
    keep_value,
    sealed_models,
    taken_apart,
    values_of,
)
from khlong.people.sealing import derived, open_bytes
from khlong.thai.canonical import canonical
from khlong.thai.digits import to_arabic

INDEX_LETTERS = 32
"""128 bits of the HMAC in hexadecimal letters."""
TITLES = re.compile(
    r"^(?:นางสาว|นาง|นาย|น\.?ส\.|ด\.?ช\.|ด\.?ญ\.|เด็กชาย|เด็กหญิง|mrs?\.?\s|ms\.?\s|miss\s)(?![ัิ-ฺ็-๎])"
)
NOT_OF_A_NAME = re.compile(r"[^\wัิ-ฺ็-๎]|_")
CHUNK = 200
Eraser = Callable[[Subject], None]
Ender = Callable[[Subject, str], None]
Sealed = Any
"""A row about somebody: of a model with the foreign key `subject` and columns of the kind SealedField."""
_erasers: list[Eraser] = []
_enders: list[Ender] = []


class KeyGoneError(Exception):
    """The person has withdrawn, or the purpose was taken back: the key is destroyed and nothing can be read."""


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


def ring_of(subject: Subject) -> Ring:
    """All data keys of a person. Raises KeyGoneError."""
    if subject.destroyed_on is None and (ring := keystore.rings_of([subject.pk]).get(subject.pk)):
        return ring
    raise KeyGoneError(str(subject.pk))


def names_key(ring: Ring) -> bytes:
    """From what a person's pseudonyms are found: the same through every change of her keys."""
    by = {key.purpose: key.key for key in ring.values()}
    return by[NAMES] if NAMES in by else derived(by[OLD] if OLD in by else by[BASIC], "pseudonym")


def seal(subject: Subject, data: bytes, context: str, purpose: str = BASIC) -> bytes:
    """Seal bytes of a person for one place, such as "register.answer:voice", and purpose. Raises KeyGoneError."""
    if subject.destroyed_on is not None:
        raise KeyGoneError(str(subject.pk))
    return envelope(_sealing({subject.pk}, purpose)[subject.pk], data, _bound(subject.pk, context))


def open_(subject: Subject, sealed: bytes, context: str) -> bytes:
    """What `seal` sealed for this person and place. Raises KeyGoneError or SealBrokenError."""
    return _opened(ring_of(subject), subject.pk, bytes(sealed), context)


def _sealing(subjects: set[UUID], purpose: str) -> dict[UUID, DataKey]:
    """The key under which each of these people is written for a purpose; made where there is none yet."""
    rings = keystore.rings_of(subjects)
    if gone := subjects - rings.keys():
        raise KeyGoneError(str(next(iter(gone))))
    # One that was ended may still lie in the store, for a moment or until the next start.
    over = (
        set(EndedKey.objects.filter(subject__in=subjects).values_list("pk", flat=True)) if purpose else set()
    )
    keys = (key for ring in rings.values() for key in ring.values())
    found = {key.subject: key for key in keys if key.purpose == purpose and key.id not in over}
    missing = subjects - found.keys()
    return found | keystore.make_keys(missing, purpose, without=over) if missing else found


def _opened(ring: Ring, subject: UUID, sealed: bytes, context: str) -> bytes:
    which, rest = taken_apart(sealed, subject)
    if which not in ring:
        raise KeyGoneError(str(subject))
    return open_bytes(ring[which].key, rest, _bound(subject, context))


def _bound(subject: UUID, context: str) -> str:
    return f"{subject}:{context}"


# --- columns ------------------------------------------------------------------------------


def put(row: Sealed, name: str, text: str) -> None:
    """Set a sealed column to a text, or to nothing; the row is not saved. Raises KeyGoneError."""
    field, sealed = row._meta.get_field(name), None
    if text:
        sealed = seal(row.subject, canonical(text).encode(), _column(row, name), field.purpose_of(row))
    setattr(row, name, sealed)


def put_all(rows: Sequence[Sealed], name: str, texts: Sequence[str]) -> None:
    """Set a sealed column of many rows, the keys fetched at once; the rows are not saved. Raises KeyGoneError."""
    by_purpose: dict[str, list[tuple[Sealed, str]]] = {}
    for row, text in zip(rows, texts, strict=True):
        by_purpose.setdefault(row._meta.get_field(name).purpose_of(row), []).append((row, text))
    for purpose, some in by_purpose.items():
        found = _sealing({row.subject_id for row, _text in some}, purpose)
        for row, text in some:
            context = _bound(row.subject_id, _column(row, name))
            sealed = envelope(found[row.subject_id], canonical(text).encode(), context) if text else None
            setattr(row, name, sealed)


def read(row: Sealed, name: str) -> str:
    """The text of a sealed column, "" for nothing. Raises KeyGoneError or SealBrokenError."""
    return read_all([row], name)[0][name]


def read_all(rows: Sequence[Sealed], *names: str) -> list[dict[str, str]]:
    """The texts of sealed columns, a dictionary for each row, the keys fetched at once.

    A row whose person has withdrawn raises KeyGoneError: such rows are erased with the key, so none should be listed.
    """
    rings = keystore.rings_of({row.subject_id for row in rows})
    return [{name: _text(row, name, rings) for name in names} for row in rows]


def _text(row: Sealed, name: str, rings: dict[UUID, Ring]) -> str:
    sealed = getattr(row, name)
    if sealed is None:
        return ""
    ring = rings.get(row.subject_id, {})
    return _opened(ring, row.subject_id, bytes(sealed), _column(row, name)).decode()


def _column(row: Sealed, name: str) -> str:
    field = row._meta.get_field(name)
    return f"{row._meta.db_table}.{field.column}"


# --- values from before there was a key for each purpose ------------------------------------


def reseal() -> int:
    """Put what was sealed with a person's only key under the key of its purpose; gives how many values.

    The old keys stay for the copies from before. May be broken off and run again.
    """
    done = 0
    for model, fields in sealed_models() if keystore.has_old() else ():
        rows = model._base_manager.values_list("pk", *(field.attname for field in fields))
        old = [pk for pk, *values in rows.iterator() if any(map(_names_no_key, values))]
        for start in range(0, len(old), CHUNK):
            done += _reseal_some(model, fields, old[start : start + CHUNK])
    return done


def _names_no_key(value: Any) -> bool:
    return value is not None and taken_apart(bytes(value), UUID(int=0))[0] == UUID(int=0)


@transaction.atomic
def _reseal_some(model: Any, fields: list[SealedField], pks: list[Any]) -> int:
    rows = list(model._base_manager.select_for_update(of=("self",)).filter(pk__in=pks))
    rings, done = keystore.rings_of({row.subject_id for row in rows}), 0
    for row in rows:
        ring = rings.get(row.subject_id, {})
        for field in fields:
            value = getattr(row, field.attname)
            if OLD in {key.purpose for key in ring.values()} and _names_no_key(value):
                keep_value(row, field, _resealed(ring, row, field, bytes(value)))
                done += 1
    return done


def _resealed(ring: Ring, row: Sealed, field: SealedField, value: bytes) -> bytes:
    column = _column(row, field.name)
    plain = _opened(ring, row.subject_id, value, column)
    key = _sealing({row.subject_id}, field.purpose_of(row))[row.subject_id]
    return envelope(key, plain, _bound(row.subject_id, column))


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


def on_ended(ender: Ender) -> Ender:
    """Register what a room does when one purpose is taken back; called in the transaction of the withdrawal."""
    _enders.append(ender)
    return ender


@transaction.atomic
def destroy(subject: Subject) -> None:
    """Take back everything that is kept of a person; for ever. Only actions of the room of privacy call it."""
    subject.destroyed_on = timezone.localdate()
    Subject.objects.filter(pk=subject.pk, destroyed_on=None).update(
        destroyed_on=subject.destroyed_on, account=None
    )
    BlindIndex.objects.filter(subject=subject).delete()
    EndedKey.objects.filter(subject=subject).delete()
    for eraser in _erasers:
        eraser(subject)
    day, pk = subject.destroyed_on, subject.pk
    transaction.on_commit(lambda: keystore.destroy([pk], day))


@transaction.atomic
def end(subject: Subject, purpose: str) -> None:
    """Take back what is kept of a person for one purpose; for ever. Only actions of the room of privacy call it.

    She may agree to the purpose again: it gets another key.
    """
    ring = keystore.rings_of([subject.pk]).get(subject.pk, {})
    over = [Ended(key.id, subject.pk, purpose) for key in ring.values() if key.purpose == purpose]
    over = over or [Ended(uuid4(), subject.pk, purpose)]
    if subject.pk in ring:
        keystore.keep_key(DataKey(uuid4(), subject.pk, NAMES, names_key(ring)))
        over.append(Ended(subject.pk, subject.pk, OLD))
    _take_back(subject, over, ring)
    day = timezone.localdate()
    transaction.on_commit(lambda: keystore.end(over, day))


@transaction.atomic
def _take_back(subject: Subject, over: Collection[Ended], ring: Ring) -> bool:
    """Note what is ended, let the rooms erase it, and leave nothing sealed that no key will open.

    Gives whether that took something which the person had not taken back: sealed with an only key that is gone.
    """
    day = timezone.localdate()
    EndedKey.objects.bulk_create(
        [EndedKey(id=one.id, subject=subject, purpose=one.purpose, ended_on=day) for one in over],
        ignore_conflicts=True,
    )
    purposes, ids = {one.purpose for one in over} - {OLD}, {one.id for one in over}
    for purpose in sorted(purposes):
        for ender in _enders:
            ender(subject, purpose)
    lost = False
    for row, field, value in list(values_of(subject)):
        which, taken = taken_apart(value, subject.pk)[0], field.purpose_of(row) in purposes
        if not taken and which == subject.pk and which in ring:
            keep_value(row, field, _resealed(ring, row, field, value))
        elif taken or which in ids:
            keep_value(row, field, None)
            lost = lost or not taken
    return lost


def sweep(lost: Callable[[Subject], None] = lambda _subject: None) -> int:
    """Bring keys and database together after a stop or a restore; gives how many people it concerned.

    Keys of those who are marked as destroyed go, and those whose key was destroyed after the copy of the database
    was made are destroyed again, with all that the copy brought back. So is what was taken back for one purpose.
    `lost` is told of who lost more: the copy is from before each purpose had its key.
    """
    gone = keystore.destroyed()
    marked = set(Subject.objects.exclude(destroyed_on=None).values_list("pk", flat=True))
    keystore.destroy(marked - gone.keys(), timezone.localdate())
    returned = list(Subject.objects.filter(destroyed_on=None, pk__in=gone.keys() - marked)) if gone else []
    for subject in returned:
        destroy(subject)
    return len(marked - gone.keys()) + len(returned) + _sweep_ended(lost)


def _sweep_ended(lost: Callable[[Subject], None]) -> int:
    known = keystore.ended()
    noted = {
        row.pk: Ended(row.pk, row.subject_id, row.purpose)
        for row in EndedKey.objects.filter(subject__destroyed_on=None)
    }
    late = [one for which, one in noted.items() if which not in known]
    keystore.end(late, timezone.localdate())
    returned: dict[UUID, list[Ended]] = {}
    for which, one in known.items():
        if which not in noted:
            returned.setdefault(one.subject, []).append(one)
    people = list(Subject.objects.filter(destroyed_on=None, pk__in=returned)) if returned else []
    for subject in people:
        ring = keystore.rings_of([subject.pk]).get(subject.pk, {})
        if _take_back(subject, returned[subject.pk], ring):
            lost(subject)
    return len({subject.pk for subject in people} | {one.subject for one in late})


def without_key() -> int:
    """How many people have something sealed that no key opens: the file of keys is older than the database."""
    living = set(Subject.objects.filter(destroyed_on=None).values_list("pk", flat=True))
    return len(living - keystore.holds())

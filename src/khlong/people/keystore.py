"""The store of wrapped data keys: one small SQLite file of its own, beside the database and never in it.

A person's data keys lie in `var/keys.sqlite3`, wrapped under the master key of `var/master.key`: one for what is kept
of her under any consent (`BASIC`), and one for each purpose that she agreed to. The database and every copy of it
hold only what was sealed under data keys. So a withdrawal is the removal of rows of this file (`secure_delete`
overwrites them on the page), and every backup of the database that was ever made loses that person, or what was
kept of her for one purpose, at the same moment. What a copy of this file needs is said in `khlong.people.keycopy`.

The file holds also: who was destroyed and which keys were ended, and on which day (so that an older copy cannot bring
a key back), one secret of the house under which blind indexes are made, a value by which a wrong master key is known,
and a number that grows with every change.

A file of form 1 held one key for each person. It is brought to this form when it is first opened: the key stays, under
the person's own id and the purpose `OLD`, opens what it sealed, and seals nothing more (see `khlong.people.keys`).

The master key is changed step by step (`rotate`): keys that were wrapped under the old one are wrapped again in chunks,
each in a transaction, while others read and write. Which master key wraps is itself kept here and read in the
transaction that writes, so that a process that started earlier never wraps under a key that is about to go.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from khlong.people.sealing import SealBrokenError, derived, new_key, open_bytes, seal_bytes

TABLES = (
    "CREATE TABLE IF NOT EXISTS house (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS data_key (id TEXT PRIMARY KEY, subject TEXT NOT NULL, purpose TEXT NOT NULL,"
    " master TEXT NOT NULL, wrapped BLOB NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS data_key_of_subject ON data_key (subject)",
    "CREATE TABLE IF NOT EXISTS ended (id TEXT PRIMARY KEY, subject TEXT NOT NULL, purpose TEXT NOT NULL,"
    " day TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS destroyed (subject TEXT PRIMARY KEY, day TEXT NOT NULL) WITHOUT ROWID",
)
FORM = 2
"""The form of the file, in its `user_version`; form 1 had none."""
BASIC = ""
"""What is kept of somebody whichever consent stands."""
OLD = "old"
"""The only key of a person from before there was one for each purpose; its id is the person's."""
NAMES = "names"
"""What leads to a person's pseudonyms, where it was taken from an old key that may go."""
HOUSE = "house secret"
CHECK = b"this is the master key"
CHUNK = 500
ASKED_AT_ONCE = 500


@dataclass(frozen=True, repr=False)
class Master:
    """One master key: its number (8 bytes made of it, which tell nothing of it) and the key that wraps."""

    number: str
    wraps: bytes

    @classmethod
    def of(cls, text: str) -> Master:
        secret = text.encode()
        return cls(derived(secret, "master number")[:8].hex(), derived(secret, "wrapping"))


@dataclass(frozen=True, repr=False)
class DataKey:
    """One data key of a person: its id stands before what it sealed."""

    id: UUID
    subject: UUID
    purpose: str
    key: bytes


Ring = dict[UUID, DataKey]
"""All data keys of one person, by id."""


class Ended(NamedTuple):
    """What a person took back for one purpose: the id of the key, or a new one where there was no key."""

    id: UUID
    subject: UUID
    purpose: str


def path() -> Path:
    return Path(settings.KEY_STORE)


def next_path() -> Path:
    """Where the next master key lies while a rotation is under way."""
    where = Path(settings.MASTER_KEY_FILE)
    return where.with_name(f"{where.name}.next")


def masters() -> dict[str, Master]:
    """The master keys at hand by number: the one that stands and, during a rotation, the next.

    Read from the setting or the file each time, so that a running process meets a rotation without a restart.
    """
    texts = (
        settings.KHLONG["master_key"] or text_of(Path(settings.MASTER_KEY_FILE)),
        settings.KHLONG["master_key_next"] or text_of(next_path()),
    )
    return {master.number: master for master in map(Master.of, filter(None, texts))}


def text_of(file: Path) -> str:
    """The key in a file that its owner alone can read, or nothing. Raises ImproperlyConfigured."""
    try:
        mode, text = file.stat().st_mode, file.read_text().strip()
    except FileNotFoundError:
        return ""
    if mode & 0o077:
        raise ImproperlyConfigured(f"{file.name} can be read by others: run  chmod 600 '{file}'")
    if len(text) < 40:
        raise ImproperlyConfigured(
            f"{file.name} is too short to be a key: put back the right one from your copy"
        )
    return text


@contextlib.contextmanager
def opened(*, writing: bool = False) -> Iterator[sqlite3.Connection]:
    """The file in one transaction; made, readable by its owner only, when it is not there."""
    where = path()
    if not where.exists():
        with contextlib.suppress(FileExistsError):
            os.close(os.open(where, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with contextlib.closing(sqlite3.connect(where, timeout=20, isolation_level=None)) as store:
        store.execute("PRAGMA journal_mode=TRUNCATE")
        store.execute("PRAGMA synchronous=FULL")
        store.execute("PRAGMA secure_delete=ON")
        if _form(store) != FORM:
            with _together(store, writing=True):
                _bring_to_form(store)
        with _together(store, writing=writing):
            yield store
            if writing:
                _raise_serial(store)


@contextlib.contextmanager
def _together(store: sqlite3.Connection, *, writing: bool) -> Iterator[None]:
    store.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
    try:
        yield
    except BaseException:
        if store.in_transaction:
            store.execute("ROLLBACK")
        raise
    store.execute("COMMIT")


def _form(store: sqlite3.Connection) -> int:
    return int(store.execute("PRAGMA user_version").fetchone()[0])


def _bring_to_form(store: sqlite3.Connection) -> None:
    """Make the tables; take over the keys of form 1. Another process may have been faster."""
    if _form(store) > FORM:
        raise ImproperlyConfigured(
            f"คลังกุญแจนี้มาจากคลองรุ่นใหม่กว่า · {path().name} was written by a newer Khlong: update Khlong"
        )
    for table in TABLES:
        store.execute(table)
    if store.execute("SELECT 1 FROM sqlite_master WHERE name = 'subject_key'").fetchone():
        take_over(store, store.execute("SELECT subject, master, wrapped FROM subject_key").fetchall())
        store.execute("DROP TABLE subject_key")
        _raise_serial(store)
    store.execute(f"PRAGMA user_version = {FORM}")


def take_over(store: sqlite3.Connection, rows: Iterable[tuple[str, str, bytes]]) -> None:
    """Enter keys of form 1: person, number of the master key, wrapped key."""
    store.executemany(
        "INSERT OR IGNORE INTO data_key VALUES (?, ?, ?, ?, ?)",
        [(subject, subject, OLD, master, wrapped) for subject, master, wrapped in rows],
    )


def _raise_serial(store: sqlite3.Connection) -> None:
    store.execute("INSERT INTO house VALUES ('serial', 0) ON CONFLICT (name) DO UPDATE SET value = value + 1")


def _house(store: sqlite3.Connection, name: str) -> bytes | str | int | None:
    row = store.execute("SELECT value FROM house WHERE name = ?", [name]).fetchone()
    return row[0] if row else None


def serial() -> int:
    """A number that grows with every change; a copy of the file that has another number is out of date."""
    with opened() as store:
        return int(_house(store, "serial") or 0)


def context_of(key: UUID | str, subject: UUID | str, purpose: str) -> str:
    """What a wrapped data key is bound to."""
    return (
        f"data key of {subject}" if purpose == OLD else f"data key {key} of {subject} for {purpose or 'all'}"
    )


def _wrapping(store: sqlite3.Connection) -> Master:
    """The master key that wraps now; the first one to come is entered. Raises when it is not at hand."""
    at_hand = masters()
    number = _house(store, "master")
    if number is None:
        if not at_hand:
            raise ImproperlyConfigured(_missing())
        master = next(iter(at_hand.values()))
        _enter(store, master)
        wrapped = seal_bytes(master.wraps, new_key(), HOUSE)
        store.execute(
            "INSERT INTO house VALUES ('secret', ?), ('secret master', ?)", [wrapped, master.number]
        )
        return master
    return _known(at_hand, str(number))


def _enter(store: sqlite3.Connection, master: Master) -> None:
    check = seal_bytes(master.wraps, CHECK, "check")
    store.execute("INSERT OR REPLACE INTO house VALUES ('master', ?), ('check', ?)", [master.number, check])


def _known(at_hand: dict[str, Master], number: str) -> Master:
    if number in at_hand:
        return at_hand[number]
    raise ImproperlyConfigured(_missing() if not at_hand else _wrong(number))


def _missing() -> str:
    return (
        f"ไม่มีกุญแจหลัก {settings.MASTER_KEY_FILE} · the master key is missing: put {settings.MASTER_KEY_FILE} back "
        "from your copy of the keys, or set KHLONG_MASTER_KEY; without it nothing sealed for people can be read"
    )


def _wrong(number: str) -> str:
    return (
        f"กุญแจหลักไม่ตรงกับคลังกุญแจ · the master key is not the one under which the keys in {path().name} are wrapped "
        f"(number {number}): put the right one back from your copy of the keys"
    )


def check() -> None:
    """Raises ImproperlyConfigured, in words, when something is wrapped and the right master key is not at hand."""
    if not path().exists():
        return
    with opened() as store:
        number, sealed = _house(store, "master"), _house(store, "check")
        if number is None:
            return
        master = _known(masters(), str(number))
        if not isinstance(sealed, bytes) or open_bytes(master.wraps, sealed, "check") != CHECK:
            raise ImproperlyConfigured(_wrong(master.number))


def house_secret() -> bytes:
    """The secret of this house from which blind indexes are made; it outlives a change of the master key."""
    with opened() as store:
        known = _house(store, "master") is not None
    with opened(writing=not known) as store:
        if not known:
            _wrapping(store)
        wrapped, number = _house(store, "secret"), _house(store, "secret master")
        if not isinstance(wrapped, bytes):
            raise SealBrokenError("the house has no secret")
        return open_bytes(_known(masters(), str(number)).wraps, wrapped, HOUSE)


def make_key(subject: UUID, purpose: str = BASIC) -> bytes:
    """Make and keep a person's data key for a purpose. Raises SealBrokenError for somebody who has withdrawn."""
    return make_keys([subject], purpose)[subject].key


def make_keys(
    subjects: Iterable[UUID], purpose: str = BASIC, *, without: Collection[UUID] = ()
) -> dict[UUID, DataKey]:
    """Make and keep data keys of many people for a purpose, in one transaction; who has one keeps it.

    Keys whose ids are in `without` do not count: they are about to go. Raises SealBrokenError for somebody who has
    withdrawn.
    """
    asked = set(subjects)
    with opened(writing=True) as store:
        if any(_rows(store, "destroyed", "subject", asked)):
            raise SealBrokenError("the key of this person was destroyed and is never made again")
        master = _wrapping(store)
        found = {
            key.subject: key
            for key in _opened(store, asked)
            if key.purpose == purpose and key.id not in without
        }
        made = [DataKey(uuid4(), subject, purpose, new_key()) for subject in asked - found.keys()]
        _keep(store, master, made)
    return found | {key.subject: key for key in made}


def keep_key(key: DataKey) -> None:
    """Keep a key that was taken from another one, unless it is kept already."""
    with opened(writing=True) as store:
        if all(standing.purpose != key.purpose for standing in _opened(store, {key.subject})):
            _keep(store, _wrapping(store), [key])


def _keep(store: sqlite3.Connection, master: Master, keys: Iterable[DataKey]) -> None:
    rows = []
    for key in keys:
        wrapped = seal_bytes(master.wraps, key.key, context_of(key.id, key.subject, key.purpose))
        rows.append((str(key.id), str(key.subject), key.purpose, master.number, wrapped))
    store.executemany("INSERT INTO data_key VALUES (?, ?, ?, ?, ?)", rows)


def rings_of(subjects: Iterable[UUID]) -> dict[UUID, Ring]:
    """The data keys of these people; those who have none any more are left out."""
    asked = set(subjects)
    found: dict[UUID, Ring] = {}
    if not asked or not path().exists():
        return found
    with opened() as store:
        for key in _opened(store, asked):
            found.setdefault(key.subject, {})[key.id] = key
    return found


def _opened(store: sqlite3.Connection, subjects: Collection[UUID]) -> Iterator[DataKey]:
    at_hand = masters()
    for rows in _rows(store, "data_key", "*", subjects):
        for key, subject, purpose, number, wrapped in rows:
            plain = open_bytes(_known(at_hand, number).wraps, wrapped, context_of(key, subject, purpose))
            yield DataKey(UUID(key), UUID(subject), purpose, plain)


def _rows(
    store: sqlite3.Connection, table: str, columns: str, subjects: Collection[UUID]
) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of these people, in parts of what SQLite can be asked at once."""
    asked = [str(subject) for subject in subjects]
    for start in range(0, len(asked), ASKED_AT_ONCE):
        part = asked[start : start + ASKED_AT_ONCE]
        marks = ",".join("?" * len(part))
        yield store.execute(
            f"SELECT {columns} FROM {table} WHERE subject IN ({marks})",  # noqa: S608
            part,
        ).fetchall()


def destroy(subjects: Iterable[UUID], day: date) -> None:
    """Remove all keys of these people for ever, and remember that they are gone."""
    asked = [str(subject) for subject in subjects]
    if not asked:
        return
    with opened(writing=True) as store:
        _remove(store, asked)
        rows = [[subject, day.isoformat()] for subject in asked]
        store.executemany("INSERT OR IGNORE INTO destroyed VALUES (?, ?)", rows)


def forget(subjects: Iterable[UUID]) -> None:
    """Remove keys that were made for people of whom nothing was ever kept, leaving no note that there was anybody."""
    asked = [str(subject) for subject in subjects]
    if asked:
        with opened(writing=True) as store:
            _remove(store, asked)


def _remove(store: sqlite3.Connection, subjects: Iterable[str]) -> None:
    for table in ("data_key", "ended"):
        store.executemany(f"DELETE FROM {table} WHERE subject = ?", [[one] for one in subjects])  # noqa: S608


def end(ended: Iterable[Ended], day: date) -> None:
    """Remove single keys for ever, and remember what was taken back."""
    rows = [(str(one.id), str(one.subject), one.purpose, day.isoformat()) for one in ended]
    if not rows:
        return
    with opened(writing=True) as store:
        store.executemany("DELETE FROM data_key WHERE id = ?", [row[:1] for row in rows])
        store.executemany("INSERT OR IGNORE INTO ended VALUES (?, ?, ?, ?)", rows)


def ended() -> dict[UUID, Ended]:
    """Everything that was taken back for one purpose, by the id of its key."""
    if not path().exists():
        return {}
    with opened() as store:
        rows = store.execute("SELECT id, subject, purpose FROM ended").fetchall()
    return {UUID(row[0]): Ended(UUID(row[0]), UUID(row[1]), row[2]) for row in rows}


def has_old() -> bool:
    """Whether anybody still has a key from before there was one for each purpose."""
    if not path().exists():
        return False
    with opened() as store:
        return store.execute("SELECT 1 FROM data_key WHERE purpose = ? LIMIT 1", [OLD]).fetchone() is not None


def destroyed() -> dict[UUID, date]:
    """Everybody whose key is gone, with the day."""
    if not path().exists():
        return {}
    with opened() as store:
        rows = store.execute("SELECT subject, day FROM destroyed").fetchall()
    return {UUID(subject): date.fromisoformat(day) for subject, day in rows}


def holds() -> set[UUID]:
    """Everybody who has a key here."""
    if not path().exists():
        return set()
    with opened() as store:
        return {UUID(row[0]) for row in store.execute("SELECT DISTINCT subject FROM data_key")}


# --- another master key -------------------------------------------------------------------


def rotate(told: Callable[[int, int], None] = lambda _done, _all: None, *, chunk: int = CHUNK) -> int:
    """Wrap all keys again under the next master key; gives how many were wrapped again.

    The next key must be at hand already (`next_path`, or KHLONG_MASTER_KEY_NEXT). Broken off, it goes on where it
    stopped. The caller puts the next key in the place of the old one when this has come back.
    Raises ImproperlyConfigured when a key is missing.
    """
    following = _next_master()
    with opened(writing=True) as store:
        if _house(store, "master") != following.number:
            _wrapping(store)
            _enter(store, following)
    done, left = 0, _left(following)
    told(0, left)
    while wrapped := _rewrap(following, chunk):
        done += wrapped
        told(done, left)
    _rewrap_secret(following)
    return done


def _next_master() -> Master:
    text = settings.KHLONG["master_key_next"] or text_of(next_path())
    if not text:
        raise ImproperlyConfigured("there is no next master key: set KHLONG_MASTER_KEY_NEXT")
    return Master.of(text)


def _left(following: Master) -> int:
    with opened() as store:
        rows = store.execute("SELECT count(*) FROM data_key WHERE master <> ?", [following.number])
        return int(rows.fetchone()[0])


def _rewrap(following: Master, chunk: int) -> int:
    with opened(writing=True) as store:
        at_hand = masters()
        rows = store.execute(
            "SELECT id, subject, purpose, master, wrapped FROM data_key WHERE master <> ? LIMIT ?",
            [following.number, chunk],
        ).fetchall()
        for which, subject, purpose, number, wrapped in rows:
            context = context_of(which, subject, purpose)
            again = seal_bytes(
                following.wraps, open_bytes(_known(at_hand, number).wraps, wrapped, context), context
            )
            store.execute(
                "UPDATE data_key SET master = ?, wrapped = ? WHERE id = ?", [following.number, again, which]
            )
        return len(rows)


def _rewrap_secret(following: Master) -> None:
    with opened(writing=True) as store:
        wrapped, number = _house(store, "secret"), _house(store, "secret master")
        if number == following.number or not isinstance(wrapped, bytes):
            return
        secret = open_bytes(_known(masters(), str(number)).wraps, wrapped, HOUSE)
        again = seal_bytes(following.wraps, secret, HOUSE)
        store.execute("UPDATE house SET value = ? WHERE name = 'secret'", [again])
        store.execute("UPDATE house SET value = ? WHERE name = 'secret master'", [following.number])

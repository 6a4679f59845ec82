"""The store of wrapped data keys: one small SQLite file of its own, beside the database and never in it.

A person's data key lies in `var/keys.sqlite3`, wrapped under the master key of `var/master.key`. The database and
every copy of it hold only what was sealed under data keys. So a withdrawal is the removal of one row of this file
(`secure_delete` overwrites it on the page), and every backup of the database that was ever made loses that person at
the same moment. What a copy of this file needs is said in `khlong.people.keycopy`.

The file holds also: who was destroyed and on which day (so that an older copy cannot bring a key back), one
secret of the house under which blind indexes are made, a value by which a wrong master key is known, and a number
that grows with every change.

The master key is changed step by step (`rotate`): keys that were wrapped under the old one are wrapped again in chunks,
each in a transaction, while others read and write. Which master key wraps is itself kept here and read in the
transaction that writes, so that a process that started earlier never wraps under a key that is about to go.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from khlong.people.sealing import SealBrokenError, derived, new_key, open_bytes, seal_bytes

TABLES = (
    "CREATE TABLE IF NOT EXISTS house (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS subject_key (subject TEXT PRIMARY KEY, master TEXT NOT NULL, wrapped BLOB NOT NULL)"
    " WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS destroyed (subject TEXT PRIMARY KEY, day TEXT NOT NULL) WITHOUT ROWID",
)
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
        for table in TABLES if writing or not _has_tables(store) else ():
            store.execute(table)
        store.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
        try:
            yield store
        except BaseException:
            if store.in_transaction:
                store.execute("ROLLBACK")
            raise
        if writing:
            _raise_serial(store)
        store.execute("COMMIT")


def _has_tables(store: sqlite3.Connection) -> bool:
    found = store.execute(
        "SELECT count(*) FROM sqlite_master WHERE name IN ('house', 'subject_key', 'destroyed')"
    )
    return bool(found.fetchone()[0] == len(TABLES))


def _raise_serial(store: sqlite3.Connection) -> None:
    store.execute("INSERT INTO house VALUES ('serial', 0) ON CONFLICT (name) DO UPDATE SET value = value + 1")


def _house(store: sqlite3.Connection, name: str) -> bytes | str | int | None:
    row = store.execute("SELECT value FROM house WHERE name = ?", [name]).fetchone()
    return row[0] if row else None


def serial() -> int:
    """A number that grows with every change; a copy of the file that has another number is out of date."""
    with opened() as store:
        return int(_house(store, "serial") or 0)


def _context(subject: UUID | str) -> str:
    return f"data key of {subject}"


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


def make_key(subject: UUID) -> bytes:
    """Make and keep a person's data key. Raises SealBrokenError for somebody who has withdrawn."""
    key = new_key()
    with opened(writing=True) as store:
        if store.execute("SELECT 1 FROM destroyed WHERE subject = ?", [str(subject)]).fetchone():
            raise SealBrokenError("the key of this person was destroyed and is never made again")
        master = _wrapping(store)
        wrapped = seal_bytes(master.wraps, key, _context(subject))
        store.execute("INSERT INTO subject_key VALUES (?, ?, ?)", [str(subject), master.number, wrapped])
    return key


def make_keys(subjects: Iterable[UUID]) -> dict[UUID, bytes]:
    """Make and keep the data keys of many new people in one transaction."""
    made = {subject: new_key() for subject in subjects}
    with opened(writing=True) as store:
        master = _wrapping(store)
        store.executemany(
            "INSERT INTO subject_key VALUES (?, ?, ?)",
            [
                (str(subject), master.number, seal_bytes(master.wraps, key, _context(subject)))
                for subject, key in made.items()
            ],
        )
    return made


def keys_of(subjects: Iterable[UUID]) -> dict[UUID, bytes]:
    """The data keys of these people; those who have none any more are left out."""
    asked = [str(subject) for subject in subjects]
    found: dict[UUID, bytes] = {}
    if not asked or not path().exists():
        return found
    with opened() as store:
        at_hand = masters()
        for start in range(0, len(asked), ASKED_AT_ONCE):
            part = asked[start : start + ASKED_AT_ONCE]
            marks = ",".join("?" * len(part))
            rows = store.execute(f"SELECT * FROM subject_key WHERE subject IN ({marks})", part)  # noqa: S608
            for subject, number, wrapped in rows:
                found[UUID(subject)] = open_bytes(_known(at_hand, number).wraps, wrapped, _context(subject))
    return found


def destroy(subjects: Iterable[UUID], day: date) -> None:
    """Remove the keys of these people for ever, and remember that they are gone."""
    asked = [str(subject) for subject in subjects]
    if not asked:
        return
    with opened(writing=True) as store:
        store.executemany("DELETE FROM subject_key WHERE subject = ?", [[subject] for subject in asked])
        rows = [[subject, day.isoformat()] for subject in asked]
        store.executemany("INSERT OR IGNORE INTO destroyed VALUES (?, ?)", rows)


def forget(subjects: Iterable[UUID]) -> None:
    """Remove keys that were made for people of whom nothing was ever kept, leaving no note that there was anybody."""
    asked = [[str(subject)] for subject in subjects]
    if asked:
        with opened(writing=True) as store:
            store.executemany("DELETE FROM subject_key WHERE subject = ?", asked)


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
        return {UUID(row[0]) for row in store.execute("SELECT subject FROM subject_key")}


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
        rows = store.execute("SELECT count(*) FROM subject_key WHERE master <> ?", [following.number])
        return int(rows.fetchone()[0])


def _rewrap(following: Master, chunk: int) -> int:
    with opened(writing=True) as store:
        at_hand = masters()
        rows = store.execute(
            "SELECT subject, master, wrapped FROM subject_key WHERE master <> ? LIMIT ?",
            [following.number, chunk],
        ).fetchall()
        for subject, number, wrapped in rows:
            key = open_bytes(_known(at_hand, number).wraps, wrapped, _context(subject))
            again = seal_bytes(following.wraps, key, _context(subject))
            store.execute(
                "UPDATE subject_key SET master = ?, wrapped = ? WHERE subject = ?",
                [following.number, again, subject],
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

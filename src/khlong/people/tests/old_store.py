"""A store of keys as it was written when each person had one key."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from uuid import UUID

from khlong.people.keystore import CHECK, HOUSE, Master
from khlong.people.sealing import new_key, seal_bytes

TABLES = (
    "CREATE TABLE house (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE subject_key (subject TEXT PRIMARY KEY, master TEXT NOT NULL, wrapped BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE destroyed (subject TEXT PRIMARY KEY, day TEXT NOT NULL) WITHOUT ROWID",
)


def rows_of(keys: Mapping[UUID, bytes], master: Master) -> list[tuple[str, str, bytes]]:
    """What stood in `subject_key`."""
    return [
        (str(who), master.number, seal_bytes(master.wraps, key, f"data key of {who}"))
        for who, key in keys.items()
    ]


def write_old(path: Path, keys: Mapping[UUID, bytes], gone: UUID, master: Master) -> list[bytes]:
    """Write the file of form 1; gives the wrapped keys in it."""
    rows = rows_of(keys, master)
    house = [
        ("master", master.number),
        ("check", seal_bytes(master.wraps, CHECK, "check")),
        ("secret", seal_bytes(master.wraps, new_key(), HOUSE)),
        ("secret master", master.number),
        ("serial", 41),
    ]
    with closing(sqlite3.connect(path)) as file, file:
        for table in TABLES:
            file.execute(table)
        file.executemany("INSERT INTO house VALUES (?, ?)", house)
        file.executemany("INSERT INTO subject_key VALUES (?, ?, ?)", rows)
        file.execute("INSERT INTO destroyed VALUES (?, '2026-01-05')", [str(gone)])
    return [row[2] for row in rows]

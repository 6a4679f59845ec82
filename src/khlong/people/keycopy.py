"""Copies of the keys: what a backup of the database must leave out, and the one copy that is made beside it.

A backup of the database never holds a key, so it may be kept for years and still loses whoever withdraws. But a
machine can burn. So there is **one** copy of the keys: small, sealed for the same recipient as the backups, written
over the one before it and never kept in generations, and made anew as soon as `keystore.serial` has changed. Whoever
makes it calls `copy_of_keys` and encrypts what it gives; whoever restores calls `put_back`, then `keys.sweep`.

After a restore the newest copy of the keys decides: whom it knows as destroyed is destroyed in the restored
database too, and what was taken back for one purpose is erased there again (`keys.sweep`); a key that either side
knows as gone is not put back. Copies of the form before keys by purpose are read as well.
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings

from khlong.people import keystore
from khlong.people.sealing import SealBrokenError

FORM, FORM_1 = "khlong-keys-2", "khlong-keys-1"
"""The form of the document; the first had one key for each person, in a table `subject_key`."""
TABLES = {"house": 2, "data_key": 5, "ended": 4, "destroyed": 2}
"""The tables with their number of columns."""


def left_out_of_backups() -> tuple[Path, ...]:
    """Files in the folder of what changes that no backup of the database may hold, nor a copy of that folder."""
    master = Path(settings.MASTER_KEY_FILE)
    store = keystore.path()
    return (
        store,
        store.with_name(f"{store.name}-journal"),
        master,
        keystore.next_path(),
        Path(settings.PSEUDONYM_KEY_FILE),
        master.with_name("secret.key"),
    )


def copy_of_keys() -> bytes:
    """All keys as one document, **not encrypted**: seal it for its recipient before it touches a disk."""
    with keystore.opened() as store:
        tables = {
            name: [[_plain(value) for value in row] for row in store.execute(f"SELECT * FROM {name}")]  # noqa: S608
            for name in TABLES
        }
    files = {
        file.name: file.read_text()
        for file in left_out_of_backups()
        if file.suffix in {".key", ".next"} and file.name != "secret.key" and file.exists()
    }
    return json.dumps({"form": FORM, "files": files, "tables": tables}).encode()


def put_back(document: bytes) -> None:
    """Put a copy of the keys in the place where none are, or bring one that stands up to its newer state.

    Files of keys that stand are not overwritten. Raises SealBrokenError for a document that is no copy of keys.
    """
    files, tables = _parts(document)
    for file in left_out_of_backups():
        if file.name in files and not file.exists():
            _write(file, files[file.name])
    with keystore.opened(writing=True) as store:
        for name, columns in TABLES.items():
            marks = ",".join("?" * columns)
            store.executemany(f"INSERT OR IGNORE INTO {name} VALUES ({marks})", _rows(tables, name))  # noqa: S608
        keystore.take_over(store, _rows(tables, "subject_key"))
        store.execute("DELETE FROM data_key WHERE subject IN (SELECT subject FROM destroyed)")
        store.execute("DELETE FROM data_key WHERE id IN (SELECT id FROM ended)")


def _rows(tables: dict[str, list[list[Any]]], name: str) -> list[tuple[Any, ...]]:
    return [tuple(_raw(value) for value in row) for row in tables.get(name, ())]


def _parts(document: bytes) -> tuple[dict[str, str], dict[str, list[list[Any]]]]:
    try:
        found = json.loads(document)
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("form") not in {FORM, FORM_1}:
        raise SealBrokenError("this is no copy of the keys of a Khlong")
    return found["files"], found["tables"]


def _write(file: Path, text: str) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


def _plain(value: Any) -> Any:
    return {"b": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _raw(value: Any) -> Any:
    return base64.b64decode(value["b"]) if isinstance(value, dict) else value

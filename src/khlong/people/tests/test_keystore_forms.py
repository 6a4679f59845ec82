"""The file of keys and its copy in the form from before each purpose had its key, and single keys that are ended."""

from __future__ import annotations

import json
import sqlite3
from base64 import b64encode
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured

from khlong.people import keycopy, keystore
from khlong.people.keystore import OLD, Ended, Master
from khlong.people.sealing import SealBrokenError, new_key
from khlong.people.tests.old_store import rows_of, write_old

FIRST, NEXT = "old-" * 12, "new-" * 12
DAY = date(2026, 1, 6)
SOMSRI, NUAN, GONE = uuid4(), uuid4(), uuid4()


@pytest.fixture(autouse=True)
def var(tmp_path: Path, settings: Any) -> Path:
    settings.KEY_STORE, settings.MASTER_KEY_FILE = tmp_path / "keys.sqlite3", tmp_path / "master.key"
    settings.PSEUDONYM_KEY_FILE = tmp_path / "pseudonym.key"
    write_key(tmp_path / "master.key", FIRST)
    return tmp_path


def write_key(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text)


@pytest.fixture
def old() -> dict[UUID, bytes]:
    """The keys of two people in a file of form 1."""
    keys = {SOMSRI: new_key(), NUAN: new_key()}
    write_old(keystore.path(), keys, GONE, Master.of(FIRST))
    return keys


def held(*people: UUID) -> dict[tuple[UUID, str], bytes]:
    rings = keystore.rings_of(people)
    return {(who, key.purpose): key.key for who, ring in rings.items() for key in ring.values()}


def test_a_file_with_one_key_for_each_person_is_read_and_brought_to_the_new_form(
    old: dict[UUID, bytes],
) -> None:
    keystore.check()
    assert held(*old) == {(who, OLD): key for who, key in old.items()}
    assert set(keystore.destroyed()) == {GONE}
    assert keystore.serial() > 41, "so that the copies are made anew in the new form"
    assert keystore.has_old()
    with closing(sqlite3.connect(keystore.path())) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (keystore.FORM,)
        assert not file.execute("SELECT 1 FROM sqlite_master WHERE name = 'subject_key'").fetchall()


def test_no_byte_of_an_old_key_stays_in_a_file_that_was_brought_to_the_new_form(var: Path) -> None:
    keys = {uuid4(): new_key() for _ in range(40)}
    wrapped = write_old(keystore.path(), keys, GONE, Master.of(FIRST))
    assert all(one in keystore.path().read_bytes() for one in wrapped)
    keystore.destroy(keys, DAY)
    beside = [file.read_bytes() for file in var.iterdir()]
    assert not any(one in content for one in wrapped for content in beside)


def test_who_had_one_key_gets_others_beside_it(old: dict[UUID, bytes]) -> None:
    made = keystore.make_key(SOMSRI, "plan")
    assert held(SOMSRI) == {(SOMSRI, OLD): old[SOMSRI], (SOMSRI, "plan"): made}


def test_a_rotation_wraps_old_keys_and_those_of_purposes(old: dict[UUID, bytes], var: Path) -> None:
    keystore.make_key(SOMSRI, "plan")
    before = held(*old)
    write_key(keystore.next_path(), NEXT)
    assert keystore.rotate(chunk=2) == 3
    keystore.next_path().replace(var / "master.key")
    assert held(*old) == before


def test_a_file_of_a_newer_khlong_is_refused_in_words() -> None:
    keystore.make_key(uuid4())
    with closing(sqlite3.connect(keystore.path())) as file:
        file.execute("PRAGMA user_version = 3")
    with pytest.raises(ImproperlyConfigured, match="newer Khlong"):
        keystore.check()


# --- copies -------------------------------------------------------------------------------


def old_copy(keys: dict[UUID, bytes]) -> bytes:
    """The copy of the keys as it was written in form 1."""
    with keystore.opened() as file:
        house = [[name, plain(value)] for name, value in file.execute("SELECT * FROM house")]
    rows = [[plain(value) for value in row] for row in rows_of(keys, Master.of(FIRST))]
    tables = {"house": house, "subject_key": rows, "destroyed": [[str(GONE), "2026-01-05"]]}
    return json.dumps({"form": "khlong-keys-1", "files": {"master.key": FIRST}, "tables": tables}).encode()


def plain(value: Any) -> Any:
    return {"b": b64encode(value).decode()} if isinstance(value, bytes) else value


def test_a_copy_of_the_old_form_is_put_back(old: dict[UUID, bytes], var: Path) -> None:
    copy = old_copy(old)
    for file in var.iterdir():
        file.unlink()
    keycopy.put_back(copy)
    assert held(*old) == {(who, OLD): key for who, key in old.items()}
    assert set(keystore.destroyed()) == {GONE}


def test_a_copy_of_the_old_form_brings_no_ended_key_back(old: dict[UUID, bytes]) -> None:
    copy = old_copy(old)
    keystore.end([Ended(SOMSRI, SOMSRI, OLD)], DAY)
    keycopy.put_back(copy)
    assert held(*old) == {(NUAN, OLD): old[NUAN]}


def ended(subject: UUID, purpose: str) -> Ended:
    (key,) = (key for key in keystore.rings_of([subject])[subject].values() if key.purpose == purpose)
    return Ended(key.id, subject, purpose)


def test_an_older_copy_brings_no_ended_key_back_and_a_newer_one_says_what_was_ended(var: Path) -> None:
    keystore.make_key(SOMSRI), keystore.make_key(SOMSRI, "plan")
    older, one = keycopy.copy_of_keys(), ended(SOMSRI, "plan")
    keystore.end([one], DAY)
    newer = keycopy.copy_of_keys()
    keycopy.put_back(older)
    assert [purpose for _who, purpose in held(SOMSRI)] == [""]
    for file in var.iterdir():
        file.unlink()
    keycopy.put_back(older)
    keycopy.put_back(newer)
    assert [purpose for _who, purpose in held(SOMSRI)] == [""]
    assert keystore.ended() == {one.id: one}


def test_a_key_is_made_once_for_a_purpose_and_anew_where_the_first_is_about_to_go() -> None:
    first = keystore.make_key(SOMSRI, "plan")
    assert keystore.make_key(SOMSRI, "plan") == first
    again = keystore.make_keys([SOMSRI], "plan", without=[ended(SOMSRI, "plan").id])[SOMSRI]
    assert again.key != first


def test_who_was_destroyed_leaves_nothing_of_single_keys_and_gets_none() -> None:
    keystore.make_key(SOMSRI), keystore.make_key(SOMSRI, "plan")
    keystore.end([ended(SOMSRI, "plan")], DAY)
    keystore.destroy([SOMSRI], DAY)
    assert (keystore.ended(), held(SOMSRI)) == ({}, {})
    with pytest.raises(SealBrokenError, match="never made again"):
        keystore.make_key(SOMSRI, "plan")


def test_keys_that_were_made_for_nobody_are_forgotten_for_all_purposes() -> None:
    keystore.make_key(SOMSRI), keystore.make_key(SOMSRI, "plan")
    keystore.end([ended(SOMSRI, "plan")], DAY)
    keystore.forget([SOMSRI])
    assert (keystore.ended(), held(SOMSRI), keystore.destroyed()) == ({}, {}, {})

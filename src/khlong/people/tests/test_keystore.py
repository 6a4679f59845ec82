"""The file of wrapped keys: a wrong master key is refused, a new one takes over, one copy is enough to come back."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from khlong.people import keycopy, keystore
from khlong.people.sealing import SealBrokenError

OLD, NEW = "old-" * 12, "new-" * 12


def write_key(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text)


@pytest.fixture(autouse=True)
def var(tmp_path: Path, settings: Any) -> Path:
    settings.KEY_STORE, settings.MASTER_KEY_FILE = tmp_path / "keys.sqlite3", tmp_path / "master.key"
    settings.PSEUDONYM_KEY_FILE = tmp_path / "pseudonym.key"
    write_key(tmp_path / "master.key", OLD)
    return tmp_path


def basic(subjects: Iterable[UUID]) -> dict[UUID, bytes]:
    """The basic data key of each."""
    rings = keystore.rings_of(subjects)
    return {who: key.key for who, ring in rings.items() for key in ring.values() if key.purpose == ""}


def put_next_in_place() -> None:
    keystore.next_path().replace(keystore.next_path().with_name("master.key"))


def test_the_file_can_be_read_by_its_owner_only(var: Path) -> None:
    keystore.make_key(uuid4())
    assert (var / "keys.sqlite3").stat().st_mode & 0o777 == 0o600


def test_neither_the_key_nor_the_master_key_stands_in_the_file(var: Path) -> None:
    key = keystore.make_key(uuid4())
    content = (var / "keys.sqlite3").read_bytes()
    assert key not in content
    assert OLD.encode() not in content


def test_before_anything_is_wrapped_no_master_key_is_wrong(var: Path) -> None:
    keystore.check()
    with keystore.opened():
        pass
    (var / "master.key").unlink()
    keystore.check()


def test_a_missing_master_key_is_refused_in_words(var: Path) -> None:
    keystore.make_key(uuid4())
    keystore.check()
    (var / "master.key").unlink()
    with pytest.raises(ImproperlyConfigured, match=r"master key is missing.*KHLONG_MASTER_KEY"):
        keystore.check()


def test_another_master_key_is_refused_in_words(var: Path) -> None:
    subject = uuid4()
    keystore.make_key(subject)
    write_key(var / "master.key", NEW)
    for attempt in (keystore.check, lambda: basic([subject]), lambda: keystore.make_key(uuid4())):
        with pytest.raises(ImproperlyConfigured, match="not the one under which the keys"):
            attempt()


def test_a_master_key_in_the_settings_goes_before_the_file(settings: Any) -> None:
    subject, without = uuid4(), settings.KHLONG
    settings.KHLONG = {**without, "master_key": NEW}
    key = keystore.make_key(subject)
    assert basic([subject]) == {subject: key}
    settings.KHLONG = without
    with pytest.raises(ImproperlyConfigured):
        keystore.check()


@pytest.mark.parametrize(
    ("mode", "text", "words"), [(0o644, OLD, "chmod 600"), (0o600, "short", "too short")]
)
def test_a_master_key_that_others_read_or_that_is_cut_off_is_refused(
    var: Path, mode: int, text: str, words: str
) -> None:
    write_key(var / "master.key", text)
    (var / "master.key").chmod(mode)
    with pytest.raises(ImproperlyConfigured, match=words):
        keystore.make_key(uuid4())


def test_a_check_value_that_was_changed_is_noticed() -> None:
    keystore.make_key(uuid4())
    with keystore.opened(writing=True) as file:
        file.execute("UPDATE house SET value = x'01' WHERE name = 'check'")
    with pytest.raises(SealBrokenError):
        keystore.check()


# --- another master key ---------------------------------------------------------------------


def test_after_a_rotation_the_new_master_key_opens_everything_and_the_old_nothing(var: Path) -> None:
    keys = {subject: keystore.make_key(subject) for subject in (uuid4() for _ in range(7))}
    secret = keystore.house_secret()
    write_key(keystore.next_path(), NEW)
    told: list[tuple[int, int]] = []
    assert keystore.rotate(lambda *numbers: told.append(numbers), chunk=3) == 7
    assert told == [(0, 7), (3, 7), (6, 7), (7, 7)]
    put_next_in_place()
    keystore.check()
    assert basic(keys) == keys
    assert keystore.house_secret() == secret
    write_key(var / "master.key", OLD)
    with pytest.raises(ImproperlyConfigured):
        basic(keys)


def test_a_rotation_that_was_broken_off_goes_on_where_it_stopped() -> None:
    keys = {subject: keystore.make_key(subject) for subject in (uuid4() for _ in range(7))}
    write_key(keystore.next_path(), NEW)

    def stops(done: int, _all: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keystore.rotate(stops, chunk=2)
    keystore.check()
    assert basic(keys) == keys
    late = uuid4()
    keys[late] = keystore.make_key(late)
    assert keystore.rotate(chunk=2) == 3
    put_next_in_place()
    assert basic(keys) == keys


def test_others_read_and_write_while_the_master_key_changes() -> None:
    keys = {subject: keystore.make_key(subject) for subject in (uuid4() for _ in range(40))}
    write_key(keystore.next_path(), NEW)
    made, wrong, begun, done = {}, [], threading.Event(), threading.Event()

    def work() -> None:
        while not done.is_set():
            subject = uuid4()
            made[subject] = keystore.make_key(subject)
            if basic(keys) != keys:
                wrong.append(subject)
            begun.set()

    reader = threading.Thread(target=work)
    reader.start()
    try:
        assert begun.wait(60)
        keystore.rotate(chunk=1)
    finally:
        done.set()
        reader.join()
    put_next_in_place()
    assert not wrong
    assert made
    assert basic([*keys, *made]) == keys | made


def test_a_rotation_without_a_next_key_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="no next master key"):
        keystore.rotate()


# --- copies ---------------------------------------------------------------------------------


def emptied(var: Path) -> None:
    for file in var.iterdir():
        file.unlink()


def test_one_copy_of_the_keys_brings_everybody_back_on_another_machine(var: Path) -> None:
    keys = {subject: keystore.make_key(subject) for subject in (uuid4(), uuid4())}
    secret, copy = keystore.house_secret(), keycopy.copy_of_keys()
    emptied(var)
    keycopy.put_back(copy)
    assert basic(keys) == keys
    assert keystore.house_secret() == secret
    assert (var / "master.key").stat().st_mode & 0o777 == 0o600


def test_a_copy_made_after_a_withdrawal_does_not_hold_the_key_and_says_who_is_gone(var: Path) -> None:
    subject, other = uuid4(), uuid4()
    keystore.make_key(subject), keystore.make_key(other)
    keystore.destroy([subject], timezone.localdate())
    copy = keycopy.copy_of_keys()
    emptied(var)
    keycopy.put_back(copy)
    assert keystore.holds() == {other}
    assert set(keystore.destroyed()) == {subject}


def test_an_old_copy_does_not_bring_a_destroyed_key_back() -> None:
    subject = uuid4()
    keystore.make_key(subject)
    copy = keycopy.copy_of_keys()
    keystore.destroy([subject], timezone.localdate())
    keycopy.put_back(copy)
    assert keystore.holds() == set()


def test_every_change_makes_the_copy_out_of_date_and_reading_does_not() -> None:
    keystore.make_key(uuid4())
    before = keystore.serial()
    keystore.check()
    keystore.house_secret(), keycopy.copy_of_keys()
    assert keystore.serial() == before
    keystore.destroy([uuid4()], timezone.localdate())
    assert keystore.serial() > before


@pytest.mark.parametrize("document", [b"", b"[]", b'{"form": "other"}'])
def test_what_is_no_copy_of_keys_is_refused(document: bytes) -> None:
    with pytest.raises(SealBrokenError, match="no copy of the keys"):
        keycopy.put_back(document)


def test_backups_leave_out_every_file_in_which_a_key_lies(var: Path) -> None:
    keystore.make_key(uuid4())
    left_out = set(keycopy.left_out_of_backups())
    assert {
        var / name for name in ("keys.sqlite3", "master.key", "master.key.next", "pseudonym.key")
    } <= left_out
    with_keys = {
        file for file in var.iterdir() if OLD.encode() in file.read_bytes() or file.suffix == ".sqlite3"
    }
    assert with_keys <= left_out


def test_a_file_that_cannot_be_written_changes_nothing() -> None:
    keystore.make_key(uuid4())
    before = keystore.serial()
    with pytest.raises(sqlite3.OperationalError), keystore.opened(writing=True) as file:
        file.execute("INSERT INTO nowhere VALUES (1)")
    assert keystore.serial() == before

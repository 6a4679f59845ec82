"""The parts of a backup: rows in one form for both databases, locked streams, generations, the two halves of a lock."""

from __future__ import annotations

import errno
import io
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyrage
import pytest
from django.conf import settings
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from khlong.record.backup import generations, locks, plain, sealed
from khlong.record.backup.commands import Bar
from khlong.record.backup.errors import BackupRefused
from khlong.record.backup.generations import Generation
from khlong.record.backup.plain import from_postgresql, from_sqlite, line, to_postgresql, to_sqlite, weigh
from khlong.record.backup.sealed import Part, lock, tar, unlock


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)
    return tmp_path


# --- rows ----------------------------------------------------------------------------------------------

SAME: list[tuple[str, Any, str, Any]] = [
    ("bool", 1, "t", True),
    ("bool", 0, "f", False),
    ("int", 42, "42", 42),
    ("float", 0.1, "0.1", 0.1),
    ("float", 1e16, "1e+16", 1e16),
    ("text", "น้ำ\nท่วม\t\\", "น้ำ\nท่วม\t\\", "น้ำ\nท่วม\t\\"),
    (
        "uuid",
        "0b6c8f0e4d3f4a68a4e7a1b2c3d4e5f6",
        "0b6c8f0e-4d3f-4a68-a4e7-a1b2c3d4e5f6",
        "0b6c8f0e-4d3f-4a68-a4e7-a1b2c3d4e5f6",
    ),
    ("date", "2022-09-03", "2022-09-03", "2022-09-03"),
    ("time", "08:30:00", "08:30:00", "08:30:00"),
    ("datetime", "2022-09-03 01:02:03", "2022-09-03 01:02:03+00", "2022-09-03 01:02:03"),
    ("datetime", "2022-09-03 01:02:03.120000", "2022-09-03 01:02:03.12+00", "2022-09-03 01:02:03.120000"),
    ("json", '{"b":1,  "a":["ก"]}', '{"a": ["ก"], "b": 1}', '{"a":["ก"],"b":1}'),
    ("decimal", 1.5, "1.50", "1.5"),
    ("decimal", 100, "100.00", "100"),
    ("bytes", b"\x00\xff", "\\x00ff", "AP8="),
    ("duration", 90_000_000, "90000000", 90_000_000),
]


@pytest.mark.parametrize(("kind", "lite", "post", "shared"), SAME)
def test_both_databases_give_the_same_value(kind: str, lite: Any, post: str, shared: Any) -> None:
    for way, value in ((from_sqlite(kind), lite), (from_postgresql(kind), post)):
        assert (way(value) if way else value) == shared


@pytest.mark.parametrize(("kind", "lite", "post", "shared"), SAME)
def test_a_value_goes_back_into_sqlite_as_it_came(kind: str, lite: Any, post: str, shared: Any) -> None:
    back, again = to_sqlite(kind), from_sqlite(kind)
    put = back(shared) if back else shared
    assert (again(put) if again else put) == shared


@pytest.mark.parametrize(
    ("kind", "shared", "text"),
    [
        ("bool", True, "t"),
        ("int", 7, "7"),
        ("datetime", "2022-09-03 01:02:03", "2022-09-03 01:02:03+00"),
        ("bytes", "AP8=", "\\x00ff"),
        ("duration", 1_500_000, "1500000 microseconds"),
        ("text", "น้ำ", "น้ำ"),
    ],
)
def test_a_value_goes_into_postgresql_as_text(kind: str, shared: Any, text: str) -> None:
    way = to_postgresql(kind)
    assert way is not None
    assert way(shared) == text


@given(st.lists(st.none() | st.booleans() | st.integers() | st.text(), min_size=1))
def test_a_row_is_one_line_whatever_is_in_it(values: list[Any]) -> None:
    written = line(values)
    assert written.splitlines(keepends=True) == [written]
    assert json.loads(written) == values


def test_what_is_nothing_stays_nothing() -> None:
    assert list(plain.converted([(None, None)], [from_sqlite("uuid"), None])) == [[None, None]]


def test_the_sum_of_a_table_does_not_depend_on_the_order_and_does_on_every_row() -> None:
    rows = [line([number, "น้ำ"]) for number in range(5)]
    assert sum(map(weigh, rows)) == sum(map(weigh, reversed(rows)))
    assert sum(map(weigh, rows)) != sum(map(weigh, rows[:-1]))


# --- streams ---------------------------------------------------------------------------------------------

PAIR = locks.new_pair()
RECIPIENT = locks.recipient_of(PAIR.public)
IDENTITY = pyrage.x25519.Identity.from_str(PAIR.secret)


def contents(path: Path, identity: Any = IDENTITY) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    unlock(path, identity, lambda name, content: found.update({name: content.read()}))
    return found


def locked(path: Path, **parts: bytes) -> Path:
    lock(path, [Part(name, len(data), [data[:7], data[7:]]) for name, data in parts.items()], RECIPIENT)
    return path


def test_what_was_locked_is_opened_the_same(tmp_path: Path) -> None:
    parts = {"empty": b"", "short": b"abcdefghijkl", "block": b"x" * 512, "long": os.urandom(300_000)}
    path = locked(tmp_path / "one.khb", **parts)
    assert contents(path) == parts
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"abcdefghijkl" not in path.read_bytes()


def test_another_key_does_not_open_it(tmp_path: Path) -> None:
    path = locked(tmp_path / "one.khb", a=b"1")
    with pytest.raises(BackupRefused, match="This key does not open"):
        contents(path, pyrage.x25519.Identity.generate())


@pytest.mark.parametrize("kept", [0, 10, 200, 65_536, 150_000, -1])
def test_a_file_that_was_cut_off_is_refused(kept: int, tmp_path: Path) -> None:
    path = locked(tmp_path / "one.khb", a=os.urandom(200_000))
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(BackupRefused, match=r"is damaged or was cut off|is no backup"):
        contents(path)


@pytest.mark.parametrize("at", [300, 70_000, -5])
def test_a_file_in_which_one_byte_changed_is_refused(at: int, tmp_path: Path) -> None:
    path = locked(tmp_path / "one.khb", a=os.urandom(200_000))
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises(BackupRefused, match="Take another copy"):
        contents(path)


def test_something_else_and_nothing_are_no_backups(tmp_path: Path) -> None:
    (tmp_path / "letter.khb").write_text("hello " * 100)
    with pytest.raises(BackupRefused, match="is no backup"):
        contents(tmp_path / "letter.khb")
    with pytest.raises(BackupRefused, match="There is no file"):
        contents(tmp_path / "none.khb")


class FullDisk(io.BytesIO):
    def write(self, data: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_is_full_is_told_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(sealed._Taken):
        def __init__(self, file: Any) -> None:
            super().__init__(FullDisk())

    monkeypatch.setattr(sealed, "_Taken", Full)
    with pytest.raises(BackupRefused, match="The disk is full"):
        locked(tmp_path / "one.khb", a=b"x" * 100_000)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BackupRefused, match="cannot be written"):
        locked(tmp_path / "file" / "one.khb", a=b"1")


@pytest.mark.parametrize("fault", [KeyError("cancelled"), InterruptedError("cancelled"), OSError("broken")])
def test_what_goes_wrong_on_the_way_comes_through_and_nothing_is_left(
    fault: Exception, tmp_path: Path
) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"x" * 10
        raise fault

    with pytest.raises((KeyError, BackupRefused)):
        lock(tmp_path / "one.khb", [Part("a", 100, pieces())], RECIPIENT)
    assert list(tmp_path.iterdir()) == []


def test_a_part_that_is_shorter_than_it_says_is_a_fault() -> None:
    with pytest.raises(ValueError, match="has 1 bytes and should have 2"):
        list(tar([Part("a", 2, [b"1"])]))


# --- generations ---------------------------------------------------------------------------------------


def generation(var: Path, name: str, files: tuple[str, ...] = (), needs: tuple[str, ...] = ()) -> Generation:
    (var / name).write_bytes(b"1234")
    return Generation(name, str(var), "2026-11-22T09:00:00+00:00", 4, 1, list(files), list(needs))


def test_the_newest_are_kept_and_those_whose_files_they_need(var: Path) -> None:
    one = generation(var, "1.khb", files=("a",))
    two = generation(var, "2.khb", files=("b",))
    three = generation(var, "3.khb", needs=("1.khb",))
    four = generation(var, "4.khb", needs=("1.khb",))
    removed = [generations.enter(each, 2) for each in (one, two, three, four)]
    assert removed == [[], [], [], ["2.khb"]]
    assert [each.name for each in generations.standing()] == ["1.khb", "3.khb", "4.khb"]
    assert not (var / "2.khb").exists()


def test_a_backup_of_somebody_else_is_never_removed(var: Path) -> None:
    (var / "other.khb").write_bytes(b"")
    generations.enter(generation(var, "1.khb"), 1)
    generations.enter(generation(var, "2.khb"), 1)
    assert sorted(path.name for path in var.glob("*.khb")) == ["2.khb", "other.khb"]


def test_files_of_a_backup_that_is_gone_or_changed_are_copied_again(var: Path) -> None:
    generations.enter(generation(var, "1.khb", files=("a",)), 9)
    generations.enter(generation(var, "2.khb", files=("b",)), 9)
    assert generations.holders(var) == {"a": "1.khb", "b": "2.khb"}
    (var / "1.khb").unlink()
    (var / "2.khb").write_bytes(b"cut")
    assert generations.holders(var) == {}
    assert generations.newest() is None


def test_after_some_backups_that_lean_on_others_the_next_is_whole(var: Path) -> None:
    generations.enter(generation(var, "0.khb", files=("a",)), 99)
    for number in range(1, generations.CHAIN + 1):
        assert generations.holders(var) == {"a": "0.khb"}
        generations.enter(generation(var, f"{number}.khb", needs=("0.khb",)), 99)
    assert generations.holders(var) == {}


def test_a_list_that_is_damaged_counts_as_none(var: Path) -> None:
    generations.enter(generation(var, "1.khb", files=("a",)), 9)
    (var / "backups.json").write_text("{")
    assert generations.listed() == []
    assert generations.holders(var) == {}


def test_a_name_that_is_taken_gets_seconds(var: Path) -> None:
    now = datetime(2026, 11, 22, 9, 5, 7, tzinfo=UTC)
    first = generations.new_name(now, var)
    (var / first).touch()
    assert [first, generations.new_name(now, var)] == [
        "khlong-2026-11-22T0905.khb",
        "khlong-2026-11-22T090507.khb",
    ]


# --- locks -----------------------------------------------------------------------------------------------


def test_without_a_key_the_mend_is_named(var: Path) -> None:
    with pytest.raises(BackupRefused, match=r"\./khlong backup keys"):
        locks.recipient()


def test_a_public_key_that_stands_is_not_overwritten_by_accident(var: Path) -> None:
    locks.keep_recipient(PAIR.public)
    with pytest.raises(BackupRefused, match="--replace"):
        locks.keep_recipient(locks.new_pair().public)
    other = locks.new_pair().public
    locks.keep_recipient(other, replace=True)
    assert locks.recipient_text() == other
    locks.recipient_path().write_text("age1nonsense")
    with pytest.raises(BackupRefused, match="public key of the backups is damaged"):
        locks.recipient()


def test_the_setting_goes_before_the_file(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "KHLONG", {**settings.KHLONG, "backup.recipient": PAIR.public})
    assert locks.recipient_text() == PAIR.public


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nothing here", "There is no secret key in"),
        ("AGE-SECRET-KEY-1SHORT", "is damaged"),
        (PAIR.public, "There is no secret key in"),
    ],
    ids=["words", "cut off", "public"],
)
def test_a_file_without_a_secret_key_is_refused(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(text)
    with pytest.raises(BackupRefused, match=words):
        locks.identity_from(tmp_path / "key")


def test_a_secret_key_is_found_among_other_lines(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"# created today\n\n  {PAIR.secret}  \n")
    assert str(locks.identity_from(tmp_path / "key").to_public()) == PAIR.public
    with pytest.raises(BackupRefused, match="cannot be read"):
        locks.identity_from(tmp_path / "none")


@pytest.mark.slow
def test_a_secret_key_may_be_sealed_with_words(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(locks.locked_with(PAIR.secret, "three words here"))
    opened = locks.identity_from(tmp_path / "key", lambda: "three words here")
    assert str(opened.to_public()) == PAIR.public
    with pytest.raises(BackupRefused, match="not the words"):
        locks.identity_from(tmp_path / "key", lambda: "other words")
    with pytest.raises(BackupRefused, match="too short"):
        locks.locked_with(PAIR.secret, "short")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_is_drawn_in_a_terminal_and_nowhere_else() -> None:
    for out, drawn in ((Terminal(), True), (io.StringIO(), False)):
        bar = Bar(out)
        bar(5, 10, "chain_node")
        bar(10, 10, "files")
        bar.close()
        assert (" 50% chain_node" in out.getvalue()) is drawn
        assert ("100% files" in out.getvalue()) is drawn

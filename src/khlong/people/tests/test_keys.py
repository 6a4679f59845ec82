"""What is sealed for a person: who can read it, where, and that it is gone when she takes it back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from khlong.people import keys, keystore
from khlong.people.models import BlindIndex, Subject
from khlong.people.sealing import SealBrokenError, new_key, open_bytes, seal_bytes

NAME = "สมศรี ดีงาม"
CITY, OTHER_CITY = UUID(int=1), UUID(int=2)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Any) -> Path:
    settings.KEY_STORE = tmp_path / "keys.sqlite3"
    return Path(settings.KEY_STORE)


@pytest.fixture
def erased() -> Iterator[list[Subject]]:
    seen: list[Subject] = []
    keys.on_destroyed(seen.append)
    yield seen
    keys._erasers.remove(seen.append)


class Row(SimpleNamespace):
    """A row about somebody, with one column, as a model of a later room has it."""

    class _meta:  # noqa: N801
        db_table = "register_person"

        @staticmethod
        def get_field(name: str) -> SimpleNamespace:
            return SimpleNamespace(column=name, purpose_of=lambda _row: keystore.BASIC)


def row(subject: Subject, **columns: Any) -> Any:
    return Row(subject=subject, subject_id=subject.pk, **columns)


def destroy(subject: Subject, run: Any) -> None:
    with run(execute=True):
        keys.destroy(subject)


@given(st.binary(max_size=400), st.text(max_size=40))
def test_what_is_sealed_opens_with_its_key_and_its_place(plain: bytes, place: str) -> None:
    key = new_key()
    assert open_bytes(key, seal_bytes(key, plain, place), place) == plain


def test_the_same_words_sealed_twice_look_different() -> None:
    key = new_key()
    assert seal_bytes(key, b"x", "p") != seal_bytes(key, b"x", "p")


@pytest.mark.parametrize("spot", [1, 13, -1])
def test_one_changed_bit_is_noticed(spot: int) -> None:
    key = new_key()
    sealed = bytearray(seal_bytes(key, NAME.encode(), "p"))
    sealed[spot] ^= 1
    with pytest.raises(SealBrokenError, match="does not open"):
        open_bytes(key, bytes(sealed), "p")


def test_another_key_another_place_and_another_format_do_not_open() -> None:
    key = new_key()
    sealed = seal_bytes(key, b"x", "p")
    for other_key, other, place in (
        (new_key(), sealed, "p"),
        (key, sealed, "q"),
        (key, b"\x02" + sealed[1:], "p"),
    ):
        with pytest.raises(SealBrokenError):
            open_bytes(other_key, other, place)
    with pytest.raises(SealBrokenError, match="format none"):
        open_bytes(key, b"", "p")


def test_a_sealed_column_is_read_back_and_holds_no_letter_of_it() -> None:
    made = row(keys.new_subject(space=CITY), name=None)
    keys.put(made, "name", NAME)
    assert NAME.encode() not in made.name
    assert keys.read(made, "name") == NAME


def test_an_empty_column_is_nothing_and_reads_as_nothing() -> None:
    made = row(keys.new_subject(), name=b"old")
    keys.put(made, "name", "")
    assert made.name is None
    assert keys.read(made, "name") == ""


def test_words_copied_to_another_person_or_another_column_do_not_open() -> None:
    hers, his = row(keys.new_subject(), name=None, phone=None), row(keys.new_subject(), name=None)
    keys.put(hers, "name", NAME)
    his.name = hers.phone = hers.name
    with pytest.raises(keys.KeyGoneError):
        keys.read(his, "name")
    with pytest.raises(SealBrokenError):
        keys.read(hers, "phone")


def test_a_page_of_people_is_read_with_their_keys_fetched_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row(keys.new_subject(), name=None) for _ in range(3)]
    for number, made in enumerate(rows):
        keys.put(made, "name", f"คนที่ {number}")
    asked: list[set[UUID]] = []
    real = keystore.rings_of

    def counted(subjects: Iterable[UUID]) -> dict[UUID, keystore.Ring]:
        asked.append(set(subjects))
        return real(asked[-1])

    monkeypatch.setattr(keystore, "rings_of", counted)
    assert [texts["name"] for texts in keys.read_all(rows, "name")] == ["คนที่ 0", "คนที่ 1", "คนที่ 2"]
    assert len(asked) == 1


def test_bytes_without_a_column_are_sealed_for_a_place_of_their_own() -> None:
    subject = keys.new_subject()
    sealed = keys.seal(subject, b"voice", "register.answer:voice")
    assert keys.open_(subject, memoryview(sealed), "register.answer:voice") == b"voice"  # type: ignore[arg-type]
    with pytest.raises(SealBrokenError):
        keys.open_(subject, sealed, "register.answer:note")


# --- withdrawal -----------------------------------------------------------------------------


def test_a_destroyed_key_is_gone_and_what_it_sealed_with_it(
    django_capture_on_commit_callbacks: Any, erased: list[Subject]
) -> None:
    subject = keys.new_subject(space=CITY)
    made = row(subject, name=None)
    keys.put(made, "name", NAME)
    keys.remember(subject, "name", NAME)
    destroy(subject, django_capture_on_commit_callbacks)
    standing = Subject.objects.get(pk=subject.pk)
    assert standing.destroyed_on is not None
    assert erased == [standing]
    assert not BlindIndex.objects.exists()
    assert keystore.rings_of([subject.pk]) == {}
    for attempt in (
        lambda: keys.read(made, "name"),
        lambda: keys.put(made, "name", "x"),
        lambda: keys.ring_of(standing),
    ):
        with pytest.raises(keys.KeyGoneError):
            attempt()


def test_a_key_that_was_destroyed_is_never_made_again(django_capture_on_commit_callbacks: Any) -> None:
    subject = keys.new_subject()
    destroy(subject, django_capture_on_commit_callbacks)
    with pytest.raises(SealBrokenError, match="never made again"):
        keystore.make_key(subject.pk)


def test_a_withdrawal_that_fails_leaves_the_key(django_capture_on_commit_callbacks: Any) -> None:
    subject = keys.new_subject()

    def fails(_subject: Subject) -> None:
        raise RuntimeError("this room cannot erase")

    keys.on_destroyed(fails)
    try:
        with pytest.raises(RuntimeError), transaction.atomic():
            destroy(subject, django_capture_on_commit_callbacks)
    finally:
        keys._erasers.remove(fails)
    assert Subject.objects.get().destroyed_on is None
    assert keystore.holds() == {subject.pk}


def test_a_stop_between_the_record_and_the_key_is_mended_at_the_next_start() -> None:
    subject = keys.new_subject()
    keys.destroy(subject)
    assert keystore.holds() == {subject.pk}
    assert keys.sweep() == 1
    assert keystore.holds() == set()
    assert keys.sweep() == 0


def test_a_database_restored_from_before_a_withdrawal_is_brought_up_to_it(erased: list[Subject]) -> None:
    subject = keys.new_subject()
    keystore.destroy([subject.pk], subject.made_on)
    assert keys.sweep() == 1
    assert Subject.objects.get().destroyed_on is not None
    assert erased == [subject]


def test_people_whose_key_is_nowhere_are_counted(store: Path) -> None:
    keys.new_subject()
    assert keys.without_key() == 0
    store.unlink()
    assert keys.without_key() == 1


def test_no_byte_of_a_destroyed_key_stays_in_the_file(
    store: Path, django_capture_on_commit_callbacks: Any
) -> None:
    subject, other = keys.new_subject(), keys.new_subject()
    with keystore.opened() as file:
        wrapped = file.execute(
            "SELECT wrapped FROM data_key WHERE subject = ?", [str(subject.pk)]
        ).fetchone()[0]
    assert wrapped in store.read_bytes()
    destroy(subject, django_capture_on_commit_callbacks)
    beside = [file.read_bytes() for file in store.parent.iterdir()]
    assert not any(wrapped in content for content in beside)
    assert keys.ring_of(other)


# --- duplicates -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "one", "same"),
    [
        ("name", "นางสาวสมศรี  ดีงาม", "สมศรีดีงาม"),
        ("name", "น.ส. สมศรี ดีงาม", "สมศรี ดีงาม"),
        ("name", "นํ้าฝน", "น้ำฝน"),
        ("name", "Mr. Somchai JAIDEE", "somchai jaidee"),
        ("phone", "๐๘๑-๒๓๔ ๕๖๗๘", "+66 81 234 5678"),
        ("phone", "0066812345678", "0812345678"),
        ("thai_id", "1-9001-00000-00-1", "1900100000001"),
    ],
)
def test_two_spellings_of_one_value_have_one_blind_index(kind: str, one: str, same: str) -> None:
    assert keys.blind(kind, one, CITY) == keys.blind(kind, same, CITY)


def test_a_name_that_begins_like_a_title_is_not_cut_inside_a_letter() -> None:
    assert keys.normal("name", "นายิกา ดี") == "นายิกาดี"


def test_a_blind_index_tells_nothing_and_belongs_to_one_city_and_one_kind() -> None:
    here = keys.blind("name", NAME, CITY)
    assert len(here) == 32
    assert len({here, keys.blind("name", NAME, OTHER_CITY), keys.blind("name", NAME, None)}) == 3
    assert keys.blind("phone", "0812345678", CITY) != keys.blind("thai_id", "0812345678", CITY)
    assert keys.blind("name", " - ", CITY) == ""


def test_somebody_is_found_by_what_she_is_remembered_by_and_only_in_her_city() -> None:
    subject, elsewhere = keys.new_subject(space=CITY), keys.new_subject(space=OTHER_CITY)
    keys.remember(subject, "name", NAME, "ศรี")
    keys.remember(elsewhere, "name", NAME)
    assert list(keys.found("name", "นางสมศรี ดีงาม", CITY)) == [subject]
    keys.remember(subject, "name", "ศรี")
    assert not keys.found("name", NAME, CITY).exists()
    assert keys.found("name", "ศรี", CITY).get() == subject


def test_a_person_made_for_nobody_has_an_id_of_her_own() -> None:
    assert str(keys.new_subject().pk)[:8] in str(Subject.objects.get())
    assert keystore.rings_of([uuid4()]) == {}

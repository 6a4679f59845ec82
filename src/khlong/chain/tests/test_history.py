"""The history of a thing in the reader's words."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from khlong.chain import history as history_of
from khlong.chain.history import history, shown, writer_name
from khlong.chain.tests.folder import model
from khlong.chain.tests.things import new_community, save_community
from khlong.people.actor import system_actor
from khlong.record.actions import registered
from khlong.thai.dates import Span


@pytest.fixture
def village(city: Any, source: Any) -> Any:
    made = new_community(city, source, "บ้านหลบมุม")
    save_community(made, {"valid_from": Span.from_iso("2022-09")}, why="ตามแผนที่")
    return made


def test_the_newest_comes_first_with_who_when_and_why(village: Any) -> None:
    newest, first = history(village)
    assert (newest.number, newest.by, newest.why) == (2, "test", "ตามแผนที่")
    assert newest.at > first.at
    assert first.changes == []


@pytest.mark.parametrize(("lang", "words"), [("th", "กันยายน 2565"), ("en", "September 2022")])
def test_a_change_is_told_in_the_readers_language_and_era(village: Any, lang: str, words: str) -> None:
    with override(lang):
        (change,) = history(village)[0].changes
        assert (change.before, change.after) == ("", words)
        assert change.label == str(type(village)._meta.get_field("valid_from").verbose_name)


def test_a_choice_is_told_by_its_name(city: Any) -> None:
    registered()["places.city.save"](system_actor("test"), city, {"region": "northeast", "is_full": False})
    with override("en"):
        changes = {change.after: change.before for change in history(city)[0].changes}
        assert changes == {"Northeast": "South", "no": "yes"}


def test_what_is_pointed_to_is_told_by_its_name(village: Any) -> None:
    other = model("places.Source").objects.create(key="S11", publisher_th="เทศบาลตำบลพะตง")
    save_community(village, {"source": other})
    (change,) = history(village)[0].changes
    assert (change.before, change.after) == ("สถาบันสิ่งแวดล้อมไทย (S10)", "เทศบาลตำบลพะตง (S11)")


def test_before_a_field_that_an_earlier_change_left_alone_stands_its_value(village: Any) -> None:
    save_community(village, {"name_th": "บ้านใต้"})
    (change,) = history(village)[0].changes
    assert (change.before, change.after) == ("บ้านหลบมุม", "บ้านใต้")


def test_only_so_many_are_told_and_the_last_of_them_still_knows_what_was_before(village: Any) -> None:
    save_community(village, {"name_th": "บ้านใต้"})
    entries = history(village, limit=1)
    assert [entry.number for entry in entries] == [3]
    assert entries[0].changes[0].before == "บ้านหลบมุม"


def test_the_history_takes_one_query(village: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        history(village)


def test_the_loaders_writing_is_told_in_words_and_a_persons_under_their_name() -> None:
    with override("en"):
        assert writer_name("loader") == "from the data files"
    assert writer_name("somying") == "somying"


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, ""), ("", ""), (0, "0"), ([{"pk": "1", "label": "ก"}, {"label": "ข"}], "ก, ข"), ({}, "")],
)
def test_values_are_shown_in_words(value: Any, words: str) -> None:
    assert shown(value) == words


def test_a_date_that_cannot_be_read_any_more_is_shown_as_it_was_written(village: Any) -> None:
    assert shown("once", type(village)._meta.get_field("valid_from")) == "once"


def test_a_field_that_is_gone_keeps_its_name_in_the_history(village: Any) -> None:
    row = village.node.revisions.get(number=2)
    row.changed, row.values = ["motto"], row.values | {"motto": "ก้าวหน้า"}
    row.save()
    (change,) = history(village)[0].changes
    assert (change.label, change.after) == ("motto", "ก้าวหน้า")


def test_a_room_says_in_words_under_which_name_it_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_of, "_programmes", dict(history_of._programmes))
    assert writer_name("sketcher") == "sketcher"
    history_of.writes_as("sketcher", "drawn by the programme")
    assert writer_name("sketcher") == "drawn by the programme"

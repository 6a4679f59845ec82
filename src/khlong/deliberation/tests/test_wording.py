from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from khlong.deliberation.wording import difference, proposed

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
BASE = "เปิดคลองหลังตลาด และปลูกไม้ชายคลองตลอดแนว"


def anchor(text: str, quote: str) -> tuple[int, int]:
    start = text.index(quote)
    return start, start + len(quote)


def test_the_suggested_words_stand_in_the_place_of_the_quoted_ones() -> None:
    made = proposed(BASE, BASE, *anchor(BASE, "ตลอดแนว"), "เว้นหน้าท่าเรือ")
    assert (made.text, made.fits) == ("เปิดคลองหลังตลาด และปลูกไม้ชายคลองเว้นหน้าท่าเรือ", True)


def test_a_change_elsewhere_in_the_passage_is_kept_beside_the_suggested_one() -> None:
    now = BASE.replace("เปิดคลอง", "ขุดลอกคลอง")
    made = proposed(BASE, now, *anchor(BASE, "ตลอดแนว"), "เว้นหน้าท่าเรือ")
    assert (made.text, made.fits) == ("ขุดลอกคลองหลังตลาด และปลูกไม้ชายคลองเว้นหน้าท่าเรือ", True)
    behind = BASE + " ภายในสองปี"
    made = proposed(BASE, behind, *anchor(BASE, "หลังตลาด"), "หลังวัด")
    assert made.text == "เปิดคลองหลังวัด และปลูกไม้ชายคลองตลอดแนว ภายในสองปี"


def test_a_change_on_both_sides_of_the_words_still_finds_them_when_they_stand_there_once() -> None:
    now = "ขุดคลองหลังตลาด แล้วปลูกไม้ชายคลองทุกปี"
    made = proposed(BASE, now, *anchor(BASE, "ปลูกไม้"), "ปลูกต้นจาก")
    assert made.text == "ขุดคลองหลังตลาด แล้วปลูกต้นจากชายคลองทุกปี"


def test_where_the_quoted_words_were_changed_nothing_is_guessed() -> None:
    now = BASE.replace("ตลอดแนว", "ช่วงหน้าวัด")
    made = proposed(BASE, now, *anchor(BASE, "ตลอดแนว"), "เว้นหน้าท่าเรือ")
    assert (made.text, made.fits) == (now, False)


def test_words_that_stand_twice_after_changes_around_them_are_not_guessed_at() -> None:
    base, now = "ก คลอง ข คลอง ค", "จ คลอง ฉ คลอง ช"
    assert not proposed(base, now, 10, 14, "ทะเล").fits


def test_without_words_to_put_there_the_passage_is_proposed_as_it_stands() -> None:
    assert proposed(BASE, BASE, 0, 4, "").text == BASE


def test_what_went_and_what_came_is_told_apart() -> None:
    new = BASE.replace("ตลอดแนว", "เว้นหน้าท่าเรือ")
    assert ("removed", "ตลอดแนว") in difference(BASE, new)
    assert [text for op, text in difference(BASE, new) if op == "added"] == ["เว้นหน้าท่าเรือ"]


def test_no_tone_mark_is_parted_from_its_letter() -> None:
    for op, text in difference("น้ำมาไม่ถึงบ้าน", "น้ามาไม่ทันบ้าน"):
        assert text[0] not in "่้๊๋ัิีึืุูำ", (op, text)


@UNHURRIED
@given(st.text(alphabet="กขคงน้ำท่วม ab", max_size=40), st.text(alphabet="กขคงน้ำท่วม ab", max_size=40))
def test_old_and_new_words_can_be_put_together_from_the_pieces(old: str, new: str) -> None:
    pieces = difference(old, new)
    assert "".join(text for op, text in pieces if op != "added") == old
    assert "".join(text for op, text in pieces if op != "removed") == new


@pytest.mark.parametrize("old", ["", "ก"])
def test_nothing_differs_from_itself(old: str) -> None:
    assert all(op == "same" for op, _text in difference(old, old))


def test_two_long_texts_without_anything_in_common_are_not_compared_letter_by_letter() -> None:
    assert difference("ก" * 3000, "ข" * 3000) == [("removed", "ก" * 3000), ("added", "ข" * 3000)]

from __future__ import annotations

import random
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khlong.thai.collate import sort_key
from khlong.thai.date_words import listed
from khlong.thai.tests.strategies import ANY_TEXT, THAI_TEXT

# In the order of the Royal Institute's dictionary.
BY_THE_BOOK = listed(
    "ก กก กกุธภัณฑ์ กฎ กฐิน กบ กรด กรม กรรม กลอง กล่อง กล้อง กลัว กวาง กษัตริย์ "
    "กะ กะทิ กัก กัน กา กาง ก้าง กำ กำแพง กิน กี่ กึ่ง กุ้ง กู้ เก เก็ง เก่ง "
    "เก้ง เก๋ง เกลือ เกาะ เกิด เกี้ยว แก แก่ แก้ แกง แก่ง แก้ง แกลบ โกง ไก ไก่ "
    "ขลุ่ย ขวด ไข่ ฃวด คน คลอง ควน ฆ้อง งู จังหวัด ชุมชน ซอย ฐาน ณ ดิน ตลิ่ง ถนน "
    "ทะเล ธง นคร บ่อยาง ปาดังเบซาร์ ผู้ ฝน พะตง ฟ้า ภัย เมือง ยาง รถ ฤดู ลม ละงู "
    "โลก วัด ศาล สงขลา หมู หาดใหญ่ อำเภอ ฮา"
)


@pytest.mark.parametrize(("first", "second"), list(pairwise(BY_THE_BOOK)))
def test_dictionary_words_keep_their_order(first: str, second: str) -> None:
    assert sort_key(first) < sort_key(second)


@pytest.mark.parametrize(
    "words",
    [
        ["กลวง", "กล้วย", "กลอง"],
        ["หมู", "หลัง", "หาด", "เหมือง", "ใหม่", "ไหม"],
        ["เก๋ง", "เกณฑ์", "เกม"],
        ["ไก", "ไก่", "ไก้", "ไก๊", "ไก๋"],
        ["กา", "ก่า", "ก้า", "กาก", "ก้าง"],
        ["เพชร", "เพล", "เพลา", "เพื่อ", "แพ", "โพ"],
        ["รวม", "ร่วม", "ร้อย", "ฤกษ์", "ฤดู", "ฤๅษี", "ลม"],
        ["พันธ", "พันธ์", "พันธุ", "พันธุ์"],
        ["2565", "Bo Yang", "bo yang 2", "Khlong", "กลอง"],
        ["ecole", "école", "ed"],
    ],
)
def test_groups_that_differ_in_one_rule_keep_their_order(words: list[str]) -> None:
    shuffled = random.Random(7).sample(words, len(words))
    assert sorted(shuffled, key=sort_key) == words


def test_a_tone_mark_decides_only_when_all_letters_agree() -> None:
    assert sort_key("ก้า") < sort_key("กาง")
    assert sort_key("กาก่า") < sort_key("ก่ากา")


def test_digits_of_both_kinds_sort_as_one() -> None:
    assert sorted(["หมู่ ๓", "หมู่ 2", "หมู่ ๑", "หมู่ 1", "หมู่ 4"], key=sort_key) == [
        "หมู่ 1",
        "หมู่ ๑",
        "หมู่ 2",
        "หมู่ ๓",
        "หมู่ 4",
    ]


def test_spaces_punctuation_and_invisible_characters_do_not_count() -> None:
    keys = {sort_key(text) for text in ("บ้านไร่", "บ้าน ไร่", "(บ้าน-ไร่)", "บ้าน\u200bไร่")}
    assert keys == {sort_key("บ้านไร่")}
    assert sort_key(" … ") == ""


def test_capitals_only_break_ties() -> None:
    assert sort_key("bo") < sort_key("Bo") < sort_key("boa")


def test_a_key_holds_nothing_a_database_refuses() -> None:
    assert sort_key("แก้ง Bo ๑\u0000\n").isprintable()


def test_the_order_agrees_with_the_oracle_where_tones_do_not_decide() -> None:
    from pythainlp.corpus import thai_words

    words = sorted(word for word in thai_words() if word.isalpha() and not set(word) & set("็่้๊๋์ๆฯฺํ๎"))
    sample = random.Random(2565).sample(words, 800)
    from pythainlp.util import collate

    assert sorted(sorted(sample), key=sort_key) == collate(sorted(sample))


@settings(max_examples=120, deadline=None)
@given(THAI_TEXT)
def test_the_key_does_not_depend_on_the_normal_form(text: str) -> None:
    assert sort_key(unicodedata.normalize("NFD", text)) == sort_key(unicodedata.normalize("NFC", text))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(THAI_TEXT, ANY_TEXT), min_size=2, max_size=5))
def test_code_point_order_and_byte_order_are_one_order(texts: list[str]) -> None:
    keys = [sort_key(text.encode(errors="ignore").decode()) for text in texts]
    assert sorted(keys) == sorted(keys, key=str.encode)


@settings(max_examples=80, deadline=None)
@given(THAI_TEXT, THAI_TEXT)
def test_marks_never_outweigh_letters(one: str, other: str) -> None:
    bare = str.maketrans(dict.fromkeys("็่้๊๋์ๆฯํ๎ฺ"))
    plain_one, plain_other = (sort_key(text.translate(bare).casefold()) for text in (one, other))
    letters_one, letters_other = plain_one.split(" ")[0], plain_other.split(" ")[0]
    if letters_one != letters_other and "é" not in one + other:
        assert (sort_key(one) < sort_key(other)) == (letters_one < letters_other)

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khlong.thai.money import MAX_SATANG, MoneyError, baht_words, format_baht, number_words, parse_baht

AMOUNTS = st.one_of(
    st.integers(-MAX_SATANG, MAX_SATANG),
    st.integers(-(10**7), 10**7),
    st.builds(lambda digit, power: digit * 10**power, st.integers(1, 121), st.integers(0, 15)),
)


@pytest.mark.parametrize(
    ("text", "satang"),
    [
        ("1,850,000 บาท", 185_000_000),
        ("๑,๘๕๐,๐๐๐.๕๐", 185_000_050),
        ("1850000", 185_000_000),
        ("0", 0),
        ("500.-", 50_000),
        ("500 บาทถ้วน", 50_000),
        ("500 บาท 25 สตางค์", 50_025),
        ("25 สตางค์", 25),
        ("1.5 ล้านบาท", 150_000_000),
        ("2 แสน", 20_000_000),
        ("0.125 ล้านบาท", 12_500_000),
        ("0.00000001 ล้านบาท", 1),
        ("฿20", 2_000),
        ("THB 1,000.5", 100_050),
        ("4.75 million baht", 475_000_000),
        ("-3 บาท", -300),
        ("−3", -300),
        ("ลบ 5 บาท", -500),
        ("(1,000)", -100_000),
        ("  40,000  บาท ", 4_000_000),
        ("3.250", 325),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, satang: int) -> None:
    assert parse_baht(text) == satang


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("ฟรี", "not_an_amount"),
        ("1,85,000", "not_an_amount"),
        ("1,0000", "not_an_amount"),
        ("1.000.000", "not_an_amount"),
        ("(500", "not_an_amount"),
        ("500)", "not_an_amount"),
        ("(-500)", "not_an_amount"),
        ("5.50 บาท 25 สตางค์", "not_an_amount"),
        ("9" * 300, "not_an_amount"),
        ("1.005", "too_precise"),
        ("0.000000001 ล้านบาท", "too_precise"),
        ("92233720368547758.08", "out_of_range"),
    ],
)
def test_what_is_no_amount_says_why(text: str, code: str) -> None:
    with pytest.raises(MoneyError) as refused:
        parse_baht(text)
    assert refused.value.code == code


def test_the_largest_amount_still_fits() -> None:
    assert parse_baht("92,233,720,368,547,758.07") == MAX_SATANG


def test_whole_baht_carry_no_decimals() -> None:
    assert format_baht(185_000_000) == "1,850,000 บาท"
    assert format_baht(185_000_050) == "1,850,000.50 บาท"
    assert format_baht(5, unit=False) == "0.05"
    assert format_baht(-150, thai_digits=True) == "-๑.๕๐ บาท"


def test_english_amounts_keep_arabic_digits() -> None:
    assert format_baht(4_000_000, "en", thai_digits=True) == "40,000 baht"


@pytest.mark.parametrize(
    ("baht", "words"),
    [
        (0, "ศูนย์"),
        (1, "หนึ่ง"),
        (10, "สิบ"),
        (11, "สิบเอ็ด"),
        (20, "ยี่สิบ"),
        (21, "ยี่สิบเอ็ด"),
        (22, "ยี่สิบสอง"),
        (100, "หนึ่งร้อย"),
        (101, "หนึ่งร้อยเอ็ด"),
        (110, "หนึ่งร้อยสิบ"),
        (1_001, "หนึ่งพันเอ็ด"),
        (100_000, "หนึ่งแสน"),
        (196_655, "หนึ่งแสนเก้าหมื่นหกพันหกร้อยห้าสิบห้า"),
        (1_000_000, "หนึ่งล้าน"),
        (1_000_001, "หนึ่งล้านเอ็ด"),
        (11_000_000, "สิบเอ็ดล้าน"),
        (21_000_021, "ยี่สิบเอ็ดล้านยี่สิบเอ็ด"),
        (10**12, "หนึ่งล้านล้าน"),
        (10**12 + 10**6, "หนึ่งล้านเอ็ดล้าน"),
    ],
)
def test_numbers_are_read_aloud_by_the_rule(baht: int, words: str) -> None:
    assert number_words(baht) == words


def test_amounts_in_words_end_as_receipts_do() -> None:
    assert baht_words(10_000_000) == "หนึ่งแสนบาทถ้วน"
    assert baht_words(150) == "หนึ่งบาทห้าสิบสตางค์"
    assert baht_words(21) == "ยี่สิบเอ็ดสตางค์"
    assert baht_words(-100) == "ลบหนึ่งบาทถ้วน"
    assert baht_words(0) == "ศูนย์บาทถ้วน"


def test_a_negative_number_has_no_words_of_its_own() -> None:
    with pytest.raises(MoneyError, match="nought"):
        number_words(-1)


@settings(max_examples=120, deadline=None)
@given(AMOUNTS, st.booleans(), st.booleans(), st.sampled_from(["th", "en"]))
def test_what_is_printed_is_read_back(satang: int, thai_digits: bool, unit: bool, lang: str) -> None:
    printed = format_baht(satang, "th" if lang == "th" else "en", thai_digits, unit)
    assert parse_baht(printed) == satang


@settings(max_examples=150, deadline=None)
@given(AMOUNTS)
def test_an_independent_reader_hears_the_same_amount(satang: int) -> None:
    assert _heard(baht_words(satang)) == satang


_ONES = dict(zip("หนึ่ง เอ็ด ยี่ สอง สาม สี่ ห้า หก เจ็ด แปด เก้า".split(), (1, 1, 2, *range(2, 10)), strict=True))  # noqa: SIM905
_TENS = {"สิบ": 10, "ร้อย": 100, "พัน": 1_000, "หมื่น": 10_000, "แสน": 100_000}
_WORD = re.compile("|".join([*_ONES, *_TENS]))


def _heard(words: str) -> int:
    sign, words = (-1, words[2:]) if words.startswith("ลบ") else (1, words)
    baht, _, satang = words.rpartition("บาท")
    return sign * (100 * _number(baht) + _number(satang.removesuffix("ถ้วน").removesuffix("สตางค์")))


def _number(words: str) -> int:
    head, million, tail = words.rpartition("ล้าน")
    if million:
        return _number(head) * 10**6 + _number(tail)
    total, digit = 0, 0
    for word in _WORD.findall(words):
        if word in _ONES:
            digit = _ONES[word]
        else:
            total, digit = total + (digit or 1) * _TENS[word], 0
    return total + digit

"""Numbers and lists as people write them."""

from __future__ import annotations

from math import inf, nan

import pytest

from khlong.engines.futures import words
from khlong.engines.futures.model import Dimension, Name, Spread


def dimension(unit: str, thai: str = "ระดับน้ำทะเล", english: str = "sea level") -> Dimension:
    return Dimension("d", Name(thai, english), unit, Spread.UNIFORM, 0, 1, 0)


@pytest.mark.parametrize(
    ("value", "digits", "said"),
    [
        (0.00012345, 3, "0.000123"),
        (9.999, 3, "10"),
        (99.95, 3, "100"),
        (-0.5, 3, "-0.5"),
        (1_234_567, 4, "1,235,000"),
        (1000, 3, "1,000"),
        (nan, 3, "–"),
        (inf, 3, "–"),
    ],
)
def test_numbers_have_a_few_digits_that_count(value: float, digits: int, said: str) -> None:
    assert words.number(value, digits) == said


def test_units_are_said_in_the_language() -> None:
    assert words.amount(1500, "THB", "th") == "1,500 บาท"
    assert words.amount(1500, "THB", "en") == "1,500 baht"
    assert words.amount(3, "trees", "th") == "3 trees"
    assert words.amount(3, "1", "en") == "3"
    assert words.amount(0.0661, "share a year", "th") == "ร้อยละ 6.61 ต่อปี"
    assert words.amount(0.0661, "share a year", "en") == "6.61 % a year"
    assert words.amount(0.388, "sd", "th") == "0.388 เท่าของส่วนเบี่ยงเบนมาตรฐาน"


def test_a_limit_has_one_side_or_two() -> None:
    sea = dimension("m")
    assert words.limit(sea, 0.2, inf, "en") == "sea level above 0.2 m"
    assert words.limit(sea, -inf, 0.2, "en") == "sea level below 0.2 m"
    assert words.limit(sea, 0.2, 0.4, "th") == "ระดับน้ำทะเลอยู่ระหว่าง 0.2 เมตร ถึง 0.4 เมตร"
    assert words.limit(dimension("share"), -inf, 0.2, "th") == "ระดับน้ำทะเลต่ำกว่าร้อยละ 20"


def test_a_name_in_one_language_serves_both() -> None:
    assert words.limit(dimension("m", ""), 1, inf, "th") == "sea levelเกิน 1 เมตร"
    assert words.named(Name("คลอง", ""), "en") == "คลอง"

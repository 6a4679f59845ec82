from __future__ import annotations

from hypothesis import given, settings

from khlong.thai.digits import to_arabic, to_thai
from khlong.thai.tests.strategies import ANY_TEXT


def test_every_digit_has_its_thai_shape() -> None:
    assert to_thai("0123456789") == "๐๑๒๓๔๕๖๗๘๙"
    assert to_arabic("๐๑๒๓๔๕๖๗๘๙") == "0123456789"


def test_letters_signs_and_other_scripts_stay() -> None:
    assert to_thai("หน้า 12, p. 3 ½ ໒") == "หน้า ๑๒, p. ๓ ½ ໒"


@settings(max_examples=60, deadline=None)
@given(ANY_TEXT)
def test_going_there_and_back_writes_all_digits_one_way(text: str) -> None:
    assert to_arabic(to_thai(text)) == to_arabic(text)
    assert to_thai(to_arabic(text)) == to_thai(text)
    assert len(to_thai(text)) == len(text)

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings

from khlong.thai.canonical import canonical
from khlong.thai.tests.strategies import THAI_TEXT


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("น\u0e4d\u0e49า", "น้ำ"),
        ("น\u0e49\u0e4dา", "น้ำ"),
        ("ท\u0e48\u0e35", "ที่"),
        ("เเม่น\u0e4dา", "แม่นำ"),
        ("ภูมิ\u200bอากาศ\ufeff", "ภูมิอากาศ"),
        ("cafe\u0301", "café"),
        ("พันธุ์ สิทธิ์", "พันธุ์ สิทธิ์"),
    ],
)
def test_text_that_looks_the_same_becomes_the_same(typed: str, meant: str) -> None:
    assert canonical(typed) == meant


@settings(max_examples=100, deadline=None)
@given(THAI_TEXT)
def test_canonical_text_is_nfc_and_stays_as_it_is(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once
    assert unicodedata.is_normalized("NFC", once)

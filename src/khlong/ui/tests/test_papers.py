"""What pages say of the files that they make."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from khlong.ui.papers import MOST_LETTERS, no_letters


@pytest.mark.parametrize(
    ("others", "words"),
    [(("DOCX", "XLSX"), "Take the DOCX or the XLSX"), (("DOCX",), "Take the DOCX instead")],
)
def test_letters_that_the_font_lacks_are_named_with_what_to_take_instead(
    others: tuple[str, ...], words: str
) -> None:
    with override("en"):
        said = no_letters("ကခ", others)
    assert "ကခ" in said
    assert words in said


def test_a_long_row_of_letters_is_cut() -> None:
    assert no_letters("က" * 500).count("က") == MOST_LETTERS

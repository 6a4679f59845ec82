"""What the maker of the training city writes is told as such in histories."""

from __future__ import annotations

from django.utils.translation import override

from khlong.chain.history import writer_name
from khlong.training.making import MAKER


def test_what_was_made_as_an_example_says_so() -> None:
    with override("en"):
        assert writer_name(MAKER) == "made as an example"
    with override("th"):
        assert writer_name(MAKER) == "สร้างเป็นตัวอย่าง"

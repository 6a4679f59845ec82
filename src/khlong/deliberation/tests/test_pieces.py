"""The pieces of a passage that can be chosen without marking them."""

from __future__ import annotations

from khlong.deliberation.pieces import phrases


def stretches(text: str) -> list[str]:
    found = phrases(text)
    assert all(text[piece.start : piece.end] == piece.text for piece in found)
    return [piece.text for piece in found]


def test_in_thai_a_blank_ends_a_thought_and_a_number_stays_with_the_word_before_it() -> None:
    assert stretches("ขุดคลองยาว 400 เมตร ก่อนฤดูฝน") == ["ขุดคลองยาว 400", "เมตร", "ก่อนฤดูฝน"]


def test_in_english_a_comma_or_a_stop_ends_a_thought_and_not_every_word() -> None:
    assert stretches("Warn every house, also those in no register. Begin at 1.5 m of water") == [
        "Warn every house,",
        "also those in no register.",
        "Begin at 1.5 m of water",
    ]


def test_every_line_of_an_english_passage_can_be_chosen() -> None:
    assert stretches("The old gate\nthe new gate") == ["The old gate", "the new gate"]


def test_a_passage_of_one_piece_is_chosen_as_a_whole() -> None:
    assert stretches("Keep the canal open") == stretches("เปิดคลอง") == []

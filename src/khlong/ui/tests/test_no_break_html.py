"""Sentences from anywhere keep their words whole once a piece of a page is rendered."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from khlong.ui.text import no_break_html, phrases

TAGS = re.compile(r"<[^>]*>")


def test_a_word_of_the_house_is_kept_whole_in_a_sentence_from_a_catalogue() -> None:
    assert no_break_html("<p>ดูแหล่งที่มา</p>") == '<p>ดู<span class="nb">แหล่งที่มา</span></p>'


def test_attributes_drawings_options_and_titles_are_left_alone() -> None:
    for page in (
        '<a title="แหล่งที่มา" href="/x/">x</a>',
        "<svg><text>แหล่งที่มา</text></svg>",
        "<option>แหล่งที่มา</option>",
        "<textarea>แหล่งที่มา</textarea>",
        '<span class="nb">แหล่งที่มา</span>',
    ):
        assert no_break_html(page) == page


def test_text_after_a_drawing_is_kept_whole_again() -> None:
    made = no_break_html('<svg><rect width="1"/></svg><p>แหล่งที่มา</p>')
    assert made.endswith('<p><span class="nb">แหล่งที่มา</span></p>')


@given(
    st.lists(st.sampled_from(["<p>", "</p>", "แหล่งที่มา", "&lt;b&gt;", "3 ก.ย. 2565", "<svg>", "</svg>", "x"]))
)
def test_nothing_but_spans_is_added(parts: list[str]) -> None:
    page = "".join(parts)
    bare = no_break_html(page).replace('<span class="nb">', "").replace("</span>", "")
    assert bare == page
    assert TAGS.sub("", no_break_html(page)) == TAGS.sub("", page)


def test_a_vision_breaks_between_its_phrases_and_stands_in_quotation_marks() -> None:
    made = phrases("กขค งจฉ", quoted=True)
    assert made == '<span class="ib">“กขค</span> <span class="ib">งจฉ”</span>'


def test_an_english_vision_is_left_to_the_browser_but_quoted() -> None:
    assert phrases("We know before the water comes", quoted=True) == "“We know before the water comes”"

from __future__ import annotations

from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from khlong.journal.prose import blocks, opening, plain


def kinds(text: str) -> list[tuple[str, list[str]]]:
    return [(block.kind, block.lines) for block in blocks(text)]


def test_paragraphs_headings_lists_and_quotations_are_read_from_few_signs() -> None:
    text = "หนึ่ง\nสอง\r\n\r\n# หัวเรื่อง\n## รอง\n- ก\n• ข\n\n๓. สาม\n4) สี่\n> คำพูด\nท้าย"
    assert kinds(text) == [
        ("p", ["หนึ่ง", "สอง"]),
        ("h2", ["หัวเรื่อง"]),
        ("h3", ["รอง"]),
        ("ul", ["ก", "ข"]),
        ("ol", ["สาม", "สี่"]),
        ("quote", ["คำพูด"]),
        ("p", ["ท้าย"]),
    ]
    assert next(block.start for block in blocks(text) if block.kind == "ol") == 3


def test_what_only_looks_like_a_sign_stays_a_paragraph() -> None:
    assert kinds("#")[0][0] == kinds("-ติดลบ 5")[0][0] == kinds("2565 น้ำท่วม")[0][0] == "p"
    assert kinds("3.5 เมตร") == [("p", ["3.5 เมตร"])]


def test_two_paragraphs_stay_two_and_two_lists_are_parted_by_words() -> None:
    assert kinds("ก\n\n\n\nข") == [("p", ["ก"]), ("p", ["ข"])]
    assert [kind for kind, _lines in kinds("- ก\n\nคั่น\n\n- ข")] == ["ul", "p", "ul"]


@given(st.text(max_size=400))
def test_whatever_is_typed_no_markup_of_its_own_comes_out(text: str) -> None:
    html = render_to_string(
        "journal/blocks.html", {"blocks": blocks(f"<script>{text}</script><img onerror=x>")}
    )
    assert "<script" not in html
    assert "<img" not in html
    assert html.count("<p") == html.count("</p>")


@given(st.text(alphabet="กขนำ้ -#>1.\n", max_size=200))
def test_no_letter_of_the_words_is_lost(text: str) -> None:
    def letters(of: str) -> str:
        return "".join(c for c in of if c in "กขนำ้")

    assert letters(plain(text)) == letters(plain(plain(text)))
    assert set(letters(text)) == set(letters(plain(text)))


def test_the_opening_ends_where_a_word_is_whole_and_never_before_a_mark() -> None:
    assert opening("# หัว\nสั้น ๆ") == "สั้น ๆ"
    cut = opening("น้ำท่วม " * 80)
    assert cut.endswith("น้ำท่วม …")
    assert len(cut) < 230
    long = opening("น้ำ" * 300)
    assert long.endswith("น้ำ…") or long.endswith("น…") is False
    assert opening("") == ""

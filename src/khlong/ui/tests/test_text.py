from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khlong.thai.dates import Span
from khlong.ui.tests.conftest import Render
from khlong.ui.text import address, amount_text, counted_text, no_break, span_html

RANGE = Span.from_iso("2022-09-03/2022-09-04")


def test_a_span_reads_in_the_buddhist_era_in_thai(render: Render) -> None:
    assert render("{{ s|when }}", s=RANGE) == (
        '<time datetime="2022-09-03"><span class="nb">3–4 กันยายน 2565</span></time>'
    )


@pytest.mark.usefixtures("english")
def test_a_span_reads_in_the_common_era_in_english(render: Render) -> None:
    assert "3–4 September 2022" in render("{{ s|when }}", s=RANGE)


def test_the_short_style_shortens_the_month(render: Render) -> None:
    assert "3–4 ก.ย. 2565" in render('{{ s|when:"short" }}', s=RANGE)


def test_a_month_names_the_month_in_its_datetime(render: Render) -> None:
    assert 'datetime="2022-06"' in render("{{ s|when }}", s=Span.from_iso("2022-06"))


def test_no_span_says_undated_and_makes_no_time_element(render: Render) -> None:
    assert render("{{ s|when }}", s=None) == '<span class="nb">ไม่ระบุวันที่</span>'


@pytest.mark.usefixtures("english")
def test_no_span_says_undated_in_english(render: Render) -> None:
    assert "undated" in render("{{ s|when }}", s=None)


def test_a_long_range_may_break_only_after_its_dash() -> None:
    html = span_html(Span.from_iso("2025-12-30/2026-01-28"))
    assert re.findall(r'<span class="nb">([^<]*)</span>', html) == ["30 ธันวาคม 2568 –", "28 มกราคม 2569"]


def test_a_moment_counts_as_its_day(render: Render) -> None:
    moment = datetime(2026, 11, 20, 14, 20, tzinfo=UTC)
    assert render('{{ d|day:"short" }}', d=moment) == render('{{ d|day:"short" }}', d=date(2026, 11, 20))
    assert "20 พ.ย. 2569" in render('{{ d|day:"short" }}', d=moment)


def test_a_kept_piece_is_wrapped_and_the_rest_is_not(render: Render) -> None:
    html = render("{{ t|nb }}", t="ฝน 630 มม. ที่หาดใหญ่")
    assert '<span class="nb">630 มม.</span>' in html
    assert html.startswith("ฝน ")


def test_markup_in_a_text_is_escaped_in_kept_and_loose_pieces(render: Render) -> None:
    html = render("{{ t|nb }}", t='<script>alert("630 มม.")</script>')
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_line_ends_become_breaks(render: Render) -> None:
    assert render("{{ t|nb }}", t="ก\nข\r\nค") == "ก<br>ข<br>ค"


def test_no_text_prints_nothing(render: Render) -> None:
    assert render("{{ t|nb }}", t=None) == ""


def test_markup_already_safe_is_left_alone(render: Render) -> None:
    assert render("{{ t|nb }}", t=span_html(RANGE)) == span_html(RANGE)


@given(st.text(max_size=80))
def test_the_reader_sees_every_character_of_the_text(text: str) -> None:
    shown = unescape(re.sub(r"<[^>]*>", "", str(no_break(text)).replace("<br>", "\n")))
    assert shown == "\n".join(text.splitlines())


@given(st.text(alphabet="<>&\"'กา่ 1", max_size=40))
def test_only_our_own_elements_appear(text: str) -> None:
    assert set(re.findall(r"<[^>]*>", str(no_break(text)))) <= {'<span class="nb">', "</span>", "<br>"}


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (13398, "13,398"),
        (Decimal("6.680"), "6.68"),
        (100, "100"),
        (Decimal("1E+3"), "1,000"),
        (0, "0"),
        (0.1, "0.1"),
        (Decimal("-1200.50"), "-1,200.5"),
        (None, ""),
        ("", ""),
    ],
)
def test_a_number_has_thousands_separators_and_no_trailing_zeros(number: object, words: str) -> None:
    assert amount_text(number) == words


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=4))
def test_a_printed_number_is_still_the_number(number: Decimal) -> None:
    assert Decimal(amount_text(number).replace(",", "")) == number


def test_money_is_unbroken_and_in_the_readers_language(render: Render) -> None:
    assert render("{{ s|baht }}", s=185_000_000) == '<span class="nb">1,850,000 บาท</span>'
    assert render("{{ s|baht }}", s=None) == ""


@pytest.mark.usefixtures("english")
def test_money_is_in_baht_in_english(render: Render) -> None:
    assert "1,850,000 baht" in render("{{ s|baht }}", s=185_000_000)


def test_thai_readers_see_the_thai_name(render: Render) -> None:
    html = render('{% bilingual "เมืองสาธิต" "The training city" %}')
    assert "เมืองสาธิต" in html
    assert "training" not in html
    assert "lang=" not in html


@pytest.mark.usefixtures("english")
def test_english_readers_see_the_english_name(render: Render) -> None:
    assert render('{% bilingual "เมืองสาธิต" "The training city" %}') == "The training city"


@pytest.mark.usefixtures("english")
def test_thai_without_english_says_that_it_is_thai(render: Render) -> None:
    html = render("{% bilingual th en %}", th="<b>คลอง", en="")
    assert '<span lang="th">&lt;b&gt;คลอง</span>' in html
    assert "Thai text" in html


@pytest.mark.usefixtures("english")
def test_nothing_in_both_languages_says_nothing(render: Render) -> None:
    assert render("{% bilingual th en %}", th="", en="") == ""


def test_a_reference_code_is_escaped_and_left_alone_by_translators(render: Render) -> None:
    assert render("{% ref c %}", c="F-<STT>") == '<span class="refcode" translate="no">F-&lt;STT&gt;</span>'


@pytest.mark.usefixtures("english")
def test_words_that_are_not_thai_are_not_called_thai_where_english_is_missing(render: Render) -> None:
    assert render("{% bilingual th %}", th="Thai Climate Justice for All") == "Thai Climate Justice for All"
    assert "Thai text" in render("{% bilingual th %}", th="ฉบับแรก")


@pytest.mark.parametrize(
    ("unit", "words"),
    [("ชั่วโมง", "1,200 ชั่วโมง"), ("ร้อยละ", "ร้อยละ 1,200"), ("per cent", "1,200 per cent"), ("", "1,200")],
)
def test_a_number_stands_with_its_unit_in_the_order_in_which_they_are_said(unit: str, words: str) -> None:
    assert counted_text(1200, unit) == words


def test_an_address_is_in_pieces_that_end_at_its_slashes() -> None:
    made = address("https://khlong-songkhla.example/k/aB-c_D-9/")
    assert re.findall(r'<span class="ab">([^<]*)</span>', made) == [
        "https://khlong-songkhla.example/",
        "k/",
        "aB-c_D-9/",
    ]
    assert re.sub("<[^>]*>", "", made) == "https://khlong-songkhla.example/k/aB-c_D-9/"


def test_an_address_is_escaped() -> None:
    assert "<b>" not in address("https://x/<b>/")

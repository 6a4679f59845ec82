"""Words on their way to paper."""

from __future__ import annotations

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from khlong.paper.text import (
    FONTS,
    MissingGlyphsError,
    clean,
    kept_pieces,
    missing_glyphs,
    no_break,
    part_sara_am,
    thai_digits,
    width,
)

THAI = st.text(
    st.characters(min_codepoint=0x0E01, max_codepoint=0x0E5B) | st.sampled_from(" 0123456789(),.-/A")
)


@pytest.mark.parametrize(
    ("given_text", "printed"),
    [
        ("ฝน 630 มม. ใน 3 วัน", "ฝน ๖๓๐ มม. ใน ๓ วัน"),
        ("รหัส 68-L7890-08-001 ปี 2568", "รหัส 68-L7890-08-001 ปี ๒๕๖๘"),
        ("D-PTG-0001 กับ F-STT-0012 ข้อ 4", "D-PTG-0001 กับ F-STT-0012 ข้อ ๔"),
        ("https://scf.or.th/paper/441 หน้า 12", "https://scf.or.th/paper/441 หน้า ๑๒"),
        ("www.x.go.th/2565 ปี 2565", "www.x.go.th/2565 ปี ๒๕๖๕"),
        ("scf.or.th/paper/762", "scf.or.th/paper/762"),
        ("a1@b2.org โทร 074-123456", "a1@b2.org โทร ๐๗๔-๑๒๓๔๕๖"),
        ("3-4 กันยายน 2565 เวลา 13.00-16.00 น.", "๓-๔ กันยายน ๒๕๖๕ เวลา ๑๓.๐๐-๑๖.๐๐ น."),
        ("ครั้งที่ 2/2569 ราคา 1,850,000.50", "ครั้งที่ ๒/๒๕๖๙ ราคา ๑,๘๕๐,๐๐๐.๕๐"),
        ("PM2.5 และ SDG13", "PM2.5 และ SDG13"),
    ],
)
def test_digits_turn_thai_except_in_addresses_and_codes(given_text: str, printed: str) -> None:
    assert thai_digits(given_text) == printed


@given(st.text())
def test_turning_digits_twice_changes_no_more(text: str) -> None:
    once = thai_digits(text)
    assert thai_digits(once) == once
    assert len(once) == len(text)


def test_invisible_and_control_characters_do_not_reach_the_page() -> None:
    assert clean("น้ำ\u200bท่วม\x00\x0b\ufeff\u2060 \u202eก\tข\r\nค\u2028ง") == "น้ำท่วม กข\nค\nง".replace(
        "กข", "ก ข"
    )


@pytest.mark.parametrize("parted", ["น\u0e4d\u0e49า", "น\u0e49\u0e4dา"])
def test_a_sara_am_in_two_halves_becomes_one(parted: str) -> None:
    assert clean(parted) == "น้ำ"


@given(st.text())
def test_cleaning_is_done_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_sara_am_is_parted_for_drawing_with_the_ring_under_the_tone() -> None:
    assert part_sara_am("น้ำทำ") == "น\u0e4d\u0e49\u0e32ท\u0e4d\u0e32"


@given(THAI)
def test_the_pieces_joined_are_the_text(text: str) -> None:
    assert "".join(piece for piece, _ in kept_pieces(text)) == text


@given(THAI, st.integers(3, 40))
def test_no_kept_piece_is_wider_than_its_line(text: str, longest: int) -> None:
    assert all(width(piece) <= longest for piece, keep in kept_pieces(text, longest) if keep)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("เสียหาย 3,450,000 บาท แล้ว", "3,450,000 บาท"),
        ("เมื่อวันที่ 3-4 กันยายน 2565 นั้น", "3-4 กันยายน 2565"),
        ("รหัส 68-L7890-08-001 ของ", "68-L7890-08-001"),
        ("ตาม (ข้อ 3) นี้", "(ข้อ 3)"),
        ("โดยนายชาคริต โภชะเรือง ผู้จัดการ", "นายชาคริต โภชะเรือง"),
    ],
)
def test_dates_amounts_codes_and_names_are_kept_whole_with_their_brackets(text: str, kept: str) -> None:
    assert (kept, True) in kept_pieces(text)


def test_no_break_spaces_stand_inside_a_date_and_before_the_repeat_mark_only() -> None:
    assert no_break("เมื่อ 3 กันยายน 2565 ที่ต่าง ๆ กัน") == "เมื่อ 3\u00a0กันยายน\u00a02565 ที่ต่าง\u00a0ๆ กัน"


def test_width_counts_columns_and_not_marks() -> None:
    assert width("น้ำท่วม") == 5


def test_the_coverage_file_is_the_character_map_of_both_fonts() -> None:
    maps = [set(TTFont(FONTS / f"Sarabun-{weight}.ttf").getBestCmap()) for weight in ("Regular", "Bold")]
    both = {code for code in maps[0] & maps[1] if code >= 0x20}
    everything = "".join(chr(code) for code in range(0x20, 0x30000) if not 0xD800 <= code < 0xE000)
    assert {ord(char) for char in everything} - {ord(char) for char in missing_glyphs(everything)} == both


def test_a_missing_glyph_is_named_once_with_its_code_point() -> None:
    missing = missing_glyphs("น้ำ မြ ๑ မ 😀")
    assert missing == "မြ😀"
    assert "U+1019 MYANMAR LETTER MA" in str(MissingGlyphsError(missing))


def test_an_address_breaks_at_its_slashes_and_never_at_a_hyphen() -> None:
    words = "ดูได้ที่ https://khlong-songkhla.example/bo-yang/receipt/ พิมพ์เลข"
    kept = [piece for piece, keep in kept_pieces(words) if keep]
    assert kept == ["https://khlong-songkhla.example/", "bo-yang/", "receipt/"]
    assert "".join(piece for piece, _keep in kept_pieces(words)) == words

"""The PDF, read again by PDFium."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khlong.paper.model import (
    Cell,
    Cite,
    Column,
    Document,
    Landscape,
    ListItem,
    Note,
    PaperError,
    Paragraph,
    Picture,
    Source,
    Table,
    Unpublished,
    b,
    h,
    li,
    p,
)
from khlong.paper.pdf import svg_to_png, to_pdf
from khlong.paper.pdf_text import without_doubled_marks
from khlong.paper.tests.sample import SVG, sample
from khlong.paper.text import MissingGlyphsError

DRAWN = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x7E)
    | st.characters(min_codepoint=0x0E01, max_codepoint=0x0E3A)
    | st.characters(min_codepoint=0x0E3F, max_codepoint=0x0E5B)
    | st.sampled_from("\n\t\x00\u200b–“”")
)
HOSTILE = (
    '#read("/etc/passwd") $x^2$ [a] *b* _c_ @d <e> \\ `f` // g /* h */ = i - j + k ~ l -- "q" \\u{41} {{m}}'
)


def pages(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as read:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in read]


def words(*blocks: Any, **about: Any) -> str:
    return "\n".join(pages(to_pdf(Document("ชื่อเรื่อง", blocks=blocks, **about))))


@cache
def sample_pdf() -> bytes:
    return to_pdf(sample())


def lines() -> Iterator[str]:
    plan = sample()
    without_drawings = tuple(block for block in plan.blocks if not isinstance(block, Picture))
    for page in pages(to_pdf(replace(plan, blocks=without_drawings))):
        yield from page.split("\n")


def raster(pdf: bytes) -> bytes:
    with pypdfium2.PdfDocument(pdf) as read:
        return b"".join(bytes(page.render(scale=1).buffer) for page in read)


def test_thai_words_are_found_by_a_reader() -> None:
    whole = "\n".join(pages(sample_pdf()))
    for word in (
        "น้ำท่วม",
        "คลองไส้ไก่",
        "ธรรมนูญ",
        "๓,๔๕๐,๐๐๐",
        "๓-๔ กันยายน ๒๕๖๕",
        "68-L7890-08-001",
        "F-STT-0012",
    ):
        assert word in whole


@pytest.mark.parametrize(
    "word",
    ["หนึ่ง", "ทั้งหมด", "สิ่ง", "ครั้ง", "ตั้ง", "นั้น", "ขึ้น", "ซึ่ง", "เริ่ม", "ยิ่ง", "อื่น", "เมื่อ", "ทั้งสิ้น", "สิทธิ์", "ตื้น"],
)
def test_a_raised_tone_mark_is_not_found_twice(word: str) -> None:
    assert f"ก {word} ข" in words(p(f"ก {word} ข", bold := b(f" ก {word} ข")), h(1, word))
    assert bold.bold


def test_mending_the_text_leaves_the_picture_of_the_page_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    mended = sample_pdf()
    monkeypatch.setattr("khlong.paper.pdf.without_doubled_marks", lambda pdf: pdf)
    plain = to_pdf(sample())
    assert "ทั้ทั้ง" in "".join(pages(plain)).replace("\n", "")
    assert "ทั้ทั้ง" not in "".join(pages(mended)).replace("\n", "")
    before, after = raster(plain), raster(mended)
    assert len(before) == len(after)
    assert sum(abs(x - y) > 24 for x, y in zip(before, after, strict=True)) < len(before) / 20_000


@given(st.binary(max_size=400))
def test_what_is_no_typst_pdf_is_left_alone(data: bytes) -> None:
    assert without_doubled_marks(data) == data


def test_no_line_begins_with_a_mark_or_a_closing_sign() -> None:
    for line in lines():
        if line.strip():
            assert unicodedata.category(line[0])[0] != "M", line
            assert line[0] not in "ๆฯำะา)”]", line


def test_every_page_is_numbered_in_thai_and_says_that_it_is_an_example() -> None:
    for at, page in enumerate(pages(sample_pdf()), 1):
        number = str(at).translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
        assert f"หน้า {number}" in page
        assert "ข้อมูลตัวอย่าง" in page


def test_an_english_document_has_english_frame_words_and_digits() -> None:
    text = words(
        p("Rain 630 mm", Cite("a")), lang="en", sources=(Source("a", "TMD", date="2025"),), example=True
    )
    assert "Page 1" in text
    assert "Sources" in text
    assert "Example data" in text


def test_a_document_that_is_no_example_does_not_say_so() -> None:
    assert "ตัวอย่าง" not in words(p("ข้อความ"))


def test_the_headings_of_a_long_table_stand_on_every_page() -> None:
    table = Table("ตาราง", (Column("หัวแรก"), Column("หัวสอง")), [[str(n), "ข"] for n in range(90)])
    made = pages(to_pdf(Document("ชื่อ", blocks=(table,))))
    assert len(made) > 2
    assert all("หัวแรก" in page for page in made)


def test_a_row_taller_than_a_page_breaks_instead_of_vanishing() -> None:
    made = pages(to_pdf(Document("ชื่อ", blocks=(Table("", (Column("ก"),), [["คำยาว " * 1500 + "จบแล้ว"]]),))))
    assert len(made) > 1
    assert "จบแล้ว" in "".join(made)


def test_landscape_pages_lie_on_their_side_and_the_next_stand_again() -> None:
    made = to_pdf(Document("ชื่อ", blocks=(p("ก"), Landscape((p("ข"),)), p("ค"))))
    with pypdfium2.PdfDocument(made) as read:
        assert [page.get_width() > page.get_height() for page in read] == [False, True, False]


def test_a_document_on_its_side_begins_on_the_page_of_its_title() -> None:
    table = Table("", (Column("ก"), Column("ข")), [["หนึ่ง", "สอง"]])
    made = to_pdf(Document("ชื่อเรื่อง", blocks=(table,), landscape=True))
    with pypdfium2.PdfDocument(made) as read:
        assert [page.get_width() > page.get_height() for page in read] == [True]
    assert "ชื่อเรื่อง" in pages(made)[0]
    assert "สอง" in pages(made)[0]


def test_words_at_the_foot_of_a_page_are_found_as_they_are_written() -> None:
    foot = "แผนพัฒนาท้องถิ่น ครั้งที่ 1 ทั้งเมือง"
    (page,) = pages(to_pdf(Document("ชื่อ", blocks=(p("ก"),), footer=foot)))
    assert foot in page


def test_the_file_carries_title_language_outline_and_tags() -> None:
    made = sample_pdf()
    with pypdfium2.PdfDocument(made) as read:
        assert "แผนยุทธศาสตร์เมือง" in read.get_metadata_dict()["Title"]
        outline = [mark.get_title() for mark in read.get_toc()]
    assert any("วิสัยทัศน์" in title for title in outline)
    assert b"/Lang" in made
    assert b"pdfuaid" in made
    assert b"Sarabun" in made


def test_headings_may_begin_at_any_level() -> None:
    assert "ลึก" in words(h(4, "ลึก"), h(1, "ตื้น"), h(3, "กลาง"))


def test_markup_in_words_is_printed_and_not_obeyed() -> None:
    text = words(
        p(HOSTILE),
        h(1, HOSTILE),
        Table(HOSTILE, (Column(HOSTILE),), [[HOSTILE]]),
        Paragraph(HOSTILE, "vision"),
    )
    flat = text.replace("\n", " ")
    assert '#read("/etc/passwd") $x^2$ [a] *b* _c_ @d <e> \\' in flat
    assert "root:" not in text


@settings(max_examples=40, deadline=None)
@given(DRAWN)
def test_any_words_that_the_font_draws_can_be_printed_anywhere(text: str) -> None:
    source = Source("a", text, text, text)
    blocks = (
        h(2, text, number=text),
        p(text, Cite("a"), Note(text), Unpublished(text)),
        li(text),
        Table(text, (Column(text, group=text), Column(text)), [[text, Cell(text, cites=("a",))]], note=text),
    )
    made = to_pdf(Document(f"ก{text}", blocks=blocks, sources=(source,), footer=text, subtitle=text))
    assert made.startswith(b"%PDF")


def test_a_character_without_glyph_is_refused_by_name() -> None:
    with pytest.raises(MissingGlyphsError, match=r"U\+1019"):
        to_pdf(Document("ชื่อ", blocks=(p("မြန်မာ"),)))


def test_letters_in_a_drawing_are_checked_too() -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>\xe1\x80\x99</text></svg>'
    with pytest.raises(MissingGlyphsError):
        to_pdf(Document("ชื่อ", blocks=(Picture(svg, "svg", 20, alt="ก"),)))


@pytest.mark.parametrize(("data", "kind"), [(b"nothing", "png"), (b"<svg", "svg"), (b"\xff\xfe", "svg")])
def test_a_broken_picture_is_refused(data: bytes, kind: Any) -> None:
    with pytest.raises(PaperError):
        to_pdf(Document("ชื่อ", blocks=(Picture(data, kind, 20, alt="ก"),)))


def test_a_drawing_becomes_a_png_as_wide_as_asked() -> None:
    png = svg_to_png(SVG, 100)
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") == pytest.approx(100 / 25.4 * 220, rel=0.01)


def test_a_footnote_stands_at_the_foot_and_sources_at_the_end() -> None:
    text = words(
        p("ฝน", Note("เชิงอรรถยาว"), Cite("a")), sources=(Source("a", "กรมอุตุ", "https://tmd.go.th/1"),)
    )
    assert text.index("ฝน") < text.index("แหล่งที่มา") < text.index("เชิงอรรถยาว")
    assert "[1] กรมอุตุ" in text


def test_nested_list_items_keep_their_order() -> None:
    text = words(li("หนึ่งก"), ListItem("สองข", 2), ListItem("สามค", 3), li("สี่ง"))
    places = [text.index(item) for item in ("หนึ่งก", "สองข", "สามค", "สี่ง")]
    assert places == sorted(places)

"""Headings of narrow columns: wide enough for their longest word, which nothing parts."""

from __future__ import annotations

from io import BytesIO

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khlong.paper.docx import to_docx
from khlong.paper.fold import long_mm, longest_mm, raised, stretches
from khlong.paper.model import Cell, Column, Document, Table
from khlong.paper.official import Baht, FormBlock, FormColumn, FormRow, FormSheet, widths_mm
from khlong.paper.tests.fits import broken_headings, heading_cells


def test_a_thai_line_is_parted_between_words_and_a_latin_one_at_its_spaces() -> None:
    assert stretches("หน่วยงานรับผิดชอบหลัก") == ("หน่วยงาน", "รับผิดชอบ", "หลัก")
    assert stretches("mean of verification") == ("mean ", "of ", "verification")


def test_the_longest_word_is_measured_and_an_address_is_left_out() -> None:
    assert longest_mm("Source and mean of verification", 10) == long_mm("verification", 10)
    assert longest_mm("https://khlong.example/cities/phatong/plan and words", 10) == long_mm("words", 10)


@given(st.text("กขค งานน้ำabc ", max_size=60))
def test_stretches_joined_are_the_line_again(words: str) -> None:
    assert "".join(stretches(words)) == words


@given(st.lists(st.tuples(st.floats(1, 80), st.floats(1, 80)), min_size=1, max_size=9))
def test_raised_widths_fill_the_same_room_and_none_is_below_its_floor(
    pairs: list[tuple[float, float]],
) -> None:
    widths, floors = [mm for mm, _low in pairs], [low for _mm, low in pairs]
    room = sum(widths)
    made = raised(widths, floors, room)
    assert sum(made) == pytest.approx(room)
    if sum(floors) <= room:
        assert all(mm >= low - 1e-9 for mm, low in zip(made, floors, strict=True))


@pytest.mark.parametrize("grid", [True, False])
def test_no_heading_is_broken_in_columns_that_asked_for_too_little(grid: bool) -> None:
    labels = [
        "Assumptions",
        "Source and mean of\nแหล่งข้อมูลและแหล่งตรวจสอบ",
        "หน่วยงานรับผิดชอบหลัก",
        "Baseline",
        "ก",
    ]
    columns = (*(Column(label, 12) for label in labels[:-1]), Column(labels[-1], 112))
    data = to_docx(Document(title="x", blocks=(Table("", columns, [["ข"] * 5], grid=grid),)))
    assert broken_headings(data) == []
    assert [words for words, _room, _size in heading_cells(data)] == labels


def test_a_bold_label_is_not_broken_in_a_narrow_column() -> None:
    columns = (Column("ก", 8), Column("ข", 152))
    data = to_docx(Document(title="x", blocks=(Table("", columns, [[Cell("Outcome(s)", bold=True), "ค"]]),)))
    first = next(room for words, room, _size in heading_cells(data) if words == "ก")
    assert first * 25.4 / 72 >= long_mm("Outcome(s)", 14)


def test_latin_lines_of_a_thai_heading_are_not_marked_as_thai() -> None:
    columns = (Column("Source and mean of verification\nแหล่งข้อมูล", 30), Column("ข"))
    data = to_docx(Document(title="x", blocks=(Table("", columns, [["ค", "ง"]]),)))
    made = docx.Document(BytesIO(data))
    latin, thai = made.tables[0].rows[0].cells[0].paragraphs[0].runs
    assert ('w:val="en-GB"' in latin._r.xml, "w:cs/" in latin._r.xml) == (True, False)
    assert "w:cs/" in thai._r.xml
    assert latin.text + thai.text == "Source and mean of verification\nแหล่งข้อมูล"


def test_a_column_of_a_form_is_as_wide_as_its_longest_figure() -> None:
    columns = (
        FormColumn("no", "ที่", 4),
        FormColumn("project", "โครงการ", 88),
        FormColumn("y2570", "2570\n(บาท)", 4, group="งบประมาณ", money=True),
    )
    rows = (
        FormRow((1, "ก", Baht(2_400_000_00))),
        FormRow(("รวม", Baht(12_400_000_00)), bold=True, label_over=2),
    )
    sheet = FormSheet("x", "แบบ ผ. 02", (), columns, (FormBlock(rows),))
    widths = widths_mm(sheet, 250, 11, 2)
    assert widths[2] >= long_mm("12,400,000", 11) + 2
    assert sum(widths) == pytest.approx(250)

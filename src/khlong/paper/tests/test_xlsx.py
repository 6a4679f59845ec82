"""The XLSX, read back."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khlong.paper.model import (
    Cell,
    Cite,
    Column,
    Document,
    Landscape,
    Source,
    Table,
    Unpublished,
    clause,
    h,
    li,
    p,
)
from khlong.paper.tests.sample import sample
from khlong.paper.xlsx import to_xlsx

A = Source("a", "กรมอุตุนิยมวิทยา", "https://tmd.go.th", "2568")
NUMBERS = (Column("ชื่อ"), Column("จำนวน", kind="number"), Column("เงิน", kind="money"))


def book(*blocks: Any, **about: Any) -> Any:
    return openpyxl.load_workbook(BytesIO(to_xlsx(Document("ชื่อ", blocks=blocks, **about))))


@cache
def sample_book() -> Any:
    return openpyxl.load_workbook(BytesIO(to_xlsx(sample())))


def words(sheet: Any) -> list[Any]:
    return [cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_there_is_a_sheet_of_words_one_for_each_table_and_one_of_sources() -> None:
    sheets = sample_book().sheetnames
    assert sheets[0] == "เอกสาร"
    assert sheets[-1] == "แหล่งที่มา"
    assert len(sheets) == 2 + 4
    assert book(p("Rain", Cite("a")), lang="en", sources=(A,)).sheetnames == ["Document", "Sources"]


def test_the_first_sheet_holds_title_headings_and_words_in_order() -> None:
    found = words(book(h(1, "หัว", number="1"), p("คำ"), li("ข้อ"), clause("ข้อ 1", "ความ")).worksheets[0])
    assert found == ["ชื่อ", "1 หัว", "คำ", "• ข้อ", "ข้อ 1  ความ"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=50), min_size=1, max_size=4))
def test_sheet_names_are_valid_and_unique_whatever_the_captions(captions: list[str]) -> None:
    tables = [Table(caption, (Column("ก"),), [["1"]]) for caption in captions]
    names = book(*tables, *tables).sheetnames
    assert len({name.lower() for name in names}) == 1 + 2 * len(captions)
    for name in names:
        assert 1 <= len(name) <= 31
        assert not set(name) & set("[]:*?/\\'")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_words_that_look_like_formulas_stay_words(text: str) -> None:
    sheet = book(p(text), Table(text, (Column(text),), [[text]])).worksheets[1]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert [cell.value for cell in cells] == [text] * 3
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix for cell in cells)


def test_figures_are_numbers_and_money_is_baht() -> None:
    sheet = book(Table("ต", NUMBERS, [["ก", 1234, 345_000_050], ["ข", 0.25, 100]])).worksheets[1]
    assert [cell.value for cell in sheet[3]] == ["ก", 1234, 3450000.5]
    assert [cell.number_format for cell in sheet[3]] == ["General", "#,##0", "#,##0.00"]
    assert [cell.value for cell in sheet[4]] == ["ข", 0.25, 1]
    assert sheet["B4"].number_format == "#,##0.00"


def test_thai_digits_are_a_matter_of_format_for_figures_and_days() -> None:
    columns = (Column("จำนวน", kind="number"), Column("วันที่", kind="date"))
    table = Table("ต", columns, [[1234, date(2025, 11, 27)]])
    sheet = book(table, thai_digits=True).worksheets[1]
    assert sheet["A3"].value == 1234
    assert sheet["A3"].number_format == "[$-D00041E]#,##0"
    assert sheet["B3"].value == datetime(2025, 11, 27)
    assert sheet["B3"].number_format.startswith("[$-D07041E]")
    assert book(table).worksheets[1]["B3"].number_format.startswith("[$-107041E]")
    assert book(table, lang="en").worksheets[1]["B3"].number_format == "d mmm yyyy"


def test_a_figure_keeps_its_source_number_in_the_next_column() -> None:
    table = Table("ต", NUMBERS, [["ก", Cell(33, cites=("a",)), 100], ["ข", 5, 100]])
    sheet = book(table, sources=(A,)).worksheets[1]
    assert [cell.value for cell in sheet[3]] == ["ก", 33, "[1]", 1]
    assert [cell.value for cell in sheet[4]][:2] == ["ข", 5]
    assert [cell.value for cell in sheet[2]] == ["ชื่อ", "จำนวน", None, "เงิน"]
    assert "แหล่งที่มา [1] กรมอุตุนิยมวิทยา, 2568" in words(sheet)


def test_citations_among_words_move_to_the_next_column_too() -> None:
    sheet = book(Table("ต", (Column("ก"),), [[("ฝน", Cite("a"))]]), sources=(A,)).worksheets[1]
    assert [cell.value for cell in sheet[3]] == ["ฝน", "[1]"]


def test_the_sources_sheet_lists_number_words_and_address() -> None:
    sheet = book(p(Cite("a")), sources=(A,)).worksheets[-1]
    assert words(sheet) == ["แหล่งที่มา", "[1]", "กรมอุตุนิยมวิทยา, 2568", "https://tmd.go.th"]


def test_headings_are_frozen_and_printed_on_every_page() -> None:
    columns = (Column("ที่"), Column("2566", group="งบ"), Column("2567", group="งบ"))
    sheet = book(Table("ต", columns, [["1", "2", "3"]])).worksheets[1]
    assert sheet.freeze_panes == "A4"
    assert sheet.print_title_rows == "$1:$3"
    assert {str(area) for area in sheet.merged_cells.ranges} == {"A2:A3", "B2:C2"}


def test_sheets_print_on_a4_as_wide_as_the_page() -> None:
    for at, sheet in enumerate(sample_book().worksheets):
        assert sheet.page_setup.paperSize == 9
        assert sheet.page_setup.orientation == ("landscape" if at else "portrait")
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert "หน้า &P" in sheet.oddFooter.right.text


def test_every_sheet_of_an_example_says_so() -> None:
    for sheet in sample_book().worksheets:
        assert sheet["A1"].value == "ข้อมูลตัวอย่าง"
        assert "ข้อมูลตัวอย่าง" in sheet.oddHeader.left.text
    assert "ข้อมูลตัวอย่าง" not in words(book(p("ก")).worksheets[0])


def test_what_is_not_published_is_hatched() -> None:
    cell = book(Table("ต", (Column("ก", kind="number"),), [[Unpublished()]])).worksheets[1]["A3"]
    assert cell.value == "ยังไม่เผยแพร่"
    assert cell.fill.patternType == "lightUp"


def test_tables_on_landscape_pages_have_sheets() -> None:
    inside = Table("ข้างใน", (Column("ก"),), [["1"]])
    assert book(Landscape((inside,))).sheetnames == ["เอกสาร", "ข้างใน"]


def test_an_ampersand_in_the_footer_is_printed_and_not_obeyed() -> None:
    assert book(p("ก"), footer="น้ำ & คน").worksheets[0].oddFooter.left.text == "น้ำ && คน"


@settings(max_examples=60, deadline=None)
@given(st.text())
def test_any_words_come_back_as_text(text: str) -> None:
    found = book(p("ก" + text), Table("ต", (Column("ก"),), [["ก" + text]]))
    assert found.worksheets[1]["A3"].data_type == "s"


def test_long_words_make_a_taller_row() -> None:
    sheet = book(Table("ต", (Column("ก", 40), Column("ข", 40)), [["คำ " * 80, ""], ["คำ", ""]])).worksheets[1]
    assert sheet.row_dimensions[3].height > 3 * sheet.row_dimensions[4].height

"""Documents of a plan with what its measures are and how they are known to work."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from khlong.paper.model import Cell, Document, Table
from khlong.paper.tests.fits import broken_headings, broken_in_sheets
from khlong.people.actor import ANONYMOUS
from khlong.places.models import City, Source
from khlong.strategy.actions import make_version
from khlong.strategy.formats import FORMATS
from khlong.strategy.indicators import new_indicator, save_indicator
from khlong.strategy.measures import detail_of, save_measure
from khlong.strategy.models import ItemKind, Plan
from khlong.strategy.paper import plan_document, plan_file
from khlong.strategy.tests.makers import SYSTEM, add, make_finding, measure_of, whole_plan
from khlong.strategy.tests.test_paper import docx_text, pdf_text, said, squeezed


@pytest.fixture
def plan(city: City, source: Source) -> Plan:
    made = whole_plan(city, source)
    measure = measure_of(made)
    values = {"kind": "ecosystem", "loses": "แผงค้า 4 แผง", "cost_satang": 185_000_000, "cost_source": source}
    save_measure(SYSTEM, detail_of(measure), values, findings=[make_finding(city)])
    indicator = {
        "name_th": "ชั่วโมงที่น้ำขัง",
        "unit_th": "ชั่วโมง",
        "city": city,
        "item": measure,
        "baseline": Decimal(19),
        "baseline_year": 2568,
    }
    save_indicator(SYSTEM, new_indicator(city.node, measure), indicator)
    make_version(SYSTEM, made)
    return made


def made(plan: Plan, **more: Any) -> Document:
    with override("th"):
        return plan_document(Plan.objects.get(pk=plan.pk), "th", ANONYMOUS, **more)


def tables(document: Document) -> list[Table]:
    return [block for block in document.blocks if isinstance(block, Table)]


def test_a_measure_of_which_something_is_said_has_a_table_below_its_words(plan: Plan) -> None:
    document = made(plan)
    found = [table for table in tables(document) if "M-PTG-0001" in str(table.caption)]
    assert len(found) == 1
    text = squeezed(repr(found[0].rows))
    for words in ("ระบบนิเวศ", "แผงค้า4แผง", "1,850,000", "ไม่ได้ระบุ", "F-PTG-0001"):
        assert words in text, words
    assert not [table for table in tables(document) if "M-PTG-0002" in str(table.caption)]
    assert "S10" in {row.key for row in document.sources}


def test_the_annex_lists_the_indicators_and_they_are_no_longer_called_unpublished(plan: Plan) -> None:
    text = said(made(plan))
    for words in ("ชั่วโมงที่น้ำขัง", "19(2568)", "I-PTG-0001"):
        assert words in text, words
    missing = text[text.rindex("ยังไม่เผยแพร่") - 400 :]
    assert "ตัวชี้วัด" not in missing


@pytest.mark.parametrize("lang", ["th", "en"])
def test_no_word_of_a_heading_is_broken_in_the_tables_of_a_plan(plan: Plan, lang: str) -> None:
    assert broken_headings(plan_file(plan, "docx", lang, ANONYMOUS)) == []
    assert broken_in_sheets(plan_file(plan, "xlsx", lang, ANONYMOUS)) == []


def test_the_year_of_a_baseline_is_told_in_the_readers_era(plan: Plan) -> None:
    with override("en"):
        text = said(plan_document(plan, "en", ANONYMOUS))
    assert ("19(2025)" in text, "2568" in text) == (True, False)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_holds_the_details_and_the_indicators(plan: Plan, kind: str) -> None:
    data = plan_file(plan, kind, "th", ANONYMOUS)
    if kind == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(data))
        cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
        text = squeezed("".join(cells))
    else:
        text = docx_text(data) if kind == "docx" else pdf_text(data)
    for words in ("แผงค้า4แผง", "ชั่วโมงที่น้ำขัง", "M-PTG-0001"):
        assert squeezed(words) in text, words


def test_a_workbook_has_two_sheets_for_all_measures(plan: Plan, city: City) -> None:
    for number in range(5):
        more = add(plan, f"มาตรการที่ {number}", ItemKind.MEASURE)
        save_measure(SYSTEM, detail_of(more), {"gains": "ทุกคน"})
    make_version(SYSTEM, plan)
    per_measure = len(tables(made(plan)))
    assert len(tables(made(plan, workbook=True))) == per_measure - 4


def test_the_two_sheets_of_the_measures_hold_all_that_is_said_of_one(plan: Plan) -> None:
    found = [table for table in tables(made(plan, workbook=True)) if str(table.caption).startswith("มาตรการ")]
    single = next(table for table in tables(made(plan)) if "M-PTG-0001" in str(table.caption))
    told = {_value(row[1]) for row in single.rows[:-1]}
    assert told <= {_value(cell) for table in found for row in table.rows for cell in row}
    heads = [str(column.label) for table in found for column in table.columns]
    shared = {head for head in heads if heads.count(head) == 2}
    assert len(found) == 2
    assert len(shared) == 3, "both sheets name the measure by number, reference and words"


def _value(cell: Any) -> str:
    return str(cell.value if isinstance(cell, Cell) else cell)


def test_the_sheets_of_the_measures_are_wide_and_print_on_a3_with_their_headings(plan: Plan) -> None:
    book: Any = openpyxl.load_workbook(io.BytesIO(plan_file(plan, "xlsx", "th", ANONYMOUS)))
    sheets = [sheet for sheet in book.worksheets if sheet.title.startswith("มาตรการ")]
    assert len(sheets) == 2
    for sheet in sheets:
        setup = sheet.page_setup
        assert (setup.orientation, str(setup.paperSize), setup.fitToHeight) == ("landscape", "8", 0)
        heading = int(sheet.print_title_rows.rpartition("$")[2])
        assert sheet.freeze_panes == f"C{heading + 1}"
        widths = [sheet.column_dimensions[cell.column_letter].width for cell in sheet[heading] if cell.value]
        assert widths[2] == max(widths)
        assert min(widths[3:]) >= 10
        rows = [row for row in sheet.iter_rows(min_row=heading) if row[2].value]
        assert len(rows) == 2
        assert all(cell.alignment.wrap_text for row in rows for cell in row if cell.value)


def test_a_document_asks_no_more_for_more_measures(plan: Plan) -> None:
    with CaptureQueriesContext(connection) as few:
        made(plan)
    for number in range(8):
        more = add(plan, f"มาตรการที่ {number}", ItemKind.MEASURE)
        save_measure(SYSTEM, detail_of(more), {"gains": "ทุกคน"})
    make_version(SYSTEM, plan)
    with CaptureQueriesContext(connection) as many:
        made(plan)
    assert len(many) == len(few)


def test_what_a_reader_may_not_see_is_not_printed(plan: Plan, city: City) -> None:
    hidden = make_finding(city, "ลับ", hidden=True)
    save_measure(SYSTEM, detail_of(measure_of(plan)), {}, findings=[hidden])
    assert hidden.ref not in said(made(plan))

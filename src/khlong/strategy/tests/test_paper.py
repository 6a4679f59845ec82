"""Plans and city sheets as documents: the vision letter for letter, every figure with its citation."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from khlong.chain.models import Node, Visibility
from khlong.paper.model import Cell, Document, Heading, Paragraph, Table
from khlong.people.actor import ANONYMOUS
from khlong.places.actions import withdraw_fact
from khlong.places.models import City, Source
from khlong.strategy.actions import make_version, save_passage
from khlong.strategy.city_sheet import city_document
from khlong.strategy.formats import FORMATS
from khlong.strategy.models import Item, Language, Plan
from khlong.strategy.paper import city_file, plan_document, plan_file, writer
from khlong.strategy.tests.makers import (
    SYSTEM,
    VISION,
    VISION_EN,
    add,
    figures,
    group,
    make_plan,
    passage_of,
    whole_plan,
)
from khlong.thai.digits import to_thai

SIGNATURES = {"docx": b"PK\x03\x04", "xlsx": b"PK\x03\x04", "pdf": b"%PDF-"}


@pytest.fixture
def plan(city: City, source: Source) -> Plan:
    made = whole_plan(city, source)
    make_version(SYSTEM, made)
    figures(city, source, 10412, 10413)
    group(city, source, "คนดั้งเดิม")
    return made


def squeezed(text: str) -> str:
    """Text without blanks and marks that only guide line breaks."""
    return re.sub(r"[\s\u00a0\u200b\u2060\ufeff]", "", text)


def docx_text(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        parts = [
            file.read(name).decode()
            for name in file.namelist()
            if name.endswith(".xml") and name.startswith("word/")
        ]
    return squeezed("".join(re.findall(r"<w:t[^>]*>([^<]*)</w:t>", "".join(parts))))


def pdf_text(data: bytes) -> str:
    with pypdfium2.PdfDocument(data) as read:
        return squeezed("".join(page.get_textpage().get_text_range() for page in read))


def made(plan: Plan, lang: str = "th", **more: Any) -> Document:
    with override(lang):
        return plan_document(plan, lang, ANONYMOUS, **more)  # type: ignore[arg-type]


def tables(document: Document) -> list[Table]:
    return [block for block in document.blocks if isinstance(block, Table)]


def said(document: Document) -> str:
    return squeezed(repr(document.blocks))


@pytest.mark.parametrize("lang", ["th", "en"])
@pytest.mark.parametrize("kind", FORMATS)
def test_a_plan_and_a_city_are_written_in_every_format(plan: Plan, kind: str, lang: str) -> None:
    for data in (plan_file(plan, kind, lang, ANONYMOUS), city_file(plan.city, kind, lang, ANONYMOUS)):
        assert data.startswith(SIGNATURES[kind])


def test_another_format_is_refused(plan: Plan) -> None:
    with pytest.raises(KeyError):
        plan_file(plan, "odt", "th", ANONYMOUS)
    with pytest.raises(KeyError):
        writer("")


def test_the_vision_stands_letter_for_letter_in_word_and_pdf(plan: Plan) -> None:
    for lang in ("th", "en"):
        assert squeezed(VISION) in docx_text(plan_file(plan, "docx", lang, ANONYMOUS))
        assert squeezed(VISION) in pdf_text(plan_file(plan, "pdf", lang, ANONYMOUS))
    assert squeezed(VISION) in docx_text(city_file(plan.city, "docx", "th", ANONYMOUS))


def test_every_figure_bears_a_citation_and_the_list_of_sources_is_complete(
    plan: Plan, source: Source
) -> None:
    second = Source.objects.create(key="S11", publisher_th="เทศบาลตำบลพะตง", url="https://example.org/2")
    figures(plan.city, second, 10500)
    document = made(plan)
    (table,) = [table for table in tables(document) if table.caption]
    cells = [row[1] for row in table.rows]
    assert len(cells) == 3
    cited = {key for cell in cells if isinstance(cell, Cell) for key in cell.cites}
    assert all(isinstance(cell, Cell) and cell.cites for cell in cells)
    assert cited == {row.key for row in document.sources} == {"S10", "S11"}
    assert {row.url for row in document.sources} == {source.url, second.url}


def test_values_that_differ_stand_side_by_side(plan: Plan) -> None:
    (table,) = [table for table in tables(made(plan)) if table.caption]
    amounts = [squeezed(repr(row[1])) for row in table.rows]
    assert [any(number in amount for amount in amounts) for number in ("10,412", "10,413")] == [True, True]


def test_a_source_is_dated_or_says_that_it_is_undated(plan: Plan, source: Source) -> None:
    with override("en"):
        assert (
            made(plan, "en").sources[0].date == "17 June 2022 CE"
            or "2022" in made(plan, "en").sources[0].date
        )
    source.date = None
    source.save()
    plan = Plan.objects.get(pk=plan.pk)
    assert made(plan, "en").sources[0].date == "undated"


def test_english_words_are_marked_as_our_translation_beside_the_thai_that_counts(plan: Plan) -> None:
    english = said(made(plan, "en"))
    assert squeezed(f"Our translation of “{VISION}”") in english
    assert squeezed(VISION_EN) in english
    assert squeezed("Our translation of “จัดการน้ำร่วมกัน”") in english
    assert "ourtranslation" not in said(made(plan)).casefold()


def test_the_english_sheet_of_a_city_marks_the_vision_as_our_translation(plan: Plan) -> None:
    with override("en"):
        sheet = said(city_document(plan.city, "en", ANONYMOUS))
    assert squeezed(f"Our translation of “{VISION}”") in sheet


def test_what_has_no_translation_stands_in_thai_and_is_not_called_ours(plan: Plan) -> None:
    english = said(made(plan, "en"))
    assert "พัฒนาคุณภาพชีวิต" in english
    assert squeezed("Our translation of “พัฒนาคุณภาพชีวิต”") not in english


def test_headings_and_clauses_bear_their_numbers(plan: Plan) -> None:
    document = made(plan)
    numbers = [block.number for block in document.blocks if isinstance(block, Heading) and block.level == 1]
    assert numbers == [f"{number}." for number in range(1, len(numbers) + 1)]
    text = said(document)
    assert text.index("ตลาดไม่ท่วม") < text.index("ขุดลอกคลองตง") < text.index("ตั้งเวรเฝ้าระวัง")


def test_an_example_says_so_on_the_document_and_in_every_format(city: City, source: Source) -> None:
    example = make_plan(city, source, example=True)
    add(example, "x")
    document = made(example)
    assert document.example
    with override("th"):
        assert "ข้อมูลตัวอย่าง" in docx_text(plan_file(example, "docx", "th", ANONYMOUS))
        assert squeezed("ข้อมูลตัวอย่าง") in pdf_text(plan_file(example, "pdf", "th", ANONYMOUS))


def test_a_real_plan_bears_no_mark_of_an_example(plan: Plan) -> None:
    assert not made(plan).example
    assert "ข้อมูลตัวอย่าง" not in docx_text(plan_file(plan, "docx", "th", ANONYMOUS))


def test_thai_digits_are_used_when_asked_for(plan: Plan) -> None:
    assert to_thai("10,412") in docx_text(plan_file(plan, "docx", "th", ANONYMOUS, thai_digits=True))
    assert "10,412" in docx_text(plan_file(plan, "docx", "th", ANONYMOUS))


def test_the_newest_version_is_printed_and_not_what_waits_for_the_next(plan: Plan) -> None:
    vision = Item.objects.get(kind="vision")
    save_passage(SYSTEM, passage_of(vision), Language.THAI, "ยังไม่ออกเป็นฉบับ")
    assert squeezed(VISION) in said(made(plan))
    assert "ยังไม่ออกเป็นฉบับ" not in said(made(plan))
    make_version(SYSTEM, plan)
    assert "ยังไม่ออกเป็นฉบับ" in said(made(plan))


def test_what_is_not_published_is_named_and_never_filled_in(plan: Plan) -> None:
    english = said(made(plan, "en"))
    assert squeezed("first year: not published") in english
    assert "indicators" in english


def test_a_plan_with_a_first_year_says_it(city: City, source: Source) -> None:
    dated = make_plan(city, source, horizon_years=5, start_year=2566)
    add(dated, "x")
    assert "2566" in said(made(dated))
    english = said(made(dated, "en"))
    assert ("2023" in english, "2566" in english) == (True, False)


def test_what_is_withdrawn_is_not_printed_for_the_public(
    plan: Plan, city: City, source: Source, cast: Any
) -> None:
    (hidden,) = figures(city, source, 99999)
    withdraw_fact(SYSTEM, hidden)
    assert "99,999" not in said(made(plan))
    with override("th"):
        assert "99,999" in said(plan_document(plan, "th", cast.actors["member"]))


def test_the_sheet_of_a_city_does_not_show_a_plan_that_is_not_published(plan: Plan, cast: Any) -> None:
    Node.objects.filter(pk=plan.pk).update(visibility=Visibility.MEMBERS)
    with override("th"):
        assert squeezed(VISION) not in said(city_document(plan.city, "th", ANONYMOUS))
        assert squeezed(VISION) in said(city_document(plan.city, "th", cast.actors["observer"]))


def test_a_city_without_a_plan_says_so_on_its_sheet(city: City) -> None:
    with override("en"):
        document = city_document(city, "en", ANONYMOUS)
    assert squeezed("vision and strategies: not published") in said(document)
    assert all(isinstance(block, Paragraph | Table) for block in document.blocks)


def test_a_document_takes_no_more_queries_for_more_facts(plan: Plan, city: City, source: Source) -> None:
    with CaptureQueriesContext(connection) as few:
        made(Plan.objects.get(pk=plan.pk))
    figures(city, source, *range(30))
    with CaptureQueriesContext(connection) as many:
        made(Plan.objects.get(pk=plan.pk))
    assert len(many) == len(few)

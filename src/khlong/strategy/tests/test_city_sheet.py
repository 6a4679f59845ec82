"""A city on one page: published facts only, as many as the page holds."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from khlong.assessment.actions import save_event
from khlong.assessment.models import Event
from khlong.chain.models import Kind, Node, Visibility
from khlong.chain.things import new_thing
from khlong.paper.model import Cell, Document, Table
from khlong.paper.tall import PAGE_MM, tall_mm
from khlong.people.actor import ANONYMOUS
from khlong.places.actions import new_fact, save_fact, withdraw_fact
from khlong.places.models import City, Fact, FactTopic, Source, Unit
from khlong.strategy.actions import make_version
from khlong.strategy.city_sheet import city_document
from khlong.strategy.models import ItemKind, Plan
from khlong.strategy.paper import city_file
from khlong.strategy.tests.makers import SYSTEM, add, figures, whole_plan
from khlong.strategy.tests.test_paper import docx_text, said, squeezed
from khlong.thai.dates import Span


@pytest.fixture
def plan(city: City, source: Source) -> Plan:
    made = whole_plan(city, source)
    make_version(SYSTEM, made)
    return made


def sheet(city: City, lang: Any = "th", actor: Any = ANONYMOUS) -> Document:
    with override(lang):
        return city_document(City.objects.get(pk=city.pk), lang, actor)


def flood(city: City, name: str = "น้ำท่วม 2568", day: date = date(2025, 11, 23)) -> Event:
    values = {"name_th": name, "hazard": "flood", "date": Span.day(day)}
    return save_event(SYSTEM, new_thing(Event, Kind.EVENT, space=city.node), values, links={"cities": [city]})


def given(about: Node, source: Source, value: int, **more: Any) -> Fact:
    topic, _made = FactTopic.objects.get_or_create(
        key="dead", defaults={"label_th": "ผู้เสียชีวิต", "label_en": "dead"}
    )
    unit, _made = Unit.objects.get_or_create(key="people", defaults={"label_th": "คน", "label_en": "people"})
    values = {"topic": topic, "unit": unit, "source": source, "mark": "A", "value": Decimal(value)}
    return save_fact(SYSTEM, new_fact(about), values | more)


def table_of(document: Document, caption: str) -> Table:
    return next(block for block in document.blocks if isinstance(block, Table) and block.caption == caption)


def words_of(cell: Any) -> str:
    return squeezed(repr(cell.value if isinstance(cell, Cell) else cell))


def test_an_event_stands_with_its_day_and_the_figures_that_differ(
    plan: Plan, city: City, source: Source
) -> None:
    event = flood(city)
    given(event.node, source, 142)
    given(event.node, source, 110, mark="B")
    ((day, name, said_of_it),) = table_of(sheet(city), "ภัยและเหตุการณ์").rows
    assert (day, name) == ("23 พ.ย. 2568", "น้ำท่วม 2568")
    told = words_of(said_of_it)
    assert told.index("142คน") < told.index("110คน")
    assert told.count("Cite(") == 2
    assert "B = " in str(table_of(sheet(city), "ภัยและเหตุการณ์").note)
    assert "B=" not in said(sheet(city)).replace("B=อ้าง", "", 1), "said once, where such a figure stands"


def test_a_day_is_told_in_the_common_era_in_english(plan: Plan, city: City) -> None:
    flood(city)
    ((day, _name, figures_),) = table_of(sheet(city, "en"), "Hazards and events").rows
    assert day == "23 Nov 2025"
    assert words_of(figures_) == "['–']"


def test_figures_keep_unit_year_and_source_and_people_come_first(city: City, source: Source) -> None:
    given(city.node, source, 7, time=Span.year(2023))
    figures(city, source, 13398)
    table = table_of(sheet(city), "ตัวเลขและแหล่งที่มา")
    assert [words_of(row[1]).split("'")[1] for row in table.rows] == ["13,398คน", "7คน"]
    assert table.rows[1][2] == "พ.ศ. 2566"
    assert len(sheet(city).sources) == 1


def test_what_is_withdrawn_or_hidden_does_not_stand_on_the_sheet(
    city: City, source: Source, cast: Any
) -> None:
    withdraw_fact(SYSTEM, given(city.node, source, 99))
    hidden = flood(city, "เหตุการณ์ลับ")
    Node.objects.filter(pk=hidden.pk).update(visibility=Visibility.MEMBERS)
    assert "99คน" not in said(sheet(city))
    assert "เหตุการณ์ลับ" not in said(sheet(city))
    assert "เหตุการณ์ลับ" in said(sheet(city, actor=cast.actors["member"]))


def test_the_stages_of_the_chain_are_counted_and_what_is_not_published_says_so(
    plan: Plan, city: City
) -> None:
    table = table_of(sheet(city, "en"), "How far the city's work reaches, by what it shows")
    (row,) = table.rows
    told = {str(column.label): words_of(cell) for column, cell in zip(table.columns, row, strict=True)}
    assert told["Findings"].startswith("Unpublished(")
    assert int(told["The plan and its measures"].strip("'")) > 0
    assert squeezed("Not published: first year of the plan") in said(sheet(city, "en"))


def test_the_example_keeps_nothing_back(plan: Plan, city: City) -> None:
    Node.objects.filter(pk=city.pk).update(is_example=True)
    assert squeezed("Not published:") not in said(sheet(city, "en"))


def test_a_strategy_names_how_many_measures_it_has(plan: Plan, city: City) -> None:
    strategy = next(item for item in plan.items.all() if item.kind == ItemKind.STRATEGY)
    for number in range(3):
        add(plan, f"มาตรการที่ {number}", ItemKind.MEASURE, parent=strategy)
    make_version(SYSTEM, plan)
    told = said(sheet(city, "en"))
    assert "1goal,5measures" in told


def test_however_much_is_known_the_sheet_stays_one_page(plan: Plan, city: City, source: Source) -> None:
    strategy = next(item for item in plan.items.all() if item.kind == ItemKind.STRATEGY)
    for number in range(30):
        add(plan, f"ขุดลอกคลองสายที่ {number} ตลอดแนวและปลูกต้นไม้ริมฝั่ง " * 2, ItemKind.MEASURE, parent=strategy)
        event = flood(city, f"น้ำท่วมใหญ่ครั้งที่ {number}", date(2025, 1, number + 1))
        given(event.node, source, 100 + number, scope_th="คนที่อยู่ในพื้นที่ริมคลองและทุ่งลุ่ม " * 3)
        given(city.node, source, 900 + number, scope_th="เฉพาะเขตเทศบาลตำบลที่ติดกับคลอง " * 4)
    make_version(SYSTEM, plan)
    for lang in ("th", "en"):
        document = sheet(city, lang)
        assert PAGE_MM * 0.8 < tall_mm(document) <= PAGE_MM, "full, and no fuller"
        pdf = city_file(City.objects.get(pk=city.pk), "pdf", lang, ANONYMOUS)
        assert len(pypdfium2.PdfDocument(io.BytesIO(pdf))) == 1
    assert squeezed("มีเหตุการณ์ก่อนหน้านี้อีก") in docx_text(
        city_file(City.objects.get(pk=city.pk), "docx", "th", ANONYMOUS)
    )


def test_the_sheet_asks_no_more_for_more_facts_and_events(plan: Plan, city: City, source: Source) -> None:
    given(flood(city).node, source, 1)
    with CaptureQueriesContext(connection) as few:
        sheet(city)
    for number in range(9):
        given(flood(city, f"น้ำท่วม {number}").node, source, number + 2)
        given(city.node, source, number)
    with CaptureQueriesContext(connection) as many:
        sheet(city)
    assert len(many) == len(few)

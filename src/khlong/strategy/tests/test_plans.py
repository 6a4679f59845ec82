"""A plan and its parts: order, numbers, versions that are frozen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils.translation import override

from khlong.chain.models import Node, Visibility
from khlong.people.actor import ANONYMOUS
from khlong.places.models import City, Source
from khlong.record.errors import Refused
from khlong.record.models import AuditEntry
from khlong.strategy.actions import add_item, make_version, move_item, publish_plan, remove_item, save_passage
from khlong.strategy.models import Item, ItemKind, Language, Plan, VersionEntry
from khlong.strategy.panels import missing_of, plan_panels, plan_rows
from khlong.strategy.queries import AT_A_GLANCE, books_of, plan_items, unversioned, version_book, working_book
from khlong.strategy.tests.makers import SYSTEM, VISION, VISION_EN, add, make_plan, passage_of, whole_plan


@pytest.fixture
def plan(city: City, source: Source) -> Plan:
    return whole_plan(city, source)


def item(text: str) -> Item:
    return Item.objects.select_related("node", "plan").get(node__title_th=text)


def lines(plan: Plan) -> list[tuple[str, str]]:
    return [(leaf.number, leaf.text) for leaf in working_book(plan).all()]


WHOLE = [
    ("", VISION),
    ("1", "จัดการน้ำร่วมกัน"),
    ("1.1", "ตลาดไม่ท่วม"),
    ("1.1.1", "ขุดลอกคลองตง"),
    ("1.2", "ตั้งเวรเฝ้าระวัง"),
    ("2", "พัฒนาคุณภาพชีวิต"),
]


def test_a_plan_is_read_part_by_part_with_numbers_and_a_vision_bears_none(plan: Plan) -> None:
    assert lines(plan) == WHOLE


def test_a_preamble_bears_no_number_and_takes_none_from_what_follows(plan: Plan) -> None:
    preamble = add(plan, "เรามีสายน้ำเดียวกัน", ItemKind.STATEMENT)
    for _step in range(3):
        move_item(SYSTEM, preamble, up=True)
    assert lines(plan)[:3] == [("", "เรามีสายน้ำเดียวกัน"), ("", VISION), ("1", "จัดการน้ำร่วมกัน")]


def test_a_book_tells_its_visions_from_its_chapters_and_counts_kinds(plan: Plan) -> None:
    book = working_book(plan)
    assert [leaf.text for leaf in book.visions] == [VISION]
    assert [leaf.text for leaf in book.chapters] == ["จัดการน้ำร่วมกัน", "พัฒนาคุณภาพชีวิต"]
    assert [book.count(kind) for kind in ItemKind.values] == [1, 2, 1, 2, 0]


def test_reading_a_plan_takes_two_queries_however_long_it_is(
    plan: Plan, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        assert len([leaf.item.ref for leaf in working_book(plan).all()]) == 6
    make_version(SYSTEM, plan)
    version = plan.versions.get()
    with django_assert_num_queries(1):
        assert len([leaf.item.ref for leaf in version_book(version).all()]) == 6


# --- adding, moving, removing ----------------------------------------------------------------


def test_a_part_is_added_at_the_end_of_its_whole_with_its_own_kind_of_reference(plan: Plan) -> None:
    measure = add(plan, "ปลูกป่าต้นน้ำ", ItemKind.MEASURE, parent=item("พัฒนาคุณภาพชีวิต"))
    assert measure.ref == "M-PTG-0003"
    assert lines(plan)[-1] == ("2.1", "ปลูกป่าต้นน้ำ")
    assert add(plan, "ใหม่").ref == "T-PTG-0005"


@pytest.mark.parametrize("text", ["", "  \n "])
def test_a_part_has_thai_words(plan: Plan, text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        add(plan, text, text_en="only English")
    assert set(caught.value.message_dict) == {"text_th"}
    assert len(lines(plan)) == 6


def test_a_part_belongs_to_a_part_of_the_same_plan(plan: Plan, other_city: City, source: Source) -> None:
    with pytest.raises(ValidationError) as caught:
        add(make_plan(other_city, source), "x", parent=item("จัดการน้ำร่วมกัน"))
    assert set(caught.value.message_dict) == {"parent"}


def test_a_part_changes_places_with_its_neighbour(plan: Plan) -> None:
    move_item(SYSTEM, item("พัฒนาคุณภาพชีวิต"), up=True)
    assert [text for _number, text in lines(plan)][:3] == [VISION, "พัฒนาคุณภาพชีวิต", "จัดการน้ำร่วมกัน"]
    move_item(SYSTEM, item("พัฒนาคุณภาพชีวิต"), up=False)
    assert lines(plan) == WHOLE


def test_at_the_end_nothing_moves_and_nothing_is_noted(plan: Plan) -> None:
    before = AuditEntry.objects.count()
    move_item(SYSTEM, item(VISION), up=True)
    move_item(SYSTEM, item("พัฒนาคุณภาพชีวิต"), up=False)
    assert lines(plan) == WHOLE
    assert AuditEntry.objects.count() == before


def test_a_part_that_was_left_out_moves_nothing(plan: Plan) -> None:
    gone = remove_item(SYSTEM, item("พัฒนาคุณภาพชีวิต"))
    before = lines(plan)
    for up in (True, False):
        move_item(SYSTEM, gone, up=up)
    assert lines(plan) == before


def test_a_part_moves_among_the_parts_of_its_whole_only(plan: Plan) -> None:
    move_item(SYSTEM, item("ตั้งเวรเฝ้าระวัง"), up=True)
    assert [text for number, text in lines(plan) if number.startswith("1.")] == [
        "ตั้งเวรเฝ้าระวัง",
        "ตลาดไม่ท่วม",
        "ขุดลอกคลองตง",
    ]


def test_a_part_with_parts_of_its_own_is_not_left_out_before_them(plan: Plan) -> None:
    with pytest.raises(Refused):
        remove_item(SYSTEM, item("ตลาดไม่ท่วม"))
    remove_item(SYSTEM, item("ขุดลอกคลองตง"))
    remove_item(SYSTEM, item("ตลาดไม่ท่วม"))
    assert lines(plan)[2] == ("1.1", "ตั้งเวรเฝ้าระวัง")


def test_a_part_left_out_keeps_its_words_and_its_history(plan: Plan) -> None:
    gone = remove_item(SYSTEM, item("พัฒนาคุณภาพชีวิต"))
    assert passage_of(gone).revisions.count() == 1
    values = gone.node.revisions.get(number=2).values
    assert (values["removed"], values["kind"]) == (True, "strategy")
    assert gone not in plan_items(plan)


# --- versions --------------------------------------------------------------------------------


def test_versions_count_up_and_hold_all_parts_in_reading_order(plan: Plan, cast: Any) -> None:
    first = make_version(cast.actors["member"], plan, note="ร่างแรก")
    assert (first.number, first.by, first.note, first.ref) == (1, "member", "ร่างแรก", f"{plan.ref} v1")
    assert [leaf.text for leaf in version_book(first).all()] == [text for _number, text in WHOLE]
    add(plan, "ใหม่")
    assert make_version(SYSTEM, plan).number == 2


def test_a_version_of_nothing_new_is_refused(plan: Plan) -> None:
    make_version(SYSTEM, plan)
    with pytest.raises(Refused) as caught:
        make_version(SYSTEM, plan)
    assert "1" in str(caught.value.reason)
    assert plan.versions.count() == 1


CHANGES: dict[str, Callable[[Plan], Any]] = {
    "words": lambda plan: save_passage(SYSTEM, passage_of(item(VISION)), Language.THAI, "อื่น"),
    "a translation": lambda plan: save_passage(SYSTEM, passage_of(item(VISION)), Language.ENGLISH, "Other"),
    "a new part": lambda plan: add(plan, "ใหม่"),
    "a part left out": lambda plan: remove_item(SYSTEM, item("พัฒนาคุณภาพชีวิต")),
    "two parts exchanged": lambda plan: move_item(SYSTEM, item("พัฒนาคุณภาพชีวิต"), up=True),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_waits_for_the_next_version_is_counted_and_an_old_version_stays_as_it_was(
    plan: Plan, change: str
) -> None:
    first = make_version(SYSTEM, plan)
    assert unversioned(plan, first) == 0
    frozen = [(leaf.number, leaf.text, leaf.english) for leaf in version_book(first).all()]
    CHANGES[change](plan)
    assert unversioned(plan, first) > 0
    assert [(leaf.number, leaf.text, leaf.english) for leaf in version_book(first).all()] == frozen
    second = make_version(SYSTEM, plan)
    assert unversioned(plan, second) == 0
    assert [(leaf.number, leaf.text, leaf.english) for leaf in version_book(second).all()] != frozen


def test_exchanging_two_parts_without_numbers_waits_for_a_version_too(plan: Plan) -> None:
    second = add(plan, "วิสัยทัศน์ที่สอง", ItemKind.VISION)
    first = make_version(SYSTEM, plan)
    for _step in range(3):
        move_item(SYSTEM, second, up=True)
    assert unversioned(plan, first) > 0
    assert make_version(SYSTEM, plan).number == 2


def test_before_the_first_version_everything_waits(plan: Plan) -> None:
    assert unversioned(plan, None) == 6


def test_how_many_parts_wait_is_counted_in_parts(plan: Plan) -> None:
    first = make_version(SYSTEM, plan)
    save_passage(SYSTEM, passage_of(item(VISION)), Language.THAI, "อื่น")
    add(plan, "ใหม่")
    assert unversioned(plan, first) == 2


def test_two_entries_never_stand_at_one_place(plan: Plan) -> None:
    version = make_version(SYSTEM, plan)
    entry = version.entries.first()
    assert entry is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        VersionEntry.objects.create(
            version=version, order=entry.order, item=entry.item, revision=entry.revision
        )


# --- what other pages show -------------------------------------------------------------------


def test_books_of_many_cities_take_one_query_and_are_the_newest_versions(
    plan: Plan, city: City, other_city: City, source: Source, django_assert_num_queries: Any
) -> None:
    make_version(SYSTEM, plan)
    add(plan, "ใหม่")
    make_version(SYSTEM, plan)
    make_version(SYSTEM, whole_plan(other_city, source))
    with django_assert_num_queries(1):
        books = books_of(ANONYMOUS, [city, other_city])
        assert {key: len(book.all()) for key, book in books.items()} == {city.pk: 7, other_city.pk: 6}


def test_a_book_for_a_glance_holds_the_first_parts_of_a_kind_and_counts_the_others(
    city: City, source: Source
) -> None:
    plan = make_plan(city, source)
    strategy = add(plan, "ยุทธศาสตร์น้ำ", ItemKind.STRATEGY)
    goal = add(plan, "เป้าหมายแรก", ItemKind.GOAL, parent=strategy)
    many = range(AT_A_GLANCE + 3)
    measures = [add(plan, f"มาตรการที่ {n}", ItemKind.MEASURE, parent=strategy) for n in many]
    add(plan, "ใต้มาตรการที่ไม่แสดง", ItemKind.GOAL, parent=measures[-1])
    for n in range(AT_A_GLANCE + 1):
        add(plan, f"ยุทธศาสตร์ {n}", ItemKind.STRATEGY)
    make_version(SYSTEM, plan)
    book = books_of(ANONYMOUS, [city])[city.pk]
    first, *others = book.leaves
    assert len(others) == AT_A_GLANCE + 1
    assert [part.item for part in first.parts] == [goal, *measures[:AT_A_GLANCE]]
    assert [part.item for part in first.measures] == measures[:AT_A_GLANCE]
    assert first.more == 3
    assert {leaf.more for leaf in others} == {0}


def test_the_page_of_a_city_leads_to_the_rest_of_a_long_plan_and_says_what_of_it_is_not_published(
    city: City, source: Source, client: Client
) -> None:
    plan = make_plan(city, source)
    long = add(plan, "Long")
    add(plan, "Bare")
    for n in range(AT_A_GLANCE + 2):
        add(plan, f"Measure-{n}", ItemKind.MEASURE, parent=long)
    make_version(SYSTEM, plan)
    publish_plan(SYSTEM, plan)
    client.cookies["khlong_language"] = "en"
    page = client.get("/cities/phatong/").content.decode()
    assert "2 more in the plan" in page
    assert f"Measure-{AT_A_GLANCE - 1}" in page
    assert f"Measure-{AT_A_GLANCE}" not in page
    assert page.count("Measures and results: not published") == 1
    assert page.index("Measures and results: not published") > page.index("Bare")


def test_a_plan_without_a_version_or_not_published_is_no_book_for_the_public(
    plan: Plan, city: City, cast: Any
) -> None:
    assert books_of(ANONYMOUS, [city]) == {}
    make_version(SYSTEM, plan)
    Node.objects.filter(pk=plan.pk).update(visibility=Visibility.MEMBERS)
    assert books_of(ANONYMOUS, [city]) == {}
    assert set(books_of(cast.actors["observer"], [city])) == {city.pk}


def test_a_list_of_cities_shows_the_vision_in_the_readers_language(plan: Plan, city: City) -> None:
    make_version(SYSTEM, plan)
    with override("th"):
        row = plan_rows(ANONYMOUS, [city])[city.pk]
        assert (row["vision"], row["our_translation"]) == (VISION, False)
        assert row["strategies"] == "จัดการน้ำร่วมกัน, พัฒนาคุณภาพชีวิต"
    with override("en"):
        row = plan_rows(ANONYMOUS, [city])[city.pk]
        assert (row["vision"], row["our_translation"]) == (VISION_EN, True)
        assert row["strategies"] == "Manage water together, พัฒนาคุณภาพชีวิต"


def test_what_a_plan_does_not_say_is_named(plan: Plan, city: City, source: Source, other_city: City) -> None:
    with override("en"):
        assert missing_of(working_book(plan))[0] == "first year of the plan"
        assert "goals" not in missing_of(working_book(plan))
        bare = make_plan(other_city, source, start_year=2566)
        add(bare, "หนึ่ง")
        assert missing_of(working_book(bare))[:2] == ("goals", "measures")
        missing = [name for panel in plan_panels(ANONYMOUS, other_city) for name in panel.missing]
        assert missing[0] == "vision"


def test_a_plan_is_written_by_its_working_group(plan: Plan, cast: Any) -> None:
    for name in ("anonymous", "observer", "stranger"):
        with pytest.raises(Refused):
            add_item(cast.actors[name], plan, ItemKind.MEASURE, "x")
        with pytest.raises(Refused):
            make_version(cast.actors[name], plan)
    assert add_item(cast.actors["member"], plan, ItemKind.MEASURE, "x").node.is_example is False

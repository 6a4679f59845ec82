"""The search is in step with every action, shows each reader what they may see, and reads well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from khlong.__main__ import main
from khlong.chain.finding import hits, marked
from khlong.chain.load import load_all
from khlong.chain.models import Node, Visibility
from khlong.chain.search import _texts, entry_of, index_if_empty, reindex, together
from khlong.places import actions as places
from khlong.places.models import City, Fact, Source
from khlong.record import search
from khlong.record.models import SearchEntry
from khlong.record.search import words_of
from khlong.strategy import actions as strategy
from khlong.strategy.models import Item, ItemKind, Language
from khlong.web.tests import test_actions
from khlong.web.tests.action_cases import CASES, Case
from khlong.web.tests.world import SYSTEM, World, build, fact_values

SECRET = "เรื่องลับเฉพาะคณะทำงาน"


def found(actor: Any, typed: str) -> list[str]:
    shown, total = hits(words_of(typed), actor)
    assert total == len(shown) or total > 20
    return [hit.node.ref for hit in shown]


def fresh_entries() -> dict[Any, dict[str, Any]]:
    """What the index must hold, made from the nodes as they stand."""
    made = {}
    for node in Node.objects.all():
        texts: Any = _texts[node.kind]([node.pk]) if node.kind in _texts else {}
        own = texts.get(node.pk, ())
        if own is not None:
            made[node.pk] = plain(entry_of(node, own))
    return made


def plain(entry: SearchEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in search.FIELDS}


def kept_entries() -> dict[Any, dict[str, Any]]:
    return {entry.node: plain(entry) for entry in SearchEntry.objects.all()}


@pytest.fixture
def world(city: City, source: Source) -> World:
    return build(city.node, city, source)


@pytest.fixture
def fact(world: World, source: Source) -> Fact:
    values = fact_values(source, statement_th=SECRET, value=None, unit=None)
    return places.save_fact(SYSTEM, places.new_fact(world.city.node), values)


# --- in step -----------------------------------------------------------------------------------


@pytest.mark.parametrize("room", test_actions.ROOMS)
def test_the_index_is_in_step_after_every_action_of_a_room(
    room: str, world: World, source: Source, programme: Any, cast: Any
) -> None:
    test_actions.make_ready(world, world.city, source)
    assert kept_entries() == fresh_entries()
    cases = [case for case in CASES if case.action.startswith(f"{room}.") and "system" in case.may]
    assert cases
    assert [str(case) for case in cases if not in_step(case, world)] == []
    assert kept_entries() == fresh_entries()


def in_step(case: Case, world: World) -> bool:
    """Whether the index holds what it must after an action, which is then undone."""
    with transaction.atomic():
        case.call(world, SYSTEM)
        found = kept_entries() == fresh_entries()
        transaction.set_rollback(True)
    return found


def test_a_group_and_a_part_are_found_by_what_they_belong_to(world: World, source: Source, cast: Any) -> None:
    actor = cast.actors["anonymous"]
    assert found(actor, "คนดั้งเดิม") == [world.city.ref]
    assert found(actor, "ผู้ประสานงาน") == [world.organisation.ref]
    assert found(actor, "โซน 1") == [world.community.ref]
    places.save_group(SYSTEM, world.group, {"name_th": "คนต่างถิ่น"})
    assert (found(actor, "คนต่างถิ่น"), found(actor, "คนดั้งเดิม")) == ([world.city.ref], [])


def test_the_words_of_a_plan_are_found_as_its_newest_version_has_them_in_both_languages(
    world: World, cast: Any
) -> None:
    actor = cast.actors["anonymous"]
    assert found(actor, "manage water") == [world.item.ref]
    strategy.save_passage(SYSTEM, world.item.passage, Language.THAI, "ดูแลป่าชายเลน\nและปากน้ำ")
    assert found(actor, "ปากน้ำ") == []
    assert world.item.ref in found(actor, "จัดการน้ำ")
    strategy.make_version(SYSTEM, world.plan)
    assert found(actor, "ปากน้ำ") == [world.item.ref]
    assert world.item.ref not in found(actor, "จัดการน้ำ")


def test_a_part_left_out_of_a_plan_is_found_until_a_version_leaves_it_out(world: World, cast: Any) -> None:
    actor = cast.actors["anonymous"]
    assert world.below.ref in found(actor, "ขุดลอก")
    strategy.remove_item(SYSTEM, Item.objects.get(pk=world.below.pk))
    assert world.below.ref in found(actor, "ขุดลอก")
    strategy.make_version(SYSTEM, world.plan)
    assert world.below.ref not in found(actor, "ขุดลอก")


def test_a_part_that_no_version_ever_held_goes_when_it_is_removed(world: World, cast: Any) -> None:
    item = strategy.add_item(SYSTEM, world.plan, ItemKind.STATEMENT, "ข้อความชั่วคราว")
    assert found(cast.actors["anonymous"], "ชั่วคราว") == []
    assert found(cast.actors["member"], "ชั่วคราว") == [item.ref]
    strategy.remove_item(SYSTEM, Item.objects.get(pk=item.pk))
    assert found(cast.actors["member"], "ชั่วคราว") == []


# --- who finds what ----------------------------------------------------------------------------


def test_a_withdrawn_fact_is_found_by_the_working_group_only_and_by_all_when_published(
    fact: Fact, cast: Any
) -> None:
    assert all(found(actor, SECRET) == [fact.ref] for actor in cast.actors.values())
    places.withdraw_fact(SYSTEM, fact)
    who = {name for name, actor in cast.actors.items() if found(actor, SECRET)}
    assert who == {"owner", "member", "observer", "steward", "system"}
    places.publish_fact(SYSTEM, fact)
    assert all(found(actor, SECRET) == [fact.ref] for actor in cast.actors.values())


def test_a_withdrawn_plan_is_found_by_nobody_else_in_any_of_its_parts(world: World, cast: Any) -> None:
    strategy.withdraw_plan(SYSTEM, world.plan)
    for name in ("anonymous", "stranger"):
        for word in ("จัดการน้ำ", "ขุดลอก"):
            assert {ref[0] for ref in found(cast.actors[name], word)}.isdisjoint({"Y", "T"})
    assert world.item.ref in found(cast.actors["member"], "จัดการน้ำ")
    strategy.publish_plan(SYSTEM, world.plan)
    assert world.item.ref in found(cast.actors["anonymous"], "จัดการน้ำ")


def test_neither_the_count_nor_the_place_tells_what_is_hidden(fact: Fact, cast: Any, client: Client) -> None:
    places.withdraw_fact(SYSTEM, fact)
    response = client.get(reverse("chain:search"), {"q": SECRET})
    assert (response.context["answers"].total, response.context["answers"].hits) == (0, [])
    assert fact.ref not in response.content.decode()
    places.publish_fact(SYSTEM, fact)
    Node.objects.filter(ref="C-PTG").update(visibility=Visibility.MEMBERS)
    assert [
        hit.place for hit in client.get(reverse("chain:search"), {"q": SECRET}).context["answers"].hits
    ] == [""]


def test_a_node_hidden_behind_the_back_of_the_index_is_still_not_shown(fact: Fact, client: Client) -> None:
    Node.objects.filter(pk=fact.pk).update(visibility=Visibility.MEMBERS)
    assert fact.ref not in client.get(reverse("chain:search"), {"q": SECRET}).content.decode()


# --- making it anew ----------------------------------------------------------------------------


def test_reindex_makes_everything_anew_and_reports(world: World, capsys: Any) -> None:
    before = kept_entries()
    SearchEntry.objects.filter(ref=world.item.ref).update(words="ไม่ตรง")
    SearchEntry.objects.filter(ref=world.fact.ref).delete()
    search.keep([entry_of(Node(ref="X-GON-0001", kind="D", title_th="หายไปแล้ว", visibility="public"), [])])
    done = reindex()
    assert (done.entries, done.gone, done.mended) == (len(before), 1, False)
    assert kept_entries() == before
    assert main(["reindex"]) == 0
    assert capsys.readouterr().out.startswith(f"{len(before)} entries in the search")


def test_the_command_prints_what_the_public_finds(fact: Fact, capsys: Any) -> None:
    assert main(["search", SECRET[:8]]) == 0
    assert fact.ref in capsys.readouterr().out
    places.withdraw_fact(SYSTEM, fact)
    assert main(["search", SECRET[:8]]) == 1
    assert capsys.readouterr().out == ""


def test_a_database_older_than_the_search_is_indexed_once(world: World) -> None:
    before = kept_entries()
    SearchEntry.objects.all().delete()
    index_if_empty()
    assert kept_entries() == before
    with CaptureQueriesContext(connection) as asked:
        index_if_empty()
    assert len(asked) == 1


def test_what_is_gathered_and_fails_is_not_indexed(world: World) -> None:
    def fail() -> None:
        with transaction.atomic(), together():
            places.save_community(SYSTEM, world.community, {"name_th": "ชื่อที่ไม่ได้ใช้"})
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        fail()
    assert kept_entries() == fresh_entries()


@pytest.mark.slow
@pytest.mark.django_db
def test_all_that_is_loaded_is_found_and_loading_again_writes_nothing() -> None:
    load_all(Path(settings.DATA_DIR))
    assert SearchEntry.objects.count() == Node.objects.count() > 500
    assert kept_entries() == fresh_entries()
    for typed in ("ป่วย", "น้ำท่วม", "คลองละงู", "นา", "๒๕๖๕", "flood"):
        words = words_of(typed)
        truth = [e.ref for e in SearchEntry.objects.all() if all(w in e.words for w in words.all)]
        assert sorted(search.matching(words).values_list("ref", flat=True)) == sorted(truth) != []
    with CaptureQueriesContext(connection) as asked:
        load_all(Path(settings.DATA_DIR))
    assert not [q for q in asked.captured_queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


# --- the page ----------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["th", "en"])
def test_the_page_marks_the_hits_and_names_kind_place_and_reference(
    fact: Fact, client: Client, lang: str
) -> None:
    client.cookies["khlong_language"] = lang
    html = client.get(reverse("chain:search"), {"q": "คณะทำงาน"}).content.decode()
    assert "<mark>คณะทำงาน</mark>" in html
    assert fact.get_absolute_url() in html
    assert fact.ref in html
    assert {"th": "ข้อเท็จจริง", "en": "fact"}[lang] in html
    assert {"th": "พะตง", "en": "Phatong"}[lang] in html
    assert ('lang="th">' in html.partition('class="found"')[2]) is (lang == "en")


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ("", 200, "พิมพ์คำ ชื่อสถานที่"),
        ("   ", 200, "พิมพ์คำ ชื่อสถานที่"),
        ("ไม่มีคำนี้เลย", 200, "ไม่พบรายการ"),
        ("\u200b", 422, "ไม่มีตัวอักษร"),
        ("น้ำ " + "ก" * 10_000, 200, "คำค้นยาวเกินไป"),
        ("\" ' % _ \\ * ( ) : ^ - NEAR(", 200, "ไม่พบรายการ"),
    ],
)
def test_every_query_is_answered_in_words(
    world: World, client: Client, typed: str, status: int, words: str
) -> None:
    response = client.get(reverse("chain:search"), {"q": typed})
    assert response.status_code == status
    assert words in response.content.decode()


@pytest.mark.parametrize("page", ["2", "0", "-1", "x", "99999", "9" * 50, "๒"])
def test_a_page_that_is_not_there_is_no_fault(world: World, client: Client, page: str) -> None:
    assert client.get(reverse("chain:search"), {"q": "น้ำ", "page": page}).status_code == 200


def test_many_answers_come_in_pages_and_cost_the_same(world: World, source: Source, client: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("chain:search"), {"q": "รายการที่"})
        return len(queries)

    def add(count: int) -> None:
        for number in range(count):
            values = fact_values(source, statement_th=f"รายการที่ {number}", value=None, unit=None)
            places.save_fact(SYSTEM, places.new_fact(world.city.node), values)

    add(3)
    few = asked()
    add(20)
    assert asked() == few <= 4
    first = client.get(reverse("chain:search"), {"q": "รายการที่"})
    second = client.get(reverse("chain:search"), {"q": "รายการที่", "page": "2"})
    shown = [hit.node.ref for page in (first, second) for hit in page.context["answers"].hits]
    assert (len(shown), len(set(shown)), first.context["answers"].total) == (23, 23, 23)
    assert "page=2" in first.content.decode()


def test_what_was_typed_is_never_markup_and_stays_in_the_field(world: World, client: Client) -> None:
    html = client.get(reverse("chain:search"), {"q": '<b>"x'}).content.decode()
    assert "<b>&quot;x" not in html
    assert 'value="&lt;b&gt;&quot;x"' in html


@pytest.mark.parametrize(
    ("address", "fields"), [("/", 1), ("/search/", 1), ("/nowhere/", 1), ("/cities/", 1), ("/signin/", 1)]
)
def test_every_page_has_one_search_field_with_a_label(
    world: World, client: Client, address: str, fields: int
) -> None:
    html = client.get(address).content.decode()
    assert html.count('role="search"') == html.count('type="search"') == fields
    assert f'action="{reverse("chain:search")}"' in html
    name = html.partition('type="search" id="')[2].partition('"')[0]
    assert f'<label for="{name}">' in html


def test_marks_escape_what_they_mark_and_join_what_overlaps() -> None:
    assert str(marked("<b>", words_of("<b"))) == "<mark>&lt;b</mark>&gt;"
    assert str(marked("aabb", words_of("aab abb"))) == "<mark>aabb</mark>"
    assert str(marked("ปี ๒๕๖๕", words_of("2565"))) == "ปี <mark>๒๕๖๕</mark>"
    assert "<mark>" not in str(marked("abc", words_of("xyz")))


def test_an_excerpt_stands_around_the_hit_in_a_body(world: World, cast: Any) -> None:
    text = "ก่อนหน้า " * 40 + "คำที่หา" + " ตามหลัง" * 40
    strategy.save_passage(SYSTEM, world.item.passage, Language.THAI, f"หัวเรื่อง\n{text}")
    strategy.make_version(SYSTEM, world.plan)
    (hit,) = hits(words_of("คำที่หา"), cast.actors["anonymous"])[0]
    assert hit.excerpt is not None
    html = str(hit.excerpt.html)
    assert "<mark>คำที่หา</mark>" in html
    assert html.startswith("…")
    assert html.endswith("…")
    assert "<mark>" not in str(hit.title.html)
    same: Callable[[], Any] = lambda: hits(words_of("หัวเรื่อง"), cast.actors["anonymous"])[0][0].excerpt  # noqa: E731
    assert same() is None


def test_words_that_no_version_holds_yet_are_found_by_nobody_who_may_not_read_them(
    city: City, source: Source, client_of: Any
) -> None:
    from khlong.strategy import actions
    from khlong.strategy.models import ItemKind, Language
    from khlong.strategy.tests.makers import make_plan

    plan = make_plan(city, source)
    vision = actions.add_item(SYSTEM, plan, ItemKind.VISION, "เมืองที่อยู่กับน้ำได้")
    actions.make_version(SYSTEM, plan)
    actions.save_passage(SYSTEM, vision.passage, Language.THAI, "ถ้อยคำลับเฉพาะคณะทำงาน")
    for words, there in (("เมืองที่อยู่กับน้ำได้", True), ("ถ้อยคำลับเฉพาะ", False)):
        answer = client_of("anonymous").get("/search/", {"q": words})
        assert (vision.ref in answer.content.decode()) is there, words
    actions.make_version(SYSTEM, plan)
    answer = client_of("anonymous").get("/search/", {"q": "ถ้อยคำลับเฉพาะ"})
    assert vision.ref in answer.content.decode()

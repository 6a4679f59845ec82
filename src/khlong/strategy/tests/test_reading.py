"""The reading page: gates with their counts, dry and hatched stretches, the opened passage, the hall."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import JSONObject
from django.test import Client
from django.test.utils import CaptureQueriesContext

from khlong.assessment.models import Cause, Confidence, Finding
from khlong.chain.actions import keep_node, link, make_node
from khlong.chain.gaps import missing_at
from khlong.chain.models import EdgeKind, Kind, Node
from khlong.people.actor import ANONYMOUS
from khlong.places.models import City, Source
from khlong.strategy import faces
from khlong.strategy.actions import make_version, publish_plan, remove_item, save_passage
from khlong.strategy.faces import Line
from khlong.strategy.indicators import new_indicator, save_indicator
from khlong.strategy.measures import detail_of, save_measure
from khlong.strategy.models import Item, ItemKind, Language, Plan
from khlong.strategy.reading import PER_PAGE, link_kinds
from khlong.strategy.tests.makers import (
    SYSTEM,
    VISION,
    add,
    make_finding,
    make_plan,
    measure_of,
    passage_of,
    whole_plan,
)
from khlong.strategy.tests.test_views import shows

ClientOf = Callable[[str], Client]
BASE = "/cities/phatong/strategy/"


@pytest.fixture
def plan(city: City, source: Source) -> Plan:
    """A real city's plan, of which nothing but the words is published."""
    made = whole_plan(city, source)
    make_version(SYSTEM, made)
    return made


@pytest.fixture
def example(city: City, source: Source) -> Plan:
    """The training city's plan, where what is missing is dry."""
    made = make_plan(city, source, example=True)
    add(made, VISION, ItemKind.VISION)
    first = add(made, "อยู่กับน้ำอย่างรู้ล่วงหน้า")
    add(made, "บ้านริมคลองทุกหลังได้รับคำเตือน", ItemKind.GOAL, parent=first)
    for text in ("เปิดคลองไส้ไก่", "กำแพงกันตลิ่ง"):
        add(made, text, ItemKind.MEASURE, parent=first)
    make_version(SYSTEM, made)
    return made


def node(city: City, kind: Kind, title: str) -> Node:
    return keep_node(make_node(kind, space=city.node, title_th=title))


def whole_finding(city: City, title: str) -> Node:
    made = make_finding(city, title)
    finding = Finding.objects.create(
        node=made,
        city=city,
        statement_th=title,
        confidence=Confidence.HIGH,
        validated_on=date(2026, 3, 28),
    )
    first = Cause.objects.create(finding=finding, text_th="ปากท่อต่ำกว่าคลอง")
    Cause.objects.create(
        finding=finding, text_th="คลองไม่อยู่ในทะเบียนของใคร", explains=first, underlying=True, order=1
    )
    return made


def tie(plan: Plan, city: City) -> Item:
    """The canal's measure with voices, a finding and its why, a suggestion, a proposal and an indicator."""
    measure = measure_of(plan, "เปิดคลองไส้ไก่")
    finding = whole_finding(city, "น้ำเข้าก่อนคลองล้นตลิ่ง")
    voice = node(city, Kind.STATEMENT, "มันย้อนขึ้นจากท่อหลังบ้าน")
    link(SYSTEM, voice, finding, EdgeKind.RESTS_ON)
    link(SYSTEM, finding, measure.node, EdgeKind.RESTS_ON)
    for kind, title in ((Kind.SUGGESTION, "ขอเว้นหน้าท่า"), (Kind.PROPOSAL, "ต่อเทศบาล")):
        link(SYSTEM, measure.node, node(city, kind, title), EdgeKind.LEADS_TO)
    save_indicator(
        SYSTEM,
        new_indicator(city.node, measure),
        {"name_th": "ชั่วโมงที่น้ำขัง", "unit_th": "ชั่วโมง", "city": city, "item": measure},
    )
    return measure


def rows_of(page: Any) -> dict[str, Any]:
    return {row.leaf.text: row for row in page.context["page"].rows}


def missing(node: Node) -> set[str]:
    return {one.gap.key for one in missing_at(node, SYSTEM)[0]}


# --- counts ---------------------------------------------------------------------------------------


def test_links_are_counted_by_side_and_kind_in_one_query_as_the_reader_may_see(
    example: Plan, city: City
) -> None:
    measure = tie(example, city)
    hidden = make_finding(city, "ลับ", hidden=True)
    link(SYSTEM, hidden, measure.node, EdgeKind.RESTS_ON)
    with CaptureQueriesContext(connection) as queries:
        seen = link_kinds([measure.pk], ANONYMOUS)
    assert len(queries) == 1
    assert seen == {
        (measure.pk, "up", "F"): 1,
        (measure.pk, "down", "S"): 1,
        (measure.pk, "down", "P"): 1,
        (measure.pk, "down", "I"): 1,
    }
    assert link_kinds([measure.pk], SYSTEM)[(measure.pk, "up", "F")] == 2
    assert link_kinds([], SYSTEM) == {}


def test_the_work_that_a_space_shows_is_counted_with_the_links_as_the_reader_may_see(
    example: Plan, city: City
) -> None:
    measure = tie(example, city)
    links = link_kinds([measure.pk], ANONYMOUS)
    hidden = make_finding(city, "ลับ", hidden=True)
    with CaptureQueriesContext(connection) as queries:
        seen = link_kinds([measure.pk], ANONYMOUS, city.pk)
    assert len(queries) == 1
    shown = {kind: number for (key, way, kind), number in seen.items() if (key, way) == (city.pk, "shown")}
    assert set(shown) == {"H", "F", "S", "P", "I"}
    assert links.items() <= seen.items()
    assert len(seen) == len(links) + len(shown)
    everything = link_kinds([], SYSTEM, hidden.space_id)
    assert everything[(city.pk, "shown", "F")] == shown["F"] + 1


def test_a_gate_shows_the_number_of_its_links(example: Plan, city: City, client: Client) -> None:
    tie(example, city)
    row = rows_of(client.get(BASE))["เปิดคลองไส้ไก่"]
    assert (row.ups, row.downs, row.suggestions) == (1, 3, 1)


# --- dry and not published ------------------------------------------------------------------------


def test_what_misses_in_the_training_city_is_dry_and_only_the_working_group_gets_the_button(
    example: Plan, city: City, client_of: ClientOf
) -> None:
    tie(example, city)
    wall = measure_of(example, "กำแพงกันตลิ่ง")
    for name, has_button in (
        ("anonymous", False),
        ("observer", False),
        ("stranger", False),
        ("member", True),
    ):
        page = client_of(name).get(BASE)
        row = rows_of(page)["กำแพงกันตลิ่ง"]
        assert {stretch.key for stretch in row.dry} >= {"measure.no_finding"}, name
        mend = f"/parts/{wall.ref}/mend/measure.no_finding/"
        assert (mend in page.content.decode()) is has_button, name
        assert client_of("member").get(mend)["Location"] == f"/parts/{wall.ref}/measure/"
        assert "unpub" not in page.content.decode(), name
    wrong = client_of("member").get(f"/parts/{wall.ref}/mend/finding.no_cause/")
    assert wrong.status_code == 404
    assert {one.key for one in rows_of(client_of("member").get(BASE))["เปิดคลองไส้ไก่"].dry}.isdisjoint(
        {"measure.no_finding", "measure.no_indicator"}
    )


def test_a_gap_on_a_side_where_water_runs_is_told_of_the_opened_passage_only(
    example: Plan, city: City, client_of: ClientOf
) -> None:
    tie(example, city)
    wall = measure_of(example, "กำแพงกันตลิ่ง")
    link(SYSTEM, wall.node, node(city, Kind.PILOT, "เสาเข็มทดลอง"), EdgeKind.LEADS_TO)
    for address, told in ((BASE, False), (f"{BASE}?open={wall.ref}", True)):
        row = rows_of(client_of("member").get(address))["กำแพงกันตลิ่ง"]
        assert ("measure.no_indicator" in {one.key for one in row.dry}) is told, address


def test_a_real_city_is_hatched_and_never_dry_for_its_readers(plan: Plan, client: Client) -> None:
    page = client.get(BASE)
    html = page.content.decode()
    assert all(row.hatched and not row.dry for row in rows_of(page).values())
    assert 'class="dry"' not in html
    assert "<pattern" in html
    assert page.context["page"].opened is None
    assert page.context["page"].missing


def test_a_plan_of_bare_strategies_still_says_that_measures_are_not_published(
    city: City, source: Source, client: Client
) -> None:
    made = make_plan(city, source)
    add(made, VISION, ItemKind.VISION)
    add(made, "จัดการน้ำร่วมกัน")
    make_version(SYSTEM, made)
    client.cookies["khlong_language"] = "en"
    page = client.get(BASE)
    assert shows(page, "Measures and results: not published")
    assert shows(page, "จัดการน้ำร่วมกัน")


def test_a_measure_that_stands_under_no_strategy_is_a_passage_too(example: Plan, client: Client) -> None:
    for text in ("ปลูกไม้ชายคลอง", "ตั้งเวรเฝ้าระวัง"):
        add(example, text, ItemKind.MEASURE)
    make_version(SYSTEM, example)
    page = client.get(f"{BASE}?open={measure_of(example, 'ตั้งเวรเฝ้าระวัง').ref}")
    found = rows_of(page)
    assert page.context["page"].opened is found["ตั้งเวรเฝ้าระวัง"]
    assert [bool(found[text].heading) for text in ("ปลูกไม้ชายคลอง", "ตั้งเวรเฝ้าระวัง")] == [False, False]
    assert found["บ้านริมคลองทุกหลังได้รับคำเตือน"].heading
    assert shows(page, "ปลูกไม้ชายคลอง")


def test_the_same_gaps_are_told_by_the_chain(example: Plan, city: City) -> None:
    tied, wall = tie(example, city), measure_of(example, "กำแพงกันตลิ่ง")
    own = {"measure.no_finding", "measure.no_indicator"}
    assert missing(wall.node) & own == own
    assert missing(tied.node) & own == set()
    indicator = Node.objects.get(kind=Kind.INDICATOR)
    assert "indicator.no_value" in missing(indicator)
    link(SYSTEM, indicator, node(city, Kind.VALUE, "7"), EdgeKind.LEADS_TO)
    assert "indicator.no_value" not in missing(indicator)
    remove_item(SYSTEM, wall)
    assert missing(wall.node) & own == set()


def test_the_indicator_of_its_goal_counts_for_a_measure(
    example: Plan, city: City, client_of: ClientOf
) -> None:
    goal = measure_of(example, "บ้านริมคลองทุกหลังได้รับคำเตือน")
    below = add(example, "ประกาศเตือนสี่ภาษา", ItemKind.MEASURE, parent=goal)
    make_version(SYSTEM, example)
    said = {"name_th": "บ้านที่ได้คำเตือน", "unit_th": "หลัง", "city": city, "item": goal}
    assert "measure.no_indicator" in missing(below.node)
    save_indicator(SYSTEM, new_indicator(city.node, goal), said)
    assert "measure.no_indicator" not in missing(below.node)
    row = rows_of(client_of("member").get(BASE))["ประกาศเตือนสี่ภาษา"]
    assert "measure.no_indicator" not in {one.key for one in row.dry}


# --- the opened passage ---------------------------------------------------------------------------


def test_the_opened_passage_shows_voices_why_and_what_came_of_it(
    example: Plan, city: City, client: Client
) -> None:
    measure = tie(example, city)
    page = client.get(f"{BASE}?open={measure.ref}")
    html = page.content.decode()
    assert page.context["page"].opened.ref == measure.ref
    assert f'id="s-{measure.ref}"' in html
    for words in (
        "มันย้อนขึ้นจากท่อหลังบ้าน",
        "น้ำเข้าก่อนคลองล้นตลิ่ง",
        "ปากท่อต่ำกว่าคลอง",
        "คลองไม่อยู่ในทะเบียนของใคร",
        "ขอเว้นหน้าท่า",
        "ต่อเทศบาล",
        "ชั่วโมงที่น้ำขัง",
    ):
        assert shows(page, words), words


def test_without_being_asked_the_first_measure_that_links_run_through_is_open(
    example: Plan, city: City, client: Client
) -> None:
    tie(example, city)
    assert client.get(BASE).context["page"].opened.leaf.text == "เปิดคลองไส้ไก่"
    wall = measure_of(example, "กำแพงกันตลิ่ง")
    opened = client.get(f"{BASE}?open={wall.ref}").context["page"].opened
    assert opened.ref == wall.ref
    assert client.get(f"{BASE}?open=M-XXX-9999").status_code == 200


def test_voices_that_a_reader_may_not_see_stay_unheard(
    example: Plan, city: City, client_of: ClientOf
) -> None:
    measure = tie(example, city)
    Node.objects.filter(kind=Kind.STATEMENT).update(visibility="members")
    for name, heard in (("anonymous", False), ("stranger", False), ("observer", True)):
        for address in (f"{BASE}?open={measure.ref}", f"{BASE}?view=hall&at={measure.ref}"):
            assert shows(client_of(name).get(address), "มันย้อนขึ้นจากท่อหลังบ้าน") is heard, name


def test_what_changed_since_the_version_before_is_marked_in_the_opened_passage(
    example: Plan, city: City, client: Client
) -> None:
    measure = tie(example, city)
    save_passage(SYSTEM, passage_of(measure), Language.THAI, "เปิดคลองไส้ไก่หลังตลาด")
    make_version(SYSTEM, example)
    html = client.get(f"{BASE}?open={measure.ref}").content.decode()
    assert "<ins>" in html
    assert "versions/2/compare/1/" in html
    assert "<ins>" not in client.get(f"{BASE}versions/1/?open={measure.ref}").content.decode()


def test_the_share_of_kinds_stands_on_the_face(example: Plan, client: Client) -> None:
    save_measure(SYSTEM, detail_of(measure_of(example, "เปิดคลองไส้ไก่")), {"kind": "ecosystem"})
    make_version(SYSTEM, example)
    client.cookies["khlong_language"] = "en"
    page = client.get(BASE)
    assert shows(page, "1 of 2 measures work with ecosystems")
    assert shows(page, "Of 1 measure the kind is not said")


# --- what other rooms say -------------------------------------------------------------------------


@pytest.fixture
def registries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faces, "_plan_faces", [])
    monkeypatch.setattr(faces, "_tells", {})


def test_rooms_put_lines_on_the_face_a_button_at_the_passage_and_words_beside_things(
    example: Plan, city: City, client: Client, registries: None
) -> None:
    measure = tie(example, city)

    @faces.on_plan
    def _(_actor: Any, _plan: Plan, version: Any) -> list[Line]:
        return [Line(f"รับฟังถึง 30 พ.ย. ฉบับ {version.number}", "/n/", "เสนอแนะ", passage_url="/n/#{ref}")]

    @faces.tells(Kind.SUGGESTION, lambda rows: [row["words"] for row in rows])
    def _(_actor: Any, keys: Any) -> Any:
        said = JSONObject(words=Value("รับบางส่วน เว้น 25 เมตร"))
        return Node.objects.filter(pk__in=keys).annotate(of=F("pk"), said=said)

    page = client.get(f"{BASE}?open={measure.ref}")
    assert shows(page, "รับฟังถึง 30 พ.ย. ฉบับ 1")
    assert f'href="/n/#{measure.ref}"' in page.content.decode()
    assert shows(page, "รับบางส่วน เว้น 25 เมตร")
    with pytest.raises(RuntimeError):
        faces.tells(Kind.SUGGESTION, list)(lambda _actor, _keys: Node.objects.none())


# --- before a hall --------------------------------------------------------------------------------


def test_before_a_hall_one_passage_stands_alone_and_leads_to_the_next(
    example: Plan, city: City, client: Client
) -> None:
    measure = tie(example, city)
    page = client.get(f"{BASE}?view=hall")
    assert shows(page, VISION)
    assert 'rel="prev"' not in page.content.decode()
    page = client.get(f"{BASE}?view=hall&at={measure.ref}")
    html = page.content.decode()
    assert shows(page, "มันย้อนขึ้นจากท่อหลังบ้าน")
    assert 'rel="prev"' in html
    assert 'rel="next"' in html
    last = measure_of(example, "กำแพงกันตลิ่ง")
    assert 'rel="next"' not in client.get(f"{BASE}?view=hall&at={last.ref}").content.decode()


# --- many -----------------------------------------------------------------------------------------


def many(plan: Plan, number: int) -> None:
    """Add passages as one would, but in one go: the test is of reading, not of writing."""
    parent = measure_of(plan, "อยู่กับน้ำอย่างรู้ล่วงหน้า")
    for at in range(number):
        add(plan, f"มาตรการที่ {at:03d}", ItemKind.MEASURE, parent=parent)
    make_version(SYSTEM, plan)


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_a_long_plan_is_paged_opens_the_right_page_and_asks_no_more(
    example: Plan, city: City, client_of: ClientOf
) -> None:
    measure = tie(example, city)
    few = [queries_of(client_of("owner"), f"{BASE}{more}") for more in ("", "?view=hall")]
    many(example, PER_PAGE + 20)
    many_asked = [queries_of(client_of("owner"), f"{BASE}{more}") for more in ("", "?view=hall")]
    assert many_asked == few
    assert max(few) <= 12
    page = client_of("owner").get(f"{BASE}?open={measure_of(example, f'มาตรการที่ {PER_PAGE + 10:03d}').ref}")
    assert page.context["page"].page_obj.number == 2
    (section,) = page.context["page"].sections
    assert section.continued
    assert page.context["page"].contents
    assert not shows(page, "เปิดคลองไส้ไก่")
    assert client_of("owner").get(f"{BASE}?open={measure.ref}").context["page"].page_obj.number == 1


def test_a_plan_that_nobody_published_is_read_by_its_working_group_without_a_version(
    city: City, source: Source, client_of: ClientOf
) -> None:
    made = make_plan(city, source)
    Node.objects.filter(pk=made.pk).update(visibility="members")
    add(made, "จัดการน้ำร่วมกัน")
    assert shows(client_of("member").get(BASE), "จัดการน้ำร่วมกัน")
    assert not shows(client_of("anonymous").get(BASE), "จัดการน้ำร่วมกัน")
    make_version(SYSTEM, made)
    assert not shows(client_of("anonymous").get(BASE), "จัดการน้ำร่วมกัน")
    publish_plan(SYSTEM, Plan.objects.get(pk=made.pk))
    assert shows(client_of("anonymous").get(BASE), "จัดการน้ำร่วมกัน")


def test_only_who_reads_english_is_told_of_a_translation_of_older_words(
    example: Plan, client: Client
) -> None:
    measure = add(example, "ปลูกป่าชายคลอง", ItemKind.MEASURE, text_en="Plant the bank")
    save_passage(SYSTEM, passage_of(measure), Language.THAI, "ปลูกป่าชายคลองสองฝั่ง")
    make_version(SYSTEM, example)
    for lang, words, told in (("th", "แปลจากข้อความเดิม", False), ("en", "translation of older words", True)):
        client.cookies["khlong_language"] = lang
        assert shows(client.get(BASE), words) is told

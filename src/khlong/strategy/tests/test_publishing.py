"""A city begins its own plan, and shows it when it wants to."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from khlong.chain.actions import link
from khlong.chain.gaps import missing_at
from khlong.chain.load import dump_all
from khlong.chain.models import Edge, EdgeKind, Node, Visibility
from khlong.people.actor import system_actor
from khlong.places.actions import new_fact, save_fact, withdraw_fact
from khlong.places.models import City, FactTopic, Source
from khlong.record.errors import Refused
from khlong.strategy import actions
from khlong.strategy.models import Item, ItemKind, Language, Passage, Plan
from khlong.strategy.tests.makers import make_finding

ClientOf = Callable[[str], Client]
BASE = "/cities/phatong/strategy/"
WORDS = "เมืองของเราอยู่กับน้ำได้"
SYSTEM = system_actor("test")


def sent(source: Source, **more: str) -> dict[str, str]:
    return {"name_th": "ร่างแผนของเรา", "horizon_years": "3", "source": source.key, "mark": "A"} | more


@pytest.fixture
def begun(city: City, source: Source, client_of: ClientOf) -> Plan:
    assert client_of("member").post(f"{BASE}begin/", sent(source)).status_code == 302
    plan = Plan.objects.select_related("node__space").get()
    actions.add_item(SYSTEM, plan, ItemKind.VISION, WORDS)
    return plan


def text_of(client: Client, path: str) -> str:
    """What stands on a page, without the tags that keep words whole."""
    return re.sub(r"<[^>]*>", "", client.get(path).content.decode())


def reads(client: Client) -> bool:
    return WORDS in client.get(BASE).content.decode()


def test_the_working_group_begins_a_plan_and_nobody_else(
    city: City, source: Source, client_of: ClientOf
) -> None:
    for name in ("anonymous", "observer", "stranger"):
        assert client_of(name).post(f"{BASE}begin/", sent(source)).status_code == 403, name
        assert "/begin/" not in client_of(name).get(BASE).content.decode()
    assert "/begin/" in client_of("member").get(BASE).content.decode()
    assert client_of("member").get(f"{BASE}begin/").status_code == 200
    answer = client_of("member").post(f"{BASE}begin/", sent(source))
    assert answer["Location"] == f"{BASE}edit/"
    assert Plan.objects.get().node.visibility == Visibility.MEMBERS


def test_a_city_that_has_a_plan_is_led_to_it(begun: Plan, client_of: ClientOf) -> None:
    assert client_of("member").get(f"{BASE}begin/")["Location"] == f"{BASE}edit/"


def test_a_refused_form_keeps_what_was_typed(city: City, source: Source, client_of: ClientOf) -> None:
    answer = client_of("member").post(f"{BASE}begin/", sent(source, horizon_years="สามปี"))
    assert answer.status_code == 422
    assert "ร่างแผนของเรา" in answer.content.decode()
    assert not Plan.objects.exists()


def test_a_plan_that_is_begun_is_seen_by_the_working_group_only(begun: Plan, client_of: ClientOf) -> None:
    assert {name: reads(client_of(name)) for name in ("anonymous", "stranger", "observer", "member")} == {
        "anonymous": False,
        "stranger": False,
        "observer": True,
        "member": True,
    }


def test_a_plan_without_a_version_cannot_be_published(begun: Plan, client_of: ClientOf) -> None:
    answer = client_of("member").post(f"{BASE}publish/")
    assert answer.status_code == 403
    with pytest.raises(Refused):
        actions.publish_plan(SYSTEM, begun)
    assert not reads(client_of("anonymous"))


def test_publishing_shows_the_version_and_withdrawing_hides_it_with_all_its_parts(
    begun: Plan, client_of: ClientOf
) -> None:
    actions.make_version(SYSTEM, begun)
    assert client_of("member").post(f"{BASE}publish/").status_code == 302
    assert reads(client_of("anonymous"))
    assert client_of("anonymous").get("/parts/T-PTG-0001/history/").status_code == 200
    assert client_of("member").post(f"{BASE}withdraw/").status_code == 302
    assert not reads(client_of("anonymous"))
    assert client_of("anonymous").get("/parts/T-PTG-0001/history/").status_code == 404
    assert set(Node.objects.filter(kind__in="YT").values_list("visibility", flat=True)) == {
        Visibility.MEMBERS
    }


@pytest.mark.parametrize("verb", ["publish", "withdraw"])
def test_only_the_working_group_publishes_and_withdraws(begun: Plan, verb: str, client_of: ClientOf) -> None:
    actions.make_version(SYSTEM, begun)
    actions.publish_plan(SYSTEM, begun)
    for name in ("anonymous", "observer", "stranger"):
        assert client_of(name).post(f"{BASE}{verb}/").status_code == 403, name
    assert reads(client_of("anonymous"))


def test_files_hold_the_newest_version_and_not_what_is_being_written(begun: Plan, programme: Any) -> None:
    actions.make_version(SYSTEM, begun)
    actions.publish_plan(SYSTEM, begun)
    vision = begun.items.get()
    actions.save_passage(SYSTEM, vision.passage, Language.THAI, "คำที่ยังไม่พร้อม")
    (item,) = dump_all()["cities/phatong.yaml"]["plan"]["items"]
    assert item["th"] == WORDS


def published(plan: Plan) -> None:
    actions.make_version(SYSTEM, plan)
    actions.publish_plan(SYSTEM, plan)


UNREADY = "คำที่ยังไม่พร้อม"


def test_words_that_wait_for_a_version_are_not_read_by_the_public(begun: Plan, client_of: ClientOf) -> None:
    published(begun)
    vision = begun.items.get()
    actions.save_passage(SYSTEM, vision.passage, Language.THAI, UNREADY)
    for path in (f"/parts/{vision.ref}/history/", f"/trace/{vision.ref}/", BASE):
        assert UNREADY not in text_of(client_of("anonymous"), path), path
        assert UNREADY not in text_of(client_of("stranger"), path), path
    for name in ("member", "observer"):
        assert UNREADY in text_of(client_of(name), f"/parts/{vision.ref}/history/"), name
    actions.make_version(SYSTEM, begun)
    for path in (f"/parts/{vision.ref}/history/", f"/trace/{vision.ref}/", BASE):
        assert UNREADY in text_of(client_of("anonymous"), path), path


def test_a_new_part_of_a_published_plan_is_hidden_until_it_stands_in_a_version(
    begun: Plan, client_of: ClientOf
) -> None:
    published(begun)
    part = actions.add_item(SYSTEM, begun, ItemKind.MEASURE, UNREADY)
    for path in (f"/trace/{part.ref}/", f"/parts/{part.ref}/", f"/parts/{part.ref}/history/"):
        assert client_of("anonymous").get(path).status_code == 404, path
    actions.withdraw_plan(SYSTEM, begun)
    actions.publish_plan(SYSTEM, begun)
    assert client_of("anonymous").get(f"/trace/{part.ref}/").status_code == 404
    actions.make_version(SYSTEM, begun)
    assert client_of("anonymous").get(f"/trace/{part.ref}/").status_code == 200


def test_words_saved_from_a_stale_page_do_not_show_a_withdrawn_part_again(begun: Plan) -> None:
    published(begun)
    passage = Passage.objects.select_related("item__node").get()
    actions.withdraw_plan(SYSTEM, begun)
    actions.save_passage(SYSTEM, passage, Language.THAI, UNREADY)
    assert Node.objects.get(pk=passage.item_id).visibility == Visibility.MEMBERS


def test_files_name_nothing_that_is_hidden_as_what_a_plan_rests_on(
    begun: Plan, city: City, source: Source, programme: Any
) -> None:
    topic = FactTopic.objects.create(key="history", label_th="ประวัติ", label_en="history")
    values = {"topic": topic, "statement_th": "น้ำท่วมตลาด", "source": source, "mark": "A"}
    fact = save_fact(SYSTEM, new_fact(city.node), values)
    link(SYSTEM, fact.node, begun.node, EdgeKind.RESTS_ON)
    published(begun)
    assert dump_all()["cities/phatong.yaml"]["plan"]["rests_on"] == [fact.ref]
    withdraw_fact(SYSTEM, fact)
    assert dump_all()["cities/phatong.yaml"]["plan"]["rests_on"] == []


def test_a_finding_without_a_measure_leads_to_the_plan_that_is_not_begun_and_on_to_the_measure(
    city: City, source: Source, client_of: ClientOf
) -> None:
    finding = make_finding(city)
    (dry,) = [one.gap for one in missing_at(finding, SYSTEM)[0] if one.gap.key == "finding.no_measure"]
    member, address = client_of("member"), dry.mend(finding)
    begin = member.get(address)["Location"]
    assert begin == f"{BASE}begin/?finding={finding.ref}"
    assert member.post(begin, sent(source))["Location"] == address
    page = member.get(address)
    assert page.context["form"]["kind"].value() == ItemKind.MEASURE
    made = member.post(address, {"kind": "measure", "text_th": "เปิดท่อลอดใต้ถนน"})
    assert made.status_code == 302
    measure = Item.objects.get()
    assert Edge.objects.get().up == finding
    assert made["Location"] == f"/parts/{measure.ref}/measure/"
    assert "finding.no_measure" not in {one.gap.key for one in missing_at(finding, SYSTEM)[0]}


def test_the_city_page_leads_its_working_group_to_a_plan_that_is_not_begun(
    city: City, source: Source, client_of: ClientOf
) -> None:
    for name, led in (("anonymous", False), ("observer", False), ("member", True)):
        assert (f"{BASE}begin/" in client_of(name).get("/cities/phatong/").content.decode()) is led, name
    plan = Plan.objects.filter(city=city)
    client_of("member").post(f"{BASE}begin/", sent(source))
    actions.add_item(SYSTEM, plan.get(), ItemKind.VISION, WORDS)
    actions.make_version(SYSTEM, plan.get())
    assert f"{BASE}begin/" not in client_of("member").get("/cities/phatong/").content.decode()

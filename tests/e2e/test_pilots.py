"""A pilot from a measure: money entered by one and approved by another, photos, a value traced upstream."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from khlong.record.tests import drawn
from tests.e2e.conftest import Open, say
from tests.e2e.house import House, python
from tests.e2e.people import COLLEAGUE, MEMBER
from tests.e2e.test_accessibility import assert_clean

pytestmark = pytest.mark.browser

PREPARE = """
import django; django.setup()
from datetime import date
from khlong.chain.actions import keep_node, link, make_node
from khlong.chain.models import EdgeKind, Kind, Node
from khlong.network.actions import save_meeting
from khlong.network.models import Meeting
from khlong.chain.things import new_thing
from khlong.people.actor import system_actor
from khlong.places.models import City, Fact, Source
from khlong.strategy.actions import add_item, make_version
from khlong.strategy.models import Indicator, Plan
from khlong.thai.dates import Span
actor = system_actor("journeys")
city = City.objects.select_related("node").get(node__ref="C-PTG")
plan = Plan.objects.select_related("node__space").filter(city=city).first()
item = add_item(actor, plan, "measure", "ตั้งเวรเฝ้าระวังน้ำที่ตลาดพะตง")
make_version(actor, plan)
fact = Fact.objects.select_related("node").filter(node__space=city.node).order_by("node__ref").first()
link(actor, fact.node, Node.objects.get(pk=item.pk), EdgeKind.RESTS_ON)
values = {"name_th": "ซ้อมขนของหน้าตลาด", "date": Span.from_iso("2026-03-01"), "source": Source.objects.first()}
save_meeting(actor, new_thing(Meeting, Kind.MEETING, space=city.node), values)
node = keep_node(make_node(Kind.INDICATOR, space=city.node, title_th="ครั้งที่ประชุมร่วมกัน"))
Indicator.objects.create(node=node, city=city, name_th="ครั้งที่ประชุมร่วมกัน", unit_th="ครั้ง", rule="network.meetings",
    target=6, target_year=2569, baseline=0, baseline_year=2568)
print(item.ref, node.ref, fact.ref)
"""


@pytest.fixture(scope="module")
def refs(house: House) -> tuple[str, str, str]:
    """References of a measure with its evidence, of an indicator that is computed, and of the evidence."""
    measure, indicator, fact = python(house.var, "-c", PREPARE).split()[-3:]
    return measure, indicator, fact


def press(page: Page, message: str) -> None:
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name=say(message), exact=True).click()


def follow(page: Page, message: str) -> None:
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=say(message), exact=True).first.click()


def test_a_pilot_from_a_measure_to_a_value_that_is_traced_to_its_evidence(
    open_page: Open, refs: tuple[str, str, str], tmp_path: Path
) -> None:
    measure, indicator, fact = refs
    member = open_page(MEMBER)
    address = it_begins_with_the_measure(member, measure)
    a_step_is_planned_and_done(member)
    money = an_expense_is_entered(member, address, tmp_path)
    another_account_approves_it(open_page(COLLEAGUE), money)
    photos_stand_side_by_side(member, address, tmp_path)
    value = a_value_is_computed(member, indicator, address)
    it_is_published(member, address)
    a_visitor_reads_sums_and_traces_the_value(open_page(), address, value, measure, fact)


def it_begins_with_the_measure(page: Page, measure: str) -> str:
    page.goto(f"/cities/phatong/pilots/add/?measure={measure}")
    page.locator("[name=aim_th]").fill("ให้ร้านริมตลาดขนของขึ้นที่สูงทันก่อนน้ำมา")
    page.locator("[name=starts_on]").fill("5 ม.ค. 2569")
    page.locator("[name=ends_on]").fill("31 ธ.ค. 2569")
    page.locator("[name=state]").select_option("running")
    for box in page.locator("[name=indicators]").all():
        box.check()
    assert_clean(page)
    press(page, "Save")
    expect(page.locator("h1")).to_contain_text("ตั้งเวรเฝ้าระวัง")
    expect(page.locator(".beside")).to_contain_text(measure)
    return page.url


def a_step_is_planned_and_done(page: Page) -> None:
    follow(page, "Add a step")
    page.locator("[name=text_th]").fill("ปักเสาวัดระดับน้ำสามจุด")
    page.locator("[name=begins]").fill("5 ม.ค. 2569")
    page.locator("[name=due]").fill("1 มี.ค. 2569")
    press(page, "Save")
    expect(page.locator("#steps svg")).to_have_count(1)
    with page.expect_navigation():
        page.locator("#steps button").click()
    expect(page.locator("#steps")).to_contain_text("1")


def an_expense_is_entered(page: Page, address: str, folder: Path) -> str:
    page.goto(f"{address}money/")
    follow(page, "Add a line of the budget")
    page.locator("[name=text_th]").fill("เสาวัดระดับน้ำ")
    page.locator("[name=satang]").fill("1,000")
    press(page, "Save")
    follow(page, "Enter an expense")
    receipt = folder / "receipt.jpg"
    receipt.write_bytes(drawn.jpeg((600, 800)))
    page.locator("[name=line]").select_option(index=1)
    page.locator("[name=text]").fill("ซื้อไม้เสาสิบต้น")
    page.locator("[name=satang]").fill("๔๐๐")
    page.locator("[name=receipt]").set_input_files(receipt)
    press(page, "Save")
    expect(page.locator(".errors")).to_be_visible()
    expect(page.locator("[name=receipt-kept]")).to_have_count(1)
    page.locator("[name=paid_on]").fill("3 ก.พ. 2569")
    assert_clean(page)
    press(page, "Save")
    follow_text(page, "ซื้อไม้เสาสิบต้น")
    expect(page.get_by_role("button", name=say("Approve"), exact=True)).to_have_count(0)
    expect(page.locator("main")).to_contain_text(
        say("You entered this expense. Somebody else of the working group decides of it.")[:20]
    )
    return page.url


def follow_text(page: Page, words: str) -> None:
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=words).click()


def another_account_approves_it(page: Page, address: str) -> None:
    page.goto("/waits/")
    expect(page.locator("main")).to_contain_text("ซื้อไม้เสาสิบต้น")
    page.goto(address)
    expect(page.locator(".photo img")).to_be_visible()
    assert_clean(page)
    press(page, "Approve")
    expect(page.locator(".tbl").first).to_contain_text("400")


def photos_stand_side_by_side(page: Page, address: str, folder: Path) -> None:
    page.goto(address)
    follow(page, "Add an activity")
    page.locator("[name=name_th]").fill("ขุดลอกร่องน้ำหน้าตลาด")
    page.locator("[name=on]").fill("1 มี.ค. 2569")
    for name, words in (("before", "ร่องน้ำเต็มไปด้วยขยะ"), ("after", "ร่องน้ำโล่งถึงคลอง")):
        photo = folder / f"{name}.jpg"
        photo.write_bytes(drawn.jpeg((1200, 900), gps=True))
        page.locator(f"[name={name}]").set_input_files(photo)
        page.locator(f"[name={name}_alt]").fill(words)
    page.locator("[name=shown_agree]").check()
    press(page, "Save")
    expect(page.locator("#activities img")).to_have_count(2)


def a_value_is_computed(page: Page, indicator: str, address: str) -> str:
    page.goto(f"{address}values/add/?indicator={indicator}")
    page.locator("[name=period_from]").fill("1 ม.ค. 2569")
    page.locator("[name=period_to]").fill("31 มี.ค. 2569")
    page.locator("[name=how][value=computed]").check()
    assert_clean(page)
    press(page, "Save")
    expect(page.locator("main .lead")).to_contain_text("1")
    expect(page.locator("main")).to_contain_text("ซ้อมขนของหน้าตลาด")
    return page.url


def it_is_published(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#values circle")).to_have_count(1)
    assert_clean(page)
    press(page, "Publish the pilot")


def a_visitor_reads_sums_and_traces_the_value(
    page: Page, address: str, value: str, measure: str, fact: str
) -> None:
    page.goto("/pilots/")
    assert_clean(page)
    page.goto(f"{address}money/")
    expect(page.locator("main")).to_contain_text("400")
    expect(page.locator("main")).not_to_contain_text("ซื้อไม้เสาสิบต้น")
    page.goto(address)
    expect(page.locator("#activities img")).to_have_count(2)
    assert_clean(page)
    page.goto(value)
    expect(page.locator(".beside")).to_contain_text(measure)
    expect(page.locator(".beside")).to_contain_text(fact)
    assert_clean(page)

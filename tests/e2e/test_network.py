"""A meeting with attendance and decisions, a task made of one, what waits, and that it is done: on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open, say
from tests.e2e.people import COLLEAGUE, MEMBER, OWNER
from tests.e2e.test_accessibility import assert_clean, assert_clean_in_both
from tests.e2e.test_invited import no_wider_than_the_phone
from tests.e2e.test_writing import follow, press

pytestmark = pytest.mark.browser


def meeting_of(page: Page, name: str, date: str) -> str:
    """A meeting of the city, entered with its date; gives its address."""
    page.goto("/meetings/add/?space=C-PTG")
    page.locator("[name=name_th]").fill(name)
    page.locator("[name=date]").fill(date)
    page.locator("[name=place_th]").fill("ศาลาหมู่ 4")
    page.locator("[name=source]").select_option(index=1)
    press(page, "Save")
    expect(page.locator("h1")).to_contain_text("ประชุมคณะทำงาน")
    return page.url


def who_was_there(page: Page, address: str, who: str, **numbers: str) -> None:
    page.goto(address)
    follow(page, "Add who was there")
    page.locator("[name=others_th]").fill(who)
    for name, number in numbers.items():
        page.locator(f"[name={name}]").fill(number)
    press(page, "Save")


def minutes_of(page: Page, address: str) -> str:
    """Minutes with one item and one decision; gives their address."""
    page.goto(address)
    follow(page, "Write the minutes")
    page.locator("[name=number]").fill("3")
    press(page, "Save")
    follow(page, "Add an item")
    page.locator("[name=section]").select_option("5")
    page.locator("[name=text]").fill("เทศบาลเสนอแผนขุดลอกคลองก่อนฤดูฝน")
    press(page, "Save")
    follow(page, "Add a decision")
    page.locator("[name=text]").fill("ให้ขุดลอกคลองตงก่อนฤดูฝน")
    page.locator("[name=due]").fill("31 ส.ค. 2569")
    press(page, "Save")
    no_wider_than_the_phone(page)
    return page.url


def test_a_decision_becomes_a_task_that_waits_for_somebody_who_says_that_it_is_done(open_page: Open) -> None:
    page = open_page(MEMBER)
    address = meeting_of(page, "ประชุมคณะทำงานเมืองพะตง", "4 มี.ค. 2569")
    who_was_there(page, address, "ประชาชนทั่วไป", attended="๒๕", women="15", men="10")
    who_was_there(page, address, "ครูและนักเรียน", attended="3")
    no_wider_than_the_phone(page)
    minutes = minutes_of(page, address)
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=re.compile(say("Make a task of it"))).first.click()
    page.locator("[name=person]").select_option(label=COLLEAGUE)
    press(page, "Save")
    page.goto(minutes)
    expect(page.locator("main")).to_contain_text(say("open"))
    reader = open_page()
    reader.goto(address)
    expect(reader.locator("main")).to_contain_text(say("fewer than 5"))
    assert reader.goto(minutes).status == 404  # type: ignore[union-attr]
    colleague = open_page(COLLEAGUE)
    colleague.goto("/")
    with colleague.expect_navigation():
        colleague.locator(".acct").get_by_role("link", name=re.compile(say("Waits for me"))).click()
    expect(colleague.locator("main")).to_contain_text("ให้ขุดลอก")
    no_wider_than_the_phone(colleague)
    assert_clean(colleague)
    colleague.set_viewport_size({"width": 360, "height": 740})
    with colleague.expect_navigation():
        colleague.locator("main").get_by_role("link", name=re.compile(say("Open the task"))).first.click()
    no_wider_than_the_phone(colleague)
    press(colleague, "It is done")
    expect(colleague.locator("main .lead").first).to_contain_text(say("done"))
    colleague.goto("/waits/")
    expect(colleague.locator("main")).not_to_contain_text("ให้ขุดลอกคลองตง")
    for path in (
        address,
        minutes,
        colleague.url,
        "/tasks/?state=",
        "/waits/letter/",
        "/tasks/add/?space=C-PTG",
    ):
        assert_clean_in_both(open_page, MEMBER, path)
    assert_clean_in_both(open_page, "", address)


def test_a_working_group_is_made_and_somebody_sits_in_it(open_page: Open) -> None:
    page = open_page(MEMBER)
    page.goto("/working-groups/add/?space=C-PTG")
    page.locator("[name=name_th]").fill("คณะทำงานสายคลองตง")
    page.locator("[name=purpose_th]").fill("ดูแลคลองตงร่วมกันตั้งแต่ต้นน้ำถึงปลายน้ำ")
    press(page, "Save")
    page.locator("[name=person]").select_option(label=COLLEAGUE)
    press(page, "Give the seat")
    expect(page.locator("main table")).to_contain_text(COLLEAGUE)
    no_wider_than_the_phone(page)
    for path in (page.url, "/working-groups/", "/programme/all/"):
        assert_clean_in_both(open_page, MEMBER, path)
    reader = open_page()
    reader.goto(page.url)
    expect(reader.locator("main")).to_contain_text(say("fewer than 5"))
    expect(reader.locator("main")).not_to_contain_text(COLLEAGUE)


def test_the_last_owner_is_told_why_she_cannot_leave(open_page: Open) -> None:
    page = open_page(OWNER)
    page.goto("/cities/phatong/members/")
    press(page, "Leave this city")
    expect(page.locator("[role=alert]")).to_contain_text(
        say("You are the last owner here. Make somebody else an owner first; then you can leave.")
    )
    assert_clean(page)

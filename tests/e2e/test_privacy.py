"""Agreeing and taking it back, writing for somebody, logging a breach: on a phone, in Thai."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open, say
from tests.e2e.people import MEMBER, OWNER, STRANGER
from tests.e2e.test_accessibility import assert_clean
from tests.e2e.test_invited import no_wider_than_the_phone
from tests.e2e.test_writing import follow, press

pytestmark = pytest.mark.browser


def to_the_account(page: Page) -> None:
    page.goto("/account/")


@pytest.mark.parametrize("javascript", [True, False])
def test_somebody_agrees_sees_it_and_takes_everything_back(open_page: Open, javascript: bool) -> None:
    page = open_page(STRANGER, javascript=javascript)
    to_the_account(page)
    follow(page, "See what is kept of you, agree, or take it back")
    no_wider_than_the_phone(page)
    with page.expect_navigation():
        page.get_by_role("link", name="เมืองบ่อยาง").click()
    no_wider_than_the_phone(page)
    plan = say("making the city's plan, without names")
    page.get_by_role("button", name=say("Agree: %(purpose)s", purpose=plan)).click()
    expect(page.locator(".messages")).to_contain_text(say("Noted. You can take it back here at any time."))
    expect(page.locator("#mine ~ section table")).to_contain_text(plan)
    if javascript:
        assert_clean(page)
    no_wider_than_the_phone(page)
    press(page, "Take back all I agreed to in this city")
    expect(page.locator("main")).to_contain_text(say("No city keeps anything of you under a consent."))


def test_sensitive_data_are_not_kept_without_the_mark(open_page: Open) -> None:
    page = open_page(STRANGER)
    page.goto("/privacy/")
    with page.expect_navigation():
        page.get_by_role("link", name="เมืองบ่อยาง").click()
    purpose = say("help when disaster strikes")
    agree = page.get_by_role("button", name=say("Agree: %(purpose)s", purpose=purpose))
    with page.expect_navigation():
        agree.click()
    expect(page.locator(".field.err")).to_be_visible()
    assert_clean(page)


def test_a_scribe_writes_for_somebody_sees_it_everywhere_and_ends_it(open_page: Open) -> None:
    page = open_page(MEMBER)
    to_the_account(page)
    with page.expect_navigation():
        page.locator("a[href*='/privacy/sitting/begin/']").first.click()
    no_wider_than_the_phone(page)
    page.locator("[name=site]").fill("ศาลาบ้านหลบมุม")
    press(page, "Begin to write")
    expect(page.locator(".field.err")).not_to_have_count(0)
    page.locator("[name=witness]").fill("วิเชียร")
    page.locator("[name=agreed]").check()
    press(page, "Begin to write")
    expect(page.locator(".receipt")).to_be_visible()
    assert_clean(page)
    no_wider_than_the_phone(page)
    page.goto("/cities/phatong/")
    bar = page.locator("aside.example", has_text=say("You write for somebody"))
    expect(bar).to_be_visible()
    bar.get_by_role("link").click()
    press(page, "End the sitting")
    expect(page.locator(".messages")).to_contain_text(
        say("The sitting has ended. You act in your own name again.")
    )
    expect(bar).to_have_count(0)


def test_an_owner_logs_a_breach_and_sees_the_time_that_is_left(open_page: Open) -> None:
    page = open_page(OWNER)
    to_the_account(page)
    follow(page, "Breaches")
    with page.expect_navigation():
        page.locator("a[href*='/privacy/breaches/add/']").first.click()
    page.locator("[name=what]").fill("กระดาษรายชื่อหายจากศาลา")
    page.locator("[name=kinds]").fill("ชื่อและที่อยู่")
    no_wider_than_the_phone(page)
    press(page, "Keep in the log")
    expect(page.locator(".messages")).to_contain_text(say("The breach is logged."))
    expect(page.locator("table")).to_contain_text("71")
    assert_clean(page)
    no_wider_than_the_phone(page)


@pytest.mark.parametrize(
    "name", ["privacy:city", "privacy:retention", "privacy:processing", "privacy:agree", "privacy:mine"]
)
def test_pages_of_privacy_have_no_fault_that_axe_knows(open_page: Open, house: object, name: str) -> None:
    for lang in ("th", "en"):
        page = open_page(OWNER, lang=lang)
        page.goto(house.pages[name])  # type: ignore[attr-defined]
        assert_clean(page)

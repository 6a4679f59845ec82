"""Coming in by a link on paper: no e-mail address, a phone, Thai, no script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open, say, sign_in
from tests.e2e.people import OWNER, PASSWORD
from tests.e2e.test_accessibility import assert_clean
from tests.e2e.test_writing import follow, press

pytestmark = pytest.mark.browser

MEMBERS = "/cities/phatong/members/"
FACT = "/facts/D-PTG-0010/"


def no_wider_than_the_phone(page: Page) -> None:
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (
        page.url
    )


def printed_link(page: Page, note: str, role: str = "member") -> str:
    """The owner makes an invitation; gives the address on the paper."""
    page.goto(MEMBERS)
    follow(page, "Invite somebody")
    page.locator(f"[name=role][value={role}]").check()
    page.locator("[name=note]").fill(note)
    press(page, "Make the invitation")
    expect(page.locator(".qr svg")).to_be_visible()
    no_wider_than_the_phone(page)
    return str(page.locator(".address").inner_text())


def take_the_invitation(page: Page, address: str, name: str) -> None:
    page.goto(address)
    assert page.url.endswith("/invited/")
    no_wider_than_the_phone(page)
    page.locator("[name=username]").fill(name)
    page.locator("[name=password1]").fill(PASSWORD)
    page.locator("[name=password2]").fill(PASSWORD)
    press(page, "Make the account and begin")
    expect(page.locator(".acct")).to_contain_text(name)


@pytest.mark.parametrize("javascript", [True, False])
def test_somebody_without_an_address_comes_in_by_the_paper_and_corrects_a_fact(
    open_page: Open, javascript: bool
) -> None:
    name = "pranee" if javascript else "prasert"
    address = printed_link(open_page(OWNER, javascript=javascript), "คนในชุมชนบ้านหลบมุม")
    page = open_page(javascript=javascript)
    take_the_invitation(page, address, name)
    page.goto(FACT)
    follow(page, "Correct")
    page.locator("[name=why]").fill("ตรวจกับทะเบียนแล้ว")
    page.locator("[name=value]").fill("13,390" if javascript else "13,391")
    press(page, "Save")
    expect(page.locator("h1")).to_contain_text("13,390" if javascript else "13,391")
    late = open_page(javascript=javascript)
    late.goto(address)
    expect(late.locator("main")).to_contain_text(say("This link cannot be used"))


def test_what_was_typed_stays_and_the_mend_is_said_at_the_field(open_page: Open) -> None:
    address = printed_link(open_page(OWNER), "")
    page = open_page()
    page.goto(address)
    page.locator("[name=username]").fill(OWNER)
    page.locator("[name=password1]").fill(PASSWORD)
    page.locator("[name=password2]").fill(PASSWORD)
    press(page, "Make the account and begin")
    expect(page.locator("[name=username]")).to_have_value(OWNER)
    expect(page.locator("[name=password1]")).to_have_value("")
    expect(page.locator("[name=username]")).to_have_attribute("aria-invalid", "true")
    assert_clean(page)


def test_a_withdrawn_invitation_opens_nothing(open_page: Open) -> None:
    owner = open_page(OWNER)
    address = printed_link(owner, "ผู้ที่ย้ายไปแล้ว")
    owner.goto(MEMBERS)
    row = owner.locator("tr", has_text="ผู้ที่ย้ายไปแล้ว")
    row.get_by_role("button", name=re.compile(re.escape(say("Withdraw")))).click()
    expect(owner.locator("tr", has_text="ผู้ที่ย้ายไปแล้ว")).to_contain_text(say("withdrawn"))
    page = open_page()
    page.goto(address)
    expect(page.locator("main")).to_contain_text(say("This link cannot be used"))
    assert_clean(page)


def test_the_paper_and_the_list_have_no_fault_that_axe_knows(open_page: Open) -> None:
    for lang in ("th", "en"):
        page = open_page(OWNER, lang=lang)
        page.goto(MEMBERS)
        assert_clean(page)
        page.goto(f"{MEMBERS}invite/")
        assert_clean(page)
        with page.expect_navigation():
            page.locator("main button").last.click()
        assert_clean(page)
        address = page.locator(".address").inner_text()
        newcomer = open_page(lang=lang)
        newcomer.goto(address)
        assert_clean(newcomer)


def test_somebody_signs_another_device_out_at_a_phone(open_page: Open) -> None:
    address = printed_link(open_page(OWNER), "")
    first, second = open_page(), open_page(javascript=False)
    take_the_invitation(first, address, "somjai")
    sign_in(second, "somjai")
    with second.expect_navigation():
        second.locator(".acct .name").click()
    expect(second.locator("h1")).to_have_text(say("Your account"))
    no_wider_than_the_phone(second)
    press(second, "Sign out everywhere else")
    first.goto("/account/")
    assert first.url.partition("?")[0].endswith("/signin/")
    second.goto("/account/")
    expect(second.locator("tbody tr")).to_have_count(1)


def test_the_account_page_has_no_fault_that_axe_knows(open_page: Open) -> None:
    for lang in ("th", "en"):
        page = open_page(OWNER, lang=lang)
        page.goto("/account/")
        assert_clean(page)

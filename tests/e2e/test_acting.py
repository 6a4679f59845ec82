"""Links for people without an account: made by an owner, used on a phone; words of consent, and a consent on paper."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open, say
from tests.e2e.people import MEMBER, OWNER
from tests.e2e.test_accessibility import assert_clean
from tests.e2e.test_invited import no_wider_than_the_phone
from tests.e2e.test_writing import follow, press

pytestmark = pytest.mark.browser

MEMBERS = "/cities/phatong/members/"
LINKS = f"{MEMBERS}links/"
FACT = "/facts/D-PTG-0010/"
READ, WRITE = "read", "places.fact.save"


def printed(owner: Page, name: str, *allows: str, binds: bool = True) -> str:
    """The owner makes a link; gives the address on the paper."""
    owner.goto(MEMBERS)
    follow(owner, "See and make links")
    follow(owner, "Make a link")
    for one in allows:
        owner.locator(f"[name=actions][value='{one}']").check()
    owner.locator("[name=name]").fill(name)
    owner.locator("[name=binds]").set_checked(binds)
    no_wider_than_the_phone(owner)
    press(owner, "Make the link")
    expect(owner.locator(".qr svg")).to_be_visible()
    no_wider_than_the_phone(owner)
    return str(owner.locator(".address").inner_text())


def begin(page: Page, address: str) -> None:
    page.goto(address)
    assert page.url.endswith("/acting/")
    no_wider_than_the_phone(page)
    press(page, "Begin")


def bar_of(page: Page, words: str) -> None:
    expect(page.locator("aside.example", has_text=say(words))).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_an_official_reads_what_is_not_published_and_ends_it(open_page: Open, javascript: bool) -> None:
    owner = open_page(OWNER, javascript=javascript)
    owner.goto(FACT)
    press(owner, "Show to the working group only")
    address = printed(owner, "สำนักงานป้องกันภัยจังหวัด", READ)
    page = open_page(javascript=javascript)
    begin(page, address)
    bar_of(page, "You read with a link")
    page.goto(FACT)
    expect(page.locator("main")).to_contain_text(say("Only the working group sees this fact."))
    expect(page.locator("main")).not_to_contain_text(say("Why it changes"))
    no_wider_than_the_phone(page)
    with page.expect_navigation():
        page.locator("aside.example").get_by_role("link", name=say("See and end it")).click()
    if javascript:
        assert_clean(page)
        page.set_viewport_size({"width": 360, "height": 740})
    no_wider_than_the_phone(page)
    passed_on = open_page(javascript=javascript)
    passed_on.goto(address)
    expect(passed_on.locator("main")).to_contain_text(say("This link cannot be used"))
    press(page, "End it")
    expect(page.locator("aside.example")).to_have_count(0)
    owner.goto(FACT)
    press(owner, "Show to everybody")


def test_a_student_corrects_a_fact_and_the_history_shows_the_link(open_page: Open) -> None:
    owner = open_page(OWNER)
    address = printed(owner, "ห้องประชุมเทศบาล", WRITE)
    page = open_page()
    begin(page, address)
    bar_of(page, "You work with a link")
    page.goto(FACT)
    follow(page, "Correct")
    expect(page.locator("[name=new_publisher]")).to_have_count(0)
    assert_clean(page)
    page.set_viewport_size({"width": 360, "height": 740})
    no_wider_than_the_phone(page)
    page.locator("[name=why]").fill("ตรวจกับเอกสารแล้ว")
    page.locator("[name=value]").fill("13,399")
    press(page, "Save")
    expect(page.locator("h1")).to_contain_text("13,399")
    expect(page.locator("main")).to_contain_text(re.compile(r"ด้วยลิงก์ \d+"))
    expect(page.locator("main")).not_to_contain_text("ห้องประชุมเทศบาล")
    owner.goto(LINKS)
    row = owner.locator("tr", has_text="ห้องประชุมเทศบาล")
    row.get_by_role("button").click()
    expect(owner.locator("tr", has_text="ห้องประชุมเทศบาล")).to_contain_text(say("withdrawn"))
    no_wider_than_the_phone(owner)
    page.goto(FACT)
    bar_of(page, "Your link does not work any more")
    expect(page.get_by_role("link", name=say("Correct"), exact=True)).to_have_count(0)


def test_what_an_owner_forgets_is_said_at_its_field(open_page: Open) -> None:
    page = open_page(OWNER)
    page.goto(f"{LINKS}add/")
    page.locator("[name=actions][value=read]").check()
    page.locator("[name=name]").fill("สำนักงาน")
    page.locator("[name=often][value=once]").check()
    press(page, "Make the link")
    expect(page.locator(".field.err")).to_have_count(1)
    expect(page.locator("[name=name]")).to_have_value("สำนักงาน")
    assert_clean(page)


def test_the_pages_of_links_have_no_fault_that_axe_knows(open_page: Open) -> None:
    for lang in ("th", "en"):
        page = open_page(OWNER, lang=lang)
        page.goto(f"{LINKS}add/")
        assert_clean(page)
        page.locator(f"[name=actions][value={READ}]").check()
        page.locator("[name=name]").fill("สำนักงานจังหวัด")
        with page.expect_navigation():
            page.locator("main button").last.click()
        assert_clean(page)
        holder = open_page(lang=lang)
        holder.goto(page.locator(".address").inner_text())
        assert_clean(holder)
        page.goto(LINKS)
        assert_clean(page)


def test_an_owner_publishes_the_citys_own_words(open_page: Open) -> None:
    page = open_page(OWNER)
    page.goto("/account/")
    with page.expect_navigation():
        page.locator("main a[href*='/privacy/cities/']:not([href*='add'])").first.click()
    follow(page, "Words of consent")
    no_wider_than_the_phone(page)
    assert_clean(page)
    with page.expect_navigation():
        page.locator("main a[href$='/words/contact/']").click()
    page.locator("[name=th]").fill("{keeper}เก็บหมายเลขโทรศัพท์ไว้เพื่อแจ้งผลเท่านั้น")
    press(page, "Publish this version")
    expect(page.locator("main")).to_contain_text("เก็บหมายเลขโทรศัพท์ไว้เพื่อแจ้งผลเท่านั้น")
    with page.expect_navigation():
        page.locator("main a[href$='/words/contact/']").click()
    assert_clean(page)
    page.set_viewport_size({"width": 360, "height": 740})
    no_wider_than_the_phone(page)
    press(page, "Publish this version")
    expect(page.locator("main")).to_contain_text(say("Nothing is changed; these words are in force already."))


@pytest.mark.parametrize("javascript", [True, False])
def test_a_consent_on_paper_is_written_down_and_its_number_printed(open_page: Open, javascript: bool) -> None:
    page = open_page(MEMBER, javascript=javascript)
    page.goto("/account/")
    with page.expect_navigation():
        page.locator("main a[href$='/consents/add/']").first.click()
    no_wider_than_the_phone(page)
    page.locator("[name=texts]").nth(1).check()
    page.locator("[name=how][value=spoken]").check()
    page.locator("[name=name]").fill("สมศรี ดีงาม")
    page.locator("[name=site]").fill("ศาลาบ้านหลบมุม")
    page.locator("[name=day]").fill("5 ม.ค. 2569")
    press(page, "Keep the consent")
    expect(page.locator(".field.err")).to_have_count(1)
    expect(page.locator("[name=site]")).to_have_value("ศาลาบ้านหลบมุม")
    if javascript:
        assert_clean(page)
        page.set_viewport_size({"width": 360, "height": 740})
    page.locator("[name=witness]").fill("วิเชียร")
    press(page, "Keep the consent")
    expect(page.locator(".receipt .code")).to_have_text(re.compile(r"^[0-9A-F]{8}$"))
    expect(page.locator("main")).not_to_contain_text("สมศรี")
    no_wider_than_the_phone(page)
    if javascript:
        assert_clean(page)

"""From a household's words to a finding that a meeting checked: on a phone in Thai, read by everybody."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESK, PHONE, Open, say
from tests.e2e.people import MEMBER
from tests.e2e.test_accessibility import assert_clean
from tests.e2e.test_invited import no_wider_than_the_phone
from tests.e2e.test_writing import follow, press

pytestmark = pytest.mark.browser
WORDS = "น้ำไม่ได้มาทางคลอง มันย้อนขึ้นจากท่อหลังบ้าน คืนนั้นยกแม่ขึ้นโต๊ะก่อน แล้วค่อยนึกถึงตู้เย็น"
FOUND = "บ้านหลังตลาดที่เช่าอยู่ น้ำเข้าจากท่อก่อนคลองล้นตลิ่ง"
STEPS = (
    "ปากท่อต่ำกว่าระดับน้ำคลองเมื่อน้ำขึ้น",
    "ถนนที่สร้างทีหลังปิดคลองไส้ไก่ ทางน้ำเดิม",
    "คลองไส้ไก่ไม่อยู่ในทะเบียนของหน่วยงานใด จึงไม่มีใครต้องดูแล",
)


def keep(page: Page, name: str) -> None:
    """Pictures for whoever looks, where PICTURES_TO names a folder."""
    if folder := os.environ.get("PICTURES_TO"):
        for size in (PHONE, DESK):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.screenshot(path=Path(folder) / f"{name}-{size['width']}.png", full_page=True)
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]


def looked_at(page: Page, name: str) -> None:
    assert_clean(page)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    no_wider_than_the_phone(page)
    keep(page, name)


def add_household(page: Page) -> None:
    page.goto("/cities/phatong/households/")
    looked_at(page, "households")
    follow(page, "Add a household")
    looked_at(page, "add-household")
    page.locator("[name=texts]").nth(1).check()
    page.locator("[name=name]").fill("วารี ชลธาร")
    page.locator("[name=site]").fill("ศาลาหมู่บ้าน")
    page.locator("[name=day]").fill("14 มี.ค. 2569")
    page.locator("[name=explicit]").check()
    page.locator("[name=called]").fill("12/3 ซอยหลังตลาด")
    page.locator("[name=people]").fill("5")
    press(page, "Keep the household")
    expect(page.locator(".receipt")).to_be_visible()
    looked_at(page, "household")


def test_a_households_words_become_a_finding_that_was_checked_together(open_page: Open) -> None:
    page = open_page(MEMBER)
    add_household(page)
    follow(page, "Write down what it says")
    page.locator("[name=words]").fill(WORDS)
    page.locator("[name=may_quote]").check()
    page.locator("[name=said_on]").fill("14 มี.ค. 2569")
    looked_at(page, "write")
    press(page, "Save")
    expect(page.locator("main")).to_contain_text("ยกแม่ขึ้นโต๊ะก่อน")
    looked_at(page, "statement")
    statement = page.url
    follow(page, "Write a finding from it")
    page.locator("[name=statement_th]").fill(FOUND)
    for at, step in enumerate(STEPS):
        page.locator(f"[name=why-{at}-th]").fill(step)
    page.locator("[name=why-2-underlying]").check()
    page.locator("[name=confidence]").first.check()
    page.get_by_role("button", name=say("More steps")).click()
    expect(page.locator("[name=why-4-th]")).to_be_visible()
    expect(page.locator("[name=statement_th]")).to_have_value(FOUND)
    looked_at(page, "finding-edit")
    press(page, "Save the finding")
    expect(page.locator(".chain li")).to_have_count(3)
    press(page, "Publish the finding")
    finding = page.url
    anybody = open_page(lang="en")
    anybody.goto(finding)
    expect(anybody.locator("main")).to_contain_text("ยกแม่ขึ้นโต๊ะก่อน")
    looked_at(anybody, "finding-en")
    page.goto(finding)
    looked_at(page, "finding")
    anybody.goto(statement)
    expect(anybody.locator("main")).not_to_contain_text("ศาลาหมู่บ้าน")
    anybody.goto("/findings/")
    expect(anybody.locator("#list")).to_contain_text("น้ำเข้าจากท่อก่อนคลองล้นตลิ่ง")
    looked_at(anybody, "findings")


def test_a_pile_of_sheets_is_entered_without_javascript(open_page: Open) -> None:
    page = open_page(MEMBER, javascript=False)
    page.goto("/cities/phatong/sheets/")
    page.locator("[name=who]").fill("ไม่มีใครชื่อนี้")
    page.locator("[name=words]").fill(WORDS)
    press(page, "Save and next sheet")
    expect(page.locator(".errors")).to_contain_text(
        say("Nobody of this name or number is in the register. Add the household first.")
    )
    expect(page.locator("[name=words]")).to_have_value(WORDS)
    no_wider_than_the_phone(page)
    keep(page, "sheets")

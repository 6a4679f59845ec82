"""A report is frozen, a record changes afterwards, and whoever reads the report opens a number down to its evidence."""

from __future__ import annotations

import io

import docx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open, say
from tests.e2e.house import House
from tests.e2e.people import STEWARD
from tests.e2e.test_accessibility import assert_clean
from tests.e2e.test_invited import no_wider_than_the_phone

pytestmark = pytest.mark.browser

LOGFRAME = "/programmes/satit/logframe/"
WATER, VALUE = "น้ำขังหลังฝนเกิน 90 มม.", "V-STT-0004"
MEETING = "เวทีดูผลหลังฝนแรก"
AFTERWARDS = "วัดซ้ำหลังฝน 98 มม. วันที่ 20 ต.ค."


def test_a_frozen_number_stands_and_opens_down_to_its_evidence(open_page: Open, satit: House) -> None:
    steward = open_page(STEWARD, wide=True)
    frozen = the_period_is_frozen(steward)
    a_record_changes_afterwards(steward)
    visitor = open_page()
    the_frozen_number_stands_and_the_difference_shows(visitor, frozen)
    it_opens_down_to_the_meeting(visitor)
    the_paper_has_the_frozen_number(steward, frozen)


def row(page: Page) -> str:
    return page.locator("main tr", has_text=WATER).first.inner_text()


def the_period_is_frozen(page: Page) -> str:
    page.goto(LOGFRAME)
    assert "7" in row(page)
    page.locator("main").get_by_role(
        "button", name=say("Freeze the values for the report"), exact=True
    ).click()
    expect(page.locator(".messages")).to_contain_text(
        say("Frozen. These values stand in the report as they are now.")
    )
    expect(page.get_by_role("button", name=say("Freeze the values for the report"))).to_have_count(0)
    assert_clean(page)
    return page.url


def a_record_changes_afterwards(page: Page) -> None:
    page.goto(f"/values/{VALUE}/edit/")
    page.locator("main [name=value]").fill("5")
    page.locator("main [name=evidence_note]").fill(AFTERWARDS)
    page.locator("main").get_by_role("button", name=say("Save"), exact=True).click()
    expect(page.locator("main")).to_contain_text(AFTERWARDS)


def the_frozen_number_stands_and_the_difference_shows(page: Page, frozen: str) -> None:
    page.goto(frozen)
    cell = page.locator("main tr", has_text=WATER).first
    expect(cell.locator("b", has_text="7")).to_be_visible()
    expect(cell).to_contain_text(say("the records say %(now)s by now", now="5"))
    no_wider_than_the_phone(page)
    assert_clean(page)


def it_opens_down_to_the_meeting(page: Page) -> None:
    cell = page.locator("main tr", has_text=WATER).first
    cell.locator("summary").click()
    with page.expect_navigation():
        cell.get_by_role("link", name=VALUE).click()
    expect(page.locator("main")).to_contain_text(AFTERWARDS)
    page.locator("main").get_by_role("link", name=MEETING).first.click()
    expect(page.locator("h1")).to_contain_text(MEETING)


def the_paper_has_the_frozen_number(page: Page, frozen: str) -> None:
    period = frozen.partition("period=")[2]
    sent = page.request.get(f"{LOGFRAME}export.docx?lang=th&period={period}")
    assert sent.status == 200
    tables = docx.Document(io.BytesIO(sent.body())).tables
    cells = [cell.text.replace("\N{NO-BREAK SPACE}", " ") for table in tables for cell in table._cells]
    at = cells.index(next(cell for cell in cells if WATER in cell))
    assert "7 (2569)" in cells[at : at + 8], "the frozen number and, as the annex asks, its year"

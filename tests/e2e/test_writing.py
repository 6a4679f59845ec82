"""Somebody of the working group writes, at a phone and in Thai."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open, say, sign_in
from tests.e2e.people import MEMBER

pytestmark = pytest.mark.browser

CITY, STRATEGY = "/cities/phatong/", "/cities/phatong/strategy/"
POPULATION = "D-PTG-0010"
PASSAGE = "T-PTG-0003"
REASON = "พิมพ์ตัวเลขสลับหลัก"
OTHER_SOURCE = "ทะเบียนราษฎรของเทศบาลตำบลพะตง"
NEW_WORDS = "ชุมชนเฝ้าระวังน้ำในคลองตงเองทุกฤดูฝน"


def press(page: Page, message: str) -> None:
    """Press the button of the page's main part that bears these words."""
    page.locator("main").get_by_role("button", name=say(message), exact=True).click()


def follow(page: Page, message: str) -> None:
    page.locator("main").get_by_role("link", name=say(message), exact=True).first.click()


def words_of(document: bytes) -> str:
    """All text of a DOCX, paragraphs and tables."""
    read = docx.Document(io.BytesIO(document))
    cells = (cell.text for table in read.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in read.paragraphs), *cells])


def test_a_member_corrects_adds_and_makes_a_version_and_everything_shows_it(open_page: Open) -> None:
    page = open_page()
    page.goto(CITY)
    page.locator(".acct a").click()
    sign_in(page, MEMBER)
    correct_the_population(page)
    add_another_figure(page)
    both_stand_on_the_city_page(page)
    write_a_passage(page)
    make_a_version(page)
    the_document_has_it_all(page)
    the_changes_name_field_and_actor(page)
    the_history_shows_before_and_after(page)


def correct_the_population(page: Page) -> None:
    page.goto(f"/facts/{POPULATION}/")
    follow(page, "Correct")
    assert page.locator("[name=value]").input_value().startswith("13398")
    page.locator("[name=value]").fill("๑๓,๓๘๙")
    page.locator("[name=why]").fill(REASON)
    press(page, "Save")
    expect(page.locator("h1")).to_contain_text("13,389")


def add_another_figure(page: Page) -> None:
    follow(page, "Add what another source says")
    page.locator("[name=value]").fill("21,074")
    page.locator("[name=new_publisher]").fill(OTHER_SOURCE)
    page.locator("[name=new_date]").fill("ธันวาคม 2566")
    page.locator("[name=mark]").select_option("B")
    press(page, "Save")
    expect(page.locator("h1")).to_contain_text("21,074")
    expect(page.locator("dl.facts")).to_contain_text(OTHER_SOURCE)


def both_stand_on_the_city_page(page: Page) -> None:
    page.goto(CITY)
    both = page.locator("main section", has=page.get_by_role("heading", name=say("Figures that differ")))
    for value in ("13,389", "21,074", OTHER_SOURCE):
        expect(both.get_by_text(value).first).to_be_attached()


def write_a_passage(page: Page) -> None:
    page.goto(STRATEGY)
    follow(page, "Write the plan")
    page.locator(f"[id={PASSAGE}]").get_by_role("link", name=say("Edit the Thai")).click()
    page.locator("[name=text]").fill(NEW_WORDS)
    page.locator("[name=why]").fill("ประชุมกลุ่มย่อย")
    press(page, "Save")
    expect(page.locator(f"[id={PASSAGE}]")).to_contain_text(NEW_WORDS)


def make_a_version(page: Page) -> None:
    page.locator("[name=note]").fill("ปรับยุทธศาสตร์ตามที่ประชุม")
    press(page, "Make a version")
    expect(page).to_have_url(page.url.partition("/cities/")[0] + STRATEGY)
    expect(page.locator("main")).to_contain_text(say("version %(number)s", number=2))
    expect(page.locator(f"[id={PASSAGE}]")).to_contain_text(NEW_WORDS)


def the_document_has_it_all(page: Page) -> None:
    with page.expect_download() as waiting:
        page.locator("main").get_by_role("link", name="DOCX", exact=True).click()
    words = words_of(Path(waiting.value.path()).read_bytes())
    for expected in (NEW_WORDS, "13,389", "21,074", OTHER_SOURCE):
        assert expected in words


def the_changes_name_field_and_actor(page: Page) -> None:
    page.goto(CITY)
    follow(page, "Who changed what")
    row = page.locator("tbody tr", has_text=POPULATION)
    expect(row).to_have_count(1)
    expect(row).to_contain_text(MEMBER)
    expect(row).to_contain_text("value")
    assert "13,389" not in page.locator("main").inner_text()


def the_history_shows_before_and_after(page: Page) -> None:
    page.goto(f"/facts/{POPULATION}/")
    newest = page.locator("ol.tl li").first
    expect(newest).to_contain_text(REASON)
    expect(newest).to_contain_text(MEMBER)
    expect(newest.locator("del")).to_contain_text("13398")
    expect(newest.locator("ins")).to_contain_text("13389")

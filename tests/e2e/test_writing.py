"""Somebody of the working group writes, at a phone and in Thai."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open, say, sign_in
from tests.e2e.people import COLLEAGUE, MEMBER

pytestmark = pytest.mark.browser

CITY, STRATEGY = "/cities/phatong/", "/cities/phatong/strategy/"
POPULATION = "D-PTG-0010"
PASSAGE = "T-PTG-0003"
REASON = "พิมพ์ตัวเลขสลับหลัก"
OTHER_SOURCE = "ทะเบียนราษฎรของเทศบาลตำบลพะตง"
NEW_WORDS = "ชุมชนเฝ้าระวังน้ำในคลองตงเองทุกฤดูฝน"


def press(page: Page, message: str) -> None:
    """Press the button of the page's main part that bears these words, and wait for the page it leads to."""
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name=say(message), exact=True).click()


def follow(page: Page, message: str) -> None:
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=say(message), exact=True).first.click()


def words_of(document: bytes) -> str:
    """All text of a DOCX, paragraphs and tables."""
    read = docx.Document(io.BytesIO(document))
    cells = (cell.text for table in read.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in read.paragraphs), *cells])


def test_a_member_corrects_adds_and_makes_a_version_and_everything_shows_it(open_page: Open) -> None:
    page = open_page()
    page.goto(CITY)
    with page.expect_navigation():
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


# --- two people at once ---------------------------------------------------------------------


def columns(page: Page) -> tuple[str, str, str]:
    """What the three columns of a conflict say: mine, what stands now, what both started from."""
    mine, now, base = (
        page.locator(f".conflict .{name} p").first.inner_text() for name in ("mine", "now", "base")
    )
    return mine, now, base


def test_of_two_who_write_one_passage_the_second_sees_both_and_loses_nothing(open_page: Open) -> None:
    address = "/parts/T-PTG-0002/words/th/"
    slow, quick = open_page(MEMBER), open_page(COLLEAGUE)
    slow.goto(address)
    started = slow.locator("[name=text]").input_value()
    slow.locator("[name=text]").fill("ถ้อยคำของคนที่ช้ากว่า")
    quick.goto(address)
    quick.locator("[name=text]").fill("ถ้อยคำของคนที่เร็วกว่า")
    press(quick, "Save")
    press(slow, "Save")
    expect(slow.get_by_role("alert")).to_contain_text(COLLEAGUE)
    assert columns(slow) == ("ถ้อยคำของคนที่ช้ากว่า", "ถ้อยคำของคนที่เร็วกว่า", started)
    assert slow.locator("[name=text]").input_value() == "ถ้อยคำของคนที่ช้ากว่า"
    press(slow, "Save my words over theirs")
    expect(slow.locator("[id=T-PTG-0002]")).to_contain_text("ถ้อยคำของคนที่ช้ากว่า")
    slow.goto("/parts/T-PTG-0002/history/")
    for words in (started, "ถ้อยคำของคนที่เร็วกว่า", "ถ้อยคำของคนที่ช้ากว่า"):
        expect(slow.locator("ol.tl")).to_contain_text(words)


def test_of_two_who_correct_one_fact_the_second_sees_both_and_saves_over_knowingly(open_page: Open) -> None:
    address = "/facts/D-PTG-0008/"
    slow, quick = open_page(MEMBER), open_page(COLLEAGUE)
    for page in (slow, quick):
        page.goto(f"{address}correct/")
    slow.locator("[name=value]").fill("6.9")
    slow.locator("[name=scope_th]").fill("เฉพาะเขตเทศบาล")
    slow.locator("[name=why]").fill("วัดใหม่")
    quick.locator("[name=value]").fill("6.7")
    press(quick, "Save")
    expect(quick.locator("h1")).to_contain_text("6.7")
    press(slow, "Save")
    expect(slow.get_by_role("alert")).to_contain_text(COLLEAGUE)
    mine, now, base = columns(slow)
    assert (mine[:3], now[:3], base[:4]) == ("6.9", "6.7", "6.68")
    assert slow.locator("[name=scope_th]").input_value() == "เฉพาะเขตเทศบาล"
    assert slow.locator("[name=why]").input_value() == "วัดใหม่"
    press(slow, "Save my words over theirs")
    expect(slow.locator("h1")).to_contain_text("6.9")
    expect(slow.locator("ol.tl li").nth(1)).to_contain_text(COLLEAGUE)


# --- a form that cannot stand ---------------------------------------------------------------

TYPED = {"value": "๑,๒๐๐", "scope_th": "ในเขตเทศบาล", "time": "พ.ศ. 2022", "reporter_th": "อสม. หมู่ 3"}


@pytest.mark.parametrize("lang", ["th", "en"])
def test_a_refused_form_keeps_what_was_typed_and_names_the_fields(open_page: Open, lang: str) -> None:
    page = open_page(MEMBER, lang=lang)
    page.goto("/facts/add/?about=C-PTG")
    typed = TYPED if lang == "th" else TYPED | {"time": "2565 CE"}
    for name, text in typed.items():
        page.locator(f"[name={name}]").fill(text)
    page.locator("main form button[type=submit]").click()
    summary = page.locator(".errors")
    expect(summary).to_be_focused()
    assert {name: page.locator(f"[name={name}]").input_value() for name in typed} == typed
    for name in ("time", "unit", "source", "topic"):
        field = page.locator(f"[name={name}]")
        assert field.get_attribute("aria-invalid") == "true"
        assert described(page, name)
        summary.locator(f"a[href='#id_{name}']").click()
        expect(field).to_be_focused()
    assert ("2565" if lang == "th" else "2022") in described(page, "time")


def described(page: Page, name: str) -> str:
    """What a screen reader says after the label of a field."""
    ids = (page.locator(f"[name={name}]").get_attribute("aria-describedby") or "").split()
    return " ".join(page.locator(f"[id={one}]").inner_text() for one in ids)


# --- without JavaScript ---------------------------------------------------------------------


def test_reading_and_writing_work_without_javascript(open_page: Open) -> None:
    page = open_page(javascript=False)
    page.goto("/")
    page.locator(f"main a[href='{CITY}']").first.click()
    expect(page.locator("h1")).to_contain_text("พะตง")
    with page.expect_navigation():
        page.locator(".acct a").click()
    sign_in(page, COLLEAGUE)
    page.goto("/facts/D-PTG-0012/correct/")
    page.locator("[name=value]").fill("")
    press(page, "Save")
    expect(page.locator(".errors")).to_be_visible()
    page.locator("[name=value]").fill("21")
    press(page, "Save")
    expect(page.locator("h1")).to_contain_text("21")

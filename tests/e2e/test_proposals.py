"""A proposal on its way: from a measure to an office, its answer and its letter, page 12, and the form in Word."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open, say
from tests.e2e.people import MEMBER
from tests.e2e.test_accessibility import assert_clean
from tests.e2e.test_invited import no_wider_than_the_phone
from tests.e2e.test_writing import follow, press

pytestmark = pytest.mark.browser

CITY = "/cities/phatong/"
MEASURE = "ขุดลอกคลองตงช่วงตลาดและเปิดทางน้ำ"
PLAN = "แผนพัฒนาท้องถิ่น (พ.ศ. 2571-2575)"
CITATION = f"ปรากฏใน{PLAN} เพิ่มเติม ครั้งที่ 1/2571 หน้าที่ 12 ลำดับที่ 1"
INFORMAL = "Informal until a letter number or a resolution is attached."


def test_a_proposal_goes_from_a_measure_to_page_12_and_leaves_in_word(
    open_page: Open, tmp_path: Path
) -> None:
    member = open_page(MEMBER)
    measure = a_measure(member)
    proposal = propose(member, measure)
    submit(member, proposal)
    address = a_link(member, proposal)
    office = open_page()
    answer(office, address)
    forwarded(open_page(), address)
    attach_the_letter(member, proposal)
    adopt(member, proposal)
    the_public_reads(open_page(lang="en", wide=True), member, proposal)
    form_in_word(member, proposal, tmp_path)


def a_measure(page: Page) -> str:
    """A measure of the plan; gives its reference."""
    page.goto(f"{CITY}strategy/add/")
    page.locator("[name=kind]").select_option("measure")
    page.locator("[name=text_th]").fill(MEASURE)
    with page.expect_navigation():
        page.locator("main form button[type=submit], main form button.btn").last.click()
    page.goto(f"{CITY}proposals/add/")
    option = page.locator("[name=measure] option", has_text=MEASURE)
    words = option.text_content() or ""
    return words.rpartition("(")[2].rstrip(") \n")


def propose(page: Page, measure: str) -> str:
    """Make the proposal, prefilled from the measure; gives its address."""
    page.goto(f"{CITY}proposals/add/?measure={measure}")
    assert page.locator("[name=name_th]").input_value() == f"โครงการ{MEASURE}"
    assert page.locator("[name=objective]").input_value() == f"เพื่อ{MEASURE}"
    page.locator("[name=organisation]").select_option(index=1)
    page.locator("[name=channel]").select_option("supplement")
    page.locator("[name=outputs]").fill("ขุดลอกคลองยาว 400 เมตร")
    page.locator("[name=reason]").fill("น้ำท่วมตลาดสองครั้งในปีเดียว")
    page.locator("[name=year_1]").fill("2570")
    page.locator("[name=money_1]").fill("๕๐๐,๐๐๐")
    no_wider_than_the_phone(page)
    press(page, "Save")
    expect(page.locator("main .errors")).to_be_visible()
    expect(page.locator("main")).to_contain_text("พ.ศ. 2571-2575")
    page.locator("[name=year_1]").fill("2571")
    press(page, "Save")
    expect(page.locator("main .draft")).to_be_visible()
    no_wider_than_the_phone(page)
    press(page, "Publish the proposal")
    return page.url


def submit(page: Page, proposal: str) -> None:
    page.goto(proposal)
    follow(page, "Note a step")
    page.locator("[name=state]").select_option("submitted")
    page.locator("[name=letter_no]").fill("สค 12/2569")
    no_wider_than_the_phone(page)
    press(page, "Save")
    expect(page.locator("ol.happened")).to_contain_text("สค 12/2569")


def a_link(page: Page, proposal: str) -> str:
    page.goto(proposal)
    follow(page, "Link for an answer")
    page.locator("[name=name]").fill("สำนักปลัด")
    press(page, "Make the link")
    no_wider_than_the_phone(page)
    return str(page.locator(".address").inner_text())


def answer(page: Page, address: str) -> None:
    """The official, on a phone and without an account."""
    page.goto(address)
    expect(page.locator("main")).to_contain_text("สำนักปลัด")
    assert_clean(page)
    page.set_viewport_size({"width": 360, "height": 740})
    press(page, "Read the proposal")
    expect(page.locator("main")).to_contain_text("แบบ ผ. 02")
    expect(page.locator("main")).to_contain_text("ขุดลอกคลองยาว 400 เมตร")
    no_wider_than_the_phone(page)
    assert_clean(page)
    page.set_viewport_size({"width": 360, "height": 740})
    page.locator("[name=state]").select_option("committee")
    page.locator("[name=note]").fill("ที่ประชุมเห็นชอบ รอประกาศ")
    press(page, "Send the answer")
    expect(page.locator("ol.happened")).to_contain_text(say(INFORMAL))
    no_wider_than_the_phone(page)


def forwarded(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("main")).to_contain_text(say("This link cannot be used"))


def attach_the_letter(page: Page, proposal: str) -> None:
    page.goto(proposal)
    expect(page.locator(".head")).to_contain_text(say("submitted to the organisation"))
    expect(page.locator("ol.happened")).to_contain_text(say(INFORMAL))
    page.locator("ol.happened").get_by_role("link", name=say("Attach the letter number")).click()
    page.locator("[name=letter_no]").fill("สข 52301/77")
    no_wider_than_the_phone(page)
    press(page, "Save")
    expect(page.locator(".head")).to_contain_text(say("passed the local development committee and forum"))
    expect(page.locator("ol.happened")).not_to_contain_text(say(INFORMAL))


def adopt(page: Page, proposal: str) -> None:
    page.goto(proposal)
    follow(page, "Note where it was adopted")
    assert page.locator("[name=title]").input_value() == PLAN
    for name, words in (("round", "1/2571"), ("page", "๑๒"), ("order", "1")):
        page.locator(f"[name={name}]").fill(words)
    no_wider_than_the_phone(page)
    press(page, "Save")
    expect(page.locator("ol.happened")).to_contain_text(CITATION)


def the_public_reads(reader: Page, member: Page, proposal: str) -> None:
    reader.goto(f"{CITY}proposals/?state=proclaimed")
    reader.locator("main .tbl a").first.click()
    expect(reader.locator("ol.happened")).to_contain_text(CITATION)
    expect(reader.locator("main")).not_to_contain_text(say("Note a step", "en"))
    assert_clean(reader)
    member.goto(proposal)
    assert_clean(member)


def form_in_word(page: Page, proposal: str, folder: Path) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(proposal)
    with page.expect_download() as taken:
        page.locator("main").get_by_role("link", name=say("Take the form in Word"), exact=True).click()
    saved = folder / "p02.docx"
    taken.value.save_as(saved)
    made = docx.Document(io.BytesIO(saved.read_bytes()))
    (table,) = made.tables
    assert made.sections[0].header.paragraphs[0].text == "แบบ ผ. 02"
    assert [cell.text for cell in table.rows[1].cells][:4] == [
        "ที่",
        "โครงการ",
        "วัตถุประสงค์",
        "เป้าหมาย (ผลผลิตของโครงการ)",
    ]
    row = [cell.text for cell in table.rows[3].cells]
    assert row[1] == f"โครงการ{MEASURE}"
    assert row[4:6] == ["500,000", "-"]
    assert row[-1] == "น้ำท่วมตลาดสองครั้งในปีเดียว"

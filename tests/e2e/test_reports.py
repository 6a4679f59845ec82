"""A member writes a report with photos at a phone; a visitor finds it in Thai and is led on to another."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from khlong.record.tests import drawn
from tests.e2e.conftest import Open, say
from tests.e2e.people import COLLEAGUE, MEMBER
from tests.e2e.test_accessibility import assert_clean
from tests.e2e.test_invited import no_wider_than_the_phone

pytestmark = pytest.mark.browser

WRITE = "/reports/add/?space=C-PTG"
BOATS = "ซ้อมอพยพด้วยเรือท้องแบนที่ตลาดพะตง"
REPAIR = "อาสาซ่อมเรือท้องแบนก่อนหน้าฝน"
WORDS = """เช้าวันเสาร์ ชาวบ้านริมคลองตงซ้อมอพยพด้วยเรือท้องแบนสองลำ รับผู้ป่วยติดเตียงจากบ้านไปถึงโรงเรียนในเวลาไม่ถึงครึ่งชั่วโมง

# สิ่งที่ทำได้ดี
- ทุกบ้านรู้ว่าใครจะมารับ
- เรือผูกไว้ที่ท่าหน้าตลาด ไม่ต้องรอจากที่อื่น

# สิ่งที่ต้องแก้
เชือกสั้นเกินไป และไฟฉายมีสามกระบอก

> ถ้าน้ำมาตอนกลางคืน ขอให้ซ้อมกลางคืนด้วย"""
ALTS = ("ชาวบ้านหกคนพายเรือท้องแบนในคลองตง", "เด็กสองคนถือไม้วัดระดับน้ำริมตลิ่ง")


def press(page: Page, message: str) -> None:
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name=say(message), exact=True).click()


def photos(folder: Path) -> list[Path]:
    """Two photos as a phone makes them: one lying, one that says it must be turned; both say where."""
    made = {
        "เรือ.jpg": drawn.jpeg((1600, 1100), gps=True),
        "ไม้วัด.jpg": drawn.jpeg((1600, 1200), turned=6, gps=True),
    }
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in made]


def test_a_report_with_photos_is_written_published_found_and_leads_on(
    open_page: Open, tmp_path: Path
) -> None:
    member = open_page(MEMBER)
    member.goto(WRITE)
    a_refused_form_keeps_the_photos(member, tmp_path)
    a_draft_is_for_the_working_group(member, open_page)
    it_is_published(member)
    write_the_other(open_page(COLLEAGUE))
    visitor = open_page()
    a_visitor_finds_it_in_thai(visitor)
    the_photos_stand_upright_with_their_words(visitor)
    it_leads_on_to_the_other(visitor)


def a_refused_form_keeps_the_photos(page: Page, folder: Path) -> None:
    page.locator("[name=name_th]").fill(BOATS)
    page.locator("[name=date]").fill("2-3 พฤษภาคม 2569")
    page.locator("[name=place_th]").fill("ท่าน้ำหน้าตลาดพะตง")
    page.locator("[name=text_th]").fill(WORDS)
    page.locator("[name=photos]").set_input_files(photos(folder))
    press(page, "Save the draft")
    expect(page.locator(".errors")).to_be_visible()
    expect(page.locator(".photo-row img")).to_have_count(2)
    assert page.locator("[name=text_th]").input_value().startswith("เช้าวันเสาร์")
    assert_clean(page)
    page.set_viewport_size({"width": 360, "height": 740})
    for number, alt in enumerate(ALTS):
        page.locator(f"[name=photo-{number}-alt_th]").fill(alt)
    page.locator("[name=photo-0-caption_th]").fill("เรือสองลำพอสำหรับสิบหลังคาเรือน")
    page.locator("[name=photo-0-credit]").fill("มาลี")
    page.locator("[name=shown_agree]").check()
    press(page, "Save the draft")
    expect(page.locator("h1")).to_contain_text("เรือท้องแบน")


def a_draft_is_for_the_working_group(page: Page, open_page: Open) -> None:
    expect(page.locator(".draft")).to_contain_text(
        say("Only the working group sees this report and its photos.")
    )
    visitor = open_page()
    picture = page.locator(".story img").first.get_attribute("src") or ""
    assert visitor.request.get(picture).status == 404
    assert visitor.request.get(page.url).status == 404


def it_is_published(page: Page) -> None:
    press(page, "Publish the report")
    expect(page.locator(".messages")).to_contain_text(say("Published. Everybody can read the report now."))


def write_the_other(page: Page) -> None:
    page.goto(WRITE)
    page.locator("[name=name_th]").fill(REPAIR)
    page.locator("[name=date]").fill("10 พฤษภาคม 2569")
    page.locator("[name=text_th]").fill("อาสาสมัครซ่อมเรือท้องแบนสองลำ เตรียมรับผู้ป่วยติดเตียงริมคลองตง")
    press(page, "Save the draft")
    press(page, "Publish the report")
    expect(page.locator(".messages")).to_be_visible()


def a_visitor_finds_it_in_thai(page: Page) -> None:
    page.goto("/")
    page.locator("main input[name=q]").first.fill("ผู้ป่วยติดเตียง ครึ่งชั่วโมง")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_role("link", name=BOATS).first.click()
    expect(page.locator("h1")).to_contain_text("ซ้อมอพยพ")
    expect(page.locator(".story h2").first).to_have_text("สิ่งที่ทำได้ดี")


def the_photos_stand_upright_with_their_words(page: Page) -> None:
    for alt in ALTS:
        page.get_by_alt_text(alt).scroll_into_view_if_needed()
        page.wait_for_function("alt => document.querySelector(`img[alt='${alt}']`).naturalWidth > 0", arg=alt)
    lying, upright = (page.get_by_alt_text(alt).bounding_box() for alt in ALTS)
    assert lying is not None
    assert upright is not None
    assert lying["width"] > lying["height"]
    assert upright["height"] > upright["width"]
    no_wider_than_the_phone(page)
    sent = page.request.get(page.get_by_alt_text(ALTS[0]).get_attribute("src") or "").body()
    assert b"Pranee" not in sent
    assert b"Exif" not in sent


def it_leads_on_to_the_other(page: Page) -> None:
    beside = page.locator(".beside li", has_text="ซ่อมเรือ")
    expect(beside).to_contain_text(say("Words in both:"))
    expect(beside).to_contain_text("เรือ")
    beside.get_by_role("link").click()
    expect(page.locator("h1")).to_contain_text("อาสาซ่อมเรือ")


PAGES = (
    "/reports/",
    "/reports/A-SCS-0001/",
    "/topics/J-SCS-0004/",
    "/reports/A-PTG-0001/",
    "/cities/phatong/",
)


@pytest.mark.parametrize("lang", ["th", "en"])
def test_the_pages_of_reports_have_no_fault_that_axe_knows(open_page: Open, lang: str) -> None:
    page = open_page(MEMBER, lang=lang)
    for address in (*PAGES, WRITE, "/related/A-PTG-0001/"):
        page.goto(address)
        assert_clean(page)


def test_photos_go_in_without_a_line_of_javascript(open_page: Open, tmp_path: Path) -> None:
    page = open_page(MEMBER, javascript=False)
    page.goto(WRITE)
    page.locator("[name=name_th]").fill("ไม่มีสคริปต์")
    page.locator("[name=photos]").set_input_files(photos(tmp_path)[:1])
    press(page, "Put these photos in now")
    expect(page.locator(".photo-row img")).to_have_count(1)
    assert page.locator("[name=name_th]").input_value() == "ไม่มีสคริปต์"
    page.locator("[name=photo-0-alt_th]").fill("คลองตง")
    press(page, "Save the draft")
    expect(page.get_by_alt_text("คลองตง")).to_be_visible()

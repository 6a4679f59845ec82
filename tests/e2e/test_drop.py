"""Follow one drop: the first five minutes of a newcomer, on a phone in Thai and at a desk in English."""

from __future__ import annotations

import io

import docx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open, say
from tests.e2e.house import House
from tests.e2e.test_accessibility import assert_clean
from tests.e2e.test_invited import no_wider_than_the_phone

pytestmark = pytest.mark.browser

MINE = "ขอบันไดลงน้ำตรงหัวโค้ง คนแก่ลงล้างของไม่ได้"
INSTEAD = "ปลูกไม้ชายคลองและเว้นบันไดลงน้ำ"
LETTERS_A_SECOND, SECONDS_A_TAP = 14, 4
"""How fast somebody reads who reads on a phone, and finds the next thing to touch (scripted, not measured)."""


class Reader:
    """Somebody who follows the drop; how long her reading would take is added up."""

    def __init__(self, page: Page, lang: str) -> None:
        self.page, self.lang, self.seconds = page, lang, 0.0

    def reads(self, *places: str) -> None:
        for place in places:
            text = self.page.locator(place).first.inner_text()
            self.seconds += len(text) / LETTERS_A_SECOND

    def taps(self, message: str) -> None:
        with self.page.expect_navigation():
            self.touches(message)

    def touches(self, message: str) -> None:
        self.seconds += SECONDS_A_TAP
        self.page.locator(".walk").get_by_role("link", name=say(message, self.lang), exact=True).click()

    def steps_into(self, message: str) -> None:
        """One tap: whose shoes it needs, she stands in at once."""
        self.seconds += SECONDS_A_TAP
        with self.page.expect_navigation():
            self.page.locator(".walk").get_by_role("button", name=say(message, self.lang), exact=True).click()

    def arrives(self, number: int) -> None:
        expect(self.page.locator(".walk-now")).to_contain_text(
            say("%(number)s of %(of)s", self.lang, number=number, of=6)
        )
        expect(self.page.locator("aside.example").first).to_be_visible()
        no_wider_than_the_phone(self.page)
        self.reads(".walk-now", "main h1")

    def stands_in_the_shoes_of(self, message: str) -> None:
        self.seconds += SECONDS_A_TAP
        shoes = self.page.locator(".walk-shoes")
        shoes.locator("summary").click()
        with self.page.expect_navigation():
            shoes.get_by_role("button", name=say(message, self.lang), exact=True).click()


def begins(page: Page, lang: str) -> Reader:
    reader = Reader(page, lang)
    page.goto("/")
    expect(page.locator("h1.vision")).to_be_visible()
    reader.reads("h1.vision")
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=say("Follow one drop", lang), exact=True).click()
    reader.reads("main .lead")
    with page.expect_navigation():
        page.locator("main .actions").get_by_role("link", name=say("Begin", lang), exact=True).click()
    return reader


def reads_three_steps(reader: Reader) -> None:
    page = reader.page
    reader.arrives(1)
    reader.reads("main blockquote, main .say, main .lead")
    reader.taps("Next")
    reader.arrives(2)
    reader.taps("Next")
    reader.arrives(3)
    expect(page.locator("main")).to_contain_text("M-STT-0001")
    reader.taps("Next")
    reader.arrives(4)


def test_a_newcomer_follows_the_drop_in_five_minutes_on_a_phone(open_page: Open, satit: House) -> None:
    page = open_page()
    reader = begins(page, "th")
    reads_three_steps(reader)
    expect(page.locator("main")).to_contain_text("เว้นหน้าท่าเรือ 25 เมตร")
    assert_clean(page)
    suggests(reader)
    answers(reader)
    reader.taps("Next")
    reader.arrives(5)
    expect(page.locator("main")).to_contain_text("หน้าที่ 12 ลำดับที่ 3")
    takes_the_form(reader)
    reader.taps("Next")
    reader.arrives(6)
    expect(page.locator("main")).to_contain_text("7")
    reader.taps("End the walk")
    expect(page.locator(".walk")).to_have_count(0)
    assert reader.seconds < 300, f"{reader.seconds:.0f} seconds of reading and tapping"


def suggests(reader: Reader) -> None:
    """Without an account, at the words of the measure; her receipt stands on the page."""
    page = reader.page
    reader.taps("Suggest something yourself")
    page.locator("[name=voice][value=suggest]").check()
    page.locator("[name=instead]").fill(INSTEAD)
    page.locator("main [name=words]").fill(MINE)
    reader.seconds += 40
    page.locator("main").get_by_role("button", name=say("Send", reader.lang), exact=True).click()
    expect(page.locator("[data-receipt]")).to_be_visible()
    reader.reads("[data-receipt]")
    no_wider_than_the_phone(page)


def answers(reader: Reader) -> None:
    """In the working group's shoes: the suggestion waits, is answered, and the sentence changes."""
    page = reader.page
    reader.steps_into("Answer as the working group")
    expect(page.locator(".acct .name")).to_contain_text("สาธิต-คณะทำงาน")
    row = page.locator("main li, main article, main tr, main .sug").filter(has_text="หัวโค้ง").first
    expect(row).to_be_visible()
    row.get_by_role("link", name=say("Answer", reader.lang)).first.click()
    page.locator("[name=text]").first.wait_for()
    page.locator("main [name=outcome][value=accepted]").first.check()
    words = page.locator("main [name=text]").first
    words.fill(words.input_value() + " พร้อมบันไดลงน้ำตรงหัวโค้ง")
    page.locator("main [name=reason_th]").first.fill("รับ มีที่ให้ทำบันไดสองขั้นโดยไม่ตัดไม้")
    reader.seconds += 30
    save = page.locator("main").get_by_role("button", name=say("Save the answer", reader.lang), exact=True)
    with page.expect_navigation():
        save.first.click()
    expect(page.locator("main ins").filter(has_text="บันไดลงน้ำตรงหัวโค้ง").first).to_be_visible()
    reader.stands_in_the_shoes_of("a resident without an account")


def takes_the_form(reader: Reader) -> None:
    page = reader.page
    with page.expect_download() as given:
        reader.touches("Take the project form along in Word")
    text = docx.Document(io.BytesIO(given.value.path().read_bytes()))
    cells = [cell.text for table in text.tables for row in table.rows for cell in row.cells]
    assert any("โครงการเปิดคลองไส้ไก่" in cell for cell in cells)


def test_a_visitor_follows_the_drop_at_a_desk_in_english(open_page: Open, satit: House) -> None:
    page = open_page(lang="en", wide=True)
    reader = begins(page, "en")
    reads_three_steps(reader)
    reader.taps("Next")
    reader.arrives(5)
    reader.taps("Next")
    reader.arrives(6)
    assert_clean(page)
    assert reader.seconds < 300

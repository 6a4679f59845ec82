"""A round of review, from the working group's link to somebody's phone: words are marked, said and answered for."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from khlong.thai.dates import format_date
from tests.e2e.conftest import DESK, Open, say
from tests.e2e.people import MEMBER
from tests.e2e.test_accessibility import assert_clean
from tests.e2e.test_invited import no_wider_than_the_phone
from tests.e2e.test_writing import follow, press

pytestmark = pytest.mark.browser

WORDS = "น้ำเข้าตลาดทุกปี อยากให้ทำก่อนฤดูฝน"
MARK = """(passage) => {
  const text = passage.firstChild, range = document.createRange();
  range.setStart(text, 2); range.setEnd(text, 8);
  getSelection().removeAllRanges(); getSelection().addRange(range);
}"""


@pytest.fixture(scope="module")
def links() -> dict[str, str]:
    """The link of the circle, printed once for all tests of this file."""
    return {}


def opened_round(page: Page) -> None:
    page.goto("/cities/phatong/rounds/add/")
    today = date.today()
    page.locator("[name=opens_on]").fill(format_date(today, "th"))
    page.locator("[name=closes_on]").fill(format_date(today + timedelta(days=20), "th"))
    page.locator("[name=summary_th]").fill("ร่างนี้ว่าด้วยการอยู่กับน้ำที่พะตง อ่านแล้วบอกเราว่าคิดอย่างไร")
    page.locator("[name=level][value=involve]").check()
    no_wider_than_the_phone(page)
    press(page, "Save")


def printed(page: Page) -> str:
    """The member opens a round, adds a circle and prints its link; gives the address on the paper."""
    opened_round(page)
    follow(page, "Add a circle")
    page.locator("[name=name_th]").fill("เครือข่ายประมงพื้นบ้าน")
    page.locator("[name=expected]").fill("40")
    no_wider_than_the_phone(page)
    press(page, "Save")
    expect(page.locator("main .tbl")).to_be_visible()
    no_wider_than_the_phone(page)
    page.locator("main form[action*='/link/'] button").click()
    expect(page.locator(".invitation .qr svg")).to_be_visible()
    no_wider_than_the_phone(page)
    assert_clean(page)
    return str(page.locator(".invitation .address").inner_text())


@pytest.fixture
def link(open_page: Open, links: dict[str, str]) -> str:
    if "link" not in links:
        links["link"] = printed(open_page(MEMBER))
    return links["link"]


def code_on(page: Page) -> str:
    expect(page.locator("[data-receipt]")).to_be_visible()
    return str(page.locator("[data-receipt]").inner_text())


def send(page: Page) -> None:
    """Send what was typed; the script puts the answer, or why there is none, into this page."""
    page.locator("main").get_by_role("button", name=say("Send"), exact=True).click()


def open_receipt(page: Page, code: str) -> None:
    page.goto("/receipt/")
    page.locator("[name=code]").fill(code)
    no_wider_than_the_phone(page)
    press(page, "See the answer")
    expect(page.locator("main .reply").first).to_be_visible()


def test_by_qr_on_a_phone_she_marks_words_suggests_and_sees_her_receipt(
    open_page: Open, visitor: Page, link: str
) -> None:
    visitor.goto(link)
    assert visitor.url.endswith("/speak/")
    no_wider_than_the_phone(visitor)
    assert_clean(visitor)
    passage = visitor.locator("[data-words]").nth(2)
    passage.evaluate(MARK)
    expect(visitor.locator(".marked")).to_be_visible()
    quote = visitor.locator(".marked .marked-words").inner_text()
    with visitor.expect_navigation():
        visitor.locator(".marked a").click()
    expect(visitor.locator(".how-marked")).to_contain_text(quote)
    visitor.locator("[name=voice][value=suggest]").check()
    visitor.locator("[name=instead]").fill("ขุดลอกก่อนฤดูฝนทุกปี")
    visitor.locator("[name=words]").fill(WORDS)
    no_wider_than_the_phone(visitor)
    assert_clean(visitor)
    send(visitor)
    code = code_on(visitor)
    no_wider_than_the_phone(visitor)
    assert_clean(visitor)
    other = open_page()
    open_receipt(other, code)
    expect(other.locator("main")).to_contain_text("อยากให้ทำก่อนฤดูฝน")
    expect(other.locator("main")).to_contain_text(quote)
    no_wider_than_the_phone(other)
    assert_clean(other)


def test_words_marked_within_the_passage_are_chosen_by_code_points(visitor: Page, link: str) -> None:
    visitor.goto(link)
    follow_speak(visitor, 3)
    visitor.locator("[data-passage]").evaluate(MARK)
    expect(visitor.locator("[name=place][value=chosen]")).to_be_checked()
    text = visitor.locator("[data-passage]").evaluate("(p) => p.textContent")
    assert visitor.locator("[name=start]").input_value() == "2"
    assert visitor.locator("[name=quote]").input_value() == text[2:8]


def follow_speak(page: Page, number: int) -> None:
    with page.expect_navigation():
        page.locator("main a[href*='/speak/M-'], main a[href*='/speak/T-']").nth(number).click()
    page.locator("[data-passage]").wait_for()


def test_without_a_programme_in_the_browser_she_chooses_from_lists(open_page: Open, link: str) -> None:
    page = open_page(javascript=False)
    page.goto(link)
    follow_speak(page, 1)
    page.locator("[name=voice][value=ask]").check()
    press(page, "Send")
    expect(page.locator(".errors")).to_be_visible()
    page.locator("[name=words]").fill("ใครดูแลหลังขุดแล้ว")
    page.locator("details summary").first.click()
    page.locator("[name=place][value=between]").check()
    page.locator("[name=first]").select_option(index=1)
    page.locator("[name=last]").select_option(index=2)
    press(page, "Send")
    code = code_on(page)
    no_wider_than_the_phone(page)
    open_receipt(page, code)
    expect(page.locator("main")).to_contain_text("ใครดูแลหลังขุดแล้ว")


def test_words_wait_for_a_connection_and_are_sent_once(visitor: Page, link: str) -> None:
    visitor.goto(link)
    follow_speak(visitor, 2)
    visitor.locator("[name=voice][value=object]").check()
    visitor.locator("[name=words]").fill("ไม่มีที่ให้เรือจอด")
    visitor.route("**/speak/**", lambda route: route.abort("aborted"))
    send(visitor)
    expect(visitor.locator(".sending")).to_contain_text(say(OFFLINE)[:20])
    visitor.unroute("**/speak/**")
    visitor.evaluate("dispatchEvent(new Event('online'))")
    code = code_on(visitor)
    assert re.fullmatch(r"\d{4} \d{4} \d{4}", code)
    assert visitor.evaluate("localStorage.getItem('khlong.waiting')") == "[]"


OFFLINE = (
    "There is no connection just now. Your words are kept on this phone and are sent by themselves as soon as "
    "there is one. You may close the page and open it again later."
)


def test_what_was_typed_is_there_again_after_the_page_was_closed(visitor: Page, link: str) -> None:
    visitor.goto(link)
    follow_speak(visitor, 0)
    address = visitor.url
    visitor.locator("[name=words]").fill("ยังเขียนไม่จบ")
    visitor.goto("/")
    visitor.goto(address)
    expect(visitor.locator("[name=words]")).to_have_value("ยังเขียนไม่จบ")
    visitor.locator("[data-forget]").click()
    visitor.goto(address)
    expect(visitor.locator("[name=words]")).to_have_value("")


def test_a_scribe_enters_a_sheet_and_the_next_one(open_page: Open, link: str) -> None:
    del link
    page = open_page(MEMBER)
    page.goto("/rounds/")
    with page.expect_navigation():
        page.locator("main .found a").first.click()
    follow(page, "Enter paper and spoken words")
    no_wider_than_the_phone(page)
    assert_clean(page)
    with page.expect_navigation():
        page.locator("main a[href*='/scribe/T-']").first.click()
    page.locator("[name=sheet]").fill("009")
    page.locator("[name=site]").fill("ศาลาหมู่ 3")
    page.locator("[name=voice][value=suggest]").check()
    page.locator("[name=words]").fill("ขอสะพานให้เด็กข้าม")
    page.locator("[name=consent]").check()
    no_wider_than_the_phone(page)
    assert_clean(page)
    press(page, "Save and show the receipt")
    code = code_on(page)
    follow(page, "Enter the next one here")
    expect(page.locator("[name=sheet]")).to_have_value("010")
    expect(page.locator("[name=site]")).to_have_value("ศาลาหมู่ 3")
    open_receipt(page, code)
    expect(page.locator("main")).to_contain_text("ขอสะพานให้เด็กข้าม")


LOOKED_AT: dict[str, Callable[[str], str]] = {
    "round": lambda ref: f"/rounds/{ref}/",
    "said": lambda ref: f"/rounds/{ref}/said/",
    "rounds": lambda _ref: "/rounds/",
}


@pytest.mark.parametrize("lang", ["th", "en"])
def test_pages_of_a_round_are_clean_on_a_desk_and_a_phone(open_page: Open, link: str, lang: str) -> None:
    page = open_page(lang=lang)
    page.goto(link)
    ref = page.url.split("/rounds/")[1].split("/")[0]
    for address in LOOKED_AT.values():
        page.goto(address(ref))
        no_wider_than_the_phone(page)
        assert_clean(page)
        page.set_viewport_size(DESK)  # type: ignore[arg-type]
        assert_clean(page)
        page.set_viewport_size({"width": 360, "height": 740})

"""Reading at a phone, in both languages, with the keyboard, on paper; and who may not write."""

from __future__ import annotations

import re

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open, say, sign_in
from tests.e2e.house import House
from tests.e2e.people import MEMBER, OBSERVER, PASSWORD, STRANGER

pytestmark = pytest.mark.browser

CITY, STRATEGY = "/cities/phatong/", "/cities/phatong/strategy/"
FACT = "/facts/D-PTG-0010/"
WRITING = ("/edit/", "/correct/", "/add/", "/withdraw/", "/words/", "/changes/")


# --- who may what ---------------------------------------------------------------------------


def test_somebody_not_signed_in_is_led_to_the_door_and_back(visitor: Page) -> None:
    visitor.goto(f"{FACT}correct/")
    expect(visitor.locator("main [name=password]")).to_be_visible()
    sign_in(visitor, MEMBER)
    expect(visitor).to_have_url(visitor.url.partition("/facts/")[0] + f"{FACT}correct/")
    expect(visitor.locator("[name=value]")).to_be_visible()


def ways_to_write(page: Page) -> list[str]:
    """Addresses behind links and forms of the main part that lead to writing."""
    found = page.locator("main a[href], main form[action]").evaluate_all(
        "all => all.map(one => one.getAttribute('href') || one.getAttribute('action'))"
    )
    return [address for address in found if any(word in address for word in WRITING)]


@pytest.mark.parametrize("person", ["", STRANGER, OBSERVER])
def test_who_may_not_write_sees_no_button_for_it(open_page: Open, person: str) -> None:
    page = open_page(person)
    for address in (CITY, STRATEGY, FACT, f"{CITY}facts/"):
        page.goto(address)
        assert ways_to_write(page) == []


def test_who_may_write_sees_buttons_for_it(open_page: Open) -> None:
    page = open_page(MEMBER)
    for address in (CITY, STRATEGY, FACT, f"{CITY}facts/"):
        page.goto(address)
        assert ways_to_write(page)


@pytest.mark.parametrize("person", [STRANGER, OBSERVER])
@pytest.mark.parametrize("address", [f"{FACT}correct/", f"{CITY}edit/", f"{STRATEGY}edit/"])
def test_who_may_not_write_is_refused_in_words(open_page: Open, person: str, address: str) -> None:
    page = open_page(person)
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 403
    expect(page.locator("h1")).to_have_text(say("This is not open to you"))
    reasons = (
        "Only the working group of this city may change this.",
        "Only the working group of this city may write this plan.",
    )
    assert any(say(reason) in page.locator("main").inner_text() for reason in reasons)
    assert page.locator("main a[href='/']").count() == 1


# --- language -------------------------------------------------------------------------------


def test_the_other_language_keeps_the_page_and_its_query(visitor: Page) -> None:
    visitor.goto("/facts/?kind=figure&page=2")
    there = visitor.url
    visitor.locator(".acct button[lang=en]").click()
    expect(visitor.locator("html")).to_have_attribute("lang", "en")
    assert visitor.url == there
    expect(visitor.locator("h1")).to_have_text(say("All facts", "en"))
    visitor.locator(".acct button[lang=th]").click()
    expect(visitor.locator("html")).to_have_attribute("lang", "th")
    assert visitor.url == there


# --- keyboard -------------------------------------------------------------------------------

FOCUSED = "() => document.activeElement.outerHTML.slice(0, 200)"
REACHABLE = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea,'
  + ' summary, [tabindex="0"]')].filter(one => one.checkVisibility({visibilityProperty: true}) && !one.disabled)
  .map(one => one.outerHTML.slice(0, 200))"""


def walk(page: Page, most: int) -> list[str]:
    """What the Tab key comes past, from the top of the page."""
    found = []
    for _step in range(most):
        page.keyboard.press("Tab")
        found.append(str(page.evaluate(FOCUSED)))
    return found


@pytest.mark.parametrize("address", [CITY, f"{FACT}correct/"])
def test_the_tab_key_goes_through_the_page_in_its_order(open_page: Open, address: str) -> None:
    page = open_page(MEMBER)
    page.goto(address)
    in_order = page.evaluate(REACHABLE)
    assert len(in_order) > 15
    assert walk(page, len(in_order)) == in_order


def test_the_first_stop_is_a_visible_link_to_the_content(visitor: Page) -> None:
    visitor.goto(CITY)
    visitor.keyboard.press("Tab")
    skip = visitor.locator("a.skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    visitor.keyboard.press("Enter")
    expect(visitor.locator("main")).to_be_focused()
    visitor.keyboard.press("Tab")
    assert visitor.evaluate("() => document.querySelector('main').contains(document.activeElement)")


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    for _step in range(most):
        if page.locator(selector).evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not come to {selector}")


def test_signing_in_and_saving_need_no_mouse(visitor: Page) -> None:
    visitor.goto("/signin/?next=/facts/D-PTG-0013/correct/")
    tab_to(visitor, "[name=username]")
    visitor.keyboard.type(MEMBER)
    visitor.keyboard.press("Tab")
    visitor.keyboard.insert_text(PASSWORD)
    with visitor.expect_navigation():
        visitor.keyboard.press("Enter")
    tab_to(visitor, "[name=value]")
    visitor.keyboard.press("Control+A")
    visitor.keyboard.type("51")
    tab_to(visitor, "main form .actions button[type=submit]")
    visitor.keyboard.press("Enter")
    expect(visitor.locator("h1")).to_contain_text("51")


# --- at a phone -----------------------------------------------------------------------------

TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
CULPRITS = """() => [...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right
  > document.documentElement.clientWidth + 1 && !one.closest('.scroller')).slice(0, 3)
  .map(one => one.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("lang", ["th", "en"])
def test_no_page_scrolls_sideways_on_a_narrow_phone(open_page: Open, house: House, lang: str) -> None:
    page = open_page(MEMBER, lang=lang)
    wide = []
    for name, address in house.pages.items():
        page.goto(address)
        if (by := page.evaluate(TOO_WIDE)) > 0:
            wide.append(f"{name} {address}: {by} px too wide, {page.evaluate(CULPRITS)}")
    assert not wide, "\n".join(wide)


def test_from_home_to_the_source_of_a_fact_by_links_alone(visitor: Page) -> None:
    visitor.goto("/")
    for target in (CITY, STRATEGY, CITY, f"{CITY}facts/", "/facts/D-PTG-", "/sources/"):
        with visitor.expect_navigation():
            visitor.locator(f"main a[href^='{target}']:visible").first.click()
        expect(visitor).to_have_url(re.compile(re.escape(target)))
        assert visitor.evaluate(TOO_WIDE) <= 0
    expect(visitor.locator("h1")).not_to_be_empty()
    assert visitor.locator("main a[href^='/facts/']").count() > 0


# --- paper ----------------------------------------------------------------------------------


def test_a_printed_strategy_has_its_words_and_no_navigation(visitor: Page) -> None:
    visitor.goto(STRATEGY)
    labels = visitor.locator("header nav a, .acct a, .acct button").all_inner_texts()
    assert len(labels) > 3
    visitor.emulate_media(media="print")
    for hidden in ("header nav", ".acct", "a.skip"):
        expect(visitor.locator(hidden)).to_be_hidden()
    pdf = pypdfium2.PdfDocument(visitor.pdf(prefer_css_page_size=True))
    assert len(pdf) >= 1
    assert abs(pdf[0].get_width() - 595) < 2
    text = "".join(page.get_textpage().get_text_bounded() for page in pdf)
    assert "ยุทธศาสตร์" in text
    assert "English" not in text
    assert say("Sign in") not in text

"""Ways in at a phone: a second factor, paper codes, a passkey, LINE, and being let in again by another owner."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from khlong.people.line.tests.double import Line, Served
from tests.e2e.conftest import PATIENCE, PHONE, Open, say, sign_in
from tests.e2e.house import House, served
from tests.e2e.people import OWNER, PASSWORD
from tests.e2e.test_accessibility import assert_clean
from tests.e2e.test_invited import MEMBERS, no_wider_than_the_phone, printed_link, take_the_invitation
from tests.e2e.test_writing import follow, press

pytestmark = pytest.mark.browser

NEW_PASSWORD = "ธรรมนูญสายคลอง-2566-ใหม่"
STEP = 30


@pytest.fixture(scope="module")
def line() -> Iterator[tuple[Line, str]]:
    double = Line()
    with Served(double) as running:
        yield double, running.address


@pytest.fixture(scope="module")
def house(
    model: tuple[Path, dict[str, str]],
    line: tuple[Line, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    """A house of its own that knows the double as LINE."""
    (var, pages), (double, address) = model, line
    more = {
        "KHLONG_LINE_CHANNEL_ID": double.channel_id,
        "KHLONG_LINE_CHANNEL_SECRET": double.channel_secret,
        "KHLONG_LINE_SITE": address,
        "KHLONG_LINE_API": address,
        "KHLONG_LINE_BOT_PROMPT": "normal",
    }
    with served(var, tmp_path_factory.mktemp("signin") / "var", pages, more) as running:
        double.callbacks.add(f"{running.address}/signin/line/back/")
        yield running


def newcomer(open_page: Open, name: str, lang: str = "th") -> Page:
    """Somebody who has just come in by a paper, at a phone in her language."""
    address = printed_link(open_page(OWNER), name)
    page = open_page()
    take_the_invitation(page, address, name)
    if lang == "th":
        return page
    page = open_page(lang=lang)
    sign_in(page, name)
    return page


def code_of(secret: str, after: int = 0) -> tuple[str, int]:
    """A code of a half minute that was not used yet, and which one: that at hand or the next, which holds too."""
    step = max(int(time.time()) // STEP, after + 1)
    return pyotp.TOTP(secret).generate_otp(step), step


def set_up(page: Page, lang: str = "th") -> tuple[str, int, list[str]]:
    """Turn the second factor on at the account page; gives the secret, the half minute used, the paper's codes."""
    page.goto("/account/")
    page.get_by_role("link", name=say("Set up the second factor", lang)).click()
    page.get_by_role("button", name=say("Set up with a phone", lang)).click()
    expect(page.locator(".qr svg")).to_be_visible()
    no_wider_than_the_phone(page)
    assert_clean(page)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    secret = page.locator(".address").inner_text().replace(" ", "")
    code, step = code_of(secret)
    page.locator("[name=code]").fill(code)
    page.locator("form[action$='/on/'] button").click()
    expect(page.locator(".codes li")).to_have_count(10)
    no_wider_than_the_phone(page)
    assert_clean(page)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    return secret, step, page.locator(".codes li").all_inner_texts()


def to_the_code(page: Page, name: str) -> None:
    page.goto("/signin/")
    page.locator("[name=username]").fill(name)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.locator("[name=code]").wait_for()


@pytest.mark.parametrize("lang", ["th", "en"])
def test_a_second_factor_is_set_up_and_asked_for_and_a_paper_code_holds_once(
    open_page: Open, lang: str
) -> None:
    name = f"kanya-{lang}"
    secret, step, codes = set_up(newcomer(open_page, name, lang), lang)
    page = open_page(lang=lang, javascript=False)
    to_the_code(page, name)
    no_wider_than_the_phone(page)
    page.locator("[name=code]").fill(code_of(secret, step)[0])
    page.locator("main button").first.click()
    expect(page.locator(".acct")).to_contain_text(name)
    for attempt in range(2):
        page = open_page(lang=lang)
        to_the_code(page, name)
        page.locator("[name=code]").fill(codes[0])
        page.locator("main form button").first.click()
        if attempt == 0:
            expect(page.locator(".acct")).to_contain_text(name)
        else:
            expect(page.locator("[name=code]")).to_have_attribute("aria-invalid", "true")
            assert_clean(page)


def with_authenticator(page: Page) -> Any:
    """A virtual authenticator of Chromium: in the device, with a finger that always fits."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


@pytest.fixture
def by_name(browser: Browser, house: House) -> Iterator[Page]:
    """A page at localhost: browsers make no passkeys for a number."""
    address = house.address.replace("127.0.0.1", "localhost")
    context = browser.new_context(base_url=address, viewport=PHONE, locale="th-TH")  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def test_a_passkey_is_registered_and_signs_in_and_confirms(open_page: Open, by_name: Page) -> None:
    newcomer(open_page, "kamon")
    page = by_name
    with_authenticator(page)
    sign_in(page, "kamon")
    page.goto("/account/passkeys/")
    page.locator("[name=name]").fill("โทรศัพท์ของกมล")
    no_wider_than_the_phone(page)
    page.locator("form[data-passkey] button").click()
    expect(page.locator("tbody tr")).to_contain_text("โทรศัพท์ของกมล")
    assert_clean(page)
    with page.expect_navigation():
        page.locator(".acct form button").first.click()
    page.goto("/signin/?next=/account/")
    page.locator("form[data-passkey] button").click()
    page.wait_for_url(re.compile(r"^[^?]+/account/$"))
    expect(page.locator(".acct")).to_contain_text("kamon")
    page.goto("/account/confirm/?next=/account/email/")
    page.locator("form[data-passkey] button").click()
    page.wait_for_url(re.compile(r"^[^?]+/account/email/$"))
    page.goto("/account/passkeys/")
    page.locator("tbody button").click()
    expect(page.locator("tbody tr")).to_have_count(0)


def test_without_script_or_at_a_number_the_page_says_that_the_password_remains(open_page: Open) -> None:
    page = open_page(OWNER, javascript=False)
    page.goto("/account/passkeys/")
    expect(page.locator("main")).to_contain_text("127.0.0.1")
    expect(page.locator("form[data-passkey]")).to_have_count(0)


def test_line_is_linked_and_signs_in_and_cancelling_changes_nothing(
    browser: Browser, open_page: Open, house: House, line: tuple[Line, str]
) -> None:
    newcomer(open_page, "lalita")
    context = browser.new_context(base_url=house.address, viewport=PHONE, locale="th-TH")  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    sign_in(page, "lalita")
    page.goto("/account/line/")
    no_wider_than_the_phone(page)
    page.get_by_role("button", name=say("Link LINE")).click()
    page.locator("#cancel").click()
    expect(page.locator(".messages")).to_contain_text(say("You stopped it in LINE. Nothing was changed."))
    page.get_by_role("button", name=say("Link LINE")).click()
    page.locator("#agree").click()
    expect(page.locator(".messages")).to_contain_text(say("LINE is linked. You can sign in with it."))
    assert_clean(page)
    with page.expect_navigation():
        page.locator(".acct form button").first.click()
    page.goto("/signin/")
    assert_clean(page)
    page.get_by_role("button", name=say("Sign in with LINE")).click()
    page.locator("#agree").click()
    expect(page.locator(".acct")).to_contain_text("lalita")
    assert not line[0].refused
    context.close()


@pytest.mark.parametrize("lang", ["th", "en"])
def test_another_owner_lets_somebody_in_again_by_a_qr_code(open_page: Open, lang: str) -> None:
    name = f"lost-{lang}"
    newcomer(open_page, name)
    owner = open_page(OWNER, lang=lang)
    owner.goto(MEMBERS)
    assert_clean(owner)
    owner.set_viewport_size(PHONE)  # type: ignore[arg-type]
    with owner.expect_navigation():
        owner.locator("tr", has_text=name).locator("a", has_text=say("Let in again", lang)).click()
    assert_clean(owner)
    owner.set_viewport_size(PHONE)  # type: ignore[arg-type]
    owner.get_by_role("button", name=say("Make the link", lang)).click()
    expect(owner.locator(".qr svg")).to_be_visible()
    no_wider_than_the_phone(owner)
    assert_clean(owner)
    address = owner.locator(".address").inner_text()
    page = open_page(lang=lang, javascript=False)
    page.goto(address)
    assert page.url.endswith("/recover/")
    no_wider_than_the_phone(page)
    expect(page.locator("main")).to_contain_text(name)
    page.locator("[name=password1]").fill(NEW_PASSWORD)
    page.locator("[name=password2]").fill(NEW_PASSWORD)
    page.locator("main button").first.click()
    page.locator("[name=username]").fill(name)
    page.locator("[name=password]").fill(NEW_PASSWORD)
    page.locator("main button[type=submit]").first.click()
    expect(page.locator(".acct")).to_contain_text(name)
    page.goto("/account/")
    with page.expect_navigation():
        page.locator("main a[href^='/recoveries/']").click()
    expect(page.locator("main")).to_contain_text(OWNER)
    late = open_page(lang=lang)
    late.goto(address)
    expect(late.locator("main")).to_contain_text(say("This link cannot be used", lang))
    assert_clean(late)


def test_the_pages_of_ones_ways_in_have_no_fault_that_axe_knows(open_page: Open) -> None:
    for lang in ("th", "en"):
        page = open_page(OWNER, lang=lang)
        for path in (
            "/account/",
            "/account/second/",
            "/account/email/",
            "/account/passkeys/",
            "/account/line/",
        ):
            page.goto(path)
            assert_clean(page)
        page.goto("/account/confirm/")
        assert_clean(page)


def test_a_paper_with_a_user_name_asks_only_for_a_password(open_page: Open) -> None:
    owner = open_page(OWNER)
    owner.goto(MEMBERS)
    follow(owner, "Invite somebody")
    owner.locator("[name=username]").fill("pa-jaem")
    press(owner, "Make the invitation")
    expect(owner.locator("article")).to_contain_text("pa-jaem")
    page = open_page()
    page.goto(owner.locator(".address").inner_text())
    expect(page.locator("input[type=text][name=username]")).to_have_count(0)
    page.locator("[name=password1]").fill(PASSWORD)
    page.locator("[name=password2]").fill(PASSWORD)
    press(page, "Make the account and begin")
    expect(page.locator(".acct")).to_contain_text("pa-jaem")

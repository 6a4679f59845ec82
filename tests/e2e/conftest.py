"""One browser for all journeys, a server with its own data for each file of them, a fresh context for each test.

The browser belongs to this folder's package and not to the whole session: while Playwright's loop runs, Django
refuses to ask a database in this process, and tests of other folders do that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import gettext, ngettext, override
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from tools.pytest_plugin import BROWSERS, browser_path

from tests.e2e.house import House, prepared_once, python, served
from tests.e2e.people import PASSWORD
from tests.e2e.watch import Watch

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
PATIENCE = 30_000
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

Open = Callable[..., Page]


def say(message: str, lang: str = "th", **values: Any) -> str:
    """The words of the interface in a language, as the catalogues have them now; with n, of so many."""
    with override(lang):
        # Python before 3.12 finds nothing when one of several forms is asked for without a number.
        words = ngettext(message, message, values["n"]) if "n" in values else gettext(message)
        return words % values if values else words


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = browser_path()
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is on PATH")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A prepared folder that is only copied, and the pages there are."""
    return prepared_once(tmp_path_factory)


@pytest.fixture(scope="module")
def house(model: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    var, pages = model
    with served(var, tmp_path_factory.mktemp("house") / "var", pages) as running:
        yield running


@pytest.fixture(scope="module")
def satit(house: House) -> House:
    """The training city in the house of this file: the second period of its report is not frozen yet."""
    python(house.var, "-m", "khlong", "example", "--households", "60", "--seed", "7")
    return house


@pytest.fixture(scope="module")
def states() -> dict[str, Any]:
    """The cookies of those who signed in to this server before."""
    return {}


@pytest.fixture
def open_page(browser: Browser, house: House, states: dict[str, Any]) -> Iterator[Open]:
    """open_page(person, lang=, javascript=, wide=) gives a page of a new visitor, signed in as that person.

    At the end of the test everything that a visitor's browser complained of fails it.
    """
    opened: list[tuple[BrowserContext, Watch]] = []

    def make(
        person: str = "",
        *,
        lang: str = "th",
        javascript: bool = True,
        wide: bool = False,
    ) -> Page:
        context = browser.new_context(
            base_url=house.address,
            viewport=DESK if wide else PHONE,  # type: ignore[arg-type]
            locale="th-TH",
            java_script_enabled=javascript,
            reduced_motion="reduce",
            storage_state=states.get(person),
        )
        context.set_default_timeout(PATIENCE)
        if lang != "th":
            context.add_cookies([{"name": "khlong_language", "value": lang, "url": house.address}])
        opened.append((context, Watch(context, house.address)))
        page = context.new_page()
        if person and person not in states:
            sign_in(page, person)
            states[person] = context.storage_state()
        return page

    yield make
    faults = [fault for _context, watch in opened for fault in watch.faults]
    for context, _watch in opened:
        context.close()
    assert not faults, "\n".join(dict.fromkeys(faults))


def sign_in(page: Page, person: str) -> None:
    """Sign in with the form, as a person does."""
    if not page.url.partition("?")[0].endswith("/signin/"):
        page.goto("/signin/")
    page.locator("[name=username]").fill(person)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.locator(".acct .name", has_text=person).wait_for()


@pytest.fixture
def visitor(open_page: Open) -> Page:
    """Somebody who is not signed in, at a phone, in Thai."""
    return open_page()

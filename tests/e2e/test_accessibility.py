"""The main pages before axe, on a phone and on a wide screen, in both languages."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import DESK, PHONE, Open
from tests.e2e.house import House
from tests.e2e.people import MEMBER

pytestmark = pytest.mark.browser

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
RUN = "() => axe.run(document, {resultTypes: ['violations']})"
NAMES = (
    "home",
    "network:programme",
    "places:cities",
    "places:city",
    "strategy:plan",
    "strategy:edit",
    "strategy:edit_passage",
    "assessment:event",
    "places:fact",
    "places:sources",
    "places:canals",
    "network:meeting",
    "ui:components",
)
NOTHING_PUBLISHED = "/cities/khuan-lang/"
ADD_FACT = "/facts/add/?about=C-PTG"


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is shown now, each with the first two places."""
    found: dict[str, Any] = page.evaluate(RUN)
    return [
        f"{fault['id']} ({fault['impact']}): {node['html'][:160]} {node['target']}"
        for fault in found["violations"]
        for node in fault["nodes"][:2]
    ]


def assert_clean(page: Page) -> None:
    page.wait_for_load_state()
    page.evaluate(AXE)
    faults = {}
    for size in (PHONE, DESK):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        faults[size["width"]] = violations(page)
    assert not any(faults.values()), "\n".join(
        f"{width} px: {fault}" for width, found in faults.items() for fault in found
    )


def assert_clean_in_both(open_page: Open, person: str, address: str, press: str = "") -> None:
    for lang in ("th", "en"):
        page = open_page(person, lang=lang)
        page.goto(address)
        if press:
            with page.expect_navigation():
                page.locator(press).click()
        assert_clean(page)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_no_fault_that_axe_knows(open_page: Open, house: House, name: str) -> None:
    assert_clean_in_both(open_page, MEMBER, house.pages[name])


def test_a_city_that_published_nothing_has_no_fault_that_axe_knows(open_page: Open) -> None:
    assert_clean_in_both(open_page, "", NOTHING_PUBLISHED)


def test_the_door_has_no_fault_that_axe_knows(open_page: Open, house: House) -> None:
    assert_clean_in_both(open_page, "", house.pages["people:signin"])


def test_a_refused_form_has_no_fault_that_axe_knows(open_page: Open) -> None:
    submit = "main form button[type=submit]"
    assert_clean_in_both(open_page, MEMBER, ADD_FACT, press=submit)

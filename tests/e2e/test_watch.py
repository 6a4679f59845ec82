"""The watch over the journeys sees what it is there to see."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import PATIENCE
from tests.e2e.house import House
from tests.e2e.watch import Watch

pytestmark = pytest.mark.browser


@pytest.fixture
def watched(browser: Browser, house: House) -> Iterator[tuple[Page, Watch]]:
    context = browser.new_context(base_url=house.address)
    watch = Watch(context, house.address)
    page = context.new_page()
    page.goto("/signin/")
    yield page, watch
    context.close()


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ("console.error('oh')", "console: oh"),
        ("setTimeout(() => { throw new Error('torn') })", "torn"),
        ("document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p>')", "Content Security"),
        ("fetch('https://elsewhere.invalid/').catch(() => 0)", "Content Security"),
        ("location.href = 'http://elsewhere.invalid/'", "asked another host"),
        ("fetch('/no-such-page/').catch(() => 0)", "404: "),
    ],
)
def test_a_fault_is_noticed(watched: tuple[Page, Watch], script: str, fault: str) -> None:
    page, watch = watched
    assert watch.faults == []
    page.evaluate(f"() => {{ {script} }}")
    end = time.monotonic() + PATIENCE / 1000
    while not any(fault in words for words in watch.faults) and time.monotonic() < end:
        page.wait_for_timeout(50)
    assert any(fault in words for words in watch.faults), watch.faults


def test_a_page_that_says_no_in_words_is_no_fault(watched: tuple[Page, Watch]) -> None:
    page, watch = watched
    page.goto("/no-such-page/")
    page.goto("/facts/add/?about=C-PTG")
    assert watch.faults == []

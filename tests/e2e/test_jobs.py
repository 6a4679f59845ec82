"""A job on a phone: started, followed while its bar moves, cancelled on the way, tried again to its end."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Error as Refused
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open, say
from tests.e2e.house import House, environment, served
from tests.e2e.people import STEWARD
from tests.e2e.test_accessibility import assert_clean, assert_clean_in_both
from tests.e2e.test_invited import no_wider_than_the_phone

pytestmark = pytest.mark.browser

MANY = 6000
"""Things beside the real ones, so that there is something to watch on a quick machine too."""
ADD = f"""
import django; django.setup()
from khlong.chain.models import Kind, Node
city = Node.objects.get(ref="C-PTG")
Node.objects.bulk_create(
    Node(ref=f"X-PTG-{{n:05}}", kind=Kind.GAUGE, space=city, title_th=f"เรื่องที่ {{n}}") for n in range({MANY})
)
"""
TITLE = "Make the search index anew"
SLOWLY = {"KHLONG_SEARCH_CHUNK": "1"}


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("house") / "var"


@pytest.fixture(scope="module")
def house(model: tuple[Path, dict[str, str]], var: Path) -> Iterator[House]:
    """A house whose worker makes one entry of the index at a time, so that there is something to watch."""
    prepared, pages = model
    with served(prepared, var, pages) as running:
        subprocess.run([sys.executable, "-c", ADD], env=environment(var), check=True)
        yield running


@pytest.fixture
def worker(house: House, var: Path) -> Iterator[None]:
    """The worker, until the test ends."""
    del house
    with working(var):
        yield


@contextlib.contextmanager
def working(var: Path) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "khlong", "jobs", "work"], env=environment(var) | SLOWLY
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def begin(page: Page, lang: str = "th") -> None:
    page.goto("/jobs/")
    page.get_by_role("button", name=say(TITLE, lang)).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile(say(TITLE, lang).replace(" ", r"\s"))
    )


def far(page: Page) -> int:
    return int(page.locator("progress").get_attribute("value") or 0)


def cancel(page: Page, lang: str = "th") -> None:
    """Press until the house says that it was cancelled: a press may fall into the moment in which the part of the
    page that holds the button is replaced.
    """
    words = page.locator("#job-now .lead")
    cancelled = re.compile(re.escape(say("It was cancelled.", lang)))
    for _try in range(10):
        with contextlib.suppress(Refused):
            page.get_by_role("button", name=say("Cancel the job", lang)).click(timeout=2_000)
        with contextlib.suppress(AssertionError):
            expect(words).to_have_text(cancelled, timeout=3_000)
            return
    expect(words).to_have_text(cancelled)


def test_a_job_is_followed_cancelled_on_the_way_and_tried_again(open_page: Open, worker: None) -> None:
    page = open_page(STEWARD)
    begin(page)
    address = page.url
    bar = page.locator("progress")
    expect(bar).not_to_have_attribute("value", "0")
    expect(bar).not_to_have_attribute("value", str(far(page)))
    assert page.url == address
    expect(page.locator("#job-aloud")).not_to_be_empty()
    no_wider_than_the_phone(page)
    cancel(page)
    expect(page.locator("#job-now .lead")).to_have_text(say("It was cancelled."))
    expect(page.locator("#job-now")).to_contain_text(say("Try again"))
    assert 0 < far(page) < 100
    assert_clean(page)
    page.get_by_role("button", name=say("Try again")).click()
    expect(page.locator("#job-now .lead")).to_have_text(say("It is being done."), timeout=30_000)


def test_without_scripts_a_job_is_followed_by_loading_the_page_again(open_page: Open, house: House) -> None:
    page = open_page(STEWARD, javascript=False, lang="en")
    begin(page, "en")
    page.get_by_role("link", name=say("Load the page again to see how far it is", "en")).click()
    expect(page.locator("progress")).to_be_visible()
    page.get_by_role("button", name="Cancel the job").click()
    expect(page.locator("#job-now .lead")).to_have_text("It was cancelled.")


@pytest.mark.parametrize("address", ["/jobs/", "/jobs/?whose=all", "/jobs/news/"])
def test_the_pages_of_jobs_have_no_fault_that_axe_knows(open_page: Open, house: House, address: str) -> None:
    assert_clean_in_both(open_page, STEWARD, address)

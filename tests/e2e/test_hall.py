"""A city is taken to a hall and brought home: two servers, one file in between, a conflict decided on a phone."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from khlong.web.start import server_command
from tests.e2e.conftest import DESK, PATIENCE, PHONE, Open, say, sign_in
from tests.e2e.house import PATIENCE as SECONDS
from tests.e2e.house import ROOT, House, environment, wait_for
from tests.e2e.people import COLLEAGUE, MEMBER, OWNER
from tests.e2e.test_accessibility import assert_clean
from tests.e2e.watch import Watch

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSPHRASE = "คลองตง ไหลลง ทะเลสาบ"
HALLS = "/cities/phatong/halls/"
IN_HALL, HERE, AGREED = "บ้านที่เรียกในที่ประชุม", "บ้านที่เรียกบนเครื่องแม่", "บ้านที่ตกลงกัน"


def run(var: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """One command on the machine with this folder."""
    return subprocess.run(
        [sys.executable, "-m", "khlong.web.start", *words],
        cwd=ROOT,
        env=environment(var) | {"KHLONG_PASSPHRASE": PASSPHRASE},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("laptop") / "var"


@pytest.fixture(scope="module", autouse=True)
def worker(house: House) -> Iterator[None]:
    """The worker of the city's server."""
    process = subprocess.Popen([sys.executable, "-m", "khlong", "jobs", "work"], env=environment(house.var))
    yield
    process.terminate()
    process.wait(SECONDS)


def see_the_result(page: Page) -> None:
    """Follow a job on its page until it is done, and go where it leads."""
    page.wait_for_url(re.compile("/jobs/"))
    result = page.get_by_role("link", name=say("See the result"))
    result.wait_for(timeout=60_000)
    result.click()


@pytest.fixture(scope="module")
def packed(browser: Browser, house: House, worker: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that the owner downloads from the city's server."""
    del worker
    context = browser.new_context(base_url=house.address, viewport=DESK, locale="th-TH")  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    sign_in(page, OWNER)
    page.goto(f"{HALLS}take/")
    page.locator("[name=name]").fill("ศาลาประชาคมบ้านหลบมุม")
    page.locator("main form button").click()
    see_the_result(page)
    page.wait_for_url(re.compile(f"{HALLS}[0-9]+/"))
    assert_clean(page)
    for name in ("passphrase", "again"):
        page.locator(f"[name={name}]").fill(PASSPHRASE)
    with page.expect_download(timeout=120_000) as download:
        page.locator("main form button").click(no_wait_after=True, timeout=120_000)
    path = tmp_path_factory.mktemp("stick") / download.value.suggested_filename
    download.value.save_as(path)
    context.close()
    return path


@pytest.fixture(scope="module")
def opened(laptop: Path, packed: Path) -> Path:
    told = run(laptop, "command", "hall", "open", str(packed))
    assert told.returncode == 0, told.stderr
    run(laptop, "command", "manage", "collectstatic", "--noinput", "-v0")
    return laptop


@pytest.fixture
def hall(opened: Path) -> Iterator[str]:
    """The laptop's address, as ./run --hall would serve it, but on the loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host, port = listening.getsockname()[:2]
        address = f"http://{host}:{port}/"
        (opened / "hall-here").mkdir(exist_ok=True)
        more = {
            "KHLONG_HALL": address,
            "KHLONG_HALL_WIFI": "ศาลา",
            "KHLONG_HALL_WIFI_PASSWORD": "namlong2568",
        }
        server = subprocess.Popen(
            server_command(listening, workers=1),
            env=environment(opened) | more,
            pass_fds=[listening.fileno()],
            stdin=subprocess.DEVNULL,
        )
        try:
            wait_for(server, host, port)
            yield address
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(SECONDS)


@pytest.fixture
def at_the_hall(browser: Browser, hall: str) -> Iterator[Page]:
    """A phone in the hall."""
    context: BrowserContext = browser.new_context(base_url=hall, viewport=PHONE, locale="th-TH")  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    watch = Watch(context, hall)
    yield context.new_page()
    context.close()
    assert not watch.faults, "\n".join(watch.faults)


def name_community(page: Page, path: str, **values: str) -> None:
    page.goto(path)
    for name, text in values.items():
        page.locator(f"[name={name}]").fill(text)
    page.locator("main form button[type=submit]").click()
    page.get_by_text(say("Saved.")).wait_for()


def test_a_machine_with_known_passwords_is_not_opened_to_the_hall(opened: Path) -> None:
    told = run(opened, "serve", "--hall", "--host", "192.0.2.77", "--port", "0")
    if "cannot listen" in told.stderr:
        told = run(opened, "serve", "--hall", "--port", "0")
    if "in no network" in told.stderr:
        pytest.skip("this machine is in no network")
    assert told.returncode == 2
    assert MEMBER in told.stderr
    assert "everybody can look up" in told.stderr


def test_the_projected_page_and_the_door_have_no_fault_that_axe_knows(at_the_hall: Page, hall: str) -> None:
    at_the_hall.goto("/hall/")
    assert at_the_hall.locator(".hall .address").inner_text() == hall
    at_the_hall.get_by_text("ตอนนี้มี 1 เครื่อง").wait_for()
    assert_clean(at_the_hall)
    at_the_hall.goto("/signin/")
    assert_clean(at_the_hall)


def test_work_of_both_sides_comes_together_and_a_conflict_is_decided_on_a_phone(
    at_the_hall: Page, opened: Path, house: House, open_page: Open, tmp_path: Path
) -> None:
    path = house.pages["places:edit_community"]
    sign_in(at_the_hall, MEMBER)
    name_community(at_the_hall, path, name_th=IN_HALL, name_en="Named in the hall")
    name_community(open_page(COLLEAGUE), path, name_th=HERE)
    closed = tmp_path / "home.hall"
    told = run(opened, "command", "hall", "close", "--out", str(closed))
    assert told.returncode == 0, told.stderr
    assert closed.stat().st_mode & 0o077 == 0

    page = open_page(OWNER)
    bring(page, closed)
    assert_clean(page)
    page.locator("button[name=merge]").click()
    see_the_result(page)
    page.get_by_text(say("One conflict waits for you", n=1)).wait_for()
    page.get_by_role("heading", name=say("The last merging")).wait_for()
    assert_clean(page)
    conflict = page.locator("#conflicts fieldset")
    conflict.get_by_text(IN_HALL).first.wait_for()
    conflict.get_by_text(HERE).first.wait_for()
    conflict.locator("input[value=own]").check()
    conflict.locator("textarea").fill(AGREED)
    page.locator("button[name=decide]").click()
    page.get_by_text(say("All of this hall is home.")).wait_for()

    page.goto(path.removesuffix("edit/"))
    page.get_by_role("heading", name=AGREED).wait_for()
    bring(page, closed)
    page.get_by_text(say("All of this hall is home.")).wait_for()
    assert not page.locator("button[name=merge]").count()
    again = run(house.var, "command", "hall", "merge", str(closed), "--as", OWNER)
    assert again.returncode == 0, again.stderr
    assert re.search("0 new, 0 changed, 0 taken away", again.stdout)


def bring(page: Page, file: Path) -> None:
    page.goto(HALLS)
    page.locator("[name=file]").set_input_files(file)
    page.locator("main form button", has_text=say("Show what it changes")).click()
    see_the_result(page)
    page.wait_for_url(re.compile(f"{HALLS}files/"))


def test_the_pages_of_halls_have_no_fault_that_axe_knows(open_page: Open, packed: Path) -> None:
    del packed
    for lang in ("th", "en"):
        page = open_page(OWNER, lang=lang)
        for path in (HALLS, f"{HALLS}take/"):
            page.goto(path)
            assert_clean(page)

"""The maps as readers have them: small and wide, in both languages, with the keyboard, without other hosts."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import DESK, PHONE, Open, say
from tests.e2e.house import House, served
from tests.e2e.test_accessibility import assert_clean
from tests.e2e.test_invited import no_wider_than_the_phone

pytestmark = pytest.mark.browser

SIX = ("bo-yang", "khuan-lang", "la-ngu", "padang-besar", "phatong", "tanot-duan")
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da6364f80f00010501"
    "012718e3660000000049454e44ae426082"
)


@pytest.mark.parametrize("lang", ["th", "en"])
@pytest.mark.parametrize("wide", [False, True])
def test_the_map_reads_well_and_asks_no_other_host(open_page: Open, lang: str, wide: bool) -> None:
    page = open_page(lang=lang, wide=wide)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/map/")
    no_wider_than_the_phone(page)
    assert {url.split("/")[2] for url in asked} == {page.url.split("/")[2]}
    assert not any("leaflet" in url for url in asked)
    assert_clean(page)


def test_every_city_on_the_map_is_reached_with_the_keyboard_alone(open_page: Open) -> None:
    page = open_page(wide=True)
    page.goto("/map/")
    links = page.locator("svg.atlas a")
    assert sorted(links.evaluate_all("all => all.map(a => a.getAttribute('href'))")) == [
        f"/cities/{slug}/" for slug in SIX
    ]
    first = page.locator("svg.atlas a[href='/cities/la-ngu/']")
    first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/cities/la-ngu/")
    expect(page.get_by_role("heading", name=say("Where it lies"))).to_be_visible()


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_no_name_on_the_map_covers_another(open_page: Open, size: Any) -> None:
    for lang in ("th", "en"):
        page = open_page(lang=lang)
        page.set_viewport_size(size)
        page.goto("/map/")
        boxes = page.locator("svg.atlas a text").evaluate_all(
            "all => all.map(t => t.getBoundingClientRect()).map(b => [b.left, b.top + 4, b.right, b.bottom - 4])"
        )
        assert len(boxes) == 6
        for at, one in enumerate(boxes):
            assert one[0] >= 0
            assert one[2] <= size["width"]
            for other in boxes[at + 1 :]:
                apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
                assert apart, (lang, one, other)


def test_the_map_on_paper_keeps_its_pictures(open_page: Open) -> None:
    page = open_page(wide=True)
    page.goto("/map/")
    page.emulate_media(media="print")
    assert page.locator("svg.atlas").first.bounding_box() is not None
    assert page.locator("#streets").count() == 0


# --- a map of streets ----------------------------------------------------------------------------


class Tiles(BaseHTTPRequestHandler):
    """A tile server on loopback that remembers what it was asked for."""

    asked: list[str] = []

    def do_GET(self) -> None:
        Tiles.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Content-Length", str(len(PNG)))
        self.end_headers()
        self.wfile.write(PNG)

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def tiles() -> Iterator[str]:
    Tiles.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def streets(model: tuple[Path, dict[str, str]], tiles: str, tmp_path: Path) -> Iterator[House]:
    """A house whose settings file names who draws the map of streets."""
    var, pages = model
    own = Path(shutil.copytree(var, tmp_path / "model"))
    (own / "khlong.toml").write_text(
        f'[tiles]\nurl = "{tiles}/{{z}}/{{x}}/{{y}}.png"\nattribution = "© Example"\n'
    )
    with served(own, tmp_path / "var", pages) as running:
        yield running


def test_tiles_come_from_the_host_that_was_set_and_only_after_the_button(
    browser: Browser, streets: House, tiles: str
) -> None:
    context = browser.new_context(base_url=streets.address, viewport=PHONE, locale="th-TH")  # type: ignore[arg-type]
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto("/map/")
    assert page.locator("svg.atlas").count() == 2
    assert Tiles.asked == []
    page.get_by_role("button", name=say("Show the map of streets")).click()
    page.locator(".leaflet-tile-loaded").first.wait_for()
    assert Tiles.asked
    assert all(path.endswith(".png") for path in Tiles.asked)
    expect(page.locator(".leaflet-control-attribution")).to_contain_text("© Example")
    assert page.locator(".streets .pin").count() == 6
    no_wider_than_the_phone(page)
    page.locator(".streets .pin[title='ละงู']").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/cities/la-ngu/")
    assert complaints == []
    context.close()


def test_without_javascript_the_drawn_map_stays_and_nothing_is_offered_that_does_not_work(
    browser: Browser, streets: House
) -> None:
    context = browser.new_context(base_url=streets.address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/map/")
    assert page.locator("svg.atlas").count() == 2
    expect(page.locator("#streets")).to_be_hidden()
    assert Tiles.asked == []
    context.close()

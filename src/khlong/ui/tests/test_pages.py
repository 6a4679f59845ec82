from __future__ import annotations

import gzip
import json
import re
import sys
from html.parser import HTMLParser
from importlib import util
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client

import khlong.ui
from khlong.ui import nav
from khlong.ui.templatetags.ui import register

ROOT = Path(khlong.ui.__file__).resolve().parents[3]
STATIC = ROOT / "src/khlong/ui/static/ui"
PAGE = "/components/"

pytestmark = [pytest.mark.urls("khlong.ui.tests.urls"), pytest.mark.django_db]


class Elements(HTMLParser):
    """Every start tag of a page with its attributes, and the text of script and style elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def page(client: Client, language: str = "th", path: str = PAGE) -> str:
    return client.get(path, headers={"accept-language": language}).content.decode()


def compressed(data: bytes) -> int:
    return len(gzip.compress(data, 6))


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_page_says_its_language_and_has_the_landmarks(client: Client, language: str) -> None:
    html = page(client, language)
    assert f'<html lang="{language}">' in html
    for landmark in ('<main id="main"', "<header", "<footer", 'class="skip" href="#main"'):
        assert landmark in html
    assert html.count("<h1") == 1


def test_nothing_is_inline(client: Client) -> None:
    for tag, attrs in Elements(page(client)).found:
        assert tag not in {"style", "script"}
        assert "style" not in attrs
        assert not [name for name in attrs if name.startswith("on")]


def test_nothing_comes_from_another_host(client: Client) -> None:
    for _, attrs in Elements(page(client)).found:
        for name in ("src", "href", "action"):
            assert not re.match(r"(https?:)?//", attrs.get(name) or "")


def test_ids_are_unique_and_every_reference_by_id_resolves(client: Client) -> None:
    elements = Elements(page(client)).found
    ids = [attrs["id"] for _, attrs in elements if attrs.get("id")]
    assert len(ids) == len(set(ids))
    for _, attrs in elements:
        for name in ("for", "aria-describedby", "aria-labelledby"):
            assert set((attrs.get(name) or "").split()) <= {str(one) for one in ids}


def test_htmx_is_configured_strictly_and_loaded_only_where_asked(client: Client) -> None:
    html = page(client)
    config = re.search(r"<meta name=\"htmx-config\" content='([^']*)'", html)
    assert config
    assert json.loads(config[1]) == {
        "includeIndicatorStyles": False,
        "allowEval": False,
        "selfRequestsOnly": True,
        "historyCacheSize": 0,
    }
    assert "htmx.min.js" not in html
    assert re.search(r"hx-headers='\{\"X-CSRFToken\": \"\w+\"\}'", html)


def test_scripts_are_deferred_and_carry_the_nonce(render: Any, get: Any) -> None:
    request = get("/")
    request.csp_nonce = "abc"
    html = render("{% ui_scripts %}", request=request)
    scripts = [attrs for tag, attrs in Elements(html).found if tag == "script"]
    assert len(scripts) == 2
    assert all(attrs["nonce"] == "abc" and "defer" in attrs for attrs in scripts)


def test_the_example_strip_stands_on_example_pages_only() -> None:
    assert "ข้อมูลตัวอย่าง" in render_to_string("ui/base.html", {"is_example": True})
    plain = render_to_string("ui/base.html", {})
    assert "ข้อมูลตัวอย่าง" not in plain
    assert 'class="ex"' not in plain


@pytest.mark.parametrize("name", ["403.html", "404.html", "403_csrf.html"])
def test_an_error_page_says_what_to_do_next(name: str) -> None:
    html = render_to_string(name, {})
    assert "ไปหน้าแรก" in html
    assert 'class="btn"' in html


def test_the_page_of_a_failure_needs_no_context() -> None:
    html = render_to_string("500.html")
    assert "ระบบขัดข้อง" in html
    assert "<style" not in html


def test_a_wrong_form_comes_back_with_what_was_typed(client: Client) -> None:
    answer = client.post(PAGE, {"phone": "081 234 567", "seen": "เมื่อวาน", "answer": "code"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "เบอร์โทรมี 9 หลัก" in html
    assert 'value="081 234 567"' in html
    assert 'value="เมื่อวาน"' in html


def test_a_right_form_is_thanked_for(client: Client) -> None:
    answer = client.post(PAGE, {"where": "หน้าท่า", "answer": "code", "seen": "3-4 ก.ย. 2565"}, follow=True)
    assert "ได้รับแล้ว" in answer.content.decode()


def test_every_button_of_the_page_does_something(client: Client) -> None:
    for value in ("draft", "cancel", "mine", "now"):
        assert client.post(PAGE, {"try": value}).status_code == 302


def test_the_language_switch_keeps_the_page_and_its_query(client: Client) -> None:
    answer = client.post("/i18n/setlang/", {"language": "en", "next": f"{PAGE}?page=3"})
    assert answer["Location"] == f"{PAGE}?page=3"
    assert '<html lang="en">' in page(client, "th")


def test_what_one_reader_asked_for_is_not_shown_to_the_next(client: Client, settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert "asked=by-one" in client.get(f"{PAGE}?asked=by-one").content.decode()
    assert "asked=by-one" not in client.get(PAGE).content.decode()


def test_every_tag_is_shown_on_the_page_of_components(client: Client) -> None:
    shown = page(client)
    inner = {"main_nav", "account", "brand_url", "foot_links", "ui_scripts", "bars"}
    for tag in set(register.tags) - inner:
        assert f"{{% {tag} " in shown, tag
    for name in ("when", "day", "nb", "amount", "baht"):
        assert f"|{name}" in shown


def all_css() -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted((STATIC / "css").glob("*.css")))


def test_all_style_sheets_together_are_under_14_kilobytes_compressed() -> None:
    assert compressed(all_css().encode()) < 14_000


def test_style_fonts_and_a_page_are_under_120_kilobytes(client: Client) -> None:
    fonts = sum(path.stat().st_size for path in (STATIC / "vendor").glob("*.woff2"))
    sheets = sum(compressed(path.read_bytes()) for path in (STATIC / "css").glob("*.css"))
    assert fonts + sheets + compressed(page(client).encode()) < 120_000


def test_the_style_sheets_name_no_other_host_and_only_files_that_exist() -> None:
    for address in re.findall(r"url\(([^)]*)\)", all_css()):
        assert (STATIC / "css" / address).resolve().is_file()


def test_nothing_on_the_screen_is_set_below_15_pixels() -> None:
    for sheet in ("ground.css", "parts.css"):
        text = (STATIC / "css" / sheet).read_text("utf-8")
        assert all(float(size) >= 15 for size in re.findall(r"font-size:([\d.]+)px", text))
        assert all(float(size) >= 0.9375 for size in re.findall(r"font-size:([\d.]+)rem", text))
        assert all(float(size) >= 0.9375 for size in re.findall(r"--t-\w+:([\d.]+)rem", text))


def test_thai_is_never_spaced_out_slanted_or_justified() -> None:
    text = all_css()
    assert "letter-spacing" not in text
    assert "italic" not in text
    assert "text-align:justify" not in text


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("ink", "paper", "least"),
    [
        ("ink", "paper", 15),
        ("ink-2", "paper", 7),
        ("ink-2", "paper-2", 4.5),
        ("water", "paper", 6.9),
        ("water", "water-wash", 4.5),
        ("bed-ink", "bed", 5.8),
        ("water-thread", "paper", 3),
        ("line-strong", "paper", 3),
    ],
)
def test_ink_stands_out_from_its_paper(ink: str, paper: str, least: float) -> None:
    tokens = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6})", all_css()))
    assert contrast(tokens[ink], tokens[paper]) >= least


def vendor_tool() -> Any:
    spec = util.spec_from_file_location("vendor_tool", ROOT / "tools/vendor.py")
    assert spec
    assert spec.loader
    module = util.module_from_spec(spec)
    sys.modules["vendor_tool"] = module
    spec.loader.exec_module(module)
    return module


def test_the_carried_files_are_what_the_manifest_says() -> None:
    tool = vendor_tool()
    manifest = json.loads(tool.MANIFEST.read_text("utf-8"))
    lock = json.loads((ROOT / "frontend/package-lock.json").read_text("utf-8"))
    assert tool.problems(ROOT, manifest, tool.locked_versions(lock)) == []


def test_a_changed_or_missing_carried_file_is_noticed(tmp_path: Path) -> None:
    tool = vendor_tool()
    (tmp_path / "a.js").write_text("changed")
    manifest = {"packages": [{"name": "a", "version": "1", "files": {"a.js": "0" * 64, "b.js": "0" * 64}}]}
    found = tool.problems(tmp_path, manifest, {"a": "2"})
    assert len(found) == 3


def test_every_carried_file_is_named_in_the_manifest() -> None:
    manifest = json.loads((STATIC / "vendor/manifest.json").read_text("utf-8"))
    named = {name for entry in manifest["packages"] for name in entry["files"]}
    files = (path for path in (STATIC / "vendor").rglob("*") if path.is_file())
    carried = {f"src/khlong/ui/static/ui/vendor/{path.relative_to(STATIC / 'vendor')}" for path in files}
    assert carried - {"src/khlong/ui/static/ui/vendor/manifest.json"} <= named


def test_the_lock_names_versions_and_no_registry() -> None:
    lock = json.loads((ROOT / "frontend/package-lock.json").read_text("utf-8"))
    assert all("resolved" not in entry for entry in lock["packages"].values())
    assert all("integrity" in entry for name, entry in lock["packages"].items() if name)


def test_what_rooms_offer_in_the_foot_stands_there_and_what_is_not_there_does_not(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nav, "_foot", {})
    nav.foot_at("ชิ้นส่วน", "ui:components")
    nav.foot_at("ไม่มี", "nowhere:nothing")
    foot = page(client).partition("<footer")[2]
    assert "ชิ้นส่วน</a>" in foot
    assert "ไม่มี" not in foot

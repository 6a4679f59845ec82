"""Take the pictures of the documents from a running Khlong.

    ./run --port 8000
    .venv/bin/python docs/pictures/make.py http://127.0.0.1:8000

Needs playwright (requirements/dev.txt) and Chromium: KHLONG_CHROMIUM, or the first one on the path.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
WIDTH = 1280
PAGES = {"city.png": ("/cities/phatong/", 1120)}
"""File name: the page's address, and the height at which the picture is cut."""


def chromium() -> str | None:
    """The browser to use; None takes playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("KHLONG_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def main(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": 800}, locale="th")
        for name, (path, height) in PAGES.items():
            page.goto(address.rstrip("/") + path)
            page.evaluate("document.fonts.ready")
            page.screenshot(
                path=HERE / name, full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": height}
            )
            sys.stdout.write(f"{name}: {(HERE / name).stat().st_size:,} bytes\n")
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])

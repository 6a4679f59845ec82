"""What the suite adds to pytest: without a browser, its journeys are skipped by name and with the reason."""

from __future__ import annotations

import os
import shutil

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def browser_path() -> str | None:
    """The Chromium of this machine, from KHLONG_CHROMIUM or PATH."""
    return os.environ.get("KHLONG_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if browser_path():
        return
    missing = pytest.mark.skip(reason=f"no browser: none of {', '.join(BROWSERS)} is on PATH")
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(missing)

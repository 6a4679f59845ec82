"""What the suite adds to pytest.

Without a browser its journeys are skipped by name and with the reason; several processes share the tests out as
`tools.sharing` says; with --only-database those that ask no database are left out, since they have run on another.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tools import sharing

if TYPE_CHECKING:
    from collections.abc import Sequence

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ASKING = {"db", "transactional_db", "live_server", "django_db_setup", "django_db_blocker"}


def browser_path() -> str | None:
    """The Chromium of this machine, from KHLONG_CHROMIUM or PATH."""
    return os.environ.get("KHLONG_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def pytest_addoption(parser: pytest.Parser) -> None:
    words = "leave out the tests that ask no database"
    parser.addoption("--only-database", action="store_true", help=words)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    skip_journeys(items)
    if config.getoption("--only-database"):
        left_out = [item for item in items if not asks_database(item)]
        items[:] = [item for item in items if asks_database(item)]
        config.hook.pytest_deselected(items=left_out)
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: sharing.rank(item.nodeid))


def skip_journeys(items: Sequence[pytest.Item]) -> None:
    if browser_path():
        return
    missing = pytest.mark.skip(reason=f"no browser: none of {', '.join(BROWSERS)} is on PATH")
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(missing)


def asks_database(item: pytest.Item) -> bool:
    """Whether a test uses the database of the tests, by its mark or a fixture."""
    if item.get_closest_marker("django_db") or item.get_closest_marker("postgresql"):
        return True
    return bool(ASKING & set(getattr(item, "fixturenames", ())))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The order and the pieces of `tools.sharing`, where tests are shared out by files."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Sharing(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return sharing.piece(nodeid)

    return Sharing(config, log)

"""How several processes share out the tests: what stays together in one of them, and what begins first.

A file of tests is one piece of work, since its fixtures are made once for the file. Files that kill servers or keep
the whole machine busy are one piece together, so that never two of them run at once. The longest pieces begin first,
so that no process is left alone with one of them at the end.

Names of tests stay as they are, unlike with xdist's own groups: what failed is found again by --ff and --lf.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 4
"""Processes at most: with more, starting them and making their databases takes longer than they save."""
ALONE = {"--pdb", "--trace", "-s", "--capture=no", "no:xdist", "-pno:xdist"}
"""Words after which pytest talks with who started it, or must not load xdist."""
MACHINE = "the machine for itself"
TOGETHER = {
    "tests/test_killed.py": MACHINE,
    "tests/test_drill.py": MACHINE,
    "tests/test_supervise.py": MACHINE,
    "tests/test_first_start.py": MACHINE,
    "src/khlong/web/tests/test_bench_db.py": MACHINE,
}
FIRST = (
    MACHINE,
    "tests/test_contract.py",
    "tests/e2e/test_hall.py",
    "tests/e2e/",
    "src/khlong/privacy/tests/test_proof.py",
    "src/khlong/web/tests/",
    "tests/",
)
"""Beginnings of pieces in the order in which they begin; all others follow."""


def piece(nodeid: str) -> str:
    """What a test stays together with: its file, or the group of its file."""
    file = nodeid.partition("::")[0]
    return TOGETHER.get(file, file)


def rank(nodeid: str) -> int:
    """The place of a test's piece among those that begin first."""
    name = piece(nodeid)
    return next((place for place, begins in enumerate(FIRST) if name.startswith(begins)), len(FIRST))


def cores() -> int:
    """Processors that this process may use, at most four."""
    try:
        found = len(os.sched_getaffinity(0))
    except AttributeError:
        found = os.cpu_count() or 1
    return min(MOST, found)


def missing() -> str:
    """Why the tests cannot be shared out here, or nothing."""
    if importlib.util.find_spec("xdist") is None:
        return "pytest-xdist is not installed: one process runs all tests (./test installs it)"
    return ""


def arguments(given: Sequence[str] = (), processes: int | None = None) -> list[str]:
    """What tells pytest to share the tests out; nothing where one process has to do, or is enough."""
    wanted = cores() if processes is None else processes
    if missing() or wanted < 2 or ALONE & set(given) or _one_file(given):
        return []
    return ["-n", str(wanted), "--dist", "loadfile", "--no-loadscope-reorder"]


def _one_file(given: Sequence[str]) -> bool:
    files = [word for word in given if not word.startswith("-") and Path(word.partition("::")[0]).exists()]
    return len(files) == 1 and files[0].partition("::")[0].endswith(".py")

"""The real thing: a fresh copy in a folder with a space, a bare PATH, a home that cannot be written."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OK = re.compile(
    r"ok: (\d+) cities, (\d+) in full, (\d+) facts, first page in ([\d.]+) s \(packages ([\d.]+) s\)"
)
DEAD_END = "http://127.0.0.1:9"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "UV_DEFAULT_INDEX", "PIP_INDEX_URL")
NO_NETWORK = dict.fromkeys(PROXIES, DEAD_END)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("git") is None, reason="git is needed to copy the project's own files"),
]


def uv_cache() -> str:
    """The cache of this machine, so that the copy need not download everything again."""
    told = subprocess.run(
        [sys.executable, "-m", "uv", "cache", "dir"], capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or str(Path.home() / ".cache" / "uv")


def bare_environment(**extra: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "UV_"))}
    bare = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/nonexistent",
        "UV_CACHE_DIR": uv_cache(),
        "LANG": "C",
    }
    return {**kept, **bare, "KHLONG_PYTHON": getattr(sys, "_base_executable", sys.executable), **extra}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What git would clone, with a first start broken off in the middle."""
    target = tmp_path_factory.mktemp("first start") / "my khlong"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    interrupted = subprocess.Popen(
        [str(target / "run"), "--check"], env=bare_environment(), start_new_session=True
    )
    end = time.monotonic() + 60
    while not (target / ".venv").exists() and time.monotonic() < end:
        time.sleep(0.02)
    os.killpg(interrupted.pid, signal.SIGKILL)
    interrupted.wait()
    assert (target / ".venv").exists()
    assert not (target / ".venv" / "khlong-base.stamp").exists()
    (target.parent / "temporary").mkdir()
    return target


def checked(copy: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(copy / "run"), "--check"],
        cwd="/",
        env=bare_environment(TMPDIR=str(copy.parent / "temporary"), **extra),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def started(copy: Path) -> Path:
    """The copy after its first whole start."""
    told = checked(copy)
    assert told.returncode == 0, told.stdout + told.stderr
    found = OK.search(told.stdout)
    assert found, told.stdout
    cities, full, facts = map(int, found.groups()[:3])
    assert cities >= full > 0
    assert facts > 0
    assert 0 < float(found[5]) < float(found[4])
    return copy


def test_a_second_start_contacts_nobody_and_installs_nothing(started: Path) -> None:
    told = checked(started, **NO_NETWORK)
    assert told.returncode == 0, told.stderr
    found = OK.search(told.stdout)
    assert found, told.stdout
    assert float(found[5]) == 0.0


def test_a_check_leaves_nothing_behind(started: Path) -> None:
    assert not (started / "var").exists() or not (started / "var" / "db.sqlite3").exists()
    assert list((started.parent / "temporary").iterdir()) == []


@pytest.fixture
def server(started: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    running = subprocess.Popen(
        [str(started / "run"), "--port", "0"],
        env=bare_environment(**NO_NETWORK),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert running.stdout
    line = running.stdout.readline()
    address = re.search(r"http://127\.0\.0\.1:\d+/", line)
    assert address, line
    yield running, address[0]
    if running.poll() is None:
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    running.stdout.close()


def test_the_printed_address_answers_and_ctrl_c_ends_it(
    server: tuple[subprocess.Popen[str], str], started: Path
) -> None:
    running, address = server
    with urllib.request.urlopen(address) as page:
        assert page.status == 200
    assert (started / "var").stat().st_mode & 0o077 == 0
    os.killpg(running.pid, signal.SIGINT)
    assert running.wait(60) == 0
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(address)


def test_the_command_line_has_the_same_set_up(started: Path, tmp_path: Path) -> None:
    told = subprocess.run(
        [str(started / "khlong"), "facts", "--json"],
        cwd=tmp_path,
        env=bare_environment(**NO_NETWORK),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert '"source"' in told.stdout

"""A running Khlong of its own: the real settings, a folder of its own, gunicorn as ./run starts it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from khlong.web.start import fetch, server_command

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0


@dataclass(frozen=True)
class House:
    """Where a server answers, the addresses of its pages by URL name, and its folder."""

    address: str
    pages: dict[str, str]
    var: Path


def environment(var: Path) -> dict[str, str]:
    """The environment of a Khlong that knows nothing of the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KHLONG_")}
    own = {
        "KHLONG_VAR": str(var),
        "DJANGO_SETTINGS_MODULE": "khlong.web.settings",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    return kept | own


def python(var: Path, *words: str) -> str:
    """What a program of its own prints that runs on this folder, beside the server if there is one."""
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment(var), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def prepared(var: Path) -> dict[str, str]:
    """Fill the folder: database with the real data and the people, static files. Gives the pages."""
    pages: dict[str, str] = json.loads(python(var, "-m", "tests.e2e.prepare").splitlines()[-1])
    return pages


def prepared_once(together: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A prepared folder that is only copied, and its pages: one for all tests of a run, in whichever process."""
    base = together.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    var, told = base / "prepared" / "var", base / "prepared" / "pages.json"
    told.parent.mkdir(exist_ok=True)
    with (base / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            told.write_text(json.dumps(prepared(var)))
    pages: dict[str, str] = json.loads(told.read_text())
    return var, pages


@contextlib.contextmanager
def served(
    model: Path, var: Path, pages: dict[str, str], more: dict[str, str] | None = None
) -> Iterator[House]:
    """Serve a copy of the prepared folder until the block ends, with more settings if there are any."""
    shutil.copytree(model, var)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = subprocess.Popen(
            server_command(listening, workers=1),
            env=environment(var) | (more or {}),
            pass_fds=[listening.fileno()],
            stdin=subprocess.DEVNULL,
        )
        try:
            host, port = listening.getsockname()[:2]
            wait_for(server, host, port)
            yield House(f"http://{host}:{port}", pages, var)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(PATIENCE)


def wait_for(server: subprocess.Popen[bytes], host: str, port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert server.poll() is None, f"the server ended with {server.returncode}"
        with contextlib.suppress(OSError):
            if fetch(host, port, "/health/")[0] == 200:
                return
        time.sleep(0.1)
    raise AssertionError(f"no answer within {PATIENCE} s")

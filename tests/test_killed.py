"""Web server and worker are killed again and again while people write and jobs run; then everything is counted."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from tools.postgres import UnavailableError, cluster

from khlong.web import supervise
from khlong.web.start import server_command
from tests.e2e.house import environment
from tests.e2e.people import PASSWORD
from tests.killing.apps import PARTS
from tests.killing.prepare import JOBS, PEOPLE

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
WRITES = 2000
PATIENCE = 420.0
VICTIMS = (
    *((100, "worker"), (200, "web"), (400, "worker"), (600, "process"), (800, "worker")),
    *((1100, "web"), (1300, "worker"), (1600, "process")),
)
"""After how many acknowledged writes what is killed."""
ADD = "/words/topics/add/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
LOCKED = re.compile(r"database (table )?is locked|deadlock detected|could not obtain lock", re.IGNORECASE)


class Client(threading.Thread):
    """Somebody who signs in and adds words, one after another, until enough are acknowledged in all."""

    def __init__(self, address: str, name: str, enough: threading.Event) -> None:
        super().__init__(daemon=True)
        self.address, self.person, self.enough = address, name, enough
        self.session = requests.Session()
        self.acknowledged: list[str] = []
        self.faults: list[str] = []

    def run(self) -> None:
        numbers = itertools.count()
        while not self.enough.is_set():
            try:
                self.sign_in()
                while not self.enough.is_set():
                    self.write(f"{self.person} {next(numbers):05}")
            except requests.RequestException:
                self.session = requests.Session()
                time.sleep(0.1)

    def form(self, path: str) -> dict[str, str]:
        page = self.session.get(self.address + path, timeout=30)
        found = TOKEN.search(page.text)
        if found is None:
            self.faults.append(f"{path}: {page.status_code} without a form")
            raise requests.RequestException
        return {"csrfmiddlewaretoken": found[1]}

    def post(self, path: str, values: dict[str, str]) -> requests.Response:
        return self.session.post(self.address + path, values, timeout=30, allow_redirects=False)

    def sign_in(self) -> None:
        answer = self.post(
            "/signin/", self.form("/signin/") | {"username": self.person, "password": PASSWORD}
        )
        if answer.status_code != 302:
            self.faults.append(f"sign-in: {answer.status_code}")
        self.token = self.form(ADD)

    def write(self, label: str) -> None:
        answer = self.post(ADD, self.token | {"label_th": f"คำ {label}", "label_en": label})
        if answer.status_code == 302:
            self.acknowledged.append(label)
        else:
            self.faults.append(f"{label}: {answer.status_code}")


class Running:
    """The real programme: supervisor, gunicorn, worker, with its words in a file."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening, log.open("wb") as out:
            self.port = listening.getsockname()[1]
            plan = supervise.plan(server_command(listening, workers=2), [listening.fileno()], jobs=1)
            self.parent = subprocess.Popen(
                [sys.executable, "-m", "khlong.web.supervise", plan],
                env=env,
                pass_fds=[listening.fileno()],
                stdout=out,
                stderr=out,
                preexec_fn=supervise.dies_with(os.getpid()),  # noqa: PLW1509 (no thread has begun yet)
            )

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self, which: str) -> None:
        """kill -9 the worker, the whole web server, or one of the web server's processes."""
        web = [pid for pid in children(self.parent.pid) if "gunicorn" in words_of(pid)]
        if which == "worker":
            found = [pid for pid in children(self.parent.pid) if "gunicorn" not in words_of(pid)]
        elif which == "web":
            found = [*web, *(pid for master in web for pid in children(master))]
        else:
            found = [pid for master in web for pid in children(master)][:1]
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stop(self) -> int:
        self.parent.terminate()
        return self.parent.wait(60)


def children(parent: int) -> list[int]:
    told = Path(f"/proc/{parent}/task/{parent}/children")
    try:
        return [int(pid) for pid in told.read_text().split()]
    except OSError:
        return []


def words_of(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""


def called(env: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.killing.prepare", *words],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(params=["sqlite", "postgresql"])
def env(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A prepared Khlong on a database in a file, or on PostgreSQL."""
    own = environment(tmp_path / "var") | {
        "DJANGO_SETTINGS_MODULE": "tests.killing.settings",
        "KHLONG_JOBS_LEASE": "2",
    }
    if request.param == "sqlite":
        called(own)
        yield own
        return
    try:
        with cluster(durable=True) as address:
            own["KHLONG_DATABASE_URL"] = address
            called(own)
            yield own
    except UnavailableError as missing:
        pytest.skip(str(missing))


def hammered(running: Running) -> list[Client]:
    """Write until enough is acknowledged, and kill meanwhile."""
    enough = threading.Event()
    clients = [Client(running.address, name, enough) for name in PEOPLE]
    for client in clients:
        client.start()
    waiting, end = list(VICTIMS), time.monotonic() + PATIENCE
    while (written := sum(len(client.acknowledged) for client in clients)) < WRITES:
        if time.monotonic() > end or any(client.faults for client in clients):
            break
        if waiting and written >= waiting[0][0]:
            running.kill(waiting.pop(0)[1])
        time.sleep(0.05)
    enough.set()
    for client in clients:
        client.join(60)
    return clients


def test_nothing_acknowledged_is_lost_and_each_job_takes_effect_once_however_often_they_are_killed(
    env: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    running = Running(env, log)
    try:
        clients = hammered(running)
        acknowledged = [label for client in clients for label in client.acknowledged]
        found = settled(env)
    finally:
        ended = running.stop()
    said = log.read_text(errors="replace")
    assert len(acknowledged) >= WRITES, said[-2000:]
    assert [fault for client in clients for fault in client.faults] == [], said[-2000:]
    assert not set(acknowledged) - set(found["words"])
    assert len(found["words"]) == len(set(found["words"]))
    assert found["jobs"] == {"done": JOBS}
    once = {f"job {number} part {part}": 1 for number in range(JOBS) for part in range(PARTS)}
    assert found["effects"] == once
    assert found["audited"] == len(found["words"]) + len(once)
    assert found["attempts"] > JOBS, "no job was killed while it ran"
    assert said.count("ended (signal 9)") >= 3
    assert not LOCKED.search(said), LOCKED.search(said)
    assert ended == 0


def settled(env: dict[str, str]) -> dict[str, Any]:
    """What is there when the last job has ended."""
    end = time.monotonic() + PATIENCE
    while True:
        found: dict[str, Any] = json.loads(called(env, "count"))
        if set(found["jobs"]) <= {"done", "failed", "cancelled"} or time.monotonic() > end:
            return found
        time.sleep(1)

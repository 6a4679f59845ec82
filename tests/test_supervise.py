"""The parent of the web server and the workers: it starts again what died, passes signals on, leaves nobody behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from khlong.web import supervise
from khlong.web.start import engine_command

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0
STAYS = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); time.sleep(600)"
ENDS = "import sys; open(sys.argv[1], 'a').write('x\\n'); sys.exit(3)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {STAYS}"
FAMILY = f"import os; os.fork(); {STAYS}"


def child(code: str, note: Path) -> list[str]:
    return [sys.executable, "-c", code, str(note)]


def pids(note: Path) -> list[int]:
    return [int(line) for line in note.read_text().split()] if note.exists() else []


def alive(pid: int) -> bool:
    """Whether the process runs; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(happened: Callable[[], object]) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if happened():
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def note(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "note"
    for path in tmp_path.iterdir():
        for pid in pids(path) if path.name.startswith("note") else []:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def running(*children: tuple[str, list[str]]) -> Iterator[subprocess.Popen[str]]:
    """The parent with these children, as a process of its own."""
    code = (
        "import sys, json; from khlong.web import supervise as s; s.GRACE = 2.0;"
        "sys.exit(s.Supervisor([s.Child(*c) for c in json.loads(sys.argv[1])], []).run())"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, json.dumps(children)],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield parent
    finally:
        parent.kill()
        parent.wait()
        assert parent.stderr is not None
        parent.stderr.close()


def test_a_child_that_was_killed_is_started_again_and_that_is_said(note: Path) -> None:
    with running(("worker", child(STAYS, note))) as parent:
        assert until(lambda: pids(note))
        os.kill(pids(note)[0], signal.SIGKILL)
        assert until(lambda: len(pids(note)) == 2)
        parent.terminate()
        assert parent.wait(PATIENCE) == 0
        assert parent.stderr is not None
        assert "the worker ended (signal 9); starting it again" in parent.stderr.read()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_all_children_and_then_the_parent(note: Path, tmp_path: Path, signum: int) -> None:
    other = tmp_path / "note 2"
    with running(("web", child(STAYS, note)), ("worker", child(STAYS, other))) as parent:
        assert until(lambda: pids(note) and pids(other))
        parent.send_signal(signum)
        assert parent.wait(PATIENCE) == 0
        assert not any(map(alive, pids(note) + pids(other)))


def test_a_child_that_does_not_listen_is_killed(note: Path) -> None:
    with running(("web", child(STUBBORN, note))) as parent:
        assert until(lambda: pids(note))
        parent.terminate()
        assert parent.wait(PATIENCE) == 0
        assert not alive(pids(note)[0])


def test_what_a_child_has_started_ends_with_it(note: Path) -> None:
    with running(("web", child(FAMILY, note))) as parent:
        assert until(lambda: len(pids(note)) == 2)
        family = pids(note)
        parent.terminate()
        parent.wait(PATIENCE)
        assert until(lambda: not any(map(alive, family)))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_no_child_outlives_a_parent_that_was_killed(note: Path) -> None:
    with running(("web", child(STAYS, note))) as parent:
        assert until(lambda: pids(note))
        parent.kill()
        parent.wait()
        assert until(lambda: not alive(pids(note)[0]))


@pytest.mark.usefixtures("note")
def test_a_web_server_that_keeps_ending_is_given_up_in_words_and_all_others_end(
    tmp_path: Path,
) -> None:
    ended, other = tmp_path / "ended", tmp_path / "note 2"
    with running(("web", child(ENDS, ended)), ("worker", child(STAYS, other))) as parent:
        assert parent.wait(PATIENCE) == 1
        assert parent.stderr is not None
        assert "the web server ended 5 times within a minute; giving up" in parent.stderr.read()
        assert ended.read_text().count("x") == supervise.MOST_DEATHS
        assert not any(map(alive, pids(other)))


def test_a_worker_that_keeps_ending_leaves_the_pages_alone_and_is_tried_again_a_minute_later() -> None:
    worker, web = supervise.Child("worker", ["worker"]), supervise.Child("web", ["web"])
    parent = supervise.Supervisor([web, worker], [])
    waits = []
    for death in range(supervise.MOST_DEATHS):
        worker.process = Ended()  # type: ignore[assignment]
        parent._buried(worker, now=float(death))
        waits.append(worker.next_start - death)
    assert waits == [pytest.approx(0.2 * 2**n) for n in range(4)] + [supervise.WINDOW]
    assert worker.deaths == []


def test_deaths_that_are_long_ago_do_not_count() -> None:
    web = supervise.Child("web", ["web"])
    parent = supervise.Supervisor([web], [])
    for death in range(20):
        web.process = Ended()  # type: ignore[assignment]
        parent._buried(web, now=death * supervise.WINDOW)
        assert web.next_start == pytest.approx(death * supervise.WINDOW + 0.2)


class Ended:
    """A process that is over."""

    returncode = 1
    pid = 2**22 + 1


def test_the_plan_has_one_web_server_and_as_many_workers_as_asked_for() -> None:
    planned = json.loads(supervise.plan(["gunicorn"], [5], 2))
    assert [name for name, _command in planned["children"]] == ["web", "worker", "worker"]
    assert planned["fds"] == [5]
    assert [name for name, _ in json.loads(supervise.plan(["gunicorn"], [5], 0))["children"]] == ["web"]


def test_the_engine_is_one_more_child_where_there_is_one() -> None:
    planned = json.loads(supervise.plan(["gunicorn"], [5], 1, ["python", "engine"]))
    assert planned["children"][-1] == ["engine", ["python", "engine"]]


def test_an_engine_that_keeps_ending_rests_ten_minutes_and_the_pages_stay() -> None:
    parent = supervise.Supervisor([], [])
    engine = supervise.Child(supervise.ENGINE, ["engine"])
    for _death in range(supervise.MOST_DEATHS):
        engine.process = Ended()  # type: ignore[assignment]
        parent._buried(engine, now=100.0)
    assert engine.next_start == 100.0 + supervise.RESTS[supervise.ENGINE]
    assert engine.deaths == []


@pytest.mark.parametrize(("bootstrap", "begins"), [("/a/bootstrap.py", "/a/bootstrap.py"), ("", "-m")])
def test_the_engine_installs_itself_only_where_the_first_start_made_the_environment(
    monkeypatch: pytest.MonkeyPatch, settings: Any, bootstrap: str, begins: str
) -> None:
    monkeypatch.setenv("KHLONG_BOOTSTRAP", bootstrap)
    settings.KHLONG = {**settings.KHLONG, "engine": True}
    command = engine_command()
    assert begins in command
    assert command[-1].endswith("engine.sock")
    settings.KHLONG = {**settings.KHLONG, "engine": False}
    assert engine_command() == []

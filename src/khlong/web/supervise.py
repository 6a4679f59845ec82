"""One parent for the processes of a running Khlong: web server, workers and the futures engine.

    python -m khlong.web.supervise '{"fds": [5], "children": [["web", ["python", …]], ["worker", […]]]}'

A child that ends is started again. A web server that keeps ending stops everything, in words; a worker that
keeps ending is tried again once a minute, the engine every ten, so that pages can still be read. SIGTERM, SIGINT
and SIGHUP are passed on as SIGTERM, and the parent ends when all children have; it kills those that take too long.
When the parent itself is killed, the kernel tells the children (on Linux; a worker also asks by itself). Needs no
Django.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

GRACE = 12.0
WINDOW = 60.0
MOST_DEATHS = 5
WEB, WORKER, ENGINE = "web", "worker", "engine"
NAMES = {
    WEB: ("เว็บ", "the web server"),
    WORKER: ("ตัวทำงานเบื้องหลัง", "the worker"),
    ENGINE: ("เครื่องคำนวณอนาคต", "the futures engine"),
}
RESTS = {WORKER: WINDOW, ENGINE: 10 * WINDOW}  # seconds until one that keeps ending is tried again
STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def say(thai: str, english: str) -> None:
    sys.stderr.write(f"khlong: {thai} · {english}\n")
    sys.stderr.flush()


def dies_with(parent: int) -> Callable[[], None]:
    """What a child does before it becomes its program: ask the kernel for SIGTERM when the parent dies."""

    def ask() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask


@dataclass
class Child:
    """A program that is to run for ever, in a process group of its own."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)
    next_start: float = 0.0

    def start(self, fds: list[int]) -> None:
        self.process = subprocess.Popen(  # noqa: S603 (the commands come from web.start)
            self.command,
            pass_fds=fds,
            process_group=0,
            preexec_fn=dies_with(os.getpid()),  # noqa: PLW1509 (this process has one thread)
            env=os.environ | {"KHLONG_SUPERVISED": "1"},
        )

    def send(self, signum: int) -> None:
        """Signal the child and what it has started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signum)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Starts the children and keeps them running until a signal, or until it gives up."""

    def __init__(self, children: list[Child], fds: list[int]) -> None:
        self.children, self.fds = children, fds
        self.asked = 0
        self._awake: socket.socket

    def run(self) -> int:
        """0 after a signal, 1 when the web server could not be kept running."""
        with self._signals():
            while not self.asked:
                now = time.monotonic()
                for child in self.children:
                    if not child.alive and not self._revive(child, now):
                        self._stop()
                        return 1
                self._wait(self._pause(now))
            self._stop()
        return 0

    def _revive(self, child: Child, now: float) -> bool:
        """Start the child when its time has come; False when that is of no use any more."""
        if child.process is not None:
            self._buried(child, now)
            if child.name == WEB and len(child.deaths) >= MOST_DEATHS:
                say(
                    "เว็บหยุดเองหลายครั้งติดกัน จึงเลิกเปิด สาเหตุอยู่ในข้อความข้างบน",
                    f"the web server ended {len(child.deaths)} times within a minute; giving up. See above why",
                )
                return False
        if now >= child.next_start:
            child.start(self.fds)
        return True

    def _buried(self, child: Child, now: float) -> None:
        """Note how the child ended, and when it may be started again."""
        assert child.process is not None
        ended = child.process.returncode
        child.send(signal.SIGTERM)
        child.process = None
        child.deaths = [death for death in child.deaths if now - death < WINDOW] + [now]
        wait = 0.2 * 2 ** (len(child.deaths) - 1)
        if len(child.deaths) >= MOST_DEATHS:
            wait, child.deaths = (RESTS[child.name], []) if child.name in RESTS else (0.0, child.deaths)
        child.next_start = now + wait
        thai, english = NAMES[child.name]
        how = f"signal {-ended}" if ended < 0 else f"exit {ended}"
        say(
            f"{thai}หยุดเอง ({how}) จะเปิดใหม่ใน {wait:.1f} วินาที",
            f"{english} ended ({how}); starting it again in {wait:.1f} s",
        )

    def _pause(self, now: float) -> float:
        waits = [child.next_start - now for child in self.children if not child.alive]
        return max(0.05, min([*waits, 5.0]))

    def _wait(self, seconds: float) -> None:
        """Sleep until a signal or the end of a child."""
        select.select([self._awake], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            while self._awake.recv(64):
                pass

    def _stop(self) -> None:
        """End all children, those that take too long by force; a second signal makes it short."""
        first, self.asked = self.asked, 0
        for child in self.children:
            child.send(signal.SIGTERM)
        end = time.monotonic() + GRACE
        while any(child.alive for child in self.children) and time.monotonic() < end and not self.asked:
            self._wait(0.2)
        for child in self.children:
            child.send(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()
        self.asked = first

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        self._awake, bell = socket.socketpair()
        self._awake.setblocking(False)
        bell.setblocking(False)
        before = {number: signal.signal(number, self._asked) for number in STOPS}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        former = signal.set_wakeup_fd(bell.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(former)
            self._awake.close()
            bell.close()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _asked(self, number: int, _frame: object) -> None:
        self.asked = number


def plan(web: list[str], fds: list[int], jobs: int, engine: Sequence[str] = ()) -> str:
    """The argument of this program: the web server on the sockets `fds`, so many workers, and the engine if any."""
    worker = [sys.executable, "-m", "khlong", "jobs", "work"]
    children = [(WEB, web), *[(WORKER, worker)] * jobs, *([(ENGINE, engine)] if engine else [])]
    return json.dumps({"fds": fds, "children": children})


def main(arguments: list[str]) -> int:
    told = json.loads(arguments[0])
    children = [Child(name, command) for name, command in told["children"]]
    return Supervisor(children, told["fds"]).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

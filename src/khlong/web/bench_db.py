"""Reads and writes per second of SQLite and PostgreSQL through real requests: ./khlong bench db

For each database a server as ./run starts it, in a folder of its own, with 16 signed-in people who correct
facts through their form and read pages. Both databases keep what they acknowledged through a loss of power
(SQLite synchronous=FULL, PostgreSQL as it is delivered). They take turns, so that another program that has
the machine for a while decides nothing, and the ratio is the median of the rounds.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from khlong.web.start import ROOT, fetch, server_command

CLIENTS = 16
ROUNDS = 3
SECONDS = 3.0
BAR = 0.6
PATIENCE = 60.0
KINDS = ("writes", "reads", "mixed")
DATABASES = ("sqlite", "postgresql")
LOCKED = re.compile(r"database is locked|deadlock detected|could not serialize|OperationalError")


class NothingToCompareError(Exception):
    """PostgreSQL cannot be started here; the message is the reason."""


class Person:
    """Somebody signed in with a browser of her own, on one connection that stays open."""

    def __init__(self, port: int, told: dict[str, Any], pages: list[str], seed: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookies: dict[str, str] = {}
        self.told, self.pages = told, pages
        self.form: dict[str, str] = dict(told["form"])
        self.dice = random.Random(seed)  # noqa: S311 (which page is read next)
        self.written = 0

    def sign_in(self) -> None:
        self._ask("GET", "/signin/")
        form = {"username": self.told["name"], "password": self.told["password"]}
        if (status := self._ask("POST", "/signin/", form)) != 302:
            raise RuntimeError(f"signing in answered {status}")

    def write(self) -> bool:
        """Correct the fact by its form; what was saved is the base of the next time."""
        self.written += 1
        self.form["statement_th"] = f"ข้อเท็จจริงที่แก้ครั้งที่ {self.written} โดย {self.told['name']}"
        saved = self._ask("POST", self.told["address"], self.form) == 302
        if saved:
            self.form["base"] = str(int(self.form["base"]) + 1)
        return saved

    def read(self) -> bool:
        return self._ask("GET", self.dice.choice(self.pages)) == 200

    def mixed(self) -> bool:
        """One write to four reads, in no order."""
        return self.write() if self.dice.random() < 0.2 else self.read()

    def _ask(self, method: str, path: str, form: dict[str, str] | None = None) -> int:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if form is not None:
            body = urlencode({**form, "csrfmiddlewaretoken": self.cookies.get("csrftoken", "")})
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        answer.read()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, rest = line.partition("=")
            if name in {"csrftoken", "sessionid"}:
                self.cookies[name] = rest.partition(";")[0]
        return answer.status


@dataclass
class Turn:
    """What 16 people did in some seconds: how long each request took (seconds), and how many failed."""

    seconds: float
    taken: list[float] = field(default_factory=list)
    errors: int = 0

    @property
    def rate(self) -> float:
        return len(self.taken) / self.seconds


def turn(people: list[Person], kind: str, seconds: float) -> Turn:
    """All people do one kind of thing at once, until the time is over."""
    made, lock, begin = Turn(seconds), threading.Lock(), threading.Barrier(len(people))

    def work(person: Person) -> None:
        does: Callable[[], bool] = {"writes": person.write, "reads": person.read, "mixed": person.mixed}[kind]
        person.connection.close()  # the server ends a connection that nobody used since the last turn
        begin.wait()
        taken, errors = _work(person, does, time.perf_counter() + seconds)
        with lock:
            made.taken += taken
            made.errors += errors

    threads = [threading.Thread(target=work, args=[person]) for person in people]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made.seconds = time.perf_counter() - started
    return made


def _work(person: Person, does: Callable[[], bool], until: float) -> tuple[list[float], int]:
    taken, errors = [], 0
    while (start := time.perf_counter()) < until:
        try:
            done = does()
        except (OSError, http.client.HTTPException):
            done = False
            person.connection.close()
        if done:
            taken.append(time.perf_counter() - start)
        else:
            errors += 1
    return taken, errors


@dataclass
class House:
    """A running server with its people, the place of its log, and what was measured so far."""

    people: list[Person]
    log: Path
    turns: dict[str, list[Turn]] = field(default_factory=lambda: {kind: [] for kind in KINDS})

    @property
    def locks(self) -> int:
        return len(LOCKED.findall(self.log.read_text(errors="replace")))


@contextlib.contextmanager
def house(address: str, workers: int) -> Iterator[House]:
    """A server on a free port with a database of its own: SQLite, or PostgreSQL at `address`."""
    with tempfile.TemporaryDirectory(prefix="khlong-bench-") as folder:
        env = _environment(folder, address)
        told = _prepared(env)
        log = Path(folder) / "server.log"
        with socket.create_server(("127.0.0.1", 0)) as listening, log.open("wb") as file:
            command = server_command(listening, workers)
            server = subprocess.Popen(command, env=env, pass_fds=[listening.fileno()], stderr=file)  # noqa: S603
            try:
                port = listening.getsockname()[1]
                _wait(server, port, log)
                people = _signed_in(port, told)
                yield House(people, log)
                for person in people:
                    person.connection.close()
            finally:
                server.send_signal(signal.SIGTERM)
                server.wait(30)


def _environment(folder: str, address: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KHLONG_")}
    own = {
        "KHLONG_VAR": folder,
        "KHLONG_DATABASE_URL": address,
        "DJANGO_SETTINGS_MODULE": "khlong.web.settings",
    }
    return kept | own | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}


def _prepared(env: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "khlong.web.bench_house", str(CLIENTS)]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True)  # noqa: S603
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        with contextlib.suppress(OSError):
            if fetch("127.0.0.1", port, "/health/")[0] == 200:
                return
        time.sleep(0.1)
    raise RuntimeError(f"the server does not answer:\n{log.read_text(errors='replace')[-2000:]}")


def _signed_in(port: int, told: dict[str, Any]) -> list[Person]:
    people = [Person(port, one, told["pages"], number) for number, one in enumerate(told["people"])]
    for person in people:
        person.sign_in()
        person.write()
        person.read()
    return people


def measure(workers: int = 2, rounds: int = ROUNDS, seconds: float = SECONDS) -> dict[str, Any]:
    """Both databases in turns; plain data. Raises NothingToCompareError."""
    sys.path.insert(0, str(ROOT))
    from tools.postgres import UnavailableError, cluster

    with contextlib.ExitStack() as stack:
        try:
            address = stack.enter_context(cluster(durable=True))
        except UnavailableError as error:
            raise NothingToCompareError(str(error)) from error
        houses = {
            name: stack.enter_context(house(where, workers))
            for name, where in zip(DATABASES, ("", address), strict=True)
        }
        for number in range(rounds):
            _round(houses, number, seconds)
        return result(houses)


def _round(houses: dict[str, House], number: int, seconds: float) -> None:
    """Every kind once on each database; who goes first changes from round to round."""
    order = DATABASES if number % 2 == 0 else DATABASES[::-1]
    for kind in KINDS:
        for name in order:
            houses[name].turns[kind].append(turn(houses[name].people, kind, seconds))


def result(houses: dict[str, House]) -> dict[str, Any]:
    """What was measured, and what breaks a bar in words."""
    found = {name: _of(made) for name, made in houses.items()}
    ratios = {kind: _ratio(houses, kind) for kind in KINDS}
    over = [
        f"{kind}: SQLite does {ratios[kind]} of PostgreSQL's, at least {BAR}"
        for kind in ("writes", "reads")
        if ratios[kind] < BAR
    ]
    over += [
        f"{name}: {found[name][kind]['errors']} requests failed among the {kind}, at most 0"
        for name in found
        for kind in KINDS
        if found[name][kind]["errors"]
    ]
    over += [
        f"{name}: {row['lock_errors']} lock errors, at most 0"
        for name, row in found.items()
        if row["lock_errors"]
    ]
    return {"clients": CLIENTS, "bar": BAR, "databases": found, "sqlite_to_postgresql": ratios, "over": over}


def _of(made: House) -> dict[str, Any]:
    return {kind: _kind(made.turns[kind]) for kind in KINDS} | {"lock_errors": made.locks}


def _kind(turns: list[Turn]) -> dict[str, Any]:
    taken = sorted(seconds * 1000 for one in turns for seconds in one.taken)
    return {
        "per_second": round(statistics.median(one.rate for one in turns), 1),
        "requests": len(taken),
        "errors": sum(one.errors for one in turns),
        "ms": {f"p{part}": round(percentile(taken, part), 1) for part in (50, 95, 99)},
    }


def percentile(ordered: list[float], part: int) -> float:
    """The value below which `part` per cent of the ordered values lie; 0 of none."""
    return ordered[min(len(ordered) - 1, len(ordered) * part // 100)] if ordered else 0.0


def _ratio(houses: dict[str, House], kind: str) -> float:
    lite, post = (houses[name].turns[kind] for name in DATABASES)
    ratios = [one.rate / max(other.rate, 0.1) for one, other in zip(lite, post, strict=True)]
    return round(statistics.median(ratios), 2)


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The result for a reader at a terminal."""
    for name, row in found["databases"].items():
        for kind in KINDS:
            one = row[kind]
            ms = " ".join(f"{part} {value:g}" for part, value in one["ms"].items())
            yield f"{name:10} {kind:6} {one['per_second']:8.1f} a second  {one['errors']} errors  ms {ms}"
    ratios = " ".join(f"{kind} {ratio}" for kind, ratio in found["sqlite_to_postgresql"].items())
    yield f"SQLite to PostgreSQL: {ratios}"

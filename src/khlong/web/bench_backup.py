"""How long pages take while a backup of a large city runs, against the same pages before: ./khlong bench backup

A server as ./run starts it, with a throw-away database that is filled with revisions and a folder of files until both
together are as large as asked for. Four people read pages and correct facts at a walking pace. Quiet turns and
backups take turns, so that another program that has the machine for a while decides nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from khlong.web.bench_db import House, Person, _environment, house, percentile

PEOPLE = 4
ROUNDS = 3
BAR = 2.0
PAUSE = 0.05
QUIET = 15.0
FILE_BYTES = 1_000_000
TEXT = "คลองอู่ตะเภารับน้ำจากอำเภอสะเดาลงสู่ทะเลสาบสงขลา บ้านริมคลองเก็บของขึ้นที่สูงก่อนน้ำมา "
ROW = 3_000


class NoRoomError(Exception):
    """The disk has no room for the bench; the message says how much is needed."""


@dataclass
class Times:
    """Seconds that pages took, and requests that failed."""

    taken: list[float] = field(default_factory=list)
    errors: int = 0


class Walking:
    """People who read and now and then write, each with a short pause after every page."""

    def __init__(self, people: list[Person]) -> None:
        self.people, self.over, self.lock = people, threading.Event(), threading.Lock()
        self.times = Times()
        self.threads = [threading.Thread(target=self._work, args=[person]) for person in people]

    def _work(self, person: Person) -> None:
        person.connection.close()
        while not self.over.is_set():
            began = time.perf_counter()
            try:
                fine = person.mixed()
            except OSError:
                fine = False
                person.connection.close()
            with self.lock:
                self.times.taken.append(time.perf_counter() - began)
                self.times.errors += not fine
            self.over.wait(PAUSE)

    def __enter__(self) -> Times:
        for thread in self.threads:
            thread.start()
        return self.times

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()


def fill(folder: Path, megabytes: int) -> dict[str, int]:
    """Fill the database in the folder with revisions of one thing, and its files, half of the size each."""
    half = megabytes * 500_000
    return {"rows": _rows(folder / "db.sqlite3", half), "files": _files(folder / "files", half)}


def _rows(path: Path, size: int) -> int:
    text = (TEXT * (ROW // len(TEXT.encode()) + 1)).encode()[: ROW - 200].decode("utf-8", "ignore")
    count = size // ROW
    with contextlib.closing(sqlite3.connect(path, timeout=60)) as opened, opened:
        (node,) = opened.execute("SELECT node_id FROM chain_thingrevision LIMIT 1").fetchone()
        opened.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
            'INSERT INTO chain_thingrevision (node_id, number, "values", changed, by, at, why) '
            "SELECT :node, 100000 + i, json_object('statement_th', i || ' ' || :text), '[\"statement_th\"]', "
            "'bench', '2026-11-22 09:00:00', '' FROM n",
            {"count": count, "node": node, "text": text},
        )
    return count


def _files(folder: Path, size: int) -> int:
    dice = random.Random(1)  # noqa: S311 (bytes that do not shrink)
    for _number in range(size // FILE_BYTES):
        data = dice.randbytes(FILE_BYTES)
        digest = hashlib.sha256(data).hexdigest()
        path = folder / digest[:2] / digest[2:4] / digest
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return size // FILE_BYTES


@contextlib.contextmanager
def backing_up(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A backup of the whole house that runs beside it; its file goes at the end."""
    command = [sys.executable, "-m", "khlong", "backup", "--full", "--out", str(folder / "backups")]
    running = subprocess.Popen(command, env=_environment(str(folder), ""), stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        yield running
    finally:
        running.kill()
        running.wait()
        shutil.rmtree(folder / "backups", ignore_errors=True)


def measure(megabytes: int = 1000, rounds: int = ROUNDS, quiet: float = QUIET) -> dict[str, Any]:
    """Plain data; `over` says what breaks the bar. Raises NoRoomError."""
    import tempfile

    needed, free = megabytes * 4_000_000, shutil.disk_usage(tempfile.gettempdir()).free
    if free < needed:
        raise NoRoomError(f"the bench needs {needed // 10**9 + 1} GB of room in {tempfile.gettempdir()}")
    with house("", 2) as made:
        return _measured(made, made.log.parent, megabytes, rounds, quiet)


def _measured(made: House, folder: Path, megabytes: int, rounds: int, quiet: float) -> dict[str, Any]:
    from khlong.record.backup import locks

    filled = fill(folder, megabytes)
    (folder / "backup.recipient").write_text(locks.new_pair().public)
    before, during, seconds, sizes = Times(), Times(), [], []
    for _round in range(rounds):
        with Walking(made.people[:PEOPLE]) as times:
            time.sleep(quiet)
        _add(before, times)
        began = time.monotonic()
        with backing_up(folder) as running, Walking(made.people[:PEOPLE]) as times:
            if running.wait(3600) != 0:
                raise RuntimeError("the backup failed")
            seconds.append(time.monotonic() - began)
            sizes.append(max(path.stat().st_size for path in (folder / "backups").glob("khlong-2*.khb")))
        _add(during, times)
    return result(before, during, {"megabytes": megabytes, **filled}, seconds, sizes)


def _add(all_times: Times, more: Times) -> None:
    all_times.taken += more.taken
    all_times.errors += more.errors


def result(
    before: Times, during: Times, city: dict[str, int], seconds: list[float], sizes: list[int]
) -> dict[str, Any]:
    """What was measured in milliseconds, and what breaks the bar in words."""
    found = {"quiet": _ms(before), "backup": _ms(during)}
    ratios = {
        part: round(found["backup"][part] / max(found["quiet"][part], 0.1), 2) for part in ("p50", "p95")
    }
    over = [f"{part}: {ratio} times as long, at most {BAR}" for part, ratio in ratios.items() if ratio > BAR]
    if before.errors or during.errors:
        over.append(f"{before.errors + during.errors} requests failed, at most 0")
    return {
        "city": city,
        "backup_seconds": round(statistics.median(seconds), 1),
        "backup_megabytes": round(statistics.median(sizes) / 1e6),
        "ms": found,
        "ratios": ratios,
        "bar": BAR,
        "load": round(os.getloadavg()[0], 1),
        "over": over,
    }


def _ms(times: Times) -> dict[str, float]:
    ordered = sorted(second * 1000 for second in times.taken)
    return {f"p{part}": round(percentile(ordered, part), 1) for part in (50, 95, 99)} | {
        "requests": len(ordered)
    }


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The result for a reader at a terminal."""
    for name, row in found["ms"].items():
        yield f"{name:7} p50 {row['p50']:7} ms  p95 {row['p95']:7} ms  p99 {row['p99']:7} ms  {row['requests']} pages"
    yield f"ratio   p50 {found['ratios']['p50']}  p95 {found['ratios']['p95']}  (at most {found['bar']})"
    yield f"backup  {found['backup_seconds']} s, {found['backup_megabytes']} MB"

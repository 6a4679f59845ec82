"""Backup and restore while people write through a real server, on both databases."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tools.postgres import UnavailableError, cluster

from khlong.web import bench_db
from khlong.web.bench_db import House, Person
from tests.e2e.house import prepared_once

pytestmark = pytest.mark.slow
WRITERS = 4
Ask = Callable[[str], list[tuple[Any, ...]]]


@contextlib.contextmanager
def places(vendor: str, tmp_path: Path) -> Iterator[tuple[str, str, Ask]]:
    """Where Khlong's database is, where its backup is restored, and a way to ask the restored one."""
    if vendor == "sqlite":
        yield (
            "",
            str(tmp_path / "restored"),
            lambda sql: _of_sqlite(tmp_path / "restored" / "db.sqlite3", sql),
        )
        return
    import psycopg

    try:
        with cluster() as address:
            with psycopg.connect(address, autocommit=True) as opened:
                opened.execute("CREATE DATABASE restored TEMPLATE template0")
            restored = address.removesuffix("/postgres") + "/restored"
            yield address, restored, lambda sql: _of_postgresql(restored, sql)
    except UnavailableError as error:
        pytest.skip(str(error))


def _of_sqlite(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as opened:
        return opened.execute(sql).fetchall()


def _of_postgresql(address: str, sql: str) -> list[tuple[Any, ...]]:
    import psycopg

    with psycopg.connect(address) as opened:
        return opened.execute(sql).fetchall()


def khlong(house: House, address: str, *words: str) -> str:
    """Run a command as the house's keeper does, and give what it told."""
    env = bench_db._environment(str(house.log.parent), address)
    command = [sys.executable, "-m", "khlong.web.start", "command", *words]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Writers:
    """People who correct their facts without a pause; `saved` counts what was acknowledged to each."""

    def __init__(self, people: list[Person]) -> None:
        self.people, self.over = people, threading.Event()
        self.saved = dict.fromkeys((person.told["name"] for person in people), 0)
        self.refused = 0
        self.threads = [threading.Thread(target=self._work, args=[person]) for person in people]

    def _work(self, person: Person) -> None:
        person.connection.close()
        while not self.over.is_set():
            if person.write():
                self.saved[person.told["name"]] = person.written
            else:
                self.refused += 1

    def __enter__(self) -> Writers:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    def all_have(self, least: int) -> None:
        """Wait until each of them has saved so often."""
        while min(self.saved.values()) < least:
            assert all(thread.is_alive() for thread in self.threads), "somebody cannot write any more"
            self.over.wait(0.05)


def standing(ask: Ask) -> tuple[dict[str, int], int, dict[str, int]]:
    """By writer the number of the newest correction, the number of all actions, and by writer her audit."""
    facts = ask("SELECT statement_th FROM places_fact WHERE statement_th LIKE 'ข้อเท็จจริงที่แก้ครั้งที่ %'")
    numbers = {words[0].rsplit(" ", 1)[1]: int(words[0].split()[1]) for words in facts}
    ((stamp,),) = ask("SELECT number FROM record_stamp")
    audit = ask(
        "SELECT actor, count(*) FROM record_auditentry WHERE action LIKE 'places.fact.%' GROUP BY actor"
    )
    return numbers, stamp, dict(audit)


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_a_backup_made_while_people_write_is_one_moment_and_holds_what_was_acknowledged_before(
    vendor: str, tmp_path: Path
) -> None:
    with places(vendor, tmp_path) as (address, into, ask), bench_db.house(address, 2) as house:
        told = khlong(house, address, "backup", "keys")
        key = tmp_path / "key"
        key.write_text(told)
        files = house.log.parent / "files" / "ab" / "cd"
        files.mkdir(parents=True)
        (files / ("ab" * 32)).write_bytes(b"not its digest")
        with Writers(house.people[:WRITERS]) as writers:
            writers.all_have(2)
            before = dict(writers.saved)
            with contextlib.suppress(AssertionError):  # the damaged file is told with exit 1
                khlong(house, address, "backup", "--out", str(tmp_path))
            after = {name: number + 1 for name, number in writers.saved.items()}
            writers.all_have(max(after.values()) + 1)
        assert writers.refused == 0
        (backup,) = tmp_path.glob("khlong-2*.khb")
        env = bench_db._environment(str(house.log.parent), address)
        words = ["restore", str(backup), "--identity", str(key), "--into", into]
        done = subprocess.run(
            [sys.executable, "-m", "khlong", *words], env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        live = _of_sqlite(house.log.parent / "db.sqlite3", "SELECT 1") if not address else None
        assert live in (None, [(1,)])
        numbers, stamp, audit = standing(ask)
        for name, least in before.items():
            assert least <= numbers[name] <= after[name]
        ended, last, _audit = standing(
            (lambda sql: _of_postgresql(address, sql))
            if address
            else (lambda sql: _of_sqlite(house.log.parent / "db.sqlite3", sql))
        )
        assert sum(ended.values()) > sum(numbers.values())
        assert last - sum(ended.values()) == stamp - sum(numbers.values()), (
            "the rows are of different moments"
        )
        assert {name: audit[name] for name in numbers} == numbers
        assert "ok: " in khlong(house, address, "backup", "--drill")


def test_the_drill_tells_when_what_comes_back_differs(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A restore that loses a row is found by the comparison, not believed."""
    spoil = (
        "import khlong.record.backup.places as places\n"
        "old = places._SqliteLoader.rows\n"
        "def rows(self, table, rows):\n"
        "    old(self, table, rows[:-1] if table.name == 'record_auditentry' else rows)\n"
        "places._SqliteLoader.rows = rows\n"
        "import sys; from khlong.__main__ import main; sys.exit(main())\n"
    )
    env = os.environ | {"KHLONG_VAR": str(tmp_path / "var"), "KHLONG_DATABASE_URL": "sqlite"}
    env |= {"DJANGO_SETTINGS_MODULE": "khlong.web.settings"}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command], env=env, capture_output=True, text=True, check=False
        )

    start = ["-m", "khlong.web.start", "command"]
    shutil.copytree(prepared_once(tmp_path_factory)[0], tmp_path / "var")
    (tmp_path / "key").write_text(run(*start, "backup", "keys").stdout)
    assert run(*start, "backup", "--out", str(tmp_path)).returncode == 0
    (backup,) = tmp_path.glob("khlong-2*.khb")
    spoiled = run("-c", spoil, "restore", str(backup), "--identity", str(tmp_path / "key"), "--replace")
    assert spoiled.returncode == 2
    assert "record_auditentry is not what the backup holds" in spoiled.stderr
    assert not list((tmp_path / "var").glob("db.sqlite3.before-*")), "the database that stood was touched"
    back = run(*start, "restore", str(backup), "--identity", str(tmp_path / "key"), "--replace")
    assert back.returncode == 0, back.stderr
    assert len(list((tmp_path / "var").glob("db.sqlite3.before-*"))) == 1

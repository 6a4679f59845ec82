"""The bench of reads and writes judges what it measured, and counts what failed."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from khlong.__main__ import main
from khlong.web import bench_db
from khlong.web.bench_db import House, Person, Turn, lines, percentile, result, turn

TOLD = {"name": "bench0", "password": "x", "address": "/facts/D-1/correct/", "form": {"base": "1"}}


def measured(tmp_path: Path, rates: dict[str, list[int]], *, errors: int = 0, log: str = "") -> House:
    """A house whose turns lasted two seconds each and did so many requests."""
    file = tmp_path / f"{len(list(tmp_path.iterdir()))}.log"
    file.write_text(log)
    made = House([], file)
    for kind, counts in rates.items():
        made.turns[kind] = [Turn(2.0, [0.01] * count, errors) for count in counts]
    return made


def rates(*counts: int) -> dict[str, list[int]]:
    return {kind: list(counts) for kind in bench_db.KINDS}


def test_a_turn_in_which_the_machine_was_busy_decides_nothing(tmp_path: Path) -> None:
    found = result(
        {
            "sqlite": measured(tmp_path, rates(8, 100, 2)),
            "postgresql": measured(tmp_path, rates(10, 100, 100)),
        }
    )
    assert found["sqlite_to_postgresql"] == {"writes": 0.8, "reads": 0.8, "mixed": 0.8}
    assert found["databases"]["sqlite"]["reads"]["per_second"] == 4.0
    assert found["over"] == []


def test_less_than_six_tenths_breaks_the_bar_and_says_so(tmp_path: Path) -> None:
    found = result({"sqlite": measured(tmp_path, rates(59)), "postgresql": measured(tmp_path, rates(100))})
    assert found["over"] == [
        "writes: SQLite does 0.59 of PostgreSQL's, at least 0.6",
        "reads: SQLite does 0.59 of PostgreSQL's, at least 0.6",
    ]


def test_one_failed_request_and_one_lock_error_break_the_bar(tmp_path: Path) -> None:
    log = "django.db.utils.OperationalError\nsqlite3: database is locked\n"
    found = result(
        {
            "sqlite": measured(tmp_path, rates(10), errors=1, log=log),
            "postgresql": measured(tmp_path, rates(10)),
        }
    )
    assert found["databases"]["sqlite"]["lock_errors"] == 2
    assert len(found["over"]) == 4
    assert any("database" not in line and "failed among the writes" in line for line in found["over"])
    assert any("2 lock errors" in line for line in found["over"])


def test_the_lines_name_both_databases_and_every_kind(tmp_path: Path) -> None:
    found = result({name: measured(tmp_path, rates(10)) for name in bench_db.DATABASES})
    told = list(lines(found))
    assert len(told) == 7
    assert told[-1] == "SQLite to PostgreSQL: writes 1.0 reads 1.0 mixed 1.0"


def test_percentiles_are_values_that_were_measured() -> None:
    ordered = [float(n) for n in range(1, 101)]
    assert (percentile(ordered, 50), percentile(ordered, 99), percentile([], 50)) == (51.0, 100.0, 0.0)
    assert percentile([7.0], 99) == 7.0


class Answering(BaseHTTPRequestHandler):
    """A server that takes each correction once, by its base, as the real one does."""

    protocol_version = "HTTP/1.1"
    base = 1
    asked: list[dict[str, list[str]]] = []

    def do_GET(self) -> None:
        self._answer(404 if self.path == "/gone/" else 200)

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        Answering.asked.append(form)
        fresh = self.path == "/signin/" or form["base"] == [str(Answering.base)]
        Answering.base += fresh and self.path != "/signin/"
        self._answer(302 if fresh else 409)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Set-Cookie", "csrftoken=abc; Path=/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def port() -> Any:
    Answering.base, Answering.asked = 1, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_a_person_signs_in_and_each_correction_rests_on_the_one_before(port: int) -> None:
    person = Person(port, TOLD, ["/"], 1)
    person.sign_in()
    assert [person.write(), person.write(), person.read()] == [True, True, True]
    bases = [form["base"] for form in Answering.asked[1:]]
    texts = [form["statement_th"] for form in Answering.asked[1:]]
    assert bases == [["1"], ["2"]]
    assert texts[0] != texts[1]
    assert all(form["csrfmiddlewaretoken"] == ["abc"] for form in Answering.asked)
    person.connection.close()


def test_what_is_not_answered_as_it_should_be_counts_as_failed(port: int) -> None:
    people = [Person(port, TOLD, ["/gone/"], n) for n in range(3)]
    made = turn(people, "reads", 1.0)
    assert made.errors >= 3
    assert made.rate == 0
    Answering.base = 99
    assert people[0].write() is False
    for person in people:
        person.connection.close()


def test_a_machine_without_postgresql_is_told_why_nothing_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr("tools.postgres.program", _not_there)
    assert main(["bench", "db"]) == 2
    assert "PostgreSQL is not installed" in capsys.readouterr().err


def _not_there(name: str) -> Path:
    from tools.postgres import UnavailableError

    raise UnavailableError(f"PostgreSQL is not installed ({name} not found)")


@pytest.mark.slow
@pytest.mark.postgresql
def test_real_requests_on_both_databases_all_succeed() -> None:
    found = bench_db.measure(rounds=1, seconds=0.5)
    assert all(row[kind]["errors"] == 0 for row in found["databases"].values() for kind in bench_db.KINDS)
    assert all(row["lock_errors"] == 0 for row in found["databases"].values())
    assert all(row[kind]["requests"] > 0 for row in found["databases"].values() for kind in bench_db.KINDS)

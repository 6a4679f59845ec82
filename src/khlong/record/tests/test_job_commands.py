"""Jobs and facts from the command line, and the worker as a process and its threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from django.utils.translation import override

from khlong.__main__ import main
from khlong.people.actor import system_actor
from khlong.record.jobs import JobFailed, Step, enqueue, queue, registry, work
from khlong.record.jobs.worker import Working
from khlong.record.models import FactState, Job, JobState, OutboxFact, Worker

SYSTEM = system_actor("test")
NAME = "test.thing.do"


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[None]:
    monkeypatch.setattr(registry, "_known", {})
    monkeypatch.setattr(registry, "_schedules", {})
    registry.job(NAME, title="Do the thing")(lambda step, city="": {"lines": [f"Done in {city}."]})

    @registry.job("test.bad.do", title="Do it badly")
    def bad(step: Step) -> None:
        raise JobFailed("There is no paper.")

    with override("en"):
        yield


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Working:
    """A worker that shares the connection of the test: no thread beside, and nothing is closed."""
    monkeypatch.setattr(work, "_beat", lambda _row, _over: None)
    monkeypatch.setattr("khlong.record.jobs.worker.close_old_connections", lambda: None)
    monkeypatch.setattr("khlong.record.jobs.worker.connection.close", lambda: None)
    return Working("one")


def test_a_job_is_started_listed_and_worked_off(capsys: Any, worker: Working) -> None:
    assert main(["jobs", "start", NAME, '{"city": "C-PTG"}']) == 0
    number = capsys.readouterr().out.strip()
    assert main(["jobs"]) == 0
    listed = capsys.readouterr().out
    assert number in listed
    assert "waiting" in listed
    assert worker.until_empty() == 1
    assert main(["jobs", "follow", number[:8]]) == 0
    told = capsys.readouterr().out
    assert "100%" in told
    assert "Done in C-PTG." in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([NAME, "{city}"], "no JSON"),
        ([NAME, "[1]"], "must have names"),
        ([NAME, '{"town": "x"}'], "do not fit"),
        (["test.nothing"], "knows no job called test.nothing"),
    ],
)
def test_a_start_that_cannot_be_is_refused_in_a_line(words: list[str], told: str, capsys: Any) -> None:
    assert main(["jobs", "start", *words]) == 2
    assert told in capsys.readouterr().err
    assert Job.objects.count() == 0


def test_following_a_job_that_failed_tells_why_and_ends_with_one(capsys: Any, worker: Working) -> None:
    row = enqueue(SYSTEM, "test.bad.do")
    worker.until_empty()
    assert main(["jobs", "follow", str(row.pk)]) == 1
    assert "There is no paper." in capsys.readouterr().out


def test_the_bar_moves_until_the_job_ends(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    row = enqueue(SYSTEM, NAME)
    steps: Iterator[dict[str, Any]] = iter(
        [{"state": "running", "done": 1, "total": 4}, {"done": 3}, {"state": "done", "done": 4}]
    )
    monkeypatch.setattr(
        "khlong.record.jobs.commands.time.sleep", lambda _s: Job.objects.update(**next(steps))
    )
    assert main(["jobs", "follow", str(row.pk)]) == 0
    bars = [line.split("]")[0].count("#") for line in capsys.readouterr().out.splitlines() if "[" in line]
    assert bars == [0, 7, 22, 30]


@pytest.mark.parametrize(("answer", "code", "asked"), [("", 130, False), ("c", 1, True)])
def test_ctrl_c_offers_to_leave_or_to_cancel(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, answer: str, code: int, asked: bool
) -> None:
    row = enqueue(SYSTEM, NAME)

    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("khlong.record.jobs.commands.time.sleep", interrupted)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _words: answer)
    assert main(["jobs", "follow", str(row.pk)]) == code
    assert (Job.objects.get().cancel_asked_at is not None) is asked


def test_a_job_is_named_by_the_first_letters_of_its_number(capsys: Any) -> None:
    row = enqueue(SYSTEM, NAME)
    assert main(["jobs", "cancel", str(row.pk)[:6]]) == 0
    assert Job.objects.get().state == JobState.CANCELLED
    assert main(["jobs", "retry", str(row.pk)[:6]]) == 0
    assert Job.objects.get().state == JobState.WAITING
    for wrong in ("zzz", ""):
        assert main(["jobs", "follow", wrong]) == 2
    assert "no jobs begin with 'zzz'" in capsys.readouterr().err


def test_facts_that_were_given_up_are_listed_and_delivered_again(capsys: Any) -> None:
    dead = OutboxFact.objects.create(
        name="a.b.c", model="x.Y", object_id="1", state=FactState.DEAD, error="x.y: KeyError"
    )
    OutboxFact.objects.create(name="a.b.c", model="x.Y", object_id="2")
    assert main(["outbox"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("1 waiting, 1 given up")
    assert "x.y: KeyError" in told
    assert main(["outbox", "--retry", str(dead.pk)]) == 0
    assert capsys.readouterr().out.startswith("2 waiting, 0 given up")
    assert main(["outbox", "--retry", str(dead.pk)]) == 2


# --- the worker ------------------------------------------------------------------------------------


def test_a_worker_delivers_facts_as_well(worker: Working) -> None:
    OutboxFact.objects.create(name="a.b.c", model="x.Y", object_id="1")
    assert worker.until_empty() == 0
    assert OutboxFact.objects.get().state == FactState.DONE


def test_a_worker_says_that_it_is_there_and_forgets_those_long_silent(
    worker: Working, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker._over, "wait", lambda _seconds: True)
    Worker.objects.create(name="gone", beat_at=timezone.now() - timedelta(days=2))
    registry.every(NAME, timedelta(hours=1))
    worker._tick()
    worker._tick()
    assert [row.name for row in Worker.objects.all()] == ["one"]
    assert Job.objects.count() == 1


def test_a_database_that_is_away_for_a_moment_does_not_end_the_worker(
    worker: Working, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker._over, "wait", lambda _seconds: True)
    answers: Iterator[Any] = iter([OperationalError("gone"), True])

    def part() -> bool:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return bool(answer)

    assert worker._once(part) is False
    assert worker._once(part) is True
    assert "the database does not answer" in caplog.text


def test_a_worker_stops_when_told_and_when_its_parent_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHLONG_SUPERVISED", "1")
    worker = Working()
    assert not worker.stopping()
    with monkeypatch.context() as patch:
        patch.setattr("os.getppid", lambda: 1)
        assert worker.stopping()
    worker.stop()
    assert worker.stopping()


def test_no_two_workers_have_one_name() -> None:
    assert Working().name != Working().name


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_renewed_while_the_job_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "lease_seconds", lambda: 0.04)
    renewed = threading.Event()

    def renew(_row: Job) -> bool:
        renewed.set()
        return True

    monkeypatch.setattr(queue, "renew", renew)
    with work.beating(Job(name=NAME)):
        assert renewed.wait(60)

"""Jobs: put in once, taken up by one worker, tried again, cancelled between their steps, done once to effect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import override

from khlong.people.actor import ANONYMOUS, Actor, ActorKind, account_actor, system_actor
from khlong.people.models import User
from khlong.people.policy import Verb, can, scope
from khlong.record.errors import Refused
from khlong.record.jobs import (
    Cancelled,
    JobFailed,
    Step,
    cancel,
    enqueue,
    every,
    figures,
    job,
    queue,
    registry,
    retry,
    work,
    work_off,
)
from khlong.record.jobs.step import LostLease, Stopping
from khlong.record.models import AuditEntry, Job, JobState, OutboxFact, Stamp, Worker

SYSTEM = system_actor("test")


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[None]:
    """Jobs that end with the test."""
    monkeypatch.setattr(registry, "_known", {})
    monkeypatch.setattr(registry, "_schedules", {})
    monkeypatch.setattr("khlong.record.jobs.step.time.sleep", lambda _seconds: None)
    with override("en"):
        yield


@pytest.fixture
def somying() -> User:
    return User.objects.create_user("somying")


def made(work: Callable[..., Any], name: str = "test.thing.do", **more: Any) -> str:
    job(name, title="Do the thing", **more)(work)
    return name


def now(row: Job) -> Job:
    return Job.objects.get(pk=row.pk)


def taken(row: Job, lease: str = "one") -> Job:
    """The job, claimed by a worker."""
    found = queue.claim(lease)
    assert found is not None
    assert found.pk == row.pk
    return found


def silent(row: Job) -> None:
    """As if the worker of the job had not been heard of for a long time."""
    Job.objects.filter(pk=row.pk).update(beat_at=timezone.now() - timedelta(hours=1))


def due_now() -> None:
    Job.objects.filter(state=JobState.WAITING).update(next_try_at=timezone.now())


# --- putting in ------------------------------------------------------------------------------------


def test_a_job_waits_until_a_worker_does_it_and_what_came_of_it_is_kept() -> None:
    name = made(lambda step, *, city: {"lines": [city]})
    row = enqueue(SYSTEM, name, {"city": "C-PTG"})
    assert now(row).state == JobState.WAITING
    assert work_off() == [JobState.DONE]
    done = now(row)
    assert (done.state, done.result, done.percent, done.attempts) == ("done", {"lines": ["C-PTG"]}, 100, 1)
    assert done.started_at is not None
    assert done.ended_at is not None
    assert done.error == ""


def test_asking_for_a_job_is_noted_in_the_audit(somying: User) -> None:
    row = enqueue(account_actor(somying), made(lambda step: None))
    line = AuditEntry.objects.get()
    assert (line.action, line.object_id, line.actor) == ("record.job.enqueue", str(row.pk), "somying")
    assert (row.user, row.actor_kind, row.actor) == (somying, "account", "somying")


def test_the_same_key_gives_the_same_job_while_it_waits_runs_or_is_done() -> None:
    name = made(lambda step: None)
    first = enqueue(SYSTEM, name, key="C-PTG")
    assert enqueue(SYSTEM, name, key="C-PTG") == first
    taken(first)
    assert enqueue(SYSTEM, name, key="C-PTG") == first
    queue.end(now(first), JobState.DONE)
    assert enqueue(SYSTEM, name, key="C-PTG") == first
    assert AuditEntry.objects.count() == 1
    assert enqueue(SYSTEM, name, key="C-BYG") != first
    assert enqueue(SYSTEM, made(lambda step: None, "test.other.do"), key="C-PTG") != first


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_the_key_of_a_job_that_came_to_nothing_is_free_again(state: JobState) -> None:
    name = made(lambda step: None)
    first = enqueue(SYSTEM, name, key="k")
    Job.objects.filter(pk=first.pk).update(state=state)
    assert enqueue(SYSTEM, name, key="k") != first


def test_the_database_itself_holds_no_two_jobs_of_one_key() -> None:
    enqueue(SYSTEM, made(lambda step: None), key="k")
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(name="test.thing.do", key="k")


def test_of_two_who_put_in_the_same_key_at_once_both_get_the_first_ones_job(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = made(lambda step: None)
    first = enqueue(SYSTEM, name, key="k")
    looks = iter([None, first])
    monkeypatch.setattr(queue, "_same", lambda _made: next(looks))
    assert enqueue(SYSTEM, name, key="k") == first


def test_a_job_for_later_is_left_until_then() -> None:
    name = made(lambda step: None)
    later = enqueue(SYSTEM, name, at=timezone.now() + timedelta(hours=1))
    assert work_off() == []
    assert now(later).state == JobState.WAITING


def test_a_job_is_put_in_together_with_what_its_caller_did() -> None:
    name = made(lambda step: None)
    with transaction.atomic():
        enqueue(SYSTEM, name)
        transaction.set_rollback(True)
    assert Job.objects.count() == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"city": object()}, "no plain data"),
        ({"city": {1: "a"}}, "no plain data"),
        ({"city": float("nan")}, "no plain data"),
        ({"town": "C-PTG"}, "do not fit"),
        ({}, "do not fit"),
    ],
)
def test_arguments_that_are_no_plain_data_or_do_not_fit_are_refused_in_words(
    arguments: dict[str, Any], words: str
) -> None:
    name = made(lambda step, *, city: None)
    with pytest.raises(Refused, match=words) as refusal:
        enqueue(SYSTEM, name, arguments)
    assert name in str(refusal.value)
    assert Job.objects.count() == 0


def test_a_job_that_nobody_knows_is_refused_by_name() -> None:
    with pytest.raises(Refused, match=r"knows no job called test\.nothing"):
        enqueue(SYSTEM, "test.nothing")


def test_only_those_whom_the_job_allows_may_ask_for_it(somying: User) -> None:
    for_stewards = made(lambda step: None, "test.steward.do", may=registry.stewards)
    for_all = made(lambda step: None)
    person = account_actor(somying)
    with pytest.raises(Refused):
        enqueue(person, for_stewards)
    with pytest.raises(Refused):
        enqueue(ANONYMOUS, for_all)
    enqueue(person, for_all)
    somying.is_steward = True
    enqueue(account_actor(somying), for_stewards)
    assert Job.objects.count() == 2


# --- taking up -------------------------------------------------------------------------------------


def test_a_job_is_taken_by_one_worker_and_the_oldest_first() -> None:
    name = made(lambda step: None)
    first, second = enqueue(SYSTEM, name), enqueue(SYSTEM, name)
    assert taken(first, "one").lease == "one"
    assert taken(second, "two").lease == "two"
    assert queue.claim("three") is None


def test_a_job_whose_worker_fell_silent_is_taken_up_again_and_counts_as_an_attempt() -> None:
    row = enqueue(SYSTEM, made(lambda step: None))
    taken(row, "killed")
    assert queue.claim("two") is None
    silent(row)
    again = taken(row, "two")
    assert (again.lease, again.attempts) == ("two", 2)


def test_a_worker_that_lost_its_job_writes_nothing_more() -> None:
    row = enqueue(SYSTEM, made(lambda step: None))
    old = taken(row, "slow")
    step = Step(old)
    silent(row)
    taken(row, "two")
    assert queue.renew(old) is False
    assert queue.end(old, JobState.DONE) is False
    for attempt in (step.tell, step.check, step.chunk().__enter__, step.once("x").__enter__):
        with pytest.raises(LostLease):
            attempt()
    assert (now(row).state, now(row).lease, now(row).effects.count()) == ("running", "two", 0)


def test_a_renewed_lease_is_kept() -> None:
    row = enqueue(SYSTEM, made(lambda step: None))
    mine = taken(row)
    silent(row)
    assert queue.renew(mine)
    assert queue.claim("two") is None


def test_a_job_that_takes_its_workers_down_is_given_up_in_words() -> None:
    row = enqueue(SYSTEM, made(lambda step: None, retries=1))
    for _time in range(2):
        taken(row)
        silent(row)
    assert queue.claim("three") is None
    assert now(row).state == JobState.FAILED
    assert "ended 2 times" in now(row).error


# --- faults ----------------------------------------------------------------------------------------


def test_a_fault_is_tried_again_later_and_then_given_up_without_its_own_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(step: Step) -> None:
        raise ZeroDivisionError("สมหญิง ใจดี")

    row = enqueue(SYSTEM, made(broken, retries=2))
    for attempt in (1, 2):
        assert work_off() == [None]
        waiting = now(row)
        assert (waiting.state, waiting.attempts) == ("waiting", attempt)
        assert waiting.next_try_at > timezone.now()
        assert work_off() == []
        due_now()
    assert work_off() == [JobState.FAILED]
    assert "ZeroDivisionError" in now(row).error
    assert "สมหญิง" not in now(row).error
    assert "สมหญิง" in caplog.text


def test_each_try_waits_longer_than_the_one_before() -> None:
    waits = [queue.backoff(attempts) for attempts in range(1, 7)]
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]


@pytest.mark.parametrize(
    "refusal",
    [
        Refused("The plan is frozen."),
        JobFailed("The plan is frozen."),
        ValidationError("The plan is frozen."),
    ],
)
def test_a_refusal_is_not_tried_again_and_is_shown_as_it_stands(refusal: Exception) -> None:
    def refused(step: Step) -> None:
        raise refusal

    row = enqueue(SYSTEM, made(refused))
    assert work_off() == [JobState.FAILED]
    assert now(row).error == "The plan is frozen."


def test_a_job_of_a_newer_khlong_fails_in_words() -> None:
    row = enqueue(SYSTEM, made(lambda step: None, version=1))
    Job.objects.update(version=2)
    assert work_off() == [JobState.FAILED]
    assert "made by a newer Khlong" in now(row).error


def test_a_job_that_this_programme_does_not_know_fails_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    row = enqueue(SYSTEM, made(lambda step: None))
    monkeypatch.setattr(registry, "_known", {})
    assert work_off() == [JobState.FAILED]
    assert "test.thing.do" in now(row).error


def test_a_result_that_is_no_plain_data_fails_in_words() -> None:
    row = enqueue(SYSTEM, made(lambda step: {"when": timezone.now()}))
    assert work_off() == [JobState.FAILED]
    assert "no plain data" in now(row).error


def test_the_words_of_a_job_are_in_the_language_of_whoever_asked() -> None:
    def refused(step: Step) -> None:
        raise ZeroDivisionError

    with override("th"):
        row = enqueue(SYSTEM, made(refused, retries=0))
    work_off()
    assert now(row).error.startswith("ทำไม่สำเร็จ")
    assert "ZeroDivisionError" in now(row).error


# --- steps, cancelling -----------------------------------------------------------------------------


def test_progress_is_written_as_chunks_are_done() -> None:
    seen = []

    def steps(step: Step) -> None:
        step.total(4)
        for _part in range(2):
            with step.chunk(2, note="counting"):
                pass
            row = Job.objects.get()
            seen.append((row.done, row.total, row.percent, row.note))

    enqueue(SYSTEM, made(steps))
    assert work_off() == [JobState.DONE]
    assert seen == [(2, 4, 50, "counting"), (4, 4, 99, "counting")]


def test_progress_without_chunks_is_written_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(100))
    monkeypatch.setattr("khlong.record.jobs.step.time.monotonic", lambda: next(clock) / 10)
    seen = []

    def steps(step: Step) -> None:
        for _part in range(20):
            step.advance()
            seen.append(Job.objects.get().done)

    enqueue(SYSTEM, made(steps))
    work_off()
    assert 1 < len(set(seen)) < 12
    assert all(written <= part for part, written in enumerate(seen, start=1))


def cancelled_at(part: int) -> Callable[[Step], None]:
    def work(step: Step) -> None:
        step.total(5)
        for number in range(5):
            with step.chunk():
                Stamp.objects.filter(pk=1).update(number=number + 1)
                if number == part:
                    Job.objects.update(cancel_asked_at=timezone.now())
                    step.check()

    return work


def test_a_job_cancelled_half_way_undoes_its_running_chunk_and_says_what_stays() -> None:
    row = enqueue(SYSTEM, made(cancelled_at(3)))
    Stamp.objects.update(number=0)
    assert work_off() == [JobState.CANCELLED]
    assert Stamp.objects.get().number == 3
    assert now(row).done == 3
    assert now(row).error == "Cancelled after 3 of 5. What was done before stays."


def test_a_cancelled_job_says_after_how_many_steps() -> None:
    def work(step: Step) -> None:
        step.total(5)
        for number in range(5):
            with step.chunk():
                Stamp.objects.filter(pk=1).update(number=number + 1)
            if number == 2:
                cancel(SYSTEM, Job.objects.get())

    row = enqueue(SYSTEM, made(work))
    assert work_off() == [JobState.CANCELLED]
    assert now(row).error == "Cancelled after 3 of 5. What was done before stays."
    assert now(row).done == 3


def test_a_job_cancelled_while_it_waits_never_begins() -> None:
    row = enqueue(SYSTEM, made(lambda step: None))
    cancel(SYSTEM, row)
    assert work_off() == []
    assert (now(row).state, now(row).error) == ("cancelled", "Cancelled before it began.")


def test_a_cancelled_job_whose_worker_was_killed_ends_cancelled() -> None:
    row = enqueue(SYSTEM, made(lambda step: None))
    taken(row)
    cancel(SYSTEM, row)
    silent(row)
    assert queue.claim("two") is None
    assert now(row).state == JobState.CANCELLED


def test_cancelling_twice_or_after_the_end_changes_nothing() -> None:
    row = enqueue(SYSTEM, made(lambda step: None))
    taken(row)
    first = cancel(SYSTEM, row).cancel_asked_at
    assert cancel(SYSTEM, row).cancel_asked_at == first
    Job.objects.update(state=JobState.DONE)
    assert cancel(SYSTEM, row).state == JobState.DONE
    assert AuditEntry.objects.filter(action="record.job.cancel").count() == 1


def test_a_job_stops_when_its_worker_must_and_goes_back_without_an_attempt() -> None:
    row = enqueue(SYSTEM, made(lambda step: step.check()))
    assert work.run(taken(row), lambda: True) is None
    assert (now(row).state, now(row).attempts, now(row).lease) == ("waiting", 0, "")
    assert work_off() == [JobState.DONE]


def test_stopping_is_told_inside_the_job() -> None:
    row = enqueue(SYSTEM, made(lambda step: None))
    with pytest.raises(Stopping):
        Step(taken(row), lambda: True).tell()


def test_a_job_may_tidy_up_when_it_is_cancelled() -> None:
    tidied = []

    def work(step: Step) -> None:
        cancel(SYSTEM, Job.objects.get())
        try:
            step.check()
        except Cancelled:
            tidied.append(True)
            raise

    enqueue(SYSTEM, made(work))
    assert work_off() == [JobState.CANCELLED]
    assert tidied == [True]


# --- once to effect --------------------------------------------------------------------------------


def test_what_a_job_does_once_is_not_done_again_when_it_is_tried_again() -> None:
    sent = []

    def work(step: Step) -> None:
        for letter in range(3):
            with step.once(f"letter {letter}") as first:
                if first:
                    sent.append(letter)
            if letter == 1 and step.job.attempts == 1:
                raise ZeroDivisionError

    row = enqueue(SYSTEM, made(work))
    work_off()
    due_now()
    work_off()
    assert now(row).state == JobState.DONE
    assert sent == [0, 1, 2]


def test_what_breaks_within_once_is_undone_with_its_mark() -> None:
    def work(step: Step) -> None:
        with step.once("raise") as first:
            Stamp.objects.update(number=7 if first else 8)
            if step.job.attempts == 1:
                raise ZeroDivisionError

    enqueue(SYSTEM, made(work))
    work_off()
    assert Stamp.objects.get().number == 1
    due_now()
    assert work_off() == [JobState.DONE]
    assert Stamp.objects.get().number == 7


# --- trying again, by hand -------------------------------------------------------------------------


def test_a_failed_job_may_be_tried_again_with_all_its_attempts() -> None:
    answers = iter([JobFailed("not yet"), None])

    def work(step: Step) -> None:
        if answer := next(answers):
            raise answer

    row = enqueue(SYSTEM, made(work))
    work_off()
    retry(SYSTEM, row)
    assert (now(row).state, now(row).attempts, now(row).error) == ("waiting", 0, "")
    assert work_off() == [JobState.DONE]


def test_a_job_that_is_done_is_not_started_again() -> None:
    row = enqueue(SYSTEM, made(lambda step: None))
    work_off()
    with pytest.raises(Refused, match="done already"):
        retry(SYSTEM, row)


def test_a_job_is_not_tried_again_beside_another_that_does_the_same() -> None:
    name = made(lambda step: None)
    first = enqueue(SYSTEM, name, key="k")
    cancel(SYSTEM, first)
    enqueue(SYSTEM, name, key="k")
    with pytest.raises(Refused, match="does the same"):
        retry(SYSTEM, first)


def test_a_job_that_waits_is_left_as_it_is() -> None:
    row = enqueue(SYSTEM, made(lambda step: None))
    assert retry(SYSTEM, row).state == JobState.WAITING
    assert AuditEntry.objects.count() == 1


# --- by themselves ---------------------------------------------------------------------------------


def test_a_periodic_job_is_put_in_once_in_each_period_whatever_became_of_it() -> None:
    every(made(lambda step: None), timedelta(hours=1))
    moment = timezone.now().replace(minute=10, second=0)
    assert len(queue.schedule(moment)) == 1
    assert queue.schedule(moment + timedelta(minutes=5)) == []
    Job.objects.update(state=JobState.FAILED)
    assert queue.schedule(moment + timedelta(minutes=10)) == []
    assert len(queue.schedule(moment + timedelta(hours=1))) == 1
    assert set(Job.objects.values_list("actor_kind", "actor")) == {("system", "schedule")}


@pytest.mark.parametrize("period", [timedelta(), timedelta(seconds=-5), timedelta(weeks=5)])
def test_a_period_is_from_a_minute_to_four_weeks(period: timedelta) -> None:
    with pytest.raises(ValueError, match="from a minute to four weeks"):
        every("test.thing.do", period)


def test_two_jobs_of_one_name_are_a_fault() -> None:
    made(lambda step: None)
    with pytest.raises(RuntimeError, match=r"two jobs are called test\.thing\.do"):
        made(lambda step: None)


def test_jobs_that_ended_long_ago_are_forgotten_failed_ones_later() -> None:
    name = made(lambda step: None)
    ages = {JobState.DONE: 31, JobState.CANCELLED: 31, JobState.FAILED: 31, JobState.WAITING: 200}
    for state, days in ages.items():
        row = enqueue(SYSTEM, name)
        Job.objects.filter(pk=row.pk).update(state=state, ended_at=timezone.now() - timedelta(days=days))
    queue.clean(timezone.now())
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.FAILED, JobState.WAITING}
    queue.clean(timezone.now() + timedelta(days=60))
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.WAITING}


def test_the_figures_tell_how_the_queue_stands() -> None:
    name = made(lambda step: None)
    assert (figures().waiting, figures().oldest_waiting_seconds, figures().last_beat) == (0, 0.0, None)
    for state in (JobState.WAITING, JobState.RUNNING, JobState.FAILED, JobState.DONE):
        Job.objects.filter(pk=enqueue(SYSTEM, name).pk).update(
            state=state, next_try_at=timezone.now() - timedelta(minutes=5)
        )
    enqueue(SYSTEM, name, at=timezone.now() + timedelta(days=1))
    OutboxFact.objects.create(name="x", model="y", object_id="1", at=timezone.now() - timedelta(minutes=2))
    OutboxFact.objects.create(name="x", model="y", object_id="1", state="dead")
    worker = Worker.objects.create(name="one")
    found = figures()
    assert (found.waiting, found.running, found.failed) == (2, 1, 1)
    assert 300 <= found.oldest_waiting_seconds < 400
    assert (found.outbox_waiting, found.outbox_dead) == (1, 1)
    assert 120 <= found.outbox_oldest_seconds < 220
    assert found.last_beat == worker.beat_at


# --- who sees --------------------------------------------------------------------------------------


def test_a_link_sees_the_jobs_it_asked_for_and_no_others(somying: User) -> None:
    name = made(lambda step: None, may=lambda actor, space: True)
    link, other = Actor(ActorKind.LINK, label="link 1"), Actor(ActorKind.LINK, label="link 2")
    mine, theirs = enqueue(link, name), enqueue(other, name)
    nobodys, hers = enqueue(ANONYMOUS, name), enqueue(account_actor(somying), name)
    everything = [mine, theirs, nobodys, hers]
    for actor, seen in ((link, {mine}), (ANONYMOUS, set()), (account_actor(somying), {hers})):
        assert {row for row in everything if can(actor, Verb.VIEW, row)} == seen
        assert set(scope(actor, Job.objects.all())) == seen

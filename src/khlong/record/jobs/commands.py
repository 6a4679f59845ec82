"""Jobs and facts from the command line: a list, the worker, a bar that moves."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import timezone

from khlong.people.actor import system_actor
from khlong.record import outbox
from khlong.record.errors import CommandRefused, Refused
from khlong.record.jobs import queue
from khlong.record.jobs.worker import Working
from khlong.record.queue_models import FactState, Job, JobState, OutboxFact

ACTOR = system_actor("command line")
WIDTH = 30
LOOK = 0.5


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    jobs = commands.add_parser("jobs", help="list, start, follow and work off jobs")
    jobs.add_argument("--most", type=int, default=20, help="how many of the newest (20)")
    jobs.set_defaults(run=list_jobs)
    words = jobs.add_subparsers(metavar="COMMAND")
    work = words.add_parser("work", help="be a worker: work jobs off and deliver facts until stopped")
    work.add_argument("--once", action="store_true", help="stop when nothing is due any more")
    work.set_defaults(run=work_jobs)
    begin = words.add_parser("start", help="put a job into the queue")
    begin.add_argument("name", help="such as chain.search.reindex")
    begin.add_argument("arguments", nargs="?", default="{}", help='as JSON, such as {"city": "C-PTG"}')
    begin.set_defaults(run=start_job)
    for name, run, told in (
        ("follow", follow_job, "show a bar that moves until the job ends"),
        ("cancel", cancel_job, "end a job, or ask one that runs to stop"),
        ("retry", retry_job, "put a job that failed into the queue again"),
    ):
        one = words.add_parser(name, help=told)
        one.add_argument("job", help="its number, or the first letters of it")
        one.set_defaults(run=run)
    facts = commands.add_parser("outbox", help="facts on their way between rooms, and those given up")
    facts.add_argument("--retry", type=int, metavar="NUMBER", help="deliver one again that was given up")
    facts.set_defaults(run=list_facts)


def list_jobs(options: argparse.Namespace) -> int:
    """The newest jobs, one a line."""
    for row in Job.objects.all()[: options.most]:
        print(
            f"{row.pk}  {_when(row.made_at)}  {row.state:9} {row.percent:3}%  {row.name}  {row.note}".rstrip()
        )
    return 0


def work_jobs(options: argparse.Namespace) -> int:
    """Work until SIGTERM or Ctrl-C; a job that runs then stops at its next step and goes back to the queue."""
    worker = Working()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: worker.stop())
    if options.once:
        print(f"{worker.until_empty()} jobs worked off")
    else:
        worker.forever()
    return 0


def start_job(options: argparse.Namespace) -> int:
    """Put a job in and print its number."""
    try:
        arguments = json.loads(options.arguments)
    except ValueError as error:
        raise CommandRefused(
            f'the arguments are no JSON ({error}): write them like {{"city": "C-PTG"}}'
        ) from error
    if not isinstance(arguments, dict):
        raise CommandRefused('the arguments must have names: write them like {"city": "C-PTG"}')
    print(_done(lambda: queue.enqueue(ACTOR, options.name, arguments)).pk)
    return 0


def cancel_job(options: argparse.Namespace) -> int:
    row = queue.cancel(ACTOR, found(options.job))
    print("cancelled" if row.state == JobState.CANCELLED else f"asked to stop; it is {row.state} now")
    return 0


def retry_job(options: argparse.Namespace) -> int:
    print(_done(lambda: queue.retry(ACTOR, found(options.job))).state)
    return 0


def _done(call: Callable[[], Job]) -> Job:
    try:
        return call()
    except Refused as refusal:
        raise CommandRefused(str(refusal)) from refusal


def found(text: str) -> Job:
    """The job of this number, or of the only one that begins like this."""
    try:
        return Job.objects.get(pk=UUID(text))
    except (ValueError, ValidationError, Job.DoesNotExist):
        pass
    near = [
        key for key in Job.objects.values_list("pk", flat=True) if text and str(key).startswith(text.lower())
    ]
    if len(near) != 1:
        raise CommandRefused(f"{len(near) or 'no'} jobs begin with {text!r}: see  ./khlong jobs")
    return Job.objects.get(pk=near[0])


# --- following -------------------------------------------------------------------------------------


def follow_job(options: argparse.Namespace) -> int:
    """Exit 0 when the job is done, 1 when it failed or was cancelled, 130 when it was left to itself."""
    row, shown = found(options.job), Line()
    while True:
        try:
            while row.live:
                shown.show(bar(row))
                time.sleep(LOOK)
                row.refresh_from_db()
            break
        except KeyboardInterrupt:
            shown.end()
            if _leave(row):
                print(f"It goes on. Look again with  ./khlong jobs follow {row.pk}")
                return 130
    shown.show(bar(row))
    shown.end()
    for line in outcome(row):
        print(line)
    return 0 if row.state == JobState.DONE else 1


def bar(row: Job) -> str:
    """The job in one line: [#####.....] 50%  500/1,000  what it does."""
    asked = "stopping" if row.live and row.cancel_asked_at else str(row.state)
    return drawn(row.percent, asked, row.done, row.total, row.note)


def drawn(percent: int, state: str, done: int, total: int, note: str) -> str:
    """A bar of WIDTH signs, how far it is, and what it does."""
    full = percent * WIDTH // 100
    counted = f"{done:,}/{total:,}" if total else f"{done:,}" if done else ""
    return "  ".join(
        filter(None, (f"[{'#' * full}{'.' * (WIDTH - full)}] {percent:3}%", state, counted, note))
    )


class Bar:
    """The bar of a command that does the work itself; drawn in a terminal, and nowhere else."""

    def __init__(self, words: str) -> None:
        self.words, self.shown = words, Line()
        self.done = self.all = 0
        self.note = ""

    def total(self, number: int) -> None:
        self.all, self.done = number, 0
        self._draw()

    def advance(self, k: int = 1, note: str = "") -> None:
        self.done, self.note = self.done + k, note or self.note
        self._draw()

    def end(self) -> None:
        self.shown.end()

    def _draw(self) -> None:
        if self.shown.terminal:
            percent = min(100, self.done * 100 // self.all) if self.all else 0
            self.shown.show(drawn(percent, self.words, self.done, self.all, self.note[:40]))


def outcome(row: Job) -> list[str]:
    """What came of a job that has ended."""
    result: Any = row.result or {}
    return [*(str(line) for line in result.get("lines", ())), *([row.error] if row.error else [])]


def _leave(row: Job) -> bool:
    """Ask what Ctrl-C meant; True to leave the job to itself."""
    if not sys.stdin.isatty():
        return True
    try:
        answer = input("Leave it running (Enter), cancel it (c), or go on watching (w)? ").strip().lower()
    except (EOFError, KeyboardInterrupt):
        return True
    if answer == "c":
        queue.cancel(ACTOR, row)
    row.refresh_from_db()
    return answer not in {"c", "w"}


class Line:
    """One line of the terminal, written over and over; into a file only what is new."""

    def __init__(self) -> None:
        self.last = ""
        self.terminal = sys.stdout.isatty()

    def show(self, text: str) -> None:
        if text == self.last:
            return
        end = "" if self.terminal else "\n"
        print(f"\r{text:{len(self.last)}}" if self.terminal else text, end=end, flush=True)
        self.last = text

    def end(self) -> None:
        if self.terminal and self.last:
            print(flush=True)
        self.last = ""


# --- facts -----------------------------------------------------------------------------------------


def list_facts(options: argparse.Namespace) -> int:
    """How many wait, and each that was given up; with --retry one of these is delivered again."""
    if options.retry is not None:
        row = OutboxFact.objects.filter(pk=options.retry, state=FactState.DEAD).first()
        if row is None:
            raise CommandRefused(f"no fact {options.retry} was given up: see  ./khlong outbox")
        outbox.retry_fact(ACTOR, row)
    waiting = OutboxFact.objects.filter(state=FactState.WAITING).count()
    dead = OutboxFact.objects.filter(state=FactState.DEAD)
    print(f"{waiting} waiting, {dead.count()} given up")
    for row in dead[:50]:
        print(f"{row.pk}  {_when(row.at)}  {row.name}  {row.model} {row.object_id}  {row.error}")
    return 0


def _when(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"

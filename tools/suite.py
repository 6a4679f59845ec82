"""Every check and test of Khlong: `./test`, `./test fast`, and after `--` arguments for pytest.

Each step runs even when an earlier one failed. The last line adds up the pytest runs; the exit code is 1
when any step failed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

from tools import sharing
from tools.postgres import UnavailableError, cluster

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
SKIPPED = 75
LONGEST = ("--durations=20", "--durations-min=5")
PASSED_ON = ("KHLONG_PYTHON", "KHLONG_CHROMIUM")
LINT_IMPORTS = "from importlinter.cli import lint_imports_command as lint; lint()"


@dataclass(frozen=True)
class Check:
    """A check that is one command; exit code 75 means that it skipped itself, its last line says why."""

    name: str
    command: tuple[str, ...]


@dataclass
class Outcome:
    name: str
    state: str
    seconds: float
    reason: str = ""
    output: str = ""


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    skips: list[tuple[str, str]] = field(default_factory=list)

    def line(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


QUICK_CHECKS = (
    Check("ruff check", (PYTHON, "-m", "ruff", "check", "--quiet", ".")),
    Check("ruff format", (PYTHON, "-m", "ruff", "format", "--check", "--quiet", ".")),
)
CHECKS = (
    *QUICK_CHECKS,
    Check("import contract", (PYTHON, "-c", LINT_IMPORTS)),
    Check("templates and references", (PYTHON, "-m", "tools.lint_templates")),
    Check("djlint", (PYTHON, "-m", "djlint", "src/khlong", "--lint", "--quiet")),
    Check("catalogues", (PYTHON, "-m", "tools.catalogues", "check")),
    Check("migrations in step", (PYTHON, "-m", "django", "makemigrations", "--check", "--dry-run")),
    Check("vendored files", (PYTHON, "-m", "tools.vendor", "--check")),
    Check("licences", (PYTHON, "-m", "tools.licences")),
    Check("mypy", (PYTHON, "-m", "mypy", "src/khlong", "tools", "tests", "benches")),
    Check("known vulnerabilities", (PYTHON, "-m", "tools.advisories")),
)


def clean_environment(**extra: str) -> dict[str, str]:
    """The environment without settings of a running Khlong: tests and checks use their own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KHLONG_")}
    kept.update({name: os.environ[name] for name in PASSED_ON if name in os.environ})
    own = {
        "KHLONG_TRAINING": "no",
        "KHLONG_ENGINE": "no",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        "DJANGO_SETTINGS_MODULE": "khlong.web.settings_test",
    }
    return {**kept, **own, "KHLONG_SECRET_KEY": "only-for-checks-and-tests-" + "x" * 30, **extra}


def run_check(check: Check) -> Outcome:
    started = time.monotonic()
    done = subprocess.run(
        check.command,
        cwd=ROOT,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    seconds = time.monotonic() - started
    output = done.stdout.rstrip()
    if done.returncode == SKIPPED:
        return Outcome(check.name, "skipped", seconds, reason=output.rpartition("\n")[2])
    return Outcome(check.name, "FAILED" if done.returncode else "ok", seconds, output=output)


def show(outcome: Outcome) -> None:
    print(f"[{outcome.state}] {outcome.name} ({outcome.seconds:.1f} s) {outcome.reason}".rstrip(), flush=True)
    if outcome.state == "FAILED":
        print(outcome.output, flush=True)


class Background(threading.Thread):
    """Checks one after another beside the first pytest run; what they say is kept until it is asked for."""

    def __init__(self, checks: tuple[Check, ...]) -> None:
        super().__init__(daemon=True)
        self.checks = checks
        self.outcomes: list[Outcome] = []

    def run(self) -> None:
        self.outcomes.extend(map(run_check, self.checks))


# --- pytest ---------------------------------------------------------------------------------


def read_report(path: Path, tally: Tally) -> None:
    """Add a JUnit report to the tally; a run that left none counts as one failure."""
    try:
        cases = list(ET.parse(path).getroot().iter("testcase"))
    except (OSError, ET.ParseError):
        tally.failed += 1
        return
    for case in cases:
        if case.find("failure") is not None or case.find("error") is not None:
            tally.failed += 1
        elif (skip := case.find("skipped")) is not None:
            tally.skipped += 1
            name = f"{case.get('classname', '')}.{case.get('name', '')}".strip(".")
            tally.skips.append((name, skip.get("message", "")))
        else:
            tally.passed += 1


def run_pytest(name: str, arguments: list[str], tally: Tally, **extra: str) -> Outcome:
    started = time.monotonic()
    print(f"== {name}", flush=True)
    if reason := sharing.missing():
        print(reason, flush=True)
    with tempfile.TemporaryDirectory(prefix="khlong-suite-") as folder:
        report = Path(folder) / "report.xml"
        command = [
            PYTHON,
            "-m",
            "pytest",
            "-p",
            "tools.pytest_plugin",
            "-q",
            *LONGEST,
            f"--junitxml={report}",
            *sharing.arguments(arguments),
            *arguments,
        ]
        code = subprocess.run(
            command, cwd=ROOT, env=clean_environment(**extra), stdin=subprocess.DEVNULL, check=False
        ).returncode
        read_report(report, tally)
    return Outcome(name, "FAILED" if code else "ok", time.monotonic() - started)


def run_on_postgresql(arguments: list[str], tally: Tally) -> Outcome:
    name = "pytest on PostgreSQL"
    started = time.monotonic()
    try:
        with cluster() as address:
            chosen = ["-m", "not browser and not slow", "--only-database", *arguments]
            return run_pytest(name, chosen, tally, KHLONG_DATABASE_URL=address)
    except UnavailableError as error:
        return Outcome(name, "skipped", time.monotonic() - started, reason=str(error))


# --- the two loops --------------------------------------------------------------------------


def run_fast(arguments: list[str], tally: Tally) -> list[Outcome]:
    outcomes = [run_check(check) for check in QUICK_CHECKS]
    for outcome in outcomes:
        show(outcome)
    chosen = ["-m", "not browser and not slow and not postgresql", "-x", "--ff", *arguments]
    return [*outcomes, run_pytest("pytest on SQLite", chosen, tally)]


def run_all(arguments: list[str], tally: Tally) -> list[Outcome]:
    beside = Background(CHECKS)
    beside.start()
    on_sqlite = run_pytest("pytest on SQLite", arguments, tally)
    beside.join()
    for outcome in beside.outcomes:
        show(outcome)
    return [*beside.outcomes, on_sqlite, run_on_postgresql(arguments, tally)]


def summarise(outcomes: list[Outcome], tally: Tally, mode: str) -> None:
    print("\n== summary")
    for outcome in outcomes:
        print(f"{outcome.state:8} {outcome.seconds:7.1f} s  {outcome.name}  {outcome.reason}".rstrip())
    if mode == "fast":
        print("left out: browser journeys, slow tests, PostgreSQL, types, audits; ./test runs them")
    else:
        print("on SQLite only: browser journeys, slow tests, and those that ask no database")
    if reason := sharing.missing():
        print(reason)
    for name, reason in tally.skips:
        print(f"skipped   {name}: {reason}")
    print(tally.line(), flush=True)


def parse(arguments: list[str]) -> tuple[str, list[str]]:
    own, passed_on = arguments, []
    if "--" in arguments:
        at = arguments.index("--")
        own, passed_on = arguments[:at], arguments[at + 1 :]
    described = argparse.ArgumentParser(prog="./test", description="ตรวจและทดสอบ · run every check and test")
    described.add_argument("mode", nargs="?", choices=["all", "fast"], default="all")
    described.epilog = "After -- come arguments for pytest: ./test fast -- src/khlong/thai -k dates"
    return described.parse_args(own).mode, passed_on


def main(arguments: list[str]) -> int:
    mode, passed_on = parse(arguments)
    tally = Tally()
    with contextlib.suppress(AttributeError):
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    outcomes = (run_fast if mode == "fast" else run_all)(passed_on, tally)
    summarise(outcomes, tally, mode)
    return int(any(outcome.state == "FAILED" for outcome in outcomes))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)

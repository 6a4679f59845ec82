"""The bench from the command line, whichever way it was started."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from khlong.__main__ import main


@pytest.mark.parametrize("started", [["khlong"], ["start.py", "command", "bench", "pages", "--json"]])
def test_the_bench_calls_itself_with_its_own_words(
    started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        called.append(command[1:])
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(sys, "argv", started)
    assert main(["bench", "pages", "--json", "--rounds", "2", "--only", "home"]) == 0
    assert called[-1] == ["-m", "khlong", "bench", "pages", "--rounds=2", "--only=home", "--json"]
    assert called[0] == ["-m", "khlong", "manage", "migrate", "-v0"]


def test_the_bench_of_the_futures_engine_runs_as_a_program_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        called.append(command[1:])
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr(subprocess, "run", run)
    assert main(["bench", "futures", "--json"]) == 1
    assert called == [["-m", "benches.futures", "--rounds=0", "--json"]]

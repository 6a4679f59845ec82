from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tools import advisories, licences, postgres, pytest_plugin, sharing, suite
from tools.suite import Check, Tally

ROOT = Path(__file__).resolve().parent.parent
REPORT = """<testsuites><testsuite>
<testcase classname="a" name="one"/>
<testcase classname="a" name="two"><failure message="no"/></testcase>
<testcase classname="a" name="three"><error message="broken"/></testcase>
<testcase classname="a" name="four"><skipped message="no browser"/></testcase>
</testsuite></testsuites>"""


def test_a_report_is_added_up_and_every_skip_keeps_its_reason(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    tally = Tally()
    suite.read_report(report, tally)
    suite.read_report(report, tally)
    assert tally.line() == "2 passed, 4 failed, 2 skipped"
    assert tally.skips == [("a.four", "no browser")] * 2


def test_a_run_without_a_report_counts_as_a_failure(tmp_path: Path) -> None:
    tally = Tally()
    suite.read_report(tmp_path / "none.xml", tally)
    assert tally.line() == "0 passed, 1 failed, 0 skipped"


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [(0, "ok", ""), (1, "FAILED", ""), (suite.SKIPPED, "skipped", "because")],
)
def test_a_check_passes_fails_or_skips_itself_with_its_last_line(code: int, state: str, reason: str) -> None:
    program = f"import sys; print('first'); print('because'); sys.exit({code})"
    outcome = suite.run_check(Check("probe", (sys.executable, "-c", program)))
    assert (outcome.state, outcome.reason) == (state, reason)


def test_every_check_runs_although_one_failed() -> None:
    checks = [Check(str(code), (sys.executable, "-c", f"raise SystemExit({code})")) for code in (1, 0)]
    beside = suite.Background(tuple(checks))
    beside.start()
    beside.join()
    assert [outcome.state for outcome in beside.outcomes] == ["FAILED", "ok"]


def test_arguments_after_two_dashes_go_to_pytest() -> None:
    assert suite.parse([]) == ("all", [])
    assert suite.parse(["fast", "--", "-k", "dates"]) == ("fast", ["-k", "dates"])
    with pytest.raises(SystemExit):
        suite.parse(["slowly"])


def test_settings_of_a_running_khlong_do_not_reach_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHLONG_DATABASE_URL", "postgresql:///real")
    monkeypatch.setenv("KHLONG_VAR", "/real")
    environment = suite.clean_environment()
    assert "KHLONG_VAR" not in environment
    assert "KHLONG_DATABASE_URL" not in environment
    assert suite.clean_environment(KHLONG_DATABASE_URL="x")["KHLONG_DATABASE_URL"] == "x"


def test_the_last_line_is_the_tally(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally(passed=3, skipped=1, skips=[("a.four", "no browser")])
    suite.summarise([suite.Outcome("mypy", "ok", 1.0)], tally, "all")
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "3 passed, 0 failed, 1 skipped"
    assert "skipped   a.four: no browser" in lines


# --- sharing the tests out ------------------------------------------------------------------


def test_each_file_is_one_piece_and_those_that_need_the_machine_are_one_together() -> None:
    assert sharing.piece("tests/test_setup.py::test_a[x::y]") == "tests/test_setup.py"
    together = {sharing.piece(f"{file}::test_a") for file in sharing.TOGETHER}
    assert together == {sharing.MACHINE}


def test_what_is_named_to_stay_together_or_to_begin_first_is_there() -> None:
    named = [*sharing.TOGETHER, *(begins for begins in sharing.FIRST if begins != sharing.MACHINE)]
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_longest_pieces_begin_first_and_the_rest_keep_their_order() -> None:
    given = ["src/a.py::b", "src/a.py::a", "tests/e2e/test_map.py::t", "tests/test_killed.py::t"]
    assert sorted(given, key=sharing.rank) == [given[3], given[2], given[0], given[1]]


@pytest.mark.parametrize(
    ("given", "shared"),
    [
        ([], True),
        (["-k", "dates"], True),
        (["src/khlong/places", "-k", "dates"], True),
        (["tests/test_setup.py", "tests/test_start.py"], True),
        (["tests/test_setup.py"], False),
        (["tests/test_setup.py::test_a_broken_shim_is_passed_over"], False),
        (["--pdb"], False),
        (["-p", "no:xdist"], False),
    ],
)
def test_tests_are_shared_out_where_more_than_one_piece_is_asked_for(given: list[str], shared: bool) -> None:
    found = sharing.arguments(given, 3)
    assert (found[:2] == ["-n", "3"]) is shared
    assert bool(found) is shared


def test_one_processor_runs_one_process_and_many_run_four(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sharing.arguments([], 1) == []
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(64)), raising=False)
    assert sharing.cores() == 4
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 5}, raising=False)
    assert sharing.cores() == 2


def test_without_xdist_one_process_runs_them_and_the_run_and_its_summary_say_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0))
    assert sharing.arguments([], 4) == []
    suite.run_pytest("pytest", [], Tally())
    suite.summarise([], Tally(), "all")
    assert capsys.readouterr().out.count("pytest-xdist is not installed: one process runs all tests") == 2


WHERE = """
import os, pathlib, pytest
@pytest.mark.parametrize("n", range(4))
def test_where(n):
    told = pathlib.Path({told!r})
    with told.open("a") as file:
        file.write(f"{name} {{os.environ['PYTEST_XDIST_WORKER']}}\\n")
"""


def shared_out(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tools.pytest_plugin", "-p", "no:django"]
    command += [*sharing.arguments([], 2), "-p", "no:schemathesis", *more]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_pieces_run_whole_in_one_process_each_and_a_failure_keeps_its_name(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    told = tmp_path / "told"
    names = ["tests/test_killed.py", "tests/test_drill.py", "test_one.py", "test_two.py", "test_three.py"]
    for name in names:
        (tmp_path / name).write_text(WHERE.format(told=str(told), name=name))
    (tmp_path / "test_three.py").write_text("def test_it():\n    assert False\n")
    done = shared_out(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "16 passed" in done.stdout
    assert "FAILED test_three.py::test_it - " in done.stdout
    ran: dict[str, set[str]] = {}
    for line in told.read_text().splitlines():
        name, worker = line.split()
        ran.setdefault(sharing.piece(name), set()).add(worker)
    assert {piece: len(workers) for piece, workers in ran.items()} == dict.fromkeys(ran, 1)
    assert set(ran) == {sharing.MACHINE, "test_one.py", "test_two.py"}
    again = shared_out(tmp_path, "--lf")
    assert "1 failed" in again.stdout
    assert "passed" not in again.stdout


def test_each_process_has_a_folder_of_its_own_and_what_it_starts_keeps_the_one_it_is_given(
    tmp_path: Path,
) -> None:
    program = "import os, khlong.web.settings_test; print(os.environ['KHLONG_VAR'])"
    base = {name: value for name, value in os.environ.items() if not name.startswith(("KHLONG_", "PYTEST_"))}
    base.pop("TESTS_FOLDER_OF", None)

    def folder(**more: str) -> str:
        env = base | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"} | more
        done = subprocess.run(
            [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    given = str(tmp_path / "given")
    Path(given).mkdir()
    assert folder(KHLONG_VAR=given) == given
    inherited = {"KHLONG_VAR": given, "TESTS_FOLDER_OF": "", "PYTEST_XDIST_WORKER": "gw1"}
    assert folder(**inherited) != given
    assert folder(**inherited | {"TESTS_FOLDER_OF": "gw1"}) == given


def test_only_tests_that_ask_the_database_run_on_the_second_one() -> None:
    class Item:
        def __init__(self, mark: str = "", *fixtures: str) -> None:
            self.mark, self.fixturenames = mark, fixtures

        def get_closest_marker(self, name: str) -> bool:
            return name == self.mark

    asking = [Item("django_db"), Item("postgresql"), Item("", "tmp_path", "db"), Item("", "transactional_db")]
    assert all(map(pytest_plugin.asks_database, asking))  # type: ignore[arg-type]
    assert not pytest_plugin.asks_database(Item("slow", "tmp_path"))  # type: ignore[arg-type]


# --- PostgreSQL -----------------------------------------------------------------------------


def test_without_postgresql_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(Path, "glob", lambda _self, _pattern: iter(()))
    outcome = suite.run_on_postgresql([], Tally())
    assert outcome.state == "skipped"
    assert "apt-get install postgresql" in outcome.reason


def folders() -> set[Path]:
    return set(Path("/tmp").glob("khlong-pg-*"))


@pytest.mark.slow
def test_a_cluster_serves_utf_8_and_is_gone_afterwards_even_after_a_failure() -> None:
    psycopg = pytest.importorskip("psycopg")
    try:
        postgres.program("initdb")
    except postgres.UnavailableError as missing:
        pytest.skip(str(missing))
    before = folders()
    seen: list[str] = []

    def fail(address: str) -> None:
        with psycopg.connect(address) as connected:
            seen.extend(connected.execute("SELECT datctype FROM pg_database LIMIT 1").fetchone())
        raise RuntimeError(address)

    with pytest.raises(RuntimeError), postgres.cluster() as address:
        fail(address)
    assert seen == ["C.UTF-8"]
    assert folders() == before


# --- licences and advisories ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "name", "answer"),
    [
        ("MIT", "x", True),
        ("MIT AND CC-BY-4.0", "x", True),
        ("GPL-3.0-only OR MIT", "x", True),
        ("Apache-2.0 WITH LLVM-exception", "x", True),
        ("(MIT OR Apache-2.0)", "x", True),
        ("MIT AND GPL-3.0-only", "x", False),
        ("GPL-3.0-only", "x", False),
        ("AGPL-3.0-or-later", "x", False),
        ("LGPL-3.0-only", "x", False),
        ("LGPL-3.0-only", "psycopg", True),
        ("unknown", "x", False),
        ("not installed", "x", False),
    ],
)
def test_only_allowed_licences_pass(expression: str, name: str, answer: bool) -> None:
    assert licences.allowed(expression, name) is answer


def test_a_carried_file_that_changed_or_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("x")
    manifest = {"packages": [{"name": "a", "version": "1", "files": {"a.js": "0" * 64, "b.js": "0" * 64}}]}
    assert licences.changed_files(manifest, tmp_path) == [
        "a.js: differs from the manifest's hash",
        "b.js: missing",
    ]
    assert licences.refusals(licences.carried_parts(manifest)) == [
        "a 1: licence 'unknown' is not among the allowed ones"
    ]


def test_packages_for_another_system_are_left_out() -> None:
    text = "django==5.2.19 \\\n    --hash=x\ntzdata==2026.6 ; sys_platform == 'win32' \\\n    --hash=y\n"
    assert licences.pinned(text) == [("django", "5.2.19")]


@pytest.mark.parametrize(
    ("packages", "code"),
    [
        ([{"name": "a", "version": "1", "vulns": []}], 0),
        (
            [{"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "unknown"}],
            advisories.SKIPPED,
        ),
        ([{"name": "a", "version": "1", "vulns": [{"id": "X-1", "fix_versions": ["2"]}]}], 1),
    ],
)
def test_an_unanswered_question_about_advisories_is_not_a_clean_answer(
    packages: list[dict[str, object]], code: int
) -> None:
    assert advisories.judge({"dependencies": packages})[0] == code


def test_journeys_are_skipped_with_a_reason_where_there_is_no_browser(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Item:
        def __init__(self) -> None:
            self.added: list[pytest.MarkDecorator] = []

        def get_closest_marker(self, name: str) -> bool:
            return name == "browser"

        def add_marker(self, mark: pytest.MarkDecorator) -> None:
            self.added.append(mark)

    monkeypatch.setattr(pytest_plugin, "browser_path", lambda: None)
    item = Item()
    pytest_plugin.skip_journeys([item])  # type: ignore[list-item]
    assert "chromium" in item.added[0].kwargs["reason"]
    monkeypatch.setattr(pytest_plugin, "browser_path", lambda: "/usr/bin/chromium")
    other = Item()
    pytest_plugin.skip_journeys([other])  # type: ignore[list-item]
    assert other.added == []

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from tools import advisories, licences, postgres, suite
from tools.suite import Check, Tally

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
    from tools import pytest_plugin

    class Item:
        def __init__(self) -> None:
            self.added: list[pytest.MarkDecorator] = []

        def get_closest_marker(self, name: str) -> bool:
            return name == "browser"

        def add_marker(self, mark: pytest.MarkDecorator) -> None:
            self.added.append(mark)

    monkeypatch.setattr(pytest_plugin, "browser_path", lambda: None)
    item = Item()
    pytest_plugin.pytest_collection_modifyitems([item])  # type: ignore[list-item]
    assert "chromium" in item.added[0].kwargs["reason"]
    monkeypatch.setattr(pytest_plugin, "browser_path", lambda: "/usr/bin/chromium")
    other = Item()
    pytest_plugin.pytest_collection_modifyitems([other])  # type: ignore[list-item]
    assert other.added == []

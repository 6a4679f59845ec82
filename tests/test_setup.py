"""The set-up behind ./run, ./test and khlong, with fake interpreters and no network."""

from __future__ import annotations

import ast
import fcntl
import importlib.util
import os
import re
import shutil
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from tools import bootstrap
from tools.bootstrap import RefusalError

ROOT = Path(__file__).resolve().parent.parent
FIND = """
. "$1/tools/python.sh"
khlong_places() { return 1; }
khlong_find "$2"
status=$?
printf '%s' "$python"
exit $status
"""


def fake_python(path: Path, answer: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{answer}\n")
    path.chmod(0o755)
    return path


def speaks(version: str, whole: str = "whole") -> str:
    return f"echo '{version} {whole}'"


def find(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", FIND, "sh", str(ROOT), str(folder / "project")],
        env={"PATH": str(folder / "bin"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


# --- choosing an interpreter ----------------------------------------------------------------


def test_the_newest_supported_interpreter_on_path_is_chosen(tmp_path: Path) -> None:
    for name in ("3.11", "3.12", "3.13", "3.14"):
        fake_python(tmp_path / "bin" / f"python{name}", speaks(f"{name}.1"))
    assert find(tmp_path).stdout == "python3.13"


def test_a_broken_shim_is_passed_over(tmp_path: Path) -> None:
    fake_python(tmp_path / "bin" / "python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    fake_python(tmp_path / "bin" / "python3.11", speaks("3.11.7"))
    assert find(tmp_path).stdout == "python3.11"


def test_an_interpreter_is_believed_by_what_it_answers_not_by_its_name(tmp_path: Path) -> None:
    fake_python(tmp_path / "bin" / "python3.13", speaks("3.9.2"))
    fake_python(tmp_path / "bin" / "python3", speaks("3.12.4"))
    assert find(tmp_path).stdout == "python3"


def test_one_that_can_make_environments_goes_before_one_that_cannot(tmp_path: Path) -> None:
    fake_python(tmp_path / "bin" / "python3.13", speaks("3.13.0", "partial"))
    fake_python(tmp_path / "bin" / "python3.11", speaks("3.11.2"))
    assert find(tmp_path).stdout == "python3.11"
    (tmp_path / "bin" / "python3.11").unlink()
    assert find(tmp_path).stdout == "python3.13"


def test_unsupported_interpreters_are_refused_in_one_line_that_names_them(tmp_path: Path) -> None:
    fake_python(tmp_path / "bin" / "python3", speaks("3.9.2"))
    answer = find(tmp_path)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert answer.stderr.count("\n") == 1
    assert "python3 (3.9.2)" in answer.stderr
    assert "3.11, 3.12 or 3.13" in answer.stderr


def test_no_interpreter_at_all_is_refused_in_words(tmp_path: Path) -> None:
    answer = find(tmp_path)
    assert answer.returncode == 2
    assert "found: none" in answer.stderr


def test_khlong_python_goes_before_everything_and_is_never_replaced(tmp_path: Path) -> None:
    fake_python(tmp_path / "bin" / "python3.13", speaks("3.13.0"))
    fake_python(tmp_path / "project" / ".venv" / "bin" / "python", speaks("3.13.0"))
    good = fake_python(tmp_path / "with space" / "python", speaks("3.11.9"))
    assert find(tmp_path, KHLONG_PYTHON=str(good)).stdout == str(good)
    bad = fake_python(tmp_path / "old" / "python", speaks("3.10.1"))
    refused = find(tmp_path, KHLONG_PYTHON=str(bad))
    assert refused.returncode == 2
    assert "3.10.1" in refused.stderr
    assert find(tmp_path, KHLONG_PYTHON=str(tmp_path / "none")).returncode == 2


def test_the_environment_that_is_there_is_used_before_searching(tmp_path: Path) -> None:
    fake_python(tmp_path / "bin" / "python3.13", speaks("3.13.0"))
    inside = fake_python(tmp_path / "project" / ".venv" / "bin" / "python", speaks("3.11.7"))
    assert find(tmp_path).stdout == str(inside)
    inside.unlink()
    assert find(tmp_path).stdout == "python3.13"


def test_bootstrap_can_be_read_by_python_3_8_and_refuses_it() -> None:
    ast.parse((ROOT / "tools" / "bootstrap.py").read_text(), feature_version=(3, 8))
    with pytest.raises(RefusalError, match=r"not 3\.8"):
        bootstrap.check_interpreter((3, 8))
    with pytest.raises(RefusalError, match=r"not 3\.14"):
        bootstrap.check_interpreter((3, 14))


def test_a_folder_that_no_environment_can_live_in_is_refused() -> None:
    bootstrap.check_place(Path("/home/someone/my khlong"))
    with pytest.raises(RefusalError, match="in its name"):
        bootstrap.check_place(Path("/home/a:b/khlong"))


# --- when the environment is current --------------------------------------------------------


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    fake_python(tmp_path / ".venv" / "bin" / "python", "exit 0")
    return tmp_path / ".venv"


def test_an_environment_is_current_only_with_its_stamp_and_its_python(venv: Path) -> None:
    stamp = bootstrap.stamp_of(ROOT / "requirements" / "base.txt")
    assert not bootstrap.is_current(venv, "base", stamp)
    bootstrap.write_stamp(venv, "base", stamp)
    assert bootstrap.is_current(venv, "base", stamp)
    assert not bootstrap.is_current(venv, "base", stamp + "x")
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").symlink_to("/nowhere/python")
    assert not bootstrap.is_current(venv, "base", stamp)


def test_the_stamp_changes_with_the_requirements(tmp_path: Path) -> None:
    pinned = tmp_path / "base.txt"
    pinned.write_text("django==5.2.19")
    before = bootstrap.stamp_of(pinned)
    pinned.write_text("django==5.2.20")
    assert bootstrap.stamp_of(pinned) != before


class Installer:
    """Stands in for venv, pip and uv, and remembers what was asked of them."""

    def __init__(self, venv: Path, failing: str = "") -> None:
        self.venv = venv
        self.failing = failing
        self.done: list[str] = []

    def make(self, venv: Path) -> None:
        self.done.append("make")
        for stamp in venv.glob("*.stamp"):
            stamp.unlink()
        fake_python(venv / "bin" / "python", "exit 0")

    def install(self, venv: Path, requirements: Path) -> None:
        self.done.append(requirements.name)
        if requirements.name == self.failing:
            raise RefusalError("interrupted")


def installer_in(monkeypatch: pytest.MonkeyPatch, venv: Path, failing: str = "") -> Installer:
    fake = Installer(venv, failing)
    monkeypatch.setattr(bootstrap, "make_environment", fake.make)
    monkeypatch.setattr(bootstrap, "install", fake.install)
    return fake


def test_a_second_start_does_nothing_and_says_zero_seconds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    venv = tmp_path / ".venv"
    fake = installer_in(monkeypatch, venv)
    bootstrap.ensure(venv, ("base",))
    assert fake.done == ["make", "base.txt"]
    assert bootstrap.ensure(venv, ("base",)) == 0.0
    assert fake.done == ["make", "base.txt"]


def test_tests_add_their_tools_to_the_same_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    venv = tmp_path / ".venv"
    fake = installer_in(monkeypatch, venv)
    bootstrap.ensure(venv, ("base",))
    bootstrap.ensure(venv, bootstrap.LAYERS)
    assert fake.done == ["make", "base.txt", "engine.txt", "scale.txt", "dev.txt"]


@pytest.mark.parametrize(
    ("command", "words", "layers"),
    [
        ("run", [], ("base",)),
        ("khlong", ["status", "--json"], ("base",)),
        ("khlong", ["bench", "pages"], ("base",)),
        ("khlong", ["appraise", "model.yaml"], ("base", "engine")),
        ("khlong", ["bench", "futures", "--json"], ("base", "engine")),
        ("khlong", ["appraise", "model.yaml", "--dask", "tcp://a:1"], ("base", "engine", "scale")),
        ("khlong", ["appraise", "model.yaml", "--format=parquet"], ("base", "engine", "scale")),
        ("engine", [], ("base", "engine")),
        ("test", ["fast"], ("base", "engine", "scale", "dev")),
    ],
)
def test_the_first_page_waits_for_no_package_of_the_engine(
    command: str, words: list[str], layers: tuple[str, ...]
) -> None:
    assert bootstrap.layers_for(command, words) == layers


def test_another_pin_of_the_engine_leaves_the_base_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    venv = tmp_path / ".venv"
    fake = installer_in(monkeypatch, venv)
    bootstrap.ensure(venv, ("base", "engine"))
    bootstrap.write_stamp(venv, "engine", "another")
    bootstrap.ensure(venv, ("base",))
    assert fake.done == ["make", "base.txt", "engine.txt"]
    bootstrap.ensure(venv, ("base", "engine"))
    assert fake.done == ["make", "base.txt", "engine.txt", "engine.txt"]


def test_an_interrupted_installation_starts_from_nothing_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    venv = tmp_path / ".venv"
    installer_in(monkeypatch, venv, failing="base.txt")
    with pytest.raises(RefusalError):
        bootstrap.ensure(venv, ("base",))
    fake = installer_in(monkeypatch, venv)
    bootstrap.ensure(venv, ("base",))
    assert fake.done == ["make", "base.txt"]


def test_a_second_start_waits_for_the_first_and_then_has_nothing_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    venv = tmp_path / ".venv"
    fake = installer_in(monkeypatch, venv)
    first = (tmp_path / ".venv.lock").open("w")
    fcntl.flock(first, fcntl.LOCK_EX)
    second = threading.Thread(target=bootstrap.ensure, args=(venv, ("base",)))
    second.start()
    told, end = "", time.monotonic() + 60
    while "waiting" not in told and time.monotonic() < end:
        time.sleep(0.02)
        told += capsys.readouterr().err
    assert fake.done == []
    fake.make(venv)
    bootstrap.write_stamp(venv, "base", bootstrap.stamp_of(ROOT / "requirements" / "base.txt"))
    first.close()
    second.join(60)
    assert fake.done == ["make"]
    assert "waiting" in told


def test_a_folder_that_cannot_be_written_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RefusalError, match="KHLONG_VENV"), bootstrap.locked(tmp_path / "file" / ".venv"):
        pass


# --- making it ------------------------------------------------------------------------------


def test_a_missing_ensurepip_is_mended_by_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = fake_python(tmp_path / "python3", "echo 'not created: ensurepip is missing'; exit 1")
    monkeypatch.setattr(bootstrap, "base_interpreter", lambda: str(broken))
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(RefusalError) as refusal:
        bootstrap.make_environment(tmp_path / ".venv")
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert str(refusal.value).splitlines()[1:] == [f"sudo apt-get install python{minor}-venv"]


def test_ensurepip_is_looked_for_before_anything_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RefusalError, match="cannot make environments"):
        bootstrap.make_environment(tmp_path / ".venv")
    assert not (tmp_path / ".venv").exists()


def test_pip_takes_over_when_uv_cannot_and_the_reason_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log"
    fake_python(
        tmp_path / "bin" / "python",
        f'echo "$*" >> "{log}"\ncase "$*" in *"-m uv"*) echo "uv: no index" >&2; exit 2 ;; esac',
    )
    bootstrap.install(tmp_path, ROOT / "requirements" / "base.txt")
    calls = log.read_text().splitlines()
    assert "pip install -q" in calls[-1]
    assert "--require-hashes --only-binary :all:" in calls[-1]
    assert "uv: no index" in capsys.readouterr().err


def test_without_a_network_the_first_start_says_what_to_do(tmp_path: Path) -> None:
    fake_python(tmp_path / "bin" / "python", 'echo "ERROR: no network" >&2; exit 1')
    with pytest.raises(RefusalError, match=r"Start again:\nERROR: no network"):
        bootstrap.install(tmp_path, ROOT / "requirements" / "base.txt")


def test_pip_settings_reach_uv_under_its_own_names(tmp_path: Path) -> None:
    listing = "\n".join(
        [
            ":env:.cert='/etc/ssl/own.crt'",
            "global.index-url='https://packages.example/simple'",
            "install.index-url='https://install.example/simple'",
            f"global.extra-index-url='file:///nowhere/simple file://{tmp_path}'",
            f"global.find-links='/nowhere/wheels {tmp_path}'",
            "freeze.timeout='1'",
            "nonsense",
        ]
    )
    settings = bootstrap.uv_settings(bootstrap.pip_settings(listing), {})
    assert settings == {
        "UV_DEFAULT_INDEX": "https://install.example/simple",
        "UV_INDEX": f"file://{tmp_path}",
        "UV_FIND_LINKS": str(tmp_path),
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "SSL_CERT_FILE": "/etc/ssl/own.crt",
    }


def test_settings_that_uv_already_has_are_left_alone() -> None:
    pip = {"index-url": "https://pip.example/simple"}
    assert "UV_DEFAULT_INDEX" not in bootstrap.uv_settings(
        pip, {"UV_DEFAULT_INDEX": "https://uv.example/simple"}
    )


def test_caches_move_into_the_project_when_home_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/nonexistent")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)
    assert bootstrap.installer_environment()["UV_CACHE_DIR"] == str(ROOT / "var" / "cache" / "uv")


def test_the_callers_python_settings_do_not_leak_into_khlong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/somewhere/else")
    monkeypatch.setenv("PYTHONHOME", "/somewhere")
    environment = bootstrap.command_environment(1.25)
    assert environment["PYTHONPATH"].split(os.pathsep) == [str(ROOT / "src"), str(ROOT)]
    assert "PYTHONHOME" not in environment
    assert environment["KHLONG_PACKAGES_SECONDS"] in {"1.2", "1.3"}
    assert Path(environment["KHLONG_BOOTSTRAP"]) == ROOT / "tools" / "bootstrap.py"


# --- what is pinned -------------------------------------------------------------------------


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted_names(text: str) -> set[str]:
    lines = [line for line in text.splitlines() if line and not line.startswith(("#", "-"))]
    return {normalised(re.split(r"[\[~=<>!; ]", line, maxsplit=1)[0]) for line in lines}


@pytest.mark.parametrize("name", ["uv", "base", "dev"])
def test_every_wanted_package_is_pinned_with_hashes_and_no_address(name: str) -> None:
    folder = ROOT / "requirements"
    pinned = (folder / f"{name}.txt").read_text()
    entries = re.split(r"(?m)^(?=[A-Za-z0-9])", pinned)[1:]
    names = {normalised(entry.partition("==")[0]) for entry in entries}
    assert wanted_names((folder / f"{name}.in").read_text()) <= names
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in pinned


def test_the_tests_use_the_same_versions_as_the_server() -> None:
    def versions(name: str) -> dict[str, str]:
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        return dict(re.findall(r"(?m)^([A-Za-z0-9._-]+)==(\S+)", text))

    base, dev = versions("base"), versions("dev")
    assert {name: dev[name] for name in base.keys() & dev.keys()} == {
        name: base[name] for name in base.keys() & dev.keys()
    }


# --- the scripts ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["run", "test", "khlong", ".ci/run"])
def test_scripts_can_be_run_and_parse(name: str) -> None:
    path = ROOT / name
    assert path.stat().st_mode & stat.S_IXUSR
    shell = path.read_text().splitlines()[0].split()[-1].rpartition("/")[2].removeprefix("#!")
    assert subprocess.run([shell, "-n", str(path)], check=False).returncode == 0


def test_a_script_works_through_a_link_and_from_another_folder(tmp_path: Path) -> None:
    python = fake_python(
        tmp_path / "python",
        'case "$*" in *bootstrap.py*) printf "%s\\n" "$KHLONG_STARTED" "$@" ;; *) echo 3.12.1 whole ;; esac',
    )
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "start").symlink_to(ROOT / "run")
    told = subprocess.run(
        [str(tmp_path / "links" / "start"), "--port", "8 1"],
        cwd=tmp_path,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "KHLONG_PYTHON": str(python)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert told[1:] == ["-E", "-s", str(ROOT / "tools" / "bootstrap.py"), "run", "--port", "8 1"]
    assert abs(float(told[0]) - time.time()) < 60


@pytest.fixture
def ci(tmp_path: Path) -> Path:
    """A folder with the CI script, stand-ins for what it calls, and a PATH without browser and apt-get."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    fake_python(tmp_path / "run", 'echo "run $*"; exit "${RUN:-0}"')
    fake_python(tmp_path / "test", 'echo "1 passed, 0 failed, 0 skipped"')
    fake_python(tmp_path / "bin" / "initdb", "exit 0")
    for name in ("bash", "dirname"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or name)
    return tmp_path


def run_ci(folder: Path, uid: int, **environment: str) -> subprocess.CompletedProcess[str]:
    fake_python(folder / "bin" / "id", f"echo {uid}")
    script = [str(folder / "bin" / "bash"), str(folder / ".ci" / "run")]
    return subprocess.run(
        script, env={"PATH": str(folder / "bin"), **environment}, capture_output=True, text=True, check=False
    )


def test_ci_installs_what_is_missing_and_ends_on_the_tally(ci: Path) -> None:
    fake_python(ci / "bin" / "apt-get", 'echo "apt-get $*"')
    told = run_ci(ci, 0)
    assert told.returncode == 0
    assert told.stdout.splitlines() == [
        "apt-get update -q",
        "apt-get install -q -y --no-install-recommends chromium",
        "run --check",
        "1 passed, 0 failed, 0 skipped",
    ]


def test_ci_says_what_it_cannot_install_and_goes_on(ci: Path) -> None:
    told = run_ci(ci, 1000)
    assert told.returncode == 0
    assert "chromium missing" in told.stderr
    assert told.stdout.splitlines()[0] == "run --check"


def test_ci_runs_the_tests_although_the_first_start_failed_and_fails(ci: Path) -> None:
    fake_python(ci / "bin" / "chromium", "exit 0")
    told = run_ci(ci, 0, RUN="2")
    assert told.returncode == 1
    assert told.stdout.splitlines()[-1] == "1 passed, 0 failed, 0 skipped"


@pytest.mark.parametrize(
    "name",
    ["run", "test", "khlong", ".ci/run", "tools/bootstrap.py", "tools/python.sh", "requirements/base.in"],
)
def test_no_file_of_the_set_up_names_a_host(name: str) -> None:
    assert "://" not in (ROOT / name).read_text().replace('"://" in', "")

"""What the page of deployment hands out: units, a container file, samples for proxies."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from khlong.web.options import OPTIONS

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
PAGE = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
UNITS = sorted(path.name for path in DEPLOY.glob("khlong*.*"))


def lines(name: str) -> list[str]:
    return (DEPLOY / name).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_one_that_systemd_understands(name: str, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    for unit in UNITS:
        text = (DEPLOY / unit).read_text(encoding="utf-8")
        (tmp_path / unit).write_text(re.sub(r"/opt/khlong/(run|khlong)\b", "/bin/true", text))
    done = subprocess.run(
        [program, "verify", str(tmp_path / name)], capture_output=True, text=True, check=False, timeout=60
    )
    told = [line for line in (done.stdout + done.stderr).splitlines() if name in line]
    assert (done.returncode, told) == (0, [])


@pytest.mark.parametrize("name", [name for name in UNITS if name.endswith(".service")])
def test_a_service_runs_without_rights_it_does_not_need(name: str) -> None:
    found = set(lines(name))
    assert {
        "User=khlong",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "PrivateTmp=yes",
        "UMask=0077",
    } <= found
    (command,) = [line for line in found if line.startswith("ExecStart=")]
    assert command.split("=")[1].split()[0] in {"/opt/khlong/run", "/opt/khlong/khlong"}


def test_a_timer_starts_a_service_that_is_there() -> None:
    timers = [Path(name).stem for name in UNITS if name.endswith(".timer")]
    assert timers
    assert {f"{name}.service" for name in timers} <= set(UNITS)


def test_the_container_copies_what_is_there_installs_by_hash_and_is_not_root() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    for copied in re.findall(r"^COPY (.+) \S+$", text, re.MULTILINE):
        for name in copied.split():
            assert (ROOT / name).exists(), name
    assert "--require-hashes --only-binary :all: -r requirements/base.txt" in text
    assert "--hash=sha256:" in (ROOT / "requirements" / "base.txt").read_text(encoding="utf-8")
    users = re.findall(r"^USER (\S+)$", text, re.MULTILINE)
    assert users
    assert users[-1] not in {"0", "root"}
    assert text.index("USER ") < text.index("ENTRYPOINT")


def test_what_the_programme_reads_from_its_folder_is_in_the_container() -> None:
    """Folders that the code names below the project's folder."""
    named = set()
    for path in (ROOT / "src" / "khlong").rglob("*.py"):
        if "tests" not in path.parts and "bench" not in path.name:
            named |= set(re.findall(r'(?:ROOT|BASE_DIR\)?) / "([\w.]+)"', path.read_text(encoding="utf-8")))
    copied = " ".join(re.findall(r"^COPY (.+)$", (DEPLOY / "Containerfile").read_text("utf-8"), re.MULTILINE))
    assert named - {"var"} <= set(re.split(r"[ /]", copied))


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_a_proxy_says_who_asks_and_keeps_the_figures_inside(name: str) -> None:
    text = (DEPLOY / name).read_text(encoding="utf-8")
    assert "127.0.0.1:8000" in text
    assert "/metrics" in text
    assert "/health/ready/" in text
    if name == "nginx.conf":
        assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
        assert "proxy_set_header X-Forwarded-Proto $scheme;" in text
        assert "$proxy_add_x_forwarded_for" not in text


def test_the_page_names_every_file_and_only_settings_that_there_are() -> None:
    for path in DEPLOY.iterdir():
        assert f"deploy/{path.name}" in PAGE, path.name
    for name in re.findall(r"\]\((?:\.\./)?(deploy/[\w.-]+)\)", PAGE):
        assert (ROOT / name).exists(), name
    known = {option.variable for option in OPTIONS} | {"KHLONG_VENV", "KHLONG_PYTHON", "KHLONG_SETTINGS"}
    known |= {f"{option.variable}_FILE" for option in OPTIONS}
    assert set(re.findall(r"KHLONG_[A-Z_]+[A-Z]", PAGE)) <= known

"""Two scanners that look at a running Khlong from outside, for the tests.

schemathesis asks the API what its description allows and forbids. wapiti goes over the pages and attacks them; it
is under the GPL, so it is no dependency: it lives in an environment of its own that uv makes, and only its
report is read.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

WAPITI = "wapiti3~=3.2"
"""3.3 needs Python 3.12; with 3.11 uv takes 3.2."""
MODULES = "csp,http_headers,cookieflags,sql,xss,permanentxss,csrf,redirect,file,exec,crlf,ssrf"
DOCUMENTS = ("*.docx*", "*.pdf*", "*.xlsx*", "static/*", "r/*")
SECONDS = 600


class ScannerMissingError(Exception):
    """The scanner cannot be had on this machine; the message is the reason."""


REFUSES = '["400", "401", "403", "404", "405", "406", "409", "414", "415", "422", "428", "429", "5xx"]'
ANSWERS = '"2xx", "3xx", "401", "403", "404", "409", "414", "429", "5xx"'
CONTRACT = f"""\
[checks.negative_data_rejection]
expected-statuses = {REFUSES}
[checks.positive_data_acceptance]
expected-statuses = [{ANSWERS}]
[[operations]]
include-method = ["POST", "PATCH"]
[operations.checks.positive_data_acceptance]
expected-statuses = [{ANSWERS}, "422"]
"""
"""What is a fine answer. 414 is the server's own, to an address that is too long. What is to be written may fit the
description and yet be refused by an action, such as a step of a why that explains itself: that is a 422.
"""


def schemathesis(description: str, *, examples: int, headers: dict[str, str] | None = None) -> str:
    """Run all checks on the API behind the address of its description; "" or what was found."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "schemathesis.toml"
        settings.write_text(CONTRACT)
        words = [sys.executable, "-m", "schemathesis.cli", "--no-color", "--config-file", str(settings)]
        words += ["run", description, "--checks", "all"]
        words += ["--max-examples", str(examples), "--seed", "7", "--generation-database", "none"]
        for name, value in (headers or {}).items():
            words += ["-H", f"{name}:{value}"]
        done = _run(words)
    return "" if done.returncode == 0 else done.stdout[-6000:] + done.stderr[-2000:]


def _uv(*words: str) -> list[str]:
    return [sys.executable, "-m", "uv", "tool", "run", "--python", sys.executable, "--from", WAPITI, *words]


def wapiti(
    address: str, starts: list[str], folder: Path, *, leave: tuple[str, ...] = (), cookie: str = ""
) -> dict[str, list[dict[str, Any]]]:
    """What wapiti holds against the pages at `starts` and those they lead to, by kind of fault.

    `leave` are patterns of addresses that it must not ask for, such as signing out. Raises
    ScannerMissingError where the package index cannot be reached.
    """
    ready = _run(_uv("wapiti", "--version"))
    if ready.returncode != 0:
        raise ScannerMissingError(f"wapiti cannot be installed: {ready.stderr.strip()[-200:]}")
    report = folder / "wapiti.json"
    words = ["wapiti", "-u", f"{address}/", "-m", MODULES, "-d", "1", "--no-bugreport", "-v", "0"]
    words += ["--max-links-per-page", "15", "--max-files-per-dir", "4", "--max-attack-time", "25"]
    words += ["--flush-session", "--store-session", str(folder), "--store-config", str(folder)]
    words += ["-f", "json", "-o", str(report)]
    words += [word for start in starts for word in ("-s", f"{address}{start}")]
    words += [word for pattern in (*DOCUMENTS, *leave) for word in ("-x", f"{address}/{pattern}")]
    words += ["-C", cookie, "--drop-set-cookie"] if cookie else []
    done = _run(_uv(*words))
    if not report.exists():
        raise RuntimeError(f"wapiti left no report: {(done.stdout + done.stderr)[-2000:]}")
    told: dict[str, Any] = json.loads(report.read_text())
    if told["infos"]["crawled_pages_nbr"] < len(starts):
        raise RuntimeError(f"wapiti saw only {told['infos']['crawled_pages_nbr']} pages")
    found = told["vulnerabilities"] | told["anomalies"]
    return {kind: rows for kind, rows in found.items() if rows}


def _run(words: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, capture_output=True, text=True, errors="replace", check=False, timeout=SECONDS
    )

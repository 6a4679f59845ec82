"""Ask the advisory service about every pinned package; skipped, with the reason, where it cannot answer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements"
LAYERS = ("base", "engine", "scale")
SKIPPED = 75


def command() -> list[str]:
    audit = [
        sys.executable,
        "-m",
        "pip_audit",
        *(word for layer in LAYERS for word in ("--requirement", str(REQUIREMENTS / f"{layer}.txt"))),
        "--require-hashes",
        "--disable-pip",
    ]
    return [*audit, "--format", "json", "--progress-spinner", "off", "--timeout", "10"]


def judge(report: dict[str, Any]) -> tuple[int, str]:
    """Exit code and what to say about pip-audit's report: an unanswered question is not a clean answer."""
    packages = report["dependencies"]
    unanswered = [package["name"] for package in packages if "skip_reason" in package]
    found = [
        f"{package['name']} {package['version']}: {advisory['id']}, fixed in {advisory['fix_versions']}"
        for package in packages
        for advisory in package.get("vulns", [])
    ]
    if found:
        return 1, "\n".join(found)
    if unanswered:
        return (
            SKIPPED,
            f"the advisory service has no answer for {len(unanswered)} of {len(packages)} packages",
        )
    return 0, f"{len(packages)} packages, nothing known against them"


def main() -> int:
    try:
        done = subprocess.run(command(), capture_output=True, text=True, check=False, timeout=180)
        code, told = judge(json.loads(done.stdout))
    except subprocess.TimeoutExpired:
        code, told = SKIPPED, "the advisory service did not answer within 180 s"
    except json.JSONDecodeError:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        code, told = SKIPPED, f"the advisory service cannot be asked: {last[:200]}"
    print(told)
    return code


if __name__ == "__main__":
    sys.exit(main())

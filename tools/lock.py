"""Pin the requirements: `python -m tools.lock` turns every requirements/*.in into a .txt with hashes.

One file serves Python 3.11 to 3.13. It names no index, so that it installs from whichever one a machine uses.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "requirements"
NAMES = ("uv", "base", "engine", "scale", "dev")
OPTIONS = ("--universal", "--python-version", "3.11", "--generate-hashes", "--only-binary", ":all:")


def command(name: str, *, upgrade: bool) -> list[str]:
    quiet = ["--quiet", "--no-emit-index-url", "--no-emit-find-links"]
    signed = ["--custom-compile-command", "python -m tools.lock"]
    newest = ["--upgrade"] if upgrade else []
    uv = [sys.executable, "-m", "uv", "pip", "compile", "--python", sys.executable]
    return [*uv, *OPTIONS, *quiet, *signed, *newest, f"{name}.in", "--output-file", f"{name}.txt"]


def main(arguments: list[str]) -> int:
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    for name in NAMES:
        subprocess.run(
            command(name, upgrade="--upgrade" in arguments), cwd=FOLDER, env=environment, check=True
        )
        if "://" in (FOLDER / f"{name}.txt").read_text():
            print(f"requirements/{name}.txt names an address; remove it", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

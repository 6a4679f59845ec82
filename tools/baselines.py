"""How often each page asks the database: measured, and written down when that is meant to change.

python -m tools.baselines            measure and compare
python -m tools.baselines --write    measure and write tests/query_counts.json
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WRITE = "KHLONG_WRITE_BASELINES"


def main(arguments: list[str]) -> int:
    described = argparse.ArgumentParser(prog="python -m tools.baselines", description=__doc__)
    described.add_argument("--write", action="store_true", help="write what is measured")
    chosen = ["-k", "as_committed"] if described.parse_args(arguments).write else []
    extra = {WRITE: "1"} if chosen else {}
    command = [sys.executable, "-m", "pytest", "-q", "tests/test_baselines.py", *chosen]
    return subprocess.run(command, cwd=ROOT, env=os.environ | extra, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

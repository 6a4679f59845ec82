"""Where the processes of one server count what they do. Needs no Django."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

COUNTED = "PROMETHEUS_MULTIPROC_DIR"


def is_running(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        pass
    return True


def counting_folder(var: Path) -> Path:
    """Where this server's processes count; what servers that have ended left there is removed."""
    for old in (var / "metrics").glob("*"):
        if not is_running(old.name):
            shutil.rmtree(old, ignore_errors=True)
    made = var / "metrics" / str(os.getpid())
    made.mkdir(mode=0o700, parents=True, exist_ok=True)
    return made

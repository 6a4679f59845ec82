"""The open data that may lie beside the project; tests that compare with it are skipped where it does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[5]
DATA = Path(os.environ.get("OPEN_DATA") or ROOT.parent / "shared" / "data")


def beside(name: str) -> Path:
    """A file of the shared data."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the project (OPEN_DATA names its folder)")
    return path

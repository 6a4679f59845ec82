from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _folder_of_files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"
    settings.FILES_RESERVE = 0

"""The web application stays light: what only an engine or a document needs is loaded where it is used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HEAVY = {"numpy", "scipy", "numba", "llvmlite", "dask", "pyarrow", "pandas", "typst", "docx", "openpyxl"}
LOADS = """
import json, sys
from khlong.web.wsgi import application
from django.urls import get_resolver
get_resolver().url_patterns
import khlong.engines.futures.client
print(json.dumps(sorted(name for name in sys.modules if "." not in name)))
"""


def test_importing_the_web_application_loads_neither_numpy_nor_numba(tmp_path: Path) -> None:
    environment = os.environ | {"KHLONG_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "khlong.web.settings"}
    done = subprocess.run(
        [sys.executable, "-c", LOADS], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout))
    assert "django" in loaded
    assert not loaded & HEAVY

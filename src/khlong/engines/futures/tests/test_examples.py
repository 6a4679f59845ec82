"""The example goes from the model file to its pictures, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = "khlong.engines.futures.examples.from_model_to_plots"
PICTURES = ("regret", "ranks", "tipping", "pathways")
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.slow
def test_the_example_goes_from_the_model_to_four_pictures_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", minversion="3.11")  # older ones do not shape Thai
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "MPLCONFIGDIR": str(tmp_path / "config")}
    command = [sys.executable, "-W", "error", "-m", SCRIPT, str(tmp_path / "out")]
    done = subprocess.run(command, env=env, check=False, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "missing from font" not in done.stderr
    for name in PICTURES:
        picture = (tmp_path / "out" / f"{name}.png").read_bytes()
        assert picture.startswith(PNG)
        assert int.from_bytes(picture[16:20], "big") > 800
    words = (tmp_path / "out" / "words.txt").read_text(encoding="utf-8").splitlines()
    assert len(words) == 6
    assert words[-1].startswith("Waiting is worth nothing here: chosen once and for all it is as good")

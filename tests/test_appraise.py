"""`./khlong appraise`: what it prints, in which language, and how it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from khlong.__main__ import main, parser
from khlong.engines.futures.commands import TRAINING

SMALL = TRAINING.with_name("who-pays.yaml")


def test_the_command_prints_domains_regret_years_and_where_it_fails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["appraise", str(SMALL), "--futures", "300"]) == 0
    printed = capsys.readouterr().out
    for words in ("ขยายคลอง", "ทุกกลุ่มรับไหวใน", "±", "เสียใจภายหลังมากที่สุด", "รับไหวถึงปี", "กฎที่ใช้"):
        assert words in printed
    for words in ("Widening the canal", "an example, no fact", "largest regret", "enough until", "Rules:"):
        assert words in printed


def test_the_command_speaks_one_language_or_json_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["appraise", str(SMALL), "--futures", "100", "--language", "en"]) == 0
    assert "ทุกกลุ่ม" not in capsys.readouterr().out
    assert main(["appraise", str(SMALL), "--futures", "100", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["futures"] == 100


def test_zones_are_asked_for_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["appraise", str(SMALL), "--futures", "100", "--zones"]) == 0
    printed = capsys.readouterr().out
    assert "เขต 1" in printed
    assert "Zone 1" in printed


def test_the_command_refuses_in_words_with_exit_2(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["appraise", str(tmp_path / "none.yaml")]) == 2
    said = capsys.readouterr().err
    assert "none.yaml cannot be opened" in said
    assert "เปิด none.yaml ไม่ได้" in said
    assert main(["appraise", str(SMALL), "--futures", "0"]) == 2
    with pytest.raises(SystemExit):
        parser(["engines.futures"]).parse_args(["appraise", "--form", "xlsx"])


def test_listing_the_commands_loads_no_numpy() -> None:
    code = (
        "import sys; from khlong.__main__ import parser; parser(['engines.futures']); "
        "print(sorted({'numpy', 'numba', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_run_leaves_a_folder_and_says_where(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["appraise", str(SMALL), "--futures", "100", "--out", str(tmp_path / "out")]) == 0
    assert str(tmp_path / "out") in capsys.readouterr().err
    assert (tmp_path / "out" / "manifest.json").exists()
    assert main(["appraise", str(SMALL), "--futures", "100", "--out", str(tmp_path / "out")]) == 2
    assert "holds something already" in capsys.readouterr().err

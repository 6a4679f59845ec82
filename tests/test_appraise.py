"""`./khlong appraise`: what it prints, in which language, and how it refuses."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from khlong.__main__ import main, parser
from khlong.engines.futures import commands, work
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


@pytest.mark.parametrize("zones", [[], ["--zones"]])
def test_ctrl_c_while_quantiles_are_sketched_ends_with_words_and_no_half_folder(
    zones: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    futures, parts = 100, []

    class Impatient(commands.Bar):
        def __call__(self, done: int, of: int) -> None:
            parts.append(of // futures)
            if done > of - 2 * futures:
                signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(commands, "Bar", Impatient)
    out = ["--out", str(tmp_path / "out")]
    assert main(["appraise", str(SMALL), "--futures", str(futures), *out, *zones]) == 130
    assert parts[0] > 2
    said = capsys.readouterr()
    assert "หยุดการคำนวณแล้ว" in said.err
    assert "The run was stopped" in said.err
    assert said.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("zones", [[], ["--zones"]])
def test_what_takes_long_is_said_beforehand_and_refused_without_long(
    zones: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ["appraise", str(SMALL), "--futures", "100", *zones]
    monkeypatch.setattr(work, "SAID", 0.0)
    assert main(asked) == 0
    said = capsys.readouterr().err
    assert "คาดว่าใช้เวลาคำนวณราว 1 นาที" in said
    assert "This takes about 1 minute" in said
    monkeypatch.setattr(work, "MOST", 0.0)
    assert main(asked) == 2
    refused = capsys.readouterr()
    assert "ถ้ายอมรอ ให้สั่งพร้อม --long" in refused.err
    assert "To wait for it, ask with --long" in refused.err
    assert refused.out == ""
    assert main([*asked, "--long", "--language", "th"]) == 0
    told = capsys.readouterr()
    assert "คาดว่าใช้เวลาคำนวณ" in told.err
    assert "This takes" not in told.err
    assert "ทุกกลุ่มรับไหวใน" in told.out

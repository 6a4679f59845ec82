"""The bar that a command draws while it does the work itself."""

from __future__ import annotations

import pytest

from khlong.record.jobs.commands import WIDTH, Bar, drawn


def test_a_bar_says_how_far_it_is_in_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    bar = Bar("merging")
    bar.shown.terminal = True
    bar.total(4)
    bar.advance()
    bar.advance(note="บ้านหลบมุม")
    bar.end()
    text = capsys.readouterr().out
    assert text.startswith(f"\r[{'.' * WIDTH}]   0%  merging  0/4")
    assert f"[{'#' * (WIDTH // 2)}{'.' * (WIDTH // 2)}]  50%  merging  2/4  บ้านหลบมุม" in text
    assert text.endswith("\n")


def test_a_bar_writes_nothing_where_no_terminal_is(capsys: pytest.CaptureFixture[str]) -> None:
    bar = Bar("merging")
    bar.shown.terminal = False
    bar.total(2)
    bar.advance(2)
    bar.end()
    assert capsys.readouterr().out == ""


def test_a_bar_of_more_than_was_said_is_full_and_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    bar = Bar("packing")
    bar.shown.terminal = True
    bar.total(1)
    bar.advance(3)
    assert "100%" in capsys.readouterr().out
    assert drawn(100, "packing", 3, 1, "").count("#") == WIDTH

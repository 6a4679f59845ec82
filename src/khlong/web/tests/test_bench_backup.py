"""The bench of backups: what it fills, how it judges."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from khlong.web import bench_backup
from khlong.web.bench_backup import NoRoomError, Times, fill, lines, measure, result


def test_a_city_is_filled_to_its_size_with_rows_and_files(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "db.sqlite3") as opened:
        opened.execute(
            "CREATE TABLE chain_thingrevision (id integer PRIMARY KEY, node_id text, number integer, "
            '"values" text, changed text, by text, at text, why text)'
        )
        opened.execute("INSERT INTO chain_thingrevision (node_id, number) VALUES ('node', 1)")
    opened.close()
    filled = fill(tmp_path, 8)
    assert filled == {"rows": 1333, "files": 4}
    assert 3_000_000 < (tmp_path / "db.sqlite3").stat().st_size < 6_000_000
    found = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert len(found) == 4
    assert all(path.parent.name == path.name[2:4] for path in found)


def test_pages_that_take_more_than_twice_as_long_break_the_bar() -> None:
    quiet = Times([0.01] * 90 + [0.02] * 10)
    fine = result(quiet, Times([0.019] * 100), {"megabytes": 1}, [3.0], [10])
    assert (fine["over"], fine["ratios"]["p50"]) == ([], 1.9)
    slow = result(quiet, Times([0.01] * 90 + [0.05] * 10), {"megabytes": 1}, [3.0], [10])
    assert slow["over"] == ["p95: 2.5 times as long, at most 2.0"]
    failed = result(quiet, Times([0.01], errors=1), {"megabytes": 1}, [3.0], [10])
    assert failed["over"] == ["1 requests failed, at most 0"]
    assert any("ratio   p50 1.9" in line for line in lines(fine))


def test_without_room_on_the_disk_nothing_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_backup, "house", None)
    with pytest.raises(NoRoomError, match=r"needs .* GB of room"):
        measure(megabytes=10**9)

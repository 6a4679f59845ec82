"""What an update would do, told before it does anything."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, migrations, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from khlong.__main__ import main
from khlong.record.backup import generations
from khlong.record.backup.generations import Generation
from khlong.web import update
from khlong.web.update import breaking, plan


@pytest.fixture(autouse=True)
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)
    return tmp_path


def migration(*operations: Any) -> Any:
    kind: Any = type("Migration", (migrations.Migration,), {"operations": list(operations)})
    return kind("0099_new", "places")


def add(field: Any) -> Any:
    return migrations.AddField("fact", "depth", field)


HARMLESS = [
    add(models.IntegerField(null=True)),
    add(models.IntegerField(db_default=0)),
    add(models.ManyToManyField("places.City")),
    migrations.CreateModel("Tide", [("id", models.BigAutoField(primary_key=True))]),
    migrations.AddIndex("fact", models.Index(fields=["mark"], name="by_mark")),
    migrations.RunPython(migrations.RunPython.noop, elidable=True),
    migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("fact", "mark")]),
]
BREAKING = [
    add(models.IntegerField(default=0)),
    migrations.RemoveField("fact", "mark"),
    migrations.RenameField("fact", "mark", "grade"),
    migrations.AlterField("fact", "mark", models.IntegerField()),
    migrations.DeleteModel("Fact"),
    migrations.AddConstraint("fact", models.CheckConstraint(condition=models.Q(mark="A"), name="a")),
    migrations.RunPython(migrations.RunPython.noop),
    migrations.RunSQL("DROP TABLE places_fact"),
    migrations.SeparateDatabaseAndState(database_operations=[migrations.RemoveField("fact", "mark")]),
]


@pytest.mark.parametrize("operation", HARMLESS, ids=lambda operation: type(operation).__name__)
def test_what_the_old_version_does_not_notice_may_be_done_while_it_serves(operation: Any) -> None:
    assert list(breaking(migration(operation))) == []


@pytest.mark.parametrize("operation", BREAKING, ids=lambda operation: type(operation).__name__)
def test_what_the_old_version_reads_or_writes_may_not(operation: Any) -> None:
    (line,) = breaking(migration(operation))
    assert line.startswith("places.0099_new: ")


@pytest.mark.django_db
def test_a_database_that_is_up_to_date_needs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["update", "--check"]) == 0
    assert "needs nothing" in capsys.readouterr().out


@pytest.mark.django_db
def test_a_step_that_breaks_the_old_version_asks_for_a_stop_and_a_backup(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], var: Path
) -> None:
    coming = [(migration(migrations.RemoveField("fact", "mark")), False)]
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: coming)
    assert main(["update", "--check"]) == 1
    told = capsys.readouterr().out
    for words in (
        "to come: places.0099_new",
        "Remove field mark",
        "no backup of the last 24 hours",
        "stop Khlong",
    ):
        assert words in told
    (var / "one.khb").write_bytes(b"1234")
    made = timezone.now() - timedelta(hours=1)
    generations.write([Generation("one.khb", str(var), made.isoformat(), 4, 1)])
    assert plan().warnings == []


@pytest.mark.django_db
def test_a_database_of_a_newer_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    MigrationRecorder(connection).record_applied("pilots", "0007_lessons")
    assert main(["update", "--check"]) == 1
    assert "pilots.0007_lessons" in capsys.readouterr().out
    assert not update.plan().while_serving

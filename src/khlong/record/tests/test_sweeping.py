"""What nothing uses is swept, after its grace and not before; what the disk lost is named."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from khlong.__main__ import main
from khlong.record import files, store
from khlong.record.errors import Refused
from khlong.record.filed import Blob, File, Rendition
from khlong.record.files import keep_file
from khlong.record.jobs import enqueue, work_off
from khlong.record.models import AuditEntry, JobState
from khlong.record.sweeping import compare, sweep, sweep_files
from khlong.record.tests import drawn
from khlong.record.tests.drawn import upload

WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"
    settings.FILES_RESERVE = 0


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> set[Any]:
    """Files that some room says it uses."""
    keys: set[Any] = set()
    monkeypatch.setattr(files, "_users", [lambda: keys])
    return keys


@pytest.fixture
def photo(cast: Any, city: Any) -> File:
    return keep_file(cast.actors["member"], upload(drawn.jpeg()), space=city.pk)


def age(*, rows: timedelta = timedelta(), seconds: float = 0) -> None:
    File.objects.update(at=timezone.now() - rows)
    for path in store.standing():
        os.utime(path, (time.time() - seconds,) * 2)


def test_a_file_that_nothing_uses_goes_after_its_grace_with_all_that_was_made_of_it(
    used: set[Any], photo: File
) -> None:
    age(rows=WEEK * 2, seconds=7200)
    done = sweep(WEEK)
    assert (done.files, done.blobs) == (1, 3)
    assert not File.objects.exists()
    assert not Blob.objects.exists()
    assert not Rendition.objects.exists()
    assert list(store.standing()) == []
    assert AuditEntry.objects.filter(action="record.file.sweep", object_id=str(photo.pk)).count() == 1


def test_a_file_that_is_used_or_young_stays(used: set[Any], photo: File, cast: Any, city: Any) -> None:
    young = sweep(WEEK)
    used.add(photo.pk)
    age(rows=WEEK * 2, seconds=7200)
    assert (young.files, sweep(WEEK).files) == (0, 0)
    assert compare().whole == 3


def test_bytes_that_another_file_has_too_stay(used: set[Any], photo: File, cast: Any, city: Any) -> None:
    other = keep_file(cast.actors["member"], upload(drawn.jpeg(), "b.jpg"), space=city.pk)
    used.add(other.pk)
    age(rows=WEEK * 2, seconds=7200)
    assert sweep(WEEK).files == 1
    assert compare().whole == 3


def test_bytes_without_a_row_go_when_nobody_can_be_writing_their_row(used: set[Any], photo: File) -> None:
    used.add(photo.pk)
    stray = store.path_of("ab" * 32)
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"stray")
    half = stray.with_name(f"{store.TEMPORARY}1")
    half.write_bytes(b"half")
    assert sweep(WEEK).blobs == 0
    age(seconds=7200)
    assert sweep(WEEK).blobs == 2
    assert not stray.exists()
    assert not half.exists()
    assert compare().whole == 3


def test_bytes_that_are_given_again_while_a_sweep_looks_stay(
    used: set[Any], photo: File, cast: Any, city: Any
) -> None:
    """The second upload finds the bytes and makes their time new; the sweep looks at that time under the lock."""
    path = store.path_of(photo.digest)
    age(rows=WEEK * 2, seconds=7200)
    File.objects.all().delete()
    keep_file(cast.actors["member"], upload(drawn.jpeg()), space=city.pk)
    assert store.take_away(path, 3600) is False
    assert path.exists()


def test_nobody_but_the_house_itself_sweeps(cast: Any, photo: File) -> None:
    for name in ("anonymous", "member", "owner"):
        with pytest.raises(Refused):
            sweep_files(cast.actors[name], [photo.pk])
    assert File.objects.exists()


def test_the_check_names_what_is_missing_damaged_and_unknown(
    used: set[Any], photo: File, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["files", "check"]) == 0
    first, second = (row.blob_id for row in Rendition.objects.all())
    store.path_of(photo.digest).unlink()
    store.path_of(first).write_bytes(b"x")
    stray = store.path_of("ab" * 32)
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_bytes(b"stray")
    assert main(["files", "check"]) == 1
    said = capsys.readouterr().out
    assert f"missing: {photo.digest} คลอง.jpg" in said
    assert f"damaged: {first}" in said
    assert f"unknown: ab/ab/{'ab' * 32}" in said
    assert second not in said


def test_the_command_sweeps_and_says_how_much(
    used: set[Any], photo: File, capsys: pytest.CaptureFixture[str]
) -> None:
    age(rows=WEEK, seconds=7200)
    assert main(["files", "sweep", "--days", "30"]) == 0
    assert "0 files" in capsys.readouterr().out
    assert main(["files", "sweep", "--days", "3"]) == 0
    said = capsys.readouterr().out
    assert "1 files" in said
    assert "3 went from the disk" in said


def test_the_house_sweeps_by_itself(used: set[Any], photo: File, cast: Any) -> None:
    age(rows=WEEK * 2, seconds=7200)
    job = enqueue(cast.actors["steward"], "record.files.sweep")
    work_off()
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert not File.objects.exists()

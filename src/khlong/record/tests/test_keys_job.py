"""The copies of the keys follow a withdrawal, wherever they lie."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from khlong.people import keys, keystore
from khlong.people.actor import system_actor
from khlong.people.models import Subject
from khlong.record import keys_job
from khlong.record.backup import locks
from khlong.record.backup.keycopies import INSIDE, copy_keys
from khlong.record.backup.keycopies import NAME as COPY
from khlong.record.backup.sealed import lock, unlock
from khlong.record.jobs import enqueue, queue, registry
from khlong.record.jobs import work as jobs_work
from khlong.record.queue_models import Job, JobState

pytestmark = pytest.mark.django_db
PAIR = locks.new_pair()


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield


@pytest.fixture(autouse=True)
def var(tmp_path: Path, settings: Any) -> Path:
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir()
    settings.KEY_STORE = settings.VAR_DIR / "keys.sqlite3"
    locks.keep_recipient(PAIR.public)
    (tmp_path / "key").write_text(PAIR.secret)
    return Path(settings.VAR_DIR)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "stick"


@pytest.fixture
def somsri(folder: Path) -> Subject:
    """Somebody whose key lies in a copy."""
    made = keys.new_subject()
    assert copy_keys(folder, locks.recipient()) == folder / COPY
    return made


def inside(folder: Path) -> dict[str, Any]:
    """What who has the secret key reads in the copy."""
    found: dict[str, bytes] = {}
    identity = locks.identity_from(folder.parent / "key")
    unlock(folder / COPY, identity, lambda name, content: found.update({name: content.read()}))
    tables: dict[str, Any] = json.loads(found[INSIDE])["tables"]
    return tables


def holders(folder: Path) -> list[str]:
    return [row[1] for row in inside(folder)["data_key"]]


def worked_off() -> Job:
    """Run the one job that is due, as a worker does."""
    claimed = queue.claim("test")
    assert claimed is not None
    assert claimed.name == keys_job.NAME
    jobs_work.run(claimed)
    claimed.refresh_from_db()
    return claimed


def test_after_a_withdrawal_the_copy_is_made_anew_without_the_person(folder: Path, somsri: Subject) -> None:
    other = keys.new_subject()
    copy_keys(folder, locks.recipient())
    assert sorted(holders(folder)) == sorted([str(somsri.pk), str(other.pk)])
    keys.destroy(somsri)
    done = worked_off()
    assert (done.state, done.result) == (
        JobState.DONE,
        {"lines": [f"The copy of the keys in {folder} is new."]},
    )
    assert holders(folder) == [str(other.pk)]
    assert [row[0] for row in inside(folder)["destroyed"]] == [str(somsri.pk)]


def test_after_one_purpose_is_taken_back_the_copy_is_made_anew_without_its_key(
    folder: Path, somsri: Subject
) -> None:
    keystore.make_key(somsri.pk, "plan"), keystore.make_key(somsri.pk, "contact")
    copy_keys(folder, locks.recipient())
    keys.end(somsri, "plan")
    assert worked_off().state == JobState.DONE
    assert sorted(row[2] for row in inside(folder)["data_key"]) == ["", "contact"]
    assert [row[1:3] for row in inside(folder)["ended"]] == [[str(somsri.pk), "plan"]]


def test_the_job_is_written_with_the_withdrawal_and_goes_with_one_that_fails(
    somsri: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_subject: Subject) -> None:
        raise RuntimeError

    monkeypatch.setattr(keys, "_erasers", [*keys._erasers, fails])
    with pytest.raises(RuntimeError):
        keys.destroy(somsri)
    assert not Job.objects.filter(name=keys_job.NAME).exists()
    monkeypatch.undo()


def test_every_folder_with_a_copy_is_brought_up_to_date(
    folder: Path, somsri: Subject, tmp_path: Path
) -> None:
    copy_keys(tmp_path / "house", locks.recipient())
    keys.destroy(somsri)
    worked_off()
    assert holders(folder) == holders(tmp_path / "house") == []
    assert keys_job.out_of_date() == []


def test_without_a_copy_a_withdrawal_leaves_no_job(folder: Path) -> None:
    keys.destroy(keys.new_subject())
    assert not Job.objects.filter(name=keys_job.NAME).exists()


def test_a_folder_that_is_away_is_tried_again_until_it_is_back(
    folder: Path, somsri: Subject, tmp_path: Path
) -> None:
    folder.rename(tmp_path / "away")
    keys.destroy(somsri)
    waits = worked_off()
    assert (waits.state, waits.attempts) == (JobState.WAITING, 1)
    assert str(folder) in waits.error
    assert str(keys_job.noted()) in waits.error
    assert not folder.exists()
    (tmp_path / "away").rename(folder)
    Job.objects.update(next_try_at=waits.made_at)
    assert worked_off().state == JobState.DONE
    assert holders(folder) == []


def test_a_folder_that_stays_away_fails_in_words_and_the_next_hour_asks_again(
    folder: Path, somsri: Subject, tmp_path: Path
) -> None:
    folder.rename(tmp_path / "away")
    keys.destroy(somsri)
    Job.objects.update(attempts=queue.retries_of(Job(name=keys_job.NAME)))
    failed = worked_off()
    assert failed.state == JobState.FAILED
    assert "Bring it back" in failed.error
    assert [row.period for row in registry.schedules() if row.name == keys_job.NAME] == [timedelta(hours=1)]
    enqueue(system_actor("schedule"), keys_job.NAME, key="every 1")
    assert worked_off().state == JobState.WAITING


def test_one_folder_that_is_away_does_not_keep_the_others_from_their_copy(
    folder: Path, somsri: Subject, tmp_path: Path
) -> None:
    copy_keys(tmp_path / "house", locks.recipient())
    folder.rename(tmp_path / "away")
    keys.destroy(somsri)
    assert worked_off().state == JobState.WAITING
    assert holders(tmp_path / "house") == []
    assert keys_job.out_of_date() == [folder]


def test_without_the_key_of_the_backups_the_job_waits_for_it(somsri: Subject) -> None:
    locks.recipient_path().unlink()
    keys.destroy(somsri)
    waits = worked_off()
    assert (waits.state, "./khlong backup keys" in waits.error) == (JobState.WAITING, True)


def test_a_copy_is_noted_with_the_keys_it_holds_and_not_with_those_of_a_moment_later(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.new_subject()
    held = keystore.serial()

    def slowly(*args: Any) -> None:
        lock(*args)
        keys.new_subject()

    monkeypatch.setattr("khlong.record.backup.keycopies.lock", slowly)
    copy_keys(folder, locks.recipient())
    assert keys_job.copies() == {folder: held}
    assert keys_job.out_of_date() == [folder]


def test_a_line_that_a_power_cut_broke_off_hides_no_other(folder: Path, somsri: Subject) -> None:
    with keys_job.noted().open("a") as file:
        file.write('{"folder": "/media/st')
    assert list(keys_job.copies()) == [folder]
    keys_job.note(folder.parent / "house", 7)
    assert keys_job.copies()[folder.parent / "house"] == 7


def test_where_nothing_changed_nothing_is_written(folder: Path, somsri: Subject) -> None:
    before = (folder / COPY).read_bytes()
    enqueue(system_actor("test"), keys_job.NAME, key="again")
    assert worked_off().result == {"lines": ["Every copy of the keys is up to date."]}
    assert (folder / COPY).read_bytes() == before

"""A backup of the database that the tests run on: what is inside, what never is, and what is refused."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils.translation import override

from khlong.__main__ import main
from khlong.people.actor import account_actor, system_actor
from khlong.people.models import Attempt, User
from khlong.record import backup_job
from khlong.record.backup import LEFT_OUT, generations, locks, reading, writing
from khlong.record.backup.errors import BackupRefused
from khlong.record.backup.reading import Checker, Head, read
from khlong.record.backup.restoring import check
from khlong.record.backup.snapshot import migrations_of, snapshot
from khlong.record.backup.writing import Made, file_path, make
from khlong.record.errors import Refused
from khlong.record.jobs import cancel, enqueue, queue
from khlong.record.jobs import work as jobs_work
from khlong.record.models import AuditEntry, JobState

pytestmark = pytest.mark.django_db(transaction=True)
PAIR = locks.new_pair()


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield


@pytest.fixture(autouse=True)
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)
    monkeypatch.setattr(settings, "FILES_DIR", tmp_path / "files")
    monkeypatch.setattr(settings, "KEY_STORE", tmp_path / "keys.sqlite3")
    monkeypatch.setattr("khlong.record.backup.commands.os.nice", lambda _more: 0)
    monkeypatch.setattr("khlong.record.backup_job.NICE", 0)
    locks.keep_recipient(PAIR.public)
    (tmp_path / "key").write_text(PAIR.secret)
    return tmp_path


@pytest.fixture(autouse=True)
def emptied(transactional_db: None) -> Iterator[None]:
    """The audit refuses to be emptied after a test, as it should; here it is, with its triggers away."""
    yield
    if connection.vendor == "sqlite":
        protect = importlib.import_module("khlong.record.migrations.0002_append_only")
        with connection.cursor() as cursor:
            for verb in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER record_audit_no_{verb}")
            cursor.execute("DELETE FROM record_auditentry")
            for statement in protect.SQLITE:
                cursor.execute(statement)


@pytest.fixture
def somying() -> User:
    return User.objects.create_user("somying", password="long-enough-word")


def identity(var: Path) -> Any:
    return locks.identity_from(var / "key")


def keep(data: bytes) -> str:
    """Put bytes into the folder of files."""
    digest = hashlib.sha256(data).hexdigest()
    file_path(digest).parent.mkdir(parents=True, exist_ok=True)
    file_path(digest).write_bytes(data)
    return digest


class Collected(Checker):
    """Remembers what a backup holds."""

    def __init__(self) -> None:
        self.tables: dict[str, list[list[Any]]] = {}
        self.files: dict[str, bytes] = {}

    def rows(self, table: Any, rows: list[list[Any]]) -> None:
        self.tables.setdefault(table.name, []).extend(rows)

    def file(self, digest: str, pieces: Any) -> None:
        self.files[digest] = b"".join(pieces)


def collected(var: Path, made: Made) -> tuple[Head, Collected]:
    found = Collected()
    return read(made.path, identity(var), found).head, found


def test_a_backup_holds_all_rows_and_files_and_is_whole(var: Path, somying: User) -> None:
    digest = keep(b"a picture")
    made = make(full=True)
    head, found = collected(var, made)
    assert found.files == {digest: b"a picture"}
    columns = head.tables["people_user"][0].names
    (row,) = found.tables["people_user"]
    assert dict(zip(columns, row, strict=True))["username"] == "somying"
    assert head.rows == made.rows == sum(map(len, found.tables.values()))
    assert ("record", "0001_initial") in head.migrations
    assert check(made.path, identity(var)).files == 1


def test_sessions_attempts_and_keys_are_not_inside(var: Path, somying: User, client: Any) -> None:
    client.force_login(somying)
    Attempt.objects.create(key="k" * 64)
    (var / "master.key").write_text("master-of-all-keys" * 4)
    head, found = collected(var, make())
    assert not set(head.tables) & set(LEFT_OUT)
    assert not any("master-of-all-keys" in str(rows) for rows in found.tables.values())
    assert set(LEFT_OUT) <= set(connection.introspection.table_names()), "a table that is left out has gone"


def test_every_table_of_the_database_is_inside_or_left_out_with_a_reason(var: Path) -> None:
    with snapshot() as moment:
        inside = {table.name for table in moment.tables()}
    derived = {
        name for name in connection.introspection.table_names() if name.startswith("record_search_fts")
    }
    assert set(connection.introspection.table_names()) == inside | set(LEFT_OUT) | derived


@pytest.mark.skipif(connection.vendor != "postgresql", reason="a database in memory has one connection")
@pytest.mark.postgresql
def test_the_moment_stays_while_others_write(somying: User) -> None:
    with snapshot() as moment:
        (users,) = [table for table in moment.tables() if table.name == "people_user"]
        assert moment.count(users) == 1
        User.objects.create_user("later")
        assert moment.count(users) == len(list(moment.rows(users))) == 1
    with snapshot() as moment:
        assert moment.count(users) == 2


def test_files_that_an_earlier_backup_holds_are_not_copied_again(var: Path) -> None:
    first = keep(b"one")
    old = make()
    second = keep(b"two")
    new = make()
    assert (old.new_files, new.new_files, new.files) == (1, 1, 2)
    head, found = collected(var, new)
    assert found.files == {first: b"one", second: b"two"}
    assert head.earlier == {old.path.name: {first}}
    old.path.rename(var / "elsewhere")
    with pytest.raises(BackupRefused, match=f"lie in an earlier one, {old.path.name}"):
        check(new.path, identity(var))
    last = make()
    assert last.path.name != old.path.name
    assert set(collected(var, last)[1].files) == {first, second}


def test_a_file_that_is_damaged_on_the_disk_is_named_and_the_rest_is_saved(var: Path) -> None:
    good, bad = keep(b"good"), keep(b"bad")
    file_path(bad).write_bytes(b"BAD")
    made = make()
    assert made.damaged == [bad]
    assert collected(var, made)[1].files[good] == b"good"


def test_a_backup_that_is_stopped_leaves_nothing(var: Path) -> None:
    def stop(done: int, total: int, note: str) -> None:
        raise KeyError("stopped")

    with pytest.raises(KeyError):
        make(told=stop)
    assert list((var / "backups").iterdir()) == []
    assert generations.listed() == []


def test_progress_grows_to_the_whole(var: Path) -> None:
    keep(b"x" * 5000)
    told: list[tuple[int, int]] = []
    make(told=lambda done, total, _note: told.append((done, total)))
    assert [done for done, _total in told] == sorted(done for done, _total in told)
    assert told[-1][0] == told[-1][1] > 5000


def test_a_backup_of_a_newer_khlong_is_refused_with_its_migration(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        writing, "migrations_of", lambda moment: [*migrations_of(moment), ["pilots", "0007_x"]]
    )
    made = make()
    with pytest.raises(BackupRefused, match=r"newer Khlong .*pilots\.0007_x.*Update"):
        check(made.path, identity(var))


def test_a_backup_of_an_unknown_form_is_refused(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "FORM", "khlong-backup-9")
    made = make()
    with pytest.raises(BackupRefused, match="newer Khlong"):
        check(made.path, identity(var))


@pytest.mark.parametrize("what", ["rows", "parts"])
def test_a_manifest_that_does_not_fit_is_refused(
    what: str, var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make()
    old = reading._Reading.finish

    def spoiled(self: Any) -> None:
        if what == "rows":
            self.manifest["tables"]["django_migrations"]["sum"] = "0" * 32
        else:
            self.found.pop(next(name for name in self.found if name.startswith("tables/")))
        old(self)

    monkeypatch.setattr(reading._Reading, "finish", spoiled)
    with pytest.raises(BackupRefused, match="damaged or was cut off"):
        check(made.path, identity(var))


# --- the command -----------------------------------------------------------------------------------------


def test_the_command_makes_keys_once_and_keeps_only_the_public_one(
    var: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    locks.recipient_path().unlink()
    assert main(["backup", "keys"]) == 0
    shown = capsys.readouterr().out
    secret = next(word for word in shown.split() if word.startswith("AGE-SECRET-KEY-"))
    assert not any(secret in path.read_text(errors="replace") for path in var.rglob("*") if path.is_file())
    assert main(["backup", "keys"]) == 2
    assert "--replace" in capsys.readouterr().err


def test_the_command_makes_lists_and_checks_a_backup(var: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backup", "--pace", "0"]) == 0
    (path,) = (var / "backups").glob("khlong-2*.khb")
    assert str(path) in capsys.readouterr().out
    assert main(["backup", "list"]) == 0
    assert str(path) in capsys.readouterr().out
    assert main(["restore", str(path), "--identity", str(var / "key"), "--check"]) == 0
    assert "all whole" in capsys.readouterr().out


def test_a_restore_over_a_database_that_is_there_is_refused(
    var: Path, somying: User, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor == "sqlite":
        (var / "db.sqlite3").write_bytes(b"something")
        monkeypatch.setitem(connection.settings_dict, "NAME", str(var / "db.sqlite3"))
        (var / "backups").mkdir()
        (var / "backups" / "any.khb").write_bytes(b"")
        path = var / "backups" / "any.khb"
    else:
        path = make().path
    assert main(["restore", str(path), "--identity", str(var / "key")]) == 2
    assert "--replace" in capsys.readouterr().err


# --- the job ---------------------------------------------------------------------------------------------


def finished(row: Any) -> Any:
    """Run the job as a worker does."""
    claimed = queue.claim("test")
    assert claimed is not None
    assert claimed.pk == row.pk
    jobs_work.run(claimed)
    row.refresh_from_db()
    return row


def test_the_job_makes_a_backup_and_says_what_is_in_it(var: Path) -> None:
    row = finished(enqueue(system_actor("test"), backup_job.NAME))
    assert row.state == JobState.DONE, row.error
    (made,) = generations.standing()
    assert made.name in row.result["lines"][0]


def test_the_job_fails_in_words_without_a_key(var: Path) -> None:
    locks.recipient_path().unlink()
    row = finished(enqueue(system_actor("test"), backup_job.NAME))
    assert (row.state, "./khlong backup keys" in row.error) == (JobState.FAILED, True)


def test_only_those_who_keep_the_installation_start_it(somying: User) -> None:
    with pytest.raises(Refused):
        enqueue(account_actor(somying), backup_job.NAME)
    somying.is_steward = True
    somying.save()
    assert enqueue(account_actor(somying), backup_job.NAME).pk


def test_a_job_that_is_cancelled_leaves_no_backup(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = enqueue(system_actor("test"), backup_job.NAME)
    claimed = queue.claim("test")
    assert claimed is not None
    cancel(system_actor("test"), claimed)
    jobs_work.run(claimed)
    row.refresh_from_db()
    assert row.state == JobState.CANCELLED
    assert not generations.listed()
    assert not list(var.rglob("*.khb"))


def test_what_is_in_the_backup_is_not_in_the_audit(var: Path) -> None:
    finished(enqueue(system_actor("test"), backup_job.NAME))
    assert not AuditEntry.objects.filter(fields__icontains=PAIR.public)

"""How Khlong prepares its folder, keys, database and address before it serves."""

from __future__ import annotations

import os
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from khlong.people import keys
from khlong.web import start
from khlong.web.start import RefusalError

ROOT = Path(__file__).resolve().parent.parent


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KHLONG_VAR", str(tmp_path / "var with space"))
    monkeypatch.setenv("PYTHAINLP_DATA", "")
    return tmp_path / "var with space"


# --- folder and keys ------------------------------------------------------------------------


def test_the_folder_and_the_key_are_made_for_the_owner_alone(var: Path) -> None:
    previous = os.umask(0)
    try:
        start.prepare_environment()
    finally:
        os.umask(previous)
    assert mode(var) == 0o700
    assert sorted(path.name for path in var.iterdir()) == sorted(start.KEYS)
    assert len({path.read_text() for path in var.iterdir()}) == len(start.KEYS)
    for name in start.KEYS:
        assert mode(var / name) == 0o600
        assert len((var / name).read_text()) >= 40


def test_a_key_that_is_there_stays(var: Path) -> None:
    start.prepare_environment()
    before = (var / "secret.key").read_text()
    start.prepare_environment()
    assert (var / "secret.key").read_text() == before


def test_a_lost_master_key_is_never_replaced_by_a_fresh_one(var: Path) -> None:
    start.prepare_environment()
    (var / "keys.sqlite3").touch()
    (var / "master.key").unlink()
    (var / "secret.key").unlink()
    start.prepare_environment()
    assert not (var / "master.key").exists()
    assert (var / "secret.key").exists()


def test_a_key_that_the_environment_has_is_not_made(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHLONG_MASTER_KEY", "m" * 40)
    start.prepare_environment()
    assert not (var / "master.key").exists()
    assert (var / "pseudonym.key").exists()


@pytest.mark.django_db
def test_a_wrong_master_key_stops_the_start_and_a_missing_one_of_a_person_does_not(
    tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.KEY_STORE, settings.MASTER_KEY_FILE = tmp_path / "keys.sqlite3", tmp_path / "master.key"
    start.ensure_key(tmp_path / "master.key")
    keys.new_subject()
    start.keys_in_order()
    assert capsys.readouterr().err == ""
    (tmp_path / "keys.sqlite3").rename(tmp_path / "elsewhere")
    start.keys_in_order()
    assert "the keys of 1 people are missing" in capsys.readouterr().err
    (tmp_path / "elsewhere").rename(tmp_path / "keys.sqlite3")
    (tmp_path / "master.key").write_text("n" * 64)
    with pytest.raises(ImproperlyConfigured, match="master key is not the one"):
        start.keys_in_order()


def test_of_many_starts_at_once_all_have_the_same_key(tmp_path: Path) -> None:
    made: list[bool] = []
    ready = threading.Barrier(8)

    def make() -> None:
        ready.wait()
        made.append(start.ensure_key(tmp_path / "secret.key"))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False] * 7 + [True]
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_a_folder_that_cannot_be_written_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("KHLONG_VAR", str(tmp_path / "file" / "var"))
    with pytest.raises(RefusalError, match="KHLONG_VAR"):
        start.prepare_environment()


# --- database -------------------------------------------------------------------------------


def test_an_old_sqlite_is_refused_with_its_version() -> None:
    start.check_sqlite()
    with pytest.raises(RefusalError, match=r"3\.34\.1 is too old"):
        start.check_sqlite((3, 34, 1))


class NoSearch(sqlite3.Connection):
    def execute(self, *_args: object) -> sqlite3.Cursor:
        raise sqlite3.OperationalError("no such module: fts5")


def test_an_sqlite_without_full_text_search_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "connect", NoSearch)
    with pytest.raises(RefusalError, match="no such module: fts5"):
        start.check_sqlite()


@pytest.mark.django_db
def test_a_database_of_a_newer_khlong_is_refused_and_named() -> None:
    MigrationRecorder(connection).record_applied("pilots", "0007_lessons")
    with pytest.raises(RefusalError, match=r"pilots\.0007_lessons.*update Khlong"):
        start.migrate()


@pytest.mark.django_db
def test_a_database_that_is_up_to_date_is_left_alone() -> None:
    assert start.migrate() is False


@pytest.mark.django_db
def test_a_stamp_is_kept_in_the_database_and_replaced() -> None:
    assert start.read_stamp("programme") == ""
    start.write_stamp("programme", "one")
    start.write_stamp("programme", "two")
    assert start.read_stamp("programme") == "two"


def test_the_programmes_stamp_follows_the_data_and_the_loading_code(tmp_path: Path) -> None:
    data, package = tmp_path / "data", tmp_path / "khlong"
    (data / "cities").mkdir(parents=True)
    (package / "places").mkdir(parents=True)
    (data / "cities" / "bo-yang.yaml").write_text("a")
    (package / "places" / "load.py").write_text("b")
    first = start.programme_stamp(data, package)
    (package / "places" / "views.py").write_text("c")
    assert start.programme_stamp(data, package) == first
    (data / "cities" / "bo-yang.yaml").write_text("changed")
    second = start.programme_stamp(data, package)
    (package / "places" / "load.py").write_text("changed")
    assert len({first, second, start.programme_stamp(data, package)}) == 3


def test_static_files_are_collected_once_and_again_when_the_result_is_gone(
    var: Path, settings: object
) -> None:
    start.prepare_environment()
    settings.STATIC_ROOT = var / "static"  # type: ignore[attr-defined]
    settings.STORAGES = {  # type: ignore[attr-defined]
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    assert start.collect_static(var) is True
    assert start.collect_static(var) is False
    (var / "static" / "staticfiles.json").unlink()
    assert start.collect_static(var) is True


# --- address --------------------------------------------------------------------------------


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    listening = socket.create_server(("127.0.0.1", 0))
    yield listening
    listening.close()


def test_a_taken_port_that_was_asked_for_is_refused_by_number(taken: socket.socket) -> None:
    port = taken.getsockname()[1]
    with pytest.raises(RefusalError, match=f"port {port} is taken.*--port"):
        start.chosen_socket("127.0.0.1", port)


def test_without_a_wish_the_next_free_port_is_taken_and_said(
    taken: socket.socket, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port = taken.getsockname()[1]
    with start.chosen_socket("127.0.0.1", 0) as free:
        spare = free.getsockname()[1]
    monkeypatch.setattr(start, "PORTS", (port, spare))
    with start.chosen_socket("127.0.0.1", None) as chosen:
        assert chosen.getsockname()[1] == spare
    assert f"port {port} is taken; using {spare}" in capsys.readouterr().err


def test_when_every_port_is_taken_the_way_out_is_said(
    taken: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "PORTS", (taken.getsockname()[1],))
    with pytest.raises(RefusalError, match="--port 0"):
        start.chosen_socket("127.0.0.1", None)


def test_a_foreign_address_is_refused_in_words() -> None:
    with pytest.raises(RefusalError, match="cannot listen on"):
        start.chosen_socket("192.0.2.1", 0)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((500, "", "<html lang='th'><title>Oops</title></html>"), "status 500, 'Oops'"),
        ((200, "", "not a page"), "not a page"),
        ((302, "/", ""), "status 302"),
    ],
)
def test_an_answer_that_is_no_page_fails_the_check(
    monkeypatch: pytest.MonkeyPatch, answer: tuple[int, str, str], reason: str
) -> None:
    monkeypatch.setattr(start, "fetch", lambda *_where: answer)
    with pytest.raises(RefusalError, match=reason):
        start.first_page("127.0.0.1", 1)


def test_the_first_page_is_followed_through_redirects(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = {"/": (302, "/th/", ""), "/th/": (200, "", '<!doctype html><html lang="th"></html>')}
    monkeypatch.setattr(start, "fetch", lambda _host, _port, path: pages[path])
    assert "lang" in start.first_page("127.0.0.1", 1)


def test_the_throw_away_folder_is_gone_afterwards_and_the_settings_are_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KHLONG_VAR", "/kept")
    monkeypatch.setenv("KHLONG_DATABASE_URL", "postgresql:///kept")
    with start.throwaway_var():
        folder = Path(os.environ["KHLONG_VAR"])
        assert folder.is_dir()
        assert os.environ["KHLONG_DATABASE_URL"] == "sqlite"
    assert not folder.exists()
    assert os.environ["KHLONG_VAR"] == "/kept"
    assert os.environ["KHLONG_DATABASE_URL"] == "postgresql:///kept"


def test_a_wrong_setting_ends_with_two_and_one_line(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "khlong.web.start", "serve", "--port", "0"],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "KHLONG_VAR": str(tmp_path),
            "KHLONG_DEBUG": "perhaps",
        }
        | {"DJANGO_SETTINGS_MODULE": "khlong.web.settings", "KHLONG_DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert told.stderr.count("\n") == 1
    assert "KHLONG_DEBUG='perhaps'" in told.stderr


def test_data_files_are_taken_into_a_machine_that_was_never_started(var: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "sources.yaml").write_text("sources: {S1: {publisher: ก, date: undated}}\n", encoding="utf-8")
    env = {key: value for key, value in os.environ.items() if not key.startswith(("KHLONG_", "DJANGO_"))}
    env |= {"KHLONG_VAR": str(var), "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "khlong.web.start", "command", "load", str(data)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "added 1 source" in done.stdout

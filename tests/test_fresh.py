"""An empty database is made at once, and is the same as one that went through every migration."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from tools.postgres import UnavailableError, cluster

from khlong.web import fresh

ROOT = Path(__file__).resolve().parent.parent
WAYS = ("at-once", "one-by-one")
Told = dict[str, Any]


def told(way: str, var: Path, database: str) -> Told:
    """What the database is made of after it was made this way by a program of its own."""
    var.mkdir()
    env = os.environ | {"KHLONG_VAR": str(var), "KHLONG_DATABASE_URL": database}
    done = subprocess.run(
        [sys.executable, "-m", "tests.schema", way],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made: Told = json.loads(done.stdout)
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Told, Told]]:
    if request.param == "sqlite":
        yield told(WAYS[0], tmp_path / WAYS[0], "sqlite"), told(WAYS[1], tmp_path / WAYS[1], "sqlite")
        return
    try:
        with cluster() as address:
            with psycopg.connect(address, autocommit=True) as opened:
                opened.execute(
                    "CREATE DATABASE other TEMPLATE template0 LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
                )
            other = f"{address.rpartition('/')[0]}/other"
            yield told(WAYS[0], tmp_path / WAYS[0], address), told(WAYS[1], tmp_path / WAYS[1], other)
    except UnavailableError as error:
        pytest.skip(str(error))


@pytest.mark.slow
def test_both_ways_lead_to_the_same_tables_triggers_rows_and_notes(both: tuple[Told, Told]) -> None:
    at_once, one_by_one = both
    assert len(at_once["made"]) > 400
    assert any(kind == "trigger" for kind, *_ in at_once["made"])
    assert at_once["words"]
    for part in at_once:
        assert at_once[part] == one_by_one[part], part


@pytest.fixture
def empty(db: None, tmp_path: Path) -> Iterator[BaseDatabaseWrapper]:
    """An empty SQLite database in a file, besides the one of the tests."""
    if connection.vendor != "sqlite":
        pytest.skip("a file of its own is made on SQLite")
    opened = connection.copy("empty")
    opened.settings_dict = opened.settings_dict | {"NAME": str(tmp_path / "empty.sqlite3")}
    connections["empty"] = opened
    yield opened
    opened.close()
    del connections["empty"]


def test_what_breaks_off_half_way_leaves_no_table(
    empty: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(fresh, "_make_what_waited", broken)
    with pytest.raises(KeyboardInterrupt):
        fresh.make_tables(empty)
    assert empty.introspection.table_names() == ["django_migrations"]
    assert fresh.is_empty(empty, MigrationExecutor(empty))


def test_a_database_with_one_of_our_tables_is_left_to_the_migrations(empty: BaseDatabaseWrapper) -> None:
    with empty.cursor() as cursor:
        cursor.execute("CREATE TABLE record_stamp (id integer)")
    assert not fresh.make_tables(empty)
    assert empty.introspection.table_names() == ["record_stamp"]


def test_tables_of_others_do_not_count(empty: BaseDatabaseWrapper) -> None:
    with empty.cursor() as cursor:
        cursor.execute("CREATE TABLE spatial_ref_sys (id integer)")
    assert fresh.is_empty(empty, MigrationExecutor(empty))


def test_a_database_that_went_through_migrations_is_left_alone(db: None) -> None:
    assert not fresh.make_tables(connection)

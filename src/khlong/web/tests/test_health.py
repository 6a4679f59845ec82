"""Health, readiness and figures: what they find, and to whom they tell it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from khlong.record.backup import generations
from khlong.record.backup.generations import Generation
from khlong.record.models import Worker
from khlong.web import health, metrics
from khlong.web.counting import counting_folder

FAR: Any = {"REMOTE_ADDR": "192.0.2.9"}
TOKEN = "t" * 20


@pytest.fixture(autouse=True)
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)
    monkeypatch.setattr(health, "_migrated", False)
    monkeypatch.setattr(settings, "KHLONG", {**settings.KHLONG, "metrics_token": TOKEN, "disk_free_mb": 1})
    return tmp_path


@pytest.fixture
def at_work(db: None) -> Worker:
    now = timezone.now()
    return Worker.objects.create(name="one", beat_at=now)


def checks(client: Client) -> Any:
    return client.get("/health/ready/").json()["checks"]


def test_a_house_in_order_is_ready(at_work: Worker, client: Client) -> None:
    response = client.get("/health/ready/")
    assert (response.status_code, response.json()["ok"]) == (200, True)
    assert set(response.json()["checks"]) == {"database", "migrations", "worker", "disk", "backup"}
    assert "no-store" in response["Cache-Control"]


def test_the_details_are_for_this_machine_and_for_who_has_the_token(at_work: Worker, client: Client) -> None:
    assert client.get("/health/ready/", **FAR).json() == {"ok": True}
    opened = client.get("/health/ready/", headers={"authorization": f"Bearer {TOKEN}"}, **FAR)
    assert "checks" in opened.json()


def test_a_worker_that_is_silent_or_was_never_there_is_told(at_work: Worker, client: Client) -> None:
    Worker.objects.update(beat_at=timezone.now() - 2 * health.SILENT)
    response = client.get("/health/ready/")
    assert (response.status_code, response.json()["checks"]["worker"]["ok"]) == (503, False)
    Worker.objects.all().delete()
    assert checks(client)["worker"]["ok"] is False


def test_migrations_that_are_missing_are_told(
    at_work: Worker, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db.migrations.executor import MigrationExecutor

    with monkeypatch.context() as patch:
        patch.setattr(MigrationExecutor, "migration_plan", lambda *_: [("one", False)])
        assert checks(client)["migrations"] == {"ok": False, "missing": 1}
    assert checks(client)["migrations"]["ok"] is True


def test_a_disk_with_too_little_room_is_told(
    at_work: Worker, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "KHLONG", {**settings.KHLONG, "disk_free_mb": 10**9})
    found = checks(client)["disk"]
    assert (found["ok"], found["free_mb"] > 0) == (False, True)


def test_a_database_that_does_not_answer_is_told_and_the_others_are_still_asked(
    at_work: Worker, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> Any:
        raise DatabaseError("gone")

    monkeypatch.setitem(health.CHECKS, "database", gone)
    found = checks(client)
    assert found["database"] == {"ok": False, "why": "gone"}
    assert found["disk"]["ok"] is True


def test_a_backup_is_late_only_where_there_is_to_be_one(
    var: Path, at_work: Worker, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert checks(client)["backup"] == {"ok": True, "hours": None, "name": None}
    monkeypatch.setattr(settings, "KHLONG", {**settings.KHLONG, "backup.every": timedelta(hours=24)})
    assert checks(client)["backup"]["ok"] is False
    (var / "one.khb").write_bytes(b"1234")
    for hours, fine in ((47, True), (49, False)):
        made = timezone.now() - timedelta(hours=hours)
        generations.write([Generation("one.khb", str(var), made.isoformat(), 4, 1)])
        assert (checks(client)["backup"]["ok"], checks(client)["backup"]["hours"]) == (fine, hours)


# --- figures -------------------------------------------------------------------------------------------


def test_figures_are_for_this_machine_and_for_who_has_the_token(at_work: Worker, client: Client) -> None:
    assert client.get("/metrics", **FAR).status_code == 404
    assert client.get("/metrics", headers={"x-forwarded-for": "203.0.113.7"}).status_code == 404
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}, **FAR).status_code == 200


def test_requests_are_counted_by_the_name_of_their_page_and_never_by_their_address(
    at_work: Worker, client: Client
) -> None:
    client.get("/health/")
    client.get("/r/D-PTG-9999/")
    client.get("/not-a-page-somying-0812345678/")
    told = client.get("/metrics").content.decode()
    assert 'khlong_requests_total{method="GET",route="health",status="200"}' in told
    assert 'khlong_request_seconds_count{route="health"}' in told
    assert "D-PTG-9999" not in told
    assert "somying" not in told


def test_the_figures_of_queue_disk_and_backups_are_told(var: Path, at_work: Worker, client: Client) -> None:
    (var / "one.khb").write_bytes(b"1234")
    generations.write([Generation("one.khb", str(var), "2026-11-22T09:00:00+00:00", 4, 1)])
    told = client.get("/metrics").content.decode()
    for line in (
        "khlong_worker_ok 1.0",
        "khlong_worker_outbox_waiting 0.0",
        "khlong_worker_failed 0.0",
        "khlong_backup_bytes 4.0",
        "khlong_backup_made_at 1.7",
        "khlong_disk_free_mb ",
    ):
        assert line in told


def test_what_ended_servers_counted_is_removed_and_what_runs_is_kept(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for name in (str(gone.pid), "1", "strange"):
        (tmp_path / "metrics" / name).mkdir(parents=True)
    made = counting_folder(tmp_path)
    assert made.is_dir()
    assert {path.name for path in (tmp_path / "metrics").iterdir()} == {"1", made.name}


@pytest.mark.slow
def test_the_processes_of_a_real_server_count_together(tmp_path: Path) -> None:
    from khlong.web.start import ROOT, server_command

    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("KHLONG_", "PROMETHEUS"))
    }
    env |= {"KHLONG_VAR": str(tmp_path), "KHLONG_SECRET_KEY": "k" * 50}
    env |= {
        "DJANGO_SETTINGS_MODULE": "khlong.web.settings",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    (tmp_path / "static").mkdir()
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], env=env, check=True)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = subprocess.Popen(server_command(listening, 2), env=env, pass_fds=[listening.fileno()])
        try:
            port = listening.getsockname()[1]
            for _ in range(30):
                assert _fetched(port, "/health/")
            told = _fetched(port, "/metrics")
            assert 'khlong_requests_total{method="GET",route="health",status="200"} 30.0' in told
        finally:
            server.terminate()
            server.wait(60)


def _fetched(port: int, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse().read().decode()
    connection.close()
    return answer


def test_the_figures_say_nothing_of_people() -> None:
    names = {family.name for family in metrics.REGISTRY.collect()}
    assert names == {"khlong_requests", "khlong_request_seconds"}
    labels = {label for one in (metrics.REQUESTS, metrics.SECONDS) for label in one._labelnames}
    assert labels == {"route", "method", "status"}

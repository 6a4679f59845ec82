"""The database's address, the key of sessions, and the settings in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from khlong.web.env import database_from_url, secret
from khlong.web.options import Values

KEY = "k" * 50


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "secret.key"
    path.write_text(f"{KEY}\n")
    path.chmod(0o600)
    return path


def test_a_secret_is_read_from_a_file_of_its_owner(key_file: Path) -> None:
    assert secret(Values({}), "secret_key", key_file) == KEY


def test_a_setting_goes_before_the_file(key_file: Path) -> None:
    assert secret(Values({"secret_key": "from a setting"}), "secret_key", key_file) == "from a setting"


def test_a_secret_that_is_nowhere_is_refused_with_both_ways_out(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"set KHLONG_SECRET_KEY, or start once with \./run"):
        secret(Values({}), "secret_key", tmp_path / "secret.key")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_secret_that_others_can_read_is_refused_with_the_mend(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    with pytest.raises(ImproperlyConfigured, match="chmod 600"):
        secret(Values({}), "secret_key", key_file)


def test_a_secret_that_is_too_short_is_refused(key_file: Path) -> None:
    key_file.write_text("short")
    with pytest.raises(ImproperlyConfigured, match="too short"):
        secret(Values({}), "secret_key", key_file)


@pytest.mark.parametrize("url", ["", "sqlite"])
def test_without_an_address_the_database_is_an_sqlite_file_that_waits_for_writers(
    url: str, tmp_path: Path
) -> None:
    made = database_from_url(url, tmp_path / "db.sqlite3")
    assert (made["ENGINE"], made["NAME"]) == ("django.db.backends.sqlite3", str(tmp_path / "db.sqlite3"))
    assert made["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        assert pragma in made["OPTIONS"]["init_command"]


ADDRESSES: list[tuple[str, dict[str, Any]]] = [
    (
        "postgresql://khlong:p%40ss%2Fword@db.example.org:5433/khlong",
        {
            "NAME": "khlong",
            "USER": "khlong",
            "PASSWORD": "p@ss/word",
            "HOST": "db.example.org",
            "PORT": "5433",
        },
    ),
    (
        "postgres://khlong@localhost/khlong",
        {"NAME": "khlong", "USER": "khlong", "PASSWORD": "", "HOST": "localhost", "PORT": ""},
    ),
    (
        "postgresql://khlong@%2Fvar%2Frun%2Fpostgresql/khlong",
        {"HOST": "/var/run/postgresql", "NAME": "khlong"},
    ),
    ("postgresql:///khlong", {"HOST": "", "NAME": "khlong"}),
]


@pytest.mark.parametrize(("url", "expected"), ADDRESSES)
def test_a_postgresql_address_is_taken_apart(url: str, expected: dict[str, Any]) -> None:
    made = database_from_url(url, Path("unused"))
    assert made["ENGINE"] == "django.db.backends.postgresql"
    assert {name: made[name] for name in expected} == expected


@pytest.mark.parametrize(
    "url", ["mysql://x/y", "postgresql://host", "postgresql://host/", "sqlite:///x", "khlong", "://"]
)
def test_an_address_that_is_none_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="postgresql://user:password@host:5432/name"):
        database_from_url(url, Path("unused"))


# --- settings from the environment, in a process of its own ----------------------------------

SHOW = """
import json
from khlong.web import settings as s
names = ["DEBUG", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS",
         "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "LANGUAGE_CODE", "TIME_ZONE"]
print(json.dumps({name: getattr(s, name) for name in names} | {"data": str(s.DATA_DIR), "var": str(s.VAR_DIR),
      "engine": s.DATABASES["default"]["ENGINE"]}))
"""


def test_a_settings_file_in_the_folder_is_read_and_the_environment_goes_before_it(tmp_path: Path) -> None:
    (tmp_path / "khlong.toml").write_text('https = true\nhosts = ["khlong.example.org"]\n')
    found = json.loads(settings_with(tmp_path).stdout)
    assert (found["SECURE_SSL_REDIRECT"], found["ALLOWED_HOSTS"][0]) == (True, "khlong.example.org")
    assert json.loads(settings_with(tmp_path, KHLONG_HTTPS="0").stdout)["SECURE_SSL_REDIRECT"] is False


def settings_with(tmp_path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KHLONG_", "DJANGO_"))}
    paths = os.pathsep.join([str(settings.BASE_DIR / "src"), str(settings.BASE_DIR)])
    given = {"KHLONG_SECRET_KEY": KEY, "KHLONG_VAR": str(tmp_path), "PYTHONPATH": paths} | env
    return subprocess.run(
        [sys.executable, "-c", SHOW], env=kept | given, capture_output=True, text=True, check=False
    )


def test_without_settings_it_is_a_machine_of_its_own_in_thai(tmp_path: Path) -> None:
    found = json.loads(settings_with(tmp_path).stdout)
    assert (found["DEBUG"], found["SECURE_SSL_REDIRECT"], found["SECURE_HSTS_SECONDS"]) == (False, False, 0)
    assert found["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]"]
    assert (found["LANGUAGE_CODE"], found["TIME_ZONE"]) == ("th", "Asia/Bangkok")
    assert found["data"] == str(settings.BASE_DIR / "data")


def test_behind_https_cookies_are_secure_and_browsers_are_told_to_stay(tmp_path: Path) -> None:
    env = {
        "KHLONG_HTTPS": "1",
        "KHLONG_HOSTS": "khlong.example.org",
        "KHLONG_ORIGINS": "https://khlong.example.org",
    }
    found = json.loads(settings_with(tmp_path, **env).stdout)
    assert [
        found[name] for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT")
    ] == [True] * 3
    assert found["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://khlong.example.org"]


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"KHLONG_DEBUG": "maybe"}, "KHLONG_DEBUG"),
        ({"KHLONG_HTTPS": "perhaps"}, "KHLONG_HTTPS"),
        ({"KHLONG_SECRET_KEY": ""}, "no secret key"),
        ({"KHLONG_DATABASE_URL": "mysql://x/y"}, "KHLONG_DATABASE_URL"),
        ({"KHLONG_HOST": "khlong.example.org"}, "did you mean KHLONG_HOSTS?"),
        ({"KHLONG_SETTINGS": "/nowhere/khlong.toml"}, "there is no file /nowhere/khlong.toml"),
    ],
)
def test_a_setting_that_is_not_understood_ends_the_start(
    tmp_path: Path, env: dict[str, str], says: str
) -> None:
    done = settings_with(tmp_path, **env)
    assert done.returncode != 0
    assert says in done.stderr.splitlines()[-1]

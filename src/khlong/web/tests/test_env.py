"""The environment: what is not understood is refused in words that say what to write."""

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

from khlong.web.env import database_from_url, email_from_url, flag, names, public_address, secret

KEY = "k" * 50


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1", True),
        ("true", True),
        (" YES ", True),
        ("on", True),
        ("0", False),
        ("False", False),
        ("no", False),
        ("off", False),
    ],
)
def test_yes_and_no_are_read_in_the_ways_people_write_them(
    written: str, read: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHLONG_X", written)
    assert flag("KHLONG_X", default=not read) is read


@pytest.mark.parametrize("default", [True, False])
@pytest.mark.parametrize("written", [None, "", "  "])
def test_what_is_not_set_takes_the_default(
    written: str | None, default: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KHLONG_X", raising=False)
    if written is not None:
        monkeypatch.setenv("KHLONG_X", written)
    assert flag("KHLONG_X", default=default) is default


@pytest.mark.parametrize("written", ["maybe", "2", "ใช่", "y"])
def test_a_yes_or_no_that_is_neither_is_refused_by_name(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHLONG_DEBUG", written)
    with pytest.raises(ImproperlyConfigured, match=r"KHLONG_DEBUG=.*neither yes nor no: write 1 or 0"):
        flag("KHLONG_DEBUG", default=False)


def test_a_list_is_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHLONG_HOSTS", " khlong.example.org, 10.0.0.7 ,,")
    assert names("KHLONG_HOSTS", default=["localhost"]) == ["khlong.example.org", "10.0.0.7"]
    monkeypatch.delenv("KHLONG_HOSTS")
    assert names("KHLONG_HOSTS", default=["localhost"]) == ["localhost"]


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("KHLONG_KEY", raising=False)
    path = tmp_path / "secret.key"
    path.write_text(f"{KEY}\n")
    path.chmod(0o600)
    return path


def test_a_secret_is_read_from_a_file_of_its_owner(key_file: Path) -> None:
    assert secret("KHLONG_KEY", key_file) == KEY


def test_the_environment_goes_before_the_file(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHLONG_KEY", "from the environment")
    assert secret("KHLONG_KEY", key_file) == "from the environment"


def test_a_secret_that_is_nowhere_is_refused_with_both_ways_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KHLONG_KEY", raising=False)
    with pytest.raises(ImproperlyConfigured, match=r"set KHLONG_KEY, or start once with \./run"):
        secret("KHLONG_KEY", tmp_path / "secret.key")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_secret_that_others_can_read_is_refused_with_the_mend(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    with pytest.raises(ImproperlyConfigured, match="chmod 600"):
        secret("KHLONG_KEY", key_file)


def test_a_secret_that_is_too_short_is_refused(key_file: Path) -> None:
    key_file.write_text("short")
    with pytest.raises(ImproperlyConfigured, match="too short"):
        secret("KHLONG_KEY", key_file)


def test_without_an_address_the_database_is_an_sqlite_file_that_waits_for_writers(tmp_path: Path) -> None:
    made = database_from_url("", tmp_path / "db.sqlite3")
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
        ({"KHLONG_EMAIL_URL": "mail.example.org"}, "KHLONG_EMAIL_URL"),
        ({"KHLONG_EMAIL_URL": "smtp://mail.example.org/?from=k@example.org"}, "KHLONG_ADDRESS"),
        ({"KHLONG_ADDRESS": "khlong.example.org"}, "KHLONG_ADDRESS"),
    ],
)
def test_a_setting_that_is_not_understood_ends_the_start(
    tmp_path: Path, env: dict[str, str], says: str
) -> None:
    done = settings_with(tmp_path, **env)
    assert done.returncode != 0
    assert says in done.stderr.splitlines()[-1]


def test_without_a_mail_server_nothing_is_sent() -> None:
    assert email_from_url("", "") == {
        "FROM": "",
        "BACKEND": "django.core.mail.backends.dummy.EmailBackend",
    }


@pytest.mark.parametrize(
    ("scheme", "port", "tls", "ssl"),
    [("smtp", 25, False, False), ("smtp+tls", 587, True, False), ("smtps", 465, False, True)],
)
def test_a_mail_server_is_one_address(scheme: str, port: int, tls: bool, ssl: bool) -> None:
    url = f"{scheme}://a%40b:p%2Fw@mail.example.org/?from=khlong@example.org"
    found = email_from_url(url, "https://khlong.example.org")
    assert (found["HOST"], found["PORT"], found["USE_TLS"], found["USE_SSL"]) == (
        "mail.example.org",
        port,
        tls,
        ssl,
    )
    assert (found["HOST_USER"], found["HOST_PASSWORD"], found["FROM"]) == ("a@b", "p/w", "khlong@example.org")


@pytest.mark.parametrize(
    "url",
    ["mail", "imap://mail.example.org/?from=k@example.org", "smtp://mail.example.org", "smtp:///?from=a@b"],
)
def test_a_mail_server_that_is_not_understood_is_refused_by_name(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="KHLONG_EMAIL_URL must look like"):
        email_from_url(url, "https://khlong.example.org")


def test_the_address_of_the_house_has_nothing_after_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHLONG_X", "https://khlong.example.org/")
    assert public_address("KHLONG_X") == "https://khlong.example.org"
    monkeypatch.setenv("KHLONG_X", "https://khlong.example.org/somewhere")
    with pytest.raises(ImproperlyConfigured, match="nothing after it"):
        public_address("KHLONG_X")

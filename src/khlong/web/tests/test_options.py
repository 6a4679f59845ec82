"""Settings: one table; what cannot hold is refused with its place and its mend, all at once."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from khlong.__main__ import main
from khlong.web import options
from khlong.web.kinds import FLAG, HOSTS, NAMES, NETWORKS, ORIGINS, SPAN, TEXT, Kind, choice, number
from khlong.web.options import BY_KEY, OPTIONS, example, load, read, table

AGE = "age1" + "q" * 58


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "khlong.toml"
    path.touch(mode=0o600)
    return path


def told(file: Path, text: str = "", **environ: str) -> list[str]:
    """What is complained of with this settings file and environment."""
    file.write_text(text, encoding="utf-8")
    return read({"KHLONG_VAR": str(file.parent), **environ})[1]


# --- kinds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["1", "true", " YES ", "on"])
def test_yes_is_read_in_the_ways_people_write_it(written: str) -> None:
    assert FLAG.of_text(written) is True


@pytest.mark.parametrize("written", ["0", "False", "no", "off"])
def test_no_is_read_in_the_ways_people_write_it(written: str) -> None:
    assert FLAG.of_text(written) is False


def test_a_list_is_separated_by_commas() -> None:
    assert HOSTS.of_text(" khlong.example.org, 10.0.0.7 ,,") == ["khlong.example.org", "10.0.0.7"]


@pytest.mark.parametrize(
    ("written", "seconds"), [("90s", 90), ("30m", 1800), ("24h", 86400), ("7 d", 604800), ("2w", 1209600)]
)
def test_a_span_of_time_names_its_unit(written: str, seconds: int) -> None:
    assert SPAN.of_text(written) == SPAN.of_file(written) == timedelta(seconds=seconds)


WRONG_TEXTS: list[tuple[Kind, str, str]] = [
    (FLAG, "maybe", "write 1 or 0"),
    (FLAG, "ใช่", "write 1 or 0"),
    (SPAN, "24", "such as 24h"),
    (SPAN, "0h", "such as 24h"),
    (number(1, 9), "10", "not between 1 and 9"),
    (number(1, 9), "1.5", "no whole number"),
    (choice("one", "two"), "three", "none of one, two"),
    (NETWORKS, "127.0.0.1,proxy", "'proxy' is no address"),
    (ORIGINS, "khlong.example.org", "write it like https://"),
    (ORIGINS, "https://khlong.example.org/", "without a path"),
    (HOSTS, "*", "name the hosts"),
    (HOSTS, "https://khlong.example.org", "only the name"),
    (HOSTS, "khlong.example.org:443", "only the name"),
]


@pytest.mark.parametrize(("kind", "written", "mend"), WRONG_TEXTS)
def test_what_is_written_wrongly_is_refused_with_the_mend(kind: Kind, written: str, mend: str) -> None:
    with pytest.raises(ValueError, match=mend):
        kind.of_text(written)


@pytest.mark.parametrize(
    ("kind", "value", "mend"),
    [
        (FLAG, "yes", "write true or false"),
        (TEXT, 7, "quotation marks"),
        (NAMES, "one", r'write \["one", "two"\]'),
        (number(1, 9), "5", "without quotation marks"),
        (number(1, 9), True, "no whole number"),
        (SPAN, 24, "quotation marks"),
    ],
)
def test_a_value_of_another_type_in_the_file_is_refused(kind: Kind, value: object, mend: str) -> None:
    with pytest.raises(ValueError, match=mend):
        kind.of_file(value)


def test_an_address_of_ip_version_six_is_a_host() -> None:
    assert HOSTS.of_text("[::1],[2001:db8::1]") == ["[::1]", "[2001:db8::1]"]


# --- file and environment ----------------------------------------------------------------------------


def test_parts_of_the_file_are_the_dots_of_the_keys(file: Path) -> None:
    file.write_text('[email]\nhost = "mail.example.org"\nport = 25\nsender = "a@example.org"\n')
    values = load({"KHLONG_VAR": str(file.parent), "KHLONG_EMAIL_PORT": "465"})
    assert (values["email.host"], values["email.port"]) == ("mail.example.org", 465)
    assert values.place("email.host") == f"{file} line 2, email.host"
    assert values.place("email.port") == "KHLONG_EMAIL_PORT"


def test_a_variable_that_is_empty_counts_as_not_set(file: Path) -> None:
    file.write_text('hosts = ["khlong.example.org"]')
    assert load({"KHLONG_VAR": str(file.parent), "KHLONG_HOSTS": " "})["hosts"] == ["khlong.example.org"]
    assert load({"KHLONG_VAR": "/nowhere"})["hosts"] == ["127.0.0.1", "localhost", "[::1]"]


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_one(file: Path) -> None:
    assert told(file, '# mine\n\nhost = ["khlong.example.org"]\n') == [
        f"{file} line 3, host: there is no such setting: did you mean hosts?"
    ]
    assert "email.port" in told(file, "[email]\nprot = 25\n")[0]
    assert "--example shows all" in told(file, "zzzzzzz = 1\n")[0]


def test_everything_that_cannot_hold_is_told_at_once(file: Path) -> None:
    text = 'https = "yes"\n[backup]\nkeep = 0\n'
    assert told(file, text, KHLONG_DEBUG="perhaps", KHLONG_HOTS="x") == [
        f"{file} line 1, https: 'yes' is neither yes nor no: write true or false",
        f"{file} line 3, backup.keep: 0 is not between 1 and 1000",
        "KHLONG_DEBUG='perhaps' is neither yes nor no: write 1 or 0",
        "KHLONG_HOTS: there is no such setting: did you mean KHLONG_HOSTS?",
    ]


def test_a_file_that_is_no_toml_is_refused_with_the_line(file: Path) -> None:
    (complaint,) = told(file, "https = true\nhosts = [}\n")
    assert complaint.startswith(f"{file}: cannot be read: ")
    assert "line 2" in complaint


def test_a_file_that_is_no_text_is_refused(file: Path) -> None:
    file.write_bytes(b"\xff\xfe")
    assert "cannot be read" in read({"KHLONG_VAR": str(file.parent)})[1][0]


def test_a_file_that_was_asked_for_and_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"there is no file .*none\.toml"):
        load({"KHLONG_SETTINGS": str(tmp_path / "none.toml")})


def test_where_the_folder_is_cannot_be_said_in_a_file_inside_it(file: Path) -> None:
    assert "set KHLONG_VAR in the environment" in told(file, 'var = "/elsewhere"')[0]


def test_a_secret_in_a_file_that_others_can_read_is_refused_and_not_shown(file: Path) -> None:
    file.chmod(0o644)
    (complaint,) = told(file, '[email]\nhost="m"\nsender="a@b"\nuser="u"\npassword = "open-sesame"\n')
    assert f"chmod 600 '{file}'" in complaint
    assert "line 5, email.password" in complaint
    assert "open-sesame" not in complaint
    assert told(file, 'hosts = ["khlong.example.org"]\n') == []


def test_a_secret_of_the_wrong_type_is_not_shown(file: Path) -> None:
    (complaint,) = told(file, "metrics_token = 12345678901234567890\n")
    assert "12345" not in complaint


def test_a_secret_may_lie_in_a_file_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("t" * 20 + "\n")
    path.chmod(0o640)
    assert load({"KHLONG_METRICS_TOKEN_FILE": str(path)})["metrics_token"] == "t" * 20
    path.chmod(0o644)
    with pytest.raises(ImproperlyConfigured, match="can be read by everybody"):
        load({"KHLONG_METRICS_TOKEN_FILE": str(path)})
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        load({"KHLONG_METRICS_TOKEN_FILE": str(tmp_path / "none")})


# --- settings that need each other ---------------------------------------------------------------------

IMPOSSIBLE = [
    ({"KHLONG_HTTPS": "1"}, "KHLONG_HTTPS: only this machine's own names are answered: set hosts"),
    ({"KHLONG_DEBUG": "1", "KHLONG_HOSTS": "khlong.example.org"}, "KHLONG_DEBUG: debug pages show"),
    ({"KHLONG_EMAIL_HOST": "mail.example.org"}, "KHLONG_EMAIL_HOST: is set and email.sender is not"),
    ({"KHLONG_EMAIL_PASSWORD": "p"}, "KHLONG_EMAIL_PASSWORD: is set and email.user is not: set KHLONG_EMAIL_USER"),
    ({"KHLONG_SECRET_KEY": "short"}, "KHLONG_SECRET_KEY: is too short"),
    ({"KHLONG_METRICS_TOKEN": "change-me"}, "KHLONG_METRICS_TOKEN: is the word of an example"),
    ({"KHLONG_METRICS_TOKEN": "short"}, "KHLONG_METRICS_TOKEN: is too short"),
    ({"KHLONG_BACKUP_EVERY": "24h"}, "KHLONG_BACKUP_EVERY: backups need a key"),
    ({"KHLONG_BACKUP_EVERY": "30s", "KHLONG_BACKUP_RECIPIENT": AGE}, "KHLONG_BACKUP_EVERY: is from 1m"),
    ({"KHLONG_BACKUP_RECIPIENT": "AGE-SECRET-KEY-1"}, "KHLONG_BACKUP_RECIPIENT: is no public key"),
]  # fmt: skip


@pytest.mark.parametrize(("environ", "words"), IMPOSSIBLE)
def test_an_impossible_combination_is_refused_where_it_was_set(
    environ: dict[str, str], words: str, tmp_path: Path
) -> None:
    complaints = read({"KHLONG_VAR": str(tmp_path), **environ})[1]
    assert complaints
    assert complaints[0].startswith(words)


def test_what_holds_together_is_taken(tmp_path: Path) -> None:
    environ = {
        "KHLONG_VAR": str(tmp_path),
        "KHLONG_HTTPS": "1",
        "KHLONG_HOSTS": "khlong.example.org",
        "KHLONG_TRUSTED_PROXIES": "10.0.0.0/8, unix, ::1",
        "KHLONG_BACKUP_EVERY": "24h",
        "KHLONG_BACKUP_RECIPIENT": AGE,
        "KHLONG_EMAIL_HOST": "mail.example.org",
        "KHLONG_EMAIL_SENDER": "คลอง <khlong@example.org>",
    }
    values = load(environ)
    assert values["trusted_proxies"] == ["10.0.0.0/8", "unix", "::1"]
    assert values["backup.every"] == timedelta(hours=24)


# --- one table ---------------------------------------------------------------------------------------


def test_every_setting_has_a_variable_of_its_own_and_a_meaning() -> None:
    assert len({option.variable for option in OPTIONS}) == len(BY_KEY) == len(OPTIONS)
    assert all(option.help for option in OPTIONS)


def test_the_example_is_a_file_that_holds_nothing_until_a_sign_is_taken_away(file: Path) -> None:
    assert all(part == {} for part in tomllib.loads(example()).values())
    opened = "\n".join(
        line.removeprefix("# ") if " = " in line else line
        for line in example().splitlines()
        if "…" not in line
    )
    written = {key for key, _value in options._flat(tomllib.loads(opened))}
    assert written <= set(BY_KEY)
    assert {"https", "backup.keep", "email.security"} <= written


def test_the_document_holds_the_table() -> None:
    document = (settings.BASE_DIR / "docs" / "settings.md").read_text(encoding="utf-8")
    assert table() in document, "put the output of  ./khlong settings --table  into docs/settings.md"


def test_the_code_reads_settings_by_key() -> None:
    assert settings.KHLONG["backup.keep"] == BY_KEY["backup.keep"].default


def test_the_command_tells_what_is_set_and_never_a_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KHLONG_METRICS_TOKEN", "open-sesame-open-sesame")
    assert main(["settings", "--check"]) == 0
    shown = capsys.readouterr().out
    assert "metrics_token = •••  (KHLONG_METRICS_TOKEN)" in shown
    assert "open-sesame" not in shown
    monkeypatch.setenv("KHLONG_DEBUG", "perhaps")
    assert main(["settings", "--check"]) == 2
    assert "KHLONG_DEBUG" in capsys.readouterr().err


def test_the_example_is_shown_where_the_settings_do_not_hold(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KHLONG_DEBUG", "perhaps")
    assert main(["settings", "--example"]) == 0
    assert capsys.readouterr().out == example()


def test_every_variable_that_the_code_reads_is_known() -> None:
    known = {option.variable for option in OPTIONS} | options.INNER
    asked = re.compile(r"""environ(?:\.get\(|\.pop\(|\.setdefault\(|\[)["'](KHLONG_\w+)""")
    for folder in ("src/khlong", "tools"):
        for path in (settings.BASE_DIR / folder).rglob("*.py"):
            if "tests" not in path.parts:
                assert set(asked.findall(path.read_text(encoding="utf-8"))) <= known, path

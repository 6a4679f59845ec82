"""Every setting of Khlong, in one table, and what happens to those that cannot hold.

A setting is one line of OPTIONS. The line `Option("email.host", TEXT, "", "…")` alone gives

* `host` in the part `[email]` of the settings file (KHLONG_SETTINGS, or khlong.toml in the folder KHLONG_VAR),
* the variable KHLONG_EMAIL_HOST, which goes before the file, and for a secret KHLONG_EMAIL_HOST_FILE, a file,
* `settings.KHLONG["email.host"]` in the code of every room, of the right type,
* its row in docs/settings.md (`./khlong settings --table`) and in `./khlong settings --example`.

Settings that need each other are a line of TOGETHER or a function of RULES. Everything that cannot hold is told at
once, with its place and its mend, and nothing starts.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from khlong.web.kinds import (
    FLAG,
    HOSTS,
    NETWORKS,
    ORIGINS,
    PATH,
    SECRET,
    SPAN,
    TEXT,
    Kind,
    choice,
    matching,
    number,
)

ROOT = Path(__file__).resolve().parents[3]
PREFIX = "KHLONG_"
OWN_MACHINE = ["127.0.0.1", "localhost", "[::1]"]
LEVELS = choice("WARNING", "DEBUG", "INFO", "ERROR", "CRITICAL")
ADDRESS = matching(r"https?://[^/?#\s]+", "address of a Khlong", "https://khlong.example.org")
TILES = matching(
    r"https?://[A-Za-z0-9.:{}-]+/(?=.*\{z\})(?=.*\{x\})(?=.*\{y\})[^\s\"'<>;,]*",
    "address of tiles",
    "https://tile.example.org/{z}/{x}/{y}.png",
)
CHANNEL = matching(r"\d{6,20}", "channel id", "1656789012")
ORIGIN = matching(r"https?://[\w.:-]+", "address without a path", "https://api.line.me")
MAILBOX = matching(r"[^@\s]+@[^@\s]+|.+<[^@\s]+@[^@\s]+>", "e-mail address", "khlong@example.org")


@dataclass(frozen=True)
class Option:
    """One setting: its key, kind, value when nobody sets it, and what it means.

    Without `in_file` it is read from the environment alone.
    """

    key: str
    kind: Kind
    default: Any
    help: str
    in_file: bool = True

    @property
    def variable(self) -> str:
        return PREFIX + self.key.upper().replace(".", "_")


OPTIONS = (
    Option("var", PATH, ROOT / "var", "where the database, keys and files lie", in_file=False),
    Option("data", PATH, ROOT / "data", "where the data files lie"),
    Option("database_url", SECRET, "", "`postgresql://user:password@host:5432/name`; empty or `sqlite`: SQLite"),
    Option("secret_key", SECRET, "", "the key of sessions, instead of `var/secret.key`"),
    Option("master_key", SECRET, "", "the key that wraps the keys of people, instead of `var/master.key`"),
    Option("master_key_next", SECRET, "", "the next one, while `./khlong privacy rotate` runs"),
    Option("pseudonym_key", SECRET, "", "the key of pseudonyms, instead of `var/pseudonym.key`"),
    Option("hosts", HOSTS, OWN_MACHINE, "host names that are answered"),
    Option("https", FLAG, False, "behind a proxy that speaks HTTPS: secure cookies, redirect, HSTS"),
    Option("origins", ORIGINS, [], "trusted origins of forms, where Khlong cannot know its own public address"),
    Option("address", ADDRESS, "", "where readers find this Khlong, and where letters, printed links and QR codes "
           "lead; without it no e-mail is sent"),
    Option("contact", TEXT, "", "whom people call about what is kept of them: name and number, shown at `/privacy/`"),
    Option("trusted_proxies", NETWORKS, [], "the proxies before Khlong, whose `X-Forwarded-…` is believed; "
           "`unix` for a socket; empty with `https`: this machine"),
    Option("require_second_factor", FLAG, False, "owners of cities and stewards must have a second factor"),
    Option("training", FLAG, True, "the training city is made at the first start"),
    Option("engine", FLAG, True, "the futures engine runs beside the web server; installed after the first page"),
    Option("debug", FLAG, False, "debug pages; never where others can reach them"),
    Option("log_level", LEVELS, "WARNING", "how much is logged"),
    Option("metrics_token", SECRET, "", "lets `/metrics` and the details of `/health/ready/` be read from elsewhere"),
    Option("disk_free_mb", number(1, 10_000_000), 500, "`/health/ready/` fails when less is free at `var/`"),
    Option("backup.folder", PATH, Path("backups"), "where backups are written; a relative path begins in `var/`"),
    Option("backup.recipient", TEXT, "", "whose public key (age1…) locks backups, instead of `var/backup.recipient`"),
    Option("backup.every", SPAN, None, "makes a backup by itself this often, such as `24h`; empty: never"),
    Option("backup.keep", number(1, 1000), 14, "how many backups are kept"),
    Option("jobs.lease", number(2, 3600), 30, "a worker that is silent for so many seconds loses its job to another"),
    Option("search.chunk", number(1, 10_000), 500, "how many things of the search index are made anew at a time"),
    Option("tiles.url", TILES, "", "who draws a map of streets on the map page; empty: no other host is ever asked"),
    Option("tiles.attribution", TEXT, "", "what must stand on that map, such as `© OpenStreetMap contributors`"),
    Option("email.host", TEXT, "", "the server that takes e-mail; empty: nothing is sent"),
    Option("email.port", number(1, 65535), 587, "its port"),
    Option("email.security", choice("starttls", "tls", "none"), "starttls", "how the way to it is protected"),
    Option("email.user", TEXT, "", "the account there"),
    Option("email.password", SECRET, "", "the password of that account"),
    Option("email.sender", MAILBOX, "", "who the e-mail comes from, such as `Khlong <khlong@example.org>`"),
    Option("line.channel_id", CHANNEL, "", "the LINE Login channel; empty: no LINE"),
    Option("line.channel_secret", SECRET, "", "the secret of that channel"),
    Option("line.bot_prompt", choice("none", "normal", "aggressive"), "none", "offers the official account as friend"),
    Option("line.site", ORIGIN, "https://access.line.me", "where people sign in at LINE"),
    Option("line.api", ORIGIN, "https://api.line.me", "where LINE is asked"),
)  # fmt: skip
BY_KEY = {option.key: option for option in OPTIONS}

OF_FILES = tuple(
    (key, f"{key.removesuffix('_key')}.key") for key in ("secret_key", "master_key", "pseudonym_key")
)
TOGETHER = (
    ("tiles.url", "tiles.attribution"),
    ("email.host", "email.sender"),
    ("email.user", "email.password"),
    ("line.channel_id", "line.channel_secret"),
)

# What the programme, its tests and its start tell each other; nobody sets these in a file.
INNER = frozenset(
    PREFIX + name
    for name in (
        *("SETTINGS", "VENV", "PYTHON", "STARTED", "PACKAGES_SECONDS", "BOOTSTRAP", "PASSWORD"),
        *("PASSPHRASE", "HALL", "HALL_WIFI", "HALL_WIFI_PASSWORD"),
        *("BENCH_INSIDE", "SUPERVISED", "CHROMIUM", "WRITE_BASELINES"),
    )
)


@dataclass(frozen=True)
class Values(Mapping[str, Any]):
    """The settings by key; `places` tells for those that were set where that was."""

    found: dict[str, Any]
    places: dict[str, str] = field(default_factory=dict)
    file: Path | None = None

    def __getitem__(self, key: str) -> Any:
        return self.found[key] if key in self.found else BY_KEY[key].default

    def __iter__(self) -> Iterator[str]:
        return iter(BY_KEY)

    def __len__(self) -> int:
        return len(BY_KEY)

    def place(self, key: str) -> str:
        """Where a setting was set, or the variable that would set it."""
        return self.places.get(key) or BY_KEY[key].variable


# --- rules about several settings ------------------------------------------------------------------

Rule = Callable[[Values], Iterator[tuple[str, str]]]


def _strangers(values: Values) -> list[str]:
    return [host for host in values["hosts"] if host not in OWN_MACHINE]


def _https_names_its_hosts(values: Values) -> Iterator[tuple[str, str]]:
    if values["https"] and not _strangers(values):
        yield (
            "https",
            "only this machine's own names are answered: set hosts (KHLONG_HOSTS) to the public name",
        )


def _debug_stays_at_home(values: Values) -> Iterator[tuple[str, str]]:
    if values["debug"] and (_strangers(values) or values["https"]):
        yield (
            "debug",
            "debug pages show settings and code to everybody: switch debug off, or answer only to 127.0.0.1",
        )


def _backups_have_a_lock(values: Values) -> Iterator[tuple[str, str]]:
    recipient = values["backup.recipient"]
    if recipient and not re.fullmatch(r"age1[a-z0-9]{58}", recipient):
        yield (
            "backup.recipient",
            "is no public key (age1… with 62 letters): make one with ./khlong backup keys",
        )
    every = values["backup.every"]
    if every and not timedelta(minutes=1) <= every <= timedelta(weeks=4):
        yield "backup.every", "is from 1m to 4w"
    if every and not recipient and not (values["var"] / "backup.recipient").exists():
        yield "backup.every", "backups need a key to be locked with: run ./khlong backup keys first"


def _secrets_are_no_examples(values: Values) -> Iterator[tuple[str, str]]:
    for option in OPTIONS:
        value = values[option.key]
        if option.kind.secret and re.fullmatch(r"(?i)change[-_ ]?me|secret|password|x+|…+", value or ""):
            yield option.key, "is the word of an example and no secret: choose another, or take the line out"
    if values["metrics_token"] and len(values["metrics_token"]) < 16:
        yield "metrics_token", "is too short to be a secret: at least 16 letters"
    for key, file in OF_FILES:
        if values[key] and len(values[key]) < 40:
            yield (
                key,
                f"is too short to be a key: at least 40 letters, or take it out and let ./run make var/{file}",
            )


def _both_or_neither(values: Values) -> Iterator[tuple[str, str]]:
    for pair in TOGETHER:
        given = [key for key in pair if values[key]]
        for key in pair:
            if given and key not in given:
                yield given[0], f"is set and {key} is not: set {BY_KEY[key].variable} too, or neither"


RULES: tuple[Rule, ...] = (
    _https_names_its_hosts,
    _debug_stays_at_home,
    _backups_have_a_lock,
    _secrets_are_no_examples,
    _both_or_neither,
)


# --- reading -------------------------------------------------------------------------------------------


def load(environ: Mapping[str, str] | None = None) -> Values:
    """Read all settings. Raises ImproperlyConfigured that tells everything that cannot hold, a line for each."""
    values, complaints = read(os.environ if environ is None else environ)
    if complaints:
        raise ImproperlyConfigured("\n".join(complaints))
    return values


def read(environ: Mapping[str, str]) -> tuple[Values, list[str]]:
    """The settings as far as they can be read, and what cannot hold."""
    complaints: list[str] = []
    var = _path_of(environ, "KHLONG_VAR") or ROOT / "var"
    file = _settings_file(environ, var, complaints)
    found: dict[str, Any] = {}
    places: dict[str, str] = {}
    if file:
        _take_file(file, found, places, complaints)
    _take_environment(environ, found, places, complaints)
    values = Values({**found, "var": var}, places, file)
    if not complaints:
        complaints += [f"{values.place(key)}: {words}" for rule in RULES for key, words in rule(values)]
    return values, complaints


def _path_of(environ: Mapping[str, str], name: str) -> Path | None:
    return Path(environ[name]).expanduser().absolute() if environ.get(name) else None


def _settings_file(environ: Mapping[str, str], var: Path, complaints: list[str]) -> Path | None:
    asked = _path_of(environ, "KHLONG_SETTINGS")
    if asked and not asked.is_file():
        complaints.append(
            f"KHLONG_SETTINGS: there is no file {asked}: write one with ./khlong settings --example"
        )
        return None
    file = asked or var / "khlong.toml"
    return file if file.is_file() else None


def _take_file(file: Path, found: dict[str, Any], places: dict[str, str], complaints: list[str]) -> None:
    try:
        text = file.read_text(encoding="utf-8")
        written = dict(_flat(tomllib.loads(text)))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        complaints.append(f"{file}: cannot be read: {error}")
        return
    lines = _lines(text)
    for key, value in written.items():
        place = f"{file} line {lines.get(key, 1)}, {key}"
        option = BY_KEY.get(key)
        if option is None or not option.in_file:
            complaints.append(f"{place}: {_unknown(key, option)}")
            continue
        try:
            found[key], places[key] = option.kind.of_file(value), place
        except ValueError as error:
            complaints.append(f"{place}: {_hidden(option, str(error))}")
    _keep_to_owner(file, written, places, complaints)


def _keep_to_owner(
    file: Path, written: Mapping[str, Any], places: Mapping[str, str], complaints: list[str]
) -> None:
    secrets = [key for key in written if key in BY_KEY and BY_KEY[key].kind.secret]
    if secrets and file.stat().st_mode & 0o077:
        where = places.get(secrets[0], str(file))
        complaints.append(f"{where}: is a secret, and others can read the file: run  chmod 600 '{file}'")


def _unknown(key: str, option: Option | None) -> str:
    if option:
        return f"cannot be set in a file: set {option.variable} in the environment"
    near = difflib.get_close_matches(key, [known.key for known in OPTIONS if known.in_file], n=1)
    hint = f"did you mean {near[0]}?" if near else "./khlong settings --example shows all"
    return f"there is no such setting: {hint}"


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _lines(text: str) -> dict[str, int]:
    """The line on which each key stands."""
    found: dict[str, int] = {}
    part = ""
    for number_, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[+\s*([\w.\"' -]+?)\s*\]+", line):
            part = header[1].replace('"', "").replace("'", "") + "."
        elif key := re.match(r"\s*([\w.\"' -]+?)\s*=", line):
            found.setdefault(part + key[1].replace('"', "").replace("'", ""), number_)
    return found


def _hidden(option: Option, words: str) -> str:
    return "is not written as a text between quotation marks" if option.kind.secret else words


def _take_environment(
    environ: Mapping[str, str], found: dict[str, Any], places: dict[str, str], complaints: list[str]
) -> None:
    for option in OPTIONS:
        name = option.variable
        if raw := environ.get(name, "").strip():
            try:
                found[option.key], places[option.key] = option.kind.of_text(raw), name
            except ValueError as error:
                complaints.append(
                    f"{name}={error}" if str(error).startswith(("'", '"')) else f"{name}: {error}"
                )
        elif option.kind.secret and (path := _path_of(environ, f"{name}_FILE")):
            _take_secret(path, f"{name}_FILE", option, found, places, complaints)
    known = {option.variable for option in OPTIONS} | INNER
    known |= {f"{option.variable}_FILE" for option in OPTIONS if option.kind.secret}
    for name in sorted(set(environ) - known):
        if name.startswith(PREFIX):
            near = difflib.get_close_matches(name, known - INNER, n=1)
            hint = f"did you mean {near[0]}?" if near else "./khlong settings --table shows all"
            complaints.append(f"{name}: there is no such setting: {hint}")


def _take_secret(
    path: Path,
    name: str,
    option: Option,
    found: dict[str, Any],
    places: dict[str, str],
    complaints: list[str],
) -> None:
    try:
        if path.stat().st_mode & 0o007:
            complaints.append(f"{name}: {path} can be read by everybody: run  chmod 600 '{path}'")
            return
        found[option.key], places[option.key] = path.read_text(encoding="utf-8").strip(), name
    except (OSError, UnicodeDecodeError) as error:
        complaints.append(f"{name}: {path} cannot be read: {error}")


# --- showing -------------------------------------------------------------------------------------------


def table() -> str:
    """The settings as a table of Markdown."""
    rows = ["| in khlong.toml | variable | kind | when not set | meaning |", "|---|---|---|---|---|"]
    for option in OPTIONS:
        key = f"`{option.key}`" if option.in_file else ""
        rows.append(
            f"| {key} | `{option.variable}` | {option.kind.name} | {_shown(option)} | {option.help} |"
        )
    return "\n".join(rows) + "\n"


def _shown(option: Option) -> str:
    value = option.default
    if value in ("", None, []):
        return ""
    if isinstance(value, Path):
        return f"`{value.name}/`"
    return f"`{_toml(value)}`"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(f'"{part}"' for part in value) + "]"
    return str(value) if isinstance(value, int) else f'"{value}"'


def example() -> str:
    """A settings file with every setting, each behind a comment sign."""
    lines = [
        "# Settings of Khlong. The environment (KHLONG_…) goes before this file. Keep it with mode 600.",
        "",
    ]
    part = ""
    for option in sorted((o for o in OPTIONS if o.in_file), key=lambda option: "." in option.key):
        before, _, name = option.key.rpartition(".")
        if before != part:
            lines += [f"[{before}]", ""]
            part = before
        plain = option.default not in ("", None, []) and not isinstance(option.default, Path)
        value = _toml(option.default) if plain else option.kind.example
        lines += [f"# {option.help}", f"# {name} = {value}", ""]
    return "\n".join(lines)

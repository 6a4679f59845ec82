"""./khlong backup and ./khlong restore."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.db import connection
from django.utils import translation

from khlong.record.backup.errors import BackupRefused

NICE = 10


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    backup = commands.add_parser("backup", help="write everything into one locked file")
    backup.add_argument("what", nargs="?", default="make", choices=["make", "keys", "list"])
    backup.add_argument(
        "file", nargs="?", type=Path, help="with --drill: a backup that is tried instead of a new one"
    )
    backup.add_argument("--out", type=Path, help="the folder (KHLONG_BACKUP_FOLDER, or backups in var)")
    backup.add_argument("--full", action="store_true", help="all files, also those that earlier backups hold")
    backup.add_argument("--drill", action="store_true", help="restore into a throw-away place and compare")
    backup.add_argument("--identity", type=Path, help="with --drill FILE: the file of the secret key")
    backup.add_argument("--passphrase", action="store_true", help="with keys: seal the secret key with words")
    backup.add_argument(
        "--replace", action="store_true", help="with keys: make new ones in place of those that are"
    )
    backup.add_argument(
        "--pace", type=float, default=0.5, help="seconds of rest for each second of work (0.5)"
    )
    backup.set_defaults(run=run_backup)
    restore = commands.add_parser("restore", help="take a backup back")
    restore.add_argument("file", type=Path)
    restore.add_argument("--identity", type=Path, required=True, help="the file of the secret key")
    restore.add_argument(
        "--into", default="", help="a folder, or postgresql://…; without it what is configured"
    )
    restore.add_argument("--check", action="store_true", help="only read it to its end")
    restore.add_argument("--replace", action="store_true", help="set a database that is there aside")
    restore.add_argument("--keys", type=Path, help="the copy of the keys (beside the backup)")
    restore.set_defaults(run=run_restore)


class Bar:
    """How far something is, on one line of a terminal; silent elsewhere."""

    def __init__(self, out: TextIO | None = None) -> None:
        out = out or sys.stderr
        self.out, self.shown, self.drawn = out, out.isatty(), 0.0

    def __call__(self, done: int, total: int, note: str) -> None:
        now = time.monotonic()
        if not self.shown or (now - self.drawn < 0.1 and done < total):
            return
        self.drawn = now
        part = done / total if total else 1.0
        self.out.write(f"\r[{'█' * int(part * 30):30}] {part:4.0%} {note[:38]:38}")
        self.out.flush()

    def close(self) -> None:
        if self.drawn:
            self.out.write("\n")


@contextlib.contextmanager
def _bar() -> Iterator[Bar]:
    made = Bar()
    try:
        yield made
    finally:
        made.close()


def run_backup(options: argparse.Namespace) -> int:
    """Make a backup, or its keys, or try one out."""
    with translation.override("en"):
        if options.what == "keys":
            return _keys(options)
        if options.what == "list":
            return _list()
        with contextlib.suppress(OSError):
            os.nice(NICE)
        return _drill(options) if options.drill else _make(options)


def _make(options: argparse.Namespace) -> int:
    from khlong.record.backup.keycopies import copy_keys
    from khlong.record.backup.locks import recipient
    from khlong.record.backup.writing import make

    with _bar() as bar:
        made = make(options.out, full=options.full, told=bar, pace=options.pace)
    copied = copy_keys(made.path.parent, recipient())
    size = f"{made.size / 1e6:.1f} MB, {made.rows} rows, {made.files} files ({made.new_files} inside)"
    print(f"{made.path}: {size}, {made.seconds:.1f} s")
    for line in (
        f"the copy of the keys is new: {copied}" if copied else "",
        *(f"removed: {n}" for n in made.removed),
    ):
        if line:
            print(line)
    for digest in made.damaged:
        print(f"damaged on the disk before the backup: {digest}", file=sys.stderr)
    return 1 if made.damaged else 0


def _list() -> int:
    from khlong.record.backup.generations import standing

    for one in standing():
        print(f"{one.at:%Y-%m-%d %H:%M}  {one.size / 1e6:9.1f} MB  {one.rows:9} rows  {one.path}")
    return 0


def _keys(options: argparse.Namespace) -> int:
    from khlong.record.backup import locks

    pair = locks.new_pair()
    sealed = locks.locked_with(pair.secret, _words()) if options.passphrase else None
    path = locks.keep_recipient(pair.public, replace=options.replace or not locks.recipient_text())
    print(f"public key: {pair.public}\n  kept in {path}")
    if sealed is not None:
        out = Path(settings.VAR_DIR) / f"backup-{pair.public[-8:]}.key.age"
        out.write_bytes(sealed)
        print(f"secret key, sealed with your words: {out}\n  Keep a copy of it where the backups go.")
        return 0
    print(
        f"secret key:\n\n  {pair.secret}\n\n"
        "It is shown this once and kept nowhere on this machine. Print it or put it into a file elsewhere:\n"
        "without it nobody can open the backups, and with it anybody can."
    )
    return 0


def _words() -> str:
    if given := os.environ.get("KHLONG_PASSWORD"):
        return given
    words = getpass.getpass("Words / คำที่จำได้: ")
    if words != getpass.getpass("Again / อีกครั้ง: "):
        raise BackupRefused("The words differ. Nothing was made.")
    return words


def _ask() -> str:
    return getpass.getpass("Words of the key / คำที่จำได้: ")


def _drill(options: argparse.Namespace) -> int:
    from khlong.record.backup.drill import drill

    path = options.file
    if path and not options.identity:
        raise BackupRefused("To try a backup that is there, name the secret key: --identity KEYFILE")
    with _bar() as bar:
        done = drill(path, options.identity, told=bar, ask=_ask)
    print(
        f"ok: {done.rows} rows in {done.tables} tables and {done.files} files came back the same, {done.seconds:.1f} s"
    )
    return 0


# --- restoring ---------------------------------------------------------------------------------------


def run_restore(options: argparse.Namespace) -> int:
    """Take a backup back, into another place in a process of its own."""
    from khlong.record.backup.locks import identity_from
    from khlong.record.backup.restoring import check

    with translation.override("en"):
        if options.check:
            with _bar() as bar:
                whole = check(options.file, identity_from(options.identity, _ask), bar)
            print(f"ok: {whole.head.made_at}, {whole.head.rows} rows, {whole.files} files, all whole")
            return 0
        if options.into:
            return elsewhere(options)
        return _restore(options)


def _restore(options: argparse.Namespace) -> int:
    from khlong.record.backup.keycopies import put_keys_back
    from khlong.record.backup.locks import identity_from
    from khlong.record.backup.restoring import restore

    identity = identity_from(options.identity, _ask)
    with _bar() as bar:
        done = restore(options.file, identity, replace=options.replace, told=bar)
    print(f"restored: {done.head.made_at}, {done.rows} rows, {done.files} files")
    if done.aside:
        print(f"the old database was set aside: {done.aside}")
    for line in put_keys_back(options.keys or options.file.parent, identity, asked=bool(options.keys)):
        print(line)
    if done.head.vendor != connection.vendor:
        print("the other kind of database: the search index is made anew")
        connection.close()
        return subprocess.run(command("reindex"), check=False).returncode  # noqa: S603
    return 0


def elsewhere(options: argparse.Namespace) -> int:
    """The same in a process whose configured place is the other one."""
    words = ["restore", str(options.file.absolute()), "--identity", str(options.identity.absolute())]
    words += ["--replace"] if options.replace else []
    words += ["--keys", str(options.keys.absolute())] if options.keys else []
    return subprocess.run(command(*words), env=environment(options.into), check=False).returncode  # noqa: S603


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "khlong", *words]


def environment(into: str) -> dict[str, str]:
    """The environment of a Khlong whose database is `into`: a folder, or an address of PostgreSQL."""
    made = {**os.environ}
    made["KHLONG_SETTINGS"] = str(getattr(settings.KHLONG, "file", None) or "")
    if "://" in into:
        return {**made, "KHLONG_DATABASE_URL": into, "KHLONG_VAR": str(settings.VAR_DIR)}
    folder = Path(into).expanduser().absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BackupRefused(f"{folder} cannot be made ({error.strerror}): choose another folder.") from error
    if not (folder / "secret.key").exists():
        made["KHLONG_SECRET_KEY"] = secrets.token_urlsafe(48)
    else:
        made.pop("KHLONG_SECRET_KEY", None)
    return {**made, "KHLONG_DATABASE_URL": "sqlite", "KHLONG_VAR": str(folder)}

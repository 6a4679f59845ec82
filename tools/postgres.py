"""A PostgreSQL cluster that lives as long as a `with` block, on a Unix socket only."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

OWNERS = ("postgres", "nobody")
SOCKET_ONLY = "-c listen_addresses="
HASTY = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


class UnavailableError(Exception):
    """No cluster can be made here; the message is the reason."""


def program(name: str) -> Path:
    """initdb or pg_ctl, from PATH or from Debian's folder of the newest version."""
    if found := shutil.which(name):
        return Path(found).resolve()
    versions = [
        path for path in Path("/usr/lib/postgresql").glob(f"*/bin/{name}") if os.access(path, os.X_OK)
    ]
    if not versions:
        raise UnavailableError(f"PostgreSQL is not installed ({name} not found): apt-get install postgresql")
    return max(versions, key=lambda path: float(path.parts[-3]))


def owner() -> pwd.struct_passwd | None:
    """Who runs the server: PostgreSQL refuses root, so root lends it to another account."""
    if os.geteuid() != 0:
        return None
    for name in OWNERS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise UnavailableError("PostgreSQL refuses to run as root and there is no other account to run it")


def called(command: list[str], as_whom: pwd.struct_passwd | None, folder: Path) -> None:
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
        user=as_whom.pw_uid if as_whom else None,
        group=as_whom.pw_gid if as_whom else None,
        extra_groups=[] if as_whom else None,
    )
    if done.returncode != 0:
        raise UnavailableError(f"{Path(command[0]).name} failed: {done.stdout.strip()[-600:]}")


@contextlib.contextmanager
def cluster(*, durable: bool = False) -> Iterator[str]:
    """The address (postgresql://...) of an empty database in a fresh cluster. Raises UnavailableError.

    A durable one waits for the disk, as a server does that is delivered to people; one for tests does not.
    """
    initdb, control = program("initdb"), program("pg_ctl")
    as_whom = owner()
    # A socket's path may be 107 bytes long at most, so not below a long temporary folder.
    folder = Path(tempfile.mkdtemp(prefix="khlong-pg-", dir="/tmp"))
    data = folder / "data"
    try:
        if as_whom:
            os.chown(folder, as_whom.pw_uid, as_whom.pw_gid)
        made = ["-U", "khlong", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        called([str(initdb), "-D", str(data), *made], as_whom, folder)
        options = f"{SOCKET_ONLY} {'' if durable else HASTY} -k {folder}"
        started = ["-D", str(data), "-w", "-t", "60", "-l", str(folder / "log"), "-o", options]
        called([str(control), "start", *started], as_whom, folder)
        try:
            yield f"postgresql://khlong@{quote(str(folder), safe='')}/postgres"
        finally:
            called([str(control), "stop", "-D", str(data), "-m", "immediate", "-w"], as_whom, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)

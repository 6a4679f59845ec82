"""Prepare Khlong on this machine, then serve it or run one of its commands.

    python -m khlong.web.start serve [OPTIONS]      what ./run calls
    python -m khlong.web.start command WORDS...     what the command line calls

Folder, keys, database, static files and programme are brought up to date, each only when it is stale; then
`khlong.web.supervise` takes over the process. Exit code 2 means that a person has to mend something, said in words.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import fcntl
import hashlib
import html
import http.client
import importlib
import os
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Never

from khlong.web import supervise
from khlong.web.options import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[3]
OWN = "127.0.0.1"
PORTS = range(8000, 8011)
LOADERS = ("*/load*.py", "*/yamlfile.py", "*/reference.py", "*/migrations/*.py")
KEYS = ("secret.key", "master.key", "pseudonym.key")
OPENING = ["hall", "open"]
UNPREPARED = ("appraise", "manage", "settings", "update", "backup", "restore", "-h", "--help")
STAMPS = "khlong_start_stamp"
PATIENCE = 60.0


class RefusalError(Exception):
    """Something a person has to mend first; the message says what."""


def say(thai: str, english: str) -> None:
    print(f"khlong: {thai} · {english}", file=sys.stderr, flush=True)


# --- folder and keys ------------------------------------------------------------------------


def prepare_environment() -> Path:
    """Make the folder for what changes and the keys in it, and return the folder. Needs no Django.

    The folder is KHLONG_VAR or var/ in the project. Raises RefusalError when it cannot be written.
    """
    var = Path(os.environ.get("KHLONG_VAR") or ROOT / "var").expanduser().absolute()
    try:
        var.mkdir(mode=0o700, parents=True, exist_ok=True)
        var.chmod(0o700)
        for name in KEYS:
            if not kept_elsewhere(var, name):
                ensure_key(var / name)
    except OSError as error:
        raise RefusalError(
            f"เขียนที่ {var} ไม่ได้ · cannot write in {var} ({error.strerror}); "
            "choose another folder with KHLONG_VAR"
        ) from error
    os.environ["KHLONG_VAR"] = str(var)
    os.environ.setdefault("PYTHAINLP_DATA", str(var / "pythainlp"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khlong.web.settings")
    return var


def kept_elsewhere(var: Path, name: str) -> bool:
    """Whether a fresh key would be the wrong one: the environment has it, or keys are wrapped under a lost one."""
    if name == "secret.key":
        return False
    given, _complaints = read(os.environ)
    return bool(given[f"{name.removesuffix('.key')}_key"]) or (var / "keys.sqlite3").exists()


def ensure_key(path: Path) -> bool:
    """Write a fresh key at `path`, readable by its owner only, unless one is there. True when it was made.

    The key appears whole or not at all, and of two starts at once the first one's key stays.
    """
    if path.exists():
        return False
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secrets.token_urlsafe(48).encode())
        os.fsync(handle)
        os.link(unfinished, path)
    except FileExistsError:
        return False
    finally:
        os.close(handle)
        unfinished.unlink()
    return True


@contextlib.contextmanager
def one_at_a_time(var: Path) -> Iterator[None]:
    """Hold the folder's lock, so that two starts do not migrate one database together."""
    with (var / "start.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("มีคำสั่งอื่นกำลังเตรียมฐานข้อมูล กำลังรอ", "another start is preparing the database; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


# --- database -------------------------------------------------------------------------------


def check_sqlite(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> None:
    """Raise RefusalError unless SQLite is at least 3.35 and has full-text search with trigrams."""
    if version < (3, 35):
        found = ".".join(map(str, version))
        raise RefusalError(
            f"SQLite {found} เก่าเกินไป ต้อง 3.35 ขึ้นไป · SQLite {found} is too old, 3.35 is needed; "
            "use a newer Python (KHLONG_PYTHON) or PostgreSQL (KHLONG_DATABASE_URL)"
        )
    try:
        with contextlib.closing(sqlite3.connect(":memory:")) as database:
            database.execute("CREATE VIRTUAL TABLE probe USING fts5(text, tokenize='trigram')")
    except sqlite3.OperationalError as error:
        raise RefusalError(
            f"SQLite ไม่มี FTS5 trigram · this Python's SQLite has no full-text search ({error}); "
            "use another Python (KHLONG_PYTHON) or PostgreSQL (KHLONG_DATABASE_URL)"
        ) from error


def unknown_migrations(applied: Iterable[tuple[str, str]], known: Iterable[tuple[str, str]]) -> list[str]:
    """Migrations that the database has had and this code does not know, as app.name."""
    return [f"{app}.{name}" for app, name in sorted(set(applied) - set(known))]


def migrate() -> bool:
    """Bring the database's tables up to date. True when there was something to do.

    Raises RefusalError when the database was made by a newer Khlong.
    """
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    loader = executor.loader
    replaced = {key for migration in loader.replacements.values() for key in migration.replaces}
    strange = unknown_migrations(loader.applied_migrations, {*loader.disk_migrations, *replaced})
    if strange:
        raise RefusalError(
            "ฐานข้อมูลนี้มาจากคลองรุ่นใหม่กว่า ให้ปรับรุ่นคลองหรือใช้ฐานข้อมูลอื่น · this database was made by a "
            f"newer Khlong (it has {', '.join(strange[:3])}): update Khlong or use another database"
        )
    if not executor.migration_plan(loader.graph.leaf_nodes()):
        return False
    call_command("migrate", interactive=False, verbosity=0)
    return True


def keys_in_order() -> None:
    """Refuse a wrong or missing master key, finish withdrawals that a stop or a restore left half done.

    Raises ImproperlyConfigured. People whose key is nowhere are counted aloud: the start goes on without them.
    """
    from khlong.people import keys, keystore

    keystore.check()
    if count := keys.sweep():
        say(f"ลบกุญแจของผู้ที่ถอนความยินยอมแล้ว {count} คน", f"destroyed the keys of {count} who had withdrawn")
    if count := keys.without_key():
        say(
            f"ไม่มีกุญแจของ {count} คน ข้อมูลของคนเหล่านี้อ่านไม่ได้จนกว่าจะนำสำเนากุญแจกลับมา",
            f"the keys of {count} people are missing: what is sealed for them cannot be read until a copy is put back",
        )


# Kept in the database itself: a database that was replaced or restored brings its own stamp along.
def read_stamp(name: str) -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {STAMPS} (name varchar(40) PRIMARY KEY, value text)")
        cursor.execute(f"SELECT value FROM {STAMPS} WHERE name = %s", [name])
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def write_stamp(name: str, value: str) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {STAMPS} WHERE name = %s", [name])
        cursor.execute(f"INSERT INTO {STAMPS} (name, value) VALUES (%s, %s)", [name, value])


# --- static files and programme -------------------------------------------------------------


def collect_static(var: Path) -> bool:
    """Copy and compress the static files when one of them changed. True when it was done."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{facts.st_size}\0{facts.st_mtime_ns}\0".encode())
    stamp = var / "static.stamp"
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if manifest.exists() and stamp.exists() and stamp.read_text() == digest.hexdigest():
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(digest.hexdigest())
    return True


def programme_stamp(data: Path, package: Path = ROOT / "src" / "khlong") -> str:
    """A hash of what is loaded and of the code that loads it."""
    loaders = [path for pattern in LOADERS for path in package.glob(pattern)]
    digest = hashlib.sha256((ROOT / "requirements" / "base.txt").read_bytes())
    for path in sorted([*(path for path in data.rglob("*") if path.is_file()), *loaders]):
        digest.update(f"{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def load_programme() -> bool:
    """Load cities, organisations and facts when they changed since the last time. True when it was done."""
    from django.conf import settings

    from khlong.chain.hall.packing import is_hall
    from khlong.chain.load import load_all
    from khlong.chain.yamlfile import LoadFailed

    if is_hall():
        return False
    stamp = programme_stamp(settings.DATA_DIR)
    if read_stamp("programme") == stamp:
        return False
    try:
        report = load_all(settings.DATA_DIR)
    except LoadFailed as failed:
        told = "\n".join(map(str, failed.problems))
        raise RefusalError(f"ข้อมูลโครงการมีที่ต้องแก้ · the programme's files need mending:\n{told}") from failed
    write_stamp("programme", stamp)
    for line in report.lines():
        print(f"  {line}", file=sys.stderr)
    return True


def prepare(var: Path, *, with_static: bool = True, with_programme: bool = True) -> None:
    """Bring everything that serving or a command needs up to date. Raises RefusalError."""
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.db import DatabaseError, connections

    try:
        django.setup()
        if connections["default"].vendor == "sqlite":
            check_sqlite()
        with one_at_a_time(var):
            migrate()
            keys_in_order()
            if with_static:
                collect_static(var)
            if with_programme:
                load_programme()
        connections.close_all()
    except ImproperlyConfigured as error:
        raise RefusalError(f"ตั้งค่าไม่ถูกต้อง · a setting is wrong: {error}") from error
    except DatabaseError as error:
        raise RefusalError(f"ใช้ฐานข้อมูลไม่ได้ · the database cannot be used: {error}") from error


# --- address --------------------------------------------------------------------------------


def bound(host: str, port: int) -> socket.socket | None:
    """A socket bound to the address, or None when another program has it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    wanted = socket.socket(family, socket.SOCK_STREAM)
    wanted.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        wanted.bind((host, port))
        wanted.listen(128)
    except OSError as error:
        wanted.close()
        if error.errno == errno.EADDRINUSE:
            return None
        raise RefusalError(
            f"เปิดที่ {host}:{port} ไม่ได้ · cannot listen on {host}:{port}: {error.strerror}"
        ) from error
    return wanted


def chosen_socket(host: str, port: int | None) -> socket.socket:
    """The socket to serve on: the port asked for, or 8000 or the next free one. Raises RefusalError."""
    if port is not None:
        if (wanted := bound(host, port)) is not None:
            return wanted
        raise RefusalError(
            f"พอร์ต {port} มีโปรแกรมอื่นใช้อยู่ เลือกพอร์ตอื่นด้วย --port · port {port} is taken by another program; "
            "choose another with --port, or --port 0 for any free one"
        )
    for candidate in PORTS:
        if (wanted := bound(host, candidate)) is not None:
            if candidate != PORTS[0]:
                say(f"พอร์ต {PORTS[0]} ไม่ว่าง จึงใช้ {candidate}", f"port {PORTS[0]} is taken; using {candidate}")
            return wanted
    raise RefusalError(
        f"พอร์ต {PORTS[0]}-{PORTS[-1]} ไม่ว่างเลย ใช้ --port 0 · ports {PORTS[0]} to {PORTS[-1]} are all taken; "
        "use --port 0 for any free one"
    )


def reachable_at(listening: socket.socket) -> tuple[str, int]:
    host, port = listening.getsockname()[:2]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port


def shown_address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


# --- serving --------------------------------------------------------------------------------


def server_command(listening: socket.socket, workers: int) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", "khlong.web.wsgi:application"),
        *("--chdir", str(ROOT), "--bind", f"fd://{listening.fileno()}"),
        *("--worker-class", "gthread", "--workers", str(workers), "--threads", "4", "--preload"),
        *("--graceful-timeout", "5", "--log-level", "warning", "--no-control-socket"),
    ]


def fetch(host: str, port: int, path: str = "/", timeout: float = 20.0) -> tuple[int, str, str]:
    """Status, location and body of one page."""
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    with contextlib.closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Location", ""), answer.read().decode(errors="replace")


def announce(host: str, port: int, server: int) -> None:
    """Print the address once the server answers; give up when the server is gone."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            status = fetch(host, port)[0]
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
        else:
            if status >= 500:
                say(f"หน้าแรกผิดพลาด {status}", f"the first page failed with {status}")
            print(f"คลองเปิดแล้วที่ · Khlong is at {shown_address(host, port)}  (Ctrl-C: หยุด · stop)", flush=True)
            return
        try:
            os.kill(server, 0)
        except ProcessLookupError:
            return


def announce_from_aside(host: str, port: int) -> None:
    """Start `announce` in a process of its own that nobody has to wait for."""
    server = os.getpid()
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    if os.fork() == 0:
        with contextlib.suppress(KeyboardInterrupt):
            announce(host, port, server)
    os._exit(0)


def serve(host: str, port: int | None, workers: int, jobs: int = 1) -> Never:
    """Prepare, then become the parent of the web server and of so many workers. Raises RefusalError."""
    var = prepare_environment()
    listening = chosen_socket(host, port)
    prepare(var)
    begin_training_city()
    become(listening, workers, jobs)


def begin_training_city() -> None:
    """Let a worker make the training city once, where the settings do not say no; a hall has none."""
    from django.conf import settings
    from django.db import connections

    from khlong.chain.hall.packing import is_hall
    from khlong.training.jobs import begin

    if settings.KHLONG["training"] and not is_hall() and not read_stamp("training"):
        begin()
        write_stamp("training", "asked for")
    connections.close_all()


def become(listening: socket.socket, workers: int, jobs: int) -> Never:
    """Become the parent of the web server and of so many workers; the address is printed from aside."""
    announce_from_aside(*reachable_at(listening))
    listening.set_inheritable(True)
    web = server_command(listening, workers)
    planned = supervise.plan(web, [listening.fileno()], jobs, engine_command())
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "khlong.web.supervise", planned])


def engine_command() -> list[str]:
    """What starts the futures engine, or nothing where the settings say no.

    Where `./run` made the environment, its packages are installed first, after the first page; elsewhere, in a
    container say, they are there already.
    """
    from django.conf import settings

    if not settings.KHLONG["engine"]:
        return []
    place = str(settings.VAR_DIR / "engine.sock")
    if installer := os.environ.get("KHLONG_BOOTSTRAP"):
        return [sys.executable, "-E", "-s", installer, "engine", place]
    return [sys.executable, "-m", "khlong.engines.futures.process", place]


# --- trying it out --------------------------------------------------------------------------


def first_page(host: str, port: int) -> str:
    """The first page's HTML, with redirects followed. Raises RefusalError when it is not a page."""
    path = "/"
    for _ in range(4):
        status, location, body = fetch(host, port, path)
        if status in {301, 302, 307, 308} and location.startswith("/"):
            path = location
            continue
        break
    if status != 200 or not re.search(r"<html[^>]*\slang=", body) or "</html>" not in body:
        title = re.search(r"<title>(.*?)</title>", body, re.DOTALL)
        told = html.unescape(title[1].strip()) if title else body[:200]
        raise RefusalError(f"หน้าแรกใช้ไม่ได้ · the first page is not a page: status {status}, {told!r}")
    return body


@contextlib.contextmanager
def throwaway_var() -> Iterator[None]:
    """A folder, keys and an SQLite database of their own, removed at the end."""
    kept = {name: os.environ.pop(name, None) for name in ("KHLONG_DATABASE_URL", "KHLONG_VAR")}
    folder = tempfile.mkdtemp(prefix="khlong-check-")
    os.environ.update(KHLONG_VAR=folder, KHLONG_DATABASE_URL="sqlite")
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        for name in kept:
            os.environ.pop(name)
        os.environ.update({name: value for name, value in kept.items() if value is not None})


@contextlib.contextmanager
def running_server(listening: socket.socket, workers: int) -> Iterator[subprocess.Popen[bytes]]:
    server = subprocess.Popen(server_command(listening, workers), pass_fds=[listening.fileno()])
    try:
        yield server
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def started_at() -> float:
    """When the command was given, in seconds since 1970: the shell's time where it could tell it."""
    try:
        return float(os.environ.get("KHLONG_STARTED", ""))
    except ValueError:
        return time.time()


def check(host: str, port: int | None, workers: int) -> None:
    """The whole start with a throw-away database on a free port, one page, and the line that sums it up."""
    started = started_at()
    with throwaway_var():
        var = prepare_environment()
        listening = chosen_socket(host, port or 0)
        prepare(var)
        with running_server(listening, workers):
            where = reachable_at(listening)
            listening.close()
            first_page(*where)
            seconds = time.time() - started
        from django.db import connections

        from khlong.places.queries import status_counts

        counts = status_counts()
        connections.close_all()
    packages = os.environ.get("KHLONG_PACKAGES_SECONDS", "0.0")
    print(
        f"ok: {counts.cities} cities, {counts.full} in full, {counts.facts} facts, "
        f"first page in {seconds:.1f} s (packages {packages} s)"
    )


# --- command line ---------------------------------------------------------------------------


def run_command(words: list[str]) -> int:
    """Run a command of `khlong.__main__` with the set-up of the server; Django's own need only the keys."""
    from khlong.__main__ import main as command_line

    var = prepare_environment()
    if words and words[0] not in UNPREPARED:
        prepare(var, with_static=False, with_programme=words[0] != "load" and words[:2] != OPENING)
    return command_line(words)


def parser() -> argparse.ArgumentParser:
    from khlong.web import hall

    described = argparse.ArgumentParser(
        prog="./run", description="เปิดคลองบนเครื่องนี้ · start Khlong on this machine"
    )
    described.add_argument("--host", help="ที่อยู่ · address to listen on (127.0.0.1)")
    described.add_argument("--port", type=int, help="พอร์ต · port (8000, or the next free one; 0: any)")
    described.add_argument("--workers", type=int, default=2, help="จำนวนโพรเซส · server processes (2)")
    described.add_argument("--jobs", type=int, default=1, help="จำนวนตัวทำงานเบื้องหลัง · workers (1; 0: none)")
    hall.options(described)
    described.add_argument("--check", action="store_true", help="ลองเปิดแล้วปิด · start, fetch one page, stop")
    return described


def stopped(signum: int, frame: object) -> Never:
    raise SystemExit(128 + signum)


def main(arguments: list[str] | None = None) -> int:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    command, *words = sys.argv[1:] if arguments is None else arguments
    try:
        if command == "command":
            return run_command(words)
        asked = parser().parse_args(words)
        signal.signal(signal.SIGTERM, stopped)
        host = asked.host or OWN
        if asked.check:
            check(host, asked.port, asked.workers)
        elif asked.hall:
            from khlong.web import hall

            hall.serve(asked)
        else:
            serve(host, asked.port, asked.workers, asked.jobs)
    except RefusalError as refusal:
        print(f"khlong: {refusal}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        say("หยุดแล้ว", "stopped")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(importlib.import_module("khlong.web.start").main())  # the module that others import, not a copy

"""Commands about the whole house."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from khlong.record.errors import CommandRefused

INSIDE = "KHLONG_BENCH_INSIDE"


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    bench = commands.add_parser("bench", help="measure pages, or reads and writes, on throw-away databases")
    bench.add_argument("what", choices=["pages", "db", "backup", "futures"])
    bench.add_argument("--json", action="store_true")
    bench.add_argument("--rounds", type=int, default=0, help="how often each is measured (pages 30, db 3)")
    bench.add_argument("--only", default="", help="pages: only URL names that contain this")
    bench.add_argument(
        "--households", type=int, default=0, help="pages: those of a training city of this size"
    )
    bench.add_argument("--seconds", type=float, default=3.0, help="db: how long a turn is")
    bench.add_argument("--megabytes", type=int, default=1000, help="backup: how large the city is (1000)")
    bench.add_argument("--peers", action="store_true", help="futures: CLIMADA and ema_workbench beside it")
    bench.set_defaults(run=run_bench)
    update = commands.add_parser("update", help="what this version would do to the database")
    update.add_argument("--check", action="store_true", required=True, help="tell it and change nothing")
    update.set_defaults(run=check_update)
    settings = commands.add_parser("settings", help="the settings: which hold, which there are")
    shown = settings.add_mutually_exclusive_group()
    shown.add_argument(
        "--check", action="store_true", help="tell what cannot hold; exit 2 when something cannot"
    )
    shown.add_argument("--example", action="store_true", help="a settings file with every setting")
    shown.add_argument("--table", action="store_true", help="every setting as a table")
    settings.set_defaults(run=show_settings)


def show_settings(options: argparse.Namespace) -> int:
    """What is set and where, never a secret; or the example file or the table."""
    from khlong.web.options import BY_KEY, example, load, table

    if options.example or options.table:
        print(example() if options.example else table(), end="")
        return 0
    values = load()
    for key in sorted(values.places):
        shown = "•••" if BY_KEY[key].kind.secret else values[key]
        print(f"{key} = {shown}  ({values.places[key]})")
    print(f"ok: {len(values.places)} settings, {values.file or 'no file'}")
    return 0


def run_bench(options: argparse.Namespace) -> int:
    """Measure in folders of their own; exit 1 when something breaks a bar."""
    if options.what == "db":
        return _bench_db(options)
    if options.what == "backup":
        return _bench_backup(options)
    if options.what == "futures":
        return _bench_futures(options)
    options.rounds = options.rounds or 30
    if os.environ.get(INSIDE):
        return _inside(options)
    again = ["bench", options.what, f"--rounds={options.rounds}", f"--only={options.only}"]
    again += ["--json"] if options.json else []
    with tempfile.TemporaryDirectory(prefix="khlong-bench-") as folder:
        env = os.environ | {INSIDE: "1", "KHLONG_VAR": folder}
        env |= {f"KHLONG_{name}_KEY": "bench" * 12 for name in ("SECRET", "MASTER", "PSEUDONYM")}
        env["KHLONG_DATABASE_URL"] = "sqlite"
        for words in (
            ["manage", "migrate", "-v0"],
            ["load"],
            ["manage", "collectstatic", "--noinput", "-v0"],
            *([["example", f"--households={options.households}"]] if options.households else []),
        ):
            subprocess.run(_khlong(*words), env=env, check=True, stdout=sys.stderr)  # noqa: S603
        return subprocess.run(_khlong(*again), env=env, check=False).returncode  # noqa: S603


def _bench_db(options: argparse.Namespace) -> int:
    from khlong.web import bench_db

    try:
        found = bench_db.measure(rounds=options.rounds or bench_db.ROUNDS, seconds=options.seconds)
    except bench_db.NothingToCompareError as error:
        raise CommandRefused(str(error)) from error
    print(json.dumps(found, indent=1) if options.json else "\n".join(bench_db.lines(found)))
    print("\n".join(found["over"]), file=sys.stderr)
    return 1 if found["over"] else 0


def _bench_backup(options: argparse.Namespace) -> int:
    from khlong.web import bench_backup

    try:
        found = bench_backup.measure(options.megabytes, options.rounds or bench_backup.ROUNDS)
    except bench_backup.NoRoomError as error:
        raise CommandRefused(str(error)) from error
    print(json.dumps(found, indent=1) if options.json else "\n".join(bench_backup.lines(found)))
    print("\n".join(found["over"]), file=sys.stderr)
    return 1 if found["over"] else 0


def _bench_futures(options: argparse.Namespace) -> int:
    """In a process of its own, so that this one loads neither numpy nor numba."""
    root = Path(__file__).resolve().parents[3]
    words = ["-m", "benches.futures", f"--rounds={options.rounds}"]
    words += [f"--{word}" for word in ("json", "peers") if getattr(options, word)]
    env = os.environ | {"PYTHONPATH": os.pathsep.join((str(root / "src"), str(root)))}
    return subprocess.run([sys.executable, *words], env=env, check=False).returncode  # noqa: S603


def check_update(options: argparse.Namespace) -> int:
    """Exit 1 when the old version could not go on serving meanwhile."""
    from khlong.web import update

    found = update.plan()
    print("\n".join(update.lines(found)))
    return 0 if found.while_serving else 1


def _khlong(*words: str) -> list[str]:
    return [sys.executable, "-m", "khlong", *words]


def _inside(options: argparse.Namespace) -> int:
    from khlong.web.bench import measure_pages, over_the_bar, plain

    found = measure_pages(options.rounds, options.only)
    if options.json:
        print(json.dumps(plain(found), indent=1))
    else:
        for page in sorted(found, key=lambda page: -page.ratio):
            weight = f"{page.first_view_bytes:8,} bytes"
            print(f"{page.queries:3} queries {page.ratio:6.2f} x {weight}  {page.status}  {page.name}")
    over = over_the_bar(found)
    print("\n".join(over), file=sys.stderr)
    return 1 if over else 0

"""Commands about the folder of files."""

from __future__ import annotations

import argparse
from datetime import timedelta


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    files = commands.add_parser("files", help="compare the folder of files with the record, or sweep it")
    what = files.add_subparsers(dest="what", required=True, metavar="check|sweep")
    check = what.add_parser("check", help="read every file: is it whole, is one missing, is one unknown")
    check.set_defaults(run=check_files)
    sweep = what.add_parser("sweep", help="take away what nothing uses")
    sweep.add_argument("--days", type=int, default=7, help="only what is older than this (default 7)")
    sweep.set_defaults(run=sweep_files)


def check_files(options: argparse.Namespace) -> int:
    """Exit 0 when all files of the record are whole, 1 when one is missing or damaged; each is named."""
    from khlong.record.filed import File
    from khlong.record.sweeping import compare

    found = compare()
    for word, digests in (("missing", found.missing), ("damaged", found.damaged)):
        for digest in digests:
            names = ", ".join(File.objects.filter(blob=digest).values_list("name", flat=True))
            print(f"{word}: {digest} {names or 'made of a picture'}")
    for path in found.stray:
        print(f"unknown: {path} (the next sweep takes it away)")
    print(f"{found.whole} files are whole")
    return 0 if found.good else 1


def sweep_files(options: argparse.Namespace) -> int:
    """Take away files that nothing uses and bytes that no file has; report."""
    from khlong.record.sweeping import sweep

    done = sweep(timedelta(days=options.days))
    print(f"{done.files} files that nothing used were forgotten")
    print(f"{done.blobs} went from the disk, {done.size:,} bytes")
    return 0

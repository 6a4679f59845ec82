"""`./khlong hall ...`: taking a city to a hall without internet, and bringing its work home."""

from __future__ import annotations

import argparse
import getpass
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from django.utils import timezone, translation

from khlong.chain.actions import exact_ref
from khlong.chain.hall import packing
from khlong.chain.hall.documents import document
from khlong.chain.hall.files import Left
from khlong.chain.hall.merging import Done, Unmerged, merge_hall, receive
from khlong.chain.hall.plan import Outcome, Plan, plan_of
from khlong.chain.models import Kind, Node
from khlong.people.actor import Actor, account_actor, system_actor
from khlong.people.models import User
from khlong.record.errors import CommandRefused, Refused
from khlong.record.jobs.commands import Bar

R = TypeVar("R")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    hall = commands.add_parser("hall", help="take a city to a hall without internet, and bring its work home")
    what = hall.add_subparsers(dest="what", metavar="WHAT", required=True)
    pack = what.add_parser("pack", help="on the city's server: write all that the city needs to one file")
    pack.add_argument("city", help="the city's reference, such as C-PTG")
    pack.add_argument("--out", type=Path, required=True, help="the file to write")
    pack.add_argument("--name", default="", help="where the meeting is")
    pack.add_argument("--as", dest="person", default="", help="the owner of the city who packs it")
    pack.set_defaults(run=pack_city)
    opened = what.add_parser("open", help="on the laptop: fill an empty Khlong with a packed city")
    opened.add_argument("file", type=Path)
    opened.set_defaults(run=open_city)
    closed = what.add_parser("close", help="on the laptop: write what was done in the hall to one file")
    closed.add_argument("--out", type=Path, required=True, help="the file to write")
    closed.set_defaults(run=close_hall)
    merge = what.add_parser("merge", help="on the city's server: bring the work of the hall home")
    merge.add_argument("file", type=Path)
    merge.add_argument("--as", dest="person", required=True, help="the owner of the city who brings it home")
    merge.add_argument("--dry-run", action="store_true", help="report, and write nothing")
    merge.add_argument("--leave-out", nargs="*", default=[], metavar="ID", help="what stays out, by its id")
    merge.set_defaults(run=merge_file)
    known = what.add_parser("remember", help="on a server restored to an older state: learn of a hall again")
    known.add_argument("file", type=Path, help="the packed city")
    known.set_defaults(run=remember_hall)


def _passphrase(*, twice: bool = False) -> str:
    """The passphrase, asked for and never an argument; KHLONG_PASSPHRASE serves scripts."""
    given = os.environ.get("KHLONG_PASSPHRASE")
    if given is not None:
        return given
    typed = getpass.getpass("Passphrase / วลีผ่าน: ")
    if twice and typed != getpass.getpass("Once more / อีกครั้ง: "):
        raise CommandRefused("the two passphrases differ; nothing was written")
    return typed


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandRefused(f"{path} cannot be read ({error.strerror})") from error


def _write(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read; one that is there stays."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise CommandRefused(f"{path} is there already; choose another name") from error
    except OSError as error:
        raise CommandRefused(f"{path} cannot be written ({error.strerror})") from error
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _require_free(path: Path) -> None:
    """Refuse before the work rather than after it."""
    if path.exists():
        raise CommandRefused(f"{path} is there already; choose another name")
    if not path.absolute().parent.is_dir():
        raise CommandRefused(f"there is no folder {path.absolute().parent}")


def _person(name: str) -> Actor:
    user = User.objects.by_name_or_email(name)
    if user is None or not user.is_active:
        raise CommandRefused(f"there is no account {name}")
    return account_actor(user)


def _in_words(call: Callable[[], R]) -> R:
    with translation.override("en"):
        try:
            return call()
        except Refused as refused:
            raise CommandRefused(str(refused.reason)) from refused


@contextmanager
def _bar(words: str) -> Iterator[Bar]:
    """A bar in the terminal while the block goes on."""
    shown = Bar(words)
    try:
        yield shown
    finally:
        shown.end()


def _city(text: str) -> Node:
    try:
        ref = exact_ref(text if "-" in text else f"C-{text}")
    except ValueError as error:
        raise CommandRefused(str(error)) from error
    found = Node.objects.filter(ref=ref, kind=Kind.CITY).first()
    if found is None:
        known = ", ".join(
            Node.objects.filter(kind=Kind.CITY).order_by("ref").values_list("ref", flat=True)[:12]
        )
        raise CommandRefused(f"there is no city {ref}; there are: {known or 'none'}")
    return found


def pack_city(options: argparse.Namespace) -> int:
    """Exit 0 with the file written, or 2 in words and no file."""
    _require_free(options.out)
    city = _city(options.city)
    actor = _person(options.person) if options.person else system_actor("command")
    phrase = _passphrase(twice=True)
    with _bar("packing") as tell:
        hall, data, left = _in_words(lambda: packing.pack(actor, city, phrase, name=options.name, tell=tell))
    _write(options.out, data)
    print(f"{options.out}: {city.title_th} for hall {hall.number}, {len(data) / 1e6:.1f} MB")
    _say_left("stays at home", left)
    print("Keep the passphrase apart from the file: both together open what is not public.")
    return 0


def _say_left(where: str, left: Iterable[Left]) -> None:
    """One line for each file that does not go along."""
    with translation.override("en"):
        for one in left:
            print(f"{where}: file {one.name} ({one.words})")


def open_city(options: argparse.Namespace) -> int:
    """Fill the empty database, or exit 2 in words with nothing written."""
    data, phrase = _read(options.file), _passphrase()
    hall = _in_words(lambda: packing.open_here(data, phrase))
    print(f"{hall.space.title_th} is here, as hall {hall.number}. Open it to the others with  ./run --hall")
    return 0


def close_hall(options: argparse.Namespace) -> int:
    """Write the file that goes home; the hall may go on and be closed again."""
    _require_free(options.out)
    hall, data, counts, left = _in_words(packing.close)
    _write(options.out, data)
    for name, count in counts.items():
        found = document(name)
        with translation.override("en"):
            print(f"  {count} {found.title if found else name}")
    print(f"{options.out}: {sum(counts.values())} things were added or changed here")
    _say_left("stays here", left)
    with translation.override("en"):
        for words, count in packing.left_behind(hall):
            print(f"stays here: {words} ({count})")
    return 0


def remember_hall(options: argparse.Namespace) -> int:
    """Make a hall known again that was packed after the state to which this server was restored."""
    data, phrase = _read(options.file), _passphrase()
    hall = _in_words(lambda: packing.remember(data, phrase))
    print(f"hall {hall.number} of {hall.space.title_th} is known here; every difference will be asked about")
    return 0


def merge_file(options: argparse.Namespace) -> int:
    """Exit 0 when it is home, 1 when something waits for a person, 2 in words when nothing was written."""
    actor = _person(options.person)
    with _bar("reading") as tell:
        file = _in_words(lambda: receive(actor, _read(options.file), tell=tell))
    with translation.override("en"):
        print("\n".join(report(plan_of(file))))
    try:
        how = {"leave": options.leave_out, "try_only": options.dry_run}
        with _bar("merging") as tell:
            done = _in_words(lambda: merge_hall(actor, file, **how, tell=tell))
    except Unmerged as unmerged:
        told = [f"{one.row.id}  {one.row.title}: {one.words}" for one in unmerged.problems]
        words = "nothing was written. Mend this on the server, or leave it out with  --leave-out ID"
        raise CommandRefused("\n".join([words, *told])) from unmerged
    print("\n".join(outcome(done, tried=options.dry_run)))
    waiting = len(plan_of(file).conflicts)
    if waiting:
        print(f"{waiting} conflicts wait: decide them on the city's page of halls")
    return 1 if waiting else 0


def report(plan: Plan) -> list[str]:
    """What a file would change, one line a thing."""
    closed = timezone.localtime(plan.file.closed_at)
    lines = [f"hall {plan.file.hall.number}, closed {closed:%Y-%m-%d %H:%M}"]
    for outcome_, sign in ((Outcome.NEW, "+"), (Outcome.CHANGED, "~"), (Outcome.GONE, "-")):
        lines += [
            f"{sign} {row.document.title} {row.ref} {row.title}"
            + (f" ({', '.join(row.labels)})" if row.labels else "")
            + (f" by {row.writers}" if row.writers else "")
            for row in plan.of(outcome_)
        ]
    lines += [
        f"! {conflict.row.ref} {conflict.row.title}: "
        + ", ".join(conflict.row.document.label(name) for name in conflict.fields)
        for conflict in plan.conflicts
    ]
    lines += [f"did not come: file {one.name} ({one.words})" for one in plan.lost]
    return lines + [f"{words} ({count})" for words, count in plan.staying]


def outcome(done: Done, *, tried: bool) -> list[str]:
    """What was written, and which references became others."""
    verb = "would be written" if tried else "written"
    lines = [f"{verb}: {done.new} new, {done.changed} changed, {done.gone} taken away"]
    lines += [f"{theirs} of the hall is {ours} here" for theirs, ours in done.renumbered]
    return lines + ([f"{done.left} left out"] if done.left else [])

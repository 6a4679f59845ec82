"""Plans and city sheets on paper, from the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from khlong.paper.model import PaperError
from khlong.people.actor import ANONYMOUS
from khlong.people.policy import scope
from khlong.places.commands import find_city
from khlong.places.models import City
from khlong.record.errors import CommandRefused
from khlong.strategy.formats import FORMATS
from khlong.strategy.models import Plan
from khlong.strategy.paper import city_file, plan_file

Written = Callable[[argparse.Namespace], bytes]
_kinds: dict[str, Written] = {}


def export_kind(what: str, write: Written) -> None:
    """Let `export` write something of a later room too, which adds its own options to the command."""
    _kinds[what] = write


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    export = commands.add_parser("export", help="write a plan or a city sheet as DOCX, PDF or XLSX")
    export.add_argument("what", type=_known, metavar="plan|city|form")
    export.add_argument("--city", required=True, help="the city's address, such as phatong")
    export.add_argument("--format", choices=sorted(FORMATS), required=True)
    export.add_argument("--lang", choices=["th", "en"], default="th")
    export.add_argument("--thai-digits", action="store_true", help="๐-๙ instead of 0-9")
    export.add_argument("--out", type=Path, required=True)
    export.set_defaults(run=export_file)


def _known(what: str) -> str:
    """Something that can be written; later rooms add theirs."""
    known = ("plan", "city", *_kinds)
    if what not in known:
        raise argparse.ArgumentTypeError(f"invalid choice: {what!r} (choose from {', '.join(known)})")
    return what


def export_file(options: argparse.Namespace) -> int:
    """Write the file; exit 2 in one line for an unknown city, or a city that has published no plan."""
    city = find_city(options.city)
    if not options.out.parent.is_dir():
        raise CommandRefused(f"there is no folder {options.out.parent}; make it first")
    try:
        data = _written(city, options)
    except PaperError as error:
        raise CommandRefused(str(error)) from error
    try:
        options.out.write_bytes(data)
    except OSError as error:
        raise CommandRefused(f"{options.out} cannot be written ({error.strerror})") from error
    print(f"{options.out} ({len(data):,} bytes)")
    return 0


def _written(city: City, options: argparse.Namespace) -> bytes:
    how = (options.format, options.lang, ANONYMOUS)
    if options.what == "city":
        return city_file(city, *how, thai_digits=options.thai_digits)
    if options.what == "plan":
        return plan_file(_plan(city), *how, thai_digits=options.thai_digits)
    if options.what in _kinds:
        return _kinds[options.what](options)
    known = ", ".join(("plan", "city", *_kinds))
    raise CommandRefused(f"{options.what!r} cannot be exported; choose from: {known}")


def _plan(city: City) -> Plan:
    plans = scope(
        ANONYMOUS, Plan.objects.select_related("city__node", "city__province", "node__space", "source")
    )
    found = plans.filter(city=city).order_by("node__ref").first()
    if found is None:
        known = ", ".join(plans.order_by("city__slug").values_list("city__slug", flat=True))
        raise CommandRefused(f"{city.slug} has published no plan; choose from: {known}")
    return found

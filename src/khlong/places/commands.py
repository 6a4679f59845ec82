"""Facts, and boundaries, from the command line."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from django.utils.translation import override

from khlong.people.actor import ANONYMOUS, system_actor
from khlong.people.policy import scope
from khlong.places.models import City, Fact, Source
from khlong.places.queries import seen_facts
from khlong.record.errors import CommandRefused, Refused


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    facts = commands.add_parser("facts", help="all facts with source, date and mark")
    facts.add_argument("--city", default="", help="only those of one city, by its address")
    facts.add_argument("--json", action="store_true")
    facts.set_defaults(run=list_facts)
    places = commands.add_parser("places", help="boundaries of provinces, districts and subdistricts")
    inner = places.add_subparsers(dest="what", metavar="WHAT", required=True)
    brought = inner.add_parser("import", help="bring in a GeoJSON file of boundaries, all of it or nothing")
    brought.add_argument("file", type=Path)
    brought.add_argument(
        "--source", required=True, metavar="KEY", help="the source: one with date and licence"
    )
    brought.add_argument("--code", default="", metavar="NAME", help="the property that holds the code")
    brought.add_argument("--dry-run", action="store_true", help="check everything, keep nothing")
    brought.set_defaults(run=bring_in)


def bring_in(options: argparse.Namespace) -> int:
    """Check a file row by row, and keep all of it or nothing; exit 1 when a row is wrong."""
    with override("en"):
        return _bring_in(options)


def _bring_in(options: argparse.Namespace) -> int:
    from khlong.places import boundaries, geojson

    source = Source.objects.filter(pk=options.source).first()
    if source is None:
        raise CommandRefused(
            f"there is no source {options.source!r}: add it with its date and licence, or see ./khlong facts --json"
        )
    try:
        boundaries.fit_source(source)
        rows, problems = geojson.read(_bytes(options.file), code=options.code)
        problems += boundaries.unknown_codes(rows)
    except (geojson.Refusal, Refused) as refusal:
        raise CommandRefused(str(refusal)) from refusal
    shapes, crooked = boundaries.shapes_of(rows)
    problems = sorted(problems + crooked, key=lambda problem: problem.number)
    if problems:
        print("\n".join(map(str, problems)), file=sys.stderr)
        wrong = len({problem.number for problem in problems})
        print(f"{wrong} features are wrong; nothing was kept", file=sys.stderr)
        return 1
    before, after = (sum(getattr(one, name) for one in shapes) for name in ("exact_points", "points"))
    print(f"{len(shapes)} boundaries, {before:,} points, {after:,} as they are drawn")
    if options.dry_run:
        print("nothing was kept (--dry-run)")
        return 0
    done = boundaries.import_boundaries(system_actor("places import"), source, shapes)
    print(f"{done.added} added, {done.changed} changed, {done.same} the same as before")
    return 0


def _bytes(path: Path) -> bytes:
    """What the file holds; one that is too large is not even read."""
    from khlong.places.geojson import MOST_BYTES

    try:
        if path.stat().st_size > MOST_BYTES:
            raise CommandRefused(
                f"{path} has {path.stat().st_size:,} bytes, at most {MOST_BYTES:,}: take only the provinces needed"
            )
        return path.read_bytes()
    except OSError as error:
        raise CommandRefused(f"{path} cannot be read: {error.strerror}") from error


def find_city(slug: str) -> City:
    """The public city of this address, or a refusal that names all."""
    cities = scope(ANONYMOUS, City.objects.select_related("node"))
    city = cities.filter(slug=slug).first()
    if city is None:
        known = ", ".join(cities.order_by("slug").values_list("slug", flat=True))
        raise CommandRefused(f"there is no city {slug!r}; choose from: {known}")
    return city


def list_facts(options: argparse.Namespace) -> int:
    """One line a fact, or one JSON list."""
    rows = seen_facts(ANONYMOUS).order_by("node__ref")
    if options.city:
        rows = rows.filter(node__space=find_city(options.city).node)
    with override("th"):
        plain = [plain_fact(fact) for fact in rows]
    if options.json:
        print(json.dumps(plain, ensure_ascii=False, indent=1))
    else:
        for fact in plain:
            print(f"{fact['ref']}  {fact['mark']}  {fact['date']}  {fact['source']['key']}  {fact['says']}")
    return 0


def plain_fact(fact: Fact) -> dict[str, Any]:
    """A fact as plain data, with its source and its date or "undated"."""
    return {
        "ref": fact.ref,
        "about": fact.about.ref,
        "topic": fact.topic_id,
        "says": fact.says,
        "statement": fact.statement_th or None,
        "value": _number(fact.value),
        "low": _number(fact.low),
        "high": _number(fact.high),
        "qualifier": fact.qualifier or None,
        "unit": fact.unit_id,
        "scope": fact.scope_th or None,
        "time": fact.time.iso() if fact.time else None,
        "date": fact.date.iso() if fact.date else "undated",
        "reporter": fact.reporter,
        "source": {
            "key": fact.source.key,
            "publisher": fact.source.publisher,
            "url": fact.source.url or None,
            "date": fact.source.date.iso() if fact.source.date else "undated",
        },
        "mark": fact.mark,
        "entered_by": fact.entered_by,
    }


def _number(value: Any) -> float | None:
    return None if value is None else float(value)

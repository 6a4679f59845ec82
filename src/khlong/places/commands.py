"""Facts from the command line."""

from __future__ import annotations

import argparse
import json
from typing import Any

from django.utils.translation import override

from khlong.people.actor import ANONYMOUS
from khlong.people.policy import scope
from khlong.places.models import City, Fact
from khlong.places.queries import seen_facts
from khlong.record.errors import CommandRefused


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    facts = commands.add_parser("facts", help="all facts with source, date and mark")
    facts.add_argument("--city", default="", help="only those of one city, by its address")
    facts.add_argument("--json", action="store_true")
    facts.set_defaults(run=list_facts)


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

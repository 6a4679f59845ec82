"""How long following the chain takes: python -m benches.trace

A city of 20,000 households' statements, 2,000 findings, 300 measures, 5,000 suggestions, 600 proposals, 60 pilots and
their values, made in throw-away databases: SQLite in a file, and PostgreSQL where a server program is there. Prints
JSON: for each database the median milliseconds of a trace both ways (at most 500 things in all) of 200 random things
and of the busiest one, and of what stands beside a thing, as the public; beside them the processor's milliseconds of
this process and the machine's load, since a busy machine makes everything slow. The bar is 100 ms, on a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from tools.postgres import UnavailableError, cluster

if TYPE_CHECKING:
    from khlong.chain.models import Node

BAR = 100.0
THINGS = 200
MOST = 500
ROUNDS = 7
INSIDE = "--inside"
COUNTS = {
    "STATEMENT": 20_000,
    "FINDING": 2_000,
    "MEASURE": 300,
    "SUGGESTION": 5_000,
    "PROPOSAL": 600,
    "PILOT": 60,
    "INDICATOR": 300,
    "VALUE": 1_200,
    "LOGFRAME": 1,
}
LINKS = (
    ("STATEMENT", "FINDING", 1.4),
    ("FINDING", "MEASURE", 1.5),
    ("MEASURE", "SUGGESTION", None),
    ("MEASURE", "PROPOSAL", None),
    ("MEASURE", "PILOT", None),
    ("SUGGESTION", "PROPOSAL", 0.2),
    ("MEASURE", "INDICATOR", None),
    ("INDICATOR", "VALUE", None),
    ("PILOT", "VALUE", None),
    ("VALUE", "LOGFRAME", 1),
)
"""How things are linked: so many links from each upper thing, or (None) one to each lower thing."""


def main() -> int:
    described = argparse.ArgumentParser(prog="python -m benches.trace")
    described.add_argument(INSIDE, action="store_true", help=argparse.SUPPRESS)
    if described.parse_args().inside:
        return _inside()
    found = {"sqlite": _measured({})}
    try:
        with cluster() as address:
            found["postgresql"] = _measured({"KHLONG_DATABASE_URL": address})
    except UnavailableError as error:
        print(f"PostgreSQL was left out: {error}", file=sys.stderr)
    slowest = max(ms["ms"] for rows in found.values() for ms in rows.values())
    told = {"bar_ms": BAR, "slowest_ms": slowest, "over": slowest > BAR, "load": os.getloadavg()[0]}
    print(json.dumps(told | {"databases": found}, indent=1))
    return int(slowest > BAR)


def _measured(extra: dict[str, str]) -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory(prefix="khlong-bench-") as folder:
        env = {name: value for name, value in os.environ.items() if not name.startswith("KHLONG_")}
        env |= {"KHLONG_VAR": folder, "KHLONG_SECRET_KEY": "bench" * 12, **extra}
        env["DJANGO_SETTINGS_MODULE"] = "khlong.web.settings"
        command = [sys.executable, "-m", "benches.trace", INSIDE]
        done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE)
    rows: dict[str, dict[str, float]] = json.loads(done.stdout)
    return rows


def _inside() -> int:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    nodes = fill()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE chain_edge")
        cursor.execute("ANALYZE chain_node")
    print(json.dumps(_medians(nodes)))
    return 0


def _medians(nodes: dict[str, list[Node]]) -> dict[str, dict[str, float]]:
    from khlong.chain.beside import beside
    from khlong.chain.queries import trace_both
    from khlong.people.actor import ANONYMOUS

    def traced(node: Node) -> None:
        up, down = trace_both(node, ANONYMOUS, limit=MOST)
        assert len(up) + len(down) <= MOST

    every = [node for rows in nodes.values() for node in rows]
    some = random.Random(7).sample(every, THINGS)
    measure, report = busiest(nodes["MEASURE"]), nodes["LOGFRAME"][0]
    calls: dict[str, tuple[Callable[[Node], Any], Iterable[Node]]] = {
        "trace of random things": (traced, some),
        "trace of the busiest measure": (traced, [measure] * ROUNDS),
        "trace of the report, on which all rests": (traced, [report] * ROUNDS),
        "beside random things": (lambda node: beside(node, ANONYMOUS), some),
        "beside the report": (lambda node: beside(node, ANONYMOUS), [report] * ROUNDS),
    }
    return {name: _median(call, rows) for name, (call, rows) in calls.items()}


def _median(call: Callable[[Node], Any], rows: Iterable[Node]) -> dict[str, float]:
    taken, spent = [], []
    for node in rows:
        start, begun = time.perf_counter(), time.process_time()
        call(node)
        spent.append((time.process_time() - begun) * 1000)
        taken.append((time.perf_counter() - start) * 1000)
    return {"ms": round(statistics.median(taken), 2), "cpu_ms": round(statistics.median(spent), 2)}


def busiest(nodes: list[Node]) -> Node:
    """The thing with the most links of its own."""
    from django.db.models import Count

    from khlong.chain.models import Node

    rows = Node.objects.filter(pk__in=[node.pk for node in nodes])
    return rows.annotate(n=Count("upstream", distinct=True) + Count("downstream", distinct=True)).latest("n")


def fill() -> dict[str, list[Node]]:
    """Nodes and edges of the shape of a city; always the same."""
    from khlong.chain.models import Edge, EdgeKind, Kind, Node

    space = Node(ref="C-ZZZ", kind=Kind.CITY, title_th="เมืองทดสอบ")
    space.space = space
    space.save()
    nodes: dict[str, list[Node]] = {}
    for name, count in COUNTS.items():
        kind = Kind[name]
        made = (
            Node(
                ref=f"{kind}-ZZZ-{n:04d}", kind=kind, space=space, title_th=f"{name} {n}", sort_key=f"{n:05d}"
            )
            for n in range(count)
        )
        nodes[name] = Node.objects.bulk_create(made, batch_size=500)
    pairs = {pair for up, down, many in LINKS for pair in _pairs(nodes[up], nodes[down], many)}
    edges = (Edge(up_id=up, down_id=down, kind=EdgeKind.LEADS_TO, by="bench") for up, down in sorted(pairs))
    Edge.objects.bulk_create(edges, batch_size=500)
    return nodes


def _pairs(ups: list[Node], downs: list[Node], many: float | None) -> Iterable[tuple[Any, Any]]:
    """Some things have far more links than others: a third of all go to a thirtieth of the things."""
    dice = random.Random(len(ups) + len(downs))

    def pick(rows: list[Node]) -> Node:
        return dice.choice(rows[: max(1, len(rows) // 30)] if dice.random() < 1 / 3 else rows)

    if many is None:
        return ((pick(ups).pk, down.pk) for down in downs)
    wanted = [up for up in ups for _time in range(int(many) + (dice.random() < many % 1))]
    return ((up.pk, pick(downs).pk) for up in wanted)


if __name__ == "__main__":
    sys.exit(main())

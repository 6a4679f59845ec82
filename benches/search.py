"""How long a search takes: python -m benches.search

20,000 entries made of the words of the data files, in throw-away databases: SQLite in a file, and PostgreSQL
where a server program is there. Prints JSON: for each database and each query of the probe set the answers and
the milliseconds of a page of 20, warm, as the public: the best of three medians taken some time apart, since
another program may have the machine meanwhile. The bar is 20 ms, and the same answers on both.
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
from uuid import UUID

from tools.postgres import UnavailableError, cluster

BAR = 20.0
TEXTS = 20_000
ROUNDS = 15
PASSES = 3
INSIDE = "--inside"
PROBES = (
    *("ป่วย", "น้ำท่วม", "คลองละงู", "น้ำ", "ละงู น้ำท่วม", "๒๕๖๕", "2565", "flood", "D-PTG-0001"),
    *("นา", "กข", "๕๐", "ที่ น้ำ", "ไม่มีคำนี้เลย"),
)


def main() -> int:
    described = argparse.ArgumentParser(prog="python -m benches.search")
    described.add_argument(INSIDE, action="store_true", help=argparse.SUPPRESS)
    if described.parse_args().inside:
        return _inside()
    found = {"sqlite": _measured({})}
    try:
        with cluster() as address:
            found["postgresql"] = _measured({"KHLONG_DATABASE_URL": address})
    except UnavailableError as error:
        print(f"PostgreSQL was left out: {error}", file=sys.stderr)
    answers = [{probe: row["answers"] for probe, row in rows.items()} for rows in found.values()]
    medians = [row["ms"] for rows in found.values() for row in rows.values()]
    over = max(medians) > BAR or any(other != answers[0] for other in answers)
    result = {"texts": TEXTS, "bar_ms": BAR, "slowest_ms": max(medians), "over": over}
    print(json.dumps(result | {"databases": found}, ensure_ascii=False, indent=1))
    return int(over)


def _measured(extra: dict[str, str]) -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory(prefix="khlong-bench-") as folder:
        env = {name: value for name, value in os.environ.items() if not name.startswith("KHLONG_")}
        env |= {"KHLONG_VAR": folder, "KHLONG_SECRET_KEY": "bench" * 12, **extra}
        env["DJANGO_SETTINGS_MODULE"] = "khlong.web.settings"
        command = [sys.executable, "-m", "benches.search", INSIDE]
        done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE)
    rows: dict[str, dict[str, float]] = json.loads(done.stdout)
    return rows


def _inside() -> int:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from khlong.chain.load import load_all

    call_command("migrate", verbosity=0)
    load_all(settings.DATA_DIR)
    _fill()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE record_searchentry")
    passes = [{probe: _probe(probe) for probe in PROBES} for _pass in range(PASSES)]
    best = {probe: min((one[probe] for one in passes), key=lambda row: row["ms"]) for probe in PROBES}
    print(json.dumps(best, ensure_ascii=False))
    return 0


def _fill() -> None:
    """Entries as long as real ones, the titles of some with the texts of others; always the same."""
    from khlong.record import search
    from khlong.record.models import SearchEntry

    real = list(SearchEntry.objects.order_by("ref"))
    dice = random.Random(2565)
    made = []
    for number in range(TEXTS - len(real)):
        title, one = dice.choices(real, k=2)
        made.append(
            search.entry(
                node=UUID(int=number),
                ref=f"D-ZZZ-{number:05d}",
                kind="D",
                space=one.space,
                visibility="public" if number % 10 else "members",
                titles=(title.title_th, title.title_en),
                texts=one.body.split("\n"),
            )
        )
    search.keep(made)


def _probe(typed: str) -> dict[str, float]:
    from khlong.chain.policies import node_filter
    from khlong.people.actor import ANONYMOUS
    from khlong.people.policy import Verb
    from khlong.record import search

    words, seen = search.words_of(typed), node_filter(ANONYMOUS, Verb.VIEW)
    taken = []
    for _round in range(ROUNDS):
        start = time.perf_counter()
        found = search.find(words, seen)
        taken.append((time.perf_counter() - start) * 1000)
    return {"answers": found.total, "ms": round(statistics.median(taken), 2)}


if __name__ == "__main__":
    sys.exit(main())

"""How long the data files take: python -m benches.loading

Prints JSON: seconds of a first and a second loading into a throw-away file database, and the writes of the
second. The bars are 3 s and no write for the second.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

BAR = 3.0


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="khlong-bench-") as folder:
        os.environ |= {"KHLONG_VAR": folder, "KHLONG_SECRET_KEY": "bench" * 12}
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khlong.web.settings")
        os.environ.pop("KHLONG_DATABASE_URL", None)
        import django

        django.setup()
        return _measure()


def _measure() -> int:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from khlong.chain.load import load_all

    call_command("migrate", verbosity=0)
    seconds = []
    for _round in range(2):
        start = time.perf_counter()
        with CaptureQueriesContext(connection) as queries:
            load_all(Path(settings.DATA_DIR))
        seconds.append(round(time.perf_counter() - start, 2))
        writes = sum(
            row["sql"].lstrip().startswith(("INSERT", "UPDATE", "DELETE")) for row in queries.captured_queries
        )
    over = seconds[1] > BAR or writes > 0
    print(json.dumps({"first": seconds[0], "second": seconds[1], "writes_of_second": writes, "over": over}))
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())

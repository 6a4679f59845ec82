"""How long documents take: python -m benches.documents

Prints JSON: seconds of the first and the second writing of the longest published plan in each format, in one
process. The bars are 2 s for DOCX and 1 s for PDF. Needs a loaded database (./run once).
"""

from __future__ import annotations

import json
import os
import sys
import time

BARS = {"docx": 2.0, "pdf": 1.0}


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khlong.web.settings")
    import django

    django.setup()
    from khlong.people.actor import ANONYMOUS
    from khlong.strategy.formats import FORMATS
    from khlong.strategy.models import Plan
    from khlong.strategy.paper import plan_file

    plans = list(Plan.objects.select_related("city__node", "city__province", "node__space", "source"))
    longest = max(plans, key=lambda plan: len(plan_file(plan, "docx", "th", ANONYMOUS)))
    found: dict[str, list[float]] = {}
    for kind in FORMATS:
        for _round in range(2):
            start = time.perf_counter()
            plan_file(longest, kind, "th", ANONYMOUS)
            found.setdefault(kind, []).append(round(time.perf_counter() - start, 3))
    over = [kind for kind, bar in BARS.items() if max(found[kind]) > bar]
    print(json.dumps({"plan": longest.city.slug, "seconds": found, "over": over}))
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())

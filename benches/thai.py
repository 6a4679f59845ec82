"""How long it takes to keep words whole: python -m benches.thai

Prints JSON: milliseconds per 1,000 characters of a page, and for repetitive texts the ratio of the time for
twice the length (about 2 when the work grows with the text, far more when it explodes).
"""

from __future__ import annotations

import json
import sys
import time

from khlong.thai.words import keep_together

PAGE = "ละงูเมืองแห่งการร่วมมือร่วมใจ 3–4 ก.ย. 2565 อบต.พะตง งบ ๓,๔๕๐,๐๐๐ บาท " * 40
UNITS = ("1", "1.", "ก.", "a-", "เ", "3 ", "๑,", "เมือง")
BAR_MS, BAR_RATIO = 1.0, 4.0


def best(text: str) -> float:
    spent = []
    for _round in range(5):
        start = time.perf_counter()
        keep_together(text)
        spent.append(time.perf_counter() - start)
    return min(spent)


def main() -> int:
    keep_together(PAGE)
    ms = best(PAGE) / len(PAGE) * 1_000_000
    growth = {unit: round(best(unit * 8000) / best(unit * 4000), 2) for unit in UNITS}
    over = ms > BAR_MS or max(growth.values()) > BAR_RATIO
    print(
        json.dumps(
            {"ms_per_1000": round(ms, 3), "twice_the_length": growth, "over": over}, ensure_ascii=False
        )
    )
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())

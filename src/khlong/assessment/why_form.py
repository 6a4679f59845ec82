"""The why of a finding in its form: rows that say what explains what; more of them are asked for without saving."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from khlong.assessment.models import Finding
from khlong.assessment.whys import LONGEST, MOST

EMPTY_ROWS = 3
MORE_ROWS = 2


@dataclass
class Row:
    """One step as it was typed. `explains` is the number of another row, "" for the finding itself."""

    number: int
    th: str = ""
    en: str = ""
    explains: str = ""
    underlying: bool = False

    @property
    def prefix(self) -> str:
        return f"why-{self.number}"

    @property
    def label(self) -> int:
        return self.number + 1

    @property
    def above(self) -> int | None:
        return int(self.explains) if self.explains else None

    @property
    def empty(self) -> bool:
        return not (self.th.strip() or self.en.strip())


@dataclass
class WhyRows:
    """All rows of the form. A row that is emptied goes; who explained it explains what it explained."""

    rows: list[Row] = field(default_factory=list)
    longest: int = LONGEST

    def chain(self) -> list[dict[str, Any]]:
        """The steps as the action takes them, the empty rows left out."""
        kept = [row for row in self.rows if not row.empty]
        place = {row.number: at for at, row in enumerate(kept)}
        return [
            {
                "label": row.th.strip(),
                "th": row.th.strip(),
                "en": row.en.strip(),
                "explains": self._above(row, place),
                "underlying": row.underlying,
            }
            for row in kept
        ]

    def _above(self, row: Row, place: Mapping[int, int]) -> int | None:
        met: set[str] = set()
        above = row.explains
        while above and above not in met:
            met.add(above)
            number = int(above)
            if number in place:
                return place[number]
            above = self.rows[number].explains if number < len(self.rows) else ""
        return None

    def more(self) -> None:
        """Some empty rows below, each explaining the last one that was written."""
        for _unused in range(MORE_ROWS):
            if len(self.rows) < MOST:
                at = len(self.rows)
                self.rows.append(Row(at, explains=str(at - 1) if at else ""))


def of_finding(finding: Finding) -> WhyRows:
    """The steps as they stand; for a new finding some empty ones, each explaining the one above it."""
    steps = [] if finding.node._state.adding else finding.chain
    if not steps:
        return WhyRows([Row(at, explains=str(at - 1) if at else "") for at in range(EMPTY_ROWS)])
    return WhyRows(
        [
            Row(
                at,
                one["th"],
                one["en"],
                "" if one["explains"] is None else str(one["explains"]),
                one["underlying"],
            )
            for at, one in enumerate(steps)
        ]
    )


def taken(typed: Mapping[str, str]) -> WhyRows:
    """The rows of a form that was sent."""
    made = WhyRows()
    for at in range(MOST):
        if f"why-{at}-th" not in typed:
            break
        explains = typed.get(f"why-{at}-explains", "")
        good = explains.isascii() and explains.isdigit() and len(explains) < 3
        made.rows.append(
            Row(
                at,
                typed[f"why-{at}-th"],
                typed.get(f"why-{at}-en", ""),
                explains if good else "",
                bool(typed.get(f"why-{at}-underlying")),
            )
        )
    return made

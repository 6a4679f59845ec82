"""Numbers of people as the public may read them: nothing under five, and nothing from which that could be told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khlong.network.meeting_models import PARTS, Attendance

FEWEST = 5


def is_few(number: int | None) -> bool:
    """Whether a number is so small that a reader might know who they are."""
    return number is not None and 0 < number < FEWEST


def in_words(number: int | None, *, whole: bool) -> str:
    """A number, "number unknown", or "fewer than 5" for who may not read it `whole`."""
    if number is None:
        return _("number unknown")
    if is_few(number) and not whole:
        return _("fewer than 5")
    return ngettext("%(n)s person", "%(n)s people", number) % {"n": f"{number:,}"}


def shown_parts(row: Attendance, *, whole: bool) -> dict[str, int]:
    """Women, men and others as far as they may be read: all of them, or none, since the last one left out
    could be reckoned from the others.
    """
    counted = {part: getattr(row, part) for part in PARTS if getattr(row, part) is not None}
    rest = None if row.attended is None else row.attended - sum(counted.values())
    hidden = any(map(is_few, (*counted.values(), rest, row.attended)))
    return {} if hidden and not whole else counted


@dataclass(frozen=True)
class Line:
    """One line of who was invited and who came, in words."""

    row: Attendance
    invited: str
    attended: str
    parts: str


def line(row: Attendance, *, whole: bool) -> Line:
    """What may be read of one company."""
    names = {"women": _("women %(n)s"), "men": _("men %(n)s"), "other_gender": _("others %(n)s")}
    parts = [names[part] % {"n": f"{n:,}"} for part, n in shown_parts(row, whole=whole).items()]
    came = in_words(row.attended, whole=whole) if row.presence == "came" else str(row.get_presence_display())
    return Line(row, in_words(row.invited, whole=whole), came, ", ".join(parts))


def total_words(rows: Iterable[Attendance], *, whole: bool) -> str:
    """How many came in all; "at least" where a number is unknown or may not be read."""
    came = [row.attended for row in rows if row.presence == "came"]
    read = [number for number in came if number is not None and (whole or not is_few(number))]
    if not read:
        return ""
    words = ngettext("%(n)s person", "%(n)s people", sum(read)) % {"n": f"{sum(read):,}"}
    return words if len(read) == len(came) else _("at least %(number)s") % {"number": words}

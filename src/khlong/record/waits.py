"""What waits for somebody: every room says what it has, one page and one letter show all of it.

A provider is a function of an actor::

    @waits(count=rows_of)
    def tasks(actor: Actor) -> Iterable[Wait]:
        for task in rows_of(actor)[:MOST]:
            yield Wait(task.what, task.get_absolute_url(), task.since, task.due, kind=_("task"))

`count` gives the same rows as an unsliced queryset: the head of every page counts those of all providers in
one query. A provider without it is called to be counted, so it should be cheap. Providers are asked for
accounts only, and give nothing that the actor may not see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple, overload

from django.db.models import IntegerField, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.record.kept import remember_stamp
from khlong.record.models import Stamp

MOST = 200
"""The most that one provider need give; what is older comes first, and the rest follows when these are done."""


class Place(NamedTuple):
    """Where something waits: a city or programme as it is read, and whether it is generated example data."""

    name: str
    is_example: bool


@dataclass(frozen=True)
class Wait:
    """One thing that waits. `title` says what, `url` leads to where it is done, `since` is when it began.

    `kind` is what sort of thing it is and `city` the title of its city or programme, both as they are read;
    `is_example` says whether that one's node is example data, `button` are the words on the button.
    """

    title: Any
    url: str
    since: date | datetime
    due: date | None = None
    kind: Any = ""
    city: str = ""
    is_example: bool = False
    button: Any = ""

    @property
    def place(self) -> Place:
        """Two cities of one name stand apart when one of them is an example."""
        return Place(self.city, self.is_example)

    @property
    def day(self) -> date:
        """The day since which it waits, on the clocks of this country."""
        since = self.since
        if not isinstance(since, datetime):
            return since
        return timezone.localtime(since).date() if timezone.is_aware(since) else since.date()


Provider = Callable[[Actor], Iterable[Wait]]
Rows = Callable[[Actor], "QuerySet[Any]"]


@dataclass(frozen=True)
class _Provided:
    provider: Provider
    count: Rows | None


_providers: list[_Provided] = []


@overload
def waits(provider: Provider, /) -> Provider: ...
@overload
def waits(*, count: Rows) -> Callable[[Provider], Provider]: ...
def waits(
    provider: Provider | None = None, /, *, count: Rows | None = None
) -> Provider | Callable[[Provider], Provider]:
    """Register what a room has waiting; see the module's text."""

    def keep(function: Provider) -> Provider:
        _providers.append(_Provided(function, count))
        return function

    return keep if provider is None else keep(provider)


def waiting(actor: Actor) -> list[Wait]:
    """All that waits for an account: by city, then by kind, and within these oldest first."""
    if not actor.signed_in:
        return []
    found = [wait for one in _with_something(actor) for wait in one.provider(actor)]
    return sorted(found, key=lambda wait: (wait.place, str(wait.kind), wait.day, str(wait.title)))


def _with_something(actor: Actor) -> list[_Provided]:
    """The providers that have rows for this actor, known by one query, and those that cannot be counted."""
    numbers = {
        f"n{at}": _Number(one.count(actor).order_by().values("pk"))
        for at, one in enumerate(_providers)
        if one.count is not None
    }
    row = Stamp.objects.filter(pk=1).values(**numbers).first()
    return [one for at, one in enumerate(_providers) if row is None or row.get(f"n{at}", 1)]


class _Number(Subquery):
    """How many rows a query has, as a part of another one."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) waiting)"
    output_field = IntegerField()
    empty_result_set_value = 0


def number_waiting(actor: Actor) -> tuple[int, int]:
    """How much waits, and the number of actions done: one query for all providers that can be counted so."""
    countable = [one.count(actor) for one in _providers if one.count]
    numbers = [_Number(rows.order_by().values("pk")) for rows in countable]
    *found, stamp = Stamp.objects.filter(pk=1).values_list(*numbers, "number").first() or (0,)
    others = sum(len(list(one.provider(actor))) for one in _providers if not one.count)
    return sum(found) + others, stamp


def counted(request: HttpRequest) -> int:
    """The number for the head of a page; the number of actions done, which most pages need, comes with it."""
    actor = actor_of(request)
    if not actor.signed_in:
        return 0
    number, stamp = number_waiting(actor)
    remember_stamp(request, stamp)
    return number


def grouped(found: Iterable[Wait]) -> list[tuple[Place, list[tuple[Any, list[Wait]]]]]:
    """Sorted waits under their places and kinds."""
    return [
        (place, [(kind, list(rows)) for kind, rows in groupby(there, key=lambda wait: wait.kind)])
        for place, there in groupby(found, key=lambda wait: wait.place)
    ]


def due_words(due: date | None, today: date) -> str:
    """How a date stands to today: "3 days late", "today", "in 2 days"; nothing without a date."""
    if due is None:
        return ""
    days = (due - today).days
    if days < 0:
        return ngettext("%(n)s day late", "%(n)s days late", -days) % {"n": -days}
    if days == 0:
        return _("due today")
    return ngettext("in %(n)s day", "in %(n)s days", days) % {"n": days}

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

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, overload

from django.core.cache import cache
from django.db.models import IntegerField, QuerySet, Value
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.record.kept import rights, stamp

MOST = 200
"""The most that one provider need give; what is older comes first, and the rest follows when these are done."""
SECONDS = 300


@dataclass(frozen=True)
class Wait:
    """One thing that waits. `title` says what, `url` leads to where it is done, `since` is when it began.

    `kind` is what sort of thing it is and `city` the title of its city or programme, both as they are read;
    `button` are the words on the button.
    """

    title: Any
    url: str
    since: date | datetime
    due: date | None = None
    kind: Any = ""
    city: str = ""
    button: Any = ""

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
    found = [wait for one in _providers for wait in one.provider(actor)]
    return sorted(found, key=lambda wait: (wait.city, str(wait.kind), wait.day, str(wait.title)))


def number_waiting(actor: Actor) -> int:
    """How much waits, in one query for all providers that can be counted so."""
    if not actor.signed_in:
        return 0
    countable = [_ones(one.count(actor)) for one in _providers if one.count]
    others = sum(len(list(one.provider(actor))) for one in _providers if not one.count)
    if not countable:
        return others
    first, *rest = countable
    return others + (first.union(*rest, all=True).count() if rest else first.count())


def _ones(rows: QuerySet[Any]) -> QuerySet[Any]:
    one = Value(1, output_field=IntegerField())
    found: QuerySet[Any] = rows.order_by().annotate(one_that_waits=one).values_list("one_that_waits")
    return found


def counted(request: HttpRequest) -> int:
    """The number for the head of a page, kept until some action changes something anywhere."""
    actor = actor_of(request)
    if not actor.signed_in:
        return 0
    told_apart = f"{actor.label}\n{rights(actor)}\n{stamp(request)}\n{timezone.localdate()}"
    key = f"waits:{hashlib.sha256(told_apart.encode()).hexdigest()}"
    number: int | None = cache.get(key)
    if number is None:
        number = number_waiting(actor)
        cache.set(key, number, SECONDS)
    return number


def grouped(found: Iterable[Wait]) -> list[tuple[str, list[tuple[Any, list[Wait]]]]]:
    """Sorted waits under their cities and kinds."""
    return [
        (city, [(kind, list(rows)) for kind, rows in groupby(of_city, key=lambda wait: wait.kind)])
        for city, of_city in groupby(found, key=lambda wait: wait.city)
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

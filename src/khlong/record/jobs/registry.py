"""Which jobs there are: rooms register them when they are loaded."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from khlong.people.actor import Actor
from khlong.record.errors import Refused

Work = Callable[..., Mapping[str, Any] | None]
May = Callable[[Actor, UUID | None], bool]
W = TypeVar("W", bound=Work)


def signed_in(actor: Actor, space: UUID | None) -> bool:
    """Whoever has an account. The room that enqueues asks its own policy first."""
    return actor.signed_in


def stewards(actor: Actor, space: UUID | None) -> bool:
    return actor.is_steward


@dataclass(frozen=True)
class Known:
    """A job as its room registered it. `offer` is the line on the page where people start it by hand."""

    name: str
    title: Any
    work: Work
    retries: int
    version: int
    may: May
    offer: Any


@dataclass(frozen=True)
class Schedule:
    """A job that runs by itself, once in each period."""

    name: str
    period: timedelta


_known: dict[str, Known] = {}
_schedules: dict[str, Schedule] = {}


def job(
    name: str,
    *,
    title: Any,
    retries: int = 3,
    version: int = 1,
    may: May = signed_in,
    offer: Any = "",
) -> Callable[[W], W]:
    """Make `def run(step, **arguments)` the job `name` (room.thing.verb).

    It gives nothing or plain data; of that `lines` (sentences) and `url` are shown to people. A fault is tried
    again `retries` times. Raise `version` when the arguments change their meaning. `may` says who may ask for
    it: the actor and the space are given.
    """

    def wrap(function: W) -> W:
        if name in _known:
            raise RuntimeError(f"two jobs are called {name}")
        _known[name] = Known(name, title, function, retries, version, may, offer)
        return function

    return wrap


def every(name: str, period: timedelta) -> None:
    """Let the worker start the job `name` once in each period of at most four weeks, without arguments."""
    if not timedelta(minutes=1) <= period <= timedelta(weeks=4):
        raise ValueError("a period is from a minute to four weeks")
    _schedules[name] = Schedule(name, period)


def find(name: str) -> Known | None:
    return _known.get(name)


def known(name: str) -> Known:
    """The job of this name. Raises Refused in words."""
    if name not in _known:
        raise Refused(_("Khlong knows no job called %(name)s.") % {"name": name})
    return _known[name]


def offered() -> list[Known]:
    """Jobs that people may start by hand."""
    return [row for row in _known.values() if row.offer]


def schedules() -> list[Schedule]:
    return list(_schedules.values())


def title_of(name: str) -> str:
    """What people call a job; its bare name when this programme does not know it."""
    return str(_known[name].title) if name in _known else name


def checked(name: str, arguments: Mapping[str, Any]) -> Known:
    """The job, when these arguments are plain data and fit it. Raises Refused in words."""
    found = known(name)
    if why := not_plain(arguments):
        words = _("The arguments of the job %(name)s are no plain data (JSON): %(why)s.")
        raise Refused(words % {"name": name, "why": why})
    try:
        inspect.signature(found.work).bind(None, **arguments)
    except TypeError as error:
        words = _("The arguments do not fit the job %(name)s: %(why)s.")
        raise Refused(words % {"name": name, "why": error}) from error
    return found


def not_plain(value: Any) -> str:
    """Why a value is no plain data (JSON); nothing when it is."""
    try:
        back = json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError) as error:
        return str(error)
    return "" if back == _listed(value) else "keys must be text"


def _listed(value: Any) -> Any:
    """The value with tuples as lists, as JSON has them."""
    if isinstance(value, Mapping):
        return {key: _listed(one) for key, one in value.items()}
    return [_listed(one) for one in value] if isinstance(value, list | tuple) else value

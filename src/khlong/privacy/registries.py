"""What later rooms tell the room of privacy: how they erase, what they keep, for how long, and why.

@on_withdrawal
def erase(subject, purpose): ...       # purpose is None when everything is taken back

@what_is_kept
def answers(subject): yield Kept(_("Answers to the household survey"), ((_("said"), text), ...), since=day)

contributions(Contributions(tell=..., take_back=..., title=_("What I suggested"), page="deliberation:mine"))

retention(Period("register.draft", _("Household drafts"), timedelta(days=30), _("..."), remove_drafts))
processing(Activity(...))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from django.utils import timezone

from khlong.people import keys
from khlong.people.actor import Actor
from khlong.people.models import Subject, User

UNCONFIRMED, CONFIRMED = "○", "✔"


class Kept(NamedTuple):
    """One thing that is kept of a person: what it is, its labels and values in words, and since when."""

    title: Any
    values: tuple[tuple[Any, str], ...] = ()
    since: date | None = None


class Remove(Protocol):
    """Removes what is older than a moment and gives how many; `dry` only counts."""

    def __call__(self, before: datetime, *, dry: bool) -> int: ...


@dataclass(frozen=True)
class Period:
    """How long a kind of data is kept, why, and how it is removed. `mark` says whether the law's rule was confirmed."""

    key: str
    title: Any
    keeps: timedelta
    why: Any
    remove: Remove
    mark: str = UNCONFIRMED

    @property
    def before(self) -> datetime:
        return timezone.now() - self.keeps

    @property
    def days(self) -> int:
        return self.keeps.days

    @property
    def minutes(self) -> int:
        return int(self.keeps.total_seconds() // 60)


@dataclass(frozen=True)
class Activity:
    """One line of the register of processing (section 39, unconfirmed ○)."""

    title: Any
    purpose: Any
    people: Any
    data: Any
    basis: Any
    recipients: Any
    kept: Any
    protected: Any
    sensitive: bool = False


@dataclass(frozen=True)
class Contributions:
    """What a room keeps under pseudonyms of people with an account: how it tells it, and how it takes it back.

    `tell` gets a city and the pseudonym there. `take_back` gets who acts, known by that pseudonym only, and the city,
    and gives how many things went. `title` and `page` (the name of an address) are where she reads her own.
    """

    tell: Callable[[UUID, str], Iterable[Kept]]
    take_back: Callable[[Actor, UUID], int]
    title: Any
    page: str


Eraser = Callable[[Subject, str | None], None]
Teller = Callable[[Subject], Iterable[Kept]]
AccountTeller = Callable[[User], Iterable[Kept]]
_erasers: list[Eraser] = []
_tellers: list[Teller] = []
_account_tellers: list[AccountTeller] = []
_contributions: list[Contributions] = []
_periods: dict[str, Period] = {}
_activities: list[Activity] = []


def on_withdrawal(eraser: Eraser) -> Eraser:
    """Register an eraser; it runs in the transaction of the withdrawal, and its exception undoes it."""
    _erasers.append(eraser)
    return eraser


def what_is_kept(teller: Teller) -> Teller:
    """Register what a room tells somebody who asks what is kept of her."""
    _tellers.append(teller)
    return teller


def kept_of_an_account(teller: AccountTeller) -> AccountTeller:
    """Register what a room tells of an account itself, in no city's name."""
    _account_tellers.append(teller)
    return teller


def contributions(kind: Contributions) -> Contributions:
    """Register what people contribute under a pseudonym."""
    _contributions.append(kind)
    return kind


def retention(period: Period) -> Period:
    if period.key in _periods:
        raise RuntimeError(f"two periods are called {period.key}")
    _periods[period.key] = period
    return period


def processing(activity: Activity) -> Activity:
    _activities.append(activity)
    return activity


def erase(subject: Subject, purpose: str | None) -> None:
    for eraser in _erasers:
        eraser(subject, purpose)


def kept_of(subject: Subject) -> list[Kept]:
    return [kept for teller in _tellers for kept in teller(subject)]


def account_rows(user: User) -> list[Kept]:
    return [kept for teller in _account_tellers for kept in teller(user)]


def contributed() -> list[Contributions]:
    return list(_contributions)


def periods() -> list[Period]:
    return list(_periods.values())


def activities() -> list[Activity]:
    return list(_activities)


@keys.on_ended
def erase_purpose(subject: Subject, purpose: str) -> None:
    """One purpose was taken back, or came back with an older copy."""
    erase(subject, purpose)


@keys.on_destroyed
def erase_everything(subject: Subject) -> None:
    """A person whose key goes loses every row of every room, also after an older copy was restored."""
    erase(subject, None)

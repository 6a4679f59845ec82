"""The navigation under the brand: rooms register what they offer, the base page prints it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise

from khlong.ui.measure import text_width

Match = Literal["prefix", "exact"]
Shown = Callable[[HttpRequest], bool]

PHONE, PHONE_LETTERS, PHONE_GAP = 328, 15, 10
"""The room between the margins of a phone, the size of the letters there, and what is left free between two places."""
BESIDE_THE_ACCOUNT, DESK_GAP = 560, 24


@dataclass(frozen=True)
class Entry:
    """A registered place: `match` says whether pages under its address count as being there."""

    label: str | Promise
    url_name: str
    order: int
    match: Match
    shown: Shown | None


@dataclass(frozen=True)
class Item:
    """An entry as it stands on a page; `current` is "page", "true" (within) or empty."""

    label: str
    url: str
    current: str


_entries: dict[str, Entry] = {}
_search: list[str] = []


def register(
    label: str | Promise,
    url_name: str,
    order: int,
    match: Match = "prefix",
    shown: Shown | None = None,
) -> None:
    """Offer a place in the navigation, from a room's AppConfig.ready; the last call for a url name counts.

    `shown` decides per request (for places that only some people have). A url name that does not resolve
    is left out.
    """
    _entries[url_name] = Entry(label, url_name, order, match, shown)


def items(request: HttpRequest | None, current: str = "") -> list[Item]:
    """The navigation for a page, in order; `current` is the url name it belongs to, if that is not plain."""
    found = []
    for entry in sorted(_entries.values(), key=lambda entry: (entry.order, entry.url_name)):
        url = resolved(entry.url_name)
        if url and (entry.shown is None or (request is not None and entry.shown(request))):
            found.append(Item(str(entry.label), url, _current(entry, url, request, current)))
    return found


def resolved(url_name: str) -> str:
    """The address of a url name, or nothing where the room is not installed."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def search_at(url_name: str) -> None:
    """Say where the search is, from a room's AppConfig.ready: its page takes the words as `q`."""
    _search[:] = [url_name]


def search_url() -> str:
    """The address of the search, or nothing where no room has one."""
    return resolved(_search[0]) if _search else ""


_foot: dict[str, str | Promise] = {}


def foot_at(label: str | Promise, url_name: str) -> None:
    """Offer a place in the foot of every page, from a room's AppConfig.ready."""
    _foot[url_name] = label


def foot() -> list[Item]:
    """The places in the foot, in the order in which their rooms come."""
    return [Item(str(label), url, "") for name, label in _foot.items() if (url := resolved(name))]


@dataclass(frozen=True)
class Waiting:
    """What the head of a page says to somebody who is signed in: where her list is, and how long it is."""

    url: str
    number: int


_waiting: list[tuple[str, Callable[[HttpRequest], int]]] = []


def waits_at(url_name: str, number: Callable[[HttpRequest], int]) -> None:
    """Say where the list of what waits for somebody is and how to count it, from a room's AppConfig.ready."""
    _waiting[:] = [(url_name, number)]


def waiting(request: HttpRequest | None) -> Waiting | None:
    """The list for who is signed in; None for everybody else, and where no room has such a list."""
    user = getattr(request, "user", None)
    if request is None or user is None or not user.is_authenticated or not _waiting:
        return None
    url_name, number = _waiting[0]
    url = resolved(url_name)
    return Waiting(url, number(request)) if url else None


@dataclass(frozen=True)
class Bar:
    """What stands over every page while something lasts: what it is, and the page that tells more and ends it.

    A `template` of the room that registers it draws it otherwise; `more` is what that one needs besides.
    """

    title: str | Promise
    words: str | Promise
    url: str
    button: str | Promise
    template: str = "ui/parts/bar.html"
    more: Mapping[str, Any] = field(default_factory=dict)


BarMaker = Callable[[HttpRequest], Bar | None]
_bars: list[BarMaker] = []


def bar(maker: BarMaker) -> BarMaker:
    """Register what may stand over every page; None when there is nothing to say."""
    _bars.append(maker)
    return maker


def bars(request: HttpRequest | None) -> list[Bar]:
    found = (maker(request) for maker in _bars) if request is not None else ()
    return [one for one in found if one is not None]


def sign_in_urls() -> tuple[str, str]:
    """Where one signs in and out: in the room that settings.LOGIN_URL names, if it is installed."""
    signin = str(settings.LOGIN_URL)
    room = signin.partition(":")[0]
    return resolved(signin), resolved(f"{room}:signout")


def account_url() -> str:
    """The page of one's own account, in the same room."""
    return resolved(f"{str(settings.LOGIN_URL).partition(':')[0]}:account")


def _current(entry: Entry, url: str, request: HttpRequest | None, current: str) -> str:
    path = request.path if request is not None else ""
    if path == url:
        return "page"
    if current:
        return "true" if current == entry.url_name else ""
    return "true" if entry.match == "prefix" and path.startswith(url) else ""


def shape(found: list[Item]) -> str:
    """How the places stand: on a phone of 360 px "" in one line, "c2" to "c5" in so many columns, "many" in one line
    that scrolls because no columns hold them; and "long" where a desk has a line for them alone."""
    widths = [text_width(item.label, PHONE_LETTERS) for item in found]
    if sum(widths) + PHONE_GAP * (len(widths) - 1) <= PHONE:
        return ""
    long = " long" if sum(widths) + DESK_GAP * len(widths) > BESIDE_THE_ACCOUNT else ""
    for rows in (2, 3, 4):
        columns = -(-len(found) // rows)
        if 1 < columns < 6 and len(found) % columns != 1 and _table_width(widths, columns) <= PHONE:
            return f"c{columns}{long}"
    return f"many{long}"


def _table_width(widths: list[float], columns: int) -> float:
    return sum(max(widths[at::columns]) for at in range(columns)) + PHONE_GAP * (columns - 1)

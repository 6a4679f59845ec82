"""What other rooms tell somebody on her account page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from khlong.people.models import User


@dataclass(frozen=True)
class Line:
    """One line of a panel; `url` leads to what it is about."""

    text: Any
    url: str = ""


@dataclass(frozen=True)
class Panel:
    """A part of the page; `after` puts it below what somebody changes of her own account."""

    title: Any
    lines: tuple[Line, ...]
    after: bool = False


_makers: list[Callable[[User], Iterable[Panel]]] = []


def on_account(maker: Callable[[User], Iterable[Panel]]) -> Callable[[User], Iterable[Panel]]:
    """Register what a room shows there."""
    _makers.append(maker)
    return maker


def of(user: User) -> list[Panel]:
    """All panels that have something to say."""
    return [panel for maker in _makers for panel in maker(user) if panel.lines]

"""What other rooms tell somebody on her account page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from khlong.people.actor import Actor


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


Maker = Callable[[Actor], Iterable[Panel]]
_makers: list[Maker] = []


def on_account(maker: Maker) -> Maker:
    """Register what a room shows there; the actor is somebody signed in."""
    _makers.append(maker)
    return maker


def of(actor: Actor) -> list[Panel]:
    """All panels that have something to say to somebody signed in."""
    return [panel for maker in _makers for panel in maker(actor) if panel.lines]

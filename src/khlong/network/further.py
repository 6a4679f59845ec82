"""Where the programme's page leads on to: network declares the list, and rooms put their pages on it."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise


@dataclass(frozen=True)
class Further:
    """A page to go on to, with a few words on what is there."""

    order: int
    label: str | Promise
    note: str | Promise
    url_name: str

    @property
    def url(self) -> str:
        return reverse(self.url_name)


_offered: dict[str, Further] = {}


def offer(label: str | Promise, note: str | Promise, url_name: str, order: int) -> None:
    """Put a page on the list. Called from a room's AppConfig.ready; the last call for a url name counts."""
    _offered[url_name] = Further(order, label, note, url_name)


def offered() -> list[Further]:
    """All pages of the list, in their order."""
    return sorted(_offered.values(), key=lambda further: further.order)

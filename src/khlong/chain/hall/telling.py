"""How far long work of halls is: told to a job, to a terminal, or to nobody."""

from __future__ import annotations

from typing import Protocol


class Tell(Protocol):
    """Hears how many parts there are and which are done; may raise to end the work where it stands."""

    def total(self, number: int) -> None: ...
    def advance(self, k: int = 1, note: str = "") -> None: ...


class Silent:
    """Hears and says nothing."""

    def total(self, number: int) -> None:
        return None

    def advance(self, k: int = 1, note: str = "") -> None:
        return None


SILENT = Silent()

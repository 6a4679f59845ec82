"""One bar and one stop over all parts of a run.

A run is more than its table: the sketch of every objective, the tipping years of all packages, what waiting is worth.
Each part goes through all futures once, so a run of `parts` parts counts `parts x futures`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from khlong.engines.futures.appraise import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from khlong.engines.futures.appraise import Progress

T = TypeVar("T")
ROWS = 4096
"""Rows of a table between two looks whether the run is to stop."""


@dataclass
class Watch:
    """How far a run of several parts is, and whether somebody stops it.

    Parameters
    ----------
    progress : called with what is done and what there is in all, both in parts x futures.
    cancelled : asked between blocks; true stops the run.
    futures : of the run.
    parts : how often all futures are gone through.
    """

    progress: Progress | None = None
    cancelled: Callable[[], bool] | None = None
    futures: int = 0
    parts: int = 1
    before: int = 0

    def told(self, done: int, _of: int) -> None:
        """So many futures of the part at hand are done."""
        whole = self.parts * self.futures
        if self.progress is not None:
            self.progress(min(self.before * self.futures + done, whole), whole)

    def next(self, parts: int = 1) -> None:
        """The part at hand, or so many, are over."""
        self.before += parts

    def report(self) -> Report:
        """For a part that tells how far it is."""
        return Report(self.told, self.cancelled, self.futures)

    def silent(self) -> Report:
        """For work between the parts, which is no part of the bar but stops with it."""
        return Report(None, self.cancelled, self.futures)

    def rows(self, rows: Iterable[T]) -> Iterator[T]:
        """The same rows, until somebody stops the run."""
        quiet = self.silent()
        for number, row in enumerate(rows):
            if number % ROWS == 0:
                quiet.refuse()
            yield row

"""The training city is written in parts, none of which holds the database for long; its mark says when it is whole.

A run that is broken off leaves the mark of a city that is not whole: the next run takes away what is there and begins
again. Who finds the mark of another run writes nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TypeVar
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from khlong.chain.search import together
from khlong.places.models import City
from khlong.record.errors import Refused
from khlong.training.models import Making

SLUG = "satit"
MAKER = "training"
"""Who writes when the training city is made, as the audit and histories name it."""
CHUNK = 150
"""So many rows are written in a part."""
HERE = _("The training city is here already. Make another one in an empty folder.")
TAKEN_OVER = _("Somebody else makes the training city now.")
T = TypeVar("T")
Told = Callable[[str, int], None]
"""Is told before each part what is being made, and how many more rows are there by now. May raise, to break off."""


def quiet(_stage: str, _more: int) -> None:
    return None


class Parts:
    """The parts in which one run writes; each is a transaction and holds the mark."""

    def __init__(self, run: UUID, told: Told = quiet) -> None:
        self.run, self.told, self.stage = run, told, ""
        self._more = 0

    @contextmanager
    def __call__(self, more: int = 0) -> Iterator[None]:
        """One part, which writes `more` rows. Raises Refused when another run has taken over."""
        self.told(self.stage, self._more)
        self._more = 0
        with transaction.atomic(), together():
            if Making.objects.select_for_update().filter(run=self.run, whole=False).first() is None:
                raise Refused(TAKEN_OVER)
            yield
        self._more = more


def in_chunks(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def is_whole() -> bool:
    """Whether the training city is here with all that belongs to it."""
    return City.objects.filter(slug=SLUG).exists() and not Making.objects.filter(whole=False).exists()


def mark(*, seed: int, households: int, day: date) -> UUID:
    """Begin a run; from now on no other one writes. Raises Refused when the city is here, and whole."""
    with transaction.atomic():
        standing = Making.objects.select_for_update().first()
        if City.objects.filter(slug=SLUG).exists() and (standing is None or standing.whole):
            raise Refused(HERE)
        values = {"run": uuid4(), "seed": seed, "households": households, "day": day, "whole": False}
        made, _new = Making.objects.update_or_create(pk=1, defaults=values)
        return made.run

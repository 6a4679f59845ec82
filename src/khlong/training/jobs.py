"""The training city made in the background: at the first start, and where somebody asks for it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from khlong.people.actor import system_actor
from khlong.record.jobs import Cancelled, Step, enqueue, job
from khlong.training.make import SEED, USUAL, make_city, rows_of, unmake
from khlong.training.making import MAKER, is_whole

NAME = "training.city.make"


@job(NAME, title=_("Making the training city"))
def make(step: Step, *, households: int = USUAL, seed: int = SEED) -> dict[str, Any]:
    """Make the training city of so many households; cancelled, it leaves nothing."""
    step.total(rows_of(households))

    def told(stage: str, more: int) -> None:
        step.advance(more, note=stage)

    try:
        made = make_city(system_actor(MAKER), number=households, seed=seed, told=told)
    except Cancelled:
        unmake()
        raise
    return vars(made)


def begin() -> None:
    """Ask a worker to make it, unless it is here."""
    if not is_whole():
        enqueue(system_actor(MAKER), NAME, key=NAME)

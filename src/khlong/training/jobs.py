"""The training city made in the background: at the first start, and where somebody asks for it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from khlong.people.actor import system_actor
from khlong.places.models import City
from khlong.record.jobs import Step, enqueue, job
from khlong.training.base import SLUG
from khlong.training.make import SEED, STAGES, USUAL, make_city

NAME = "training.city.make"


@job(NAME, title=_("Making the training city"))
def make(step: Step, *, households: int = USUAL, seed: int = SEED) -> dict[str, Any]:
    """Make the training city of so many households."""
    step.total(STAGES)
    made = make_city(
        system_actor("training"), number=households, seed=seed, told=lambda stage: step.advance(note=stage)
    )
    step.advance()
    return vars(made)


def begin() -> None:
    """Ask a worker to make it, unless it is here."""
    if not City.objects.filter(slug=SLUG).exists():
        enqueue(system_actor("training"), NAME, key=NAME)

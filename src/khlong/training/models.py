"""The mark of the training city: it says that the city is being made, until all of it is there."""

from __future__ import annotations

from django.db import models


class Making(models.Model):
    """One row. `run` is drawn by whoever makes the city now: who finds another one there must write nothing more."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    run = models.UUIDField()
    seed = models.BigIntegerField()
    households = models.PositiveIntegerField()
    day = models.DateField()
    whole = models.BooleanField(default=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_mark_of_the_training_city")]

    def __str__(self) -> str:
        return f"{self.households} households of seed {self.seed}"

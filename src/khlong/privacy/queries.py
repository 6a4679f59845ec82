"""What pages of privacy show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from khlong.people.actor import Actor, Role
from khlong.people.models import Subject
from khlong.privacy.models import Consent, ConsentText, Purpose

FEWEST = 5
"""Counts below this are not shown."""


@dataclass(frozen=True)
class Tally:
    """How many people of a city agreed to a purpose, and how many took it back; None is fewer than five."""

    purpose: Any
    stand: int | None
    taken_back: int | None


def in_force(space: UUID | None) -> list[ConsentText]:
    """The newest words for each purpose in a city: its own, or else those of the house; None is the house."""
    rows = ConsentText.objects.filter(Q(space=space) | Q(space=None)).order_by("purpose", "version")
    return _newest(rows)


def _newest(rows: Iterable[ConsentText]) -> list[ConsentText]:
    newest: dict[str, ConsentText] = {}
    for text in rows:
        standing = newest.get(text.purpose)
        if standing is None or standing.space is None or text.space is not None:
            newest[text.purpose] = text
    return [newest[purpose] for purpose in Purpose.values if purpose in newest]


def asks(actor: Actor) -> set[UUID]:
    """Cities with something for this person to agree to: words that she has not agreed to yet, in a city where she
    works, to which she agreed to something else, or that published words of its own. Two queries beside her roles."""
    rows = list(ConsentText.objects.order_by("purpose", "version"))
    mine = Consent.objects.filter(subject__account=actor.user, subject__destroyed_on=None, withdrawn_on=None)
    given: dict[UUID, set[Any]] = {}
    for space, text in mine.values_list("subject__space", "text"):
        if space is not None:
            given.setdefault(space, set()).add(text)
    near = {text.space for text in rows if text.space} | set(given) | set(actor.spaces(*Role))
    return {
        space
        for space in near
        if any(
            text.pk not in given.get(space, ())
            for text in _newest(text for text in rows if text.space in {space, None})
        )
    }


def tallies(space: UUID) -> list[Tally]:
    """Counts by purpose, none of which tells of fewer than five people."""
    stands, back = Q(withdrawn_on=None), Q(withdrawn_on__isnull=False)
    rows = (
        Consent.objects.filter(subject__space=space)
        .order_by()
        .values("text__purpose")
        .annotate(standing=Count("pk", filter=stands), taken=Count("pk", filter=back))
        .values_list("text__purpose", "standing", "taken")
    )
    counts = {purpose: (standing, taken) for purpose, standing, taken in rows}
    return [Tally(purpose.label, *map(_shown, counts.get(purpose.value, (0, 0)))) for purpose in Purpose]


def _shown(number: int) -> int | None:
    return number if number >= FEWEST or number == 0 else None


def own_subjects(actor: Actor) -> list[Subject]:
    """The person who asks, as each city knows her."""
    return [row for row in known_as(actor) if row.space is not None]


def known_as(actor: Actor) -> list[Subject]:
    """The same with the one of no city, the anchor of her pseudonyms, which holds no rows; one query."""
    return list(Subject.objects.filter(account=actor.user, destroyed_on=None).order_by("made_on", "pk"))

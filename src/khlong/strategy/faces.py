"""What rooms downstream put on a plan's face and beside its passages. Strategy declares the slots.

@on_plan
def rounds(actor, plan, version):     # at most one query
    yield Line(_("Suggestions are taken until %(day)s") % …, url, _("Suggest"))

@beside_passages
def suggestions(actor, version):      # one query for all passages
    return {item_pk: Note(3, _("3 suggestions"), url, _("Suggest"))}
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from khlong.people.actor import Actor
from khlong.strategy.models import Plan, Version


@dataclass(frozen=True)
class Line:
    """A line on a plan's face, with a button where `button` says what it does."""

    words: Any
    url: str = ""
    button: Any = ""


@dataclass(frozen=True)
class Note:
    """What stands beside one passage: how many there are, in words, and where they are read or added."""

    count: int
    words: Any
    url: str = ""
    button: Any = ""


PlanFace = Callable[[Actor, Plan, Version], Iterable[Line]]
PassageNotes = Callable[[Actor, Version], Mapping[UUID, Note]]
_plan_faces: list[PlanFace] = []
_passage_notes: list[PassageNotes] = []


def on_plan(function: PlanFace) -> PlanFace:
    """Register lines on the face of a version of a plan."""
    _plan_faces.append(function)
    return function


def beside_passages(function: PassageNotes) -> PassageNotes:
    """Register notes beside the passages of a version, by the key of the part."""
    _passage_notes.append(function)
    return function


def lines_of(actor: Actor, plan: Plan, version: Version | None) -> list[Line]:
    """All lines on the face of a version; none before there is one."""
    if version is None:
        return []
    return [line for function in _plan_faces for line in function(actor, plan, version)]


def notes_of(actor: Actor, version: Version | None) -> dict[UUID, list[Note]]:
    """The notes beside each passage of a version."""
    found: dict[UUID, list[Note]] = defaultdict(list)
    for function in _passage_notes if version is not None else ():
        assert version is not None
        for key, note in function(actor, version).items():
            found[key].append(note)
    return found

"""What rooms downstream put on a plan's face and beside its passages. Strategy declares the slots.

@on_plan
def rounds(actor, plan, version):            # at most one query
    yield Line(_("Suggestions are taken until %(day)s") % …, url, _("Suggest"), passage_url=f"{url}#{{ref}}")

@tells(Kind.SUGGESTION)
def answers(actor, keys):                    # one query; short texts about the things beside a passage
    return {key: [_("accepted in part: …")]}
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from khlong.people.actor import Actor
from khlong.strategy.models import Plan, Version


@dataclass(frozen=True)
class Line:
    """A line on a plan's face, with a button where `button` says what it does.

    `passage_url` is where one says something to a single passage; `{ref}` in it stands for the passage's reference.
    """

    words: Any
    url: str = ""
    button: Any = ""
    passage_url: str = ""

    def at(self, ref: str) -> str:
        """Where one says something to this passage; empty where the line takes none."""
        return self.passage_url.replace("{ref}", ref)


PlanFace = Callable[[Actor, Plan, Version], Iterable[Line]]
Tells = Callable[[Actor, Collection[UUID]], Mapping[UUID, Iterable[Any]]]
_plan_faces: list[PlanFace] = []
_tells: dict[str, Tells] = {}


def on_plan(function: PlanFace) -> PlanFace:
    """Register lines on the face of a version of a plan."""
    _plan_faces.append(function)
    return function


def tells(kind: str) -> Callable[[Tells], Tells]:
    """Register what is told, beside a passage, of things of a kind that came of it."""

    def wrap(function: Tells) -> Tells:
        if kind in _tells:
            raise RuntimeError(f"two rooms tell of {kind}")
        _tells[kind] = function
        return function

    return wrap


def lines_of(actor: Actor, plan: Plan, version: Version | None) -> list[Line]:
    """All lines on the face of a version; none before there is one."""
    if version is None:
        return []
    return [line for function in _plan_faces for line in function(actor, plan, version)]


def tell(actor: Actor, kind: str, keys: Collection[UUID]) -> Mapping[UUID, Iterable[Any]]:
    """Short texts about things of a kind, by their nodes; nothing where no room tells of them."""
    return _tells[kind](actor, keys) if kind in _tells and keys else {}

"""What rooms downstream put on a plan's face and beside its passages. Strategy declares the slots.

@on_plan
def rounds(actor, plan, version):            # at most one query
    yield Line(_("Suggestions are taken until %(day)s") % …, url, _("Suggest"), passage_url=f"{url}#{{ref}}")

@tells(Kind.SUGGESTION, words)               # words(rows of one thing) gives its short texts
def answers(actor, keys):                    # rows; those of all kinds are asked for in one query
    return Answer.objects.filter(suggestion__in=keys).annotate(of=F("suggestion"), said=JSONObject(…))
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

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
Rows = Callable[[Actor, Collection[UUID]], QuerySet[Any]]
Words = Callable[[list[dict[str, Any]]], Iterable[Any]]
_plan_faces: list[PlanFace] = []
_tells: dict[str, tuple[Rows, Words]] = {}


def on_plan(function: PlanFace) -> PlanFace:
    """Register lines on the face of a version of a plan."""
    _plan_faces.append(function)
    return function


def tells(kind: str, words: Words) -> Callable[[Rows], Rows]:
    """Register what is told, beside a passage, of things of a kind that came of it. The function gives rows with
    `of`, the thing's node, and `said`, a JSON object; `words` makes short texts of all that is said of one thing.
    """

    def wrap(function: Rows) -> Rows:
        if kind in _tells:
            raise RuntimeError(f"two rooms tell of {kind}")
        _tells[kind] = (function, words)
        return function

    return wrap


def lines_of(actor: Actor, plan: Plan, version: Version | None) -> list[Line]:
    """All lines on the face of a version; none before there is one."""
    if version is None:
        return []
    return [line for function in _plan_faces for line in function(actor, plan, version)]


def tell(actor: Actor, wanted: Mapping[str, Collection[UUID]]) -> dict[UUID, list[Any]]:
    """Short texts about things, by their nodes, where rooms tell of their kinds; one query for all kinds."""
    asked = {kind: keys for kind, keys in wanted.items() if keys and kind in _tells}
    parts = [
        _tells[kind][0](actor, keys).order_by().values_list("of", "said") for kind, keys in asked.items()
    ]
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for key, said in parts[0].union(*parts[1:], all=True) if parts else ():
        found[key].append(said)
    return {
        key: list(_tells[kind][1](found[key])) for kind, keys in asked.items() for key in keys if key in found
    }

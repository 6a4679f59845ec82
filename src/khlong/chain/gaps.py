"""Dry stretches: links of the chain that are missing, whose they are to mend, and the form that mends them.

A room says what is missing downstream of it or upstream, as nodes::

    gap(Gap("finding.no_evidence", Kind.FINDING, _("findings that rest on no evidence"),
            _("No evidence is linked yet."), _("Link evidence"),
            rows=lambda: Node.objects.filter(kind=Kind.FINDING, upstream=None),
            mend=lambda node: reverse("chain:links", args=[node.ref])))

`rows` gives nodes of every space, unscoped; who asks narrows them. A real city that has published nothing of what is
missing (`lacks`) has no gap there for its readers: it is "not published", which nobody has to mend.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from khlong.chain.models import Kind, Node
from khlong.chain.stages import OWN_WORK
from khlong.people.actor import Actor
from khlong.people.policy import scope


@dataclass(frozen=True)
class Gap:
    """One kind of missing link. `key` is its name in `./khlong status --json`; `button` are the words that mend it.

    `lacks` are the kinds of which one is missing; empty where something within the thing is missing. `upstream` says
    on which side of the thing the stretch is dry.
    """

    key: str
    of: Kind
    title: Any
    sentence: Any
    button: Any
    rows: Callable[[], QuerySet[Node]]
    mend: Callable[[Node], str]
    lacks: tuple[Kind, ...] = ()
    upstream: bool = False


_gaps: dict[str, Gap] = {}


def gap(made: Gap) -> Gap:
    """Register a kind of missing link; called when a room is loaded."""
    if made.key in _gaps:
        raise RuntimeError(f"two gaps are called {made.key}")
    _gaps[made.key] = made
    return made


def registered() -> list[Gap]:
    return list(_gaps.values())


@dataclass(frozen=True)
class Missing:
    """A gap at a thing. `published` is whether its city shows anything of what is missing to this reader."""

    gap: Gap
    published: bool


def missing_at(node: Node, actor: Actor) -> tuple[list[Missing], bool]:
    """The links that are missing at a node, and whether its city shows any work on the chain; one query.

    The training city keeps nothing back: whatever is not there is missing.
    """
    rows = [one for one in _gaps.values() if one.of == node.kind]
    asked: dict[str, Any] = {
        f"gap{i}": Exists(one.rows().filter(pk=OuterRef("pk"))) for i, one in enumerate(rows)
    }
    if not node.is_example:
        asked |= {f"has{i}": _shown(actor, node, one.lacks) for i, one in enumerate(rows) if one.lacks}
        asked["works"] = _shown(actor, node, OWN_WORK)
    if not asked:
        return [], True
    found = Node.objects.filter(pk=node.pk).values(**asked).first() or {}
    works = bool(found.get("works", True))
    missing = [
        Missing(one, works and bool(found.get(f"has{i}", True)))
        for i, one in enumerate(rows)
        if found.get(f"gap{i}")
    ]
    return missing, works


def _shown(actor: Actor, node: Node, kinds: tuple[Kind, ...]) -> Exists:
    rows = scope(actor, Node.objects.order_by()).filter(space=node.space_id, kind__in=kinds)
    return Exists(rows)

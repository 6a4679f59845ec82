"""Dry stretches: links of the chain that are missing, whose they are to mend, and the form that mends them.

A room says what is missing downstream of it or upstream, as nodes::

    gap(Gap("finding.no_evidence", Kind.FINDING, _("findings that rest on no evidence"),
            _("No evidence is linked yet."), _("Link evidence"),
            rows=lambda: Node.objects.filter(kind=Kind.FINDING, upstream=None),
            mend=lambda node: reverse("chain:links", args=[node.ref])))

`rows` gives nodes of every space, unscoped; who asks narrows them. A city that has published nothing of a kind has no
gap there: it is "not published", which nobody has to mend.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from khlong.chain.models import Kind, Node


@dataclass(frozen=True)
class Gap:
    """One kind of missing link. `key` is its name in `./khlong status --json`; `button` are the words that mend it."""

    key: str
    of: Kind
    title: Any
    sentence: Any
    button: Any
    rows: Callable[[], QuerySet[Node]]
    mend: Callable[[Node], str]


_gaps: dict[str, Gap] = {}


def gap(made: Gap) -> Gap:
    """Register a kind of missing link; called when a room is loaded."""
    if made.key in _gaps:
        raise RuntimeError(f"two gaps are called {made.key}")
    _gaps[made.key] = made
    return made


def registered() -> list[Gap]:
    return list(_gaps.values())


def gaps_of(node: Node) -> list[Gap]:
    """The links that are missing at this node; one query for each kind of gap of its kind."""
    return [one for one in _gaps.values() if one.of == node.kind and one.rows().filter(pk=node.pk).exists()]

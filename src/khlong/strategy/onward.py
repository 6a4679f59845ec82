"""What can be begun from a measure in the rooms downstream: each registers a button for who writes in the city.

begin(_("Make a proposal"), lambda node: f"{reverse('adoption:add_proposal', args=[…])}?measure={node.ref}")
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from khlong.chain.models import Node

Way = tuple[Any, Callable[[Node], str]]
_ways: list[Way] = []


def begin(label: Any, url: Callable[[Node], str]) -> None:
    """Register a button on the page of a measure; called when a room is loaded."""
    _ways.append((label, url))


def ways(measure: Node) -> list[tuple[Any, str]]:
    """Label and address of each button, in the order in which the water runs."""
    return [(label, url(measure)) for label, url in _ways]

"""Where the page of each kind of node is; rooms register theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.urls import reverse

if TYPE_CHECKING:
    from khlong.chain.models import Node

_pages: dict[str, str] = {}
_names: list[Callable[[str], str | None]] = []


def names(function: Callable[[str], str | None]) -> Callable[[str], str | None]:
    """Register where places are known by another name than their reference; it gives the reference, or None."""
    _names.append(function)
    return function


def ref_named(word: str) -> str | None:
    """The reference of what is called by this name, such as a city's address."""
    return next((ref for function in _names if (ref := function(word))), None)


def register(kind: str, url_name: str) -> None:
    """The page of nodes of this kind is the URL of this name, which takes `ref`."""
    _pages[kind] = url_name


def url_of(node: Node) -> str:
    """The page of a node; its trace where its room has no page of its own."""
    return reverse(_pages.get(node.kind, "chain:trace"), kwargs={"ref": node.ref})

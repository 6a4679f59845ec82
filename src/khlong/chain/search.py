"""Keeping the search in step with the chain: rooms say what text belongs to their kinds, actions call `index`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from khlong.chain.models import Node
from khlong.record import search
from khlong.record.models import SearchEntry

Texts = Callable[[Collection[UUID]], Mapping[UUID, Iterable[str] | None]]
CHUNK = 500

_texts: dict[str, Texts] = {}
_waiting: ContextVar[set[UUID] | None] = ContextVar("nodes waiting to be indexed", default=None)


def texts_for(*kinds: str) -> Callable[[Texts], Texts]:
    """Register what a reader may find nodes of these kinds by, besides their titles.

    The function gets keys of nodes and gives their texts; None takes a node out of the search.
    """

    def wrap(function: Texts) -> Texts:
        _texts.update(dict.fromkeys(kinds, function))
        return function

    return wrap


def fields_for(kind: str, *paths: str) -> None:
    """Register fields as the texts of a kind, by their paths from the node, such as "meeting__place_th"."""

    @texts_for(kind)
    def of_fields(keys: Collection[UUID]) -> Mapping[UUID, Iterable[str]]:
        found: dict[UUID, dict[str, None]] = {}
        for key, *values in Node.objects.filter(pk__in=keys).order_by("pk", *paths).values_list("pk", *paths):
            found.setdefault(key, {}).update(dict.fromkeys(filter(None, values)))
        return found


def index(*keys: UUID) -> None:
    """Bring the search in step with these nodes; call it in the transaction that changed them."""
    waiting = _waiting.get()
    if waiting is None:
        _write(keys)
    else:
        waiting.update(keys)


@contextmanager
def together() -> Iterator[None]:
    """Within this block nodes are gathered, and indexed at its end in one go. For the loading of files."""
    token = _waiting.set(set())
    try:
        yield
        waiting = _waiting.get() or set()
    finally:
        _waiting.reset(token)
    _write(sorted(waiting))


def _write(keys: Iterable[UUID]) -> int:
    nodes = _by_kind(list(keys))
    made, gone = [], []
    for kind, rows in nodes.items():
        texts: Mapping[UUID, Any] = _texts[kind]([row.pk for row in rows]) if kind in _texts else {}
        for row in rows:
            own = texts.get(row.pk, ())
            gone.append(row.pk) if own is None else made.append(entry_of(row, own))
    if gone:
        search.forget(gone)
    if made:
        search.keep(made)
    return len(made)


def _by_kind(keys: list[UUID]) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = defaultdict(list)
    for start in range(0, len(keys), CHUNK):
        for node in Node.objects.filter(pk__in=keys[start : start + CHUNK]):
            found[node.kind].append(node)
    return found


def entry_of(node: Node, texts: Iterable[str]) -> SearchEntry:
    """The entry of a node that stands in the database."""
    return search.entry(
        node=node.pk,
        ref=node.ref,
        kind=node.kind,
        space=node.space_id,
        visibility=node.visibility,
        titles=(node.title_th, node.title_en),
        texts=texts,
    )


@dataclass(frozen=True)
class Reindexed:
    """What making the index anew did: entries now, entries of nodes that are gone, whether FTS5 was mended."""

    entries: int
    gone: int
    mended: bool


Part = Callable[[int], AbstractContextManager[None]]


def alone(_parts: int) -> AbstractContextManager[None]:
    """A transaction of its own for each part."""
    return transaction.atomic()


def reindex(part: Part = alone, total: Callable[[int], None] = lambda _number: None) -> Reindexed:
    """Make all entries anew, some hundred in a transaction, so that nobody else waits long.

    `total` is told how many there are, `part` opens the transaction of so many.
    """
    size = settings.SEARCH_CHUNK
    keys = list(Node.objects.order_by("ref").values_list("pk", flat=True))
    total(len(keys))
    made = 0
    for start in range(0, len(keys), size):
        some = keys[start : start + size]
        with part(len(some)):
            made += _write(some)
    gone = list(
        SearchEntry.objects.exclude(node__in=Node.objects.values("pk")).values_list("node", flat=True)
    )
    for start in range(0, len(gone), size):
        with part(0):
            search.forget(gone[start : start + size])
    return Reindexed(made, len(gone), search.mend())


def index_if_empty() -> None:
    """Fill the search of a database that is older than the search."""
    if not SearchEntry.objects.exists() and Node.objects.exists():
        reindex()

"""What a suggestion would make of the words that stand now, and how new words differ from old ones. Plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

from khlong.thai.clusters import clusters

Op = Literal["same", "removed", "added"]
Piece = tuple[Op, str]
SHORTEST_SAME = 3
"""Clusters that must stand still between two changes; fewer are read as part of the change."""
MOST_COMPARED = 4_000_000


@dataclass(frozen=True)
class Proposal:
    """The words of a passage as a suggestion would have them.

    `fits` says whether its place was found in the words that stand now; where it was not, `text` is those words
    unchanged, and somebody puts the suggestion in by hand.
    """

    text: str
    fits: bool


def proposed(base: str, current: str, start: int, end: int, instead: str) -> Proposal:
    """Put `instead` in the place of base[start:end], carried over to the words that stand now.

    Offsets count code points. Nothing is guessed: the place counts as found when the text before or behind it is
    as it was, or when the quoted words stand in both texts exactly once.
    """
    if not instead:
        return Proposal(current, fits=True)
    place = _place(base, current, start, end)
    if place is None:
        return Proposal(current, fits=False)
    at = place + (end - start)
    return Proposal(current[:place] + instead + current[at:], fits=True)


def _place(base: str, current: str, start: int, end: int) -> int | None:
    """Where base[start:end] begins in the current text, or None."""
    before = _same_beginning(base, current)
    if end <= before:
        return start
    room = min(len(base), len(current)) - before
    behind = min(_same_beginning(base[::-1], current[::-1]), room)
    if start >= len(base) - behind:
        return start + len(current) - len(base)
    quote = base[start:end]
    once = bool(quote) and base.count(quote) == 1 and current.count(quote) == 1
    return current.index(quote) if once else None


def difference(old: str, new: str) -> list[Piece]:
    """Pieces that stand, were taken out and put in; old and new can be put together from them again.

    Compared by clusters, so that no vowel or tone mark is parted from its letter.
    """
    a, b = clusters(old), clusters(new)
    head = _same_beginning(a, b)
    tail = _same_beginning(a[head:][::-1], b[head:][::-1])
    inner_a, inner_b = a[head : len(a) - tail], b[head : len(b) - tail]
    pieces: list[Piece] = [("same", "".join(a[:head])), *_between(inner_a, inner_b)]
    pieces.append(("same", "".join(a[len(a) - tail :])))
    return _joined(pieces)


def _same_beginning(a: Sequence[str], b: Sequence[str]) -> int:
    return next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _between(a: Sequence[str], b: Sequence[str]) -> list[Piece]:
    if len(a) * len(b) > MOST_COMPARED:
        return [("removed", "".join(a)), ("added", "".join(b))]
    found: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal" and (j - i >= SHORTEST_SAME or not found):
            found.append(("same", "".join(a[i:j])))
        else:
            found += [("removed", "".join(a[i:j])), ("added", "".join(b[k:m]))]
    return found


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Without empty pieces; what was taken out next to each other is one piece, before what was put in."""
    found: list[Piece] = []
    for same, run in groupby((piece for piece in pieces if piece[1]), key=lambda piece: piece[0] == "same"):
        row = list(run)
        if same:
            found.append(("same", "".join(text for _op, text in row)))
            continue
        for op in ("removed", "added"):
            text = "".join(text for kind, text in row if kind == op)
            found += [(op, text)] if text else []
    return found

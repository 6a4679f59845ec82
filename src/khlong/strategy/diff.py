"""What changed between two versions of a plan, passage by passage, and word by word within one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from khlong.strategy.frozen import differing
from khlong.strategy.queries import Book, Leaf
from khlong.thai.words import segment

Change = Literal["changed", "added", "removed", "moved", "detail"]
Kind = Literal["same", "del", "ins"]


@dataclass(frozen=True)
class Piece:
    """Some words that both texts have, or only the older (del) or the newer one (ins)."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Difference:
    """A part of a plan that is not the same in both versions; `old` or `new` is None where it does not stand."""

    change: Change
    old: Leaf | None
    new: Leaf | None

    @property
    def leaf(self) -> Leaf:
        found = self.new or self.old
        assert found is not None
        return found

    @property
    def pieces(self) -> list[Piece]:
        old = self.old.text if self.old else ""
        return pieces(old, self.new.text if self.new else "")

    @property
    def details(self) -> str:
        """What the measure is otherwise than before, by the labels of the form; empty where nothing is."""
        return ", ".join(differing(self.old.kept, self.new.kept)) if self.old and self.new else ""

    @property
    def was(self) -> str:
        """The number that the part had before."""
        return self.old.number if self.old else ""


def differences_of(old: Book, new: Book) -> list[Difference]:
    """What differs, in the order of the newer version; what it no longer holds stands where it stood before."""
    before = {leaf.item.pk: leaf for leaf in old.all()}
    after = {leaf.item.pk: leaf for leaf in new.all()}
    found: list[Difference] = []
    for key, leaf in after.items():
        was = before.get(key)
        if was is None:
            found.append(Difference("added", None, leaf))
        elif was.text != leaf.text:
            found.append(Difference("changed", was, leaf))
        elif was.number != leaf.number:
            found.append(Difference("moved", was, leaf))
        elif differing(was.kept, leaf.kept):
            found.append(Difference("detail", was, leaf))
    return [*found, *(Difference("removed", leaf, None) for key, leaf in before.items() if key not in after)]


def pieces(old: str, new: str) -> list[Piece]:
    """Both texts as one: words that stay, words taken out, words put in. Joined without what was put in they are
    the older text, without what was taken out the newer one.
    """
    one, two = segment(old), segment(new)
    made: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if tag == "equal":
            made.append(Piece("same", "".join(one[a:b])))
            continue
        made += [Piece("del", "".join(one[a:b]))] if b > a else []
        made += [Piece("ins", "".join(two[c:d]))] if d > c else []
    return _calm(made)


SHORT = 3


def _calm(found: list[Piece]) -> list[Piece]:
    """Join changes that only a scrap of equal words keeps apart: a reader sees one change, not a flicker."""
    made: list[Piece] = []
    for piece in found:
        scrap = piece.kind == "same" and len(piece.text.strip()) < SHORT and made and piece is not found[-1]
        made += [Piece("del", piece.text), Piece("ins", piece.text)] if scrap else [piece]
    return list(_grouped(made))


def _grouped(found: list[Piece]) -> Iterable[Piece]:
    """Between words that stay, first all that was taken out and then all that was put in."""
    out, into = "", ""
    for piece in [*found, Piece("same", "")]:
        if piece.kind == "del":
            out += piece.text
        elif piece.kind == "ins":
            into += piece.text
        else:
            yield from _changed(out, into)
            out, into = "", ""
            if piece.text:
                yield piece


def _changed(out: str, into: str) -> Iterable[Piece]:
    if out == into:
        yield from [Piece("same", out)] if out else []
        return
    if out:
        yield Piece("del", out)
    if into:
        yield Piece("ins", into)

"""A plan before a whole hall: one passage at a time in large type, with the voices that it rests on."""

from __future__ import annotations

from functools import cached_property

from khlong.people.actor import Actor
from khlong.strategy.margin import Margin
from khlong.strategy.models import ItemKind, Plan, Version
from khlong.strategy.queries import Book, Leaf, version_book, working_book

VOICES = 6
LONG = 110


class HallPage:
    """One passage of a plan, and the ways to the one before and the one after."""

    def __init__(self, actor: Actor, plan: Plan, version: Version | None, at: str) -> None:
        self.actor, self.plan, self.version, self.at = actor, plan, version, at

    @cached_property
    def book(self) -> Book:
        return version_book(self.version) if self.version else working_book(self.plan)

    @cached_property
    def leaves(self) -> list[Leaf]:
        return self.book.all()

    @cached_property
    def place(self) -> int:
        """Where the passage stands, from 0; the first where the address names none of this plan."""
        refs = [leaf.item.ref for leaf in self.leaves]
        return refs.index(self.at) if self.at in refs else 0

    @property
    def leaf(self) -> Leaf | None:
        return self.leaves[self.place] if self.leaves else None

    @property
    def number(self) -> int:
        return self.place + 1

    @property
    def total(self) -> int:
        return len(self.leaves)

    @property
    def before(self) -> Leaf | None:
        return self.leaves[self.place - 1] if self.place else None

    @property
    def after(self) -> Leaf | None:
        return self.leaves[self.place + 1] if self.place + 1 < self.total else None

    @property
    def has_label(self) -> bool:
        """A vision and a statement are words alone; other parts bear their kind and number."""
        return self.leaf is not None and self.leaf.kind not in {ItemKind.VISION, ItemKind.STATEMENT}

    @property
    def is_long(self) -> bool:
        """Whether the words are set smaller, so that they stand on one screen."""
        return self.leaf is not None and len(self.leaf.text) > LONG

    @cached_property
    def margin(self) -> Margin | None:
        return Margin(self.actor, self.leaf.item, most_voices=VOICES) if self.leaf else None

"""Reading a plan: its parts in order, their newest words, a version as a book."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Case, Count, F, OuterRef, QuerySet, Subquery, Value, When, Window
from django.db.models.functions import RowNumber

from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.places.models import City
from khlong.strategy.frozen import Kept, differing, said, thawed
from khlong.strategy.models import (
    Item,
    ItemKind,
    Language,
    MeasureDetail,
    PassageRevision,
    Plan,
    Version,
    VersionEntry,
)

AT_A_GLANCE = 8
"""Parts of one kind below another part, in a book that is not read whole."""


def plan_items(plan: Plan) -> list[Item]:
    """The parts of a plan that stand, in reading order: each part before its own parts."""
    rows = Item.objects.filter(plan=plan, removed=False).select_related(
        "node__space", "passage", "plan", "measure__responsible__node", "measure__cost_source"
    )
    rows = rows.prefetch_related("measure__groups")
    return in_order(rows)


def in_order(rows: QuerySet[Item]) -> list[Item]:
    """Parts in reading order; those whose part above is not among them are left out. One query."""
    below: dict[Any, list[Item]] = defaultdict(list)
    for item in rows.order_by("order", "pk"):
        below[item.parent_id].append(item)
    return list(_walk(below, None))


def _walk(below: dict[Any, list[Item]], parent: Any) -> Iterable[Item]:
    for item in below[parent]:
        yield item
        yield from _walk(below, item.pk)


def newest_revisions(plan: Plan) -> dict[Any, dict[str, PassageRevision]]:
    """Newest words of each part by language, in one query."""
    newest: dict[Any, dict[str, PassageRevision]] = defaultdict(dict)
    rows = (
        PassageRevision.objects.filter(passage__item__plan=plan).select_related("passage").order_by("number")
    )
    for row in rows:
        newest[row.passage.item_id][row.lang] = row
    return newest


@dataclass
class Leaf:
    """A part of a plan as it is read: its words, their translation, its own parts."""

    item: Item
    number: str
    revision: PassageRevision
    translation: PassageRevision | None
    parts: list[Leaf] = field(default_factory=list)
    older: str | None = None
    """What it said in the version before, where that was asked for and it stood there."""
    more: int = 0
    """How many of its parts a book for a glance leaves out."""
    kept: Kept | None = None
    """What the measure is, as this book has it; None for other parts, and where nobody has said it."""

    @cached_property
    def detail(self) -> MeasureDetail | None:
        """What the measure is, to be read and never saved."""
        return thawed(self.kept)

    @property
    def kind(self) -> str:
        return self.item.kind

    @property
    def text(self) -> str:
        return self.revision.text

    @property
    def measures(self) -> list[Leaf]:
        """The measures below it, at whatever depth."""
        return [part for part in _flat(self.parts) if part.kind == ItemKind.MEASURE]

    @property
    def english(self) -> str:
        return self.translation.text if self.translation else ""

    @property
    def reworded(self) -> bool:
        """Whether it said something else in the version before."""
        return self.older is not None and self.older != self.text

    @property
    def stale(self) -> bool:
        """Whether the translation was made from older words."""
        return self.translation is not None and self.translation.made_from_id != self.revision.pk


@dataclass
class Book:
    """A plan ready to be read: its visions first, then its strategies with what belongs to each."""

    plan: Plan
    version: Version | None
    leaves: list[Leaf]

    @property
    def visions(self) -> list[Leaf]:
        return [leaf for leaf in self.leaves if leaf.kind == ItemKind.VISION]

    @property
    def chapters(self) -> list[Leaf]:
        return [leaf for leaf in self.leaves if leaf.kind != ItemKind.VISION]

    def all(self) -> list[Leaf]:
        return list(_flat(self.leaves))

    def count(self, kind: str) -> int:
        return sum(leaf.kind == kind for leaf in self.all())


def _flat(leaves: list[Leaf]) -> Iterable[Leaf]:
    for leaf in leaves:
        yield leaf
        yield from _flat(leaf.parts)


def working_book(plan: Plan) -> Book:
    """The plan as it stands now, with what no version holds yet."""
    words = newest_revisions(plan)
    items = plan_items(plan)
    leaves = [
        (item, item.parent_id, words[item.pk][Language.THAI], words[item.pk].get(Language.ENGLISH))
        for item in items
    ]
    book = Book(plan, None, _numbered(leaves))
    for leaf in book.all():
        leaf.kept = said_of(leaf.item)
    return book


def said_of(item: Item) -> Kept | None:
    """What stands of a measure now, to be kept with a version; asks nothing of what `plan_items` brought along."""
    detail = getattr(item, "measure", None)
    return said(detail) if detail is not None else None


def version_book(version: Version, *, compared: bool = False) -> Book:
    """A version as it was frozen, with what its measures are; one query. `compared` brings along the words that
    each part had in the version before.
    """
    rows = version.entries.select_related("item__node", "revision", "translation")
    if compared and version.before:
        older = VersionEntry.objects.filter(
            version__plan=version.plan_id, version__number=version.before, item=OuterRef("item")
        )
        rows = rows.annotate(older_text=Subquery(older.values("revision__text")[:1]))
    entries = list(rows)
    leaves = _numbered([(e.item, e.parent_id, e.revision, e.translation) for e in entries])
    book = Book(version.plan, version, leaves)
    held = {entry.item_id: entry for entry in entries}
    for leaf in book.all():
        entry = held[leaf.item.pk]
        leaf.older, leaf.kept = getattr(entry, "older_text", None), entry.detail
    return book


def books_of(actor: Actor, cities: list[City]) -> dict[Any, Book]:
    """The newest version of the first plan of each city, by the city's primary key; one query for all.

    For a glance, not to be read whole: of one kind of parts below the same part the first `AT_A_GLANCE`, and how many
    more there are.
    """
    newest = Version.objects.filter(plan=OuterRef("version__plan")).order_by("-number").values("pk")[:1]
    plans = scope(actor, Plan.objects.filter(city__in=cities))
    rows = VersionEntry.objects.filter(version=Subquery(newest), version__plan__in=plans).select_related(
        "version__plan__source",
        "version__plan__node__space",
        "item__node",
        "item__passage",
        "revision",
        "translation",
    )
    alike = [F("version"), F("parent"), F("item__kind")]
    place = Window(RowNumber(), partition_by=alike, order_by="order")
    rows = rows.annotate(
        place=Case(When(parent=None, then=Value(0)), default=place),
        alike=Window(Count("pk"), partition_by=alike),
    ).filter(place__lte=AT_A_GLANCE)
    by_city: dict[Any, list[VersionEntry]] = defaultdict(list)
    for entry in rows.order_by("version__plan", "order"):
        by_city[entry.version.plan.city_id].append(entry)
    return {city: _book(entries) for city, entries in by_city.items()}


def _book(entries: list[VersionEntry]) -> Book:
    version = entries[0].version
    known: set[Any] = {None}
    first = []
    for entry in entries:
        if entry.version_id == version.pk and entry.parent_id in known:
            first.append(entry)
            known.add(entry.item_id)
    rows = [(e.item, e.parent_id, e.revision, e.translation) for e in first]
    book = Book(version.plan, version, _numbered(rows))
    alike = {(entry.parent_id, entry.item.kind): getattr(entry, "alike", 0) for entry in first}
    for leaf in book.all():
        of_it = (count for (parent, _kind), count in alike.items() if parent == leaf.item.pk)
        leaf.more = sum(max(count - AT_A_GLANCE, 0) for count in of_it)
    return book


def _numbered(
    rows: Iterable[tuple[Item, Any, PassageRevision, PassageRevision | None]],
) -> list[Leaf]:
    top: list[Leaf] = []
    known: dict[Any, Leaf] = {}
    for item, parent, revision, translation in rows:
        above = known.get(parent)
        row = above.parts if above else top
        leaf = Leaf(item, _next_number(item, above, row), revision, translation)
        known[item.pk] = leaf
        row.append(leaf)
    return top


def unversioned(plan: Plan, version: Version | None) -> int:
    """How many parts say something else now than in the version (new, changed, moved or left out)."""
    return differences(working_book(plan), version_book(version) if version else None)


def differences(working: Book, frozen: Book | None) -> int:
    """How many parts say something else in the working text than in a version's book."""
    now = {leaf.item.pk: leaf for leaf in working.all()}
    then = {leaf.item.pk: leaf for leaf in frozen.all()} if frozen else {}
    changed = sum(not _alike(now.get(key), then.get(key)) for key in now.keys() | then.keys())
    return changed or sum(one != other for one, other in zip(now, then, strict=False))


def _next_number(item: Item, above: Leaf | None, row: list[Leaf]) -> str:
    """1, 2, … for what the plan sets out to do and 1.1, 1.2, … below; a vision and a preamble bear none."""
    if above is None and item.kind in {ItemKind.VISION, ItemKind.STATEMENT}:
        return ""
    place = sum(bool(leaf.number) for leaf in row) + 1
    return f"{above.number}.{place}" if above and above.number else str(place)


def _alike(one: Leaf | None, other: Leaf | None) -> bool:
    if one is None or other is None:
        return one is other
    return _stand(one) == _stand(other) and not differing(one.kept, other.kept)


def _stand(leaf: Leaf) -> tuple[Any, ...]:
    return leaf.revision.pk, leaf.translation.pk if leaf.translation else None, leaf.number

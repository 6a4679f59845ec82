"""What the parts of a plan are found by: their newest words, while the plan or its newest version holds them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from django.db.models import Max, OuterRef, Subquery

from khlong.chain.models import Kind
from khlong.chain.search import texts_for
from khlong.strategy.models import Item, PassageRevision, VersionEntry


@texts_for(Kind.ITEM, Kind.MEASURE)
def words_of_parts(keys: Collection[UUID]) -> Mapping[UUID, Iterable[str] | None]:
    """Newest words in each language, Thai first; None for a part that was left out. At most two queries."""
    found: dict[UUID, list[str] | None] = {}
    newest = PassageRevision.objects.filter(passage=OuterRef("passage"), lang=OuterRef("lang"))
    rows = PassageRevision.objects.filter(
        passage__item__in=keys, number=Subquery(newest.order_by("-number").values("number")[:1])
    ).order_by("-lang")
    for item, removed, text in rows.values_list("passage__item", "passage__item__removed", "text"):
        found[item] = None if removed else [*(found.get(item) or ()), text]
    removed_ones = [item for item, texts in found.items() if texts is None]
    for item, text in _still_read(removed_ones) if removed_ones else ():
        found[item] = [*(found[item] or ()), text]
    return found


def _still_read(removed: Collection[UUID]) -> Iterable[tuple[UUID, str]]:
    """The words of parts that the next version will leave out and the newest still holds."""
    newest = Item.objects.filter(pk=OuterRef("item")).annotate(last=Max("plan__versions__number"))
    rows = VersionEntry.objects.filter(item__in=removed, version__number=Subquery(newest.values("last")))
    return rows.values_list("item", "revision__text")

"""What the parts of a plan are found by: the words that readers read, which are those of the newest version."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from django.db.models import OuterRef, Subquery

from khlong.chain.models import Kind
from khlong.chain.search import texts_for
from khlong.strategy.models import MeasureDetail, PassageRevision, Version, VersionEntry

DETAILS = (
    "system",
    "land_use",
    "drainage_path",
    "landowner",
    "permission",
    "gains",
    "loses",
    "beyond",
    "cost_note",
)


@texts_for(Kind.ITEM, Kind.MEASURE)
def words_of_parts(keys: Collection[UUID]) -> Mapping[UUID, Iterable[str] | None]:
    """The words of each part in the newest version of its plan, Thai first; of a part that no version holds
    yet, and that only the working group sees, its newest words; None for one that was left out. What is
    said of a measure stands after its words. Three queries.
    """
    newest = Version.objects.filter(plan=OuterRef("version__plan")).order_by("-number").values("pk")[:1]
    entries = VersionEntry.objects.filter(item__in=keys, version=Subquery(newest))
    found: dict[UUID, list[str] | None] = {
        item: [text for text in (thai, english) if text]
        for item, thai, english in entries.values_list("item", "revision__text", "translation__text")
    }
    found = _drafts([key for key in keys if key not in found]) | found
    for detail in MeasureDetail.objects.filter(item__in=keys).values_list("item", *DETAILS):
        if (own := found.get(detail[0])) is not None:
            own.extend(text for text in detail[1:] if text)
    return found


def _drafts(keys: Collection[UUID]) -> dict[UUID, list[str] | None]:
    """Newest words of parts that the newest version does not hold; None for those that were left out."""
    found: dict[UUID, list[str] | None] = {}
    newest = PassageRevision.objects.filter(passage=OuterRef("passage"), lang=OuterRef("lang"))
    rows = PassageRevision.objects.filter(
        passage__item__in=keys, number=Subquery(newest.order_by("-number").values("number")[:1])
    ).order_by("-lang")
    for item, removed, text in rows.values_list("passage__item", "passage__item__removed", "text"):
        found[item] = None if removed else [*(found.get(item) or ()), text]
    return found

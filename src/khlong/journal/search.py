"""What a reader may find a report by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from khlong.chain.models import Kind
from khlong.chain.search import texts_for
from khlong.journal.models import Report
from khlong.journal.photos import read
from khlong.journal.prose import plain


@texts_for(Kind.REPORT)
def texts_of_reports(keys: Collection[UUID]) -> Mapping[UUID, Iterable[str]]:
    """Place, words and what is written under the photos."""
    return {report.pk: list(_texts(report)) for report in Report.objects.filter(pk__in=keys)}


def _texts(report: Report) -> Iterable[str]:
    yield from (report.place_th, report.place_en, plain(report.text_th), plain(report.text_en))
    for photo in map(read, report.photos):
        yield from (photo.caption_th, photo.caption_en, photo.alt_th, photo.alt_en)

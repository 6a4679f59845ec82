"""What a hall takes along and brings home of related topics and reports, with their photos."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from khlong.chain.hall.documents import ThingDocument, Work, register, stays_in_the_hall
from khlong.chain.hall.threeway import Rules, Values, combine_files
from khlong.chain.hall.travel import travels
from khlong.journal import actions
from khlong.journal.models import Report, Topic

AGREE = "shown_agree"


class ReportDocument(ThingDocument):
    """A report with its photos. That people agreed to be shown holds for the photos of the side that says so."""

    def change(self, work: Work, key: str, values: Values, *, whole: Values) -> None:
        standing = Report.objects.get(pk=UUID(key))
        photos = _files(values.get("photos", standing.photos))
        agreed = _files(whole["photos"]) if whole.get(AGREE) else set()
        agreed |= _files(standing.photos) if standing.shown_agree else set()
        asked = values.get(AGREE, standing.shown_agree) and ("photos" in values or AGREE in values)
        if asked and not photos <= agreed:
            values = {**values, AGREE: False}
        super().change(work, key, values, whole=whole)


def _files(photos: Any) -> set[str]:
    return {one["file"] for one in photos}


travels(Report, lists=("photos",))
register(ThingDocument(Topic, actions.save_topic, order=75))
register(
    ReportDocument(
        Report,
        actions.save_report,
        order=76,
        rules=Rules(combine={"photos": combine_files}),
        leave=("files",),
    )
)
stays_in_the_hall(
    "journal.report.publish",
    _("A report published in the hall is still a draft here. Publish it here again."),
)

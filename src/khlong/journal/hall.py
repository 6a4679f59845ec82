"""What a hall brings home of related topics and reports."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from khlong.chain.hall.documents import ThingDocument, register, stays_in_the_hall
from khlong.journal import actions
from khlong.journal.models import Report, Topic


class ReportDocument(ThingDocument):
    """A report's words. Files do not travel, so its photos are what they were here, whatever the hall did."""

    AT_HOME = frozenset({"photos", "shown_agree"})

    @property
    def fields(self) -> list[models.Field[Any, Any]]:
        return [item for item in super().fields if item.name not in self.AT_HOME]

    def plain(self, row: Any) -> dict[str, Any]:
        return {name: value for name, value in super().plain(row).items() if name != "files"}


register(ThingDocument(Topic, actions.save_topic, order=75))
register(ReportDocument(Report, actions.save_report, order=76))
stays_in_the_hall(
    "record.file.keep", _("Photos put in at the hall stay there. Put them into their reports here again.")
)
stays_in_the_hall(
    "journal.report.publish",
    _("A report published in the hall is still a draft here. Publish it here again."),
)

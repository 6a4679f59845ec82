"""What a hall takes along and brings home of related topics and reports.

Files do not travel, so a report goes along without its photos, and here they are what they were, whatever the
hall did.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from khlong.chain.hall.documents import ThingDocument, register, stays_in_the_hall
from khlong.chain.hall.travel import travels
from khlong.journal import actions
from khlong.journal.models import Report, Topic

AT_HOME = ("photos", "files", "shown_agree")

travels(Report, instead={"photos": []})
register(ThingDocument(Topic, actions.save_topic, order=75))
register(ThingDocument(Report, actions.save_report, order=76, leave=AT_HOME))
stays_in_the_hall(
    "record.file.keep", _("Photos put in at the hall stay there. Put them into their reports here again.")
)
stays_in_the_hall(
    "journal.report.publish",
    _("A report published in the hall is still a draft here. Publish it here again."),
)

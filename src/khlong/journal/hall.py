"""What a hall takes along and brings home of the journal: topics, and reports without their photos."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from khlong.chain.hall.documents import ThingDocument, register, stays_in_the_hall
from khlong.chain.hall.travel import travels
from khlong.chain.models import Visibility
from khlong.journal import actions
from khlong.journal.models import Report, Topic
from khlong.people.actor import Actor

PHOTOS = ("photos", "files")
"""Files stay where they are: those of the server at home, those of the hall in the hall."""


def show_report(actor: Actor, report: Report, visibility: Visibility) -> None:
    """Publish a report or take it back, as its buttons do."""
    change = actions.publish_report if visibility == Visibility.PUBLIC else actions.withdraw_report
    change(actor, report)


travels(Report, instead={"photos": []})
register(ThingDocument(Topic, actions.save_topic, order=75))
register(ThingDocument(Report, actions.save_report, order=76, show=show_report, leave=PHOTOS))
stays_in_the_hall("record.file.keep", _("Photos and files of the hall stay there. Add them here again."))

"""What a hall brings home of the assessment."""

from __future__ import annotations

from khlong.assessment import actions
from khlong.assessment.models import Event
from khlong.chain.hall.documents import ThingDocument, register

register(ThingDocument(Event, actions.save_event, order=50))

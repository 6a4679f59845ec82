"""What a hall brings home of related topics."""

from __future__ import annotations

from khlong.chain.hall.documents import ThingDocument, register
from khlong.journal import actions
from khlong.journal.models import Topic

register(ThingDocument(Topic, actions.save_topic, order=75))

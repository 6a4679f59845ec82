"""What people do with related topics."""

from __future__ import annotations

from khlong.chain.things import Values, keep_thing
from khlong.journal.models import Topic
from khlong.record.actions import Act, action


@action("journal.topic.save")
def save_topic(act: Act, topic: Topic, values: Values, *, base: int | None = None, why: str = "") -> Topic:
    """Add or change a related topic. Raises Refused, ValidationError, EditConflict."""
    return keep_thing(act, topic, values, base=base, why=why)

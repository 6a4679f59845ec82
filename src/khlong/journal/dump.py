"""Writing related topics to data files."""

from __future__ import annotations

from typing import Any

from khlong.chain.load import dump
from khlong.journal.models import Topic
from khlong.people.actor import ANONYMOUS
from khlong.people.policy import scope
from khlong.places.dump import both, facts_by_thing


@dump
def topics() -> dict[str, dict[str, Any]]:
    facts = facts_by_thing()
    rows = scope(ANONYMOUS, Topic.objects.select_related("node")).order_by("node__ref")
    plain = [
        {"ref": row.ref, "name": both(row, "name"), "order": row.order, "facts": facts(row)} for row in rows
    ]
    return {"topics.yaml": {"topics": plain}}

"""Writing reports and related topics to data files."""

from __future__ import annotations

from typing import Any

from khlong.chain.load import dump
from khlong.chain.models import Kind
from khlong.journal.models import Related, Report, Topic
from khlong.people.actor import ANONYMOUS
from khlong.people.policy import scope
from khlong.places.dump import both, facts_by_thing, iso


@dump
def topics() -> dict[str, dict[str, Any]]:
    facts = facts_by_thing()
    rows = scope(ANONYMOUS, Topic.objects.select_related("node")).order_by("node__ref")
    plain = [
        {"ref": row.ref, "name": both(row, "name"), "order": row.order, "facts": facts(row)} for row in rows
    ]
    return {"topics.yaml": {"topics": plain}}


@dump
def reports() -> dict[str, dict[str, Any]]:
    """All public reports. Photos stay behind: a file of words holds no pictures."""
    rows = scope(ANONYMOUS, Report.objects.select_related("node__space__city", "meeting__node"))
    rows = rows.prefetch_related("organisers__node", "cities").order_by("node__ref")
    found = [_report(row) for row in rows]
    return {"reports.yaml": {"reports": found}} if found else {}


def _report(row: Report) -> dict[str, Any]:
    by_hand = scope(ANONYMOUS, Related.objects.filter(node=row.pk)).exclude(order=None).order_by("order")
    space = row.node.space
    return {
        "ref": row.ref,
        "city": space.city.slug if space and space.kind == Kind.CITY else None,
        "name": both(row, "name"),
        "date": iso(row.date),
        "place": both(row, "place"),
        "organisers": sorted(body.ref for body in row.organisers.all()),
        "cities": sorted(city.slug for city in row.cities.all()),
        "meeting": row.meeting.ref if row.meeting else None,
        "text": both(row, "text"),
        "url": row.source_url,
        "related": list(by_hand.values_list("other__ref", flat=True)),
    }

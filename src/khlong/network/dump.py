"""Writing the programme, organisations and meetings to data files."""

from __future__ import annotations

from typing import Any

from khlong.chain.load import dump
from khlong.chain.models import Kind
from khlong.chain.yamlfile import pair
from khlong.network.counts import is_few, shown_parts
from khlong.network.models import Attendance, Meeting, Organisation, Part, Programme, WorkGroup
from khlong.people.actor import ANONYMOUS
from khlong.people.policy import scope
from khlong.places.dump import FactsOf, both, facts_by_thing, iso, sourced

Plain = dict[str, Any]


@dump
def programme() -> dict[str, Plain]:
    facts = facts_by_thing()
    row = scope(ANONYMOUS, Programme.objects.select_related("node")).order_by("node__ref").first()
    if row is None:
        return {}
    plain = {
        "ref": row.ref,
        "slug": row.slug,
        "name": both(row, "name"),
        "full_name": both(row, "full_name"),
        "cities": sorted(city.slug for city in scope(ANONYMOUS, row.cities.all())),
        "facts": facts(row),
    }
    return {"programme.yaml": {"programme": plain}}


@dump
def organisations() -> dict[str, Plain]:
    facts = facts_by_thing()
    rows = scope(ANONYMOUS, Organisation.objects.select_related("node")).prefetch_related("parts__city")
    return {
        "organisations.yaml": {
            "organisations": [_organisation(row, facts) for row in rows.order_by("node__ref")]
        }
    }


def _organisation(row: Organisation, facts: FactsOf) -> Plain:
    return {
        "ref": row.ref,
        "name": both(row, "name"),
        "short": pair(row.short_th, row.short_en),
        "kind": row.kind,
        "legal_form": both(row, "legal_form"),
        "url": row.url,
        "roles": [_part(part) for part in row.parts.all()],
        "facts": facts(row),
    }


def _part(part: Part) -> Plain:
    return {"role": both(part, "role"), "city": part.city.slug if part.city else None, **sourced(part)}


@dump
def meetings() -> dict[str, Plain]:
    facts = facts_by_thing()
    rows = scope(ANONYMOUS, Meeting.objects.select_related("node"))
    rows = rows.select_related("work_group__node").prefetch_related(
        "organisers__node",
        "took_part__node",
        "cities",
        "attendance__group__city",
        "attendance__organisation__node",
    )
    return {"meetings.yaml": {"meetings": [_meeting(row, facts) for row in rows.order_by("node__ref")]}}


def _meeting(row: Meeting, facts: FactsOf) -> Plain:
    return {
        "ref": row.ref,
        "name": both(row, "name"),
        "activity": row.activity,
        "date": iso(row.date),
        "place": both(row, "place"),
        "organisers": sorted(org.ref for org in row.organisers.all()),
        "took_part": sorted(org.ref for org in row.took_part.all()),
        "cities": sorted(city.slug for city in row.cities.all()),
        "text": both(row, "text"),
        "working_group": row.work_group.ref if row.work_group else None,
        **sourced(row),
        "attendance": [_attendance(line) for line in row.attendance.all()],
        "facts": facts(row),
    }


def _attendance(row: Attendance) -> Plain:
    """One line without the numbers that the public does not read."""
    numbers = {"invited": row.invited, "attended": row.attended}
    shown = {name: None if is_few(number) else number for name, number in numbers.items()}
    return {
        "group": {"city": row.group.city.slug, "name": row.group.name_th} if row.group else None,
        "organisation": row.organisation.ref if row.organisation else None,
        "others": pair(row.others_th, row.others_en),
        "presence": row.presence,
        "reason": row.reason,
        **shown,
        **shown_parts(row, whole=False),
    }


@dump
def work_groups() -> dict[str, Plain]:
    rows = scope(ANONYMOUS, WorkGroup.objects.select_related("node__space__city"))
    rows = rows.prefetch_related("organisations__node").order_by("node__ref")
    found = [_work_group(row) for row in rows]
    return {"working_groups.yaml": {"working_groups": found}} if found else {}


def _work_group(row: WorkGroup) -> Plain:
    space = row.node.space
    return {
        "ref": row.ref,
        "name": both(row, "name"),
        "purpose": both(row, "purpose"),
        "city": space.city.slug if space is not None and space.kind == Kind.CITY else None,
        "organisations": sorted(body.ref for body in row.organisations.all()),
    }

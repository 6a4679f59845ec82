"""Writing the programme, organisations and meetings to data files."""

from __future__ import annotations

from typing import Any

from khlong.chain.load import dump
from khlong.chain.yamlfile import pair
from khlong.network.models import Meeting, Organisation, Part, Programme
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
    rows = rows.prefetch_related("organisers__node", "took_part__node", "cities")
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
        **sourced(row),
        "facts": facts(row),
    }

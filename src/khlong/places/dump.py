"""Writing sources, words, cities, canals and facts to data files that the loader reads back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from khlong.chain.load import dump
from khlong.chain.yamlfile import Flow, pair
from khlong.people.actor import ANONYMOUS
from khlong.people.policy import scope
from khlong.places.models import Canal, City, Community, Fact, FactTopic, Gauge, Source, Unit
from khlong.places.queries import seen_facts
from khlong.thai.dates import Span

Plain = dict[str, Any]
FactsOf = Callable[[Any], list[Plain]]


def iso(span: Span | None) -> str | None:
    return span.iso() if span else None


def both(row: Any, name: str) -> Any:
    """The Thai and English of a text field."""
    return pair(getattr(row, f"{name}_th"), getattr(row, f"{name}_en"))


def sourced(row: Any) -> Plain:
    return {"source": row.source_id, "mark": row.mark}


def facts_by_thing() -> FactsOf:
    """All public facts, sorted to what they are about; one query."""
    rows: dict[Any, list[Plain]] = defaultdict(list)
    for fact in seen_facts(ANONYMOUS).order_by("about", "order", "node__ref"):
        rows[fact.about_id].append(plain_fact(fact))
    return lambda thing: rows[thing.pk]


def plain_fact(fact: Fact) -> Plain:
    """A fact as it stands in a file."""
    return {
        "ref": fact.ref,
        "topic": fact.topic_id,
        "statement": both(fact, "statement"),
        "quote": fact.is_quote or None,
        "figure": fact.value,
        "low": fact.low,
        "high": fact.high,
        "qualifier": fact.qualifier,
        "unit": fact.unit_id,
        "scope": both(fact, "scope"),
        "time": iso(fact.time),
        "reporter": both(fact, "reporter"),
        "source_note": both(fact, "source_note"),
        **sourced(fact),
    }


@dump
def words() -> dict[str, Plain]:
    def table(rows: Iterable[FactTopic | Unit]) -> Plain:
        return {row.key: Flow(th=row.label_th, en=row.label_en) for row in rows}

    return {
        "vocabulary.yaml": {
            "topics": table(FactTopic.objects.order_by("key")),
            "units": table(Unit.objects.order_by("key")),
        }
    }


@dump
def sources() -> dict[str, Plain]:
    rows = {
        row.key: {
            "publisher": both(row, "publisher"),
            "title": both(row, "title"),
            "url": row.url,
            "date": iso(row.date) or "undated",
            "licence": row.licence or None,
            "note": both(row, "note"),
        }
        for row in Source.objects.order_by("key")
    }
    return {"sources.yaml": {"sources": rows}}


@dump
def cities() -> dict[str, Plain]:
    facts = facts_by_thing()
    rows = scope(ANONYMOUS, City.objects.select_related("node", "province"))
    return {f"cities/{city.slug}.yaml": _city_file(city, facts) for city in rows.order_by("slug")}


def _city_file(city: City, facts: FactsOf) -> Plain:
    communities = scope(ANONYMOUS, city.communities.select_related("node")).order_by("node__ref")
    return {
        "city": _city(city),
        "groups": [_group(row) for row in city.groups.order_by("order")],
        "communities": [_community(row, facts) for row in communities],
        "facts": facts(city),
    }


def _city(city: City) -> Plain:
    return {
        "ref": city.ref,
        "slug": city.slug,
        "name": both(city, "name"),
        "region": city.region,
        "full": city.is_full or None,
        "province": city.province_id,
        "districts": list(city.districts.order_by("code").values_list("code", flat=True)),
        "tambons": list(city.tambons.order_by("code").values_list("code", flat=True)),
        "basin": both(city, "basin"),
        "position": None if city.lon is None else {"lon": city.lon, "lat": city.lat},
        "authorities": [
            {
                "kind": row.kind,
                "name": both(row, "name"),
                "short": pair(row.short_th, row.short_en),
                **sourced(row),
            }
            for row in city.authorities.order_by("sort_key")
        ],
        **sourced(city),
    }


def _group(row: Any) -> Plain:
    former = [
        {"name": pair(old.name_th, old.name_en), "until": old.until.isoformat()} for old in row.former_names
    ]
    return {
        "name": both(row, "name"),
        "words_of_source": row.words_of_source,
        **sourced(row),
        "former": former or None,
    }


def _community(row: Community, facts: FactsOf) -> Plain:
    return {
        "ref": row.ref,
        "name": both(row, "name"),
        "valid_from": iso(row.valid_from),
        "valid_to": iso(row.valid_to),
        "zones": [_zone(zone) for zone in row.zones.order_by("valid_from", "sort_key")],
        **sourced(row),
        "facts": facts(row),
    }


def _zone(row: Any) -> Plain:
    return {
        "name": both(row, "name"),
        "valid_from": iso(row.valid_from),
        "valid_to": iso(row.valid_to),
        **sourced(row),
    }


@dump
def basin() -> dict[str, Plain]:
    facts = facts_by_thing()
    canals = scope(ANONYMOUS, Canal.objects.select_related("node", "flows_into__node")).order_by("node__ref")
    gauges = scope(ANONYMOUS, Gauge.objects.select_related("node", "canal__node")).order_by("node__ref")
    return {
        "basin.yaml": {
            "canals": [_canal(row, facts) for row in upstream_last(list(canals))],
            "gauges": [_gauge(row, facts) for row in gauges],
        }
    }


def upstream_last(canals: list[Canal]) -> list[Canal]:
    """Canals so ordered that each stands after the one it flows into, as the loader wants them."""
    known = {canal.pk: canal for canal in canals}

    def steps(canal: Canal) -> int:
        below = known.get(canal.flows_into_id) if canal.flows_into_id else None
        return 1 + steps(below) if below else 0

    return sorted(canals, key=lambda canal: (steps(canal), canal.ref))


def _canal(row: Canal, facts: FactsOf) -> Plain:
    below = row.flows_into
    return {
        "ref": row.ref,
        "name": both(row, "name"),
        "flows_into": below.ref if below else both(row, "flows_into"),
        "cities": list(row.cities.order_by("slug").values_list("slug", flat=True)),
        "facts": facts(row),
    }


def _gauge(row: Gauge, facts: FactsOf) -> Plain:
    return {
        "ref": row.ref,
        "code": row.code,
        "name": both(row, "name"),
        "canal": row.canal.ref if row.canal else None,
        "facts": facts(row),
    }

"""What pages and commands ask about places and facts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Count, JSONField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from khlong.chain.models import Node
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.places.models import Boundary, City, Fact, Group, Tambon

LOG = "log"
DULL = ("location", "authorities", "identity", "history", "boundary")


@dataclass(frozen=True)
class StatusCounts:
    """How much of the programme is loaded."""

    cities: int
    full: int
    facts: int


def status_counts() -> StatusCounts:
    cities = City.objects.aggregate(all=Count("pk"), full=Count("pk", filter=Q(is_full=True)))
    return StatusCounts(cities["all"], cities["full"], Fact.objects.count())


class Gathered(Subquery):
    """The JSON values of a subquery with one column called shape, gathered to one list."""

    template = "(SELECT JSON_GROUP_ARRAY(JSON(_each.shape)) FROM (%(subquery)s) AS _each)"
    output_field = JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "(SELECT JSONB_AGG(_each.shape) FROM (%(subquery)s) AS _each)"
        return self.as_sql(compiler, connection, template=template, **extra)


def with_areas(cities: QuerySet[City]) -> QuerySet[City]:
    """Cities with the official outlines of their subdistricts as `areas` and the key and the licence of their
    source, without a query more; and with their groups of people, for `groups_of`.
    """
    rows = Boundary.objects.filter(
        code__in=Tambon.objects.filter(cities=OuterRef(OuterRef("pk"))).values("pk")
    )
    return cities.annotate(
        areas=Gathered(rows.values("shape")),
        area_source=Subquery(rows.values("source_id")[:1]),
        area_licence=Subquery(rows.values("source__licence")[:1]),
        told_groups=Gathered(_GROUPS.filter(city=OuterRef("pk")).values("shape")),
    )


_FIELDS = ("pk", "name_th", "name_en", "sort_key", "words_of_source", "mark", "order", "former")
_GROUPS = Group.objects.order_by("order").annotate(shape=JSONObject(**{name: name for name in _FIELDS}))


def groups_of(city: City) -> list[Group]:
    """The groups of people of a city in their order; no query where they came with the city."""
    if not hasattr(city, "told_groups"):
        return list(city.groups.order_by("order"))
    return [_group(city, row) for row in city.told_groups or []]


def _group(city: City, row: dict[str, Any]) -> Group:
    """A group as it came with its city; SQLite gives JSON within JSON as text."""
    former = row["former"]
    return Group(**row | {"city": city, "former": json.loads(former) if isinstance(former, str) else former})


def seen_facts(actor: Actor) -> QuerySet[Fact]:
    """The facts that a reader may see, with all that a line of one shows."""
    return scope(actor, Fact.objects.select_related("node__space", "about", "topic", "unit", "source"))


def facts_about(actor: Actor, nodes: Iterable[Node | Any]) -> list[Fact]:
    """All facts about some nodes, in the order in which they were written down; one query."""
    return list(seen_facts(actor).filter(about__in=list(nodes)).order_by("about", "order", "node__ref"))


@dataclass(frozen=True)
class FigureGroup:
    """The values that were given for one figure: same thing, same topic, same unit."""

    label: str
    unit: str
    about: Node
    facts: list[Fact]

    @property
    def disagree(self) -> bool:
        """Whether sources give different values."""
        return len({(f.value, f.low, f.high) for f in self.facts}) > 1


def figure_groups(facts: Iterable[Fact]) -> list[FigureGroup]:
    """Figures put side by side; topics in the order in which they first come."""
    groups: dict[tuple[Any, str, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.is_figure and fact.unit_id:
            groups[fact.about_id, fact.topic_id, fact.unit_id].append(fact)
    made = []
    for row in groups.values():
        first = row[0]
        unit = first.unit.label if first.unit else ""
        made.append(FigureGroup(first.topic.label, unit, first.about, row))
    return made


def statements(facts: Iterable[Fact]) -> list[tuple[str, list[Fact]]]:
    """Statements that are no dated log, by topic."""
    kept = [fact for fact in facts if not fact.is_figure and fact.topic_id != LOG]
    order = {topic: place for place, topic in reversed(list(enumerate(f.topic_id for f in kept)))}
    kept.sort(key=lambda fact: order[fact.topic_id])
    return [
        (rows[0].topic.label, rows)
        for _, rows in ((k, list(g)) for k, g in groupby(kept, lambda f: f.topic_id))
    ]


def one_statement(actor: Actor, cities: Iterable[City]) -> dict[Any, Fact]:
    """Something that is known of each city, for a line in a list; one query for all."""
    rows = seen_facts(actor).filter(about__in=[city.pk for city in cities]).exclude(statement_th="")
    chosen: dict[Any, Fact] = {}
    for fact in rows.exclude(topic__in=(LOG, *DULL)).order_by("-order"):
        chosen[fact.about_id] = fact
    return chosen


def log(facts: Iterable[Fact]) -> list[Fact]:
    """What happened, by date; the undated last."""
    kept = [fact for fact in facts if fact.topic_id == LOG]
    return sorted(
        kept, key=lambda fact: (fact.time is None, fact.time.iso() if fact.time else "", fact.order)
    )


def slug_of(node: Node) -> str:
    """The address of the city in whose space a node lies; no query where both were read with it."""
    return str(node.space.city.slug) if node.space is not None else ""

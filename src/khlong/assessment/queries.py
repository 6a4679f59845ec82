"""What pages ask about events and their figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils.text import capfirst

from khlong.assessment.models import Cause, Event, Finding, FindingFile
from khlong.chain.models import Edge, EdgeKind, Kind, Node
from khlong.chain.policies import node_filter
from khlong.people.actor import Actor
from khlong.people.policy import Verb, scope
from khlong.places.models import City, Fact
from khlong.places.queries import FigureGroup, figure_groups
from khlong.places.rows import tables
from khlong.register.queries import Said, with_words
from khlong.ui.figures import FigureRow, Moment

MOST_EVENTS = 1
MOST_TABLES = 2


def seen_events(actor: Actor) -> QuerySet[Event]:
    """The events that a reader may see, newest first, the undated last on every database."""
    rows = scope(actor, Event.objects.select_related("node__space"))
    return rows.order_by(F("date").desc(nulls_last=True), "sort_key")


@dataclass(frozen=True)
class EventFigures:
    """An event with the figures that bodies give differently: the most reported first, and how many more."""

    event: Event
    tables: list[tuple[FigureGroup, list[FigureRow]]]
    more: int


def disagreeing(event: Event, facts: Iterable[Fact]) -> EventFigures | None:
    """The figures of an event for which there are different values; None where all agree."""
    groups = [group for group in figure_groups(facts) if group.disagree]
    groups.sort(key=lambda group: -len(group.facts))
    if not groups:
        return None
    return EventFigures(event, tables(groups[:MOST_TABLES], several=True), max(0, len(groups) - MOST_TABLES))


@dataclass(frozen=True)
class CityEvents:
    """The events that concern a city: some with the figures that differ, and the rest by name."""

    shown: list[EventFigures]
    others: list[Event]


def events_of_city(actor: Actor, city: City) -> list[Event]:
    """The events of a city, the newest first; one query."""
    return list(seen_events(actor).filter(cities=city))


def with_figures(events: list[Event], told: Iterable[Fact]) -> CityEvents:
    """Events with the facts about them."""
    facts: dict[object, list[Fact]] = {event.pk: [] for event in events}
    for fact in told:
        facts[fact.about_id].append(fact)
    differing = [found for event in events if (found := disagreeing(event, facts[event.pk]))]
    shown = differing[:MOST_EVENTS]
    named = {found.event.pk for found in shown}
    return CityEvents(shown, [event for event in events if event.pk not in named])


def moment_of(event: Event) -> Moment:
    """An event on a timeline."""
    note = " · ".join(filter(None, (capfirst(event.get_hazard_display()), event.area)))
    return Moment(when=event.date, text=event.name, note=note, url=event.get_absolute_url())


# --- findings -----------------------------------------------------------------------------


def seen_findings(actor: Actor) -> QuerySet[Finding]:
    """The findings that a reader may see, by their references."""
    rows = scope(
        actor, Finding.objects.select_related("node__space__city", "city__node", "community__node", "zone")
    )
    return rows.order_by("node__ref")


CAUSES: Prefetch[str] = Prefetch("causes", Cause.objects.order_by("order", "id"))


def counted(actor: Actor, rows: QuerySet[Finding]) -> QuerySet[Finding]:
    """With `ups` and `downs`: how many links lead in and out, as the reader may see them."""
    up = node_filter(actor, Verb.VIEW, "node__upstream__up__") & Q(node__upstream__isnull=False)
    down = node_filter(actor, Verb.VIEW, "node__downstream__down__") & Q(node__downstream__isnull=False)
    return rows.annotate(
        ups=Count("node__upstream", filter=up, distinct=True),
        downs=Count("node__downstream", filter=down, distinct=True),
    )


def with_signs(rows: QuerySet[Finding]) -> QuerySet[Finding]:
    """With `has_files`: whether it is worth asking for them."""
    return rows.annotate(has_files=Exists(FindingFile.objects.filter(finding=OuterRef("pk"))))


def findings_of_measure(actor: Actor, measure: Node) -> list[Finding]:
    """The findings that a measure, a goal or a plan's part rests on, with their why; two queries."""
    rows = seen_findings(actor).filter(node__downstream__down=measure).prefetch_related(CAUSES)
    return list(rows.distinct())


def findings_on(actor: Actor, evidence: Node) -> list[Finding]:
    """The findings that rest on something, such as a household's statement; one query."""
    return list(seen_findings(actor).filter(node__upstream__up=evidence).distinct())


def root_of(finding: Finding) -> str:
    """The first underlying cause in the reader's language; "" where there is none. Asks for nothing when the causes
    were fetched along.
    """
    return next((cause.text for cause in finding.causes.all() if cause.underlying), "")


@dataclass(frozen=True)
class Evidence:
    """What a finding rests on: the node, and words of it where somebody may read them."""

    node: Node
    words: str = ""
    words_en: str = ""
    gone: bool = False

    @property
    def kind(self) -> str:
        return str(Kind(self.node.kind).label)


def evidence_of(actor: Actor, finding: Finding) -> tuple[list[Evidence], bool]:
    """The evidence that a reader may see, with the words of households, and whether there is more; one query."""
    edges = Edge.objects.filter(down=finding.node, kind=EdgeKind.RESTS_ON)
    seen = node_filter(actor, Verb.VIEW)
    said = ("statement__household__subject", "statement__household__community")
    nodes = Node.objects.filter(pk__in=edges.values("up")).select_related("space", *said)
    rows = list(
        nodes.annotate(shown=Exists(Node.objects.filter(seen, pk=OuterRef("pk")))).order_by("kind", "ref")
    )
    shown = [row for row in rows if row.shown]
    statements = [row.statement for row in shown if row.kind == Kind.STATEMENT]
    words = {one.statement.pk: one for one in with_words(actor, statements)}
    return [_evidence(row, words.get(row.pk)) for row in shown], len(shown) < len(rows)


def _evidence(node: Node, said: Said | None) -> Evidence:
    if said is None:
        return Evidence(node)
    return Evidence(node, said.words, said.words_en, gone=said.statement.erased_on is not None)

"""A city on one page: what is known and published of it, as much as the page holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khlong.assessment.models import Event
from khlong.assessment.queries import events_of_city
from khlong.chain.counts import along
from khlong.chain.models import Kind
from khlong.chain.status import CityStatus
from khlong.paper.model import Block, Cell, Cite, Column, Document, Inline, Row, Table, Unpublished, li, p
from khlong.paper.tall import PAGE_MM, tall_mm
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.places.models import City, Fact, Mark
from khlong.places.page import CityPage
from khlong.places.queries import FigureGroup, facts_about, figure_groups, log
from khlong.strategy.models import ItemKind, Plan
from khlong.strategy.panels import missing_of
from khlong.strategy.press import Lang, Press
from khlong.strategy.queries import Book, Leaf, version_book

FIRST = ("population", "households", "houses", "area")
"""Topics of figures that come before all others."""
MOST_VALUES = 2
NARROW_MM, FIGURE_MM = 32, 34


@dataclass(frozen=True)
class Room:
    """How many rows each table may have."""

    figures: int
    events: int
    dates: int
    measures: int = 0


def _rooms() -> Iterator[Room]:
    """From the fullest sheet to the emptiest: measures give way first, then dates, figures and events in turn."""
    room = Room(8, 6, 5, 14)
    while True:
        yield room
        rows = {"dates": room.dates, "events": room.events, "figures": room.figures - 1}
        most = max(rows, key=lambda name: rows[name])
        if room.measures:
            room = replace(room, measures=room.measures - 1)
        elif rows[most] > 0:
            room = replace(room, **{most: getattr(room, most) - 1})
        else:
            return


def city_document(city: City, lang: Lang, actor: Actor, *, thai_digits: bool = False) -> Document:
    """A city on one page: vision, strategies, figures, events, canals, how far its chain reaches, and the sources."""
    told = _Told(city, actor)
    made: list[Document] = []
    for room in _rooms():
        made.append(_Sheet(told, lang, room).document(thai_digits))
        if tall_mm(made[-1]) <= PAGE_MM:
            break
    return made[-1]


class _Told:
    """What the reader may see of a city, asked once however often the sheet is laid out."""

    def __init__(self, city: City, actor: Actor) -> None:
        self.city, self.page = city, CityPage(actor, city)
        plans = scope(actor, Plan.objects.select_related("source", "node", "city"))
        plan = plans.filter(city=city).order_by("node__ref").first()
        version = plan.versions.order_by("-number").first() if plan else None
        self.book: Book | None = version_book(version) if version else None
        self.events = [event for event in events_of_city(actor, city) if event.date]
        self.of_events: dict[Any, list[Fact]] = {event.pk: [] for event in self.events}
        for fact in facts_about(actor, self.of_events) if self.events else []:
            self.of_events[fact.about_id].append(fact)
        counts = along(actor, [city.pk])[city.pk]
        self.status = CityStatus(city.node, counts, Counter())
        self.dates = [fact for fact in log(self.page.facts) if fact.time]

    @property
    def figures(self) -> list[FigureGroup]:
        """People and houses first, then the land, then the rest as it was written down."""
        places = {topic: at for at, topic in enumerate(FIRST)}
        return sorted(self.page.groups, key=lambda group: places.get(group.facts[0].topic_id, len(FIRST)))


def _below(leaf: Leaf) -> list[Leaf]:
    return [one for part in leaf.parts for one in (part, *_below(part))]


class _Sheet:
    """The sheet laid out in so many rows."""

    def __init__(self, told: _Told, lang: Lang, room: Room) -> None:
        self.told, self.room, self.press = told, room, Press(lang)
        self.second_hand = False

    def document(self, thai_digits: bool) -> Document:
        city, press = self.told.city, self.press
        blocks = (
            *self.face(),
            *self.figures(),
            *self.events(),
            *self.dates(),
            *self.chain(),
            *self.missing(),
        )
        return Document(
            title=city.name,
            subtitle=city.where,
            lang=press.lang,
            thai_digits=thai_digits,
            blocks=blocks,
            sources=press.paper_sources(),
            example=city.node.is_example,
            footer=city.name,
            generated=press.generated(),
            compact=True,
        )

    def face(self) -> Iterator[Block]:
        city, page, press, book = self.told.city, self.told.page, self.press, self.told.book
        names = ", ".join(authority.name for authority in page.authorities)
        if lead := " · ".join(filter(None, (names, city.basin))):
            yield p(lead, style="lead")
        if book is None:
            yield p(Unpublished(_("vision and strategies: not published")))
        else:
            for leaf in book.visions:
                yield p(f"“{press.words(leaf)}”", press.cite(book.plan.source), style="vision")
                yield from press.original(leaf)
            for leaf in book.chapters:
                if leaf.kind == ItemKind.STRATEGY:
                    yield li(press.words(leaf), self.parts(leaf))
                    yield from self.measures(leaf)
        if places := self.places():
            yield p(places, style="note")

    def measures(self, leaf: Leaf) -> Iterator[Block]:
        """The first measures of a strategy, as far as the page has room."""
        for one in [one for one in _below(leaf) if one.kind == ItemKind.MEASURE][: self.room.measures]:
            yield li(f"{one.number} {self.press.words(one)}", level=2)

    @staticmethod
    def parts(leaf: Leaf) -> str:
        """How many goals and measures stand below a strategy."""
        goals = sum(one.kind == ItemKind.GOAL for one in _below(leaf))
        measures = sum(one.kind == ItemKind.MEASURE for one in _below(leaf))
        said = []
        if goals:
            said.append(ngettext("%(n)s goal", "%(n)s goals", goals) % {"n": goals})
        if measures:
            said.append(ngettext("%(n)s measure", "%(n)s measures", measures) % {"n": measures})
        return f" ({', '.join(said)})" if said else ""

    def places(self) -> str:
        page = self.told.page
        said = []
        if page.canals:
            said.append(f"{_('Canals')}: {', '.join(node.title for node in page.canals)}")
        if page.communities:
            said.append(f"{_('Communities')}: {', '.join(node.title for node in page.communities)}")
        if page.groups_of_people:
            names = ", ".join(group.name for group in page.groups_of_people)
            said.append(f"{_('Who belongs to this city')}: {names}")
        return " · ".join(said)

    def value(self, fact: Fact) -> list[str | Inline]:
        """A figure with its unit, its source, and the mark of what is second hand."""
        self.second_hand |= fact.mark == Mark.SECOND_HAND
        mark = [f" {fact.mark}"] if fact.mark == Mark.SECOND_HAND else []
        return [fact.amount, Cite(self.press.key(fact.source)), *mark]

    def figures(self) -> Iterator[Block]:
        facts = [fact for group in self.told.figures for fact in group.facts[:MOST_VALUES]][
            : self.room.figures
        ]
        if not facts:
            return
        columns = (
            Column(_("What was counted"), None),
            Column(_("Figure"), FIGURE_MM, "right"),
            Column(_("Date"), NARROW_MM),
        )
        rows: list[Row] = [
            (
                f"{fact.topic.label}: {fact.scope}" if fact.scope else fact.topic.label,
                Cell(self.value(fact)),
                self.press.when(fact.date, "short"),
            )
            for fact in facts
        ]
        yield Table(_("Figures and their sources"), columns, rows, note=self.legend())

    def legend(self) -> str:
        return f"{Mark.SECOND_HAND} = {Mark.SECOND_HAND.label}" if self.second_hand else ""

    def events(self) -> Iterator[Block]:
        chosen = self.told.events[: self.room.events]
        if not chosen:
            return
        self.second_hand = False
        columns = (Column(_("Date"), NARROW_MM), Column(_("Event"), None), Column(_("Figures given"), 62))
        rows: list[Row] = [
            (self.press.when(event.date, "short"), self.event(event), Cell(self.given(event)))
            for event in chosen
        ]
        more = len(self.told.events) - len(chosen)
        said = ngettext("%(n)s earlier event is known.", "%(n)s earlier events are known.", more) % {
            "n": more
        }
        note = " · ".join(filter(None, (said if more else "", self.legend())))
        yield Table(_("Hazards and events"), columns, rows, note=note)

    @staticmethod
    def event(event: Event) -> str:
        return f"{event.name} ({event.area})" if event.area else event.name

    def given(self, event: Event) -> list[str | Inline]:
        """The first figures of an event; values that differ stand side by side."""
        groups = figure_groups(self.told.of_events[event.pk])
        if not groups:
            return ["–"]
        said: list[str | Inline] = []
        for group in groups[:MOST_VALUES]:
            said += ["; "] if said else []
            said += [f"{group.label} "]
            for at, fact in enumerate(group.facts[:MOST_VALUES]):
                said += [", "] if at else []
                said += self.value(fact)
        return said

    def dates(self) -> Iterator[Block]:
        rows: list[Row] = [
            (self.press.when(fact.time, "short"), Cell([fact.says, self.press.cite(fact.source)]))
            for fact in self.told.dates[len(self.told.dates) - self.room.dates :]
        ]
        if rows and self.room.dates:
            yield Table(
                _("Latest dates"), (Column(_("Date"), NARROW_MM), Column(_("What happened"), None)), rows
            )

    def chain(self) -> Iterator[Block]:
        """How many things the city shows at each stage, from evidence to report."""
        stages = self.told.status.stages
        columns = tuple(
            Column(str(label)[:1].upper() + str(label)[1:], align="center") for _key, label, _n in stages
        )
        row = tuple(Unpublished() if count is None else f"{count:,}" for _key, _label, count in stages)
        yield Table(_("How far the city's work reaches, by what it shows"), columns, [row])

    def missing(self) -> Iterator[Block]:
        """What a real city has not published; the training city keeps nothing back."""
        if self.told.city.node.is_example:
            return
        of_plan = missing_of(self.told.book, self.shown()) if self.told.book else ()
        if names := list(dict.fromkeys([*of_plan, *self.told.page.missing])):
            yield p(Unpublished(f"{_('Not published')}: {', '.join(names)}"), style="note")

    def shown(self) -> list[Kind]:
        counts = self.told.status.along.things
        return [kind for kind in (Kind.INDICATOR, Kind.VALUE) if counts[kind]]

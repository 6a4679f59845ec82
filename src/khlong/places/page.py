"""What a page about a city, a community or a canal shows, put together once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from khlong.chain.models import Kind, Node
from khlong.people.actor import Actor
from khlong.people.policy import Verb, can, scope
from khlong.places.atlas import SOUTH, Atlas, Frame, around, atlas
from khlong.places.models import City, Community, Fact
from khlong.places.outlines import key_of, outlines
from khlong.places.panels import CityLink, Panel, Slot, of_city
from khlong.places.queries import FigureGroup, facts_about, figure_groups, groups_of, log, statements
from khlong.places.rows import moment, tables
from khlong.ui.figures import FigureRow, Moment, Stream


class FactsPage:
    """Facts about some things, sorted into what a page shows; one query."""

    def __init__(self, actor: Actor, nodes: Iterable[Node | Any]) -> None:
        self.actor, self._nodes = actor, list(nodes)

    @property
    def nodes(self) -> list[Any]:
        return self._nodes

    @cached_property
    def facts(self) -> list[Fact]:
        return facts_about(self.actor, self.nodes)

    @property
    def own(self) -> list[Fact]:
        """The facts about the thing itself; those about its parts stand on the pages of the parts."""
        return self.facts

    @cached_property
    def groups(self) -> list[FigureGroup]:
        return figure_groups(self.own)

    @property
    def disagreeing(self) -> list[tuple[FigureGroup, list[FigureRow]]]:
        """Figures that were given more than once."""
        return tables(self.groups, several=True)

    @property
    def single(self) -> list[Fact]:
        """Figures that were given once."""
        return [group.facts[0] for group in self.groups if len(group.facts) == 1]

    @cached_property
    def statements(self) -> list[tuple[str, list[Fact]]]:
        return statements(self.own)

    @cached_property
    def moments(self) -> list[Moment]:
        main = self.nodes[0]
        return [moment(fact, name=fact.about_id != getattr(main, "pk", main)) for fact in log(self.facts)]


class CityPage(FactsPage):
    """All of a city's page. `only` narrows it to one of its communities."""

    def __init__(self, actor: Actor, city: City, *, only: Community | None = None) -> None:
        super().__init__(actor, ())
        self.city, self.only = city, only

    @cached_property
    def nodes(self) -> list[Any]:
        """What the facts are about: the city and its communities, or one community."""
        return [self.only.pk] if self.only else [self.city.pk, *(node.pk for node in self.communities)]

    @cached_property
    def own(self) -> list[Fact]:
        about = self.nodes[0]
        return [fact for fact in self.facts if fact.about_id == about]

    @cached_property
    def _parts(self) -> list[Node]:
        """The nodes of the city's communities and canals, in the order of a dictionary; one query for both."""
        rows = scope(self.actor, Node.objects.select_related("space", "community"))
        inside = Q(community__city=self.city) | Q(canal__in=self.city.canals.values("pk"))
        return list(rows.filter(inside).order_by("sort_key"))

    @property
    def communities(self) -> list[Node]:
        return [node for node in self._parts if node.kind == Kind.COMMUNITY]

    @property
    def canals(self) -> list[Node]:
        return [node for node in self._parts if node.kind == Kind.CANAL]

    @cached_property
    def map(self) -> Atlas | None:
        """The city in its province, in true position; nothing where no position is known."""
        if self.city.lon is None:
            return None
        key = key_of(self.city.province.name_en)
        boxes = [one.box for one in outlines() if one.key == key]
        frame = around(boxes) if boxes else Frame(SOUTH)
        areas = getattr(self.city, "areas", None) or []
        return atlas(frame, {key: self.city.province.name}, cities=[(self.city, None)], areas=areas)

    @cached_property
    def may_change(self) -> bool:
        return can(self.actor, Verb.CHANGE, self.city)

    @cached_property
    def panels(self) -> list[Panel]:
        """What other rooms show. The facts that they want are read together with the page's own, in one query."""
        made = of_city(self.actor, self.city)
        wanted = {key for panel in made for key in panel.about}
        if not wanted:
            return made
        own = set(self.nodes)
        read = facts_about(self.actor, own | wanted)
        self.facts = [fact for fact in read if fact.about_id in own]
        return [completed(panel, read) for panel in made]

    def _slot(self, slot: Slot) -> list[Panel]:
        return [panel for panel in self.panels if panel.slot == slot and panel.template]

    @property
    def face(self) -> list[Panel]:
        return self._slot("face")

    @property
    def after_face(self) -> list[Panel]:
        return self._slot("after_face")

    @property
    def main(self) -> list[Panel]:
        return self._slot("main")

    @property
    def links(self) -> list[CityLink]:
        """Where else the working group goes from here."""
        return [link for panel in self.panels for link in panel.links]

    @cached_property
    def authorities(self) -> list[Any]:
        return list(self.city.authorities.order_by("sort_key"))

    @cached_property
    def groups_of_people(self) -> list[Any]:
        return groups_of(self.city)

    @property
    def quotes_groups(self) -> bool:
        """Whether a source calls one of the groups by words of its own."""
        return any(group.words_of_source for group in self.groups_of_people)

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The groups that the city names as its members, all equally wide: nobody published their number."""
        return tuple(Stream(group.name, _("number unknown")) for group in self.groups_of_people)

    @cached_property
    def timeline(self) -> list[Moment]:
        """Everything dated, of this room and of the others, oldest first."""
        found = merged(self.moments, [*(m for panel in self.panels for m in panel.moments), *self._shared])
        return sorted((m for m in found if m not in self._shared), key=by_date)

    @cached_property
    def _shared(self) -> list[Moment]:
        return [moment for panel in self.panels for moment in panel.shared]

    @property
    def shared(self) -> list[Moment]:
        """What all cities did together, and the city's own words do not tell already; oldest first."""
        told = {(m.when, m.source) for m in self.moments}
        return sorted((m for m in self._shared if (m.when, m.source) not in told), key=by_date)

    @property
    def missing(self) -> list[str]:
        """What is not published, in words."""
        found = [name for panel in self.panels for name in panel.missing]
        topics = {fact.topic_id for fact in self.own}
        if "population" not in topics:
            found.append(_("population"))
        if not self.communities:
            found.append(_("communities"))
        return found


def completed(panel: Panel, read: Iterable[Fact]) -> Panel:
    """A panel with what the facts tell that it wanted."""
    if panel.told is None:
        return panel
    told = panel.told([fact for fact in read if fact.about_id in panel.about])
    return replace(panel, context=panel.context | told)


def by_date(moment: Moment) -> tuple[bool, str]:
    """Oldest first, the undated last."""
    return moment.when is None, moment.when.iso() if moment.when else ""


def merged(own: list[Moment], others: list[Moment]) -> list[Moment]:
    """One row for what two rooms tell of the same dates from the same source: the city's own words, which lead
    to the other room's page.
    """
    pages = {(m.when, m.source): m for m in others}
    kept = [
        replace(m, url=pages.pop((m.when, m.source)).url) if (m.when, m.source) in pages else m for m in own
    ]
    return kept + [m for m in others if (m.when, m.source) in pages]

"""The reading page of a plan: passages with their sluices, and the opened one with what it rests on and led to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import CharField, Count, OuterRef, QuerySet, Subquery, Value
from django.urls import reverse
from django.utils.translation import gettext as _

from khlong.chain.beside import Stretch
from khlong.chain.gaps import Gap, registered
from khlong.chain.models import Edge, Kind, Node
from khlong.chain.queries import DOWN, UP, Step, trace_both
from khlong.chain.stages import OWN_WORK
from khlong.people.actor import Actor
from khlong.people.policy import Verb, can, scope
from khlong.strategy.diff import Piece, pieces
from khlong.strategy.faces import Line, lines_of
from khlong.strategy.margin import Margin
from khlong.strategy.models import ItemKind, MeasureDetail, Plan, Version, VersionState
from khlong.strategy.panels import missing_of
from khlong.strategy.queries import Book, Leaf, version_book, working_book
from khlong.ui.text import language

PER_PAGE = 60
"""Passages on one page; a longer plan is read in pages that begin where a chapter goes on."""
SHOWN = "shown"
HEADED = (ItemKind.GOAL, ItemKind.MEASURE)
Counts = dict[tuple[UUID, str, str], int]


def version_of(actor: Actor, slug: str, number: int | None) -> Version | None:
    """The newest version of the first plan of a city, or the one asked for, with its plan; one query."""
    adopted = Version.objects.filter(plan=OuterRef("plan"), state=VersionState.ADOPTED)
    rows = Version.objects.select_related(
        "plan__node__space", "plan__city__node", "plan__city__province", "plan__source"
    ).annotate(adopted_number=Subquery(adopted.values("number")[:1]))
    found = rows.filter(plan__in=scope(actor, Plan.objects.filter(city__slug=slug)).order_by())
    if number is not None:
        found = found.filter(number=number)
    return found.order_by("plan_id", "-number").first()


def link_kinds(keys: list[UUID], actor: Actor, space: UUID | None = None) -> Counts:
    """How many links of each part lead up and down to things of each kind, as the reader may see them; of a space that
    is named, also how much of the chain's own work of each kind it shows. One query.
    """
    seen = scope(actor, Edge.objects.order_by())
    work = scope(actor, Node.objects.order_by()).filter(space=space, kind__in=OWN_WORK)
    parts: list[QuerySet[Any, Any]] = []
    if keys:
        up, down = Value(UP, CharField()), Value(DOWN, CharField())
        parts.append(seen.filter(down__in=keys).values_list("down", "up__kind", up))
        parts.append(seen.filter(up__in=keys).values_list("up", "down__kind", down))
    if space is not None:
        parts.append(work.values_list("space", "kind", Value(SHOWN, CharField())))
    counted = [part.annotate(n=Count("pk")) for part in parts]
    rows = counted[0].union(*counted[1:], all=True) if counted else ()
    return {(key, way, kind): n for key, kind, way, n in rows}


@dataclass
class Row:
    """A passage as it stands on the page."""

    leaf: Leaf
    chapter: Leaf | None
    heading: str = ""
    ups: int = 0
    downs: int = 0
    suggestions: int = 0
    dry: tuple[Stretch, ...] = ()
    hatched: bool = False
    is_open: bool = False

    @property
    def ref(self) -> str:
        return self.leaf.item.ref

    @property
    def detail(self) -> MeasureDetail | None:
        return self.leaf.detail

    @property
    def pieces(self) -> list[Piece]:
        """The words of the opened passage, with what changed since the version before."""
        return pieces(self.leaf.older or "", self.leaf.text) if self.leaf.reworded else []

    @property
    def has_page(self) -> bool:
        return self.leaf.kind in HEADED

    @property
    def is_dry(self) -> bool:
        return bool(self.dry)

    @property
    def is_stale(self) -> bool:
        """Whether the reader of English reads a translation of older words; the Thai is never one."""
        return self.leaf.stale and language() == "en"

    @property
    def sheet(self) -> str:
        """Where what stands beside the opened passage begins; on a phone it rises as a sheet from below."""
        return f"#s-{self.ref}"

    @property
    def opening(self) -> str:
        """The address that opens this passage."""
        return f"?open={self.ref}{self.sheet}"


@dataclass
class Section:
    """A chapter, or as much of it as stands on this page; what is opened begins its second half."""

    chapter: Leaf | None
    continued: bool
    before: list[Row] = field(default_factory=list)
    after: list[Row] = field(default_factory=list)

    @property
    def opened(self) -> Row | None:
        return self.after[0] if self.after else None

    @property
    def rows(self) -> list[Row]:
        return [*self.before, *self.after]


@dataclass(frozen=True)
class Asked:
    """What the address asks for: a version, a passage to open, a page."""

    number: int | None = None
    ref: str = ""
    page: str = ""


class Reading:
    """A plan as it is read, asked for only when it must be rendered anew."""

    def __init__(self, actor: Actor, plan: Plan, version: Version | None, asked: Asked) -> None:
        self.actor, self.plan, self.version, self.asked = actor, plan, version, asked

    @cached_property
    def book(self) -> Book:
        """The version's book; the working text before there is one."""
        return version_book(self.version, compared=True) if self.version else working_book(self.plan)

    @property
    def missing(self) -> tuple[str, ...]:
        """What a real plan has not published; the training city keeps nothing back."""
        return () if self.plan.node.is_example else missing_of(self.book, self._shown)

    @cached_property
    def may_change(self) -> bool:
        return can(self.actor, Verb.CHANGE, self.plan)

    @cached_property
    def lines(self) -> list[Line]:
        """What other rooms say on the plan's face."""
        return lines_of(self.actor, self.plan, self.version)

    @property
    def speak(self) -> list[tuple[Any, str]]:
        """Where a reader may say something to the opened passage."""
        if self.opened is None:
            return []
        ref = self.opened.ref
        return [(line.button, line.at(ref)) for line in self.lines if line.passage_url]

    @property
    def adopted_number(self) -> int | None:
        """The version that is adopted, if it is another one than this."""
        number: int | None = getattr(self.version, "adopted_number", None)
        return number if self.version and number != self.version.number else None

    # measures by kind

    @cached_property
    def mix(self) -> dict[str, int]:
        """How many measures of each kind the plan holds."""
        found: dict[str, int] = defaultdict(int)
        for leaf in self.book.all():
            if leaf.detail is not None and leaf.detail.kind:
                found[leaf.detail.kind] += 1
        return dict(found)

    @property
    def mix_words(self) -> str:
        said = {"eco": self.mix.get("ecosystem", 0), "all": self.book.count(ItemKind.MEASURE)}
        if self.mix.get("hybrid"):
            said["hybrid"] = self.mix["hybrid"]
            return _("%(eco)s of %(all)s measures work with ecosystems, %(hybrid)s in part") % said
        return _("%(eco)s of %(all)s measures work with ecosystems") % said

    @property
    def unsaid(self) -> int:
        """Measures of which nobody has said of what kind they are."""
        return self.book.count(ItemKind.MEASURE) - sum(self.mix.values())

    # passages

    @cached_property
    def all_rows(self) -> list[Row]:
        """All passages in reading order; a strategy's own words head its section and are no row, a goal or a measure
        that stands under no strategy is one.
        """
        rows: list[Row] = []
        for leaf in self.book.chapters:
            if leaf.kind == ItemKind.STATEMENT:
                rows.append(Row(leaf, None))
            elif leaf.kind in HEADED:
                rows += _below(None, [leaf], rows[-1].leaf.kind if rows else "")
            else:
                rows += _below(leaf, leaf.parts) or [Row(leaf, leaf)]
        return rows

    @cached_property
    def page_obj(self) -> Page[Row]:
        """The page that was asked for, or that on which the opened passage stands."""
        paginator = Paginator(self.all_rows, PER_PAGE)
        refs = [row.ref for row in self.all_rows]
        if self.asked.ref in refs and not self.asked.page:
            return paginator.page(refs.index(self.asked.ref) // PER_PAGE + 1)
        return paginator.get_page(self.asked.page or 1)

    @cached_property
    def rows(self) -> list[Row]:
        """The passages of this page with their links counted; two queries."""
        rows, counts, shown = list(self.page_obj), self._counts, self._shown
        for row in rows:
            _count(row, counts)
            row.hatched = not shown and not (row.ups or row.downs)
        opened = self._choose(rows)
        for row in rows:
            row.is_open = row is opened
            row.dry = self._dry(row, counts) if shown else ()
        return rows

    def _choose(self, rows: list[Row]) -> Row | None:
        """The passage asked for; else the first measure that links run through, else the first that any touch."""
        through = (row for row in rows if row.ups and row.downs and row.leaf.kind == ItemKind.MEASURE)
        touched = (row for row in rows if row.ups or row.downs)
        asked = next((row for row in rows if row.ref == self.asked.ref), None)
        return asked or next(through, None) or next(touched, None)

    @cached_property
    def _counts(self) -> Counts:
        """The links of this page's passages and, of a real city, what work it shows."""
        space = None if self.plan.node.is_example else self.plan.node.space_id
        return link_kinds([row.leaf.item.pk for row in self.page_obj], self.actor, space)

    @cached_property
    def _shown(self) -> frozenset[str]:
        """Kinds of the chain's own work that the city shows; the training city keeps nothing back."""
        if self.plan.node.is_example:
            return frozenset(kind.value for kind in OWN_WORK)
        return frozenset(kind for _key, way, kind in self._counts if way == SHOWN)

    def _dry(self, row: Row, counts: Counts) -> tuple[Stretch, ...]:
        """The first dry stretch on each side of a measure, as the room that registered it words it. Where something
        runs on that side, it is told of the opened passage only.
        """
        if row.leaf.kind != ItemKind.MEASURE or row.leaf.item.removed:
            return ()
        found: dict[bool, Stretch] = {}
        for gap in registered():
            runs = row.ups if gap.upstream else row.downs
            if gap.of != Kind.MEASURE or not gap.lacks or gap.upstream in found or (runs and not row.is_open):
                continue
            if _lacks(gap, row, counts):
                published = self.may_change or any(kind in self._shown for kind in gap.lacks)
                url = reverse("strategy:mend", args=[row.ref, gap.key]) if self.may_change else ""
                found[gap.upstream] = Stretch(gap.key, gap.sentence, gap.button, url, published)
        return tuple(stretch for stretch in found.values() if stretch.published)

    @cached_property
    def sections(self) -> list[Section]:
        sections: list[Section] = []
        first = self.page_obj.start_index() - 1
        earlier = {row.chapter.item.pk for row in self.all_rows[:first] if row.chapter}
        for row in self.rows:
            if not sections or sections[-1].chapter is not row.chapter:
                continued = bool(row.chapter and row.chapter.item.pk in earlier)
                sections.append(Section(row.chapter, continued))
            section = sections[-1]
            if row.is_open and row.leaf is not row.chapter:
                section.after.append(row)
            else:
                (section.after or section.before).append(row)
        return sections

    @cached_property
    def opened(self) -> Row | None:
        return next((row for row in self.rows if row.is_open), None)

    @cached_property
    def margin(self) -> Margin | None:
        """What the opened passage rests on and what came of it."""
        row = self.opened
        return Margin(self.actor, row.leaf.item, row.dry) if row is not None else None

    @property
    def contents(self) -> list[tuple[Leaf, int]]:
        """The chapters with the page on which each begins, where there is more than one page."""
        if self.page_obj.paginator.num_pages == 1:
            return []
        found: dict[Any, tuple[Leaf, int]] = {}
        for at, row in enumerate(self.all_rows):
            if row.chapter is not None:
                found.setdefault(row.chapter.item.pk, (row.chapter, at // PER_PAGE + 1))
        return list(found.values())

    # what the plan as a whole rests on, where nothing is opened

    @property
    def upstream(self) -> list[Step]:
        return self._both_ways[0]

    @property
    def downstream(self) -> list[Step]:
        return self._both_ways[1]

    @cached_property
    def _both_ways(self) -> tuple[list[Step], list[Step]]:
        return trace_both(self.plan.node, self.actor, limit=80)


def _below(chapter: Leaf | None, leaves: Iterable[Leaf], above: str = "") -> list[Row]:
    """The parts of a chapter in reading order; where the kind changes, the row bears its heading."""
    rows: list[Row] = []
    last = above
    for leaf in leaves:
        heading = heading_of(leaf.kind) if leaf.kind != last else ""
        rows.append(Row(leaf, chapter, heading))
        inner = _below(chapter, leaf.parts, leaf.kind)
        rows += inner
        last = inner[-1].leaf.kind if inner else leaf.kind
    return rows


def heading_of(kind: str) -> str:
    """What stands over passages of a kind; nothing over those that need none."""
    return {ItemKind.GOAL: _("Goals"), ItemKind.MEASURE: _("Measures")}.get(ItemKind(kind), "")


def _count(row: Row, counts: Counts) -> None:
    key = row.leaf.item.pk
    for (node, way, kind), number in counts.items():
        if node == key:
            row.ups += number if way == UP else 0
            row.downs += number if way == DOWN else 0
            row.suggestions += number if way == DOWN and kind == Kind.SUGGESTION else 0


def _lacks(gap: Gap, row: Row, counts: Counts) -> bool:
    """Whether none of the kinds that the gap names is linked to the measure, or to the goal that it stands under."""
    keys = [row.leaf.item.pk, *([row.leaf.item.parent_id] if Kind.INDICATOR in gap.lacks else [])]
    way = UP if gap.upstream else DOWN
    return not any(counts.get((key, way, kind.value)) for key in keys for kind in gap.lacks if key)

"""Chance edits on both sides of a hall against a model: every edit is in the result, or before a person."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from khlong.chain.actions import link, unlink
from khlong.chain.hall.merging import OURS, THEIRS
from khlong.chain.hall.packing import close
from khlong.chain.hall.plan import Conflict
from khlong.chain.models import Edge, EdgeKind, Kind
from khlong.chain.search import reindex
from khlong.chain.things import new_thing
from khlong.people.actor import Actor
from khlong.places import actions as places
from khlong.places.models import City, Community, Fact, Source
from khlong.record.models import AuditEntry, SearchEntry
from khlong.strategy import actions as strategy
from khlong.strategy.models import Item, ItemKind, Passage, PassageRevision, Plan
from khlong.web.tests.halls import Both
from khlong.web.tests.world import SYSTEM, World, build, fact_values

pytestmark = pytest.mark.slow
Cell = tuple[str, str, str]
FACT_FIELDS = ("scope_th", "scope_en", "reporter_th")
NAMES = ("name_th", "name_en")
TEXTS = {"text_th": "th", "text_en": "en"}


@dataclass
class Side:
    """What one side wrote: cells of things that stood before, and new things by their text."""

    cells: dict[Cell, str] = field(default_factory=dict)
    added: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Ground:
    """What both sides write at, and which of it stood before the hall."""

    world: World
    old: frozenset[Any]


class Chance:
    """Random edits of one side; the model of what was written is kept as it goes."""

    def __init__(self, seed: str, actor: Actor, ground: Ground) -> None:
        self.dice, self.actor, self.side = random.Random(seed), actor, Side()
        self.world, self.old = ground.world, ground.old
        self.texts = (f"{seed} ข้อความ {n}" for n in range(1000))

    def live(self, steps: int) -> Side:
        edits: list[Callable[[], None]] = [
            *[self.fact] * 3,
            *[self.community] * 3,
            *[self.words] * 4,
            self.add_fact,
            self.add_item,
            self.edge,
        ]
        for _ in range(steps):
            self.dice.choice(edits)()
        return self.side

    def _text(self) -> str:
        """Often a text that the other side may write too."""
        return f"ตรงกัน {self.dice.randrange(3)}" if self.dice.random() < 0.2 else next(self.texts)

    def _pick(self, model: Any) -> Any:
        return self.dice.choice(list(model.objects.filter(pk__in=self.old).order_by("node__ref")))

    def fact(self) -> None:
        self._change(self._pick(Fact), self.dice.choice(FACT_FIELDS), places.save_fact)

    def community(self) -> None:
        self._change(self._pick(Community), self.dice.choice(NAMES), places.save_community)

    def _change(self, thing: Any, name: str, save: Any) -> None:
        text = self._text()
        save(self.actor, thing, {name: text})
        self.side.cells[thing._meta.label_lower, str(thing.pk), name] = text

    def words(self) -> None:
        item, (name, lang), text = self._pick(Item), self.dice.choice(list(TEXTS.items())), self._text()
        strategy.save_passage(self.actor, item.passage, lang, text)  # type: ignore[arg-type]
        self.side.cells["strategy.item", str(item.pk), name] = text

    def add_fact(self) -> None:
        text = next(self.texts)
        values = fact_values(self.world.source, scope_th=text)
        places.save_fact(self.actor, places.new_fact(City.objects.get(slug="phatong").node), values)
        self.side.added.add(text)

    def add_item(self) -> None:
        text = next(self.texts)
        parent = self._pick(Item) if self.dice.random() < 0.5 else None
        plan = Plan.objects.get(pk=self.world.plan.pk)
        strategy.add_item(self.actor, plan, ItemKind.STRATEGY, text, parent=parent)
        self.side.added.add(text)

    def edge(self) -> None:
        up, down = self._pick(Fact).node, self._pick(Item).node
        standing = Edge.objects.filter(up=up, down=down).first()
        if standing:
            unlink(self.actor, standing)
        else:
            link(self.actor, up, down, EdgeKind.RESTS_ON)


def furnish(world: World) -> frozenset[Any]:
    """Some more of everything to write at; gives the keys of all that stands."""
    for n in range(4):
        places.save_fact(SYSTEM, places.new_fact(world.city.node), fact_values(world.source, value=n))
        values = {"city": world.city, "name_th": f"บ้าน {n}", "source": world.source}
        places.save_community(SYSTEM, new_thing(Community, Kind.COMMUNITY, space=world.space), values)
        item = strategy.add_item(SYSTEM, world.plan, ItemKind.STRATEGY, f"เดิม {n}", text_en="Old")
        link(SYSTEM, world.fact.node, item.node, EdgeKind.RESTS_ON)
    older = [*Fact.objects.all(), *Community.objects.all(), *Item.objects.filter(plan=world.plan)]
    return frozenset(thing.pk for thing in older)


def stands(cell: Cell) -> str:
    model, key, name = cell
    if model == "strategy.item":
        rows = Passage.objects.get(item=UUID(key)).revisions.filter(lang=TEXTS[name]).order_by("-number")
        return rows.values_list("text", flat=True).first() or ""
    kinds: dict[str, Any] = {"places.fact": Fact, "places.community": Community}
    return str(getattr(kinds[model].objects.get(pk=key), name))


def edges() -> set[tuple[Any, Any]]:
    return set(Edge.objects.values_list("up_id", "down_id"))


@pytest.fixture
def ground(city: City, source: Source) -> Ground:
    made = build(city.node, city, source)
    return Ground(made, furnish(made))


@dataclass
class Played:
    """A hall and its server after both were written in, with the model of what was written."""

    both: Both
    theirs: Side
    ours: Side
    edges: set[tuple[Any, Any]]

    @property
    def clashes(self) -> set[Cell]:
        both = self.theirs.cells.keys() & self.ours.cells.keys()
        return {cell for cell in both if self.theirs.cells[cell] != self.ours.cells[cell]}


def play(seed: int, ground: Ground, both: Both) -> Played:
    before = edges()
    with both.in_the_hall() as member:
        theirs = Chance(f"hall {seed}", member, ground).live(40)
        there = edges()
        both.closed = close()[1]
    ours = Chance(f"here {seed}", both.owner, ground).live(40)
    here = edges()
    return Played(both, theirs, ours, (there | here) - (before - there) - (before - here))


def conflicts_by_cell(both: Both) -> dict[Cell, Conflict]:
    return {
        (conflict.row.document.name, conflict.row.key, name): conflict
        for conflict in both.plan().conflicts
        for name in conflict.fields
    }


def texts_here() -> set[str]:
    facts = Fact.objects.values_list("scope_th", flat=True)
    return {*facts, *PassageRevision.objects.values_list("text", flat=True)}


def index_rows() -> list[tuple[Any, ...]]:
    return list(
        SearchEntry.objects.order_by("node").values_list("node", "ref", "title", "words", "visibility")
    )


@pytest.mark.parametrize("seed", range(8))
def test_every_edit_of_both_sides_is_in_the_result_or_before_a_person(
    seed: int, ground: Ground, city: City, cast: Any
) -> None:
    played = play(seed, ground, Both(city, cast))
    both, theirs, ours = played.both, played.theirs, played.ours
    both.merge()
    for cell, text in {**theirs.cells, **ours.cells}.items():
        assert stands(cell) == text
    assert texts_here() >= theirs.added | ours.added
    assert edges() == played.edges
    found = conflicts_by_cell(both)
    assert set(found) == played.clashes
    decide_by_chance(seed, played, found)
    before = AuditEntry.objects.count(), index_rows()
    both.merge()
    assert both.plan().is_done
    reindex()
    assert (AuditEntry.objects.count(), index_rows()) == before


def decide_by_chance(seed: int, played: Played, found: dict[Cell, Conflict]) -> None:
    """Decide every conflict one way or the other, and see that it is so and that nothing else moved."""
    dice = random.Random(f"decide {seed}")
    chosen = {cell: dice.choice((THEIRS, OURS)) for cell in sorted(found)}
    played.both.decide(*((found[cell], how, "") for cell, how in chosen.items()))
    sides = {THEIRS: played.theirs, OURS: played.ours}
    for cell, text in {**played.theirs.cells, **played.ours.cells}.items():
        assert stands(cell) == (sides[chosen[cell]].cells[cell] if cell in chosen else text)

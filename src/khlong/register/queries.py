"""What pages ask of the register."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from khlong.chain.models import Edge, Node
from khlong.network.counts import is_few
from khlong.people import keys
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.places.models import City, Group
from khlong.register.models import Household, Person, Statement
from khlong.register.policies import may_read_words


def seen_households(actor: Actor) -> QuerySet[Household]:
    """Households whose consent stands, for those who keep the register."""
    rows = scope(actor, Household.objects.select_related("community", "zone", "space", "subject"))
    return rows.filter(subject__destroyed_on=None)


def listed_households(actor: Actor, city: City) -> QuerySet[Household]:
    """Those of a city, the newest first."""
    return seen_households(actor).filter(space=city.node).order_by("-noted_on", "pk")


def with_parts(rows: QuerySet[Household]) -> QuerySet[Household]:
    """With what a list shows of each: its groups, and `told`, how many of its statements still have words.

    Counted for the rows of a page only: joined and grouped for all households of a large city they took a fifth of
    a second.
    """
    told = Statement.objects.filter(household=OuterRef("pk"), erased_on=None).order_by()
    number = told.values("household").annotate(n=Count("pk")).values("n")
    return rows.annotate(told=Coalesce(Subquery(number), 0)).prefetch_related("groups")


def seen_statements(actor: Actor) -> QuerySet[Statement]:
    """Statements that a reader may know of, the newest first."""
    rows = scope(
        actor, Statement.objects.select_related("node__space", "household__community", "household__subject")
    )
    return rows.order_by("-said_on", "node__ref")


@dataclass(frozen=True)
class Said:
    """A statement with its words as far as somebody may read them; "" where she may not or they are gone."""

    statement: Statement
    words: str
    words_en: str


def with_words(actor: Actor, statements: Sequence[Statement]) -> list[Said]:
    """A page of statements, each opened once, the keys fetched together."""
    readable = [row for row in statements if may_read_words(actor, row)]
    found = dict(zip((row.pk for row in readable), _opened(readable), strict=True))
    nothing = {"words": "", "words_en": ""}
    return [Said(row, **found.get(row.pk, nothing)) for row in statements]


def _opened(rows: Sequence[Statement]) -> list[dict[str, str]]:
    """The words; nothing where a key is missing, as after the restore of a database without its keys."""
    try:
        return keys.read_all(rows, "words", "words_en")
    except keys.KeyGoneError:
        return [_one(row) for row in rows]


def _one(row: Statement) -> dict[str, str]:
    try:
        return keys.read_all([row], "words", "words_en")[0]
    except keys.KeyGoneError:
        return {"words": "", "words_en": ""}


def people_of(household: Household) -> list[tuple[Person, str]]:
    """The people of a household with their names."""
    rows = list(household.members.select_related("subject").prefetch_related("groups"))
    return [(row, texts["name"]) for row, texts in zip(rows, keys.read_all(rows, "name"), strict=True)]


def resting_on(actor: Actor, household: Household) -> list[Node]:
    """What would lose its ground when the household withdraws: what rests on what it said."""
    below = Edge.objects.filter(up__statement__household=household).values("down")
    return list(scope(actor, Node.objects.filter(pk__in=below).select_related("space")).order_by("ref")[:50])


@dataclass(frozen=True)
class Tally:
    """How many households of a group are in the register; None for fewer than five."""

    name: str
    number: int | None


def tallies(groups: Sequence[Group]) -> Iterable[Tally]:
    """Households by group; a household may stand in several, so that no number tells another.

    Counted in the table of groups alone: a household that withdraws leaves its groups in that same transaction.
    """
    rows = Household.groups.through.objects.filter(group__in=groups).order_by()
    counts = dict(rows.values_list("group").annotate(n=Count("pk")))
    for group in groups:
        number = counts.get(group.pk, 0)
        yield Tally(group.name, None if is_few(number) else number)

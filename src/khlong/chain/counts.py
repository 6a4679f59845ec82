"""How much lies along the chain of each city: things by kind, links by stretch, dry stretches by kind of gap."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, F, QuerySet, Value
from django.db.models.functions import Cast

from khlong.chain.models import Edge, Kind, Node
from khlong.chain.policies import node_filter
from khlong.chain.stages import OWN_WORK, STAGES, stage_of
from khlong.people.actor import Actor
from khlong.people.policy import Verb, scope

Rows = Callable[[], QuerySet[Node]]
ON_THE_CHAIN = tuple(kind for stage in STAGES for kind in stage.kinds)


@dataclass
class Along:
    """What lies along the chain of one city: how many things of a kind, how many links from a kind to a kind."""

    things: Counter[str] = field(default_factory=Counter)
    links: Counter[tuple[str, str]] = field(default_factory=Counter)

    def at(self, stage: int) -> int:
        """How many things lie at a gate."""
        return sum(self.things[kind] for kind in STAGES[stage].kinds)

    def into(self, stage: int) -> int:
        """How many links arrive at a gate from any gate upstream; each link of the chain arrives once."""
        return sum(count for (up, down), count in self.links.items() if arrives(up, down) == stage)

    @property
    def works(self) -> bool:
        """Whether anything is shown that comes to be only by working on the chain."""
        return any(self.things[kind] for kind in OWN_WORK)


def arrives(up: str, down: str) -> int | None:
    """The gate at which a link between two kinds arrives; None for one that leads to no gate further down."""
    first, last = stage_of(up), stage_of(down)
    return last if first is not None and last is not None and first < last else None


def along(actor: Actor, spaces: Iterable[UUID]) -> dict[UUID, Along]:
    """What lies along the chains of some cities, as the reader may see it; one query for all.

    A link belongs to the city of its lower end; a link into the programme's report to the city that it comes from,
    and so does the report.
    """
    keys = list(spaces)
    things = scope(actor, Node.objects.order_by()).filter(space__in=keys, kind__in=ON_THE_CHAIN)
    links = Edge.objects.order_by().filter(
        node_filter(actor, Verb.VIEW, "up__"), node_filter(actor, Verb.VIEW, "down__")
    )
    inside = links.filter(down__space__in=keys).exclude(down__kind=Kind.LOGFRAME)
    reported = links.filter(up__space__in=keys, down__kind=Kind.LOGFRAME)
    reached = reported.exclude(down__space=F("up__space"))
    nothing = Value("", CharField())
    rows = _counted(things, of=F("space"), up=nothing, down=F("kind")).union(
        _counted(inside, of=F("down__space"), up=F("up__kind"), down=F("down__kind")),
        _counted(reported, of=F("up__space"), up=F("up__kind"), down=F("down__kind")),
        _counted(reached, of=F("up__space"), up=nothing, down=F("down__kind"), each="down"),
        all=True,
    )
    made: dict[UUID, Along] = {key: Along() for key in keys}
    for space, up, down, count in rows:
        if up:
            made[space].links[up, down] += count
        else:
            made[space].things[down] += count
    return made


def _counted(rows: QuerySet[Any], *, of: Any, up: Any, down: Any, each: str = "pk") -> QuerySet[Any]:
    made: QuerySet[Any] = rows.values_list(of, up, down).annotate(n=Count(each, distinct=each != "pk"))
    return made


def tallied(actor: Actor, spaces: Iterable[UUID], asked: dict[str, Rows]) -> dict[UUID, Counter[str]]:
    """Of each city, how many of some rows the reader may see, by the name of the rows; one query for all."""
    keys, made = list(spaces), defaultdict[UUID, Counter[str]](Counter)
    seen = [
        scope(actor, rows().order_by())
        .filter(space__in=keys)
        .values_list(F("space"), Cast(Value(name), CharField()))
        .annotate(n=Count("pk", distinct=True))
        for name, rows in asked.items()
    ]
    if seen and keys:
        for space, name, count in seen[0].union(*seen[1:], all=True):
            made[space][name] += count
    return made

"""Merging one thing field by field: how it stood, what the hall made of it, what stands here. Plain data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Values = Mapping[str, Any]
Combine = Callable[[Any, Any, Any], Any]
"""Base, theirs, ours to one value that holds both changes, or CLASH."""


class _Clash:
    pass


CLASH = _Clash()


@dataclass(frozen=True)
class Rules:
    """How the fields of a kind of thing go together.

    Fields of a `together` group say one thing between them (a figure and its unit): changed on both sides they
    are decided as one. When a `decisive` field changes on one side (left out of the plan) and anything else on
    the other, a person decides. `combine` merges a field's two changes where that can be done (a list).
    """

    together: tuple[tuple[str, ...], ...] = ()
    decisive: tuple[str, ...] = ()
    combine: Mapping[str, Combine] = field(default_factory=dict)


@dataclass
class Merged:
    """What to write by itself, and the groups of fields that a person decides."""

    take: dict[str, Any]
    conflicts: list[tuple[str, ...]]

    @property
    def in_conflict(self) -> set[str]:
        return {name for group in self.conflicts for name in group}


def merge(
    base: Values,
    theirs: Values,
    ours: Values,
    rules: Rules,
    *,
    settled: Collection[str] = (),
    cautious: bool = False,
) -> Merged:
    """Merge by field. `base` is what the hall's changes are counted from; `settled` fields are done with.

    With `cautious` nobody knows what happened here since (a server that was restored to an older state), and
    every difference is decided by a person.
    """
    names = [name for name in theirs if not name.startswith("@") and name not in settled]
    sides = _Sides(
        names=names,
        moved={name for name in names if theirs[name] != base.get(name)},
        here={name for name in names if ours.get(name) != base.get(name)},
        differ={name for name in names if theirs[name] != ours.get(name)},
    )
    if cautious:
        return Merged({}, [(name,) for name in names if name in sides.differ])
    take, clashing = {}, set()
    for name in names:
        if name not in sides.asked:
            continue
        if name not in sides.here:
            take[name] = theirs[name]
        elif (both := _combined(rules, name, base, theirs, ours)) is not CLASH:
            take[name] = both
        else:
            clashing.add(name)
    groups = _groups(rules, sides, clashing)
    caught = {name for group in groups for name in group}
    return Merged({name: value for name, value in take.items() if name not in caught}, groups)


@dataclass(frozen=True)
class _Sides:
    """Which fields the hall changed, which were changed here, and which say different things now."""

    names: list[str]
    moved: set[str]
    here: set[str]
    differ: set[str]

    @property
    def asked(self) -> set[str]:
        """Fields in which the hall asks for something that does not stand here."""
        return self.moved & self.differ


def _combined(rules: Rules, name: str, base: Values, theirs: Values, ours: Values) -> Any:
    combine = rules.combine.get(name)
    return combine(base.get(name), theirs[name], ours.get(name)) if combine else CLASH


def _groups(rules: Rules, sides: _Sides, clashing: set[str]) -> list[tuple[str, ...]]:
    found = [group for group in (_decisive(rules, sides),) if group]
    taken = {name for group in found for name in group}
    for names in rules.together:
        if sides.asked.intersection(names) - taken and sides.here.intersection(names):
            found.append(tuple(name for name in names if name in sides.differ - taken))
    grouped = {name for group in found for name in group}
    return found + [(name,) for name in sides.names if name in clashing - grouped]


def _decisive(rules: Rules, sides: _Sides) -> tuple[str, ...]:
    """A decisive field that one side changed while the other changed something, with all that the hall asks."""
    for name in rules.decisive:
        one_sided = (name in sides.moved and sides.here) or (name in sides.here and sides.moved)
        if name in sides.differ and one_sided:
            return tuple(each for each in sides.names if each == name or each in sides.asked)
    return ()


def combine_sets(base: Any, theirs: Any, ours: Any) -> Any:
    """What both sides added, without what either took away; sorted."""
    start, there, here = set(base or ()), set(theirs or ()), set(ours or ())
    return sorted((there | here) - (start - there) - (start - here))


def combine_order(base: Any, theirs: Any, ours: Any) -> Any:
    """An order in which one side moved things and the other only added or left some out; else CLASH."""
    start, there, here = list(base or ()), list(theirs or ()), list(ours or ())
    both = set(there) & set(here)
    known = both & set(start)
    if _only(start, known) != _only(here, known) and _only(start, known) != _only(there, known):
        return CLASH if _only(there, known) != _only(here, known) else _inserted(here, there)
    moved_there = _only(start, known) != _only(there, known)
    return _inserted(there, here) if moved_there else _inserted(here, there)


def combine_files(base: Any, theirs: Any, ours: Any) -> Any:
    """Lists of rows that each name a file: what both sides added, without what either took away; else CLASH."""
    start, there, here = ({row["file"]: row for row in rows or ()} for rows in (base, theirs, ours))
    made = []
    for key in (*here, *(key for key in there if key not in here)):
        if key in start and (key not in there or key not in here):
            continue
        one, other = there.get(key, here.get(key)), here.get(key, there.get(key))
        if one != other and start.get(key) not in (one, other):
            return CLASH
        made.append(one if other == start.get(key) else other)
    return made


def _only(order: Iterable[Any], kept: set[Any]) -> list[Any]:
    return [item for item in order if item in kept]


def _inserted(order: Sequence[Any], other: Sequence[Any]) -> list[Any]:
    """An order with what only the other one has put after its neighbour there."""
    made = list(order)
    for place, item in enumerate(other):
        if item in made:
            continue
        before = next((near for near in reversed(other[:place]) if near in made), None)
        made.insert(made.index(before) + 1 if before is not None else 0, item)
    return made

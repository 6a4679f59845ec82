"""Merging field by field: nothing that either side wrote is lost without a person."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from khlong.chain.hall.threeway import CLASH, Rules, combine_order, combine_sets, merge

NAMES = ("a", "b", "c", "d")
VALUES = st.fixed_dictionaries({name: st.integers(0, 2) for name in NAMES})
RULES = Rules(together=(("a", "b"),), decisive=("d",))


def after(ours: dict[str, Any], take: dict[str, Any]) -> dict[str, Any]:
    return ours | take


@given(VALUES, VALUES, VALUES)
def test_every_change_of_the_hall_stands_afterwards_or_waits_for_a_person(
    base: dict[str, int], theirs: dict[str, int], ours: dict[str, int]
) -> None:
    merged = merge(base, theirs, ours, RULES)
    result = after(ours, merged.take)
    for name in NAMES:
        if theirs[name] != base[name]:
            assert result[name] == theirs[name] or name in merged.in_conflict
        if ours[name] != base[name]:
            assert result[name] == ours[name]


@given(VALUES, VALUES, VALUES)
def test_a_plain_field_is_a_conflict_only_when_both_sides_changed_it_to_different_things(
    base: dict[str, int], theirs: dict[str, int], ours: dict[str, int]
) -> None:
    merged = merge(base, theirs, ours, Rules())
    clash = {
        name for name in NAMES if base[name] not in (theirs[name], ours[name]) and theirs[name] != ours[name]
    }
    assert merged.in_conflict == clash


@given(VALUES, VALUES)
def test_without_changes_here_all_of_the_hall_is_taken(base: dict[str, int], theirs: dict[str, int]) -> None:
    merged = merge(base, theirs, base, RULES)
    assert merged.conflicts == []
    assert after(base, merged.take) == theirs


@given(VALUES, VALUES, VALUES)
def test_with_caution_every_difference_is_a_persons(
    base: dict[str, int], theirs: dict[str, int], ours: dict[str, int]
) -> None:
    merged = merge(base, theirs, ours, RULES, cautious=True)
    assert merged.take == {}
    assert merged.in_conflict == {name for name in NAMES if theirs[name] != ours[name]}


@given(VALUES, VALUES, VALUES)
def test_what_is_settled_is_not_asked_again(
    base: dict[str, int], theirs: dict[str, int], ours: dict[str, int]
) -> None:
    for cautious in (False, True):
        merged = merge(base, theirs, ours, RULES, settled=NAMES, cautious=cautious)
        assert (merged.take, merged.conflicts) == ({}, [])


def test_what_names_a_thing_is_never_merged() -> None:
    assert merge({"@ref": "a"}, {"@ref": "b"}, {"@ref": "a"}, Rules()).take == {}


LISTS = st.lists(st.sampled_from("abcdef"), unique=True)


@given(LISTS, LISTS, LISTS)
def test_sets_keep_what_both_added_and_lose_what_either_took_away(
    base: list[str], theirs: list[str], ours: list[str]
) -> None:
    made = set(combine_sets(base, theirs, ours))
    assert made >= (set(theirs) | set(ours)) - set(base)
    assert made <= (set(theirs) | set(ours))
    assert not made & (set(base) - set(theirs))
    assert not made & (set(base) - set(ours))


@settings(max_examples=300)
@given(LISTS, LISTS, LISTS)
def test_an_order_holds_everything_and_follows_the_side_that_moved_things(
    base: list[str], theirs: list[str], ours: list[str]
) -> None:
    made = combine_order(base, theirs, ours)
    known = set(base) & set(theirs) & set(ours)

    def only(order: list[str]) -> list[str]:
        return [item for item in order if item in known]

    if made is CLASH:
        assert only(base) not in (only(theirs), only(ours))
        assert only(theirs) != only(ours)
        return
    assert sorted(made) == sorted({*theirs, *ours})
    moved = theirs if only(theirs) != only(base) else ours
    assert only(made) == only(moved)

"""Whoever comes with a token or a link does what that allows and nothing besides."""

from __future__ import annotations

from typing import Any

import pytest

from khlong.people.actor import Actor, Bounds, bound_link_actor, token_actor
from khlong.people.policy import Verb
from khlong.record.actions import Act
from khlong.record.errors import Refused

pytestmark = pytest.mark.django_db


def may(actor: Actor, name: str, verb: Verb, obj: Any) -> bool:
    try:
        Act(actor, name).require(verb, obj)
    except Refused:
        return False
    return True


def test_a_token_that_reads_changes_nothing_even_where_its_account_may(cast: Any, city: Any) -> None:
    reads, writes = token_actor(cast.member, Bounds()), token_actor(cast.member, Bounds(writes=True))
    assert may(writes, "x", Verb.CHANGE, city.node)
    assert not may(reads, "x", Verb.CHANGE, city.node)
    assert may(reads, "x", Verb.VIEW, city.node)


def test_a_token_of_one_city_changes_nothing_in_another_nor_what_belongs_to_none(
    cast: Any, city: Any, other_city: Any, source: Any
) -> None:
    here = Bounds(spaces=frozenset([city.pk]), writes=True)
    stranger = token_actor(cast.stranger, here)
    assert not may(stranger, "x", Verb.CHANGE, other_city.node)
    assert not may(stranger, "x", Verb.ADD, source)
    assert may(token_actor(cast.stranger, Bounds(writes=True)), "x", Verb.ADD, source)


def test_a_link_allows_its_actions_in_its_city_and_no_other(city: Any, other_city: Any) -> None:
    link = bound_link_actor("0" * 64, "a link", Bounds(frozenset([city.pk]), actions=frozenset({"a.b.c"})))
    assert may(link, "a.b.c", Verb.ADD, city.node)
    assert not may(link, "a.b.d", Verb.ADD, city.node)
    assert not may(link, "a.b.c", Verb.ADD, other_city.node)
    assert may(link, "x", Verb.VIEW, other_city.node)
    assert not link.signed_in

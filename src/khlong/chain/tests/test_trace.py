"""Following the chain as far as the reader may see, in as many queries for a long one as for a short one."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from khlong.chain.course import _short
from khlong.chain.models import Edge, EdgeKind, Kind, Node
from khlong.chain.queries import MAX_DEPTH, link_counts, trace, trace_both
from khlong.chain.tests.things import SYSTEM, chain_of, hide, join, new_community
from khlong.people.actor import ANONYMOUS, Actor


def met(start: Node, actor: Actor = ANONYMOUS, **how: Any) -> list[tuple[int, str]]:
    return [(step.depth, step.node.title_th) for step in trace(start, actor, **how)]


@pytest.fixture
def four(city: Any, source: Any) -> list[Node]:
    return chain_of(city, source, 4)


def test_upstream_and_downstream_are_met_nearest_first(four: list[Node]) -> None:
    assert met(four[2], up=True) == [(1, "ชุมชน 1"), (2, "ชุมชน 0")]
    assert met(four[2], up=False) == [(1, "ชุมชน 3")]
    assert met(four[0], up=True) == []


def test_two_ways_to_one_thing_meet_it_once_by_the_shorter(four: list[Node]) -> None:
    join(four[0], four[3])
    assert met(four[0], up=False) == [(1, "ชุมชน 1"), (1, "ชุมชน 3"), (2, "ชุมชน 2")]


def test_two_links_between_the_same_things_are_one_step(four: list[Node]) -> None:
    Edge.objects.create(up=four[0], down=four[1], kind=EdgeKind.PART_OF, by="test")
    assert met(four[1], up=True) == [(1, "ชุมชน 0")]


def test_a_circle_is_walked_once_and_ends(four: list[Node]) -> None:
    join(four[3], four[0])
    assert met(four[0], up=False) == [(1, "ชุมชน 1"), (2, "ชุมชน 2"), (3, "ชุมชน 3")]
    assert met(four[0], up=True) == [(1, "ชุมชน 3"), (2, "ชุมชน 2"), (3, "ชุมชน 1")]


def test_a_hidden_thing_in_the_middle_cuts_the_way_for_the_public_and_for_nobody_else(
    four: list[Node], cast: Any
) -> None:
    hide(four[1])
    assert met(four[3], up=True) == [(1, "ชุมชน 2")]
    assert met(four[0], up=False) == []
    assert met(four[3], cast.actors["stranger"], up=True) == [(1, "ชุมชน 2")]
    for name in ("observer", "member", "owner", "steward", "system"):
        assert len(met(four[3], cast.actors[name], up=True)) == 3, name


def test_a_hidden_start_leads_nowhere(four: list[Node]) -> None:
    hide(four[1])
    assert met(four[1], up=True) == met(four[1], up=False) == []


def test_a_walk_goes_at_most_so_many_steps(city: Any, source: Any) -> None:
    nodes = chain_of(city, source, MAX_DEPTH + 3)
    assert len(met(nodes[0], up=False)) == MAX_DEPTH


def test_of_very_many_the_nearest_come_back(four: list[Node], city: Any, source: Any) -> None:
    for number in range(6):
        join(four[3], new_community(city, source, f"ไกล {number}").node)
    assert met(four[0], up=False, limit=3) == [(1, "ชุมชน 1"), (2, "ชุมชน 2"), (3, "ชุมชน 3")]


def both(start: Node, limit: int) -> tuple[list[str], list[str]]:
    up, down = trace_both(start, ANONYMOUS, limit=limit)
    return [step.node.title_th for step in up], [step.node.title_th for step in down]


def test_both_ways_share_what_is_shown_and_the_nearest_of_each_are_in_it(city: Any, source: Any) -> None:
    nodes = chain_of(city, source, 9)
    names = [f"ชุมชน {number}" for number in range(9)]
    assert both(nodes[4], 4) == (names[3:1:-1], names[5:7])
    assert both(nodes[1], 6) == (names[:1], names[2:7])
    assert both(nodes[7], 6) == (names[6:1:-1], names[8:])
    assert both(nodes[4], 100) == (names[3::-1], names[5:])


def queries_of(start: Node, actor: Actor) -> int:
    with CaptureQueriesContext(connection) as queries:
        for step in trace(start, actor, up=False):
            assert step.node.space is not None
    return len(queries)


def test_a_long_chain_takes_as_many_queries_as_a_short_one(city: Any, source: Any, cast: Any) -> None:
    short, long = chain_of(city, source, 2), chain_of(city, source, 11)
    for name in ("anonymous", "system"):
        assert queries_of(short[0], cast.actors[name]) == queries_of(long[0], cast.actors[name]) == 2
    for name in ("member", "stranger"):
        assert queries_of(short[0], cast.actors[name]) == queries_of(long[0], cast.actors[name]) <= 3


def test_links_are_counted_as_the_reader_may_see_them(four: list[Node], cast: Any) -> None:
    join(four[0], four[2])
    ids = [node.pk for node in four]
    assert [link_counts(ids, ANONYMOUS)[pk] for pk in ids] == [(0, 2), (1, 1), (2, 1), (1, 0)]
    hide(four[0])
    assert [link_counts(ids, ANONYMOUS)[pk] for pk in ids[1:]] == [(0, 1), (1, 1), (1, 0)]
    assert [link_counts(ids, cast.actors["observer"])[pk] for pk in ids] == [(0, 2), (1, 1), (2, 1), (1, 0)]
    assert [link_counts(ids, SYSTEM)[pk] for pk in ids] == [(0, 2), (1, 1), (2, 1), (1, 0)]


def test_counting_links_takes_one_query(four: list[Node], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        link_counts([node.pk for node in four], ANONYMOUS)


@pytest.mark.parametrize("lang", ["th", "en"])
def test_the_page_of_a_trace_shows_both_directions(four: list[Node], client: Client, lang: str) -> None:
    client.cookies["khlong_language"] = lang
    page = client.get(f"/trace/{four[1].ref}/").content.decode()
    up, down = page.index(four[0].ref), page.index(four[2].ref)
    assert up < down < page.index(four[3].ref)


def test_the_page_of_a_trace_is_not_there_for_what_may_not_be_seen(four: list[Node], client_of: Any) -> None:
    hide(four[1])
    assert client_of("anonymous").get(f"/trace/{four[1].ref}/").status_code == 404
    assert client_of("stranger").get(f"/trace/{four[1].ref}/").status_code == 404
    assert client_of("member").get(f"/trace/{four[1].ref}/").status_code == 200


def test_in_english_a_thing_without_an_english_title_says_that_it_is_shown_in_thai(
    four: list[Node], client: Client
) -> None:
    Node.objects.filter(pk=four[0].pk).update(title_en="")
    Node.objects.filter(pk=four[2].pk).update(title_en="Community two")
    client.cookies["khlong_language"] = "en"
    page = client.get(f"/trace/{four[1].ref}/").content.decode()
    row = page[page.index("<table") :]
    assert row.index("Thai text") < row.index("Community two")
    client.cookies["khlong_language"] = "th"
    assert "inlang" not in client.get(f"/trace/{four[1].ref}/").content.decode()


def test_in_the_picture_a_value_is_told_by_its_period() -> None:
    value = Node(kind=Kind.VALUE, ref="V-PTG-0002", title_th="น้ำขังหลังฝน (1–31 พ.ค. 2569)")
    assert _short(value) == "1–31 พ.ค. 2569 น้ำขังหลังฝน"
    assert _short(Node(kind=Kind.VALUE, ref="V-PTG-0003", title_th="น้ำขังหลังฝน")) == "น้ำขังหลังฝน"
    assert (
        _short(Node(kind=Kind.PILOT, ref="L-PTG-0001", title_th="เปิดทางน้ำ (ช่วงแรก)")) == "เปิดทางน้ำ (ช่วงแรก)"
    )

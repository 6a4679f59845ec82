"""What stands beside a thing: both sides by kind, nearest first, dry stretches for those who may mend them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest
from django.template import RequestContext, Template
from django.test import RequestFactory
from django.utils import translation

from khlong.chain import gaps
from khlong.chain.beside import PER_KIND, Beside, beside
from khlong.chain.gaps import Gap, gap
from khlong.chain.models import Edge, EdgeKind, Kind, Node
from khlong.chain.tests.things import chain_of, hide, join, new_community
from khlong.people.actor import ANONYMOUS, Actor

TAG = "{% load chain %}{% beside node %}"
KINDS = (Kind.FACT, Kind.FINDING, Kind.MEASURE, Kind.PROPOSAL, Kind.VALUE)


def turn(nodes: list[Node], *kinds: Kind) -> list[Node]:
    """Communities become things of other kinds: this room knows no other thing, and the chain looks at nodes only."""
    for node, kind in zip(nodes, kinds, strict=True):
        node.kind = kind
        node.save()
    return nodes


@pytest.fixture
def chain(city: Any, source: Any) -> list[Node]:
    return turn(chain_of(city, source, 5), *KINDS)


@pytest.fixture
def dry_findings() -> Iterator[None]:
    """One kind of gap, as a room would register it: findings from which no measure follows."""
    kept = dict(gaps._gaps)
    gaps._gaps.clear()
    gap(
        Gap(
            "finding.no_measure",
            Kind.FINDING,
            "findings that no measure answers",
            "No measure answers it yet.",
            "Answer it with a measure",
            rows=lambda: Node.objects.filter(kind=Kind.FINDING).exclude(downstream__down__kind=Kind.MEASURE),
            mend=lambda node: f"/measures/add/?finding={node.ref}",
            lacks=(Kind.MEASURE,),
        )
    )
    yield
    gaps._gaps.clear()
    gaps._gaps.update(kept)


def names(both: Beside) -> tuple[list[str], list[str]]:
    return tuple(  # type: ignore[return-value]
        [step.node.title_th for group in side.groups for step in group.steps] for side in (both.up, both.down)
    )


def page(node: Node, actor: Actor, lang: str = "en") -> str:
    request: HttpRequest = RequestFactory().get("/")
    request.actor = actor  # type: ignore[attr-defined]
    with translation.override(lang):
        return Template(TAG).render(RequestContext(request, {"node": node}))


def test_both_sides_are_shown_nearest_first(chain: list[Node]) -> None:
    up, down = names(beside(chain[2], ANONYMOUS))
    assert up == ["ชุมชน 1", "ชุมชน 0"]
    assert down == ["ชุมชน 3", "ชุมชน 4"]


def test_things_stand_by_kind_the_nearest_of_each_and_how_many_more(
    chain: list[Node], city: Any, source: Any
) -> None:
    for number in range(PER_KIND + 2):
        (extra,) = turn([new_community(city, source, f"ข้อ {number}").node], Kind.FINDING)
        join(extra, chain[2])
    findings, facts = beside(chain[2], ANONYMOUS).up.groups
    assert (len(findings.steps), findings.more) == (PER_KIND, 3)
    assert (len(facts.steps), facts.more) == (1, 0)
    assert str(findings.label) == str(Kind.FINDING.label)


def test_a_thing_in_a_circle_keeps_its_distance_on_each_side(chain: list[Node]) -> None:
    join(chain[4], chain[0])
    both = beside(chain[1], ANONYMOUS)
    depths = [
        {s.node.title_th: s.depth for g in side.groups for s in g.steps} for side in (both.up, both.down)
    ]
    assert (depths[0]["ชุมชน 0"], depths[1]["ชุมชน 0"]) == (1, 4)


def test_what_the_reader_may_not_see_is_neither_shown_nor_counted(chain: list[Node], cast: Any) -> None:
    hide(chain[1])
    assert names(beside(chain[2], ANONYMOUS))[0] == []
    assert names(beside(chain[2], cast.actors["observer"]))[0] == ["ชุมชน 1", "ชุมชน 0"]


def test_both_sides_take_three_questions_at_ten_links_and_at_a_hundred(
    chain: list[Node], city: Any, source: Any, django_assert_num_queries: Any, dry_findings: None
) -> None:
    for count in (10, 90):
        for number in range(count):
            join(new_community(city, source, f"{count} {number}").node, chain[1])
        with django_assert_num_queries(3):
            page(chain[1], ANONYMOUS)


def test_after_very_many_it_says_more_than_so_many(
    chain: list[Node], city: Any, source: Any, monkeypatch: Any
) -> None:
    for number in range(8):
        join(new_community(city, source, f"{number}").node, chain[1])
    assert beside(chain[1], ANONYMOUS).up.whole
    monkeypatch.setattr("khlong.chain.beside.MOST_MET", 7)
    side = beside(chain[1], ANONYMOUS).up
    assert not side.whole
    assert side.more == 2
    assert "and more than 2 more" in page(chain[1], ANONYMOUS)


def test_a_dry_stretch_has_its_button_for_those_who_may_change_the_thing_only(
    chain: list[Node], cast: Any, dry_findings: None
) -> None:
    Edge.objects.filter(up=chain[1]).delete()
    address = f"/measures/add/?finding={chain[1].ref}"
    for name in ("member", "owner", "steward"):
        shown = page(chain[1], cast.actors[name])
        assert "No measure answers it yet." in shown, name
        assert f'href="{address}"' in shown, name
    for name in ("observer", "stranger", "anonymous"):
        shown = page(chain[1], cast.actors[name])
        assert "No measure answers it yet." in shown, name
        assert address not in shown, name


def test_a_gap_that_is_filled_is_not_shown(chain: list[Node], cast: Any, dry_findings: None) -> None:
    assert "No measure answers it yet." not in page(chain[1], cast.actors["member"])


def test_what_a_real_city_has_not_published_is_hatched_for_readers_and_dry_for_its_people(
    chain: list[Node], cast: Any, dry_findings: None
) -> None:
    Edge.objects.all().delete()
    Node.objects.filter(pk=chain[2].pk).update(kind=Kind.COMMUNITY)
    shown = page(chain[1], ANONYMOUS)
    assert 'class="unpub' in shown
    assert 'class="dry"' not in shown
    assert 'class="dry"' in page(chain[1], cast.actors["member"])
    Node.objects.filter(pk=chain[1].pk).update(is_example=True)
    chain[1].is_example = True
    assert 'class="dry"' in page(chain[1], ANONYMOUS)


def test_a_real_city_that_shows_no_work_at_all_has_no_dry_stretch_and_no_button(
    city: Any, source: Any, cast: Any
) -> None:
    (measure,) = turn([new_community(city, source, "มาตรการ").node], Kind.MEASURE)
    kept = dict(gaps._gaps)
    gaps._gaps.clear()
    try:
        gap(
            Gap(
                "measure.no_finding", Kind.MEASURE, "t", "It answers no finding.", "Link", Node.objects.all, str,
                upstream=True,
            )
        )  # fmt: skip
        for name in ("anonymous", "owner"):
            shown = page(measure, cast.actors[name])
            assert "It answers no finding." not in shown
            assert shown.count('class="unpub"') == 2
        turn([new_community(city, source, "ข้อค้นพบ").node], Kind.FINDING)
        assert "It answers no finding." in page(measure, cast.actors["owner"])
    finally:
        gaps._gaps.clear()
        gaps._gaps.update(kept)


def test_evidence_is_where_the_water_rises_and_a_report_where_it_arrives(city: Any, source: Any) -> None:
    fact, report = turn(chain_of(city, source, 2), Kind.FACT, Kind.LOGFRAME)
    assert "Here the water rises" in page(fact, ANONYMOUS)
    assert "Here the water arrives" in page(report, ANONYMOUS)


@pytest.mark.parametrize(("lang", "words"), [("th", "ตามสายธาร"), ("en", "Follow the water")])
def test_the_way_to_the_whole_trace_stands_beneath(chain: list[Node], lang: str, words: str) -> None:
    shown = page(chain[2], ANONYMOUS, lang)
    assert f'href="/trace/{chain[2].ref}/"' in shown
    assert words in shown


def test_a_walk_meets_each_thing_once_with_two_kinds_of_links(chain: list[Node]) -> None:
    Edge.objects.create(up=chain[1], down=chain[2], kind=EdgeKind.PART_OF, by="test")
    assert names(beside(chain[2], ANONYMOUS))[0] == ["ชุมชน 1", "ชุมชน 0"]

"""Following the water on pages: the trace of a thing, the canal of a city, dry stretches, all cities side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from khlong.chain import canals, gaps, status
from khlong.chain.actions import link, require_unused
from khlong.chain.canals import Part, city_canal, parts_canal
from khlong.chain.counts import along
from khlong.chain.course import MOST_SHOWN, PER_COLUMN, traced
from khlong.chain.gaps import Gap, gap
from khlong.chain.models import Edge, EdgeKind, Kind, Node
from khlong.chain.stages import STAGES
from khlong.chain.tests.test_beside import turn
from khlong.chain.tests.things import SYSTEM, hide, join, new_community
from khlong.people.actor import ANONYMOUS
from khlong.record.errors import Refused
from khlong.ui.canal import stretches
from khlong.ui.course import drawn

WHOLE = (Kind.STATEMENT, Kind.FINDING, Kind.MEASURE, Kind.SUGGESTION, Kind.PROPOSAL, Kind.VALUE)


def made(city: Any, source: Any, *kinds: Kind) -> list[Node]:
    return turn(
        [new_community(city, source, f"{kind.name} {n}").node for n, kind in enumerate(kinds)], *kinds
    )


@pytest.fixture
def river(city: Any, source: Any) -> list[Node]:
    """One drop: a statement, a finding, a measure, a suggestion, a proposal, a value; each leads to the next."""
    nodes = made(city, source, *WHOLE)
    for up, down in zip(nodes, nodes[1:], strict=False):
        join(up, down)
    return nodes


@pytest.fixture
def registered() -> Iterator[None]:
    """Gaps and figures as rooms register them, and none but these."""
    stood, counted = dict(gaps._gaps), dict(status._figures)
    gaps._gaps.clear()
    status._figures.clear()
    gap(
        Gap(
            "finding.no_measure",
            Kind.FINDING,
            "findings that no measure answers",
            "No measure answers it yet.",
            "Answer it",
            rows=lambda: Node.objects.filter(kind=Kind.FINDING).exclude(downstream__down__kind=Kind.MEASURE),
            mend=lambda node: f"/measures/add/?finding={node.ref}",
            lacks=(Kind.MEASURE,),
        )
    )
    status.figure(
        "answers_owed", "suggestions without an answer", lambda: Node.objects.filter(kind=Kind.SUGGESTION)
    )
    yield
    gaps._gaps.clear()
    gaps._gaps.update(stood)
    status._figures.clear()
    status._figures.update(counted)


# --- counts ------------------------------------------------------------------------------------------


def test_every_link_of_the_chain_arrives_at_one_gate_and_is_counted_there_once(
    river: list[Node], city: Any
) -> None:
    join(river[2], river[4])
    counts = along(ANONYMOUS, [city.pk])[city.pk]
    assert [counts.at(n) for n in range(len(STAGES))] == [1, 1, 1, 1, 1, 1, 0]
    assert [counts.into(n) for n in range(1, len(STAGES))] == [1, 1, 1, 2, 1, 0]
    assert sum(counts.links.values()) == Edge.objects.count()


def test_a_link_into_the_report_of_the_programme_belongs_to_the_city_it_comes_from(
    river: list[Node], city: Any, programme: Any, source: Any
) -> None:
    (report,) = made(city, source, Kind.LOGFRAME)
    Node.objects.filter(pk=report.pk).update(space=programme.node)
    report.refresh_from_db()
    link(SYSTEM, river[5], report, EdgeKind.RESTS_ON, across=True)
    link(SYSTEM, river[4], report, EdgeKind.RESTS_ON, across=True)
    counts = along(ANONYMOUS, [city.pk])[city.pk]
    assert (counts.into(6), counts.at(6)) == (2, 1)


def test_what_may_not_be_seen_is_not_counted(river: list[Node], city: Any, cast: Any) -> None:
    hide(river[1])
    public, observer = (along(actor, [city.pk])[city.pk] for actor in (ANONYMOUS, cast.actors["observer"]))
    assert (public.at(1), public.into(1), public.into(2)) == (0, 0, 0)
    assert (observer.at(1), observer.into(1), observer.into(2)) == (1, 1, 1)


def test_counts_of_all_cities_take_one_question(
    river: list[Node], city: Any, other_city: Any, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        found = along(ANONYMOUS, [city.pk, other_city.pk])
    assert found[other_city.pk].things.total() == 0
    assert not found[other_city.pk].works


# --- the canal ---------------------------------------------------------------------------------------


def states(canal: Any, strand: int = 0) -> list[tuple[str, int]]:
    return [(part.state, part.link.count) for part in stretches(canal, canal.strands[strand])]


def test_a_city_without_any_work_is_hatched_all_along(city: Any) -> None:
    canal = city_canal(city.node, "พะตง", along(ANONYMOUS, [city.pk])[city.pk])
    assert {state for state, _count in states(canal)} == {"unpublished"}


def test_what_flows_is_water_what_a_real_city_keeps_back_is_hatched_and_what_the_training_city_lacks_is_dry(
    river: list[Node], city: Any
) -> None:
    counts = along(ANONYMOUS, [city.pk])[city.pk]
    assert states(city_canal(city.node, "พะตง", counts)) == [("water", 1)] * 5 + [("unpublished", 0)]
    city.node.is_example = True
    assert states(city_canal(city.node, "สาธิต", counts))[-1] == ("dry", 0)


def test_links_that_pass_a_gate_at_which_nothing_lies_flow_all_the_same(city: Any, source: Any) -> None:
    measure, proposal = made(city, source, Kind.MEASURE, Kind.PROPOSAL)
    join(measure, proposal)
    canal = city_canal(city.node, "พะตง", along(ANONYMOUS, [city.pk])[city.pk])
    assert states(canal)[3] == ("water", 1)


def test_each_part_of_a_plan_is_a_strand_with_the_links_around_it(
    river: list[Node], city: Any, source: Any
) -> None:
    finding, alone = made(city, source, Kind.FINDING, Kind.MEASURE)
    join(finding, river[2])
    chosen = [Part(river[2].pk, "เปิดคลอง", "1.2", "/m/"), Part(alone.pk, "กำแพง", "1.5", "/n/")]
    canal = parts_canal(city.node, "แผน", chosen, along(ANONYMOUS, [city.pk])[city.pk], ANONYMOUS)
    assert [count for _state, count in states(canal)] == [1, 2, 1, 1, 1, 0]
    assert [count for _state, count in states(canal, 1)] == [0] * 6
    assert states(canal, 1)[0][0] == "dry"
    assert canal.strands[0].label == "1.2 เปิดคลอง"


def test_links_that_may_not_be_seen_are_in_no_strand(river: list[Node], city: Any, cast: Any) -> None:
    hide(river[1])
    found = canals.links_around(ANONYMOUS, [river[2].pk])[river[2].pk]
    assert (found[1], found[2], found[4]) == (0, 0, 1)
    assert canals.links_around(cast.actors["member"], [river[2].pk])[river[2].pk][1] == 1


def test_strands_take_as_many_questions_for_five_parts_as_for_one(
    river: list[Node], city: Any, source: Any, django_assert_num_queries: Any
) -> None:
    more = made(city, source, *(Kind.MEASURE,) * 4)
    for node in more:
        join(river[1], node)
        join(node, river[3])
    for keys in ([river[2].pk], [river[2].pk, *(node.pk for node in more)]):
        with django_assert_num_queries(5):
            canals.links_around(ANONYMOUS, keys)


@pytest.mark.parametrize("word", ["C-PTG", "phatong", "c-ptg"])
def test_the_canal_of_a_city_opens_by_its_reference_and_its_address(
    river: list[Node], client: Client, word: str
) -> None:
    page = client.get(f"/canal/{word}/")
    assert page.status_code == 200
    assert page.content.decode().count("<svg") >= 2


def test_there_is_no_canal_of_what_is_not_there(city: Any, client: Client) -> None:
    for word in ("nowhere", "C-XXX", "Z-1"):
        assert client.get(f"/canal/{word}/").status_code == 404


def test_the_canal_of_a_thing_without_parts_is_its_trace(river: list[Node], client: Client) -> None:
    answer = client.get(f"/canal/{river[2].ref}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/trace/{river[2].ref}/")


def test_the_canal_of_a_city_names_its_dry_stretches_with_the_way_to_mend_them(
    river: list[Node], city: Any, source: Any, client_of: Any, registered: None
) -> None:
    (finding,) = made(city, source, Kind.FINDING)
    for name, words in (("anonymous", "ดูรายการ"), ("member", "Answer it")):
        page = client_of(name).get("/canal/phatong/").content.decode()
        assert "indings that no measure answers" in page
        assert '/canal/C-PTG/dry/finding.no_measure/"' in page
        assert words in page
    rows = client_of("member").get("/canal/phatong/dry/finding.no_measure/").content.decode()
    assert f"/measures/add/?finding={finding.ref}" in rows
    assert river[1].ref not in rows
    public = client_of("anonymous").get("/canal/phatong/dry/finding.no_measure/").content.decode()
    assert finding.ref in public
    assert "/measures/add/" not in public


def test_a_gap_that_nobody_registered_and_a_thing_that_is_no_city_have_no_list(
    river: list[Node], client: Client, registered: None
) -> None:
    assert client.get("/canal/phatong/dry/finding.no_water/").status_code == 404
    assert client.get(f"/canal/{river[2].ref}/dry/finding.no_measure/").status_code == 404


# --- status ------------------------------------------------------------------------------------------


def test_a_city_is_told_with_its_counts_its_gaps_and_its_figures_and_another_as_not_published(
    river: list[Node], city: Any, other_city: Any, source: Any, registered: None
) -> None:
    made(city, source, Kind.FINDING)
    rows = {row.city.ref: row for row in status.statuses(ANONYMOUS, status.all_cities(ANONYMOUS))}
    here, there = rows["C-PTG"], rows["C-BYG"]
    assert here.published
    assert not there.published
    assert {key: count for key, _label, count in here.stages}["findings"] == 2
    assert [(gap.key, count) for gap, count in here.dry] == [("finding.no_measure", 1)]
    assert [(figure.key, count) for figure, count in here.figures] == [("answers_owed", 1)]
    assert there.dry == []
    assert {count for _key, _label, count in there.stages} == {None}


def test_what_a_city_keeps_back_is_no_gap(city: Any, source: Any, registered: None) -> None:
    made(city, source, Kind.FINDING)
    assert status.statuses(ANONYMOUS, [city.node])[0].dry == []
    city.node.is_example = True
    assert len(status.statuses(ANONYMOUS, [city.node])[0].dry) == 1


def test_twelve_cities_take_as_many_questions_as_one(
    river: list[Node], city: Any, other_city: Any, registered: None, django_assert_num_queries: Any
) -> None:
    for cities in ([city.node], [city.node, other_city.node] * 6):
        with django_assert_num_queries(2):
            for row in status.statuses(ANONYMOUS, cities):
                assert row.dry is not None


def test_who_helps_cities_along_finds_the_page_of_all_cities(city: Any, client_of: Any) -> None:
    link = 'href="/status/"'
    assert link in client_of("member").get("/cities/").content.decode()
    assert link not in client_of("anonymous").get("/cities/").content.decode()


def test_the_page_of_all_cities_is_for_people_of_a_programme_and_shows_others_their_own_cities(
    river: list[Node], city: Any, other_city: Any, coordinator: Any, client_of: Any, registered: None
) -> None:
    assert client_of("anonymous").get("/status/").status_code in (302, 403)
    mine = client_of("member").get("/status/").content.decode()
    assert "C-PTG" in mine
    assert "C-BYG" not in mine
    client = Client()
    client.force_login(coordinator)
    for who in (client, client_of("steward")):
        page = who.get("/status/").content.decode()
        assert "C-PTG" in page
        assert "C-BYG" in page
        assert "ข้อมูลตัวอย่าง" not in page
    Node.objects.filter(ref="C-PTG").update(is_example=True)
    assert "ข้อมูลตัวอย่าง" in client_of("steward").get("/status/").content.decode()


# --- the trace ---------------------------------------------------------------------------------------


def test_the_page_of_a_trace_draws_the_nearest_and_lists_all(river: list[Node], client: Client) -> None:
    page = client.get(f"/trace/{river[2].ref}/").content.decode()
    assert page.count('<ol class="thing">') == 1
    for node in river:
        assert page.count(node.ref) >= 3, node.ref


def test_a_trace_is_narrowed_to_one_kind_and_believes_no_other(river: list[Node], client: Client) -> None:
    table = client.get(f"/trace/{river[2].ref}/?kind=F").content.decode().partition('id="all"')[2]
    assert river[1].ref in table
    assert river[4].ref not in table
    assert client.get(f"/trace/{river[2].ref}/?kind=%27").status_code == 200


def test_of_very_many_five_hundred_are_shown_and_the_rest_is_counted(
    river: list[Node], city: Any, client: Client
) -> None:
    nodes = Node.objects.bulk_create(
        Node(ref=f"H-PTG-9{n:04d}", kind=Kind.STATEMENT, space=city.node, title_th=f"{n}", sort_key=f"{n}")
        for n in range(MOST_SHOWN + 20)
    )
    Edge.objects.bulk_create(Edge(up=node, down=river[1], kind="rests_on", by="test") for node in nodes)
    found = traced(river[1], ANONYMOUS)
    assert (len(found.shown), found.more, found.whole) == (MOST_SHOWN, 25, True)
    column = found.course().columns[0]
    assert (len(column.boxes), column.more) == (PER_COLUMN, MOST_SHOWN + 21 - PER_COLUMN)
    page = client.get(f"/trace/{river[1].ref}/?page=3")
    assert page.status_code == 200
    assert page.content.decode().partition('id="all"')[2].count("<tr>") == 51


def test_the_edge_of_the_picture_leads_on_to_the_trace_of_the_thing_there_and_back(
    city: Any, source: Any, client: Client
) -> None:
    nodes = made(city, source, *WHOLE, Kind.PILOT, Kind.LOGFRAME)
    for up, down in zip(nodes, nodes[1:], strict=False):
        join(up, down)
    course = traced(nodes[0], ANONYMOUS).course()
    boxes = [box for column in course.columns for box in column.boxes]
    assert [box.ref for box in boxes] == [node.ref for node in nodes[:4]]
    assert [box.further for box in boxes[:3]] == ["", "", ""]
    edge = boxes[3]
    assert edge.further == "และอีก 4 เรื่องปลายน้ำ"
    assert edge.further_url == f"/trace/{nodes[3].ref}/?from={nodes[0].ref}"
    assert (edge.further, edge.further_url) in [
        (word.text, word.url) for word in drawn(course, "%(n)s").words
    ]
    page = client.get(f"/trace/{nodes[0].ref}/").content.decode()
    assert page.count(f'href="{edge.further_url}"') == 2
    further = client.get(edge.further_url).content.decode()
    crumbs = re.findall(r'<p class="crumbs">.*?</p>', further)[0]
    assert f'href="/trace/{nodes[0].ref}/"' in crumbs
    assert "กลับไปที่สายธารของ" in crumbs
    assert nodes[7].ref in further
    upwards = [box.further for box in traced(nodes[7], ANONYMOUS).course().upstream]
    assert upwards == ["และอีก 4 เรื่องต้นน้ำ", "", ""]


def test_what_was_not_all_met_is_not_numbered_at_the_edge(river: list[Node], city: Any) -> None:
    nodes = Node.objects.bulk_create(
        Node(ref=f"H-PTG-9{n:04d}", kind=Kind.STATEMENT, space=city.node, title_th=f"{n}", sort_key=f"{n}")
        for n in range(MOST_SHOWN + 20)
    )
    Edge.objects.bulk_create(Edge(up=node, down=river[1], kind="rests_on", by="test") for node in nodes)
    (edge,) = traced(river[5], ANONYMOUS).course().columns[0].boxes
    assert edge.ref == river[2].ref
    assert edge.further == "มีต่อทางต้นน้ำ"


@pytest.mark.parametrize("asked", ["%27", "X", "H-PTG-99999999", "<b>"])
def test_a_way_back_that_is_no_reference_is_not_shown(river: list[Node], client: Client, asked: str) -> None:
    page = client.get(f"/trace/{river[1].ref}/?from={asked}")
    assert page.status_code == 200
    assert "กลับไปที่สายธารของ" not in page.content.decode() or asked == "H-PTG-99999999"


def test_a_trace_shows_each_thing_once_though_it_lies_on_both_sides(river: list[Node]) -> None:
    join(river[5], river[0])
    boxes = [box.ref for column in traced(river[2], ANONYMOUS).course().columns for box in column.boxes]
    assert len(boxes) == len(set(boxes))


def test_the_picture_draws_each_link_between_its_columns_and_each_dry_stretch(
    river: list[Node], registered: None, cast: Any
) -> None:
    picture = drawn(traced(river[2], ANONYMOUS).course(), "%(n)s")
    curves = [path for path in picture.threads if "C" in path]
    assert len(curves) == 5
    Edge.objects.filter(up=river[1]).delete()
    Node.objects.filter(pk=river[2].pk).update(kind=Kind.MEASURE)
    dry = traced(river[1], cast.actors["member"]).course()
    assert [bed.url for bed in dry.dry_down] == [f"/measures/add/?finding={river[1].ref}"]
    assert len(drawn(dry, "%(n)s").dry) == 1
    assert traced(river[1], ANONYMOUS).course().dry_down[0].url == ""


def test_the_page_of_a_trace_takes_as_many_questions_for_many_as_for_few(
    river: list[Node], city: Any, source: Any, client: Client, registered: None
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for extra in (2, 30):
        for node in made(city, source, *(Kind.STATEMENT,) * extra):
            join(node, river[1])
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/trace/{river[1].ref}/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


# --- guards ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in (Kind.CITY, Kind.PROGRAMME)])
def test_no_kind_of_thing_is_linked_to_another_citys_unless_that_is_said(
    city: Any, other_city: Any, source: Any, kind: Kind
) -> None:
    (mine,), (theirs,) = made(city, source, kind), made(other_city, source, kind)
    for up, down in ((mine, theirs), (theirs, mine)):
        with pytest.raises(Refused):
            link(SYSTEM, up, down, EdgeKind.LEADS_TO)
    assert not Edge.objects.exists()


def test_what_others_rest_on_is_not_taken_away_and_the_list_says_what(
    river: list[Node], city: Any, source: Any, cast: Any
) -> None:
    with pytest.raises(Refused, match=river[2].ref):
        require_unused(river[1])
    require_unused(river[5])
    hide(river[2])
    with pytest.raises(Refused) as refused:
        require_unused(river[1])
    assert river[2].ref not in str(refused.value)
    with pytest.raises(Refused, match=river[2].ref):
        require_unused(river[1], cast.actors["observer"])
    for node in made(city, source, *(Kind.MEASURE,) * 7):
        join(river[1], node)
    with pytest.raises(Refused, match="3"):
        require_unused(river[1], cast.actors["member"])

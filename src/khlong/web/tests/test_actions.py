"""Every action of every room, tried by everybody: who may not is refused, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from khlong.chain import actions as chain
from khlong.chain.hall import packing
from khlong.chain.models import EdgeKind, Kind, Node, Thing, Visibility
from khlong.chain.things import new_thing
from khlong.network import actions as network
from khlong.network import work
from khlong.network.models import (
    Meeting,
    Programme,
    Task,
)
from khlong.people.actor import Actor, account_actor
from khlong.people.models import User
from khlong.places import actions as places
from khlong.places.models import (
    City,
    Fact,
    Source,
)
from khlong.record.actions import registered
from khlong.record.errors import Refused
from khlong.record.models import AuditEntry, Contribution
from khlong.strategy import actions as strategy
from khlong.strategy.models import ItemKind, Version
from khlong.strategy.versions import open_review
from khlong.web.tests import (  # noqa: F401 (their cases join the list)
    action_cases_adoption,
    action_cases_answers,
    action_cases_assessment,
    action_cases_deliberation,
    action_cases_more,
    action_cases_pilots,
    action_cases_reports,
    action_cases_strategy,
)
from khlong.web.tests.action_cases import CASES, PACKED, again
from khlong.web.tests.world import SYSTEM, World, build, changes_of, fact_values


@pytest.fixture
def tries(cast: Any, city: City, source: Source, programme: Programme, coordinator: User) -> dict[str, Actor]:
    """A city with one thing of each kind, something to unlink, to move and to freeze; and who tries."""
    del programme
    found: dict[str, Actor] = dict(cast.actors)
    return found | {"coordinator": account_actor(coordinator)}


@pytest.fixture
def world(tries: dict[str, Actor], city: City, source: Source) -> World:
    made = build(city.node, city, source)
    make_ready(made, city, source)
    return made


def make_ready(made: World, city: City, source: Source) -> None:
    """Something to unlink, to publish, to move, to freeze, to end, to approve by, to take back in and to take along."""
    chain.link(SYSTEM, made.fact.node, made.item.node, EdgeKind.RESTS_ON)
    withdrawn = places.save_fact(SYSTEM, places.new_fact(city.node), fact_values(source))
    places.withdraw_fact(SYSTEM, withdrawn)
    strategy.add_item(SYSTEM, made.plan, ItemKind.STRATEGY, "ดูแลชายฝั่ง")
    later = {"name_th": "ประชุมครั้งถัดไป", "source": source}
    network.save_meeting(SYSTEM, new_thing(Meeting, Kind.MEETING, space=city.node), later)
    held = {"what": "อ่านร่าง", "person": User.objects.get(username="observer")}
    work.save_task(SYSTEM, Task(space=city.node), held)
    strategy.remove_item(SYSTEM, strategy.add_item(SYSTEM, made.plan, ItemKind.STRATEGY, "ปลูกป่า"))
    open_review(SYSTEM, Version.objects.get(plan=made.hidden_plan))
    packing.gather(SYSTEM, city.node, name=PACKED, known={}, wait=True)


def noted(action: str) -> int:
    """How many lines the audit has of an action, in somebody's own name and under pseudonyms."""
    return sum(lines.objects.filter(action=action).count() for lines in (AuditEntry, Contribution))


def outcome(call: Callable[[], Any], action: str) -> str:
    """What came of one try, which is then undone: "done", "done without a trace", "refused", or what it wrote."""
    with transaction.atomic():
        before = noted(action)
        with CaptureQueriesContext(connection) as queries:
            try:
                call()
            except Refused:
                answer = "refused"
            else:
                answer = "done"
        written = changes_of(queries)
        if answer == "done" and noted(action) == before:
            answer = "done without a trace"
        if answer == "refused" and any("SAVEPOINT" not in sql for sql in written):
            answer = f"refused, but wrote {written}"
        transaction.set_rollback(True)
    return answer


ROOMS = sorted({tried.action.split(".")[0] for tried in CASES})


@pytest.mark.parametrize("room", ROOMS)
def test_an_action_is_done_and_noted_for_those_who_may_and_refused_to_everybody_else(
    room: str, world: World, tries: dict[str, Actor]
) -> None:
    cases = [tried for tried in CASES if tried.action.startswith(f"{room}.")]
    expected = {
        (str(tried), name): "done" if name in tried.may else "refused" for tried in cases for name in tries
    }
    found = {
        (str(tried), name): outcome(partial(tried.call, world, actor), tried.action)
        for tried in cases
        for name, actor in tries.items()
    }
    assert found == expected


@pytest.mark.parametrize("name", sorted(registered()))
def test_every_action_of_the_house_is_tried_by_everybody(name: str) -> None:
    assert name in {case.action for case in CASES}, f"{name} is an action: add a case for it to this file"


def test_no_case_tries_an_action_that_is_gone() -> None:
    assert {case.action for case in CASES} <= set(registered())


def test_a_stranger_may_not_link_into_a_city_even_when_the_link_goes_across(
    world: World, tries: dict[str, Actor], other_city: City, source: Source
) -> None:
    theirs = build(other_city.node, other_city, source, "อื่น")
    with pytest.raises(Refused):
        chain.link(tries["stranger"], theirs.fact.node, world.item.node, EdgeKind.RESTS_ON, across=True)
    assert chain.link(
        tries["member"], theirs.fact.node, world.item.node, EdgeKind.RESTS_ON, across=True
    ).across


def test_nobody_links_to_what_they_may_not_see(
    world: World, tries: dict[str, Actor], other_city: City, source: Source
) -> None:
    theirs = build(other_city.node, other_city, source, "อื่น")
    Node.objects.filter(pk=theirs.fact.pk).update(visibility=Visibility.MEMBERS)
    hidden = again(theirs.fact).node
    with pytest.raises(Refused):
        chain.link(tries["member"], hidden, world.item.node, EdgeKind.RESTS_ON, across=True)


def test_every_save_of_a_thing_leaves_its_history_and_one_line_in_the_audit(world: World) -> None:
    for thing in world.things:
        assert isinstance(thing, Thing)
        assert [row.number for row in thing.node.revisions.all()] == [1], thing
        lines = AuditEntry.objects.filter(object_id=str(thing.pk), model=thing._meta.label)
        assert lines.filter(action__endswith=".save").count() <= 1
        assert AuditEntry.objects.filter(ref=thing.ref).exists(), thing


def test_a_fact_with_a_new_source_is_refused_whole_to_those_of_another_city(
    world: World, tries: dict[str, Actor]
) -> None:
    """They may add a source, but not this fact: then the source is not kept either."""
    new = Source(publisher_th="กรมชลประทาน")
    values = fact_values(world.source)
    with pytest.raises(Refused):
        places.save_fact_with_source(
            tries["stranger"], places.new_fact(world.city.node), values, new_source=new
        )
    assert set(Source.objects.values_list("key", flat=True)) == {"S10"}
    assert Fact.objects.count() == 2

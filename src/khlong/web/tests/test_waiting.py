"""The number beside "waits for me" stands on every page, so no room may look at all nodes of a city for it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.utils.html import strip_tags

from khlong.adoption.models import Proposal, Step
from khlong.assessment.tests.makers import draft_of
from khlong.chain.models import Node
from khlong.deliberation.models import Answer
from khlong.network.actions import give_role
from khlong.network.models import Task
from khlong.network.tests.makers import SYSTEM
from khlong.people.actor import Role, account_actor
from khlong.people.models import User
from khlong.pilots.models import Expense, Pilot, WorkStep
from khlong.places.models import City, Source
from khlong.record import waits
from khlong.web.tests import world

OF_A_SPACE = "(space_id=?)"
"""How SQLite says that it reads every node of a space."""


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is told in SQLite's words")
def test_no_count_reads_every_node_of_a_city(cast: Any) -> None:
    actor = account_actor(cast.owner)
    plans = {
        count.__name__: count(actor).order_by().values("pk").explain()
        for count in (one.count for one in waits._providers)
        if count is not None
    }
    assert len(plans) >= 13
    reading = [name for name, plan in plans.items() if "chain_node USING" in plan and OF_A_SPACE in plan]
    assert {name: plans[name] for name in reading} == {}


@pytest.mark.django_db
def test_a_member_who_owns_nothing_sees_her_number(cast: Any, city: City) -> None:
    draft_of(city, "ก")
    member = account_actor(cast.member)
    assert member.spaces(Role.OWNER) == frozenset()
    assert waits.number_waiting(member)[0] == waits.number_waiting(account_actor(cast.owner))[0] == 1
    assert waits.number_waiting(account_actor(cast.stranger))[0] == 0


def _make_more_wait(owner: User) -> None:
    """Bring what the world holds into the states in which it waits."""
    late = date(2026, 1, 2)
    WorkStep.objects.update(due=late, done_on=None)
    Pilot.objects.update(state="running")
    Proposal.objects.update(state="submitted", reply_due=late)
    Step.objects.update(by_official=True)
    Expense.objects.update(state="waiting")
    Task.objects.update(state="open", person=owner, group=None)
    Answer.objects.filter(verdict=None).delete()


@pytest.mark.django_db
def test_what_waits_in_the_training_city_is_marked_and_what_waits_in_a_real_one_is_not(
    cast: Any, city: City, other_city: City, source: Source, client_of: Any
) -> None:
    Node.objects.filter(pk=other_city.pk).update(is_example=True)
    City.objects.update(name_th="เมืองเดียวกัน")
    Node.objects.filter(pk__in=(city.pk, other_city.pk)).update(title_th="เมืองเดียวกัน")
    for space, mark in ((city, "ก"), (City.objects.get(pk=other_city.pk), "ข")):
        world.build(space.node, space, source, mark)
        give_role(SYSTEM, space.node, cast.owner, Role.OWNER)
    _make_more_wait(cast.owner)
    actor = account_actor(cast.owner)
    found = [(one.provider.__name__, wait) for one in waits._providers for wait in one.provider(actor)]
    refs = {False: "PTG", True: "BYG"}
    kinds = {example: {name for name, wait in found if wait.is_example is example} for example in refs}
    assert kinds[True] == kinds[False]
    assert len(kinds[True]) >= 6
    for _name, wait in found:
        assert refs[not wait.is_example] not in wait.url
    text = strip_tags(client_of("owner").get("/waits/").content.decode())
    heads = re.findall(r"เมืองเดียวกัน(\s+ข้อมูลตัวอย่าง)?", text)
    assert [bool(mark) for mark in heads if mark] == [True]

"""The number beside "waits for me" stands on every page, so no room may look at all nodes of a city for it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from khlong.assessment.tests.makers import draft_of
from khlong.people.actor import Role, account_actor
from khlong.places.models import City
from khlong.record import waits

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

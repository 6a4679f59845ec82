"""The canal of a plan: each goal and measure is a strand."""

from __future__ import annotations

from typing import Any

from khlong.chain.canals import parts
from khlong.people.actor import ANONYMOUS
from khlong.strategy.actions import make_version, remove_item
from khlong.strategy.models import Item, ItemKind
from khlong.strategy.tests.makers import SYSTEM, add, whole_plan


def test_the_goals_and_measures_of_a_plan_are_the_strands_of_its_canal(
    city: Any, source: Any, client_of: Any
) -> None:
    plan = whole_plan(city, source)
    labels = sorted(part.label for part in parts(SYSTEM, plan.node))
    assert labels == sorted(["ตลาดไม่ท่วม", "ขุดลอกคลองตง", "ตั้งเวรเฝ้าระวัง"])
    assert parts(ANONYMOUS, plan.node) == []
    page = client_of("steward").get(f"/canal/{plan.ref}/")
    assert page.status_code == 200
    assert all(label in page.content.decode() for label in labels)


def test_a_part_that_was_left_out_is_no_strand(city: Any, source: Any) -> None:
    plan = whole_plan(city, source)
    last = Item.objects.select_related("node__space", "plan").filter(plan=plan, kind=ItemKind.MEASURE).last()
    assert last is not None
    remove_item(SYSTEM, last)
    assert last.pk not in {part.node for part in parts(SYSTEM, plan.node)}


def test_strands_stand_and_are_numbered_as_in_the_newest_version_and_new_parts_at_the_end(
    city: Any, source: Any
) -> None:
    plan = whole_plan(city, source)
    make_version(SYSTEM, plan)
    add(plan, "แจกถุงทราย", ItemKind.MEASURE)
    assert [(part.number, part.label) for part in parts(SYSTEM, plan.node)] == [
        ("1.1", "ตลาดไม่ท่วม"),
        ("1.1.1", "ขุดลอกคลองตง"),
        ("1.2", "ตั้งเวรเฝ้าระวัง"),
        ("0003", "แจกถุงทราย"),
    ]

"""What the tests of this room make again and again."""

from __future__ import annotations

from datetime import date
from typing import Any

from khlong.adoption import actions
from khlong.adoption.models import Proposal, Step, budget_of
from khlong.chain.models import Kind
from khlong.chain.things import new_thing
from khlong.network.actions import save_organisation
from khlong.network.models import Organisation
from khlong.people.actor import Actor, system_actor
from khlong.places.models import City, Source
from khlong.strategy import actions as strategy
from khlong.strategy.models import Item, ItemKind, Plan

SYSTEM = system_actor("test")
MEASURE = "ขุดลอกคลองตงช่วงตลาด"


def a_measure(city: City, source: Source) -> Item:
    """A measure in a plan with a version, so that everybody reads it."""
    values = {"city": city, "name_th": "แผนสายคลอง", "source": source}
    plan = strategy.save_plan(SYSTEM, new_thing(Plan, Kind.PLAN, space=city.node), values)
    above = strategy.add_item(SYSTEM, plan, ItemKind.STRATEGY, "จัดการน้ำ")
    made = strategy.add_item(SYSTEM, plan, ItemKind.MEASURE, MEASURE, parent=above)
    strategy.make_version(SYSTEM, plan)
    return made


def an_organisation(city: City, name: str = "เทศบาลตำบลพะตง") -> Organisation:
    unsaved = new_thing(Organisation, Kind.ORGANISATION, space=city.node)
    return save_organisation(SYSTEM, unsaved, {"name_th": name, "kind": "local_authority"})


def propose(
    city: City, measure: Item, organisation: Organisation, actor: Actor = SYSTEM, **more: Any
) -> Proposal:
    """A proposal with money in the first two years of its plan."""
    values: dict[str, Any] = {
        "city": city,
        "measure": measure,
        "organisation": organisation,
        "channel": "supplement",
        "name_th": "โครงการขุดลอกคลองตงช่วงตลาด",
        "objective": "เพื่อให้น้ำในคลองไหลทันเมื่อฝนตกหนัก",
        "outputs": "ขุดลอกคลองยาว 400 เมตร",
        "outcome": "บ้านริมคลอง 62 หลังไม่ต้องยกของหนีน้ำ",
        "lead_unit": "กองช่าง",
        "reason": "ปี 2568 น้ำท่วมตลาดสองครั้ง",
        "budget": budget_of({2571: 500_000_00, 2572: 250_000_00}),
    }
    unsaved = new_thing(Proposal, Kind.PROPOSAL, space=city.node, is_example=city.node.is_example)
    return actions.save_proposal(actor, unsaved, values | more)


def step(proposal: Proposal, state: str, actor: Actor = SYSTEM, **more: Any) -> Step:
    values = {"state": state, "on": date(2026, 2, 10)} | more
    return actions.save_step(actor, Step(proposal=fresh(proposal)), values)


def fresh(proposal: Proposal) -> Proposal:
    return Proposal.objects.select_related("node__space", "organisation").get(pk=proposal.pk)

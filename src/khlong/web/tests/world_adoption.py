"""A proposal with all that hangs on it, for the world of the tests."""

from __future__ import annotations

from datetime import date
from typing import Any

from khlong.adoption import actions, replies
from khlong.adoption.models import Adoption, BudgetLine, Proposal, Step
from khlong.chain.models import Kind, Node
from khlong.chain.things import new_thing
from khlong.network.models import Organisation
from khlong.people.actor import system_actor
from khlong.places.models import City
from khlong.strategy.models import Item

SYSTEM = system_actor("test")


def proposal_values(city: City, organisation: Organisation, measure: Item, **more: Any) -> dict[str, Any]:
    """What a proposal says; `more` says something else."""
    values = {"city": city, "organisation": organisation, "measure": measure, "channel": "supplement"}
    return values | {"name_th": "ขุดลอกคลองตงช่วงตลาด", "name_en": "Dredge the Tong canal at the market"} | more


def new_proposal(space: Node, city: City, organisation: Organisation, measure: Item, **more: Any) -> Proposal:
    values = proposal_values(city, organisation, measure, **more)
    return actions.save_proposal(SYSTEM, new_thing(Proposal, Kind.PROPOSAL, space=space), values)


def adoption_things(space: Node, city: City, organisation: Organisation, measure: Item) -> dict[str, Any]:
    """One proposal that was submitted, stands on page 12 and has money, and a link for an answer to it."""
    proposal = new_proposal(space, city, organisation, measure)
    hidden = new_proposal(space, city, organisation, measure, name_th="ปลูกต้นไม้ริมคลอง")
    actions.withdraw_proposal(SYSTEM, hidden)
    step = {"state": "submitted", "on": date(2026, 2, 10), "letter_no": "สค 12/2569"}
    page = {"kind": "plan", "title": "แผนพัฒนาท้องถิ่น (พ.ศ. 2571-2575)", "page": "12", "order": "1"}
    money = {"year": 2571, "source": "ordinance", "satang": 50_000_00}
    return {
        "proposal": proposal,
        "hidden_proposal": hidden,
        "step": actions.save_step(SYSTEM, Step(proposal=proposal), step),
        "adoption": actions.save_adoption(SYSTEM, Adoption(proposal=proposal), page),
        "budget_line": actions.save_budget_line(SYSTEM, BudgetLine(proposal=proposal), money),
        "reply_link": replies.make_reply_link(SYSTEM, proposal, "กองช่าง")[0],
    }

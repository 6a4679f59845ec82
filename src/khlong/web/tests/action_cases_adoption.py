"""The actions of proposals, how each is called, and who may."""

from __future__ import annotations

from datetime import date
from typing import Any

from khlong.adoption import actions, replies
from khlong.adoption.models import Adoption, BudgetLine, Proposal, Step
from khlong.chain.models import Kind
from khlong.chain.things import new_thing
from khlong.people.actor import Actor, link_actor
from khlong.web.tests.action_cases import EVERYBODY, WRITERS, again, case
from khlong.web.tests.world import World
from khlong.web.tests.world_adoption import proposal_values

SAID = {"note": "จะนำเข้าที่ประชุมกองช่าง"}


@case("adoption.proposal.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    unsaved = new_thing(Proposal, Kind.PROPOSAL, space=world.space)
    return actions.save_proposal(actor, unsaved, proposal_values(world.city, world.organisation, world.below))


@case("adoption.proposal.save", "change", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.save_proposal(actor, again(world.proposal), {"objective": "เพื่อให้น้ำไหลทัน"})


@case("adoption.proposal.publish", "one of the working group", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.publish_proposal(actor, again(world.hidden_proposal))


@case("adoption.proposal.withdraw", "a public one", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.withdraw_proposal(actor, again(world.proposal))


@case("adoption.step.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    values = {"state": "running", "on": date(2026, 5, 1), "note": "เริ่มขุดแล้ว"}
    return actions.save_step(actor, Step(proposal=again(world.proposal)), values)


@case("adoption.step.save", "put a paper to it", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.save_step(actor, again(world.step), {"received_no": "รับ 88/2569"})


@case("adoption.adoption.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    values = {"kind": "order", "title": "คำสั่ง", "number": "12/2569", "on": date(2026, 5, 1)}
    return actions.save_adoption(actor, Adoption(proposal=again(world.proposal)), values)


@case("adoption.adoption.save", "change", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.save_adoption(actor, again(world.adoption), {"page": "13"})


@case("adoption.adoption.remove", "one noted in error", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.remove_adoption(actor, again(world.adoption))


@case("adoption.budget_line.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    values = {"year": 2572, "source": "grant", "satang": 100_00}
    return actions.save_budget_line(actor, BudgetLine(proposal=again(world.proposal)), values)


@case("adoption.budget_line.save", "change", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.save_budget_line(actor, again(world.budget_line), {"result_th": "ขุดแล้ว 400 เมตร"})


@case("adoption.budget_line.remove", "one noted in error", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.remove_budget_line(actor, again(world.budget_line))


@case("adoption.reply.make", "for an office", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return replies.make_reply_link(actor, again(world.proposal), "กองช่าง")


@case("adoption.reply.withdraw", "one that waits", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return replies.withdraw_reply_link(actor, again(world.reply_link))


@case("adoption.reply.answer", "without its link", frozenset({"system"}))
def _(world: World, actor: Actor) -> Any:
    return replies.answer(actor, again(world.reply_link), SAID)


@case("adoption.reply.answer", "with its link", EVERYBODY)
def _(world: World, actor: Actor) -> Any:
    link = again(world.reply_link)
    return replies.answer(link_actor(actor, link.digest, link.label), link, SAID)


@case("adoption.reply.answer", "with the link of another proposal", frozenset())
def _(world: World, actor: Actor) -> Any:
    link = again(world.reply_link)
    return replies.answer(link_actor(actor, "0" * 64, "reply link 0"), link, SAID)

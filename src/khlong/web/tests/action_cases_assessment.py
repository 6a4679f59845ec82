"""Every action of the register and the findings, how it is called, and who may."""

from __future__ import annotations

from typing import Any

from khlong.assessment import actions as assessment
from khlong.assessment.models import Finding
from khlong.assessment.tests.makers import WHY
from khlong.chain.models import Kind, Visibility
from khlong.chain.things import new_thing
from khlong.people.actor import Actor
from khlong.register import actions as register
from khlong.register.actions import SomeoneHere
from khlong.register.tests.makers import DAY, plan_words, said
from khlong.web.tests.action_cases import WRITERS, again, case
from khlong.web.tests.world import World


@case("register.household.add", "", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return register.add_household(actor, world.city.node, plan_words(), said("มาลี ใจกว้าง"), {"people": 2})


@case("register.household.change", "", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return register.change_household(actor, world.household, {"people": 7})


@case("register.person.add", "", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return register.add_person(actor, world.household, SomeoneHere("สมหมาย", "child"))


@case("register.person.remove", "", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return register.remove_person(actor, world.person)


@case("register.statement.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    unsaved = register.new_statement(world.household)
    return register.save_statement(actor, unsaved, {"said_on": DAY, "how": "paper"}, words="ท่อตันทุกปี")


@case("register.statement.save", "correct the words", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return register.save_statement(actor, again(world.statement), {}, words="ท่อตันทุกปี")


@case("assessment.finding.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    unsaved = new_thing(Finding, Kind.FINDING, space=world.city.node, visibility=Visibility.MEMBERS)
    values = {"city": world.city, "statement_th": "ทางลัดจมก่อนเสมอ", "confidence": "low", "chain": WHY}
    return assessment.save_finding(actor, unsaved, values, ground=assessment.Ground([world.statement.node]))


@case("assessment.finding.save", "change", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return assessment.save_finding(actor, again(world.finding), {"statement_th": "ทางลัดจมก่อนเสมอ"})


@case("assessment.finding.validate", "", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return assessment.validate_finding(actor, again(world.finding), world.meeting, DAY)


@case("assessment.finding.unvalidate", "", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return assessment.unvalidate_finding(actor, again(world.checked_finding), "ยังมีครัวเรือนที่ไม่ได้มา")


@case("assessment.finding.publish", "", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return assessment.publish_finding(actor, again(world.draft_finding))


@case("assessment.finding.withdraw", "", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return assessment.withdraw_finding(actor, again(world.finding))

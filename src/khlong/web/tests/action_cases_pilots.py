"""Actions of pilots, their money and the values of indicators: how they are called, and who may."""

from __future__ import annotations

from datetime import date
from typing import Any

from khlong.chain.models import Kind
from khlong.chain.things import new_thing
from khlong.people.actor import Actor
from khlong.pilots import actions, hand_over, money, values
from khlong.pilots.models import (
    Change,
    Expense,
    Lesson,
    MoneyLine,
    Pilot,
    PilotActivity,
    WorkStep,
)
from khlong.pilots.tests.makers import entered, spent
from khlong.web.tests.action_cases import WRITERS, again, case
from khlong.web.tests.world import World

DAY = {"on": date(2026, 4, 1)}
NEW = {"name_th": "ปลูกป่าชายเลน", "aim_th": "ลดแรงคลื่น"}


@case("pilots.pilot.save", "add in the city", WRITERS)
def _(world: World, actor: Actor) -> Any:
    made = new_thing(Pilot, Kind.PILOT, space=world.space)
    return actions.save_pilot(actor, made, NEW | {"city": world.city}, links={"measures": [world.below]})


@case("pilots.pilot.save", "change", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.save_pilot(actor, again(world.pilot), {"state": "done"})


@case("pilots.pilot.publish", "one for the working group", WRITERS)
def _(world: World, actor: Actor) -> Any:
    hidden = again(world.pilot)
    hidden.node.visibility = "members"
    return actions.publish_pilot(actor, hidden)


@case("pilots.pilot.withdraw", "a public one", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.withdraw_pilot(actor, again(world.pilot))


@case("pilots.step.save", "done", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.save_step(actor, again(world.work_step), {"done_on": date(2026, 2, 1)})


@case("pilots.step.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.save_step(actor, WorkStep(pilot=again(world.pilot)), {"text_th": "เรียกประชุม"})


@case("pilots.step.remove", "one", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.remove_step(actor, again(world.work_step))


@case("pilots.line.save", "change its words", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.save_line(actor, again(world.money_line), {"text_th": "ค่าไม้"})


@case("pilots.line.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.save_line(
        actor, MoneyLine(pilot=again(world.pilot)), {"text_th": "ค่าอาหาร", "satang": 5000}
    )


@case("pilots.line.remove", "an empty one", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.remove_line(actor, MoneyLine.objects.get(pilot=world.pilot, expenses=None))


@case("pilots.activity.save", "change", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.save_activity(actor, again(world.activity), {"name_th": "ซ้อมขนของ"})


@case("pilots.activity.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.save_activity(
        actor, PilotActivity(pilot=again(world.pilot)), {"name_th": "ซ้อมขนของ"} | DAY
    )


@case("pilots.activity.remove", "one", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.remove_activity(actor, again(world.activity))


@case("pilots.change.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.save_change(
        actor, Change(pilot=again(world.pilot)), {"what": "ย้ายที่", "why": "น้ำเซาะ"} | DAY
    )


@case("pilots.lesson.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.save_lesson(actor, Lesson(pilot=again(world.pilot)), {"text_th": "ไม้ไผ่ผุเร็ว"} | DAY)


@case("pilots.lesson.remove", "one", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.remove_lesson(actor, again(world.lesson))


@case("pilots.expense.save", "enter", WRITERS)
def _(world: World, actor: Actor) -> Any:
    made = Expense(pilot=again(world.pilot))
    return money.save_expense(actor, made, {"line": again(world.money_line)} | spent(receipt_no="99/2569"))


@case("pilots.expense.approve", "what another entered", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return money.approve_expense(actor, again(world.expense))


@case("pilots.expense.return", "what another entered", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return money.return_expense(actor, again(world.expense), why="เลขใบเสร็จอ่านไม่ออก")


@case("pilots.expense.remove", "one's own", WRITERS)
def _(world: World, actor: Actor) -> Any:
    own = Expense.objects.filter(pilot=world.pilot, entered_by=actor.label).first()
    return money.remove_expense(actor, own or again(world.expense))


@case("pilots.value.save", "enter", WRITERS)
def _(world: World, actor: Actor) -> Any:
    made = values.new_value(again(world.moved))
    return values.save_value(actor, made, entered(world.meeting, indicator=world.moved))


@case("pilots.value.compute", "by a rule", WRITERS)
def _(world: World, actor: Actor) -> Any:
    moved = again(world.moved)
    made = values.new_value(moved)
    moved.rule = "network.meetings"
    return values.compute_value(actor, made, {k: v for k, v in entered().items() if k.startswith("period")})


@case("pilots.hand_over.keep", "with the receipts", WRITERS)
def _(world: World, actor: Actor) -> Any:
    pilot = again(world.pilot)
    return hand_over.keep_hand_over(actor, pilot, "ab" * 32, 12, "แฟ้ม.zip", with_receipts=True)


@case("pilots.hand_over.keep", "without the receipts", WRITERS | {"observer"})
def _(world: World, actor: Actor) -> Any:
    pilot = again(world.pilot)
    return hand_over.keep_hand_over(actor, pilot, "ab" * 32, 12, "แฟ้ม.zip", with_receipts=False)

"""Pilots for tests, made through the room's own actions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from khlong.chain.models import Kind, Node, Visibility
from khlong.chain.things import new_thing
from khlong.people.actor import Actor, system_actor
from khlong.pilots import actions, money
from khlong.pilots.models import Expense, MoneyLine, Pilot, PilotActivity, Value, WorkStep
from khlong.pilots.values import new_value, save_value
from khlong.places.models import City
from khlong.record.files import File, keep_file
from khlong.record.tests import drawn
from khlong.strategy.indicators import new_indicator, save_indicator
from khlong.strategy.models import Indicator, Item

SYSTEM = system_actor("test")
ENTERER = system_actor("who entered")
AIM = "ให้ร้านริมตลาดขนของขึ้นที่สูงทันก่อนน้ำมา"


def make_pilot(city: City, *measures: Item, actor: Actor = SYSTEM, **more: Any) -> Pilot:
    """A public pilot that runs, or as `more` says."""
    visibility, space = more.pop("visibility", Visibility.PUBLIC), more.pop("space", city.node)
    links = {"measures": list(measures), "indicators": more.pop("indicators", [])}
    values: dict[str, Any] = {
        "city": city,
        "name_th": "เวรเฝ้าระวังน้ำตลาดพะตง",
        "aim_th": AIM,
        "state": "running",
    }
    values |= {"starts_on": date(2026, 1, 5), "ends_on": date(2026, 12, 31)} | more
    made = new_thing(Pilot, Kind.PILOT, space=space, visibility=visibility, is_example=space.is_example)
    return actions.save_pilot(actor, made, values, links=links)


def make_line(pilot: Pilot, baht: int = 1000, text: str = "ค่าเสาวัดระดับน้ำ") -> MoneyLine:
    why = "ตั้งรายการ"
    return actions.save_line(SYSTEM, MoneyLine(pilot=pilot), {"text_th": text, "satang": baht * 100}, why=why)


def make_step(pilot: Pilot, text: str = "ปักเสาวัดระดับน้ำ", **more: Any) -> WorkStep:
    return actions.save_step(SYSTEM, WorkStep(pilot=pilot), {"text_th": text} | more)


def spent(baht: int = 400, **more: Any) -> dict[str, Any]:
    """What somebody enters of an expense."""
    values = {"text": "ซื้อเสาไม้สิบต้น", "satang": baht * 100, "paid_on": date(2026, 2, 3)}
    return values | {"receipt_no": "12/2569"} | more


def make_expense(line: MoneyLine, actor: Actor = ENTERER, **more: Any) -> Expense:
    return money.save_expense(actor, Expense(pilot=line.pilot), {"line": line} | spent(**more))


def make_receipt(actor: Actor, space: Node) -> File:
    return keep_file(actor, drawn.upload(drawn.jpeg((600, 800)), "ใบเสร็จ.jpg"), space=space.pk)


def make_activity(pilot: Pilot, **more: Any) -> PilotActivity:
    values = {"name_th": "ปักเสาวัดระดับน้ำกับร้านค้า", "on": date(2026, 3, 1)} | more
    return actions.save_activity(SYSTEM, PilotActivity(pilot=pilot), values)


def make_indicator(space: Node, city: City | None = None, **more: Any) -> Indicator:
    """An indicator of a city, or of the programme."""
    values = {"city": city, "name_th": "ร้านที่ขนของทัน", "unit_th": "ร้าน"} | more
    made = new_indicator(space)
    made.node.visibility = Visibility.PUBLIC
    return save_indicator(SYSTEM, made, values)


def entered(meeting: Any = None, **more: Any) -> dict[str, Any]:
    """What somebody writes of a value for the first quarter of 2569."""
    values = {"period_from": date(2026, 1, 1), "period_to": date(2026, 3, 31), "value": Decimal(18)}
    values |= {"evidence_note": "นับหน้าร้านด้วยกันในวันซ้อม"}
    return values | ({"evidence_node": meeting.node} if meeting else {}) | more


def make_value(indicator: Indicator, meeting: Any, pilot: Pilot | None = None, **more: Any) -> Value:
    values = entered(meeting, indicator=indicator, pilot=pilot) | more
    return save_value(SYSTEM, new_value(indicator, pilot), values)

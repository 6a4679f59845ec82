"""A pilot with all that stands in it, and a value, for the world of the house's tests."""

from __future__ import annotations

from datetime import date
from typing import Any

from khlong.chain.models import Node
from khlong.network.models import Meeting
from khlong.people.actor import system_actor
from khlong.pilots import actions
from khlong.pilots.models import Change, HandOver, Lesson
from khlong.pilots.tests.makers import (
    SYSTEM,
    make_activity,
    make_expense,
    make_line,
    make_pilot,
    make_step,
    make_value,
)
from khlong.places.models import City
from khlong.record.files import keep_file
from khlong.record.tests import drawn
from khlong.strategy.indicators import new_indicator, save_indicator
from khlong.strategy.models import Item


def pilots(space: Node, city: City, measure: Item, meeting: Meeting, mark: str) -> dict[str, Any]:
    """A public pilot of a measure, whatever the space; the meeting is the evidence of its value."""
    named = {"name_th": f"ร้านที่ขนของทัน {mark}", "unit_th": "ร้าน"}
    indicator = save_indicator(SYSTEM, new_indicator(space), named)
    pilot = make_pilot(city, measure, space=space, name_th=f"เวรเฝ้าระวัง {mark}", indicators=[indicator])
    line = make_line(pilot)
    make_line(pilot, text="ค่าอาหาร")
    for name in ("owner", "member", "steward", "test"):
        make_expense(line, system_actor(name), receipt_no=f"{name} 1")
    day = {"on": date(2026, 3, 1)}
    upload = drawn.upload(drawn.png((10, 8)), "hand-over.png")
    handed = {"file": keep_file(SYSTEM, upload, space=space.pk), "by": "test"}
    return {
        "moved": indicator,
        "pilot": pilot,
        "work_step": make_step(pilot),
        "money_line": line,
        "expense": make_expense(line),
        "activity": make_activity(pilot),
        "plan_change": actions.save_change(
            SYSTEM, Change(pilot=pilot), {"what": "เลื่อนวัน", "why": "ฝนตก"} | day
        ),
        "lesson": actions.save_lesson(SYSTEM, Lesson(pilot=pilot), {"text_th": "โทรบอกกันเร็วกว่า"} | day),
        "value": make_value(indicator, meeting, pilot),
        "handed": HandOver.objects.create(pilot=pilot, with_receipts=False, **handed),
        "handed_whole": HandOver.objects.create(pilot=pilot, with_receipts=True, **handed),
    }

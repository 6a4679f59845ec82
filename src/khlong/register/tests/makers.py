"""A household with what it said, and facts, for the tests of this room and of those below it."""

from __future__ import annotations

from datetime import date
from typing import Any

from khlong.people.actor import system_actor
from khlong.places import actions as places
from khlong.places.models import City, FactTopic, Source, Unit
from khlong.privacy.actions import Said
from khlong.privacy.models import ConsentText, How
from khlong.register.actions import SomeoneHere, add_household, new_statement, save_statement

SYSTEM = system_actor("test")
DAY = date(2026, 3, 14)


def fact_values(source: Source) -> dict[str, Any]:
    """A figure, with the words that it needs."""
    topic = FactTopic.objects.filter(key="deaths").first() or places.save_word(
        SYSTEM, FactTopic(key="deaths"), {"label_th": "ผู้เสียชีวิต", "label_en": "deaths"}
    )
    unit = Unit.objects.filter(key="people").first() or places.save_word(
        SYSTEM, Unit(key="people"), {"label_th": "คน", "label_en": "people"}
    )
    return {"topic": topic, "unit": unit, "value": 12, "source": source, "mark": "A"}


def said(name: str) -> Said:
    return Said(how=How.PAPER, name=name, site="ศาลา", day=DAY)


def plan_words() -> list[ConsentText]:
    return [ConsentText.objects.get(space=None, purpose="plan", version=1)]


def household_of(city: City, mark: str = "") -> dict[str, Any]:
    """Of the city itself, since a household agrees with a city."""
    made = add_household(
        SYSTEM,
        city.node,
        plan_words(),
        said(f"วารี ชลธาร {mark}"),
        {"people": 4},
        called="12/3",
        people=[SomeoneHere("อารีย์", "older")],
        sure=True,
    )
    unsaved = new_statement(made)
    values = {"said_on": DAY, "how": "volunteer", "may_quote": "ลับ" not in mark, "site": "ใต้ถุนบ้าน"}
    statement = save_statement(SYSTEM, unsaved, values, words="น้ำไม่ได้มาทางคลอง มันย้อนขึ้นจากท่อหลังบ้าน")
    return {"household": made, "person": made.members.get(), "statement": statement}

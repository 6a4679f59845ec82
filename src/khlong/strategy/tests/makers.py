"""A plan like a published one, for the tests of the room."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from khlong.chain.actions import keep_node, make_node
from khlong.chain.models import Kind, Node, Visibility
from khlong.chain.things import new_thing
from khlong.people.actor import system_actor
from khlong.places.actions import new_fact, save_fact, save_group
from khlong.places.models import City, Fact, FactTopic, Group, Source, Unit
from khlong.strategy.actions import add_item, save_plan
from khlong.strategy.models import Item, ItemKind, Language, Passage, PassageRevision, Plan

SYSTEM = system_actor("test")
VISION = "พะตงบ้านฉัน ร่วมคิดร่วมทำ ร่วมพัฒนา มวลประชาเป็นหนึ่งเดียว"
VISION_EN = "Phatong, my home"


def make_plan(city: City, source: Source, *, example: bool = False, **values: Any) -> Plan:
    made = new_thing(Plan, Kind.PLAN, space=city.node, is_example=example)
    words = {
        "city": city,
        "name_th": "แผนยุทธศาสตร์เมืองพะตง",
        "name_en": "Strategy of Phatong",
        "source": source,
    }
    return save_plan(SYSTEM, made, words | values)


def add(plan: Plan, text: str, kind: ItemKind = ItemKind.STRATEGY, **more: Any) -> Item:
    return add_item(SYSTEM, plan, kind, text, **more)


def whole_plan(city: City, source: Source, **values: Any) -> Plan:
    """A vision, two strategies, a goal and two measures."""
    plan = make_plan(city, source, horizon_years=3, **values)
    add(plan, VISION, ItemKind.VISION, text_en=VISION_EN)
    first = add(plan, "จัดการน้ำร่วมกัน", text_en="Manage water together")
    add(plan, "พัฒนาคุณภาพชีวิต")
    goal = add(plan, "ตลาดไม่ท่วม", ItemKind.GOAL, parent=first)
    add(plan, "ขุดลอกคลองตง", ItemKind.MEASURE, parent=goal)
    add(plan, "ตั้งเวรเฝ้าระวัง", ItemKind.MEASURE, parent=first)
    return plan


def figures(city: City, source: Source, *values: int) -> list[Fact]:
    """Values that were given for the population of a city."""
    topic, _made = FactTopic.objects.get_or_create(
        key="population", defaults={"label_th": "ประชากร", "label_en": "population"}
    )
    unit, _made = Unit.objects.get_or_create(key="people", defaults={"label_th": "คน", "label_en": "people"})
    common = {"topic": topic, "unit": unit, "source": source, "mark": "A"}
    return [save_fact(SYSTEM, new_fact(city.node), common | {"value": Decimal(value)}) for value in values]


def group(city: City, source: Source, name: str) -> Group:
    return save_group(SYSTEM, Group(city=city), {"name_th": name, "source": source})


def passage_of(item: Item) -> Passage:
    return Passage.objects.select_related("item__node").get(item=item)


def words_of(item: Item, lang: str = Language.THAI) -> list[str]:
    return list(
        PassageRevision.objects.filter(passage__item=item, lang=lang)
        .order_by("number")
        .values_list("text", flat=True)
    )


def make_finding(city: City, text: str = "น้ำเข้าก่อนคลองล้นตลิ่ง", *, hidden: bool = False) -> Node:
    """A node of a finding; the room that writes findings lies beside this one and is not needed here."""
    made = make_node(Kind.FINDING, space=city.node, title_th=text)
    made.visibility = Visibility.MEMBERS if hidden else Visibility.PUBLIC
    return keep_node(made)


def measure_of(plan: Plan, text: str = "ขุดลอกคลองตง") -> Item:
    return Item.objects.select_related("node__space", "plan__city__node").get(plan=plan, node__title_th=text)

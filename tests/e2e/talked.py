"""Puts a round of review with people's words into a running house: what the journeys of those who answer begin with.

Run as a program of its own with KHLONG_VAR set. Prints JSON: references, and the receipt of one suggestion.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

BANK = "เปิดคลองหลังตลาดให้น้ำเดินได้อีกครั้ง และปลูกไม้ชายคลองสองฝั่งตลอดแนว"
WATCH = "ตั้งเวรเฝ้าระวังน้ำทุกซอยในฤดูฝน"
SAID: dict[str, dict[str, str]] = {
    "boats": {
        "words": "ปลูกชิดน้ำสองฝั่งแบบนี้ เรือหางยาวกลับลำไม่ได้",
        "quote": "ตลอดแนว",
        "instead": " เว้นหน้าท่าเรือ 25 เมตร",
    },
    "bridge": {"words": "ขอสะพานคนเดินข้ามคลองตรงโรงเรียน เด็กเดินอ้อมไกล"},
    "fence": {"words": "ขอรั้วกันเด็กตกน้ำหน้าศูนย์เด็กเล็ก"},
    "lamp": {"words": "ขอไฟทางเดินริมคลอง กลางคืนมืดมาก"},
    "night": {"words": "ใครเป็นคนเฝ้าตอนกลางคืน และติดต่อทางไหน", "voice": "ask"},
}


def main() -> None:
    from khlong.web import start

    start.prepare_environment()
    import django

    django.setup()
    print(json.dumps(_talk()))


def _talk() -> dict[str, Any]:
    from khlong.deliberation.models import Voice
    from khlong.people.actor import system_actor
    from khlong.strategy.actions import add_item, make_version, publish_plan
    from khlong.strategy.models import ItemKind, Plan

    actor = system_actor("journeys")
    plan = Plan.objects.select_related("node__space", "city").get(city__slug="phatong")
    bank = add_item(actor, plan, ItemKind.MEASURE, BANK)
    watch = add_item(actor, plan, ItemKind.MEASURE, WATCH)
    version = make_version(actor, plan)
    publish_plan(actor, plan)
    found = _round(actor, plan, version)
    refs: dict[str, Any] = {"round": found.ref, "bank": bank.ref, "slug": "phatong"}
    refs["version"] = str(version.number)
    for key, said in SAID.items():
        item = watch if key == "night" else bank
        refs[key], refs[f"{key}_receipt"] = _say(actor, found, item, key, **said)
    _supporters(actor, found, bank, Voice.SUPPORT)
    return refs


def _round(actor: Any, plan: Any, version: Any) -> Any:
    from django.utils import timezone

    from khlong.deliberation.models import Circle
    from khlong.deliberation.rounds import new_round, save_round

    today = timezone.localdate()
    values = {
        "version": version,
        "name_th": "รับฟังร่างแผนคลองหลังตลาด",
        "name_en": "The draft for the canal behind the market",
        "opens_on": today - timedelta(days=3),
        "closes_on": today + timedelta(days=20),
        "summary_th": "เปิดคลองหลังตลาดให้น้ำเดินได้ และจัดเวรเฝ้าระวัง",
        "level": "involve",
    }
    made = save_round(actor, new_round(plan), values)
    Circle.objects.create(round=made, name_th="เครือข่ายประมงปากคลอง", expected=40)
    return made


def _say(actor: Any, found: Any, item: Any, key: str, **said: Any) -> tuple[str, str]:
    from khlong.deliberation.models import Voice
    from khlong.deliberation.suggesting import Anchor, Said, make_suggestion
    from khlong.strategy.models import PassageRevision

    rows = PassageRevision.objects.select_related("passage__item__node__space")
    words = rows.get(passage__item=item, lang="th", number=1)
    quote = said.pop("quote", words.text)
    start = words.text.index(quote)
    anchor = Anchor(words, start, start + len(quote), quote)
    voice = Voice(said.pop("voice", "suggest"))
    made, code = make_suggestion(actor, found, Said(anchor, voice, **said), key=f"journey {key}")
    return made.ref, code


def _supporters(actor: Any, found: Any, item: Any, voice: Any) -> None:
    """Two groups in which enough spoke to be counted, and one of which too few did."""
    from khlong.places.models import Group

    groups = list(Group.objects.filter(city=found.plan.city_id).order_by("order")[:3])
    for group, number in zip(groups, (14, 7, 2), strict=False):
        for at in range(number):
            _say(actor, found, item, f"{group.pk} {at}", voice=voice, groups=(group,))


if __name__ == "__main__":
    main()

"""A round of review in a space, with what was said in it and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from khlong.deliberation.afterwards import agree, decide_anchor
from khlong.deliberation.circles import make_link, save_circle
from khlong.deliberation.models import (
    Agreement,
    Answer,
    Circle,
    Level,
    Outcome,
    Round,
    Suggestion,
    Verdict,
    Voice,
)
from khlong.deliberation.rounds import new_round, save_round
from khlong.deliberation.suggesting import Anchor, Said, make_suggestion
from khlong.people.actor import system_actor
from khlong.places.models import Group
from khlong.strategy.models import Item, PassageRevision, Plan, Version
from khlong.strategy.versions import close_review

SYSTEM = system_actor("test")


@dataclass
class Talk:
    """A round, whom it went to, a suggestion, its answer and what she says of it."""

    round: Round
    circle: Circle
    suggestion: Suggestion
    code: str
    answer: Answer
    verdict: Verdict


def round_values(version: Version, **more: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "version": version,
        "name_th": "รับฟังร่างแผน",
        "opens_on": today - timedelta(days=3),
        "closes_on": today + timedelta(days=30),
        "summary_th": "ร่างนี้ว่าด้วยการอยู่กับน้ำ",
        "level": Level.INVOLVE,
    } | more


def words_of(item: Item) -> PassageRevision:
    rows = PassageRevision.objects.select_related("passage__item__node")
    return rows.filter(passage__item=item, lang="th").order_by("number")[0]


def said_at(item: Item, **more: Any) -> Said:
    values: dict[str, Any] = {"voice": Voice.SUGGEST, "words": "ควรขุดก่อนฤดูฝน", "instead": "ขุดลอกคลองก่อนฤดูฝน"}
    return Said(anchor=Anchor.whole(words_of(item)), **values | more)


def build_talk(plan: Plan, version: Version, item: Item, group: Group) -> Talk:
    made = save_round(SYSTEM, new_round(plan), round_values(version))
    close_review(SYSTEM, made.version)
    circle = Circle(round=made)
    mine = group if group.city_id == plan.city_id else None
    save_circle(SYSTEM, circle, {"name_th": "เครือข่ายประมงพื้นบ้าน", "group": mine, "expected": 20})
    make_link(SYSTEM, circle)
    key = f"world {made.pk}"
    suggestion, code = make_suggestion(SYSTEM, made, said_at(item), key=key, circle=circle)
    answer = Answer(suggestion=suggestion, outcome=Outcome.PART, reason_th="ทำได้ครึ่งสาย", by="test")
    answer.save(force_insert=True)
    verdict = Verdict(answer=answer, answers=True)
    verdict.save(force_insert=True)
    agree(system_actor("another"), suggestion)
    decide_anchor(SYSTEM, suggestion, words_of(item), None)
    assert Agreement.objects.filter(suggestion=suggestion).exists()
    return Talk(made, circle, suggestion, code, answer, verdict)

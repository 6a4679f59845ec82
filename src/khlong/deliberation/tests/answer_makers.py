"""A round with people's words at a plan, for the tests of those who answer."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from khlong.chain.actions import make_node
from khlong.chain.models import Kind
from khlong.chain.things import new_thing
from khlong.deliberation import answering
from khlong.deliberation.answering import Reply
from khlong.deliberation.models import Answer, Round, Suggestion, Voice
from khlong.people.actor import Actor, system_actor
from khlong.places.models import City, Group, Source
from khlong.strategy.actions import make_version
from khlong.strategy.models import Item, ItemKind, Language, PassageRevision, Plan
from khlong.strategy.tests.makers import add, make_plan

SYSTEM = system_actor("test")
BANK = "เปิดคลองหลังตลาดให้น้ำเดินได้ และปลูกไม้ชายคลองสองฝั่งตลอดแนว"
_numbers = itertools.count(10_000_001)


@dataclass
class Talk:
    """A plan with two measures, a version of it, and a round that is open."""

    city: City
    plan: Plan
    bank: Item
    watch: Item
    round: Round


def make_round(plan: Plan, opens: date | None = None, **values: Any) -> Round:
    opens = opens or timezone.localdate() - timedelta(days=7)
    version = plan.versions.order_by("-number").first()
    assert version is not None
    made = new_thing(Round, Kind.ROUND, space=plan.node.space)
    made.node.title_th = "รอบรับฟังตลาด"
    made.node.ref = f"N-{plan.node.ref.split('-')[1]}-{next(_numbers)}"
    made.node.save(force_insert=True)
    made.node_id = made.node.pk
    words = {"name_th": "รอบรับฟังตลาด", "summary_th": "อ่านแล้วบอกเรา", "level": "involve"}
    dates = {"opens_on": opens, "closes_on": opens + timedelta(days=30)}
    for name, value in (words | dates | {"plan": plan, "version": version} | values).items():
        setattr(made, name, value)
    made.save(force_insert=True)
    return made


def talk(city: City, source: Source) -> Talk:
    plan = make_plan(city, source)
    bank = add(plan, BANK, ItemKind.MEASURE)
    watch = add(plan, "ตั้งเวรเฝ้าระวังน้ำ", ItemKind.MEASURE)
    make_version(SYSTEM, plan)
    return Talk(city, plan, bank, watch, make_round(plan))


def say(
    found: Talk,
    words: str = "",
    *,
    item: Item | None = None,
    quote: str = "",
    groups: tuple[Group, ...] = (),
    code: str = "",
    **more: Any,
) -> Suggestion:
    """Somebody's words at a passage, as they stand in the database."""
    item = item or found.bank
    revision = PassageRevision.objects.filter(passage__item=item, lang=Language.THAI).order_by("number")[0]
    quote = quote or revision.text
    start = revision.text.index(quote)
    made = Suggestion(node=make_node(Kind.SUGGESTION, space=item.node.space))
    made.node.ref = f"S-{item.node.ref.split('-')[1]}-{next(_numbers)}"
    made.node.title_th = words or quote
    made.node.save(force_insert=True)
    made.node_id = made.node.pk
    digest = hashlib.sha256((code or made.node.ref).encode()).hexdigest()
    values = {
        "round": found.round,
        "item": item,
        "revision": revision,
        "start": start,
        "end": start + len(quote),
        "quote": quote,
        "voice": Voice.SUGGEST,
        "words": words,
        "said_on": timezone.localdate(),
        "receipt": digest,
    }
    for name, value in (values | more).items():
        setattr(made, name, value)
    made.save(force_insert=True)
    made.groups.set(groups)
    return made


def reply(outcome: str = "declined", reason: str = "ที่ดินตรงนั้นเป็นของการรถไฟ", **more: Any) -> Reply:
    return Reply(outcome, reason, **more)


def answered(suggestion: Suggestion, outcome: str = "declined", actor: Actor = SYSTEM, **more: Any) -> Answer:
    return answering.answer(actor, suggestion, reply(outcome, **more))


def words_now(item: Item) -> str:
    rows = PassageRevision.objects.filter(passage__item=item, lang=Language.THAI)
    return str(rows.order_by("-number").values_list("text", flat=True).first())

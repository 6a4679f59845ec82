"""Every action of those who answer what people said, how it is called, and who may."""

from __future__ import annotations

from typing import Any

from khlong.deliberation import answering, receipts, verdicts
from khlong.deliberation.answering import Reply
from khlong.deliberation.models import Answer, Suggestion
from khlong.people.actor import Actor
from khlong.web.tests.action_cases import EVERYBODY, WRITERS, case
from khlong.web.tests.world import World


def _said(world: World) -> Suggestion:
    rows = Suggestion.objects.select_related("node__space", "round__plan", "item")
    return rows.get(pk=world.talk.suggestion.pk)


@case("deliberation.suggestion.answer", "once more", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return answering.answer(actor, _said(world), Reply("declined", "ไม่มีงบปีนี้"))


@case("deliberation.suggestion.answer", "with new words", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return answering.answer(actor, _said(world), Reply("accepted", "เห็นด้วย", text="ขุดลอกก่อนฝน"))


@case("deliberation.suggestion.answer_several", "one of them", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return answering.answer_several(actor, [(_said(world), 1)], Reply("declined", "ไม่มีงบปีนี้"))


def _answer(world: World) -> Answer:
    return Answer.objects.select_related("suggestion__node").get(pk=world.talk.answer.pk)


@case("deliberation.answer.judge", "without a receipt", frozenset({"system"}))
def _(world: World, actor: Actor) -> Any:
    return verdicts.judge(actor, _answer(world), False, "ยังไม่บอกว่าเมื่อไร")


@case("deliberation.answer.judge", "with the receipt", EVERYBODY)
def _(world: World, actor: Actor) -> Any:
    answer = _answer(world)
    return verdicts.judge(receipts.holder(actor, answer.suggestion), answer, False, "ยังไม่บอกว่าเมื่อไร")

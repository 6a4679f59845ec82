"""Actions of the strategy's measures, indicators and versions, how they are called, and who may."""

from __future__ import annotations

from datetime import date
from typing import Any

from khlong.people.actor import Actor
from khlong.strategy.indicators import new_indicator, save_indicator
from khlong.strategy.measures import save_measure
from khlong.strategy.models import Version
from khlong.strategy.versions import Adoption, adopt, close_review, open_review
from khlong.web.tests.action_cases import PROGRAMME, WRITERS, again, case, programme
from khlong.web.tests.world import World


@case("strategy.measure.save", "what a measure is", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return save_measure(actor, again(world.measure_detail), {"landowner": "กรมเจ้าท่า"})


@case("strategy.indicator.save", "add in the city", WRITERS)
def _(world: World, actor: Actor) -> Any:
    values = {"name_th": "บ้านที่ได้คำเตือน", "unit_th": "หลัง", "city": world.city}
    return save_indicator(actor, new_indicator(world.space), values)


@case("strategy.indicator.save", "add in the programme", PROGRAMME)
def _(world: World, actor: Actor) -> Any:
    return save_indicator(actor, new_indicator(programme()), {"name_th": "เมืองที่มีแผน", "unit_th": "เมือง"})


@case("strategy.indicator.save", "change", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return save_indicator(actor, again(world.indicator), {"unit_th": "นาที"})


@case("strategy.version.open_review", "a draft", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return open_review(actor, again(world.version))


@case("strategy.version.close_review", "one that is open", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return close_review(actor, Version.objects.get(plan=world.hidden_plan))


@case("strategy.version.adopt", "by a day and a note", WRITERS)
def _(world: World, actor: Actor) -> Any:
    nobody_is_asked = Version.objects.get(plan=world.hidden_plan)
    return adopt(actor, nobody_is_asked, Adoption(date(2026, 1, 5), "ที่ประชุมเห็นชอบ"))

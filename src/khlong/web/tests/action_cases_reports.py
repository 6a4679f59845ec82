"""Actions of the logframe, how they are called, and who may: in its own space whoever writes there."""

from __future__ import annotations

from datetime import date
from typing import Any

from khlong.chain.models import Kind
from khlong.chain.things import new_thing
from khlong.network.models import Programme
from khlong.people.actor import Actor
from khlong.reports import actions
from khlong.reports.models import Logframe, Period
from khlong.web.tests.action_cases import PROGRAMME, WRITERS, again, case, programme
from khlong.web.tests.world import World


@case("reports.logframe.save", "begin", PROGRAMME)
def _(world: World, actor: Actor) -> Any:
    of = Programme.objects.get(pk=programme().pk)
    made = new_thing(Logframe, Kind.LOGFRAME, space=programme())
    return actions.save_logframe(actor, made, {"programme": of, "name_th": "กรอบตรรกะ"})


@case("reports.result.save", "change", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.save_result(actor, again(world.result), {"level": "3_output", "code": "1.2"})


@case("reports.result.remove", "one on which nothing rests", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.remove_result(actor, again(world.bare_result))


@case("reports.line.save", "change", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.save_line(actor, again(world.logframe_line), {"how": "latest"})


@case("reports.line.remove", "one that was never frozen", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.remove_line(actor, again(world.bare_line))


@case("reports.period.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    values = {"name_th": "รอบสาม", "begins": date(2026, 1, 1), "ends": date(2026, 6, 30)}
    return actions.save_period(actor, Period(logframe=world.logframe), values)


@case("reports.period.remove", "one that is not frozen", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.remove_period(actor, again(world.over))


@case("reports.period.freeze", "one that is over", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return actions.freeze_period(actor, again(world.over))

"""The training programme and its logframe: where the town's numbers arrive."""

from __future__ import annotations

from typing import Any

from khlong.chain.models import Kind
from khlong.chain.things import new_thing
from khlong.network.actions import give_role, save_programme
from khlong.network.models import Programme
from khlong.people.actor import Role
from khlong.reports import actions as reports
from khlong.reports.models import Line, Logframe, Period, Result
from khlong.training.base import named
from khlong.training.story import Story
from khlong.training.texts import words

SLUG, REF = "satit", "R-STT"


def tell_logframe(story: Story) -> Logframe:
    """A programme of its own for the training city, its logframe, one period frozen and one running."""
    text, part = words("logframe"), story.ground.part
    with part():
        kept = _logframe(story, text["programme"])
    for order, result in enumerate(text["results"], start=1):
        with part():
            _result(story, kept, result, order)
    for period in text["periods"]:
        with part():
            _period(story, kept, period)
    return kept


def _logframe(story: Story, row: dict[str, Any]) -> Logframe:
    actor = story.actor
    values = named(row) | {"slug": SLUG, "full_name_th": row["full_th"], "full_name_en": row["full_en"]}
    made = new_thing(Programme, Kind.PROGRAMME, space=None, ref=REF, is_example=True)
    programme = save_programme(actor, made, values, links={"cities": [story.ground.city]})
    for who in ("facilitator", "evaluator"):
        give_role(actor, programme.node, story.ground.cast[who], Role.OBSERVER)
    logframe = new_thing(Logframe, Kind.LOGFRAME, space=programme.node, is_example=True)
    named_so = {"name_th": f"กรอบตรรกะ{programme.name_th}", "name_en": f"Logframe of the {row['en'].lower()}"}
    return reports.save_logframe(actor, logframe, named_so | {"programme": programme})


def _period(story: Story, logframe: Logframe, row: dict[str, Any]) -> None:
    values = named(row) | {"begins": row["begins"], "ends": row["ends"]}
    standing = reports.save_period(story.actor, Period(logframe=logframe), values)
    if row["freeze"]:
        reports.freeze_period(story.actor, standing)


def _result(story: Story, logframe: Logframe, row: dict[str, Any], order: int) -> None:
    values = {"level": row["level"], "code": row["code"], "text_th": row["th"], "text_en": row["en"]}
    values |= {"assumptions_th": row.get("assume", ""), "assumptions_en": row.get("assume_en", "")}
    result = reports.save_result(story.actor, Result(logframe=logframe), values | {"order": order})
    for place, key in enumerate(row["lines"], start=1):
        line = {"indicator": story.indicators[key], "how": "latest", "order": place}
        reports.save_line(story.actor, Line(result=result), line)

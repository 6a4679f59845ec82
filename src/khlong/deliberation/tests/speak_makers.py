"""A round of review about a plan of a city, and somebody who speaks on a phone: for tests of those who speak."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from khlong.deliberation import circles
from khlong.deliberation.models import Circle, Level, Round, Voice
from khlong.deliberation.rounds import new_round, save_round
from khlong.deliberation.suggesting import Anchor, Said
from khlong.people.actor import system_actor
from khlong.places.models import City, Source
from khlong.strategy.actions import make_version, publish_plan
from khlong.strategy.models import Item, ItemKind, PassageRevision, Plan, Version
from khlong.strategy.tests.makers import whole_plan

SYSTEM = system_actor("test")


@dataclass
class Talk:
    """A round with its plan, and the measure at which people speak."""

    round: Round
    plan: Plan
    version: Version
    measure: Item

    @property
    def ref(self) -> str:
        return self.round.ref

    @property
    def at(self) -> str:
        """The page on which somebody speaks at the measure."""
        return f"/rounds/{self.ref}/speak/{self.measure.ref}/"


def make_talk(city: City, source: Source, **values: Any) -> Talk:
    plan = whole_plan(city, source)
    version = make_version(SYSTEM, plan)
    publish_plan(SYSTEM, plan)
    plan = Plan.objects.select_related("node__space", "city__node").get(pk=plan.pk)
    made = open_round(plan, version, **values)
    measure = Item.objects.select_related("node__space").get(
        plan=plan, kind=ItemKind.MEASURE, parent__kind="goal"
    )
    return Talk(made, plan, version, measure)


def open_round(plan: Plan, version: Version, **values: Any) -> Round:
    today = timezone.localdate()
    standard = {
        "version": version,
        "name_th": "รับฟังร่างแผนเมืองพะตง",
        "opens_on": today - timedelta(days=2),
        "closes_on": today + timedelta(days=20),
        "summary_th": "ร่างนี้ว่าด้วยการอยู่กับน้ำ",
        "level": Level.INVOLVE,
    }
    return save_round(SYSTEM, new_round(plan), standard | values)


def make_circle(found: Round, name: str = "ประมงพื้นบ้าน", **values: Any) -> tuple[Circle, str]:
    """A circle and the token of its link."""
    circle = circles.save_circle(SYSTEM, Circle(round=found), {"name_th": name, **values})
    return circle, circles.make_link(SYSTEM, circle)


def said_at(item: Item, **more: Any) -> Said:
    """Something said of a whole passage."""
    rows = PassageRevision.objects.select_related("passage__item__node").filter(passage__item=item, lang="th")
    values: dict[str, Any] = {"voice": Voice.SUGGEST, "words": "ควรขุดก่อนฤดูฝน"}
    return Said(anchor=Anchor.whole(rows.order_by("number")[0]), **values | more)


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the form on a page, as a browser would send them."""
    found = {}
    for tag in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            found[name[1]] = value[1] if value else ""
    return found


def said(**more: str) -> dict[str, str]:
    typed = {"place": "whole", "voice": "suggest", "instead": "ขุดลอกคลองตงก่อนฤดูฝน", "words": "น้ำท่วมตลาดทุกปี"}
    return {**typed, "language": "th", **more}


def speak(browser: Client, talk: Talk, **more: str) -> Any:
    """Open the page of the passage and send what was typed."""
    page = browser.get(talk.at).content.decode()
    return browser.post(talk.at, fields_of(page) | said(**more))


def code_on(response: Any) -> str:
    """The digits of the receipt on the page that was answered."""
    found = re.search(r"data-receipt>([0-9 ]+)<", response.content.decode())
    assert found, response.content.decode()[:2000]
    return found[1].replace(" ", "")


def text_of(response: Any) -> str:
    """What stands on a page, without its tags."""
    return re.sub(r"<[^>]+>", "", response.content.decode())

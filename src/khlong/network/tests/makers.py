"""Organisations, meetings, events and facts for tests, made through the rooms' own actions."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.utils.html import strip_tags

from khlong.chain.models import Kind, Node, Visibility
from khlong.chain.things import new_thing
from khlong.network import actions
from khlong.network.models import Meeting, Organisation, Part
from khlong.people.actor import system_actor
from khlong.places.actions import new_fact, save_fact, save_word
from khlong.places.models import Fact, FactTopic, Source, Unit
from khlong.thai.dates import Span

SYSTEM = system_actor("test")


def make_organisation(space: Node, name: str = "มูลนิธิชุมชนสงขลา", **more: Any) -> Organisation:
    values = {"name_th": name, "name_en": "", "kind": "foundation"} | more
    return actions.save_organisation(SYSTEM, new_thing(Organisation, Kind.ORGANISATION, space=space), values)


def make_part(organisation: Organisation, source: Source, role: str, **more: Any) -> Part:
    values = {"role_th": role, "source": source} | more
    return actions.save_part(SYSTEM, Part(organisation=organisation), values)


def make_meeting(
    space: Node, source: Source, iso: str | None = "2022-09-03/2022-09-04", **more: Any
) -> Meeting:
    links = {name: more.pop(name, []) for name in ("organisers", "took_part", "cities")}
    values = {
        "name_th": "ประชุมร่างแผนยุทธศาสตร์เมือง",
        "date": Span.from_iso(iso) if iso else None,
        "source": source,
    }
    made = new_thing(Meeting, Kind.MEETING, space=space)
    return actions.save_meeting(SYSTEM, made, values | more, links=links)


def topic_of(key: str, th: str = "") -> FactTopic:
    standing = FactTopic.objects.filter(key=key).first()
    words = {"label_th": th or key, "label_en": key}
    return standing or save_word(SYSTEM, FactTopic(key=key), words)


def make_statement(about: Node, source: Source, text: str, topic: str = "lesson", **more: Any) -> Fact:
    values = {"topic": topic_of(topic), "statement_th": text, "source": source, "mark": "A"}
    return save_fact(SYSTEM, new_fact(about), values | more)


def make_figure(about: Node, source: Source, value: int, topic: str = "deaths", **more: Any) -> Fact:
    unit = Unit.objects.filter(key="people").first()
    unit = unit or save_word(SYSTEM, Unit(key="people"), {"label_th": "คน", "label_en": "people"})
    values = {"topic": topic_of(topic), "value": value, "unit": unit, "source": source, "mark": "B"}
    return save_fact(SYSTEM, new_fact(about), values | more)


def hide(thing: Any) -> None:
    """Let the working group alone see a thing."""
    Node.objects.filter(pk=thing.pk).update(visibility=Visibility.MEMBERS)


KEPT_WHOLE = re.compile(r'<span class="nb">([^<]*)</span>')


def page(client: Client, url: str, language: str = "th", *, status: int = 200) -> str:
    """The source of a page in a language, without the spans that only keep words whole."""
    client.cookies["khlong_language"] = language
    response = client.get(url)
    assert response.status_code == status, (url, response.status_code)
    return KEPT_WHOLE.sub(r"\1", response.content.decode())


def words(client: Client, url: str, language: str = "th") -> str:
    """What a reader reads of a page: its text without tags."""
    return strip_tags(page(client, url, language))

"""An organisation and a meeting of the programme."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import SYSTEM
from khlong.chain.models import Kind, Node
from khlong.chain.things import new_thing
from khlong.network import actions
from khlong.network.models import Meeting, Organisation, Programme
from khlong.places.models import City, Source
from khlong.thai.dates import Span


def make_organisation(space: Node, name: str = "มูลนิธิชุมชนสงขลา", **more: Any) -> Organisation:
    values = {"name_th": name, "name_en": "", "kind": "foundation"} | more
    return actions.save_organisation(SYSTEM, new_thing(Organisation, Kind.ORGANISATION, space=space), values)


def make_meeting(space: Node, source: Source, iso: str | None = "2022-09-03/2022-09-04", **more: Any) -> Meeting:
    links = {"organisers": more.pop("organisers", []), "cities": more.pop("cities", [])}
    values = {
        "name_th": "ประชุมเชิงปฏิบัติการร่างแผนยุทธศาสตร์เมือง",
        "name_en": "Workshop drafting the city strategies",
        "date": Span.from_iso(iso) if iso else None,
        "source": source,
        "mark": "A",
    } | more
    made = new_thing(Meeting, Kind.MEETING, space=space)
    return actions.save_meeting(SYSTEM, made, values, links=links)


@pytest.fixture
def organisation(programme: Programme) -> Organisation:
    return make_organisation(programme.node, name_en="Songkhla Community Foundation")


@pytest.fixture
def meeting(programme: Programme, organisation: Organisation, city: City, source: Source) -> Meeting:
    return make_meeting(
        programme.node,
        source,
        organisers=[organisation],
        cities=[city],
        activity="2.1-2.3, 3.1",
        place_th="โรงแรมโกลว์รัตนาเพลส",
        text_th="ร่างแผนยุทธศาสตร์ของหกเมือง",
    )

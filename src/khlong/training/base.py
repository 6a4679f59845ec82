"""The ground of the training city: the place, its people's groups, organisations, meetings, events and accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from khlong.assessment.actions import save_event
from khlong.assessment.models import Event
from khlong.chain.models import Kind, Visibility
from khlong.chain.things import new_thing
from khlong.network.actions import give_role, save_meeting, save_organisation
from khlong.network.minutes import save_attendance
from khlong.network.models import Attendance, Meeting, Organisation
from khlong.people.actor import Actor, Role
from khlong.people.models import User
from khlong.places import actions as places
from khlong.places.models import Canal, City, Community, Group, Province, Source, Zone
from khlong.thai.dates import Span
from khlong.training.making import SLUG, Parts
from khlong.training.texts import PLACES, words, zone_names

REF, SOURCE, PROVINCE = "C-STT", "N-STT", "00"
CAST = {
    "facilitator": Role.OBSERVER,
    "owner": Role.OWNER,
    "member": Role.MEMBER,
    "treasurer": Role.MEMBER,
    "evaluator": Role.OBSERVER,
}
"""The accounts of the training city, without passwords: one steps into their shoes on the machine itself only."""
NAMES = {
    "facilitator": "สาธิต-ผู้เอื้อกระบวนการ",
    "owner": "สาธิต-ผู้ประสานงาน",
    "member": "สาธิต-คณะทำงาน",
    "treasurer": "สาธิต-เหรัญญิก",
    "evaluator": "สาธิต-ผู้ประเมิน",
}


@dataclass
class Ground:
    """What the later parts of the story stand on, by the keys of the texts."""

    actor: Actor
    part: Parts
    city: City
    source: Source
    communities: dict[str, Community] = field(default_factory=dict)
    zones: dict[str, list[Zone]] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    meetings: dict[str, Meeting] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    cast: dict[str, User] = field(default_factory=dict)

    def thing(self, model: Any, kind: Kind, **node: Any) -> Any:
        """A new thing of the training city, marked as example."""
        return new_thing(model, kind, space=self.city.node, is_example=True, **node)


def named(row: dict[str, Any]) -> dict[str, str]:
    return {"name_th": row["th"], "name_en": row.get("en", "")}


def lay_ground(actor: Actor, part: Parts) -> Ground:
    """The training city with everything that is there before anybody is asked anything."""
    text = words("city")
    with part():
        source = places.save_source(
            actor,
            Source(key=SOURCE),
            {"publisher_th": "ตัวอย่างของคลอง", "publisher_en": "Example of Khlong", "title_th": "เมืองสาธิต"},
        )
        ground = Ground(actor, part, _city(actor, text, source), source)
    _places(ground, text)
    for key, row in text["organisations"].items():
        made = ground.thing(Organisation, Kind.ORGANISATION)
        with part():
            ground.organisations[key] = save_organisation(actor, made, named(row) | {"kind": row["kind"]})
    for key, row in text["events"].items():
        values = named(row) | {"hazard": row["hazard"], "date": Span.from_iso(str(row["date"]))}
        made = ground.thing(Event, Kind.EVENT)
        with part():
            ground.events[key] = save_event(actor, made, values, links={"cities": [ground.city]})
    _meetings(ground)
    for key, role in CAST.items():
        with part():
            ground.cast[key] = _player(ground, key, role)
    return ground


def _player(ground: Ground, key: str, role: Role) -> User:
    user, _made = User.objects.get_or_create(username=NAMES[key])
    user.set_unusable_password()
    user.save()
    give_role(ground.actor, ground.city.node, user, role)
    return user


def _city(actor: Actor, text: dict[str, Any], source: Source) -> City:
    province, _made = Province.objects.get_or_create(
        code=PROVINCE, defaults={"name_th": "สาธิต", "name_en": "Satit"}
    )
    values = named(text["city"]) | {"slug": SLUG, "region": "south", "province": province}
    values |= {"source": source, "mark": "A", "basin_th": text["canals"]["main"]["th"]}
    made = new_thing(City, Kind.CITY, space=None, ref=REF, is_example=True, visibility=Visibility.MEMBERS)
    return places.save_city(actor, made, values)


def _places(ground: Ground, text: dict[str, Any]) -> None:
    actor = ground.actor
    for row in text["canals"].values():
        links = {"cities": [ground.city]}
        with ground.part():
            places.save_canal(actor, ground.thing(Canal, Kind.CANAL), named(row), links=links)
    for order, key in enumerate(PLACES, start=1):
        with ground.part():
            _community(ground, text, key, order)


def _community(ground: Ground, text: dict[str, Any], key: str, order: int) -> None:
    actor, source = ground.actor, ground.source
    values = named(text["communities"][key]) | {"city": ground.city, "source": source}
    made = places.save_community(actor, ground.thing(Community, Kind.COMMUNITY), values)
    ground.communities[key] = made
    ground.zones[key] = [
        places.save_zone(actor, Zone(community=made), {"name_th": th, "name_en": en, "source": source})
        for th, en in zone_names(key)
    ]
    group = named(text["groups"][key]) | {"source": source, "order": order}
    ground.groups[key] = places.save_group(actor, Group(city=ground.city), group)


def _meetings(ground: Ground) -> None:
    for row in words("works")["meetings"]:
        with ground.part():
            ground.meetings[row["key"]] = _meeting(ground, row)


def _meeting(ground: Ground, row: dict[str, Any]) -> Meeting:
    day: date = row["date"]
    values = named(row) | {"date": Span.from_iso(day.isoformat()), "source": ground.source}
    made = ground.thing(Meeting, Kind.MEETING)
    kept = save_meeting(ground.actor, made, values, links={"cities": [ground.city]})
    for who, came in row["came"].items():
        of: dict[str, Any] = (
            {"group": ground.groups[who]}
            if who in ground.groups
            else {"organisation": ground.organisations[who]}
        )
        save_attendance(ground.actor, Attendance(meeting=kept), {**of, "attended": came})
    return kept

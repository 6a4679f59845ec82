"""Every action, how it is called, and who may: the first half, from accounts to the network, and what a case is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from khlong.assessment import actions as assessment
from khlong.assessment.models import Event
from khlong.chain import actions as chain
from khlong.chain.hall import envelope, merging, packing
from khlong.chain.hall import files as hall_files
from khlong.chain.hall.models import Hall
from khlong.chain.hall.plan import plan_of
from khlong.chain.models import Edge, EdgeKind, Kind, Node, Visibility
from khlong.chain.things import new_thing
from khlong.network import actions as network
from khlong.network import invitations
from khlong.network.models import (
    Meeting,
    Membership,
    Organisation,
    Part,
    Programme,
)
from khlong.people.actor import Actor, Role
from khlong.people.models import User
from khlong.places import actions as places
from khlong.places.boundaries import import_boundaries
from khlong.places.models import (
    Authority,
    Canal,
    City,
    Community,
    Fact,
    FactTopic,
    Gauge,
    Group,
    Source,
    Zone,
)
from khlong.privacy import actions as privacy
from khlong.privacy.actions import Said
from khlong.privacy.contributed import hand_over_all
from khlong.privacy.models import ConsentText, How, Purpose, RequestKind
from khlong.privacy.sittings import begin_sitting
from khlong.record import files, sweeping
from khlong.record.filed import File
from khlong.record.tests import drawn
from khlong.web.tests.world import SHAPE, World, fact_values

KEEPERS = frozenset({"steward", "system"})
OWNERS = KEEPERS | {"owner"}
PACKED = "ศาลาที่จัดไว้แล้ว"
WRITERS = OWNERS | {"member"}
ANY_WRITER = WRITERS | {"stranger", "coordinator"}
PROGRAMME = KEEPERS | {"coordinator"}
NOT_YET_HERE = frozenset({"anonymous", "stranger", "coordinator", "steward", "system"})
EVERYBODY = NOT_YET_HERE | {"owner", "member", "observer"}
NEW_PASSWORD = "สายคลองตง-2569-ไหล"
NEWCOMER = invitations.NewAccount("ปราณี", NEW_PASSWORD)
Try = Callable[[World, Actor], Any]


@dataclass(frozen=True)
class Case:
    """One way to call an action with valid values, and who may."""

    action: str
    words: str
    call: Try
    may: frozenset[str]

    def __str__(self) -> str:
        return f"{self.action} ({self.words})"


CASES: list[Case] = []


def case(action: str, words: str, may: frozenset[str]) -> Callable[[Try], Try]:
    def keep(function: Try) -> Try:
        CASES.append(Case(action, words, function, may))
        return function

    return keep


def again(thing: Any) -> Any:
    """The same row, read anew, since a refused or undone call may have written into the object."""
    return type(thing)._base_manager.get(pk=thing.pk)


def closed_file(hall: Hall) -> bytes:
    """The file of a hall in which nothing was done."""
    content = {"hall": str(hall.pk), "schema": [], "documents": {}, "audit": []}
    content["closed_at"] = "2026-09-03T16:00:00+07:00"
    label = envelope.Label(envelope.CLOSED, envelope.FORMAT, hall.pk)
    return envelope.lock_changes(label, content, hall.secret)


def programme() -> Node:
    return Node.objects.get(ref="R-SCS")


@case("privacy.text.publish", "of the city", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return privacy.publish_text(actor, world.space.pk, Purpose.PLAN, {"th": "ยินยอม"}, sensitive=False)


@case("privacy.text.publish", "of the house", KEEPERS)
def _(world: World, actor: Actor) -> Any:
    return privacy.publish_text(actor, None, Purpose.PLAN, {"th": "ยินยอม"}, sensitive=False)


@case("privacy.consent.give", "on paper", WRITERS)
def _(world: World, actor: Actor) -> Any:
    said = Said(how=How.PAPER, name="ปราณี", site="ศาลา", day=date(2026, 1, 5))
    return privacy.give_consent(actor, world.consent.text, world.city.pk, said)


@case("privacy.consent.give", "to several words at once", WRITERS)
def _(world: World, actor: Actor) -> Any:
    said = Said(how=How.PAPER, name="สมศรี", site="ศาลา", day=date(2026, 1, 5))
    texts = list(ConsentText.objects.filter(space=None, purpose__in=["plan", "contact"]))
    return privacy.note_consents(actor, texts, world.city.pk, said)


@case("privacy.consent.withdraw", "of somebody on paper", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return privacy.withdraw_consent(actor, again(world.consent))


@case("privacy.person.withdraw", "of somebody on paper", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return privacy.withdraw_everything(actor, again(world.consent.subject))


@case("privacy.sitting.begin", "in the city", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return begin_sitting(actor, again(world.consent))


@case("privacy.request.note", "of somebody on paper", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return privacy.note_request(actor, again(world.consent.subject), RequestKind.CORRECT, "card", "ชื่อผิด")


@case("privacy.request.answer", "of somebody on paper", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return privacy.answer_request(actor, again(world.request), "แก้แล้ว")


@case("privacy.person.hand_over", "of somebody on paper", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return privacy.hand_over(actor, again(world.consent.subject), "card")


@case("privacy.account.hand_over", "of oneself", EVERYBODY - {"anonymous", "system"})
def _(world: World, actor: Actor) -> Any:
    return hand_over_all(actor, actor.user or User.objects.get(username="owner"))


@case("privacy.account.hand_over", "of somebody else", frozenset())
def _(world: World, actor: Actor) -> Any:
    return hand_over_all(actor, User.objects.get(username="member" if actor.label == "owner" else "owner"))


@case("privacy.breach.save", "change", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return privacy.save_breach(actor, again(world.breach), {"measures": "เก็บคืนแล้ว"})


@case("privacy.retention.apply", "everything that is over", KEEPERS)
def _(world: World, actor: Actor) -> Any:
    return privacy.apply_retention(actor)


@case("record.file.keep", "a photo of the city", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return files.keep_file(actor, drawn.upload(drawn.png((9, 12)), "a.png"), space=world.space.pk)


@case("record.file.bring", "a photo of a hall", WRITERS)
def _(world: World, actor: Actor) -> Any:
    found = files.looked_at(drawn.upload(drawn.png((9, 13)), "b.png"), files.IMAGES)
    return files.bring_file(actor, File(name="b.png", space=world.space.pk, by="member"), *found)


@case("record.file.show", "to the working group only", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return files.show_file(actor, again(world.photo), "members")


@case("record.file.sweep", "what nobody uses", KEEPERS)
def _(world: World, actor: Actor) -> Any:
    return sweeping.sweep_files(actor, [world.photo.pk])


@case("places.city.save", "a new city", KEEPERS)
def _(world: World, actor: Actor) -> Any:
    values = {"slug": "new", "name_th": "เมืองใหม่", "region": "south", "source": world.source}
    values |= {"province": world.city.province}
    return places.save_city(actor, new_thing(City, Kind.CITY, space=None, ref="C-NEW"), values)


@case("places.city.save", "change", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return places.save_city(actor, again(world.city), {"basin_th": "ลุ่มน้ำคลองอู่ตะเภา"})


@case("places.community.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    values = {"city": world.city, "name_th": "บ้านม่วงก็อง", "source": world.source}
    return places.save_community(actor, new_thing(Community, Kind.COMMUNITY, space=world.space), values)


@case("places.community.save", "change", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return places.save_community(actor, again(world.community), {"name_th": "บ้านม่วงก็อง"})


@case("places.canal.save", "add in the city", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return places.save_canal(actor, new_thing(Canal, Kind.CANAL, space=world.space), {"name_th": "คลองหวะ"})


@case("places.canal.save", "add in the programme", PROGRAMME)
def _(world: World, actor: Actor) -> Any:
    return places.save_canal(actor, new_thing(Canal, Kind.CANAL, space=programme()), {"name_th": "คลองหวะ"})


@case("places.gauge.save", "change", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return places.save_gauge(actor, again(world.gauge), {"name_th": "บ้านบางศาลา"})


@case("places.gauge.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    values = {"name_th": "บ้านบางศาลา", "code": "X.44"}
    return places.save_gauge(actor, new_thing(Gauge, Kind.GAUGE, space=world.space), values)


@case("places.fact.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return places.save_fact(actor, places.new_fact(world.city.node), fact_values(world.source))


@case("places.fact.save", "correct", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return places.save_fact(actor, again(world.fact), fact_values(world.source, value=13), base=1)


@case("places.fact.withdraw", "a public one", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return places.withdraw_fact(actor, again(world.fact))


@case("places.fact.publish", "one that was withdrawn", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return places.publish_fact(actor, Fact.objects.get(node__visibility=Visibility.MEMBERS))


@case("places.boundaries.import", "", KEEPERS)
def _(world: World, actor: Actor) -> Any:
    return import_boundaries(actor, world.source, [replace(SHAPE, digest="1" * 64)])


@case("places.source.save", "add", ANY_WRITER)
def _(world: World, actor: Actor) -> Any:
    return places.save_source(actor, Source(key="S99"), {"publisher_th": "กรมชลประทาน"})


@case("places.source.save", "change", KEEPERS)
def _(world: World, actor: Actor) -> Any:
    return places.save_source(actor, again(world.source), {"publisher_th": "กรมชลประทาน"})


@case("places.word.save", "add", ANY_WRITER)
def _(world: World, actor: Actor) -> Any:
    return places.save_word(actor, FactTopic(key="rain"), {"label_th": "ฝน", "label_en": "rain"})


@case("places.word.save", "change", KEEPERS)
def _(world: World, actor: Actor) -> Any:
    return places.save_word(actor, FactTopic.objects.get(key="deaths"), {"label_th": "ตาย"})


@case("places.authority.save", "add", ANY_WRITER)
def _(world: World, actor: Actor) -> Any:
    values = {"name_th": "อบต.พะตง", "kind": "sao", "source": world.source}
    return places.save_authority(actor, Authority(province=world.city.province), values)


@case("places.authority.save", "change", KEEPERS)
def _(world: World, actor: Actor) -> Any:
    return places.save_authority(actor, again(world.authority), {"short_th": "ทต.พะตง"})


@case("places.zone.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    values = {"name_th": "โซน 9", "source": world.source}
    return places.save_zone(actor, Zone(community=world.community), values)


@case("places.zone.save", "change", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return places.save_zone(actor, again(world.zone), {"name_th": "โซน 9"})


@case("places.group.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    values = {"name_th": "แรงงานข้ามชาติ", "source": world.source}
    return places.save_group(actor, Group(city=world.city), values)


@case("places.group.save", "change", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return places.save_group(actor, again(world.group), {"name_th": "คนต่างถิ่น"})


@case("chain.edge.link", "within a city", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return chain.link(actor, world.fact.node, world.plan.node, EdgeKind.RESTS_ON)


@case("chain.edge.unlink", "within a city", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return chain.unlink(actor, Edge.objects.get(down=world.item.pk))


@case("chain.hall.pack", "a city", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return packing.pack(actor, world.space, "four words and some more")


@case("chain.hall.take", "a packed city", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return packing.take(actor, Hall.objects.get(name=PACKED), "four words and some more")


@case("chain.hall.keep", "what a hall brings", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return hall_files.keep_closed(actor, closed_file(world.hall), "home.hall", world.space)


@case("chain.hall.receive", "what a hall wrote", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return merging.receive(actor, closed_file(world.hall))


@case("chain.hall.merge", "a received file", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return merging.merge_hall(actor, again(world.hall_file))


@case("chain.hall.decide", "a conflict", OWNERS)
def _(world: World, actor: Actor) -> Any:
    (conflict,) = plan_of(again(world.hall_file)).conflicts
    return merging.decide(actor, world.hall_file, {conflict.id: merging.Choice("theirs", conflict.seen)})


@case("network.programme.save", "change", PROGRAMME)
def _(world: World, actor: Actor) -> Any:
    return network.save_programme(actor, Programme.objects.get(pk=programme().pk), {"name_th": "โครงการ"})


@case("network.organisation.save", "add in the programme", PROGRAMME)
def _(world: World, actor: Actor) -> Any:
    values = {"name_th": "กองทุน", "kind": "fund"}
    return network.save_organisation(
        actor, new_thing(Organisation, Kind.ORGANISATION, space=programme()), values
    )


@case("network.organisation.save", "change in the city", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return network.save_organisation(actor, again(world.organisation), {"short_th": "มชส."})


@case("network.part.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    values = {"role_th": "ผู้ให้ทุน", "source": world.source}
    return network.save_part(actor, Part(organisation=world.organisation), values)


@case("network.meeting.save", "add in the programme", PROGRAMME)
def _(world: World, actor: Actor) -> Any:
    values = {"name_th": "เวที", "source": world.source}
    return network.save_meeting(actor, new_thing(Meeting, Kind.MEETING, space=programme()), values)


@case("network.meeting.save", "change in the city", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return network.save_meeting(actor, again(world.meeting), {"place_th": "ห้องประชุม"})


@case("network.membership.give", "in the city", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return network.give_role(actor, world.space, User.objects.get(username="steward"), Role.MEMBER)


@case("network.membership.take", "in the city", OWNERS)
def _(world: World, actor: Actor) -> Any:
    standing = Membership.objects.get(space=world.space, user__username="observer")
    return network.take_role(actor, standing)


@case("assessment.event.save", "add in the programme", PROGRAMME)
def _(world: World, actor: Actor) -> Any:
    event = new_thing(Event, Kind.EVENT, space=programme())
    return assessment.save_event(actor, event, {"name_th": "อุทกภัย", "hazard": "flood"})

"""Every action of every room, tried by everybody: who may not is refused, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from khlong.assessment import actions as assessment
from khlong.assessment.models import Event
from khlong.chain import actions as chain
from khlong.chain.hall import envelope, merging, packing
from khlong.chain.hall.models import Hall
from khlong.chain.hall.plan import plan_of
from khlong.chain.models import Edge, EdgeKind, Kind, Node, Thing, Visibility
from khlong.chain.things import new_thing
from khlong.journal import actions as journal
from khlong.journal.models import Report, Topic
from khlong.network import acting, invitations, minutes, recoveries, work
from khlong.network import actions as network
from khlong.network.models import (
    Attendance,
    Decision,
    Meeting,
    Membership,
    Organisation,
    Part,
    Programme,
    Task,
    WorkGroup,
)
from khlong.network.work_models import Chair, TaskState
from khlong.people.actor import Actor, Role, account_actor, link_actor
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
from khlong.privacy.models import ConsentText, How, Purpose, RequestKind
from khlong.privacy.sittings import begin_sitting
from khlong.record import digest, files, sweeping
from khlong.record.actions import registered
from khlong.record.errors import Refused
from khlong.record.jobs import cancel, enqueue, retry
from khlong.record.models import AuditEntry
from khlong.record.outbox import retry_fact
from khlong.record.tests import drawn
from khlong.strategy import actions as strategy
from khlong.strategy.models import Item, ItemKind, Language, Passage, Plan
from khlong.web.tests.world import SHAPE, SYSTEM, World, acting_link, build, changes_of, fact_values

KEEPERS = frozenset({"steward", "system"})
OWNERS = KEEPERS | {"owner"}
WRITERS = OWNERS | {"member"}
ANY_WRITER = WRITERS | {"stranger", "coordinator"}
PROGRAMME = KEEPERS | {"coordinator"}
EVERYBODY = ANY_WRITER | {"anonymous", "observer"}
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


@case("privacy.breach.save", "change", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return privacy.save_breach(actor, again(world.breach), {"measures": "เก็บคืนแล้ว"})


@case("privacy.retention.apply", "everything that is over", KEEPERS)
def _(world: World, actor: Actor) -> Any:
    return privacy.apply_retention(actor)


@case("record.file.keep", "a photo of the city", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return files.keep_file(actor, drawn.upload(drawn.png((9, 12)), "a.png"), space=world.space.pk)


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
    return chain.unlink(actor, Edge.objects.get())


@case("chain.hall.pack", "a city", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return packing.pack(actor, world.space, "four words and some more")


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
    return network.save_programme(actor, Programme.objects.get(), {"name_th": "โครงการ"})


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


@case("assessment.event.save", "change in the city", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return assessment.save_event(actor, again(world.event), {"area_th": "ทั้งตำบล"})


@case("journal.report.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    unsaved = new_thing(Report, Kind.REPORT, space=world.space, visibility=Visibility.MEMBERS)
    return journal.save_report(actor, unsaved, {"name_th": "ปล่อยปลา"})


@case("journal.report.save", "change", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return journal.save_report(actor, again(world.report), {"name_th": "ปล่อยปลา"})


@case("journal.report.publish", "a draft", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return journal.publish_report(actor, again(world.draft))


@case("journal.report.withdraw", "a public one", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return journal.withdraw_report(actor, again(world.report))


@case("journal.related.set", "nothing any more", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return journal.set_related(actor, again(world.report), [])


@case("journal.topic.save", "add in the programme", PROGRAMME)
def _(world: World, actor: Actor) -> Any:
    return journal.save_topic(actor, new_thing(Topic, Kind.TOPIC, space=programme()), {"name_th": "รับส่งผู้ป่วย"})


@case("journal.topic.save", "change in the city", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return journal.save_topic(actor, again(world.topic), {"name_th": "รับส่งผู้ป่วย"})


@case("network.invitation.make", "to each role", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return [invitations.make_invitation(actor, world.space, role) for role in Role]


@case("network.acting.make", "in the space", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return acting_link(actor, world.space)


@case("network.acting.withdraw", "one that waits", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return acting.withdraw_acting_link(actor, again(world.acting_link))


@case("network.invitation.withdraw", "one that waits", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return invitations.withdraw_invitation(actor, again(world.invitation))


@case("network.invitation.accept", "without its link", frozenset({"system"}))
def _(world: World, actor: Actor) -> Any:
    return invitations.accept_invitation(actor, again(world.invitation), NEWCOMER)


@case("network.invitation.accept", "with its link", NOT_YET_HERE)
def _(world: World, actor: Actor) -> Any:
    invitation = again(world.invitation)
    holder = link_actor(actor, invitation.digest, f"invitation {invitation.pk}")
    return invitations.accept_invitation(holder, invitation, NEWCOMER)


@case("network.recovery.make", "for somebody of the city", OWNERS)
def _(world: World, actor: Actor) -> Any:
    lost = Membership.objects.get(user=world.recovery.person, space=world.space)
    return recoveries.make_recovery(actor, lost)


@case("network.recovery.make", "for the owner", KEEPERS)
def _(world: World, actor: Actor) -> Any:
    owner = Membership.objects.get(user__username="owner", space=world.space)
    return recoveries.make_recovery(actor, owner)


@case("network.recovery.approve", "as a second person", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return recoveries.approve_recovery(actor, again(world.recovery))


@case("network.recovery.stop", "one that waits", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return recoveries.stop_recovery(actor, again(world.recovery))


@case("network.recovery.use", "without its link", frozenset({"system"}))
def _(world: World, actor: Actor) -> Any:
    return recoveries.use_recovery(actor, again(world.recovery), NEW_PASSWORD)


@case("network.recovery.use", "with its link", EVERYBODY)
def _(world: World, actor: Actor) -> Any:
    recovery = again(world.recovery)
    holder = link_actor(actor, recovery.digest, f"recovery {recovery.pk}")
    return recoveries.use_recovery(holder, recovery, NEW_PASSWORD)


@case("strategy.plan.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    values = {"city": world.city, "name_th": "แผนใหม่", "source": world.source}
    return strategy.save_plan(actor, new_thing(Plan, Kind.PLAN, space=world.space), values)


@case("strategy.plan.save", "change", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return strategy.save_plan(actor, again(world.plan), {"horizon_years": 5})


@case("strategy.plan.publish", "one of the working group's own", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return strategy.publish_plan(actor, again(world.hidden_plan))


@case("strategy.plan.withdraw", "a public one", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return strategy.withdraw_plan(actor, again(world.plan))


@case("strategy.item.add", "with words", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return strategy.add_item(actor, again(world.plan), ItemKind.STRATEGY, "ดูแลป่าต้นน้ำ")


@case("strategy.passage.save", "Thai", WRITERS)
def _(world: World, actor: Actor) -> Any:
    passage = Passage.objects.get(item=world.item)
    return strategy.save_passage(actor, passage, Language.THAI, "จัดการน้ำร่วมกัน", base=1)


@case("strategy.item.remove", "one without parts", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return strategy.remove_item(actor, again(world.below))


@case("strategy.item.move", "up", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return strategy.move_item(actor, Item.objects.get(node__title_th="ดูแลชายฝั่ง"), up=True)


@case("strategy.item.restore", "one that was left out", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return strategy.restore_item(actor, Item.objects.get(removed=True))


@case("strategy.item.arrange", "the other way round", WRITERS)
def _(world: World, actor: Actor) -> Any:
    row = Item.objects.filter(plan=world.plan, parent=None).order_by("-order").values_list("pk", flat=True)
    return strategy.arrange_items(actor, again(world.plan), None, list(row))


@case("strategy.version.make", "after a change", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return strategy.make_version(actor, again(world.plan))


@case("network.membership.leave", "the member's own", frozenset({"member", "system"}))
def _(world: World, actor: Actor) -> Any:
    return network.leave_space(actor, Membership.objects.get(space=world.space, role=Role.MEMBER))


@case("network.work_group.save", "add in the city", WRITERS)
def _(world: World, actor: Actor) -> Any:
    made = new_thing(WorkGroup, Kind.WORKGROUP, space=world.space)
    return work.save_work_group(actor, made, {"name_th": "คณะทำงานสื่อสาร"}, links={})


@case("network.seat.give", "to the observer", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return work.give_seat(actor, world.work_group, User.objects.get(username="observer"), Chair.SECRETARY)


@case("network.seat.take", "one of the city", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return work.take_seat(actor, again(world.seat))


@case("network.task.save", "for the member", WRITERS)
def _(world: World, actor: Actor) -> Any:
    values = {"what": "นัดประชุม", "person": User.objects.get(username="member")}
    return work.save_task(actor, Task(space=world.space), values)


@case("network.task.end", "done, by writers", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return work.end_task(actor, again(world.task), TaskState.DONE)


@case("network.task.end", "done, by the observer who holds it", WRITERS | {"observer"})
def _(world: World, actor: Actor) -> Any:
    return work.end_task(actor, Task.objects.get(person__username="observer"), TaskState.DONE)


@case("network.task.end", "dropped", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return work.end_task(actor, again(world.task), TaskState.DROPPED, "ทำแล้วในงานอื่น")


@case("network.attendance.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return minutes.save_attendance(actor, Attendance(meeting=world.meeting), {"group": world.group})


@case("network.attendance.remove", "one", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return minutes.remove_attendance(actor, again(world.attendance))


@case("network.minutes.save", "change the head", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return minutes.save_minutes(actor, again(world.minutes), {"number": 3})


@case("network.minutes.approve", "by a later meeting", WRITERS)
def _(world: World, actor: Actor) -> Any:
    later = Meeting.objects.get(name_th="ประชุมครั้งถัดไป")
    return minutes.approve_minutes(actor, again(world.minutes), later)


@case("network.agenda.save", "change", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return minutes.save_item(actor, again(world.agenda_item), {"text": "ขุดลอกแล้วครึ่งหนึ่ง"})


@case("network.agenda.remove", "one", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return minutes.remove_item(actor, again(world.agenda_item))


@case("network.decision.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return minutes.save_decision(actor, Decision(minutes=world.minutes), {"text": "นัดครั้งหน้า"})


@case("network.decision.remove", "one", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return minutes.remove_decision(actor, again(world.decision))


@case("record.digest.set", "the member's own", frozenset({"member", "system"}))
def _(world: World, actor: Actor) -> Any:
    return digest.set_digest(actor, User.objects.get(username="member"), "never", 9, "th")


@case("record.digest.stop", "with the link of a letter", EVERYBODY)
def _(world: World, actor: Actor) -> Any:
    member = User.objects.create_user("reader", email="reader@example.org")
    return digest.stop(digest.set_digest(SYSTEM, member, "day", 9, "th"))


@case("record.job.enqueue", "one for stewards", KEEPERS)
def _(world: World, actor: Actor) -> Any:
    return enqueue(actor, "chain.search.reindex")


@case("record.job.cancel", "one of the city", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return cancel(actor, world.job)


@case("record.job.retry", "one that failed", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return retry(actor, again(world.failed_job))


@case("record.fact.retry", "one that was given up", KEEPERS)
def _(world: World, actor: Actor) -> Any:
    return retry_fact(actor, again(world.dead_fact))


@pytest.fixture
def tries(cast: Any, city: City, source: Source, programme: Programme, coordinator: User) -> dict[str, Actor]:
    """A city with one thing of each kind, something to unlink, to move and to freeze; and who tries."""
    del programme
    found: dict[str, Actor] = dict(cast.actors)
    return found | {"coordinator": account_actor(coordinator)}


@pytest.fixture
def world(tries: dict[str, Actor], city: City, source: Source) -> World:
    made = build(city.node, city, source)
    chain.link(SYSTEM, made.fact.node, made.item.node, EdgeKind.RESTS_ON)
    withdrawn = places.save_fact(SYSTEM, places.new_fact(city.node), fact_values(source))
    places.withdraw_fact(SYSTEM, withdrawn)
    strategy.add_item(SYSTEM, made.plan, ItemKind.STRATEGY, "ดูแลชายฝั่ง")
    later = {"name_th": "ประชุมครั้งถัดไป", "source": source}
    network.save_meeting(SYSTEM, new_thing(Meeting, Kind.MEETING, space=city.node), later)
    held = {"what": "อ่านร่าง", "person": User.objects.get(username="observer")}
    work.save_task(SYSTEM, Task(space=city.node), held)
    strategy.remove_item(SYSTEM, strategy.add_item(SYSTEM, made.plan, ItemKind.STRATEGY, "ปลูกป่า"))
    return made


def outcome(call: Callable[[], Any], action: str) -> str:
    """What came of one try, which is then undone: "done", "done without a trace", "refused", or what it wrote."""
    with transaction.atomic():
        before = AuditEntry.objects.filter(action=action).count()
        with CaptureQueriesContext(connection) as queries:
            try:
                call()
            except Refused:
                answer = "refused"
            else:
                answer = "done"
        written = changes_of(queries)
        if answer == "done" and AuditEntry.objects.filter(action=action).count() == before:
            answer = "done without a trace"
        if answer == "refused" and any("SAVEPOINT" not in sql for sql in written):
            answer = f"refused, but wrote {written}"
        transaction.set_rollback(True)
    return answer


ROOMS = sorted({tried.action.split(".")[0] for tried in CASES})


@pytest.mark.parametrize("room", ROOMS)
def test_an_action_is_done_and_noted_for_those_who_may_and_refused_to_everybody_else(
    room: str, world: World, tries: dict[str, Actor]
) -> None:
    cases = [tried for tried in CASES if tried.action.startswith(f"{room}.")]
    expected = {
        (str(tried), name): "done" if name in tried.may else "refused" for tried in cases for name in tries
    }
    found = {
        (str(tried), name): outcome(partial(tried.call, world, actor), tried.action)
        for tried in cases
        for name, actor in tries.items()
    }
    assert found == expected


@pytest.mark.parametrize("name", sorted(registered()))
def test_every_action_of_the_house_is_tried_by_everybody(name: str) -> None:
    assert name in {case.action for case in CASES}, f"{name} is an action: add a case for it to this file"


def test_no_case_tries_an_action_that_is_gone() -> None:
    assert {case.action for case in CASES} <= set(registered())


def test_a_stranger_may_not_link_into_a_city_even_when_the_link_goes_across(
    world: World, tries: dict[str, Actor], other_city: City, source: Source
) -> None:
    theirs = build(other_city.node, other_city, source, "อื่น")
    with pytest.raises(Refused):
        chain.link(tries["stranger"], theirs.fact.node, world.item.node, EdgeKind.RESTS_ON, across=True)
    assert chain.link(
        tries["member"], theirs.fact.node, world.item.node, EdgeKind.RESTS_ON, across=True
    ).across


def test_nobody_links_to_what_they_may_not_see(
    world: World, tries: dict[str, Actor], other_city: City, source: Source
) -> None:
    theirs = build(other_city.node, other_city, source, "อื่น")
    Node.objects.filter(pk=theirs.fact.pk).update(visibility=Visibility.MEMBERS)
    hidden = again(theirs.fact).node
    with pytest.raises(Refused):
        chain.link(tries["member"], hidden, world.item.node, EdgeKind.RESTS_ON, across=True)


def test_every_save_of_a_thing_leaves_its_history_and_one_line_in_the_audit(world: World) -> None:
    for thing in world.things:
        assert isinstance(thing, Thing)
        assert [row.number for row in thing.node.revisions.all()] == [1], thing
        lines = AuditEntry.objects.filter(object_id=str(thing.pk), model=thing._meta.label)
        assert lines.filter(action__endswith=".save").count() <= 1
        assert AuditEntry.objects.filter(ref=thing.ref).exists(), thing


def test_a_fact_with_a_new_source_is_refused_whole_to_those_of_another_city(
    world: World, tries: dict[str, Actor]
) -> None:
    """They may add a source, but not this fact: then the source is not kept either."""
    new = Source(publisher_th="กรมชลประทาน")
    values = fact_values(world.source)
    with pytest.raises(Refused):
        places.save_fact_with_source(
            tries["stranger"], places.new_fact(world.city.node), values, new_source=new
        )
    assert set(Source.objects.values_list("key", flat=True)) == {"S10"}
    assert Fact.objects.count() == 2

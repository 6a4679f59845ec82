"""Every action, how it is called, and who may: the second half."""

from __future__ import annotations

from typing import Any

from khlong.assessment import actions as assessment
from khlong.chain.models import Kind, Visibility
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
    Task,
    WorkGroup,
)
from khlong.network.work_models import Chair, TaskState
from khlong.people.actor import Actor, Role, link_actor
from khlong.people.models import User
from khlong.record import digest
from khlong.record.jobs import cancel, enqueue, retry
from khlong.record.outbox import retry_fact
from khlong.strategy import actions as strategy
from khlong.strategy.models import Item, ItemKind, Language, Passage, Plan
from khlong.web.tests.action_cases import (
    EVERYBODY,
    KEEPERS,
    NEW_PASSWORD,
    NEWCOMER,
    NOT_YET_HERE,
    OWNERS,
    PROGRAMME,
    WRITERS,
    again,
    case,
    programme,
)
from khlong.web.tests.world import SYSTEM, World, acting_link


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

"""Things of every model in one space, built through the rooms' own actions: for tests of the whole house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast

from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from khlong.adoption.models import Adoption, BudgetLine, Proposal, ReplyLink, Step
from khlong.assessment.actions import save_event
from khlong.assessment.models import Cause, Event, Finding, FindingFile
from khlong.assessment.tests.makers import of_assessment
from khlong.chain.hall.envelope import new_secret, packed
from khlong.chain.hall.models import Hall, HallEntry, HallFile
from khlong.chain.models import Kind, Node, Thing, Visibility
from khlong.chain.things import new_thing
from khlong.journal.actions import save_report, save_topic, set_related
from khlong.journal.models import Related, Report, Topic
from khlong.network import acting
from khlong.network.actions import give_role, save_meeting, save_organisation, save_part
from khlong.network.invitations import make_invitation
from khlong.network.minutes import save_attendance, save_decision, save_item, save_minutes
from khlong.network.models import (
    ActingLink,
    AgendaItem,
    Attendance,
    Decision,
    Invitation,
    Meeting,
    Minutes,
    Organisation,
    Part,
    Recovery,
    Seat,
    Task,
    WorkGroup,
)
from khlong.network.recoveries import make_recovery
from khlong.network.work import save_task, save_work_group
from khlong.people.actor import Actor, Role, system_actor
from khlong.people.models import Attempt, User
from khlong.pilots.models import (
    Change,
    Expense,
    HandOver,
    Lesson,
    MoneyLine,
    Pilot,
    PilotActivity,
    Value,
    WorkStep,
)
from khlong.places import actions as places
from khlong.places.boundaries import Shape, import_boundaries
from khlong.places.models import (
    Authority,
    Boundary,
    Canal,
    City,
    Community,
    Fact,
    FactTopic,
    Gauge,
    Group,
    Province,
    Source,
    Unit,
    Zone,
)
from khlong.privacy import actions as privacy
from khlong.privacy.actions import Said
from khlong.privacy.models import (
    Breach,
    Consent,
    ConsentText,
    How,
    PersonRequest,
    Purpose,
    RequestKind,
    RetentionRun,
)
from khlong.record.filed import File
from khlong.record.files import keep_file
from khlong.record.jobs import enqueue
from khlong.record.models import Contribution, FactState, Job, JobState, OutboxFact
from khlong.record.tests import drawn
from khlong.register.models import Household, Person, Statement
from khlong.reports.models import FrozenValue, Line, Logframe, Period, Result
from khlong.strategy import actions as strategy
from khlong.strategy.models import Indicator, Item, ItemKind, MeasureDetail, Plan, Version
from khlong.thai.dates import Span
from khlong.web.tests.world_adoption import adoption_things
from khlong.web.tests.world_deliberation import Talk, build_talk
from khlong.web.tests.world_pilots import pilots
from khlong.web.tests.world_reports import of_reports
from khlong.web.tests.world_strategy import detail_and_indicator

SYSTEM = system_actor("test")
CHANGES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


@dataclass
class World:
    """One thing of each kind in a space, and the rows that hang on them."""

    space: Node
    city: City
    source: Source
    community: Community
    zone: Zone
    group: Group
    canal: Canal
    gauge: Gauge
    fact: Fact
    organisation: Organisation
    part: Part
    meeting: Meeting
    work_group: WorkGroup
    seat: Seat
    task: Task
    attendance: Attendance
    minutes: Minutes
    agenda_item: AgendaItem
    decision: Decision
    invitation: Invitation
    acting_link: ActingLink
    recovery: Recovery
    event: Event
    topic: Topic
    plan: Plan
    hidden_plan: Plan
    item: Item
    below: Item
    version: Version
    measure_detail: MeasureDetail
    indicator: Indicator
    authority: Authority
    boundary: Boundary
    hall: Hall
    hall_file: HallFile
    consent: Consent
    request: PersonRequest
    breach: Breach
    consent_text: ConsentText
    removal: RetentionRun
    contribution: Contribution
    photo: File
    report: Report
    draft: Report
    beside: Related
    job: Job
    failed_job: Job
    dead_fact: OutboxFact
    household: Household
    person: Person
    statement: Statement
    finding: Finding
    checked_finding: Finding
    draft_finding: Finding
    cause: Cause
    finding_file: FindingFile
    proposal: Proposal
    hidden_proposal: Proposal
    step: Step
    adoption: Adoption
    budget_line: BudgetLine
    reply_link: ReplyLink
    talk: Talk
    moved: Indicator
    pilot: Pilot
    work_step: WorkStep
    money_line: MoneyLine
    expense: Expense
    activity: PilotActivity
    plan_change: Change
    lesson: Lesson
    value: Value
    handed: HandOver
    logframe: Logframe
    result: Result
    logframe_line: Line
    bare_result: Result
    bare_line: Line
    period: Period
    over: Period
    frozen_value: FrozenValue
    handed_whole: HandOver

    @property
    def things(self) -> list[Thing]:
        """All that has a node of its own."""
        found = [*vars(self).values(), self.talk.round]
        return [value for value in found if isinstance(value, Thing) and value is not self.city]


def words() -> tuple[FactTopic, Unit]:
    """A topic and a unit of the vocabulary, made once."""
    topic, unit = FactTopic.objects.filter(key="deaths").first(), Unit.objects.filter(key="people").first()
    topic = topic or places.save_word(
        SYSTEM, FactTopic(key="deaths"), {"label_th": "ผู้เสียชีวิต", "label_en": "deaths"}
    )
    unit = unit or places.save_word(SYSTEM, Unit(key="people"), {"label_th": "คน", "label_en": "people"})
    return topic, unit


def fact_values(source: Source, **more: Any) -> dict[str, Any]:
    """What a fact says: a figure, unless `more` says something else."""
    topic, unit = words()
    return {"topic": topic, "unit": unit, "value": 12, "source": source, "mark": "A"} | more


def _authority(source: Source) -> Authority:
    province = Province.objects.get(code="90")
    standing = Authority.objects.filter(name_th="เทศบาลตำบลพะตง", province=province).first()
    values = {"name_th": "เทศบาลตำบลพะตง", "kind": "subdistrict_municipality", "source": source}
    return standing or places.save_authority(SYSTEM, Authority(province=province), values)


SHAPE = Shape("901118", [[[[100, 6], [101, 6], [101, 7], [100, 6]]]], "0" * 64, 4, 4, 100.5, 6.4)


def _boundary(source: Source) -> Boundary:
    import_boundaries(SYSTEM, source, [SHAPE])
    return Boundary.objects.get(pk=SHAPE.code)


def _places(space: Node, city: City, source: Source, mark: str) -> dict[str, Any]:
    community = places.save_community(
        SYSTEM,
        new_thing(Community, Kind.COMMUNITY, space=space),
        {"city": city, "name_th": f"บ้านหลบมุม {mark}", "source": source},
    )
    canal = places.save_canal(
        SYSTEM,
        new_thing(Canal, Kind.CANAL, space=space),
        {"name_th": f"คลองตง {mark}"},
        links={"cities": [city]},
    )
    gauge_values = {"name_th": f"สถานี {mark}", "code": f"X.{Gauge.objects.count()}", "canal": canal}
    return {
        "community": community,
        "zone": places.save_zone(SYSTEM, Zone(community=community), {"name_th": "โซน 1", "source": source}),
        "group": places.save_group(
            SYSTEM, Group(city=city), {"name_th": f"คนดั้งเดิม {mark}", "source": source}
        ),
        "canal": canal,
        "gauge": places.save_gauge(SYSTEM, new_thing(Gauge, Kind.GAUGE, space=space), gauge_values),
        "fact": places.save_fact(SYSTEM, places.new_fact(city.node, space=space), fact_values(source)),
        "authority": _authority(source),
        "boundary": _boundary(source),
    }


def _network(space: Node, city: City, source: Source, mark: str) -> dict[str, Any]:
    organisation = save_organisation(
        SYSTEM,
        new_thing(Organisation, Kind.ORGANISATION, space=space),
        {"name_th": f"มูลนิธิชุมชน {mark}", "kind": "foundation"},
    )
    part = {"role_th": "ผู้ประสานงาน", "city": city, "source": source}
    meeting = {"name_th": f"ประชุมปิดชุดข้อมูล {mark}", "source": source}
    kept = save_meeting(
        SYSTEM, new_thing(Meeting, Kind.MEETING, space=space), meeting, links={"cities": [city]}
    )
    return {
        "organisation": organisation,
        "part": save_part(SYSTEM, Part(organisation=organisation), part),
        "meeting": kept,
        **_work(space, mark),
        **_minutes(kept, open_early="ลับ" in mark),
        "invitation": make_invitation(SYSTEM, space, Role.OBSERVER)[0],
        "acting_link": acting_link(SYSTEM, space),
        "recovery": _recovery(space),
    }


def _recovery(space: Node) -> Recovery:
    """A way back for somebody who lost her password and works in this space alone."""
    lost = User.objects.create_user(f"lost-{Recovery.objects.count()}")
    return make_recovery(SYSTEM, give_role(SYSTEM, space, lost, Role.OBSERVER))[0]


def _contribution(space: Node) -> Contribution:
    values = {"actor": "หิ่งห้อย-4821", "action": "test.say", "model": "test.Thing", "object_id": "1"}
    return Contribution.objects.create(actor_kind="account", space=space.pk, **values)


def acting_link(actor: Actor, space: Node) -> ActingLink:
    """A link that allows what only tests offer."""
    acting.offer("test.thing.say", "say")
    try:
        return acting.make_acting_link(actor, space, "โต๊ะ 3", ["test.thing.say"])[0]
    finally:
        acting._offered.pop("test.thing.say")


def _removal() -> RetentionRun:
    """What was removed; something that is over stays for whoever tries to remove it next."""
    _old_attempt()
    done = privacy.apply_retention(SYSTEM)
    _old_attempt()
    return done


def _old_attempt() -> None:
    Attempt.objects.create(key="x")
    Attempt.objects.update(at=datetime(2020, 1, 1, tzinfo=UTC))


def _privacy(space: Node, city: City, mark: str) -> dict[str, Any]:
    """Of the city itself, since consent is given to a city."""
    text = ConsentText.objects.get(space=None, purpose="contact", version=1)
    said = Said(how=How.PAPER, name=f"สมศรี {mark}", site="ศาลา", day=date(2026, 1, 5))
    consent = privacy.give_consent(SYSTEM, text, city.pk, said)
    breach = Breach(space=space.pk)
    values = {"noticed_at": datetime(2026, 1, 5, 9, tzinfo=UTC), "what": "กระดาษหาย", "data": "ชื่อ"}
    return {
        "consent": consent,
        "request": privacy.note_request(SYSTEM, consent.subject, RequestKind.OBJECT, "known", "อย่าโทรมา"),
        "breach": privacy.save_breach(SYSTEM, breach, values),
        "removal": _removal(),
        "contribution": _contribution(space),
        "consent_text": privacy.publish_text(SYSTEM, space.pk, Purpose.HELP, {"th": "ยินยอม"}, sensitive=True),
    }


def _work(space: Node, mark: str) -> dict[str, Any]:
    """A working group with a seat, and a task that it holds."""
    unsaved = new_thing(WorkGroup, Kind.WORKGROUP, space=space)
    group = save_work_group(SYSTEM, unsaved, {"name_th": f"คณะทำงานสายคลอง {mark}"}, links={})
    sitter, _made = User.objects.get_or_create(name_key="sitter", defaults={"username": "sitter"})
    values = {"what": "นัดเวทีคืนข้อมูล", "group": group}
    return {
        "work_group": group,
        "seat": Seat.objects.create(group=group, user=sitter, role="chair"),
        "task": save_task(SYSTEM, Task(space=space), values),
    }


def _minutes(meeting: Meeting, *, open_early: bool) -> dict[str, Any]:
    """Who was there, and minutes that only the working group reads unless they are `open_early`."""
    attendance = {"others_th": "ประชาชนทั่วไป", "attended": 3, "invited": 40}
    minutes = save_minutes(SYSTEM, Minutes(meeting=meeting), {"body": "คณะทำงาน", "open_early": open_early})
    said = {"section": 3, "text": "ติดตามการขุดลอกคลอง"}
    return {
        "attendance": save_attendance(SYSTEM, Attendance(meeting=meeting), attendance),
        "minutes": minutes,
        "agenda_item": save_item(SYSTEM, AgendaItem(minutes=minutes), said),
        "decision": save_decision(SYSTEM, Decision(minutes=minutes), {"text": "ให้ขุดลอกก่อนฤดูฝน"}),
    }


def _hidden_plan(space: Node, city: City, source: Source) -> Plan:
    plan = cast(Plan, _plan(space, city, source, "ของคณะทำงาน")["plan"])
    strategy.withdraw_plan(SYSTEM, plan)
    return plan


def _measure_of(plan: Plan) -> Item:
    return plan.items.get(kind=ItemKind.MEASURE)


def _plan(space: Node, city: City, source: Source, mark: str) -> dict[str, Any]:
    unsaved = new_thing(Plan, Kind.PLAN, space=space)
    plan = strategy.save_plan(SYSTEM, unsaved, {"city": city, "name_th": f"แผน {mark}", "source": source})
    item = strategy.add_item(SYSTEM, plan, ItemKind.STRATEGY, "จัดการน้ำ", text_en="Manage water")
    below = strategy.add_item(SYSTEM, plan, ItemKind.MEASURE, "ขุดลอกคลอง", parent=item)
    more = detail_and_indicator(space, below, city, mark)
    return {
        "plan": plan,
        "item": item,
        "below": below,
        "version": strategy.make_version(SYSTEM, plan),
        **more,
    }


def _hall(space: Node, community: Community) -> dict[str, Any]:
    """A hall of the space, with a file that names the community otherwise than it was named before and is here."""
    number = Hall.objects.filter(space=space).count() + 1
    hall = Hall.objects.create(space=space, number=number, secret=new_secret(), made_by="test")
    HallEntry.objects.create(hall=hall, number=1, at=timezone.now(), actor_kind="account", action="test")
    row = {"base": {"name_th": "เดิม"}, "now": {"name_th": "ใหม่"}, "by": ["member"], "why": ""}
    content = {"documents": {"places.community": {str(community.pk): row}}, "audit": []}
    file = HallFile(hall=hall, digest=str(number), content=packed(content), closed_at=timezone.now())
    file.save()
    return {"hall": hall, "hall_file": file}


def _photo(space: Node, mark: str) -> File:
    visibility = "members" if "ลับ" in mark else "public"
    return keep_file(
        SYSTEM, drawn.upload(drawn.png((12, 9)), f"{mark}.png"), space=space.pk, visibility=visibility
    )


def _queue(space: Node) -> dict[str, Any]:
    failed = enqueue(SYSTEM, "chain.search.reindex", space=space.pk)
    Job.objects.filter(pk=failed.pk).update(state=JobState.FAILED)
    told = OutboxFact(name="x.y.z", model="chain.Node", object_id=str(space.pk), state=FactState.DEAD)
    told.save()
    return {
        "job": enqueue(SYSTEM, "chain.search.reindex", space=space.pk),
        "failed_job": failed,
        "dead_fact": told,
    }


def _journal(space: Node, city: City, mark: str) -> dict[str, Any]:
    topic = save_topic(SYSTEM, new_thing(Topic, Kind.TOPIC, space=space), {"name_th": f"เรื่อง {mark}"})
    values = {
        "name_th": f"ขุดลอกคลอง {mark}",
        "date": Span.from_iso("2026-05-02"),
        "text_th": "ขุดลอกคลองด้วยกัน",
    }
    report = save_report(
        SYSTEM, new_thing(Report, Kind.REPORT, space=space), values, links={"cities": [city]}
    )
    unsaved = new_thing(Report, Kind.REPORT, space=space, visibility=Visibility.MEMBERS)
    draft = save_report(SYSTEM, unsaved, values)
    set_related(SYSTEM, report, [topic.node])
    return {
        "topic": topic,
        "report": report,
        "draft": draft,
        "beside": Related.objects.get(node=report.pk, other=topic.pk),
    }


def build(space: Node, city: City, source: Source, mark: str = "") -> World:
    """Things in a space (of a city or the programme); those that name a city name `city`."""
    event = {"name_th": f"น้ำท่วม {mark}", "hazard": "flood"}
    around = _places(space, city, source, mark)
    network = _network(space, city, source, mark)
    hidden_plan = _hidden_plan(space, city, source)
    plan = _plan(space, city, source, mark)
    return World(
        space=space,
        city=city,
        source=source,
        event=save_event(SYSTEM, new_thing(Event, Kind.EVENT, space=space), event),
        **around,
        **network,
        **plan,
        **adoption_things(space, city, network["organisation"], _measure_of(hidden_plan)),
        talk=build_talk(plan["plan"], plan["version"], plan["below"], around["group"]),
        **_hall(space, around["community"]),
        **_privacy(space, city, mark),
        hidden_plan=hidden_plan,
        photo=_photo(space, mark),
        **_journal(space, city, mark),
        **_queue(space),
        **of_assessment(city, mark),
        **of_reports(space, mark),
        **pilots(space, city, _measure_of(hidden_plan), network["meeting"], mark),
    )


def changes_of(queries: CaptureQueriesContext) -> list[str]:
    """The statements among those captured that write."""
    return [row["sql"] for row in queries.captured_queries if row["sql"].lstrip().upper().startswith(CHANGES)]

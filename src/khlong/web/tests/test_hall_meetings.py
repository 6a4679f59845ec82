"""What is written of meetings in a hall comes home: seats, attendance, minutes, decisions, tasks."""

from __future__ import annotations

import random
from typing import Any

import pytest

from khlong.chain.hall.merging import OURS, THEIRS, Unmerged
from khlong.chain.hall.models import Hall
from khlong.chain.hall.packing import left_behind
from khlong.chain.hall.travel import Trip, collect
from khlong.chain.models import Kind, Visibility
from khlong.chain.things import new_thing
from khlong.network import actions, minutes, work
from khlong.network.models import (
    AgendaItem,
    Attendance,
    Decision,
    Meeting,
    Minutes,
    Seat,
    Task,
    WorkGroup,
)
from khlong.network.tests.makers import make_meeting
from khlong.network.work_models import Chair, TaskState
from khlong.people.actor import Actor, Role
from khlong.people.models import User
from khlong.places import actions as places
from khlong.places.models import City, Group, Source
from khlong.record.models import AuditEntry
from khlong.web.tests.halls import Both
from khlong.web.tests.world import SYSTEM


class Scene:
    """A meeting of the city with minutes, an item, a decision, two lines of attendance, a seat and a task."""

    def __init__(self, city: City, source: Source, cast: Any) -> None:
        space = city.node
        self.city, self.source, self.cast = city, source, cast
        self.meeting = make_meeting(space, source)
        self.later = make_meeting(space, source, "2022-10-03")
        self.group = places.save_group(SYSTEM, Group(city=city), {"name_th": "ชาวประมง", "source": source})
        self.line = self.came("แม่ค้า", attended=9)
        self.minutes = minutes.save_minutes(SYSTEM, Minutes(meeting=self.meeting), {"body": "คณะทำงาน"})
        said = {"section": 5, "text": "ทบทวนผังเมือง"}
        self.item = minutes.save_item(SYSTEM, AgendaItem(minutes=self.minutes), said)
        self.decision = minutes.save_decision(SYSTEM, Decision(minutes=self.minutes), {"text": "ขุดลอก"})
        made = new_thing(WorkGroup, Kind.WORKGROUP, space=space, visibility=Visibility.MEMBERS)
        self.body = work.save_work_group(SYSTEM, made, {"name_th": "คณะทำงานน้ำ"})
        self.seat = work.give_seat(SYSTEM, self.body, cast.member, Chair.MEMBER)
        self.task = work.save_task(SYSTEM, Task(space=space), {"what": "ส่งหนังสือ", "person": cast.member})

    def came(self, who: str, actor: Actor = SYSTEM, **numbers: int) -> Attendance:
        meeting = again(self.meeting)
        return minutes.save_attendance(actor, Attendance(meeting=meeting), {"others_th": who, **numbers})


def again(row: Any) -> Any:
    return type(row)._base_manager.get(pk=row.pk)


@pytest.fixture
def scene(city: City, source: Source, cast: Any) -> Scene:
    return Scene(city, source, cast)


@pytest.fixture
def both(scene: Scene, city: City, cast: Any) -> Both:
    return Both(city, cast)


def test_all_that_was_written_of_a_new_meeting_in_the_hall_comes_home(both: Both, scene: Scene) -> None:
    def write(actor: Actor) -> None:
        meeting = new_thing(Meeting, Kind.MEETING, space=again(scene.city).node)
        values = {"name_th": "ประชุมในศาลา", "source": Source.objects.get(pk=scene.source.pk)}
        meeting = actions.save_meeting(actor, meeting, values, links={"cities": [again(scene.city)]})
        group = places.save_group(actor, Group(city=again(scene.city)), {**values, "name_th": "ชาวสวน"})
        minutes.save_attendance(actor, Attendance(meeting=meeting), {"group": group, "attended": 12})
        kept = minutes.save_minutes(actor, Minutes(meeting=meeting), {"body": "ประชาคม"})
        minutes.save_item(actor, AgendaItem(minutes=kept), {"section": 4, "text": "น้ำขึ้น"})
        body = new_thing(WorkGroup, Kind.WORKGROUP, space=again(scene.city).node)
        body = work.save_work_group(actor, body, {"name_th": "คณะทำงานเตือนภัย"})
        work.give_seat(actor, body, User.objects.get(username="owner"), Chair.CHAIR)
        made = {"text": "ติดป้าย", "work_group": body}
        decision = minutes.save_decision(actor, Decision(minutes=kept), made)
        task = Task(space=again(scene.city).node, about=meeting.node, decision=decision)
        task = work.save_task(actor, task, {"what": "ทำป้าย", "group": body})
        work.end_task(actor, task, TaskState.DONE)

    both.meet(write)
    here = places.save_group(SYSTEM, Group(city=scene.city), {"name_th": "อื่น", "source": scene.source})
    places.save_group(SYSTEM, here, {"name_th": "เยาวชน"})
    both.merge()
    meeting = Meeting.objects.get(name_th="ประชุมในศาลา")
    (line,) = meeting.attendance.all()
    task = Task.objects.get(what="ทำป้าย")
    assert (line.name, line.attended) == ("ชาวสวน", 12)
    assert [str(item.text) for item in meeting.minutes.items.all()] == ["น้ำขึ้น"]
    assert (task.decision, task.about, task.state) == (meeting.minutes.decisions.get(), meeting.node, "done")
    assert task.decision is not None
    assert task.decision.work_group == task.group
    assert task.group is not None
    assert [(seat.user.username, seat.role) for seat in task.group.seats.all()] == [("owner", "chair")]
    before = AuditEntry.objects.count()
    both.merge()
    assert both.plan().is_done
    assert AuditEntry.objects.count() == before


def test_a_line_of_attendance_that_both_wrote_down_is_one_and_its_numbers_are_decided(
    both: Both, scene: Scene
) -> None:
    both.meet(lambda actor: scene.came("ครู", actor, attended=4), lambda actor: scene.came("พระ", actor))
    scene.came("ครู", attended=6)
    scene.came("พระ")
    both.merge()
    (conflict,) = both.plan().conflicts
    assert (conflict.fields, Attendance.objects.filter(others_th="ครู").count()) == (("attended",), 1)
    both.decide((conflict, THEIRS, ""))
    assert Attendance.objects.get(others_th="ครู").attended == 4
    assert both.plan().is_done


@pytest.mark.parametrize("how", [THEIRS, OURS])
def test_what_was_said_and_written_down_on_both_sides_waits_for_a_person(
    both: Both, scene: Scene, how: str
) -> None:
    both.meet(lambda actor: minutes.save_item(actor, again(scene.item), {"text": "ในศาลา"}))
    minutes.save_item(both.owner, again(scene.item), {"text": "บนเครื่อง"})
    both.merge()
    (conflict,) = both.plan().conflicts
    both.decide((conflict, how, ""))
    assert again(scene.item).text == ("ในศาลา" if how == THEIRS else "บนเครื่อง")
    assert both.plan().is_done


def test_what_was_taken_away_in_the_hall_goes_here_unless_it_was_changed(both: Both, scene: Scene) -> None:
    both.meet(
        lambda actor: minutes.remove_decision(actor, again(scene.decision)),
        lambda actor: minutes.remove_attendance(actor, again(scene.line)),
        lambda actor: work.take_seat(actor, again(scene.seat)),
    )
    minutes.save_decision(both.owner, again(scene.decision), {"text": "ขุดลอกทุกปี"})
    with pytest.raises(Unmerged) as raised:
        both.merge()
    (problem,) = raised.value.problems
    assert problem.row.document.name == "network.decision"
    assert Attendance.objects.filter(pk=scene.line.pk).exists()
    assert both.merge(leave={problem.row.id}).gone == 2
    assert again(scene.decision).text == "ขุดลอกทุกปี"
    assert not Attendance.objects.filter(pk=scene.line.pk).exists()
    assert not Seat.objects.filter(pk=scene.seat.pk).exists()


def test_minutes_approved_in_the_hall_are_approved_here_when_they_say_the_same(
    both: Both, scene: Scene
) -> None:
    def write(actor: Actor) -> None:
        minutes.save_item(actor, again(scene.item), {"resolution": "เห็นชอบ"})
        minutes.approve_minutes(actor, again(scene.minutes), again(scene.later))

    both.meet(write)
    both.merge()
    assert again(scene.minutes).approved_at == scene.later
    assert again(scene.item).resolution == "เห็นชอบ"
    assert both.plan().is_done


def test_minutes_that_say_something_else_here_are_not_approved_behind_anybodys_back(
    both: Both, scene: Scene
) -> None:
    both.meet(lambda actor: minutes.approve_minutes(actor, again(scene.minutes), again(scene.later)))
    minutes.save_item(both.owner, again(scene.item), {"text": "แก้บนเครื่อง"})
    with pytest.raises(Unmerged) as raised:
        both.merge()
    (problem,) = raised.value.problems
    both.merge(leave={problem.row.id})
    assert not again(scene.minutes).is_approved
    assert [row.id for row in both.plan().writing] == [problem.row.id]


def test_a_task_ended_on_one_side_and_changed_on_the_other_waits_for_a_person(
    both: Both, scene: Scene
) -> None:
    both.meet(lambda actor: work.save_task(actor, again(scene.task), {"what": "ส่งหนังสือใหม่"}))
    work.end_task(both.owner, again(scene.task), TaskState.DROPPED, "ไม่จำเป็นแล้ว")
    both.merge()
    (conflict,) = both.plan().conflicts
    assert again(scene.task).what == "ส่งหนังสือ"
    both.decide((conflict, THEIRS, ""))
    assert (again(scene.task).what, again(scene.task).state) == ("ส่งหนังสือใหม่", TaskState.OPEN)
    assert both.plan().is_done


def test_a_task_dropped_in_the_hall_is_dropped_here_with_its_reason(both: Both, scene: Scene) -> None:
    both.meet(lambda actor: work.end_task(actor, again(scene.task), TaskState.DROPPED, "ซ้ำ"))
    both.merge()
    assert (again(scene.task).state, again(scene.task).reason) == (TaskState.DROPPED, "ซ้ำ")
    assert both.plan().is_done


def test_a_seat_of_an_account_of_the_hall_is_named_and_left_out(both: Both, scene: Scene) -> None:
    def write(actor: Actor) -> None:
        newcomer = User.objects.create_user("newcomer")
        actions.give_role(SYSTEM, again(scene.city).node, newcomer, Role.MEMBER)
        work.give_seat(actor, again(scene.body), newcomer, Chair.SECRETARY)

    both.meet(write)
    with pytest.raises(Unmerged) as raised:
        both.merge()
    (problem,) = raised.value.problems
    assert "newcomer" in problem.words
    assert both.merge(leave={problem.row.id}).left == 1
    assert [seat.user.username for seat in again(scene.body).seats.all()] == ["member"]
    assert [count for _words, count in both.plan().staying] == [1]


def test_closing_the_hall_names_what_stays_behind(both: Both, scene: Scene) -> None:
    with both.in_the_hall() as member:
        minutes.save_item(member, again(scene.item), {"text": "ในศาลา"})
        assert left_behind(Hall.objects.get(here=True)) == []
        actions.give_role(SYSTEM, again(scene.city).node, User.objects.get(username="member"), Role.OBSERVER)
        ((words, count),) = left_behind(Hall.objects.get(here=True))
    assert count == 1
    assert str(words)


def test_of_other_cities_meetings_no_attendance_goes_along(
    scene: Scene, city: City, other_city: City, source: Source
) -> None:
    other = make_meeting(other_city.node, source)
    hidden = minutes.save_attendance(SYSTEM, Attendance(meeting=other), {"others_th": "ครู", "attended": 2})
    rows = collect(Trip(city.node))["network.attendance"].rows
    assert scene.line.pk in rows
    assert hidden.pk not in rows


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_every_word_and_number_of_both_sides_is_in_the_result_or_before_a_person(
    seed: int, scene: Scene, city: City, cast: Any
) -> None:
    cells = furnish(scene)
    both = Both(city, cast)
    theirs, ours = {}, {}
    both.meet(lambda actor: theirs.update(write_by_chance(f"hall {seed}", actor, cells)))
    ours.update(write_by_chance(f"here {seed}", both.owner, cells))
    both.merge()
    clashes = {cell for cell in theirs.keys() & ours.keys() if theirs[cell] != ours[cell]}
    found = {(each.row.document.name, each.row.key): each for each in both.plan().conflicts}
    assert set(found) == {(model._meta.label_lower, str(pk)) for model, pk, _name in clashes}
    assert all(stands(cell) == text for cell, text in {**theirs, **ours}.items())
    both.decide(*((conflict, THEIRS, "") for conflict in found.values()))
    assert all(stands(cell) == text for cell, text in {**ours, **theirs}.items())
    assert both.plan().is_done


Cell = tuple[Any, Any, str]


def furnish(scene: Scene) -> list[Cell]:
    """Some more of everything; gives a text or a number of each that both sides may write."""
    cells: list[Cell] = [(Minutes, scene.minutes.pk, "body")]
    for n in range(4):
        item = minutes.save_item(SYSTEM, AgendaItem(minutes=scene.minutes), {"section": 3, "text": f"{n}"})
        decision = minutes.save_decision(SYSTEM, Decision(minutes=scene.minutes), {"text": f"{n}"})
        line = scene.came(f"กลุ่ม {n}", attended=50)
        task = work.save_task(SYSTEM, Task(space=scene.city.node), {"what": f"{n}", "group": scene.body})
        cells += [(AgendaItem, item.pk, "text"), (Decision, decision.pk, "text")]
        cells += [(Attendance, line.pk, "attended"), (Task, task.pk, "what")]
    return cells


SAVES: dict[Any, Any] = {
    Minutes: minutes.save_minutes,
    AgendaItem: minutes.save_item,
    Decision: minutes.save_decision,
    Attendance: minutes.save_attendance,
    Task: work.save_task,
}


def write_by_chance(seed: str, actor: Actor, cells: list[Cell]) -> dict[Cell, Any]:
    """Random edits; often what the other side writes too. Gives what was written last."""
    dice, written = random.Random(seed), {}
    for n in range(20):
        cell = model, pk, name = dice.choice(cells)
        alike = dice.random() < 0.3
        value: Any = 7 if alike else dice.randrange(100, 10_000)
        value = value if name == "attended" else f"{'ตรงกัน' if alike else seed} {value if alike else n}"
        SAVES[model](actor, model.objects.get(pk=pk), {name: value})
        written[cell] = value
    return written


def stands(cell: Cell) -> Any:
    model, pk, name = cell
    return getattr(model.objects.get(pk=pk), name)

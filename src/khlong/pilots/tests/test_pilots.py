"""Pilots: made from measures, linked upstream, changed with a reason, shown with their photos."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from khlong.chain.actions import keep_node, make_node
from khlong.chain.gaps import registered
from khlong.chain.models import Edge, EdgeKind, Kind, Node, Visibility
from khlong.chain.things import new_thing
from khlong.deliberation.models import Answer, Round, Suggestion
from khlong.network.models import Attendance
from khlong.network.tests.makers import make_meeting
from khlong.people.actor import ANONYMOUS, Actor
from khlong.people.policy import Verb, can, scope
from khlong.pilots import actions
from khlong.pilots.models import Change, Expense, Lesson, Pilot, PilotActivity, WorkStep
from khlong.pilots.money import approve_expense, save_expense
from khlong.pilots.page import PilotPage, told_of, with_sums, work_of
from khlong.pilots.queries import came, seen_pilots
from khlong.pilots.tests.makers import (
    SYSTEM,
    make_activity,
    make_indicator,
    make_line,
    make_pilot,
    make_receipt,
    make_step,
    make_value,
    spent,
)
from khlong.pilots.waits import late_steps, to_approve
from khlong.places.models import City, Source
from khlong.record.errors import Refused
from khlong.record.filed import MEMBERS, PUBLIC
from khlong.record.models import SearchEntry
from khlong.record.search import find, words_of
from khlong.strategy.actions import make_version
from khlong.strategy.models import Item, ItemKind, PassageRevision
from khlong.strategy.tests.makers import whole_plan


@pytest.fixture
def measure(city: City, source: Source) -> Item:
    whole_plan(city, source)
    return measures(city)[0]


def measures(city: City) -> list[Item]:
    rows = Item.objects.filter(node__space=city.node, kind=ItemKind.MEASURE).select_related("node")
    return list(rows.order_by("node__ref"))


@pytest.fixture
def member(cast: Any) -> Actor:
    found: Actor = cast.actors["member"]
    return found


def upstream(pilot: Pilot) -> set[str]:
    edges = Edge.objects.filter(down=pilot.pk, kind=EdgeKind.LEADS_TO)
    return set(edges.values_list("up__ref", flat=True))


def gaps_at(key: str) -> set[str]:
    one = next(gap for gap in registered() if gap.key == key)
    return set(one.rows().values_list("ref", flat=True))


# --- from measures ---------------------------------------------------------------------------------


def test_a_measure_leads_to_the_pilot_that_tries_it(city: City, measure: Item, member: Actor) -> None:
    pilot = make_pilot(city, measure, actor=member)
    assert upstream(pilot) == {measure.ref}
    assert pilot.ref == "L-PTG-0001"
    assert gaps_at("pilot.no_measure") == set()


def test_the_links_follow_the_measures_that_are_chosen(city: City, measure: Item, member: Actor) -> None:
    first, second = measures(city)[:2]
    pilot = make_pilot(city, first, state="planned")
    actions.save_pilot(member, pilot, {}, links={"measures": [second]})
    assert upstream(pilot) == {second.ref}


def round_of(item: Item) -> Round:
    """A round of review of the plan, made once."""
    standing = Round.objects.first()
    if standing is not None:
        return standing
    node = keep_node(make_node(Kind.ROUND, space=item.node.space, title_th="รอบ"))
    days = {"opens_on": date(2026, 1, 1), "closes_on": date(2026, 2, 1)}
    version = make_version(SYSTEM, item.plan)
    return Round.objects.create(node=node, plan=item.plan, version=version, name_th="รอบ", **days)


def suggested(item: Item, outcome: str | None) -> Node:
    """A suggestion to a measure, with its last answer."""
    node = keep_node(make_node(Kind.SUGGESTION, space=item.node.space, title_th="ข้อเสนอ"))
    words = {"quote": "ขุ", "start": 0, "end": 2, "voice": "suggest", "said_on": date(2026, 1, 1)}
    made = Suggestion.objects.create(
        node=node,
        round=round_of(item),
        item=item,
        revision=PassageRevision.objects.get(passage__item=item),
        receipt=node.ref,
        **words,
    )
    if outcome:
        Answer.objects.create(suggestion=made, outcome=outcome, reason_th="เห็นด้วย", by="member")
    return node


def test_what_was_suggested_of_a_measure_and_accepted_leads_to_its_pilot(
    city: City, measure: Item, member: Actor
) -> None:
    accepted, part = suggested(measure, "accepted"), suggested(measure, "part")
    suggested(measure, "declined")
    suggested(measure, None)
    pilot = make_pilot(city, measure, actor=member)
    assert upstream(pilot) == {measure.ref, accepted.ref, part.ref}


def test_a_pilot_is_made_of_its_own_citys_measures_places_and_indicators(
    city: City, other_city: City, source: Source, member: Actor
) -> None:
    whole_plan(other_city, source)
    theirs = measures(other_city)[0]
    with pytest.raises(ValidationError) as error:
        make_pilot(city, theirs, actor=member)
    assert list(error.value.message_dict) == ["measures"]
    foreign = make_indicator(other_city.node, other_city)
    with pytest.raises(ValidationError) as error:
        make_pilot(city, actor=member, indicators=[foreign])
    assert list(error.value.message_dict) == ["indicators"]
    assert not Pilot.objects.exists()


def test_a_goal_is_no_measure(city: City, measure: Item, member: Actor) -> None:
    goal = Item.objects.filter(kind=ItemKind.GOAL).select_related("node").first()
    assert goal is not None
    with pytest.raises(ValidationError):
        make_pilot(city, goal, actor=member)


def test_a_measure_on_which_a_pilot_rests_is_not_lost(city: City, measure: Item) -> None:
    make_pilot(city, measure)
    with pytest.raises(Exception, match="protected"):
        measure.node.delete()


# --- changing --------------------------------------------------------------------------------------


def test_the_plan_of_a_running_pilot_changes_with_a_reason_that_everybody_reads(
    city: City, member: Actor
) -> None:
    pilot = make_pilot(city)
    with pytest.raises(ValidationError) as error:
        actions.save_pilot(member, pilot, {"ends_on": date(2027, 3, 31)})
    assert list(error.value.message_dict) == ["why"]
    assert not Change.objects.exists()
    actions.save_pilot(member, again(pilot), {"ends_on": date(2027, 3, 31)}, why="ฝนมาเร็ว")
    assert Change.objects.get().why == "ฝนมาเร็ว"


def again(pilot: Pilot) -> Pilot:
    return Pilot.objects.select_related("node__space", "city").get(pk=pilot.pk)


def test_before_it_runs_a_plan_changes_without_ado(city: City, member: Actor) -> None:
    pilot = make_pilot(city, state="planned")
    actions.save_pilot(member, pilot, {"ends_on": date(2027, 3, 31)})
    assert not Change.objects.exists()


def test_a_pilot_and_a_step_that_end_before_they_begin_are_refused(city: City, member: Actor) -> None:
    with pytest.raises(ValidationError) as error:
        make_pilot(city, actor=member, ends_on=date(2025, 1, 1))
    assert list(error.value.message_dict) == ["ends_on"]
    with pytest.raises(ValidationError) as error:
        make_step(make_pilot(city), begins=date(2026, 3, 1), due=date(2026, 2, 1))
    assert list(error.value.message_dict) == ["due"]


@pytest.mark.parametrize("who", ["anonymous", "observer", "stranger"])
def test_who_does_not_write_in_the_city_changes_nothing(city: City, cast: Any, who: str) -> None:
    pilot, actor = make_pilot(city), cast.actors[who]
    step, line = make_step(pilot), make_line(pilot)
    tries: list[Any] = [
        lambda: make_pilot(city, actor=actor),
        lambda: actions.save_pilot(actor, again(pilot), {"state": "done"}),
        lambda: actions.withdraw_pilot(actor, again(pilot)),
        lambda: actions.save_step(actor, step, {"done_on": date(2026, 2, 2)}),
        lambda: actions.save_line(actor, line, {"satang": 1}, why="x"),
        lambda: actions.save_activity(
            actor, PilotActivity(pilot=pilot), {"name_th": "x", "on": date(2026, 2, 2)}
        ),
        lambda: actions.save_lesson(actor, Lesson(pilot=pilot), {"text_th": "x", "on": date(2026, 2, 2)}),
        lambda: actions.remove_step(actor, step),
    ]
    for tried in tries:
        with pytest.raises(Refused):
            tried()
    assert (WorkStep.objects.count(), Pilot.objects.get().state) == (1, "running")


# --- who sees --------------------------------------------------------------------------------------


def test_a_draft_is_seen_by_the_working_group_until_it_is_published_with_its_values(
    city: City, source: Source, member: Actor
) -> None:
    indicator = make_indicator(city.node, city)
    pilot = make_pilot(city, visibility=Visibility.MEMBERS, indicators=[indicator])
    value = make_value(indicator, make_meeting(city.node, source), pilot)
    assert value.node.visibility == Visibility.MEMBERS
    assert not can(ANONYMOUS, Verb.VIEW, pilot)
    actions.publish_pilot(member, again(pilot))
    value.node.refresh_from_db()
    assert value.node.visibility == Visibility.PUBLIC
    assert SearchEntry.objects.get(node=value.pk).visibility == Visibility.PUBLIC
    actions.withdraw_pilot(member, again(pilot))
    assert not scope(ANONYMOUS, Node.objects.filter(pk__in=[pilot.pk, value.pk])).exists()


def test_photos_are_public_while_the_pilot_is_and_those_in_them_agree(city: City, member: Actor) -> None:
    pilot = make_pilot(city)
    photo = make_receipt(member, city.node)
    row = make_activity(pilot, before=photo, before_alt="คลองตื้น")
    assert visibility(photo) == MEMBERS
    row = PilotActivity.objects.select_related("pilot__node").get(pk=row.pk)
    actions.save_activity(member, row, {"shown_agree": True})
    assert visibility(photo) == PUBLIC
    actions.withdraw_pilot(member, again(pilot))
    assert visibility(photo) == MEMBERS
    actions.publish_pilot(member, again(pilot))
    assert visibility(photo) == PUBLIC
    actions.remove_activity(member, PilotActivity.objects.select_related("pilot__node").get())
    assert visibility(photo) == MEMBERS


def visibility(file: Any) -> str:
    file.refresh_from_db()
    return str(file.visibility)


def test_a_photo_needs_words_and_belongs_to_the_city(
    city: City, other_city: City, member: Actor, cast: Any
) -> None:
    pilot = make_pilot(city)
    theirs = make_receipt(cast.actors["stranger"], other_city.node)
    for values, field in (
        ({"before": make_receipt(member, city.node)}, "before_alt"),
        ({"after": theirs, "after_alt": "คลองลึก"}, "after"),
    ):
        whole = {"name_th": "x", "on": date(2026, 2, 2)} | values
        with pytest.raises(ValidationError) as error:
            actions.save_activity(member, PilotActivity(pilot=again(pilot)), whole)
        assert list(error.value.message_dict) == [field]


def test_a_meeting_of_another_city_does_not_count(
    city: City, other_city: City, source: Source, member: Actor
) -> None:
    theirs = make_meeting(other_city.node, source)
    row = PilotActivity(pilot=make_pilot(city))
    values = {"name_th": "x", "on": date(2026, 2, 2), "meeting": theirs}
    with pytest.raises(ValidationError) as error:
        actions.save_activity(member, row, values)
    assert list(error.value.message_dict) == ["meeting"]


def test_small_groups_that_came_are_told_to_who_works_in_the_city_only(
    city: City, source: Source, cast: Any
) -> None:
    meeting = make_meeting(city.node, source, "2026-03-01")
    Attendance.objects.create(meeting=meeting, others_th="แรงงานข้ามชาติ", attended=3)
    row = make_activity(make_pilot(city), meeting=meeting)
    told = {}
    for name in ("observer", "anonymous", "stranger"):
        found = came(cast.actors[name], row)
        assert found is not None
        told[name] = found.lines[0].attended
    assert "3" in told["observer"]
    assert "3" not in told["anonymous"] + told["stranger"]


# --- the page --------------------------------------------------------------------------------------


def test_steps_lie_on_the_days_of_the_whole_work(city: City) -> None:
    pilot = make_pilot(city, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    make_step(pilot, "หนึ่ง", begins=date(2026, 1, 1), due=date(2026, 7, 2), order=1, done_on=date(2026, 7, 1))
    make_step(pilot, "สอง", due=date(2026, 12, 31), order=2)
    work = work_of(pilot, [row for row in told_of(pilot) if row.kind == "step"], date(2026, 10, 1))
    first, second = work.bars
    assert (first.start, first.length, first.late) == (0.0, 50.0, False)
    assert (second.start, second.length, second.late) == (50.0, 50.0, False)
    assert (work.done, work.today) == (1, 75.0)
    late = work_of(pilot, [row for row in told_of(pilot) if row.kind == "step"], date(2027, 1, 1))
    assert (late.bars[1].late, late.today) == (True, None)


def test_steps_without_any_day_are_told_without_a_picture(city: City) -> None:
    pilot = make_pilot(city, starts_on=None, ends_on=None)
    make_step(pilot)
    work = work_of(pilot, told_of(pilot), date(2026, 1, 1))
    assert (work.scale, work.bars[0].start, work.bars[0].late) == (None, None, False)


def test_the_sums_of_a_list_are_those_of_the_budget(city: City, cast: Any) -> None:

    pilot = make_pilot(city)
    first, _second = make_line(pilot, 1000), make_line(pilot, 500, "ค่าอาหาร")
    for number in (1, 2):
        row = Expense(pilot=pilot)
        made = save_expense(cast.actors["member"], row, {"line": first} | spent(100, receipt_no=str(number)))
    approve_expense(cast.actors["owner"], made)
    found = with_sums(seen_pilots(ANONYMOUS)).get()
    assert (found.planned_satang, found.spent_satang) == (150000, 10000)  # type: ignore[attr-defined]
    assert PilotPage(ANONYMOUS, found).money == {
        "planned": 150000,
        "spent": 10000,
        "left": 140000,
        "percent": 7,
    }


# --- dry stretches and what waits -------------------------------------------------------------------


def test_a_running_pilot_without_a_value_and_one_without_a_measure_are_dry(
    city: City, source: Source, measure: Item
) -> None:
    indicator = make_indicator(city.node, city)
    pilot = make_pilot(city, indicators=[indicator])
    planned = make_pilot(city, measure, indicators=[indicator], state="planned", name_th="อีกแห่ง")
    assert gaps_at("pilot.no_measure") == {pilot.ref}
    assert gaps_at("pilot.no_value") == {pilot.ref}
    make_value(indicator, make_meeting(city.node, source), pilot)
    assert gaps_at("pilot.no_value") == set()
    assert planned.ref not in gaps_at("pilot.no_value")


def test_steps_that_are_late_wait_for_the_citys_writers(city: City, cast: Any) -> None:
    pilot = make_pilot(city)
    yesterday = timezone.localdate() - timedelta(days=1)
    make_step(pilot, due=yesterday)
    make_step(pilot, "ทำแล้ว", due=yesterday, done_on=yesterday)
    make_step(pilot, "วันหลัง", due=timezone.localdate())
    assert [late_steps(cast.actors[name]).count() for name in ("member", "stranger", "observer")] == [1, 0, 0]


def test_an_expense_waits_for_everybody_but_who_entered_it(city: City, cast: Any) -> None:

    line = make_line(make_pilot(city))
    save_expense(cast.actors["member"], Expense(pilot=line.pilot), {"line": line} | spent())
    names = ("owner", "member", "observer", "stranger")
    assert [to_approve(cast.actors[name]).count() for name in names] == [1, 0, 0, 0]


def test_a_pilot_is_found_by_its_aim(city: City) -> None:
    pilot = make_pilot(city)
    assert [row.ref for row in find(words_of("ขนของขึ้นที่สูง"), Q()).entries] == [pilot.ref]


def test_a_new_pilot_is_an_example_where_its_city_is(city: City, member: Actor) -> None:
    Node.objects.filter(pk=city.pk).update(is_example=True)
    city.node.refresh_from_db()
    made = new_thing(Pilot, Kind.PILOT, space=city.node, is_example=city.node.is_example)
    assert make_pilot(city).node.is_example == made.node.is_example is True

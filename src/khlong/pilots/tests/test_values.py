"""Values of indicators: entered with evidence in their time, or computed from records, each change kept."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from khlong.chain.gaps import registered
from khlong.chain.models import Edge, Node, ThingRevision, Visibility
from khlong.network.models import Attendance, Meeting
from khlong.network.tests.makers import make_meeting
from khlong.people.actor import ANONYMOUS, Actor
from khlong.pilots import rules
from khlong.pilots.made_of import Made
from khlong.pilots.models import Value
from khlong.pilots.money import approve_expense
from khlong.pilots.page import series_of
from khlong.pilots.queries import hides_small
from khlong.pilots.tests.makers import (
    entered,
    make_expense,
    make_indicator,
    make_line,
    make_pilot,
    make_receipt,
    make_value,
)
from khlong.pilots.values import compute_value, new_value, save_value
from khlong.places.models import City, Source
from khlong.record.errors import EditConflict, Refused
from khlong.strategy import values as strategy
from khlong.strategy.models import Indicator

QUARTER = {"period_from": date(2026, 1, 1), "period_to": date(2026, 3, 31)}


@pytest.fixture
def member(cast: Any) -> Actor:
    found: Actor = cast.actors["member"]
    return found


@pytest.fixture
def meeting(city: City, source: Source) -> Meeting:
    return make_meeting(city.node, source, "2026-02-02")


@pytest.fixture
def indicator(city: City) -> Indicator:
    years = {"baseline": 3, "baseline_year": 2568, "target": 40, "target_year": 2570}
    return make_indicator(city.node, city, **years)


def enter(actor: Actor, indicator: Indicator, meeting: Meeting | None, **more: Any) -> Value:
    pilot = more.get("pilot")
    return save_value(actor, new_value(indicator, pilot), entered(meeting, indicator=indicator, **more))


def field_of(error: Any) -> list[str]:
    return list(error.value.message_dict)


# --- entering --------------------------------------------------------------------------------------


def test_a_value_is_entered_with_a_note_and_a_meeting_and_linked_to_all_it_rests_on(
    member: Actor, indicator: Indicator, meeting: Meeting, city: City
) -> None:
    pilot = make_pilot(city, indicators=[indicator])
    value = enter(member, indicator, meeting, pilot=pilot)
    edges = set(Edge.objects.filter(down=value.pk).values_list("up__ref", "kind"))
    assert edges == {
        (indicator.ref, "leads_to"),
        (pilot.ref, "leads_to"),
        (meeting.ref, "rests_on"),
    }
    assert value.node.title_th.startswith("ร้านที่ขนของทัน (")


def test_a_file_is_evidence_too(member: Actor, indicator: Indicator, city: City) -> None:
    file = make_receipt(member, city.node)
    assert enter(member, indicator, None, evidence_file=file).evidence_file == file


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"evidence_note": " "}, "evidence_note"), ({"evidence_node": None}, "evidence_node")],
)
def test_a_value_without_evidence_is_refused(
    member: Actor, indicator: Indicator, meeting: Meeting, typed: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as error:
        enter(member, indicator, meeting, **typed)
    assert field_of(error) == [field]
    assert not Value.objects.exists()


def test_what_is_no_meeting_and_no_report_or_belongs_to_another_city_is_no_evidence(
    member: Actor, indicator: Indicator, other_city: City, city: City, source: Source
) -> None:
    theirs = make_meeting(other_city.node, source).node
    for node in (theirs, city.node):
        with pytest.raises(ValidationError) as error:
            enter(member, indicator, None, evidence_node=node)
        assert field_of(error) == ["evidence_node"]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"period_from": date(2024, 9, 30)}, "period_from"),
        ({"period_from": date(2026, 4, 1)}, "period_to"),
        ({"period_to": timezone.localdate() + timedelta(days=2)}, "period_to"),
        ({"period_from": None}, "period_from"),
    ],
)
def test_a_value_outside_its_indicators_years_or_of_a_time_to_come_is_refused(
    member: Actor, indicator: Indicator, meeting: Meeting, typed: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as error:
        enter(member, indicator, meeting, **typed)
    assert field_of(error) == [field]


def test_a_value_after_the_target_year_is_refused(member: Actor, city: City, meeting: Meeting) -> None:
    over = make_indicator(city.node, city, baseline_year=2566, target_year=2567)
    with pytest.raises(ValidationError) as error:
        enter(member, over, meeting)
    assert field_of(error) == ["period_to"]


def test_the_fiscal_year_of_the_baseline_begins_in_the_october_before(
    member: Actor, indicator: Indicator, meeting: Meeting
) -> None:
    days = {"period_from": date(2024, 10, 1), "period_to": date(2025, 9, 30)}
    assert enter(member, indicator, meeting, **days).pk


def test_a_value_of_a_pilot_lies_in_the_pilots_time(
    member: Actor, indicator: Indicator, meeting: Meeting, city: City
) -> None:
    early = make_pilot(city, starts_on=date(2026, 4, 1))
    with pytest.raises(ValidationError) as error:
        enter(member, indicator, meeting, pilot=early)
    assert field_of(error) == ["period_to"]
    over = make_pilot(city, starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31))
    with pytest.raises(ValidationError) as error:
        enter(member, indicator, meeting, pilot=over)
    assert field_of(error) == ["period_from"]


def test_a_period_has_one_value_of_an_indicator_and_one_of_each_pilot(
    member: Actor, indicator: Indicator, meeting: Meeting, city: City
) -> None:
    pilot = make_pilot(city)
    enter(member, indicator, meeting)
    enter(member, indicator, meeting, pilot=pilot)
    for more in ({}, {"pilot": pilot}):
        with pytest.raises(ValidationError) as error:
            enter(member, indicator, meeting, **more)
        assert field_of(error) == ["period_from"]


def test_an_indicator_and_a_pilot_of_another_city_are_refused(
    member: Actor, meeting: Meeting, city: City, other_city: City, indicator: Indicator
) -> None:
    foreign = make_indicator(other_city.node, other_city)
    value = new_value(indicator)
    with pytest.raises(ValidationError) as error:
        save_value(member, value, entered(meeting, indicator=foreign))
    assert field_of(error) == ["indicator"]
    with pytest.raises(ValidationError) as error:
        save_value(
            member, new_value(indicator), entered(meeting, indicator=indicator, pilot=make_pilot(other_city))
        )
    assert field_of(error) == ["pilot"]


@pytest.mark.parametrize("who", ["anonymous", "observer", "stranger"])
def test_who_does_not_write_in_the_city_enters_and_computes_no_value(
    cast: Any, indicator: Indicator, meeting: Meeting, city: City, who: str
) -> None:
    ruled = make_indicator(city.node, city, rule="network.meetings")
    with pytest.raises(Refused):
        enter(cast.actors[who], indicator, meeting)
    with pytest.raises(Refused):
        compute_value(cast.actors[who], new_value(ruled), QUARTER | {"indicator": ruled})
    assert not Value.objects.exists()


def test_a_changed_value_is_a_revision_and_a_slower_writer_sees_the_faster(
    member: Actor, indicator: Indicator, meeting: Meeting
) -> None:
    value = enter(member, indicator, meeting)
    save_value(member, again(value), {"value": Decimal(19)}, base=1, why="นับซ้ำ")
    numbers = ThingRevision.objects.filter(node=value.pk).order_by("number")
    assert [row.values["value"] for row in numbers] == ["18", "19"]
    with pytest.raises(EditConflict):
        save_value(member, again(value), {"value": Decimal(20)}, base=1)


def again(value: Value) -> Value:
    return Value.objects.select_related("node__space", "indicator__node", "indicator__city__node").get(
        pk=value.pk
    )


# --- computing -------------------------------------------------------------------------------------


def test_every_rule_stands_in_strategys_registry_with_words() -> None:
    known = {row.name: str(row.title) for row in strategy.providers()}
    ours = {"network.meetings", "network.attendance", "pilots.expenses", "pilots.begun", "pilots.done"}
    assert ours | {"register.households", "assessment.validated"} <= set(known)
    assert all(known.values())


def test_meetings_are_counted_within_their_period_and_city(
    member: Actor, city: City, other_city: City, source: Source, meeting: Meeting
) -> None:
    make_meeting(city.node, source, "2026-03-31/2026-04-01")
    make_meeting(city.node, source, "2026-04-02")
    make_meeting(city.node, source, None)
    make_meeting(other_city.node, source, "2026-02-03")
    ruled = make_indicator(city.node, city, rule="network.meetings")
    value = compute_value(member, new_value(ruled), QUARTER | {"indicator": ruled})
    assert (int(value.value), value.rule, value.is_computed) == (1, "network.meetings", True)
    assert value.inputs == {
        "rule": "network.meetings",
        "refs": [meeting.ref],
        "more": 0,
        "counts": {"meetings": 1, "undated": 1},
    }


def test_an_indicator_of_the_programme_counts_all_cities(
    programme: Any, coordinator: Any, city: City, other_city: City, source: Source, meeting: Meeting
) -> None:
    make_meeting(other_city.node, source, "2026-02-03")
    ruled = make_indicator(programme.node, rule="network.meetings")
    assert rules.meetings_held(ruled, *QUARTER.values()).value == 2


def test_who_came_is_added_up_by_group_and_an_unknown_number_is_said(city: City, meeting: Meeting) -> None:
    Attendance.objects.create(meeting=meeting, others_th="ชาวประมง", attended=12)
    Attendance.objects.create(meeting=meeting, others_th="แรงงานข้ามชาติ", attended=None)
    made = rules.people_who_came(make_indicator(city.node, city), *QUARTER.values())
    assert made.value == 12
    assert made.inputs["counts"] == {"groups": {"ชาวประมง": 12}, "meetings": 1, "unknown": 1}


def test_approved_expenses_count_in_baht_and_those_that_wait_do_not(city: City, cast: Any) -> None:
    ruled = make_indicator(city.node, city)
    pilot = make_pilot(city, indicators=[ruled])
    line = make_line(pilot)
    approve_expense(cast.actors["owner"], make_expense(line, satang=40050))
    make_expense(line, receipt_no="2")
    approve_expense(cast.actors["owner"], make_expense(line, receipt_no="3", paid_on=date(2026, 4, 1)))
    made = rules.expenses_approved(ruled, *QUARTER.values())
    assert made.value == Decimal("400.5")
    assert made.inputs["counts"] == {"expenses": 1, "satang": {pilot.ref: 40050}}


def test_pilots_are_counted_by_what_became_of_them(city: City) -> None:
    make_pilot(city)
    make_pilot(city, state="planned")
    done = make_pilot(city, state="done", ends_on=date(2026, 2, 28))
    ruled = make_indicator(city.node, city)
    begun = rules.pilots_begun(ruled, *QUARTER.values())
    assert (int(begun.value), begun.inputs["counts"]) == (2, {"states": {"running": 1, "done": 1}})
    assert rules.pilots_done(ruled, *QUARTER.values()).inputs["refs"] == [done.ref]


def test_no_household_and_no_finding_is_an_honest_nought(city: City) -> None:
    ruled = make_indicator(city.node, city)
    assert rules.households_heard(ruled, *QUARTER.values()).value == 0
    assert rules.households_heard(ruled, *QUARTER.values()).inputs["refs"] == []
    assert rules.findings_validated(ruled, *QUARTER.values()).value == 0


def test_without_a_rule_nothing_is_computed(member: Actor, indicator: Indicator) -> None:
    with pytest.raises(Refused):
        compute_value(member, new_value(indicator), QUARTER | {"indicator": indicator})


def test_a_computed_value_is_not_typed_over_and_a_new_number_is_a_revision(
    member: Actor, city: City, source: Source, meeting: Meeting
) -> None:
    ruled = make_indicator(city.node, city, rule="network.meetings")
    value = compute_value(member, new_value(ruled), QUARTER | {"indicator": ruled})
    with pytest.raises(Refused):
        save_value(member, again(value), {"value": Decimal(99)})
    make_meeting(city.node, source, "2026-02-20")
    with pytest.raises(Refused):
        compute_value(member, again(value), seen=Decimal(1))
    done = compute_value(member, again(value), seen=Decimal(2), why="เพิ่มการประชุม")
    assert (int(done.value), done.revision) == (2, 2)
    first = ThingRevision.objects.get(node=value.pk, number=1)
    assert first.values["value"] == "1"


def test_the_series_of_an_indicator_holds_what_its_reader_may_see(
    member: Actor, indicator: Indicator, meeting: Meeting
) -> None:
    value = enter(member, indicator, meeting)
    points = strategy.series_of(ANONYMOUS, [indicator])[indicator.pk]
    assert [(int(point.value), point.ref) for point in points] == [(18, value.ref)]
    Node.objects.filter(pk=value.pk).update(visibility=Visibility.MEMBERS)
    assert strategy.series_of(ANONYMOUS, [indicator])[indicator.pk] == []
    assert len(strategy.series_of(member, [indicator])[indicator.pk]) == 1


# --- what a reader learns --------------------------------------------------------------------------


def counted(member: Actor, city: City, meeting: Meeting, *numbers: int) -> Value:
    for at, number in enumerate(numbers):
        Attendance.objects.create(meeting=meeting, others_th=f"กลุ่ม {at}", attended=number)
    ruled = make_indicator(city.node, city, rule="network.attendance")
    return compute_value(member, new_value(ruled), QUARTER | {"indicator": ruled})


def test_a_number_of_people_under_five_is_for_who_works_in_the_city(
    member: Actor, city: City, meeting: Meeting, cast: Any
) -> None:
    value = counted(member, city, meeting, 3)
    assert hides_small(ANONYMOUS, value)
    assert hides_small(cast.actors["stranger"], value)
    assert not hides_small(cast.actors["observer"], value)
    assert strategy.series_of(ANONYMOUS, [value.indicator])[value.indicator_id] == []


def test_one_small_group_keeps_all_groups_back_since_it_could_be_reckoned(
    member: Actor, city: City, meeting: Meeting
) -> None:
    value = counted(member, city, meeting, 20, 3)
    assert not hides_small(ANONYMOUS, value)
    outside, inside = Made(ANONYMOUS, value), Made(member, value)
    assert outside.keeps_groups_back
    assert [label for label, _words in outside.lines if label.startswith("กลุ่ม")] == []
    assert [label for label, _words in inside.lines if label.startswith("กลุ่ม")] == ["กลุ่ม 0", "กลุ่ม 1"]


def test_records_that_a_reader_does_not_see_are_counted_and_not_named(
    member: Actor, city: City, source: Source, meeting: Meeting
) -> None:
    hidden = make_meeting(city.node, source, "2026-02-09")
    Node.objects.filter(pk=hidden.pk).update(visibility=Visibility.MEMBERS)
    ruled = make_indicator(city.node, city, rule="network.meetings")
    value = compute_value(member, new_value(ruled), QUARTER | {"indicator": ruled})
    outside, inside = Made(ANONYMOUS, value), Made(member, value)
    assert ([node.ref for node in outside.records], outside.more) == ([meeting.ref], 1)
    assert ([node.ref for node in inside.records], inside.more) == ([meeting.ref, hidden.ref], 0)


def test_a_pilots_values_stand_on_one_scale_with_baseline_and_target(
    member: Actor, city: City, indicator: Indicator, meeting: Meeting
) -> None:
    pilot = make_pilot(city, indicators=[indicator])
    enter(member, indicator, meeting, pilot=pilot)
    enter(member, indicator, meeting, value=Decimal(99))
    (one,) = series_of(ANONYMOUS, pilot)
    assert [(int(point.value), point.at) for point in one.placed] == [(18, 45.0)]
    assert (int(one.end), one.baseline_at, one.target_at) == (40, 7.5, 100.0)


def test_an_entered_value_whose_evidence_is_gone_is_a_dry_stretch(
    member: Actor, indicator: Indicator, meeting: Meeting
) -> None:
    gap = next(one for one in registered() if one.key == "value.no_evidence")
    value = enter(member, indicator, meeting)
    assert list(gap.rows()) == []
    Edge.objects.filter(down=value.pk, kind="rests_on").delete()
    assert [node.ref for node in gap.rows()] == [value.ref]


def test_a_value_of_a_meeting_of_the_programme_rests_on_it(
    programme: Any, indicator: Indicator, source: Source, member: Actor
) -> None:
    value = enter(member, indicator, make_meeting(programme.node, source, "2026-02-02"))
    assert Edge.objects.filter(down=value.pk, kind="rests_on").exists()
    assert make_value(indicator, make_meeting(programme.node, source), period_to=date(2026, 2, 28)).pk

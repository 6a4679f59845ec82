"""The API of pilots, values, expenses and the logframe: sums for all, small numbers and single papers for few."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from khlong.chain.models import Node, Visibility
from khlong.people.tokens import make_token
from khlong.pilots import money
from khlong.pilots.models import Expense, Pilot, Value
from khlong.pilots.tests.makers import SYSTEM, make_line, make_pilot
from khlong.places.models import City, Source
from khlong.reports import actions
from khlong.reports.models import Period
from khlong.web.tests.world import World, build

Post = Callable[..., Any]


@pytest.fixture
def world(city: City, source: Source) -> World:
    made = build(city.node, city, source, "ก")
    for thing in (made.below, made.moved, made.value, made.pilot):
        Node.objects.filter(pk=thing.pk).update(visibility=Visibility.PUBLIC)
    return made


@pytest.fixture
def post(cast: Any) -> Post:
    """post("member", "/values", {...}, 201) writes with a token of that person and gives what was answered."""

    def sent(name: str, path: str, body: Any, status: int) -> Any:
        _made, text = make_token(getattr(cast, name), "test", writes=True)
        answer = Client().post(
            f"/api/v1{path}",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {text}"},
        )
        assert answer.status_code == status, answer.content.decode()
        return answer.json()

    return sent


def got(path: str, status: int = 200, client: Client | None = None) -> Any:
    answer = (client or Client()).get(f"/api/v1{path}")
    assert answer.status_code == status, answer.content
    return answer.json()


def hide(thing: Any) -> None:
    Node.objects.filter(pk=thing.pk).update(visibility=Visibility.MEMBERS)


def places(answer: Any) -> list[str]:
    return [fault["place"][-1] for fault in answer["detail"]]


# --- pilots and their money --------------------------------------------------------------------------


def test_a_pilot_tells_its_money_in_sums_of_what_is_approved(world: World) -> None:
    path = f"/pilots/{world.pilot.ref}"
    before = got(path)
    assert before["planned_satang"] == sum(line["planned_satang"] for line in before["lines"]) == 200_000
    assert before["spent_satang"] == 0
    money.approve_expense(SYSTEM, world.expense)
    after = got(path)
    assert after["spent_satang"] == world.expense.satang
    assert [line["spent_satang"] for line in after["lines"] if line["id"] == str(world.money_line.pk)] == [
        world.expense.satang
    ]


def test_a_pilot_names_only_measures_and_indicators_that_the_reader_may_open(
    world: World, client_of: Any
) -> None:
    path = f"/pilots/{world.pilot.ref}"
    measure = world.pilot.measures.get()
    assert got(path, client=client_of("observer"))["measures"] == [measure.ref]
    hide(measure)
    hide(world.moved)
    told = got(path)
    assert (told["measures"], told["indicators"]) == ([], [])
    assert got(path, client=client_of("observer"))["indicators"] == [world.moved.ref]


def test_single_expenses_are_read_by_who_works_in_the_city_and_name_nobody(
    world: World, client_of: Any
) -> None:
    path = f"/pilots/{world.pilot.ref}/expenses"
    for name in ("anonymous", "stranger"):
        assert got(path, client=client_of(name)) == {"items": [], "total": 0, "page": 1, "per_page": 50}
    told = got(path, client=client_of("observer"))
    assert told["total"] == Expense.objects.filter(pilot=world.pilot).count() == 5
    assert "who entered" not in json.dumps(told)
    hide(world.pilot)
    got(path, 404)


def test_pilots_are_chosen_by_state(world: World) -> None:
    assert world.pilot.ref in {row["ref"] for row in got("/pilots?state=running")["items"]}
    assert got("/pilots?state=stopped")["total"] == 0
    assert places(got("/pilots?state=lost", 422)) == ["state"]


def test_a_pilot_is_begun_from_measures_of_its_city_only(
    world: World, post: Post, other_city: City, source: Source
) -> None:
    theirs = build(other_city.node, other_city, source, "ข")
    Node.objects.filter(pk=theirs.below.pk).update(visibility=Visibility.PUBLIC)
    body = {"measures": [world.below.ref], "name_th": "เวรเฝ้าระวัง", "aim_th": "ขนของทัน"}
    made = post("member", "/pilots", body, 201)
    assert (made["measures"], made["state"]) == ([world.below.ref], "planned")
    assert Pilot.objects.get(node__ref=made["ref"]).node.visibility == Visibility.MEMBERS
    count = Pilot.objects.count()
    mixed = body | {"measures": [world.below.ref, theirs.below.ref]}
    assert places(post("member", "/pilots", mixed, 422)) == ["measures"]
    assert places(post("member", "/pilots", body | {"measures": []}, 422)) == ["measures"]
    post("member", "/pilots", body | {"measures": [theirs.below.ref]}, 403)
    post("member", "/pilots", body | {"measures": ["M-PTG-9999"]}, 404)
    assert Pilot.objects.count() == count


def test_an_expense_is_approved_by_another_account_as_it_was_read(world: World, post: Post) -> None:
    body = {"line": str(world.money_line.pk), "text": "เสาไม้", "satang": 5000, "paid_on": "2026-02-03"}
    body |= {"receipt_no": "99/2569"}
    made = post("member", f"/pilots/{world.pilot.ref}/expenses", body, 201)
    assert made["state"] == "waiting"
    approval = f"/expenses/{made['id']}/approval"
    post("member", approval, {"seen": made["seen"]}, 403)
    post("owner", approval, {"seen": "another"}, 403)
    assert Expense.objects.get(pk=made["id"]).state == "waiting"
    assert post("owner", approval, {"seen": made["seen"]}, 201)["state"] == "approved"
    post("owner", approval, {"seen": made["seen"]}, 403)
    assert places(post("member", f"/pilots/{world.pilot.ref}/expenses", body, 422)) == ["receipt_no"]


def test_an_approval_above_the_line_needs_its_reason(world: World, post: Post) -> None:
    body = {"line": str(world.money_line.pk), "text": "เรือ", "satang": 10**7, "paid_on": "2026-02-03"}
    made = post("member", f"/pilots/{world.pilot.ref}/expenses", body | {"receipt_no": "98"}, 201)
    approval = f"/expenses/{made['id']}/approval"
    assert places(post("owner", approval, {"seen": made["seen"]}, 422)) == ["over_why"]
    told = post("owner", approval, {"seen": made["seen"], "over_why": "ที่ประชุมเห็นชอบ"}, 201)
    assert (told["state"], told["over_why"]) == ("approved", "ที่ประชุมเห็นชอบ")


def test_a_line_of_another_pilot_is_not_found_and_a_day_to_come_is_refused(
    world: World, post: Post, city: City
) -> None:
    other = make_line(make_pilot(city, world.below, name_th="อีกโครงการ"))
    body = {"line": str(other.pk), "text": "เสา", "satang": 100, "paid_on": "2026-02-03", "receipt_no": "1"}
    path = f"/pilots/{world.pilot.ref}/expenses"
    post("member", path, body, 404)
    late = body | {"line": str(world.money_line.pk), "paid_on": "2999-01-01"}
    assert places(post("member", path, late, 422)) == ["paid_on"]


# --- values ------------------------------------------------------------------------------------------


def counted(world: World, people: int) -> str:
    """Makes the world's value one of so many people, computed from the meeting and a hidden fact."""
    hide(world.fact)
    inputs = {"refs": [world.meeting.ref, world.fact.ref], "more": 1}
    Value.objects.filter(pk=world.value.pk).update(
        value=people, rule="network.attendance", inputs=inputs, evidence_node=None
    )
    return f"/values/{world.value.ref}"


def test_a_value_names_the_records_that_the_reader_may_open_and_counts_the_others(
    world: World, client_of: Any
) -> None:
    Node.objects.filter(pk=world.meeting.pk).update(visibility=Visibility.PUBLIC)
    path = counted(world, 12)
    told = got(path)
    assert (told["value"], told["few"]) == (12.0, False)
    assert (told["evidence"], told["more"]) == ([world.meeting.ref], 2)
    inside = got(path, client=client_of("observer"))
    assert (inside["evidence"], inside["more"]) == ([world.meeting.ref, world.fact.ref], 1)


def test_fewer_than_five_people_are_told_to_the_working_group_only(world: World, client_of: Any) -> None:
    path = counted(world, 3)
    told = got(path)
    assert (told["value"], told["few"], told["evidence"], told["more"]) == (None, True, [], 0)
    assert got(path, client=client_of("observer"))["value"] == 3.0


def test_values_are_chosen_by_indicator_and_by_pilot(world: World) -> None:
    for query in (f"indicator={world.moved.ref.lower()}", f"pilot={world.pilot.ref}"):
        assert [row["ref"] for row in got(f"/values?{query}")["items"]] == [world.value.ref]
    assert got("/values?indicator=I-PTG-9999")["total"] == 0
    hide(world.pilot)
    assert got(f"/values?pilot={world.pilot.ref}")["total"] == 0
    assert [row["pilot"] for row in got("/values")["items"]] == [None]


def test_a_value_needs_evidence_that_shows_it_and_stands_once_in_a_period(world: World, post: Post) -> None:
    body = {"indicator": world.moved.ref, "period_from": "2026-01-01", "period_to": "2026-01-31", "value": 7}
    body |= {"evidence_note": "นับด้วยกัน", "evidence": world.fact.ref}
    assert places(post("member", "/values", body, 422)) == ["evidence_node"]
    body |= {"evidence": world.meeting.ref}
    assert post("member", "/values", body, 201)["evidence"] == [world.meeting.ref]
    assert places(post("member", "/values", body, 422)) == ["period_from"]
    assert places(post("member", "/values", body | {"period_to": "2025-01-31"}, 422)) == ["period_to"]
    post("stranger", "/values", body | {"period_from": "2026-01-02"}, 403)


# --- the logframe ------------------------------------------------------------------------------------


@pytest.fixture
def line(world: World) -> Any:
    """The world's line of the logframe, whose indicator is the one that the pilot moves, in a period of 2026."""
    world.logframe_line.indicator = world.moved
    world.logframe_line.save()
    Node.objects.filter(pk=world.logframe.pk).update(visibility=Visibility.PUBLIC)
    dates = {"name_th": "ไตรมาสแรก", "begins": date(2026, 1, 1), "ends": date(2026, 3, 31)}
    return actions.save_period(SYSTEM, Period(logframe=world.logframe), dates)


def row_of(world: World, told: Any) -> Any:
    rows = [row for result in told["results"] for row in result["lines"]]
    return next(row for row in rows if row["indicator"] == world.moved.ref)


def test_a_logframe_tells_what_was_frozen_what_stands_now_and_what_both_were_made_of(
    world: World, line: Period
) -> None:
    actions.freeze_period(SYSTEM, line)
    Value.objects.filter(pk=world.value.pk).update(value=Decimal(25))
    told = got(f"/logframes/{world.logframe.ref.lower()}?period={line.pk}")
    row = row_of(world, told)
    assert told["period"]["frozen_at"] is not None
    assert (row["frozen"]["value"], row["now"]["value"]) == (18.0, 25.0)
    assert [part["ref"] for part in row["frozen"]["made_of"]] == [world.value.ref]
    assert [part["ref"] for part in row["now"]["made_of"]] == [world.value.ref]


def test_a_period_is_asked_for_by_its_name_and_the_latest_comes_without(world: World, line: Period) -> None:
    path = f"/logframes/{world.logframe.ref}"
    assert got(path)["period"]["id"] == line.pk
    first = got(f"{path}?period=รอบแรก")
    assert row_of(world, first)["now"] == row_of(world, first)["now"] | {"value": None, "made_of": []}
    got(f"{path}?period=never", 404)


def test_a_record_that_the_reader_may_not_open_is_counted_in_a_logframe_and_not_named(
    world: World, line: Period, client_of: Any
) -> None:
    hide(world.value)
    path = f"/logframes/{world.logframe.ref}"
    now = row_of(world, got(path))["now"]
    assert (now["value"], now["few"], now["made_of"], now["more"]) == (None, False, [], 1)
    inside = row_of(world, got(path, client=client_of("observer")))["now"]
    assert (inside["value"], [part["ref"] for part in inside["made_of"]]) == (18.0, [world.value.ref])


def test_a_number_made_of_unpublished_records_is_told_to_all_once_it_is_frozen(
    world: World, line: Period
) -> None:
    hide(world.value)
    actions.freeze_period(SYSTEM, line)
    Value.objects.filter(pk=world.value.pk).update(value=Decimal(25))
    row = row_of(world, got(f"/logframes/{world.logframe.ref}"))
    assert (row["frozen"]["value"], row["frozen"]["made_of"], row["frozen"]["more"]) == (18.0, [], 1)
    assert row["now"]["value"] is None


def test_a_logframe_keeps_back_what_would_tell_of_fewer_than_five_people(
    world: World, line: Period, client_of: Any
) -> None:
    counted(world, 3)
    actions.freeze_period(SYSTEM, line)
    row = row_of(world, got(f"/logframes/{world.logframe.ref}"))
    for told in (row["now"], row["frozen"]):
        assert (told["value"], told["few"]) == (None, True)
        assert [part["value"] for part in told["made_of"]] == [None]
    inside = row_of(world, got(f"/logframes/{world.logframe.ref}", client=client_of("observer")))
    assert (inside["now"]["value"], inside["frozen"]["value"]) == (3.0, 3.0)


def test_a_hidden_logframe_is_answered_as_one_that_is_not_there(world: World, client_of: Any) -> None:
    hide(world.logframe)
    assert got("/logframes")["total"] == 0
    assert got(f"/logframes/{world.logframe.ref}", 404) == got("/logframes/X-PTG-9999", 404)
    assert got(f"/logframes/{world.logframe.ref}", client=client_of("observer"))["ref"] == world.logframe.ref


def test_logframes_are_chosen_by_programme(world: World, line: Period) -> None:
    programme = world.logframe.programme
    for word in (programme.slug, programme.ref.lower()):
        assert [row["ref"] for row in got(f"/logframes?programme={word}")["items"]] == [world.logframe.ref]
    assert got("/logframes?programme=none")["total"] == 0

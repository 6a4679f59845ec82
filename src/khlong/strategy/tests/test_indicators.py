"""Indicators: to what they belong, what cannot stand, the rules and series that other rooms register."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from khlong.chain.models import Edge, Visibility
from khlong.network.models import Programme
from khlong.places.models import City, Source
from khlong.record.errors import EditConflict, Refused
from khlong.strategy import values
from khlong.strategy.actions import withdraw_plan
from khlong.strategy.indicators import new_indicator, save_indicator
from khlong.strategy.models import Indicator, Item, Plan
from khlong.strategy.plot import plot_of
from khlong.strategy.tests.makers import SYSTEM, measure_of, whole_plan
from khlong.strategy.values import Computed, Point


@pytest.fixture
def plan(city: City, source: Source) -> Plan:
    return whole_plan(city, source)


@pytest.fixture
def goal(plan: Plan) -> Item:
    return measure_of(plan, "ตลาดไม่ท่วม")


def words(city: City | None, **more: Any) -> dict[str, Any]:
    return {"name_th": "ชั่วโมงที่น้ำขัง", "unit_th": "ชั่วโมง", "city": city} | more


def make(city: City, **more: Any) -> Indicator:
    return save_indicator(SYSTEM, new_indicator(city.node, more.get("item")), words(city, **more))


def parents(indicator: Indicator) -> list[str]:
    return list(Edge.objects.filter(down=indicator.pk).values_list("up__title_th", flat=True))


def test_an_indicator_hangs_on_its_goal_or_measure_and_moves_with_it(plan: Plan, goal: Item) -> None:
    made = make(plan.city, item=goal, baseline=Decimal(19), baseline_year=2568)
    assert made.ref == "I-PTG-0001"
    assert parents(made) == ["ตลาดไม่ท่วม"]
    moved = save_indicator(SYSTEM, made, {"item": measure_of(plan)}, base=1)
    assert parents(moved) == ["ขุดลอกคลองตง"]
    freed = save_indicator(SYSTEM, moved, {"item": None}, base=2)
    assert parents(freed) == []


def test_an_indicator_of_no_goal_is_public_where_any_plan_of_the_city_is(plan: Plan, source: Source) -> None:
    hidden = whole_plan(plan.city, source)
    withdraw_plan(SYSTEM, hidden)
    assert make(plan.city).node.visibility == Visibility.PUBLIC
    withdraw_plan(SYSTEM, plan)
    assert make(plan.city).node.visibility == Visibility.MEMBERS


def test_a_change_of_words_leaves_the_links_alone(plan: Plan, goal: Item) -> None:
    made = make(plan.city, item=goal)
    save_indicator(SYSTEM, made, {"unit_th": "นาที"})
    assert parents(made) == ["ตลาดไม่ท่วม"]


BAD = [
    ({"baseline": Decimal(1)}, "baseline_year"),
    ({"target": Decimal(1)}, "target_year"),
    ({"baseline": Decimal(1), "baseline_year": 2026}, "baseline_year"),
    (
        {"baseline": Decimal(1), "baseline_year": 2570, "target": Decimal(2), "target_year": 2569},
        "target_year",
    ),
    ({"rule": "nobody.counts"}, "rule"),
    ({"unit_th": ""}, "unit_th"),
    ({"name_th": ""}, "name_th"),
]


@pytest.mark.parametrize(("change", "field"), BAD)
def test_what_cannot_stand_is_named_at_its_field(plan: Plan, change: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        make(plan.city, **change)
    assert set(caught.value.message_dict) == {field}
    assert not Indicator.objects.exists()


def test_a_strategy_or_a_part_of_another_city_has_no_indicator_here(
    plan: Plan, other_city: City, source: Source
) -> None:
    theirs = whole_plan(other_city, source)
    for item in (measure_of(plan, "จัดการน้ำร่วมกัน"), measure_of(theirs)):
        with pytest.raises(ValidationError) as caught:
            make(plan.city, item=item)
        assert set(caught.value.message_dict) == {"item"}


def test_a_programme_has_indicators_without_a_city(programme: Programme, coordinator: Any, cast: Any) -> None:
    from khlong.people.actor import account_actor

    made = save_indicator(account_actor(coordinator), new_indicator(programme.node), words(None))
    assert (made.ref, made.city) == ("I-SCS-0001", None)
    with pytest.raises(Refused):
        save_indicator(cast.actors["member"], new_indicator(programme.node), words(None))


def test_the_second_saver_sees_the_first(plan: Plan) -> None:
    made = make(plan.city)
    save_indicator(SYSTEM, made, {"unit_th": "นาที"}, base=1)
    with pytest.raises(EditConflict) as caught:
        save_indicator(SYSTEM, made, {"unit_th": "วัน"}, base=1)
    assert caught.value.current == {"unit_th": "นาที"}


# --- rules and series -----------------------------------------------------------------------------


@pytest.fixture
def registries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "_providers", {})
    monkeypatch.setattr(values, "_series", [])


def test_a_rule_that_is_registered_can_be_chosen_and_found_again(plan: Plan, registries: None) -> None:
    rule = values.provider("test.seven", "เจ็ดเสมอ", lambda _i, _a, _b: Computed(Decimal(7), {"rows": 2}))
    made = make(plan.city, rule="test.seven")
    assert values.provider_of(made) is rule
    computed = rule.compute(made, date(2026, 1, 1), date(2026, 12, 31))
    assert computed == Computed(Decimal(7), {"rows": 2})
    assert values.provider_of(make(plan.city)) is None


def test_two_rules_of_one_name_are_a_fault_of_the_programme(registries: None) -> None:
    values.provider("test.seven", "x", lambda _i, _a, _b: None)
    with pytest.raises(RuntimeError, match=r"test\.seven"):
        values.provider("test.seven", "y", lambda _i, _a, _b: None)


def test_the_values_of_many_indicators_come_oldest_first_from_every_series(
    plan: Plan, registries: None
) -> None:
    one, two = make(plan.city), make(plan.city)
    new, old = (Point(date(year, 1, 1), date(year, 12, 31), Decimal(year - 2020)) for year in (2026, 2025))
    values.series(lambda _actor, _keys: {one.pk: [new]})
    values.series(lambda _actor, _keys: {one.pk: [old]})
    assert values.series_of(SYSTEM, [one, two]) == {one.pk: [old, new], two.pk: []}


def test_nothing_is_asked_where_there_is_no_indicator(registries: None) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("asked")

    values.series(never)
    assert values.series_of(SYSTEM, []) == {}


@pytest.mark.parametrize(("last", "target"), [(7, 6), (6, 6), (1, 0), (19, 19), (12, 14)])
def test_the_word_of_the_target_keeps_clear_of_the_number_at_the_last_value(last: int, target: int) -> None:
    indicator = Indicator(baseline=Decimal(19), baseline_year=2568, target=Decimal(target))
    point = Point(date(2026, 10, 1), date(2026, 10, 31), Decimal(last), "V", "/v/")
    plot = plot_of(indicator, [point])
    assert plot is not None
    assert abs(plot.target_word_y - plot.last.word_y) >= 14
    assert 10 <= plot.target_word_y <= 90

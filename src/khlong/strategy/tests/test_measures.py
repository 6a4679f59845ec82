"""What a measure is beyond its words: who writes it, what cannot stand, and the findings that it answers."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from khlong.chain.actions import keep_node, link, make_node
from khlong.chain.models import Edge, EdgeKind, Kind, Node
from khlong.chain.things import new_thing
from khlong.network.actions import save_organisation
from khlong.network.models import Organisation
from khlong.places.models import City, Source
from khlong.record.errors import EditConflict, Refused
from khlong.record.models import AuditEntry, SearchEntry
from khlong.strategy.actions import (
    StillNeeded,
    make_version,
    publish_plan,
    remove_item,
    resting_on,
    withdraw_plan,
)
from khlong.strategy.indicators import new_indicator, save_indicator
from khlong.strategy.measures import answer, detail_history, detail_of, save_measure
from khlong.strategy.models import Item, MeasureDetail, MeasureKind, Plan
from khlong.strategy.tests.makers import SYSTEM, group, make_finding, measure_of, whole_plan


@pytest.fixture
def plan(city: City, source: Source) -> Plan:
    return whole_plan(city, source)


@pytest.fixture
def measure(plan: Plan) -> Item:
    return measure_of(plan)


ALL: dict[str, Any] = {
    "kind": MeasureKind.ECOSYSTEM,
    "system": "คลองและตลาด",
    "land_use": "ที่ดินประเภทชุมชน",
    "drainage_path": "คลองไส้ไก่",
    "landowner": "กรมเจ้าท่า",
    "permission": "ขุดลอกลำน้ำจากกรมเจ้าท่า",
    "gains": "คนหลังตลาด 38 หลัง",
    "loses": "แผงค้า 4 แผง จัดที่ใหม่ให้ก่อน",
    "beyond": "ฝนเกิน 90 มม. น้ำล้นลงทุ่งท้ายเมือง",
    "from_year": 2569,
    "to_year": 2571,
    "cost_satang": 185_000_000,
    "cost_note": "ราคากลางปี 2568",
}


def test_all_that_a_measure_is_can_be_said_and_stands_in_history_audit_and_search(
    measure: Item, city: City, source: Source, cast: Any
) -> None:
    body = new_thing(Organisation, Kind.ORGANISATION, space=city.node)
    body = save_organisation(SYSTEM, body, {"name_th": "เทศบาลตำบลพะตง", "kind": "foundation"})
    people = group(city, source, "คนหลังตลาด")
    values = ALL | {"responsible": body, "cost_source": source}
    kept = save_measure(
        cast.actors["member"], detail_of(measure), values, links={"groups": [people]}, base=0, why="เวที 3"
    )
    again = MeasureDetail.objects.get(pk=measure.pk)
    assert {name: getattr(again, name) for name in values} == values
    assert list(again.groups.all()) == [people]
    (entry,) = detail_history(measure)
    assert (entry.by, entry.why, entry.number) == ("member", "เวที 3", kept.revision)
    assert len(entry.changes) == len(values) + 1
    line = AuditEntry.objects.get(action="strategy.measure.save")
    assert line.ref == measure.ref
    assert "landowner" in line.fields
    assert "กรมเจ้าท่า" not in str(line.__dict__)
    assert "กรมเจ้าท่า" in SearchEntry.objects.get(node=measure.pk).body


def test_the_second_saver_of_details_sees_the_first_and_nothing_is_lost(measure: Item, cast: Any) -> None:
    empty = detail_of(measure)
    first = save_measure(cast.actors["owner"], empty, {"landowner": "กรมเจ้าท่า"}, base=0)
    with pytest.raises(EditConflict) as caught:
        save_measure(cast.actors["member"], detail_of(measure), {"landowner": "เทศบาล"}, base=0)
    assert caught.value.current == {"landowner": "กรมเจ้าท่า"}
    assert (caught.value.revision, caught.value.by) == (first.revision, "owner")
    again = save_measure(
        cast.actors["member"], detail_of(measure), {"landowner": "เทศบาล"}, base=caught.value.revision
    )
    assert again.revision > first.revision
    changes = [[(c.before, c.after) for c in entry.changes] for entry in detail_history(measure)]
    assert changes == [[("กรมเจ้าท่า", "เทศบาล")], [("", "กรมเจ้าท่า")]]


def test_the_words_of_the_base_are_shown_to_who_came_second(measure: Item) -> None:
    first = save_measure(SYSTEM, detail_of(measure), {"gains": "ก"}, base=0)
    save_measure(SYSTEM, detail_of(measure), {"gains": "ข"}, base=first.revision)
    with pytest.raises(EditConflict) as caught:
        save_measure(SYSTEM, detail_of(measure), {"gains": "ค"}, base=first.revision)
    assert (caught.value.base["gains"], caught.value.current["gains"]) == ("ก", "ข")


def test_what_stands_already_is_not_written_again(measure: Item) -> None:
    save_measure(SYSTEM, detail_of(measure), {"gains": "ก"})
    save_measure(SYSTEM, detail_of(measure), {"gains": "ก"})
    assert AuditEntry.objects.filter(action="strategy.measure.save").count() == 1
    assert len(detail_history(measure)) == 1


BAD = [
    ({"from_year": 2570, "to_year": 2569}, "to_year"),
    ({"from_year": 2026}, "from_year"),
    ({"to_year": 12}, "to_year"),
    ({"cost_satang": -1, "cost_note": "x"}, "cost_satang"),
    ({"cost_satang": 100}, "cost_note"),
    ({"kind": "concrete"}, "kind"),
]


@pytest.mark.parametrize(("values", "field"), BAD)
def test_what_cannot_stand_is_named_at_its_field_and_nothing_is_written(
    measure: Item, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        save_measure(SYSTEM, detail_of(measure), values)
    assert set(caught.value.message_dict) == {field}
    assert not MeasureDetail.objects.exists()


def test_a_year_of_the_common_era_is_answered_with_the_year_that_was_meant(measure: Item) -> None:
    with pytest.raises(ValidationError, match="2569"):
        save_measure(SYSTEM, detail_of(measure), {"from_year": 2026})


def test_a_group_of_another_city_and_details_of_a_goal_are_refused(
    plan: Plan, measure: Item, other_city: City, source: Source
) -> None:
    theirs = group(other_city, source, "คนบ่อยาง")
    with pytest.raises(ValidationError) as caught:
        save_measure(SYSTEM, detail_of(measure), {"groups": [theirs]})
    assert "groups" in caught.value.message_dict
    with pytest.raises(ValidationError):
        save_measure(SYSTEM, detail_of(measure_of(plan, "ตลาดไม่ท่วม")), {"gains": "ทุกคน"})


@pytest.mark.parametrize("name", ["anonymous", "observer", "stranger"])
def test_only_the_working_group_says_what_a_measure_is(measure: Item, cast: Any, name: str) -> None:
    with pytest.raises(Refused):
        save_measure(cast.actors[name], detail_of(measure), {"gains": "x"})
    assert not MeasureDetail.objects.exists()


# --- the findings that it answers -----------------------------------------------------------------


def ups(item: Item) -> list[str]:
    return sorted(Edge.objects.filter(down=item.pk).values_list("up__title_th", flat=True))


def test_the_findings_answered_are_linked_and_those_no_longer_chosen_are_not(
    measure: Item, city: City
) -> None:
    one, two, three = (make_finding(city, text) for text in ("หนึ่ง", "สอง", "สาม"))
    save_measure(SYSTEM, detail_of(measure), {}, findings=[one, two])
    assert ups(measure) == ["สอง", "หนึ่ง"]
    save_measure(SYSTEM, detail_of(measure), {}, findings=[two, three])
    assert ups(measure) == ["สอง", "สาม"]
    save_measure(SYSTEM, detail_of(measure), {"gains": "x"})
    assert ups(measure) == ["สอง", "สาม"]
    assert set(Edge.objects.values_list("kind", flat=True)) == {EdgeKind.RESTS_ON}


def test_a_finding_of_another_city_is_not_answered_here_and_nothing_of_the_form_is_kept(
    measure: Item, other_city: City, cast: Any
) -> None:
    theirs = make_finding(other_city)
    with pytest.raises(Refused):
        save_measure(cast.actors["member"], detail_of(measure), {"gains": "x"}, findings=[theirs])
    assert not MeasureDetail.objects.exists()


def test_a_finding_that_the_writer_may_not_see_stays_linked(
    measure: Item, other_city: City, cast: Any
) -> None:
    hidden = make_finding(other_city, "ลับ", hidden=True)
    link(SYSTEM, hidden, measure.node, EdgeKind.RESTS_ON, across=True)
    answer(cast.actors["member"], measure.node, [])
    assert ups(measure) == ["ลับ"]


# --- leaving out ----------------------------------------------------------------------------------


def came_of(measure: Item, kind: Kind, title: str) -> Node:
    made = keep_node(make_node(kind, space=measure.node.space, title_th=title))
    link(SYSTEM, measure.node, made, EdgeKind.LEADS_TO)
    return made


@pytest.mark.parametrize("kind", [Kind.PROPOSAL, Kind.PILOT, Kind.INDICATOR])
def test_what_others_rest_on_is_left_out_only_with_a_reason(measure: Item, cast: Any, kind: Kind) -> None:
    below = came_of(measure, kind, "ข้อเสนอต่อเทศบาล")
    with pytest.raises(StillNeeded, match=below.ref) as caught:
        remove_item(cast.actors["member"], measure)
    assert caught.value.nodes == [below]
    with pytest.raises(StillNeeded):
        remove_item(cast.actors["member"], measure, anyway=True, why=" ")
    assert not Item.objects.get(pk=measure.pk).removed
    remove_item(cast.actors["member"], measure, anyway=True, why="เทศบาลทำแล้ว")
    assert Item.objects.get(pk=measure.pk).removed
    assert Edge.objects.filter(down=below).exists()


def test_an_answered_suggestion_alone_does_not_hold_a_measure(measure: Item) -> None:
    came_of(measure, Kind.SUGGESTION, "ขอเว้นหน้าท่า")
    assert resting_on(SYSTEM, measure) == []
    assert remove_item(SYSTEM, measure).removed


def test_who_may_not_write_is_refused_before_being_told_what_rests_there(measure: Item, cast: Any) -> None:
    came_of(measure, Kind.PILOT, "ลับ")
    for name in ("anonymous", "stranger", "observer"):
        with pytest.raises(Refused) as caught:
            remove_item(cast.actors[name], measure)
        assert not isinstance(caught.value, StillNeeded)


def test_an_indicator_of_a_measure_is_shown_and_hidden_with_the_plan(plan: Plan, measure: Item) -> None:
    made = save_indicator(
        SYSTEM,
        new_indicator(plan.city.node, measure),
        {"name_th": "ชั่วโมงที่น้ำขัง", "unit_th": "ชั่วโมง", "city": plan.city, "item": measure},
    )
    seen = Node.objects.filter(pk=made.pk, visibility="public")
    assert not seen.exists()
    make_version(SYSTEM, plan)
    assert seen.exists()
    withdraw_plan(SYSTEM, plan)
    assert not seen.exists()
    publish_plan(SYSTEM, plan)
    assert seen.exists()

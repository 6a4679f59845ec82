"""Saving a thing: its history, the check that nobody else saved first, and nothing for nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from khlong.chain.models import Kind, Node, ThingRevision, Visibility
from khlong.chain.tests.folder import model
from khlong.chain.tests.things import SYSTEM, new_community, save_community
from khlong.chain.things import new_thing, plain
from khlong.record.actions import registered
from khlong.record.errors import EditConflict, Refused
from khlong.record.models import AuditEntry
from khlong.thai.dates import Span


@pytest.fixture
def village(city: Any, source: Any) -> Any:
    return new_community(city, source, "บ้านหลบมุม")


def again(thing: Any) -> Any:
    return type(thing).objects.select_related("node").get(pk=thing.pk)


def test_a_new_thing_has_its_node_its_first_revision_and_one_line_in_the_audit(village: Any) -> None:
    assert (village.ref, village.revision, village.node.title_th) == ("B-PTG-0001", 1, "บ้านหลบมุม")
    row = village.node.revisions.get()
    assert (row.number, row.by, row.changed) == (1, "test", ["city", "name_th", "source"])
    assert row.values["name_th"] == "บ้านหลบมุม"
    assert row.values["city"]["pk"] == str(village.city_id)
    line = AuditEntry.objects.get(ref=village.ref)
    assert (line.action, line.space, line.fields) == ("places.community.save", village.space_id, row.changed)


def test_a_change_makes_the_next_revision_and_names_the_fields_that_changed(village: Any, cast: Any) -> None:
    values = {"name_th": "บ้านหลบมุม", "name_en": "Ban Lop Mum"}
    kept = save_community(village, values, cast.actors["member"], base=1, why="ชื่ออังกฤษ")
    assert kept.revision == again(village).revision == 2
    row = village.node.revisions.get(number=2)
    assert (row.by, row.changed, row.why) == ("member", ["name_en"], "ชื่ออังกฤษ")
    assert AuditEntry.objects.filter(ref=village.ref).first().fields == ["name_en"]  # type: ignore[union-attr]


def test_a_change_of_one_field_keeps_the_others_in_the_history(village: Any) -> None:
    save_community(village, {"name_en": "Ban Lop Mum"})
    values = village.node.revisions.get(number=2).values
    assert values["name_th"] == "บ้านหลบมุม"
    assert values["name_en"] == "Ban Lop Mum"


def test_the_title_of_the_node_follows_the_name_in_both_languages(village: Any) -> None:
    save_community(village, {"name_th": "บ้านม่วงก็อง", "name_en": "Ban Muang Kong"})
    node = Node.objects.get(pk=village.pk)
    assert node.title == "บ้านม่วงก็อง"
    with override("en"):
        assert node.title == "Ban Muang Kong"
    assert node.sort_key != Node(title_th="บ้านหลบมุม").sort_key


def test_thai_is_shown_where_there_is_no_english(village: Any) -> None:
    with override("en"):
        assert again(village).title == "บ้านหลบมุม"


def test_where_nothing_changed_nothing_is_written(village: Any, source: Any) -> None:
    before = AuditEntry.objects.count()
    with CaptureQueriesContext(connection) as queries:
        kept = save_community(village, {"name_th": "บ้านหลบมุม", "source": source}, base=1)
    words = ("INSERT", "UPDATE", "DELETE")
    assert [row["sql"] for row in queries.captured_queries if row["sql"].startswith(words)] == []
    assert (kept.revision, AuditEntry.objects.count()) == (1, before)
    assert village.node.revisions.count() == 1


def test_saving_a_city_unchanged_writes_nothing_either(city: Any) -> None:
    with CaptureQueriesContext(connection) as queries:
        registered()["places.city.save"](
            SYSTEM, city, {"name_th": "เมืองพะตง"}, links={"authorities": []}, base=1
        )
    assert [
        row["sql"] for row in queries.captured_queries if row["sql"].startswith(("INSERT", "UPDATE"))
    ] == []


def test_a_changed_list_is_a_change(city: Any) -> None:
    district = model("places.District").objects.create(
        code="9011", name_th="หาดใหญ่", name_en="Hat Yai", province_id="90"
    )
    save = registered()["places.city.save"]
    kept = save(SYSTEM, city, {}, links={"districts": [district]}, base=1)
    assert (kept.revision, list(kept.districts.all())) == (2, [district])
    row = city.node.revisions.get(number=2)
    assert (row.changed, row.values["districts"]) == (["districts"], [{"pk": "9011", "label": "หาดใหญ่"}])
    assert save(SYSTEM, city, {}, links={"districts": [district]}, base=2).revision == 2
    assert (kept.where_th, kept.where_en) == ("อำเภอหาดใหญ่ จังหวัดสงขลา", "Hat Yai district, Songkhla province")


def test_the_second_of_two_savers_is_told_what_stands_what_they_started_from_and_who_saved(
    village: Any, cast: Any
) -> None:
    save_community(village, {"name_th": "บ้านกลาง"}, cast.actors["owner"], base=1)
    with pytest.raises(EditConflict) as caught:
        save_community(village, {"name_th": "บ้านใต้"}, cast.actors["member"], base=1)
    conflict = caught.value
    assert conflict.current == {"name_th": "บ้านกลาง"}
    assert conflict.base["name_th"] == "บ้านหลบมุม"
    assert (conflict.by, conflict.revision) == ("owner", 2)
    assert again(village).name_th == "บ้านกลาง"
    assert village.node.revisions.count() == 2


def test_a_conflict_counts_by_revision_even_when_other_fields_were_changed(village: Any) -> None:
    save_community(village, {"name_en": "Ban Klang"}, base=1)
    with pytest.raises(EditConflict) as caught:
        save_community(village, {"name_th": "บ้านใต้"}, base=1)
    assert caught.value.current == {"name_th": "บ้านหลบมุม"}


def test_a_conflict_after_a_revision_that_never_was_has_no_base(village: Any) -> None:
    with pytest.raises(EditConflict) as caught:
        save_community(village, {"name_th": "บ้านใต้"}, base=99)
    assert caught.value.base == {}


def test_the_next_attempt_with_the_new_number_stands(village: Any) -> None:
    save_community(village, {"name_th": "บ้านกลาง"}, base=1)
    assert save_community(village, {"name_th": "บ้านใต้"}, base=2).revision == 3


def test_a_file_or_a_command_takes_what_stands(village: Any) -> None:
    save_community(village, {"name_th": "บ้านกลาง"})
    assert save_community(village, {"name_th": "บ้านใต้"}).revision == 3


def test_an_old_object_in_memory_does_not_overwrite_what_others_saved(village: Any) -> None:
    old = again(village)
    save_community(village, {"name_en": "Ban Klang"})
    save_community(old, {"name_th": "บ้านใต้"})
    assert (again(village).name_th, again(village).name_en) == ("บ้านใต้", "Ban Klang")


def test_what_cannot_stand_is_refused_by_field_and_leaves_no_trace(
    village: Any, city: Any, source: Any
) -> None:
    with pytest.raises(ValidationError) as caught:
        save_community(village, {"name_th": "", "valid_from": Span.year(2022), "valid_to": Span.year(2021)})
    assert set(caught.value.message_dict) == {"name_th", "valid_to"}
    with pytest.raises(ValidationError):
        new_community(city, source, "")
    assert (Node.objects.filter(kind=Kind.COMMUNITY).count(), again(village).revision) == (1, 1)


def test_a_thing_without_a_space_is_its_own(city: Any) -> None:
    assert city.space_id == city.pk
    assert new_thing(model("places.City"), Kind.CITY, space=None).node.space.ref == ""


def test_an_example_is_marked_on_its_node(city: Any, source: Any) -> None:
    assert new_community(city, source, "ตัวอย่าง", is_example=True).node.is_example


def test_a_name_longer_than_a_title_is_cut_on_the_node_only(city: Any, source: Any) -> None:
    fact = registered()["places.fact.save"]
    topic = model("places.FactTopic").objects.create(key="log", label_th="บันทึก", label_en="log")
    made = new_thing(model("places.Fact"), Kind.FACT, space=city.node)
    values = {"about": city.node, "topic": topic, "statement_th": "ก" * 900, "source": source, "mark": "A"}
    kept = fact(SYSTEM, made, values)
    assert len(kept.node.title_th) == 500
    assert len(again(kept).statement_th) == 900


PLAIN = [
    (Span.from_iso("2022-09-03/2022-09-04"), "2022-09-03/2022-09-04"),
    (Decimal("1200.5000"), "1200.5"),
    (Decimal("100"), "100"),
    ("ก", "ก"),
    (None, None),
    (True, True),
    ([Decimal("1.0"), Span.year(2022)], ["1", "2022"]),
]


@pytest.mark.parametrize(("value", "kept"), PLAIN, ids=lambda value: repr(value))
def test_values_stand_in_the_history_as_plain_text_and_numbers(value: Any, kept: Any) -> None:
    assert plain(value) == kept


def test_what_a_value_points_to_stands_there_by_key_and_name(source: Any) -> None:
    assert plain(source) == {"pk": "S10", "label": "สถาบันสิ่งแวดล้อมไทย (S10)"}


def test_withdrawing_and_publishing_is_noted_and_makes_no_revision(
    village: Any, city: Any, source: Any
) -> None:
    del village
    topic = model("places.FactTopic").objects.create(key="log", label_th="บันทึก", label_en="log")
    made = new_thing(model("places.Fact"), Kind.FACT, space=city.node)
    values = {"about": city.node, "topic": topic, "statement_th": "ก", "source": source, "mark": "A"}
    fact = registered()["places.fact.save"](SYSTEM, made, values)
    registered()["places.fact.withdraw"](SYSTEM, fact)
    assert again(fact).node.visibility == Visibility.MEMBERS
    registered()["places.fact.withdraw"](SYSTEM, fact)
    registered()["places.fact.publish"](SYSTEM, fact)
    assert again(fact).node.visibility == Visibility.PUBLIC
    actions = AuditEntry.objects.filter(ref=fact.ref).order_by("id").values_list("action", "fields")
    assert list(actions)[1:] == [
        ("places.fact.withdraw", ["visibility"]),
        ("places.fact.publish", ["visibility"]),
    ]
    assert ThingRevision.objects.filter(node=fact.node).count() == 1


def test_what_an_observer_may_read_they_may_not_change(village: Any, cast: Any) -> None:
    with pytest.raises(Refused):
        save_community(village, {"name_th": "บ้านใต้"}, cast.actors["observer"], base=1)
    assert again(village).revision == 1

"""A city taken to a hall and brought home: what both sides wrote is in the result or before a person."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from khlong.chain.actions import link, unlink
from khlong.chain.hall.merging import OURS, OWN, THEIRS, Unmerged
from khlong.chain.hall.models import HallEntry, HallTaken
from khlong.chain.hall.packing import NUMBERS
from khlong.chain.hall.plan import Outcome
from khlong.chain.models import Edge, EdgeKind, Kind, RefCounter, ThingRevision, Visibility
from khlong.chain.policies import node_filter
from khlong.chain.search import index
from khlong.chain.things import new_thing
from khlong.journal import actions as journal
from khlong.journal.models import Report
from khlong.people.actor import ANONYMOUS, Actor
from khlong.people.policy import Verb
from khlong.places import actions as places
from khlong.places.models import City, Community, Fact, Group, Source, Zone
from khlong.record.models import AuditEntry, SearchEntry
from khlong.record.search import find, words_of
from khlong.strategy import actions as strategy
from khlong.strategy.models import Item, ItemKind, Language, Passage
from khlong.web.tests.halls import Both
from khlong.web.tests.world import SYSTEM, World, build, fact_values


@pytest.fixture
def world(city: City, source: Source) -> World:
    return build(city.node, city, source)


@pytest.fixture
def both(world: World, city: City, cast: Any) -> Both:
    return Both(city, cast)


def again(thing: Any) -> Any:
    return type(thing)._base_manager.get(pk=thing.pk)


def rename(world: World, **values: Any) -> Any:
    return lambda actor: places.save_community(actor, again(world.community), values)


def say(world: World, text: str, lang: Language = Language.THAI) -> Any:
    return lambda actor: strategy.save_passage(actor, Passage.objects.get(item=world.item), lang, text)


def words_of_item(item: Item, lang: str = "th") -> str:
    found = Passage.objects.get(item=item).revisions.filter(lang=lang).order_by("number").last()
    return found.text if found else ""


def test_a_fact_written_in_the_hall_keeps_the_reference_that_stands_on_paper(
    both: Both, world: World
) -> None:
    refs: list[str] = []

    def write(actor: Actor) -> None:
        made = places.save_fact(
            actor, places.new_fact(again(world.city).node), fact_values(world.source, value=99)
        )
        refs.append(made.ref)

    both.meet(write)
    here = places.save_fact(both.owner, places.new_fact(world.city.node), fact_values(world.source, value=98))
    done = both.merge()
    found = Fact.objects.get(node__ref=refs[0])
    assert (done.new, done.renumbered) == (1, ())
    assert found.value == 99
    assert int(here.ref[-4:]) == int(refs[0][-4:]) + NUMBERS
    assert (
        places.save_fact(SYSTEM, places.new_fact(world.city.node), fact_values(world.source)).ref > here.ref
    )


def test_a_reference_that_both_sides_gave_is_renumbered_and_said(both: Both, world: World) -> None:
    def write(actor: Actor) -> None:
        places.save_fact(actor, places.new_fact(again(world.city).node), fact_values(world.source, value=99))

    both.meet(write)
    RefCounter.objects.filter(prefix="D-PTG").update(last=int(world.fact.ref[-4:]))
    here = places.save_fact(SYSTEM, places.new_fact(world.city.node), fact_values(world.source, value=98))
    done = both.merge()
    assert [theirs for theirs, _ours in done.renumbered] == [here.ref]
    assert Fact.objects.get(node__ref=done.renumbered[0][1]).value == 99
    assert Fact.objects.get(node__ref=here.ref).value == 98


def test_changes_of_different_fields_merge_by_themselves(both: Both, world: World) -> None:
    both.meet(rename(world, name_th="บ้านในที่ประชุม"))
    rename(world, name_en="Written on the server")(both.owner)
    done = both.merge()
    kept = again(world.community)
    assert (done.changed, kept.name_th, kept.name_en) == (1, "บ้านในที่ประชุม", "Written on the server")
    assert both.plan().is_done


def test_the_history_says_who_wrote_it_in_the_hall_and_who_brought_it_home(both: Both, world: World) -> None:
    def write(actor: Actor) -> None:
        places.save_community(actor, again(world.community), {"name_th": "ใหม่"}, why="ชาวบ้านเรียกอย่างนี้")

    both.meet(write)
    both.merge()
    last = ThingRevision.objects.filter(node=world.community.pk).first()
    assert last is not None
    assert last.by == "owner"
    assert last.why == "ในที่ประชุม · in the hall: member – ชาวบ้านเรียกอย่างนี้"
    line = AuditEntry.objects.filter(action="places.community.save").latest("pk")
    assert (line.actor, line.on_behalf_of) == ("owner", f"hall {both.hall.number}: member")


def test_the_audit_of_the_hall_is_carried_as_a_record_of_its_own(both: Both, world: World) -> None:
    both.meet(rename(world, name_th="ใหม่"))
    both.merge()
    both.merge()
    line = HallEntry.objects.get(action="places.community.save")
    assert (line.hall, line.actor, line.ref, line.fields) == (
        both.hall,
        "member",
        world.community.ref,
        ["name_th"],
    )
    with pytest.raises(TypeError):
        line.delete()
    with pytest.raises(TypeError):
        line.save()


@pytest.mark.parametrize(
    ("how", "text", "stands"),
    [(THEIRS, "", "ในที่ประชุม"), (OURS, "", "บนเครื่อง"), (OWN, "ทั้งสองฝ่ายตกลง", "ทั้งสองฝ่ายตกลง")],
)
def test_one_field_changed_on_both_sides_waits_for_a_person(
    both: Both, world: World, how: str, text: str, stands: str
) -> None:
    both.meet(rename(world, name_th="ในที่ประชุม", name_en="Hall"))
    rename(world, name_th="บนเครื่อง")(both.owner)
    done = both.merge()
    conflict = both.plan().conflicts[0]
    assert (done.changed, again(world.community).name_th) == (1, "บนเครื่อง")
    assert again(world.community).name_en == "Hall"
    assert (conflict.fields, conflict.theirs) == (("name_th",), ["ในที่ประชุม"])
    assert both.decide((conflict, how, text)) == 1
    assert again(world.community).name_th == stands
    assert both.plan().is_done
    before = AuditEntry.objects.count()
    both.merge()
    assert (again(world.community).name_th, AuditEntry.objects.count()) == (stands, before)
    assert HallTaken.objects.get(field="name_th").decided


def test_a_decision_is_not_taken_over_something_newer_than_what_was_shown(both: Both, world: World) -> None:
    both.meet(rename(world, name_th="ในที่ประชุม"))
    rename(world, name_th="บนเครื่อง")(both.owner)
    conflict = both.plan().conflicts[0]
    rename(world, name_th="แก้อีกครั้ง")(both.owner)
    with pytest.raises(ValidationError, match=r"meantime|ระหว่าง"):
        both.decide((conflict, THEIRS, ""))
    assert again(world.community).name_th == "แก้อีกครั้ง"


def test_decisions_are_written_together_or_not_at_all(both: Both, world: World) -> None:
    both.meet(rename(world, name_th="ในที่ประชุม", name_en="Hall"))
    rename(world, name_th="บนเครื่อง", name_en="Server")(both.owner)
    one, other = both.plan().conflicts
    with pytest.raises(ValidationError):
        both.decide((one, THEIRS, ""), (other, OWN, " "))
    assert again(world.community).name_th == "บนเครื่อง"
    assert len(both.plan().conflicts) == 2


def test_a_figure_and_its_unit_are_decided_as_one(both: Both, world: World) -> None:
    both.meet(lambda actor: places.save_fact(actor, again(world.fact), {"value": 13, "scope_th": "ทั้งเมือง"}))
    places.save_fact(both.owner, again(world.fact), {"qualifier": "about"})
    both.merge()
    (conflict,) = both.plan().conflicts
    kept = again(world.fact)
    assert conflict.fields == ("value", "qualifier")
    assert (kept.value, kept.qualifier, kept.scope_th) == (12, "about", "ทั้งเมือง")
    assert both.decide((conflict, THEIRS, "")) == 1
    assert (again(world.fact).value, again(world.fact).qualifier) == (13, "")


def test_the_same_file_twice_changes_nothing_even_after_later_changes_here(both: Both, world: World) -> None:
    both.meet(rename(world, name_th="ในที่ประชุม"))
    both.merge()
    rename(world, name_th="แก้ทีหลัง")(both.owner)
    before = AuditEntry.objects.count(), ThingRevision.objects.count()
    done = both.merge()
    assert (done.new, done.changed, again(world.community).name_th) == (0, 0, "แก้ทีหลัง")
    assert (AuditEntry.objects.count(), ThingRevision.objects.count()) == before
    assert both.plan().is_done


def test_trying_writes_nothing(both: Both, world: World) -> None:
    both.meet(rename(world, name_th="ในที่ประชุม"))
    file = both.receive()
    before = AuditEntry.objects.count()
    done = both.merge(try_only=True)
    assert done.changed == 1
    assert (again(world.community).name_th, AuditEntry.objects.count()) == (world.community.name_th, before)
    file.refresh_from_db()
    assert file.merged_at is None


def test_a_hall_that_goes_on_is_merged_again_from_where_it_was(both: Both, world: World) -> None:
    both.meet(rename(world, name_th="วันแรก"))
    both.merge()
    both.meet(rename(world, name_th="วันที่สอง"), rename(world, name_en="Second day"))
    assert both.merge().changed == 1
    kept = again(world.community)
    assert (kept.name_th, kept.name_en, both.plan().conflicts) == ("วันที่สอง", "Second day", [])


def test_words_of_a_plan_come_home_with_parts_links_and_order(both: Both, world: World) -> None:
    refs: list[str] = []

    def write(actor: Actor) -> None:
        say(world, "จัดการน้ำร่วมกันทั้งลุ่มน้ำ")(actor)
        plan, item = again(world.plan), again(world.item)
        first = strategy.add_item(actor, plan, ItemKind.STRATEGY, "ดูแลป่าต้นน้ำ", text_en="Forest")
        child = strategy.add_item(actor, plan, ItemKind.MEASURE, "ปลูกป่าชายเลน", parent=first)
        strategy.move_item(actor, first, up=True)
        link(actor, again(world.fact).node, child.node, EdgeKind.RESTS_ON)
        refs.extend([first.ref, child.ref, item.ref])

    both.meet(write)
    here = strategy.add_item(both.owner, world.plan, ItemKind.STRATEGY, "เตือนภัย")
    done = both.merge()
    first, child = (Item.objects.get(node__ref=ref) for ref in refs[:2])
    assert words_of_item(world.item) == "จัดการน้ำร่วมกันทั้งลุ่มน้ำ"
    assert (words_of_item(first, "en"), child.parent, done.renumbered) == ("Forest", first, ())
    assert Edge.objects.filter(up=world.fact.node, down=child.node).exists()
    top = Item.objects.filter(plan=world.plan, parent=None).order_by("order")
    assert [item.pk for item in top] == [first.pk, world.item.pk, here.pk]
    assert both.plan().is_done


def test_words_changed_on_both_sides_are_shown_side_by_side(both: Both, world: World) -> None:
    both.meet(say(world, "จัดการน้ำในที่ประชุม"))
    say(world, "จัดการน้ำบนเครื่อง")(both.owner)
    both.merge()
    (conflict,) = both.plan().conflicts
    assert conflict.may_be_rewritten
    assert both.decide((conflict, OWN, "จัดการน้ำที่ตกลงกัน")) == 1
    assert words_of_item(world.item) == "จัดการน้ำที่ตกลงกัน"
    texts = list(
        Passage.objects.get(item=world.item).revisions.filter(lang="th").values_list("text", flat=True)
    )
    assert "จัดการน้ำบนเครื่อง" in texts


@pytest.mark.parametrize("leaves", ["hall", "server"])
def test_a_part_left_out_on_one_side_and_rewritten_on_the_other_waits_for_a_person(
    both: Both, world: World, leaves: str
) -> None:
    def leave(actor: Actor) -> None:
        strategy.remove_item(actor, again(world.below))

    def rewrite(actor: Actor) -> None:
        strategy.save_passage(actor, Passage.objects.get(item=world.below), Language.THAI, "ขุดลอกทุกปี")

    both.meet(leave if leaves == "hall" else rewrite)
    (rewrite if leaves == "hall" else leave)(both.owner)
    both.merge()
    (conflict,) = both.plan().conflicts
    assert "removed" in conflict.fields
    assert again(world.below).removed is (leaves == "server")
    assert both.decide((conflict, THEIRS, "")) == 1
    assert again(world.below).removed is (leaves == "hall")
    assert words_of_item(world.below) == "ขุดลอกทุกปี"
    assert both.plan().is_done


def test_a_link_taken_away_in_the_hall_goes_here_too_and_stays_away(
    both: Both, world: World, city: City, cast: Any
) -> None:
    link(SYSTEM, world.fact.node, world.plan.node, EdgeKind.RESTS_ON)
    taken = Both(city, cast)
    taken.meet(lambda actor: unlink(actor, Edge.objects.get(down=world.plan.pk)))
    assert taken.merge().gone == 1
    assert not Edge.objects.filter(down=world.plan.pk).exists()
    link(SYSTEM, world.fact.node, world.plan.node, EdgeKind.RESTS_ON)
    assert taken.merge().gone == 0
    assert Edge.objects.filter(down=world.plan.pk).exists()


def test_rows_numbered_by_both_sides_are_kept_apart(both: Both, world: World) -> None:
    def write(actor: Actor) -> None:
        made = places.save_zone(
            actor, Zone(community=again(world.community)), {"name_th": "โซนในที่ประชุม", "source": world.source}
        )
        numbers.append(made.pk)

    numbers: list[int] = []
    both.meet(write)
    here = places.save_zone(
        SYSTEM, Zone(community=world.community), {"name_th": "โซนบนเครื่อง", "source": world.source}
    )
    assert numbers == [here.pk]
    assert both.merge().new == 1
    assert {zone.name_th for zone in world.community.zones.all()} == {"โซน 1", "โซนในที่ประชุม", "โซนบนเครื่อง"}
    assert both.merge().new == 0


def test_a_source_of_the_same_number_gets_another_and_its_facts_follow(both: Both, world: World) -> None:
    def write(actor: Actor) -> None:
        fact = places.new_fact(again(world.city).node)
        said = Source(publisher_th="ผู้เฒ่าในที่ประชุม")
        places.save_fact_with_source(actor, fact, fact_values(world.source, value=7), new_source=said)

    both.meet(write)
    mine = Source(publisher_th="กรมชลประทาน")
    places.save_fact_with_source(
        both.owner, places.new_fact(world.city.node), fact_values(world.source, value=8), new_source=mine
    )
    both.merge()
    rows = Fact.objects.filter(value__in=(7, 8)).order_by("value")
    assert [(fact.source.key, fact.source.publisher_th) for fact in rows] == [
        ("N0002", "ผู้เฒ่าในที่ประชุม"),
        ("N0001", "กรมชลประทาน"),
    ]


def test_what_was_withdrawn_or_published_in_the_hall_is_so_here(both: Both, world: World) -> None:
    both.meet(lambda actor: places.withdraw_fact(actor, again(world.fact)))
    assert both.merge().changed == 1
    assert again(world.fact).node.visibility == Visibility.MEMBERS
    assert both.merge().changed == 0


def test_the_search_finds_what_came_home(both: Both, world: World) -> None:
    both.meet(rename(world, name_th="บ้านทุ่งลุงริมคลอง"))
    both.merge()
    entry = SearchEntry.objects.get(node=world.community.pk)
    before = entry.words
    index(world.community.pk)
    entry.refresh_from_db()
    assert entry.words == before
    assert find(words_of("ทุ่งลุงริมคลอง"), node_filter(ANONYMOUS, Verb.VIEW)).total == 1


def test_what_cannot_be_written_stops_everything_until_a_person_leaves_it_out(
    both: Both, world: World
) -> None:
    def write(actor: Actor) -> None:
        places.save_group(
            actor, Group(city=again(world.city)), {"name_th": "ชาวประมง", "source": world.source}
        )
        rename(world, name_th="ในที่ประชุม")(actor)

    both.meet(write)
    places.save_group(SYSTEM, Group(city=world.city), {"name_th": "ชาวประมง", "source": world.source})
    with pytest.raises(Unmerged) as raised:
        both.merge()
    assert again(world.community).name_th == world.community.name_th
    (problem,) = raised.value.problems
    assert (problem.row.title, problem.row.outcome) == ("ชาวประมง", Outcome.NEW)
    done = both.merge(leave={problem.row.id})
    assert (done.changed, done.left, again(world.community).name_th) == (1, 1, "ในที่ประชุม")
    assert [row.id for row in both.plan().writing] == [problem.row.id]


def test_what_refers_to_something_left_out_cannot_be_written_either(both: Both, world: World) -> None:
    def write(actor: Actor) -> None:
        made = places.save_community(
            actor,
            new_thing(Community, Kind.COMMUNITY, space=again(world.city).node),
            {"city": again(world.city), "name_th": "บ้านใหม่", "source": world.source},
        )
        places.save_fact(actor, places.new_fact(made.node), fact_values(world.source, value=5))

    both.meet(write)
    community = next(row for row in both.plan().writing if row.document.name == "places.community")
    with pytest.raises(Unmerged) as raised:
        both.merge(leave={community.id})
    assert [problem.row.document.name for problem in raised.value.problems] == ["places.fact"]
    assert both.merge().new == 2


def test_what_stays_in_the_hall_is_named(both: Both, world: World) -> None:
    def write(actor: Actor) -> None:
        say(world, "จัดการน้ำใหม่")(actor)
        strategy.make_version(actor, again(world.plan), note="ร่างจากที่ประชุม")

    both.meet(write)
    ((words, count),) = both.plan().staying
    assert count == 1
    assert str(words)


def test_a_report_goes_along_with_its_photos_and_comes_home(world: World, city: City, cast: Any) -> None:
    made = new_thing(Report, Kind.REPORT, space=city.node, visibility=Visibility.MEMBERS)
    report = journal.save_report(
        SYSTEM, made, {"name_th": "เดินคลอง", "text_th": "เดิน"}, links={"cities": [city]}
    )
    photo = [{"file": str(world.photo.pk), "alt_th": "คลอง"}]
    Report.objects.filter(pk=report.pk).update(photos=photo)
    both = Both(city, cast)
    seen: list[Any] = []

    def write(actor: Actor) -> None:
        seen.append(again(report).photos)
        journal.save_report(actor, again(report), {"text_th": "เดินด้วยกันทั้งเมือง"})
        fresh = new_thing(Report, Kind.REPORT, space=again(city).node, visibility=Visibility.MEMBERS)
        journal.save_report(
            actor, fresh, {"name_th": "เก็บขยะ", "text_th": "เก็บ"}, links={"cities": [again(city)]}
        )

    both.meet(write)
    done = both.merge()
    assert seen == [photo]
    assert (done.new, done.changed) == (1, 1)
    assert (again(report).text_th, again(report).photos) == ("เดินด้วยกันทั้งเมือง", photo)
    assert [each.slug for each in Report.objects.get(name_th="เก็บขยะ").cities.all()] == ["phatong"]
    assert both.plan().is_done

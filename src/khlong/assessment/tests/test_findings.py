"""A finding stands with its why, its evidence and who checked it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import override

from khlong.assessment import gaps, waits
from khlong.assessment.actions import (
    Ground,
    publish_finding,
    save_finding,
    unvalidate_finding,
    validate_finding,
    withdraw_finding,
)
from khlong.assessment.models import Cause, Finding
from khlong.assessment.whys import lines, tree
from khlong.chain.actions import link, unlink
from khlong.chain.models import Edge, EdgeKind, Kind, Node, ThingRevision, Visibility
from khlong.chain.things import new_thing
from khlong.network.actions import save_meeting
from khlong.network.models import Meeting, Programme
from khlong.people.actor import ANONYMOUS, system_actor
from khlong.people.policy import scope
from khlong.places.actions import new_fact, publish_fact, save_fact, save_group, withdraw_fact
from khlong.places.models import City, Fact, Group
from khlong.privacy.actions import withdraw_everything
from khlong.record.errors import EditConflict, Refused
from khlong.record.files import keep_file
from khlong.record.models import SearchEntry
from khlong.record.tests import drawn
from khlong.register.tests.makers import fact_values, household_of
from khlong.thai.dates import Span

SYSTEM = system_actor("test")
DAY = date(2026, 3, 28)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Any:
    with override("en"):
        yield


def step(th: str, explains: int | None = None, *, root: bool = False) -> dict[str, Any]:
    return {"th": th, "en": "", "explains": explains, "underlying": root}


WHY = [step("ปากท่อต่ำ"), step("ถนนปิดคลองไส้ไก่", 0), step("คลองไม่มีใครขึ้นทะเบียน", 1, root=True)]


def finding(city: City, actor: Any = SYSTEM, *, hidden: bool = False, **more: Any) -> Finding:
    ground = Ground(more.pop("evidence", ()), more.pop("across", ()))
    options = {"links": more.pop("links")} if "links" in more else {}
    values = {"city": city, "statement_th": "น้ำเข้าบ้านก่อนคลองล้น", "confidence": "medium", "chain": WHY}
    visibility = Visibility.MEMBERS if hidden else Visibility.PUBLIC
    unsaved = new_thing(Finding, Kind.FINDING, space=city.node, visibility=visibility)
    return save_finding(actor, unsaved, values | more, ground=ground, **options)


@pytest.fixture
def fact(city: City, source: Any) -> Fact:
    return save_fact(SYSTEM, new_fact(city.node), fact_values(source))


@pytest.fixture
def meeting(city: City, source: Any) -> Meeting:
    values = {"name_th": "เวทีคืนข้อมูล", "source": source, "date": Span.day(DAY)}
    return save_meeting(SYSTEM, new_thing(Meeting, Kind.MEETING, space=city.node), values)


def at(error: Any, field: str) -> str:
    return " ".join(error.value.message_dict[field])


# --- the why ------------------------------------------------------------------------------


def test_the_why_is_kept_as_a_tree_that_reads_downwards(city: City) -> None:
    made = finding(city)
    rows = list(made.causes.all())
    assert [row.explains_id for row in rows] == [None, rows[0].pk, rows[1].pk]
    assert [line.cause.text for line in lines(rows)] == ["ปากท่อต่ำ", "ถนนปิดคลองไส้ไก่", "คลองไม่มีใครขึ้นทะเบียน"]
    assert [line.depth for line in lines(rows)] == [0, 0, 0]


def test_branches_of_the_why_stand_deeper_than_what_they_explain(city: City) -> None:
    made = finding(city, chain=[step("ก"), step("ข", 0), step("ค", 0, root=True)])
    found = lines(made.causes.all())
    assert [(line.cause.text, line.depth) for line in found] == [("ก", 0), ("ข", 1), ("ค", 1)]
    assert len(tree(made.causes.all())) == 1


def test_a_step_may_explain_one_that_is_written_below_it(city: City) -> None:
    made = finding(city, chain=[step("ล่าง", 1, root=True), step("บน")])
    assert [line.cause.text for line in lines(made.causes.all())] == ["บน", "ล่าง"]


@pytest.mark.parametrize(
    ("chain", "words"),
    [
        ([step("ก", 1), step("ข", 0, root=True)], "Steps 1, 2 explain one another in a circle"),
        ([step("ก", 0, root=True)], "Steps 1 explain one another"),
        ([step("ก"), step("ข", 2), step("ค", 3), step("ง", 1, root=True)], "Steps 2, 3, 4"),
        ([step("ก"), step("ข", 0)], "at least one step as an underlying cause"),
        ([step("ก", 7, root=True)], "one that is not there"),
        ([step("  ", root=True)], "Write each step in Thai"),
        ([step("ก" * 501, root=True)], "at most 500 letters"),
        ([step("ก", root=True)] * 31, "at most 30 steps"),
    ],
)
def test_a_why_that_cannot_stand_is_told_and_nothing_is_kept(city: City, chain: Any, words: str) -> None:
    with pytest.raises(ValidationError) as error:
        finding(city, chain=chain)
    assert words in at(error, "chain")
    assert not Finding.objects.exists()
    assert not Cause.objects.exists()


def test_a_finding_without_a_why_may_stand_and_is_a_dry_stretch(city: City) -> None:
    made = finding(city, chain=[])
    assert made.node in gaps.without_cause()


def test_the_history_keeps_the_why_and_a_slower_writer_sees_that_it_changed(city: City) -> None:
    made = finding(city)
    save_finding(SYSTEM, made, {"chain": [step("อย่างอื่น", root=True)]}, base=1)
    assert ThingRevision.objects.get(node=made.pk, number=2).changed == ["chain"]
    assert ThingRevision.objects.get(node=made.pk, number=1).values["chain"][0]["th"] == "ปากท่อต่ำ"
    with pytest.raises(EditConflict):
        save_finding(SYSTEM, Finding.objects.get(pk=made.pk), {"chain": WHY}, base=1)
    assert [row.text_th for row in Finding.objects.get(pk=made.pk).causes.all()] == ["อย่างอื่น"]


def test_saving_the_same_why_again_is_no_change(city: City) -> None:
    made = finding(city)
    assert save_finding(SYSTEM, Finding.objects.get(pk=made.pk), {"chain": WHY}).revision == 1


# --- what it rests on ---------------------------------------------------------------------


def test_households_facts_events_and_meetings_of_the_city_are_evidence(
    city: City, fact: Fact, meeting: Meeting
) -> None:
    said = household_of(city)["statement"]
    made = finding(city, evidence=[said.node, fact.node, meeting.node])
    edges = Edge.objects.filter(down=made.pk)
    assert set(edges.values_list("up", flat=True)) == {said.pk, fact.pk, meeting.pk}
    assert {edge.kind for edge in edges} == {EdgeKind.RESTS_ON}


def test_what_belongs_to_the_programme_is_evidence_in_every_city(
    city: City, programme: Programme, source: Any
) -> None:
    common = save_fact(SYSTEM, new_fact(programme.node, space=programme.node), fact_values(source))
    assert finding(city, evidence=[common.node])


def test_evidence_of_another_city_is_refused_in_words_unless_it_is_said_to_go_across(
    city: City, other_city: City, source: Any
) -> None:
    theirs = save_fact(SYSTEM, new_fact(other_city.node), fact_values(source))
    with pytest.raises(ValidationError) as error:
        finding(city, evidence=[theirs.node])
    assert theirs.ref in at(error, "evidence")
    assert "another city" in at(error, "evidence")
    assert not Finding.objects.exists()
    made = finding(city, across=[theirs.node])
    assert Edge.objects.get(down=made.pk).across


def test_what_is_no_evidence_is_named(city: City) -> None:
    with pytest.raises(ValidationError) as error:
        finding(city, evidence=[city.node])
    assert "C-PTG is no evidence" in at(error, "evidence")


def test_places_and_groups_of_another_city_are_refused(city: City, other_city: City, source: Any) -> None:
    theirs = save_group(SYSTEM, Group(city=other_city), {"name_th": "คนดั้งเดิม", "source": source})
    with pytest.raises(ValidationError) as error:
        finding(city, links={"groups": [theirs]})
    assert "another city" in at(error, "groups")


def test_a_city_keeps_no_finding_of_another(city: City, other_city: City) -> None:
    unsaved = new_thing(Finding, Kind.FINDING, space=city.node)
    with pytest.raises(Refused, match="cannot be kept by another"):
        save_finding(SYSTEM, unsaved, {"city": other_city, "statement_th": "ก", "confidence": "low"})


def test_photos_and_documents_need_words_and_are_public_with_the_finding(city: City) -> None:
    file = keep_file(SYSTEM, drawn.upload(drawn.png((12, 9)), "w.png"), space=city.pk)
    with pytest.raises(ValidationError) as error:
        finding(city, papers=[{"file": str(file.pk), "caption_th": " "}])
    assert "what each file shows" in at(error, "papers")
    made = finding(city, hidden=True, papers=[{"file": str(file.pk), "caption_th": "คราบน้ำ"}])
    file.refresh_from_db()
    assert file.visibility == "members"
    publish_finding(SYSTEM, made)
    file.refresh_from_db()
    assert file.visibility == "public"
    assert made.node not in gaps.without_evidence()


def test_a_file_of_another_city_is_not_put_into_a_finding(city: City, other_city: City) -> None:
    theirs = keep_file(SYSTEM, drawn.upload(drawn.png((12, 9)), "w.png"), space=other_city.pk)
    with pytest.raises(ValidationError) as error:
        finding(city, papers=[{"file": str(theirs.pk), "caption_th": "คราบน้ำ"}])
    assert "not there any more" in at(error, "papers")


def test_a_fact_on_which_a_finding_rests_is_not_taken_back_under_it(city: City, fact: Fact) -> None:
    made = finding(city, evidence=[fact.node])
    with pytest.raises(Refused, match=made.ref):
        withdraw_fact(SYSTEM, fact)
    assert Node.objects.get(pk=fact.pk).visibility == Visibility.PUBLIC
    unlink(SYSTEM, Edge.objects.get(up=fact.pk))
    withdraw_fact(SYSTEM, fact)
    publish_fact(SYSTEM, fact)


def test_a_household_that_withdraws_leaves_a_link_and_a_dry_stretch(city: City) -> None:
    around = household_of(city)
    made = finding(city, evidence=[around["statement"].node])
    assert made.node not in gaps.without_evidence()
    withdraw_everything(SYSTEM, around["household"].subject)
    assert Edge.objects.filter(down=made.pk).exists()
    assert made.node in gaps.without_evidence()


def test_what_a_household_said_waits_for_a_finding(city: City) -> None:
    said = household_of(city)["statement"]
    assert said.node in gaps.statements_unused()
    finding(city, evidence=[said.node])
    assert said.node not in gaps.statements_unused()


# --- checking -----------------------------------------------------------------------------


def test_a_meeting_checks_a_finding_and_it_waits_no_longer(
    city: City, cast: Any, fact: Fact, meeting: Meeting
) -> None:
    made = finding(city, evidence=[fact.node])
    member = cast.actors["member"]
    assert made in waits.unchecked(member)
    assert made.node in gaps.not_validated()
    kept = validate_finding(member, made, meeting, DAY)
    assert (kept.validated_in, kept.validated_on) == (meeting, DAY)
    assert made not in waits.unchecked(member)
    assert made.node not in gaps.not_validated()
    assert waits.unchecked(cast.actors["stranger"]).count() == 0


def test_without_an_underlying_cause_or_evidence_it_is_not_checked(
    city: City, fact: Fact, meeting: Meeting
) -> None:
    with pytest.raises(Refused, match="underlying cause"):
        validate_finding(SYSTEM, finding(city, chain=[], evidence=[fact.node]), meeting, DAY)
    with pytest.raises(Refused, match="evidence"):
        validate_finding(SYSTEM, finding(city), meeting, DAY)


@pytest.mark.parametrize("day", [DAY - timedelta(days=1), timezone.localdate() + timedelta(days=2)])
def test_a_day_on_which_the_meeting_was_not_is_told_at_its_field(
    city: City, fact: Fact, meeting: Meeting, day: date
) -> None:
    with pytest.raises(ValidationError) as error:
        validate_finding(SYSTEM, finding(city, evidence=[fact.node]), meeting, day)
    assert "day" in error.value.message_dict


def test_a_meeting_of_another_city_checks_nothing_here(
    city: City, other_city: City, fact: Fact, source: Any
) -> None:
    unsaved = new_thing(Meeting, Kind.MEETING, space=other_city.node)
    theirs = save_meeting(SYSTEM, unsaved, {"name_th": "ประชุม", "source": source})
    with pytest.raises(ValidationError) as error:
        validate_finding(SYSTEM, finding(city, evidence=[fact.node]), theirs, DAY)
    assert "not one of the city" in at(error, "meeting")


def test_the_check_is_taken_back_with_a_reason_that_the_history_keeps(
    city: City, fact: Fact, meeting: Meeting
) -> None:
    made = validate_finding(SYSTEM, finding(city, evidence=[fact.node]), meeting, DAY)
    with pytest.raises(ValidationError) as error:
        unvalidate_finding(SYSTEM, made, "  ")
    assert "reason" in error.value.message_dict
    kept = unvalidate_finding(SYSTEM, made, "คนหลังตลาดไม่ได้มา")
    assert not kept.is_checked
    assert ThingRevision.objects.filter(node=made.pk).first().why == "คนหลังตลาดไม่ได้มา"  # type: ignore[union-attr]
    with pytest.raises(Refused):
        unvalidate_finding(SYSTEM, kept, "อีกครั้ง")


def test_changing_what_was_checked_is_asked_about_and_takes_the_check_back(
    city: City, fact: Fact, meeting: Meeting
) -> None:
    made = validate_finding(SYSTEM, finding(city, evidence=[fact.node]), meeting, DAY)
    with pytest.raises(ValidationError) as error:
        save_finding(SYSTEM, made, {"statement_th": "อีกอย่าง"})
    assert "takes the check back" in at(error, "sure")
    assert save_finding(SYSTEM, made, {"confidence": "high"}).is_checked
    assert not save_finding(
        SYSTEM, Finding.objects.get(pk=made.pk), {"statement_th": "อีกอย่าง"}, sure=True
    ).is_checked


def test_a_checked_finding_keeps_something_that_it_rests_on(city: City, fact: Fact, meeting: Meeting) -> None:
    made = validate_finding(SYSTEM, finding(city, evidence=[fact.node]), meeting, DAY)
    edge = Edge.objects.select_related("up", "down").get(down=made.pk)
    with pytest.raises(Refused, match=made.ref):
        unlink(SYSTEM, edge)
    with pytest.raises(ValidationError) as error:
        save_finding(SYSTEM, made, {}, ground=Ground(let_go=[edge]))
    assert "without evidence" in at(error, "evidence")
    save_finding(SYSTEM, made, {}, ground=Ground([meeting.node], let_go=[edge]))
    assert Edge.objects.get(down=made.pk).up_id == meeting.pk


# --- who sees it --------------------------------------------------------------------------


def test_a_finding_is_taken_back_only_after_asking_when_public_things_rest_on_it(
    city: City, fact: Fact
) -> None:
    made = finding(city)
    link(SYSTEM, made.node, fact.node, EdgeKind.RESTS_ON)
    with pytest.raises(Refused, match=fact.ref):
        withdraw_finding(SYSTEM, made)
    withdraw_finding(SYSTEM, made, sure=True)
    assert not scope(ANONYMOUS, Finding.objects.all()).exists()


def test_findings_are_found_by_their_words_and_their_why(city: City) -> None:
    made = finding(city)
    entry = SearchEntry.objects.get(node=made.pk)
    assert "น้ำเข้าบ้าน" in entry.body
    assert "คลองไม่มีใครขึ้นทะเบียน" in entry.body
    save_finding(SYSTEM, made, {"chain": [step("ท่อตัน", root=True)]})
    assert "ท่อตัน" in SearchEntry.objects.get(node=made.pk).body


@pytest.mark.parametrize("who", ["observer", "stranger", "anonymous", "coordinator"])
def test_who_does_not_write_in_the_city_writes_no_finding(
    city: City, cast: Any, coordinator: Any, who: str
) -> None:
    from khlong.people.actor import account_actor

    actor = account_actor(coordinator) if who == "coordinator" else cast.actors[who]
    with pytest.raises(Refused):
        finding(city, actor)
    assert not Finding.objects.exists()

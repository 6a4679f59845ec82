from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from khlong.adoption import actions
from khlong.adoption.models import Adoption, BudgetLine, Proposal, Step, budget_of
from khlong.adoption.queries import overdue, without_page
from khlong.adoption.states import following
from khlong.adoption.tests.makers import SYSTEM, a_measure, fresh, propose, step
from khlong.adoption.waits import late_replies, replies
from khlong.chain.models import Edge, EdgeKind
from khlong.network.models import Organisation
from khlong.places.models import City, Source
from khlong.record.errors import Refused
from khlong.strategy import actions as strategy
from khlong.strategy.models import Item, ItemKind


def said(error: pytest.ExceptionInfo[ValidationError], field: str) -> str:
    return " ".join(error.value.message_dict[field])


# --- made from a measure ----------------------------------------------------------------------------


def test_a_proposal_follows_from_its_measure(proposal: Proposal, measure: Item) -> None:
    assert Edge.objects.filter(up=measure.node, down=proposal.node, kind=EdgeKind.LEADS_TO).exists()
    assert proposal.ref.startswith("P-PTG-")


def test_another_measure_takes_the_place_of_the_old_one(
    proposal: Proposal, measure: Item, city: City, source: Source
) -> None:
    other = a_measure(city, source)
    actions.save_proposal(SYSTEM, fresh(proposal), {"measure": other})
    assert [edge.up_id for edge in Edge.objects.filter(down=proposal.node)] == [other.pk]


def test_a_measure_of_another_city_is_refused_in_words(
    city: City, other_city: City, source: Source, municipality: Organisation
) -> None:
    theirs = a_measure(other_city, source)
    with pytest.raises(ValidationError) as error:
        propose(city, theirs, municipality)
    assert "another city" in said(error, "measure")
    assert not Proposal.objects.exists()


def test_a_part_of_a_plan_that_is_no_measure_is_refused_in_words(
    city: City, measure: Item, municipality: Organisation
) -> None:
    goal = strategy.add_item(SYSTEM, measure.plan, ItemKind.GOAL, "น้ำไม่ท่วมตลาด")
    with pytest.raises(ValidationError) as error:
        propose(city, goal, municipality)
    assert "no measure" in said(error, "measure")


def test_a_budget_year_outside_the_plan_is_refused_in_words_that_name_the_years(
    city: City, measure: Item, municipality: Organisation
) -> None:
    with pytest.raises(ValidationError) as error:
        propose(city, measure, municipality, budget=budget_of({2570: 100_00}))
    assert "2570 is outside the plan of 2571-2575" in said(error, "budget")
    older = propose(city, measure, municipality, plan_from=2566, budget=budget_of({2570: 100_00}))
    assert older.total == 100_00


def test_moving_to_another_plan_asks_for_the_years_again(proposal: Proposal) -> None:
    with pytest.raises(ValidationError) as error:
        actions.save_proposal(SYSTEM, fresh(proposal), {"plan_from": 2566})
    assert "2571 is outside the plan of 2566-2570" in said(error, "budget")


def test_the_history_tells_the_money_in_words(proposal: Proposal) -> None:
    kept = proposal.node.revisions.get(number=1).values["budget"]
    assert kept[0]["label"].startswith("2571: 500,000")


# --- steps ------------------------------------------------------------------------------------------


def test_a_step_brings_the_proposal_to_its_state_with_its_papers(proposal: Proposal) -> None:
    made = step(proposal, "submitted", letter_no="สค 12/2569", received_no="รับ 88")
    assert (made.number, fresh(proposal).state, made.is_informal) == (1, "submitted", False)


@pytest.mark.parametrize(
    ("before", "after", "asks"),
    [
        ("draft", "submitted", False),
        ("draft", "proclaimed", True),
        ("submitted", "support_draft", False),
        ("submitted", "committee", True),
        ("committee", "proclaimed", False),
        ("proclaimed", "submitted", True),
        ("submitted", "referred", False),
        ("cancelled", "draft", False),
        ("cancelled", "running", True),
    ],
)
def test_going_back_or_passing_by_asks_for_a_word_and_is_never_forbidden(
    proposal: Proposal, before: str, after: str, asks: bool
) -> None:
    Proposal.objects.filter(pk=proposal.pk).update(state=before)
    values: dict[str, Any] = {"other": "อบจ.สงขลา"} if after == "referred" else {}
    if asks:
        with pytest.raises(ValidationError) as error:
            step(proposal, after, **values)
        assert "Say in a few words why" in said(error, "note")
        assert fresh(proposal).state == before
        values["note"] = "ตกลงกันในที่ประชุม"
    step(proposal, after, **values)
    assert fresh(proposal).state == after


def test_a_policy_passes_by_the_committees_of_the_plan() -> None:
    assert "proclaimed" in following("submitted", "policy")
    assert "proclaimed" not in following("submitted", "supplement")
    assert "budgeted" not in following("submitted", "policy")


@pytest.mark.parametrize("exit_", ["merged", "duplicate", "moved", "referred"])
def test_a_side_exit_names_the_other_line_area_or_organisation(proposal: Proposal, exit_: str) -> None:
    step(proposal, "submitted")
    with pytest.raises(ValidationError) as error:
        step(proposal, exit_)
    assert "which line" in said(error, "other")


def test_words_without_a_state_are_noted_and_move_nothing(proposal: Proposal) -> None:
    step(proposal, "submitted")
    step(proposal, "", note="โทรถามแล้ว รอประชุม")
    assert fresh(proposal).state == "submitted"
    with pytest.raises(ValidationError) as error:
        step(proposal, "")
    assert "write what was said" in said(error, "state")


def test_of_a_step_that_stands_only_the_papers_change(proposal: Proposal) -> None:
    made = step(proposal, "submitted", note="ยื่นที่งานสารบรรณ")
    actions.save_step(
        SYSTEM, Step.objects.get(pk=made.pk), {"received_no": "รับ 9", "note": "อื่น", "state": "done"}
    )
    kept = Step.objects.get(pk=made.pk)
    assert (kept.received_no, kept.note, kept.state) == ("รับ 9", "ยื่นที่งานสารบรรณ", "submitted")


# --- overdue ----------------------------------------------------------------------------------------


def due(proposal: Proposal, days: int) -> None:
    when = timezone.localdate() + timedelta(days=days)
    actions.save_proposal(SYSTEM, fresh(proposal), {"reply_due": when})


def test_an_answer_is_overdue_once_its_day_has_passed_and_nobody_answered(proposal: Proposal) -> None:
    due(proposal, -1)
    assert not overdue(Proposal.objects.all()).exists(), "a draft is asked of nobody"
    step(proposal, "submitted")
    assert list(overdue(Proposal.objects.all())) == [proposal]
    due(proposal, 0)
    assert not overdue(Proposal.objects.all()).exists()
    due(proposal, -1)
    Step.objects.create(proposal=proposal, number=9, on=date(2026, 3, 1), by_official=True, note="กำลังพิจารณา")
    assert not overdue(Proposal.objects.all()).exists()


def test_an_overdue_answer_waits_for_those_who_write_in_the_city(proposal: Proposal, cast: Any) -> None:
    due(proposal, -3)
    step(proposal, "submitted")
    (wait,) = replies(cast.actors["member"])
    assert wait.due == timezone.localdate() - timedelta(days=3)
    assert "เทศบาลตำบลพะตง" in str(wait.title)
    assert not late_replies(cast.actors["stranger"]).exists()
    assert not late_replies(cast.actors["observer"]).exists()


# --- adopted ----------------------------------------------------------------------------------------

PLAN = {"kind": "plan", "title": "แผนพัฒนาท้องถิ่น (พ.ศ. 2571-2575)", "edition": "supplement", "round": "1/2571"}


def adopt(proposal: Proposal, **values: Any) -> Adoption:
    return actions.save_adoption(SYSTEM, Adoption(proposal=fresh(proposal)), values)


@pytest.mark.parametrize(("round_", "year"), [("1/2571", None), ("1", 2571), ("1/2571", 2571)])
def test_a_page_is_cited_letter_for_letter_as_budget_papers_do(
    proposal: Proposal, round_: str, year: int | None
) -> None:
    made = adopt(proposal, **PLAN | {"round": round_, "year": year, "page": "12", "order": "1"})
    assert made.citation == ("ปรากฏในแผนพัฒนาท้องถิ่น (พ.ศ. 2571-2575) เพิ่มเติม ครั้งที่ 1/2571 หน้าที่ 12 ลำดับที่ 1")
    assert fresh(proposal).state == "proclaimed"


def test_a_round_in_words_stands_as_it_was_typed(proposal: Proposal) -> None:
    made = adopt(proposal, **PLAN | {"round": "ฉบับที่ 3", "page": "7"})
    assert made.citation == "ปรากฏในแผนพัฒนาท้องถิ่น (พ.ศ. 2571-2575) เพิ่มเติม ฉบับที่ 3 หน้าที่ 7"


def test_an_adoption_without_its_page_is_a_dry_stretch_until_the_page_is_noted(proposal: Proposal) -> None:
    made = adopt(proposal, **PLAN)
    assert made.citation == ""
    assert list(without_page(Proposal.objects.all())) == [proposal]
    actions.save_adoption(SYSTEM, Adoption.objects.get(pk=made.pk), {"page": "12"})
    assert not without_page(Proposal.objects.all()).exists()


def test_a_proposal_said_to_be_proclaimed_without_a_page_is_a_dry_stretch(proposal: Proposal) -> None:
    step(proposal, "proclaimed", note="แจ้งทางโทรศัพท์")
    assert list(without_page(Proposal.objects.all())) == [proposal]


def test_money_of_a_fund_stands_on_no_page_of_a_plan(proposal: Proposal, client_of: Any) -> None:
    """What the health fund took up waits for no page; its form asks for the resolution."""
    actions.save_proposal(SYSTEM, fresh(proposal), {"channel": "health_fund"})
    step(proposal, "budgeted", resolution="คณะกรรมการกองทุน ครั้งที่ 2/2569", note="กองทุนพิจารณาเอง")
    assert not without_page(Proposal.objects.all()).exists()
    form = client_of("member").get(f"/proposals/{proposal.ref}/adopted/").context["form"]
    assert (form["kind"].value(), form["title"].value()) == ("resolution", "")


def test_the_form_of_a_local_plan_begins_with_its_name(proposal: Proposal, client_of: Any) -> None:
    form = client_of("member").get(f"/proposals/{proposal.ref}/adopted/").context["form"]
    assert (form["kind"].value(), form["title"].value()) == ("plan", fresh(proposal).plan_name)


def test_a_policy_needs_its_number_and_date_and_no_page(proposal: Proposal) -> None:
    with pytest.raises(ValidationError) as error:
        adopt(proposal, kind="ordinance", title="เทศบัญญัติ")
    assert said(error, "number")
    assert said(error, "on")
    adopt(proposal, kind="ordinance", title="เทศบัญญัติ", number="3/2569", on=date(2026, 8, 1))
    assert not without_page(Proposal.objects.all()).exists()
    assert fresh(proposal).state == "proclaimed"


def test_an_order_without_a_page_and_a_round_without_an_edition_are_refused(proposal: Proposal) -> None:
    with pytest.raises(ValidationError) as error:
        adopt(proposal, kind="plan", title="แผน", order="1", round="2")
    assert said(error, "page")
    assert said(error, "edition")


def test_an_adoption_never_takes_a_proposal_back(proposal: Proposal) -> None:
    step(proposal, "running", note="เร่งด่วน")
    adopt(proposal, **PLAN | {"page": "12"})
    assert fresh(proposal).state == "running"


# --- money ------------------------------------------------------------------------------------------


def money(proposal: Proposal, **values: Any) -> BudgetLine:
    kept = {"year": 2571, "source": "ordinance", "satang": 100_00} | values
    return actions.save_budget_line(SYSTEM, BudgetLine(proposal=fresh(proposal)), kept)


def test_money_brings_a_proposal_to_its_budget(proposal: Proposal) -> None:
    money(proposal, document="เทศบัญญัติงบประมาณ 2571 หน้า 40")
    assert fresh(proposal).state == "budgeted"
    assert Step.objects.get(state="budgeted").note == "เทศบัญญัติงบประมาณ 2571 หน้า 40"


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"year": 2576}, "year", "2576 is outside the plan of 2571-2575"),
        ({"satang": 0}, "satang", "above nought"),
        ({"spent_satang": -1}, "spent_satang", "nought or more"),
        ({"work_from": date(2027, 2, 1), "work_to": date(2027, 1, 1)}, "work_to", "ends before it begins"),
    ],
)
def test_money_that_cannot_be_is_refused_in_words(
    proposal: Proposal, values: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(ValidationError) as error:
        money(proposal, **values)
    assert words in said(error, field)
    assert not BudgetLine.objects.exists()


def test_a_line_that_tells_a_result_is_not_taken_away(proposal: Proposal) -> None:
    line = money(proposal, result_th="ขุดแล้ว 400 เมตร")
    with pytest.raises(Refused):
        actions.remove_budget_line(SYSTEM, line)
    actions.remove_budget_line(SYSTEM, money(proposal, year=2572))
    assert BudgetLine.objects.count() == 1

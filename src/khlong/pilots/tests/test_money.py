"""Expenses: entered with a receipt, approved by another account, never above a line without a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from khlong.people.actor import (
    ANONYMOUS,
    Actor,
    Bounds,
    account_actor,
    bound_link_actor,
    link_actor,
    token_actor,
)
from khlong.people.models import User
from khlong.people.policy import Verb, can, scope
from khlong.pilots.actions import remove_line, save_line
from khlong.pilots.files import files_of_pilots
from khlong.pilots.models import Change, Expense, ExpenseState, MoneyLine
from khlong.pilots.money import approve_expense, remove_expense, return_expense, save_expense, stamp
from khlong.pilots.tests.makers import make_line, make_pilot, make_receipt, spent
from khlong.places.models import City
from khlong.record.errors import Refused
from khlong.record.filed import PUBLIC
from khlong.record.files import show_file
from khlong.record.models import AuditEntry


@pytest.fixture
def line(city: City, cast: Any) -> MoneyLine:
    return make_line(make_pilot(city), baht=1000)


@pytest.fixture
def member(cast: Any) -> Actor:
    found: Actor = cast.actors["member"]
    return found


@pytest.fixture
def owner(cast: Any) -> Actor:
    found: Actor = cast.actors["owner"]
    return found


def enter(line: MoneyLine, actor: Actor, **more: Any) -> Expense:
    return save_expense(actor, Expense(pilot=line.pilot), {"line": line} | spent(**more))


def again(expense: Expense) -> Expense:
    return Expense.objects.select_related("pilot__node", "line").get(pk=expense.pk)


def wrong(error: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = error.value.message_dict
    return found


# --- entering --------------------------------------------------------------------------------------


def test_an_expense_is_entered_with_a_receipt_and_waits_for_another_person(
    line: MoneyLine, member: Actor
) -> None:
    made = enter(line, member, receipt=make_receipt(member, line.pilot.city.node), receipt_no="")
    assert (made.state, made.entered_by, made.decided_by) == (ExpenseState.WAITING, "member", "")
    assert made.receipt_id in {*files_of_pilots()}


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"satang": 0}, "satang"),
        ({"paid_on": None}, "paid_on"),
        ({"receipt_no": " "}, "receipt_no"),
        ({"paid_on": timezone.localdate() + timedelta(days=2)}, "paid_on"),
    ],
)
def test_an_expense_needs_amount_day_and_receipt(
    line: MoneyLine, member: Actor, typed: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as error:
        enter(line, member, **typed)
    assert list(wrong(error)) == [field]
    assert not Expense.objects.exists()


def test_the_same_receipt_is_entered_once(line: MoneyLine, member: Actor, owner: Actor) -> None:
    first = enter(line, member)
    with pytest.raises(ValidationError) as error:
        enter(line, owner)
    assert list(wrong(error)) == ["receipt_no"]
    return_expense(owner, first, why="อ่านไม่ออก")
    assert enter(line, owner).pk


def test_an_expense_stands_on_a_line_of_its_own_pilot(line: MoneyLine, member: Actor, city: City) -> None:
    other = make_line(make_pilot(city, name_th="อีกโครงการ"))
    with pytest.raises(ValidationError) as error:
        save_expense(member, Expense(pilot=line.pilot), {"line": other} | spent())
    assert list(wrong(error)) == ["line"]


def test_a_receipt_of_another_city_or_one_that_everybody_sees_is_not_taken(
    line: MoneyLine, member: Actor, other_city: City, cast: Any
) -> None:
    theirs = make_receipt(cast.actors["stranger"], other_city.node)
    shown = make_receipt(member, line.pilot.city.node)
    show_file(member, shown, PUBLIC)
    for receipt in (theirs, shown):
        with pytest.raises(ValidationError) as error:
            enter(line, member, receipt=receipt)
        assert list(wrong(error)) == ["receipt"]


def test_a_receipt_can_never_be_shown_to_everybody(line: MoneyLine, member: Actor) -> None:
    receipt = make_receipt(member, line.pilot.city.node)
    enter(line, member, receipt=receipt)
    with pytest.raises(Refused):
        show_file(member, receipt, PUBLIC)
    receipt.refresh_from_db()
    assert receipt.visibility != PUBLIC


# --- approving -------------------------------------------------------------------------------------


def test_another_account_approves_and_the_line_is_spent(line: MoneyLine, member: Actor, owner: Actor) -> None:
    done = approve_expense(owner, enter(line, member))
    assert (done.state, done.decided_by, done.decided_on) == ("approved", "owner", timezone.localdate())
    assert AuditEntry.objects.get(action="pilots.expense.approve").actor == "owner"


def own_ways(user: User, space: Any) -> dict[str, Actor]:
    """All ways in which the same person may come: another browser, a token, a link in her hand, a link alone."""
    bounds = Bounds(spaces=frozenset({space}), writes=True)
    name = frozenset({"pilots.expense.approve", "pilots.expense.return"})
    link = Bounds(spaces=frozenset({space}), actions=name, reads=True)
    return {
        "another browser": account_actor(User.objects.get(pk=user.pk)),
        "a token": token_actor(user, bounds),
        "a link while signed in": link_actor(account_actor(user), "d" * 64, "link 1"),
        "a link alone": bound_link_actor("d" * 64, "link 1", link),
    }


@pytest.mark.parametrize("way", ["another browser", "a token", "a link while signed in", "a link alone"])
def test_nobody_approves_or_returns_her_own_expense_by_any_way(
    line: MoneyLine, member: Actor, cast: Any, way: str
) -> None:
    expense = enter(line, member)
    actor = own_ways(cast.member, line.pilot.space_id)[way]
    with pytest.raises(Refused):
        approve_expense(actor, again(expense))
    with pytest.raises(Refused):
        return_expense(actor, again(expense), why="ผิด")
    assert again(expense).state == ExpenseState.WAITING
    assert not can(actor, Verb.USE, again(expense))


def test_an_owner_and_a_steward_do_not_approve_what_they_entered_either(
    line: MoneyLine, owner: Actor, cast: Any
) -> None:
    for actor in (owner, cast.actors["steward"]):
        expense = enter(line, actor, receipt_no=actor.label)
        with pytest.raises(Refused, match=r"คุณเป็นผู้บันทึก|You entered"):
            approve_expense(actor, expense)


def test_the_database_itself_refuses_an_own_approval_and_one_that_nobody_signed(
    line: MoneyLine, member: Actor
) -> None:
    rows = Expense.objects.filter(pk=enter(line, member).pk)
    for values in (
        {"state": "approved", "decided_by": "member"},
        {"state": "approved", "decided_by": ""},
        {"state": "waiting", "decided_by": "owner"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**values)


@pytest.mark.parametrize("who", ["anonymous", "observer", "stranger"])
def test_who_does_not_write_in_the_city_neither_enters_nor_decides(
    line: MoneyLine, member: Actor, cast: Any, who: str
) -> None:
    expense, actor = enter(line, member), cast.actors[who]
    for tried in (
        lambda: enter(line, actor, receipt_no="2"),
        lambda: approve_expense(actor, again(expense)),
        lambda: return_expense(actor, again(expense), why="ผิด"),
        lambda: remove_expense(actor, again(expense)),
    ):
        with pytest.raises(Refused):
            tried()
    assert Expense.objects.count() == 1


def test_a_link_without_an_account_enters_no_expense(line: MoneyLine) -> None:
    allowed = frozenset({"pilots.expense.save"})
    bounds = Bounds(spaces=frozenset({line.pilot.space_id or line.pilot.pk}), actions=allowed, reads=True)
    with pytest.raises(Refused):
        enter(line, bound_link_actor("d" * 64, "link 1", bounds))


def test_a_token_that_only_reads_approves_nothing(line: MoneyLine, member: Actor, cast: Any) -> None:
    reading = token_actor(cast.owner, Bounds(spaces=None, writes=False))
    with pytest.raises(Refused):
        approve_expense(reading, enter(line, member))


def test_an_expense_above_its_line_needs_a_reason_of_who_approves(
    line: MoneyLine, member: Actor, owner: Actor
) -> None:
    approve_expense(owner, enter(line, member, baht=700))
    second = enter(line, member, baht=400, receipt_no="13/2569")
    with pytest.raises(ValidationError) as error:
        approve_expense(owner, again(second))
    assert "100" in wrong(error)["over_why"][0]
    assert again(second).state == ExpenseState.WAITING
    done = approve_expense(owner, again(second), over_why="ไม้ขึ้นราคา")
    assert (done.state, done.over_why) == (ExpenseState.APPROVED, "ไม้ขึ้นราคา")


def test_the_whole_of_a_line_may_be_spent_without_a_reason(
    line: MoneyLine, member: Actor, owner: Actor
) -> None:
    done = approve_expense(owner, enter(line, member, baht=1000), over_why="ไม่จำเป็น")
    assert (done.state, done.over_why) == (ExpenseState.APPROVED, "")


def test_what_changed_while_it_was_looked_at_is_not_approved(
    line: MoneyLine, member: Actor, owner: Actor
) -> None:
    expense = enter(line, member)
    seen = stamp(again(expense))
    save_expense(member, again(expense), {"satang": 99900})
    with pytest.raises(Refused):
        approve_expense(owner, again(expense), seen=seen)
    assert approve_expense(owner, again(expense), seen=stamp(again(expense))).satang == 99900


def test_it_is_decided_once(line: MoneyLine, member: Actor, owner: Actor, cast: Any) -> None:
    expense = enter(line, member)
    approve_expense(owner, again(expense))
    for tried in (approve_expense, lambda actor, row: return_expense(actor, row, why="ผิด")):
        with pytest.raises(Refused):
            tried(cast.actors["steward"], again(expense))


# --- returned, put right, taken away ---------------------------------------------------------------


def test_a_returned_expense_is_put_right_by_who_entered_it_and_waits_again(
    line: MoneyLine, member: Actor, owner: Actor
) -> None:
    expense = enter(line, member)
    with pytest.raises(ValidationError):
        return_expense(owner, again(expense), why=" ")
    back = return_expense(owner, again(expense), why="เลขที่ไม่ตรง")
    assert (back.state, back.returned_why) == (ExpenseState.RETURNED, "เลขที่ไม่ตรง")
    fresh = save_expense(member, again(expense), {"receipt_no": "21/2569"})
    assert (fresh.state, fresh.decided_by, fresh.entered_by) == (ExpenseState.WAITING, "", "member")


def test_nobody_else_rewrites_an_expense_so_that_the_first_could_approve_it(
    line: MoneyLine, member: Actor, owner: Actor
) -> None:
    expense = enter(line, member)
    with pytest.raises(Refused):
        save_expense(owner, again(expense), {"satang": 1})
    with pytest.raises(Refused):
        remove_expense(owner, again(expense))


def test_what_is_approved_is_neither_changed_nor_taken_away(
    line: MoneyLine, member: Actor, owner: Actor
) -> None:
    expense = approve_expense(owner, enter(line, member))
    with pytest.raises(Refused):
        save_expense(member, again(expense), {"satang": 1})
    with pytest.raises(Refused):
        remove_expense(member, again(expense))


def test_ones_own_expense_is_taken_away_before_it_is_approved(line: MoneyLine, member: Actor) -> None:
    remove_expense(member, enter(line, member))
    assert not Expense.objects.exists()


# --- who sees, and the lines -----------------------------------------------------------------------


def test_single_expenses_are_seen_by_who_works_in_the_city_and_through_no_link(
    line: MoneyLine, member: Actor, cast: Any
) -> None:
    enter(line, member)
    reads = Bounds(spaces=frozenset({line.pilot.space_id or line.pilot.pk}), reads=True)
    outside = [ANONYMOUS, cast.actors["stranger"], bound_link_actor("d" * 64, "link 1", reads)]
    assert [scope(actor, Expense.objects.all()).count() for actor in outside] == [0, 0, 0]
    assert scope(cast.actors["observer"], Expense.objects.all()).count() == 1


def test_a_line_with_expenses_stays_and_holds_what_is_spent(
    line: MoneyLine, member: Actor, owner: Actor
) -> None:
    approve_expense(owner, enter(line, member, baht=700))
    with pytest.raises(Refused):
        remove_line(owner, line)
    with pytest.raises(ValidationError) as error:
        save_line(owner, line, {"satang": 60000}, why="ลดวงเงิน")
    assert list(wrong(error)) == ["satang"]


def test_a_changed_amount_of_a_running_pilot_needs_a_reason_and_is_told(
    line: MoneyLine, owner: Actor
) -> None:
    row = MoneyLine.objects.select_related("pilot__node").get(pk=line.pk)
    with pytest.raises(ValidationError) as error:
        save_line(owner, row, {"satang": 200000})
    assert list(wrong(error)) == ["why"]
    row = MoneyLine.objects.select_related("pilot__node").get(pk=line.pk)
    save_line(owner, row, {"satang": 200000}, why="ไม้ขึ้นราคา")
    assert Change.objects.get().why == "ไม้ขึ้นราคา"

"""Money that was paid: entered by one account with its receipt, approved or returned by another."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.chain.hall.packing import is_hall
from khlong.chain.things import Values, hold
from khlong.people.policy import Verb
from khlong.pilots import files
from khlong.pilots.actions import spent_on
from khlong.pilots.models import Expense, ExpenseState, MoneyLine
from khlong.places.actions import keep_part
from khlong.record.actions import Act, action, guard
from khlong.record.errors import Refused
from khlong.record.limits import EDITS
from khlong.thai.money import format_baht
from khlong.ui.text import language

SHOWN = ("line_id", "text", "satang", "paid_on", "receipt_no", "receipt_id", "state")
OWN = _("You entered this expense. Somebody else of the working group decides of it.")


IN_A_HALL = _(
    "In a hall no expense is entered, approved, returned or taken away, since it would not come home. Do it on the "
    "city's server."
)


def require_home(*_asked: Any) -> None:
    """Expenses do not come home from a hall. Raises Refused there, before anything is typed in vain."""
    if is_hall():
        raise Refused(IN_A_HALL)


for _name in ("save", "approve", "return", "remove"):
    guard(f"pilots.expense.{_name}")(require_home)


def stamp(expense: Expense) -> str:
    """What an expense says, so that who approves it approves what she saw."""
    told = "\n".join(str(getattr(expense, name)) for name in SHOWN)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


@action("pilots.expense.save", limit=EDITS)
def save_expense(act: Act, expense: Expense, values: Values) -> Expense:
    """Enter an expense, or put one's own right before it is approved; it then waits for approval.

    Raises Refused, and ValidationError without amount, day, or number or photo of the receipt.
    """
    act.require(Verb.CHANGE, expense.pilot)
    if act.actor.user is None and not act.actor.is_system:
        raise Refused(_("Somebody with an account enters expenses, so that another one can approve them."))
    if not expense._state.adding:
        expense = _standing(expense)
        _require_open_and_own(act, expense)
    now = {
        name: getattr(expense, name, None) for name in ("receipt", "receipt_no", "paid_on", "satang")
    } | dict(values)
    files.own_receipt(act.actor, values.get("receipt"), expense.pilot.space_id)
    _require_whole(expense, now)
    _require_own_line(expense, values.get("line"))
    _require_once(expense, now)
    opened = {"state": ExpenseState.WAITING, "decided_by": "", "decided_on": None, "over_why": ""}
    fresh = {"entered_by": act.actor.label} if expense._state.adding else {}
    return keep_part(act, expense, {**values, **opened, **fresh}, of=expense.pilot)


def _standing(expense: Expense) -> Expense:
    """The row as it stands, held until the end."""
    hold(expense)
    return Expense.objects.select_related("pilot__node__space", "line", "receipt").get(pk=expense.pk)


def _require_open_and_own(act: Act, expense: Expense) -> None:
    if expense.state == ExpenseState.APPROVED:
        raise Refused(_("This expense is approved. What is wrong in it is put right by another entry."))
    if expense.entered_by != act.actor.label:
        raise Refused(_("Only who entered an expense puts it right. Return it with a reason instead."))


def _require_whole(expense: Expense, now: dict[str, Any]) -> None:
    wrong: dict[str, Any] = {}
    if not now["satang"] or now["satang"] <= 0:
        wrong["satang"] = _("Write how much was paid.")
    if now["paid_on"] is None:
        wrong["paid_on"] = _("Write the day on which it was paid.")
    elif now["paid_on"] > timezone.localdate():
        wrong["paid_on"] = _("This day has not come yet. Check the year.")
    if not str(now["receipt_no"] or "").strip() and now["receipt"] is None:
        wrong["receipt_no"] = _("Write the number of the receipt, or add a photo of it.")
    if wrong:
        raise ValidationError(wrong)


def _require_own_line(expense: Expense, line: MoneyLine | None) -> None:
    if line is not None and line.pilot_id != expense.pilot_id:
        raise ValidationError({"line": _("Choose a line of this pilot's budget.")})


def _require_once(expense: Expense, now: dict[str, Any]) -> None:
    """The same receipt is paid once."""
    number = str(now["receipt_no"] or "").strip()
    if not number:
        return
    same = Expense.objects.filter(pilot=expense.pilot_id, receipt_no=number, satang=now["satang"])
    same = same.filter(paid_on=now["paid_on"]).exclude(pk=expense.pk)
    if same.exclude(state=ExpenseState.RETURNED).exists():
        raise ValidationError(
            {"receipt_no": _("This receipt is entered already: same number, day and amount.")}
        )


@action("pilots.expense.approve")
def approve_expense(act: Act, expense: Expense, *, over_why: str = "", seen: str = "") -> Expense:
    """Approve what another account entered. `seen` is the stamp of what was looked at.

    Raises Refused to who entered it, and when it changed meanwhile; ValidationError without a reason where it goes
    above its line.
    """
    standing = _to_decide(act, expense)
    if seen and seen != stamp(standing):
        raise Refused(_("The expense was changed while you looked at it. Look at it again."))
    hold(standing.line)
    above = spent_on(standing.line) + standing.satang - MoneyLine.objects.get(pk=standing.line_id).satang
    if above > 0 and not over_why.strip():
        words = _("This goes %(above)s above its line. Say why it is approved all the same, or return it.")
        raise ValidationError({"over_why": words % {"above": format_baht(above, language())}})
    standing.over_why = over_why.strip()[:300] if above > 0 else ""
    return _decide(act, standing, ExpenseState.APPROVED, ["over_why"])


@action("pilots.expense.return")
def return_expense(act: Act, expense: Expense, *, why: str) -> Expense:
    """Give an expense back to who entered it, with what is to be put right. Raises Refused, ValidationError."""
    standing = _to_decide(act, expense)
    if not why.strip():
        raise ValidationError({"why": _("Say what is to be put right.")})
    standing.returned_why = why.strip()[:300]
    return _decide(act, standing, ExpenseState.RETURNED, ["returned_why"])


def _to_decide(act: Act, expense: Expense) -> Expense:
    act.require(Verb.USE, expense, OWN if expense.entered_by == act.actor.label else None)
    if act.actor.user is None and not act.actor.is_system:
        raise Refused
    standing = _standing(expense)
    if standing.state != ExpenseState.WAITING:
        raise Refused(_("Somebody has decided of this expense already."))
    return standing


def _decide(act: Act, expense: Expense, state: ExpenseState, fields: list[str]) -> Expense:
    expense.state, expense.decided_by, expense.decided_on = state, act.actor.label, timezone.localdate()
    expense.full_clean()
    expense.save()
    act.note(expense, fields=["state", *fields])
    return expense


@action("pilots.expense.remove")
def remove_expense(act: Act, expense: Expense) -> None:
    """Take one's own expense away before it is approved. Raises Refused."""
    act.require(Verb.CHANGE, expense)
    standing = _standing(expense)
    _require_open_and_own(act, standing)
    act.note(standing, fields=["removed"])
    standing.delete()

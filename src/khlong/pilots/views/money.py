"""The money of a pilot: lines in sums for everybody, single expenses for the working group."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from khlong.chain.editing import blame
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.pilots import actions, money
from khlong.pilots.forms import RECEIPT, ApproveForm, ExpenseForm, LineForm, ReturnForm
from khlong.pilots.models import Expense, ExpenseState, MoneyLine
from khlong.pilots.queries import Budget, expenses_of, lines_of, works_here
from khlong.pilots.views.parts import next_place, part_or_404, with_files
from khlong.pilots.views.pilots import pilot_or_404
from khlong.record.errors import Refused

PER_PAGE = 30


def money_page(request: HttpRequest, ref: str) -> HttpResponse:
    """The budget by line with what is spent and left; for who works in the city also the expenses, paged."""
    actor, of = actor_of(request), pilot_or_404(request, ref)
    whole = works_here(actor, of.space_id)
    rows = expenses_of(actor, of).order_by("-paid_on", "pk") if whole else Expense.objects.none()
    context = {
        "pilot": of,
        "budget": Budget(list(lines_of(of))),
        "whole": whole,
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")) if whole else None,
        "may_change": can(actor, Verb.CHANGE, of),
        "is_example": of.node.is_example,
    }
    return render(request, "pilots/money.html", context)


def _back(ref: str) -> str:
    return reverse("pilots:money", args=[ref])


def add_line(request: HttpRequest, ref: str) -> HttpResponse:
    of = pilot_or_404(request, ref)
    return _line(request, MoneyLine(pilot=of, order=next_place(MoneyLine, of)), _("Add a line of the budget"))


def edit_line(request: HttpRequest, ref: str, pk: UUID) -> HttpResponse:
    return _line(request, part_or_404(request, MoneyLine, ref, pk), _("Edit the line of the budget"))


def _line(request: HttpRequest, row: MoneyLine, title: str) -> HttpResponse:
    """The form of a line, which may ask why the plan changes."""
    if not can(actor_of(request), Verb.CHANGE, row.pilot):
        raise Refused
    fresh = (
        None if row._state.adding else MoneyLine.objects.select_related("pilot__node__space").get(pk=row.pk)
    )
    form = LineForm(request.POST or None, instance=row)
    if form.is_bound and form.is_valid():
        names = form._meta.fields or ()
        values = {name: form.cleaned_data[name] for name in names}
        why = form.cleaned_data.get("why", "")
        try:
            actions.save_line(actor_of(request), fresh or MoneyLine(pilot=row.pilot), values, why=why)
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(_back(row.ref))
    context = {"form": form, "title": title, "back": _back(row.ref), "is_example": row.pilot.node.is_example}
    return render(request, "pilots/form.html", context, status=422 if form.is_bound else 200)


@require_POST
def remove_line(request: HttpRequest, ref: str, pk: UUID) -> HttpResponse:
    row = part_or_404(request, MoneyLine, ref, pk)
    try:
        actions.remove_line(actor_of(request), row)
    except Refused as refused:
        messages.error(request, str(refused.reason))
    else:
        messages.success(request, _("Taken away."))
    return redirect(_back(ref))


# --- expenses ---------------------------------------------------------------------------------------


def expense_or_404(request: HttpRequest, ref: str, pk: UUID) -> Expense:
    rows = Expense.objects.filter(pilot__node__ref=ref)
    rows = rows.select_related("pilot__node__space", "pilot__city", "line", "receipt__blob")
    return get_object_or_404(scope(actor_of(request), rows), pk=pk)


def add_expense(request: HttpRequest, ref: str) -> HttpResponse:
    of = pilot_or_404(request, ref)
    if not can(actor_of(request), Verb.CHANGE, of):
        raise Refused
    money.require_home()
    if not of.moneylines.exists():
        messages.info(request, _("Add a line of the budget first: every expense stands on one."))
        return redirect("pilots:add_line", ref=ref)
    return _expense_form(request, Expense(pilot=of), _("Enter an expense"))


def edit_expense(request: HttpRequest, ref: str, pk: UUID) -> HttpResponse:
    """Put one's own expense right, before it is approved."""
    row = expense_or_404(request, ref, pk)
    if row.entered_by != actor_of(request).label or row.state == ExpenseState.APPROVED:
        raise Refused(_("Only who entered an expense puts it right, and only before it is approved."))
    money.require_home()
    return _expense_form(request, row, _("Put the expense right"))


def _expense_form(request: HttpRequest, row: Expense, title: str) -> HttpResponse:
    return with_files(request, row, ExpenseForm, (RECEIPT,), money.save_expense, title, _back(row.ref))


def expense(request: HttpRequest, ref: str, pk: UUID) -> HttpResponse:
    """One expense with its receipt; whoever may decide of it decides here."""
    row = expense_or_404(request, ref, pk)
    if request.method == "POST":
        return _decide(request, row)
    return _expense_page(request, row)


def _decide(request: HttpRequest, row: Expense) -> HttpResponse:
    actor = actor_of(request)
    returns = request.POST.get("decide") == "return"
    form: Any = ReturnForm(request.POST) if returns else ApproveForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            if returns:
                money.return_expense(actor, row, why=data["why"])
            else:
                money.approve_expense(actor, row, over_why=data["over_why"], seen=data["seen"])
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("Returned.") if returns else _("Approved."))
            return redirect(_back(row.ref))
    forms = {"returning": form} if returns else {"approving": form}
    return _expense_page(request, row, status=422, **forms)


def _expense_page(request: HttpRequest, row: Expense, *, status: int = 200, **forms: Any) -> HttpResponse:
    actor = actor_of(request)
    waits = row.state == ExpenseState.WAITING
    left = row.line.satang - actions.spent_on(row.line)
    context = {
        "expense": row,
        "pilot": row.pilot,
        "own": row.entered_by == actor.label,
        "left": left,
        "above": max(0, row.satang - left) if waits else 0,
        "sees_receipt": row.receipt is not None and can(actor, Verb.USE, row.receipt),
        "may_decide": waits and can(actor, Verb.USE, row),
        "may_edit": row.state != ExpenseState.APPROVED and row.entered_by == actor.label,
        "approving": ApproveForm(initial={"seen": money.stamp(row)}),
        "returning": ReturnForm(),
        "is_example": row.pilot.node.is_example,
        **forms,
    }
    return render(request, "pilots/expense.html", context, status=status)


@require_POST
def remove_expense(request: HttpRequest, ref: str, pk: UUID) -> HttpResponse:
    money.remove_expense(actor_of(request), expense_or_404(request, ref, pk))
    messages.success(request, _("Taken away."))
    return redirect(_back(ref))

"""What a hand-over file says: the pilot as documents, and a letter to whoever goes on with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Literal, cast

from django.utils.translation import gettext as _

from khlong.paper.model import Block, Column, Document, Table, h, li, p
from khlong.people.actor import Actor
from khlong.pilots.models import Expense, Pilot, PilotActivity
from khlong.pilots.page import PilotPage, Series, Told
from khlong.pilots.queries import Budget, activities_of, came, lines_of
from khlong.thai.dates import format_date

Lang = Literal["th", "en"]


class Papers:
    """The documents of one pilot in one language, with the rights of who asked for them."""

    def __init__(self, actor: Actor, pilot: Pilot, lang: str, *, with_receipts: bool, today: date) -> None:
        self.actor, self.pilot, self.with_receipts, self.today = actor, pilot, with_receipts, today
        self.lang = cast(Lang, lang if lang == "en" else "th")
        self.page = PilotPage(actor, pilot)

    def day(self, value: date | None) -> str:
        return format_date(value, self.lang, "short") if value else "–"

    def _document(self, title: str, blocks: Iterable[Block]) -> Document:
        return Document(
            title=title,
            lang=self.lang,
            subtitle=f"{self.pilot.name} ({self.pilot.ref})",
            blocks=tuple(blocks),
            example=self.pilot.node.is_example,
            generated=_("Printed from Khlong on %(day)s") % {"day": format_date(self.today, self.lang)},
        )

    # the plan

    def plan(self) -> Document:
        """Aim, steps, activities, values, lessons and changes: for reading and for writing on."""
        parts = (self._face(), self._steps(), self._activities(), self._values(), self._learned())
        return self._document(_("Plan of the pilot project"), [block for part in parts for block in part])

    def _face(self) -> list[Block]:
        pilot = self.pilot
        rows = [
            (_("Aim"), pilot.aim),
            (_("City"), pilot.city.name),
            (_("Community"), pilot.community.name if pilot.community else _("the whole city")),
            (_("Run by"), pilot.run_by.name if pilot.run_by else "–"),
            (_("From – to"), f"{self.day(pilot.starts_on)} – {self.day(pilot.ends_on)}"),
            (_("State"), str(pilot.get_state_display())),
            (_("Measures of the plan"), "\n".join(f"{item.title} ({item.ref})" for item in self._measures())),
        ]
        return [Table("", (Column(_("What"), width_mm=45), Column(_("What stands there"))), rows)]

    def _measures(self) -> list[Any]:
        return list(self.pilot.measures.select_related("node").order_by("node__ref"))

    def _steps(self) -> list[Block]:
        columns = (Column(_("Step")), Column(_("From"), 28), Column(_("Until"), 28), Column(_("Done"), 28))
        rows = [
            (bar.step.text, self.day(bar.step.first), self.day(bar.step.last), self.day(bar.step.done))
            for bar in self.page.work.bars
        ]
        return [h(2, _("Steps of the work")), *_table(columns, rows, _("No step is entered yet."))]

    def activities(self) -> list[PilotActivity]:
        return list(activities_of(self.pilot))

    def _activities(self) -> list[Block]:
        found: list[Block] = [h(2, _("What was done"))]
        for row in self.activities():
            who = came(self.actor, row)
            found.append(h(3, f"{self.day(row.on)} {row.name}"))
            if who is not None and who.total:
                found.append(p(f"{_('Who came')}: {who.total}"))
            found += [li(f"{line.row.name}: {line.attended}") for line in (who.lines if who else [])]
        return found if len(found) > 1 else [*found, p(_("No activity is entered yet."))]

    def _values(self) -> list[Block]:
        columns = (
            Column(_("Indicator")),
            Column(_("Value"), 30),
            Column(_("Period"), 52),
            Column(_("Reference"), 30),
        )
        rows = [self._value_row(one, point) for one in self.page.series for point in one.points]
        return [
            h(2, _("How far it moved its indicators")),
            *_table(columns, rows, _("No value is noted yet.")),
        ]

    def _value_row(self, one: Series, point: Any) -> tuple[str, ...]:
        number = _("fewer than 5") if point.few else f"{point.value.normalize():f}"
        return (
            one.title,
            f"{number} {one.unit}",
            f"{self.day(point.begins)} – {self.day(point.ends)}",
            point.ref,
        )

    def _learned(self) -> list[Block]:
        found: list[Block] = [h(2, _("What was learned"))]
        found += [li(f"{_worked(row)}: {row.text}") for row in self.page.lessons] or [
            p(_("No lesson is noted yet."))
        ]
        found.append(h(2, _("What was changed in the plan")))
        found += [li(f"{self.day(row.last)} {row.text_th}: {row.why}") for row in self.page.changes]
        return found if self.page.changes else [*found, p(_("Nothing was changed since it began."))]

    # the money

    def money(self) -> Document:
        """The budget by line and, for those who may, every expense."""
        budget = Budget(list(lines_of(self.pilot)))
        columns = (
            Column(_("For what")),
            Column(_("Budget"), kind="money"),
            Column(_("Spent"), kind="money"),
            Column(_("Left"), kind="money"),
        )
        rows: list[tuple[Any, ...]] = [
            (row.text, row.satang, row.spent, left) for row, left, _p in budget.rows
        ]
        rows.append((_("together"), budget.planned, budget.spent, budget.left))
        blocks: list[Block] = [Table(_("Budget by line"), columns, rows)]
        if self.with_receipts:
            blocks.append(self._expenses())
        return self._document(_("Money of the pilot project"), blocks)

    def _expenses(self) -> Table:
        columns = (
            Column(_("Paid on"), kind="date"),
            Column(_("For what")),
            Column(_("Line of the budget")),
            Column(_("Amount"), kind="money"),
            Column(_("Receipt of payment")),
            Column(_("State")),
        )
        rows = [
            (
                row.paid_on,
                row.text,
                row.line.text,
                row.satang,
                row.receipt_no or "–",
                str(row.get_state_display()),
            )
            for row in Expense.objects.filter(pilot=self.pilot)
            .select_related("line")
            .order_by("paid_on", "pk")
        ]
        return Table(_("Expenses"), columns, rows)


def _worked(row: Told) -> str:
    return _("It worked") if row.good else _("It did not work")


def _table(columns: tuple[Column, ...], rows: list[tuple[Any, ...]], nothing: str) -> list[Block]:
    return [Table("", columns, rows)] if rows else [p(nothing)]


def letter(papers: Papers, names: Iterable[str]) -> str:
    """The letter to whoever goes on with the pilot: what is in the file, what comes next, where to go on."""
    pilot, work = papers.pilot, papers.page.work
    open_steps = [bar.step for bar in work.bars if bar.step.done is None]
    money = Budget(list(lines_of(pilot)))
    lines = [
        _("Hand-over of the pilot project “%(name)s” (%(ref)s), %(city)s")
        % {"name": pilot.name, "ref": pilot.ref, "city": pilot.city.name},
        _("Made on %(day)s.") % {"day": papers.day(papers.today)},
        "",
        _("To whoever goes on with this work."),
        _("What it is for: %(aim)s") % {"aim": pilot.aim},
        _("How it stands: %(state)s, %(done)s of %(all)s steps are done.")
        % {"state": pilot.get_state_display(), "done": work.done, "all": len(work.bars)},
        _("Money: %(spent)s of %(planned)s baht are spent.")
        % {"spent": f"{money.spent / 100:,.2f}", "planned": f"{money.planned / 100:,.2f}"},
        "",
        _("What comes next:"),
        *([f"- {papers.day(step.last)} {step.text}" for step in open_steps] or ["- –"]),
        "",
        _("What is in this file:"),
        *[f"- {name}" for name in names],
        "",
        _("Read the lessons first: they say what did not work, so that nobody tries it again."),
        _("Then go on at %(ref)s in Khlong: its measures, its evidence and its people stand there.")
        % {"ref": pilot.ref},
    ]
    if not papers.with_receipts:
        lines.append(
            _("Receipts and single expenses are not in this file. They are for those who write in the city.")
        )
    return "\r\n".join(lines) + "\r\n"
